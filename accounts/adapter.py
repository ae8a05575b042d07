"""How sign-in behaves here: nobody signs up by themselves, and mail goes through the outbox."""

from allauth.account.adapter import DefaultAccountAdapter
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mails import queue_reset


class Adapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "That e-mail and password do not belong together. Try again, or ask for a new password."
        ),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again, or ask for a new password."),
        "incorrect_password": _("That is not your password."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_reset_password_from_key_url(self, key):
        return ""  # ours are made when the mail goes out (sign_in_links.py)

    def send_password_reset_mail(self, user, email, context):
        queue_reset(user, now=timezone.now())

    def send_mail(self, template_prefix, email, context):
        """allauth has nothing else to write to anybody; an address nobody has gets no mail."""

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None):
        """Signing in and out speak for themselves; our views say the rest in our words."""
