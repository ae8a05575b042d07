"""How sign-in behaves here: nobody signs up by themselves, and mail goes through the outbox."""

from allauth.account.adapter import DefaultAccountAdapter


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False
