"""Links with which somebody chooses a password: after an invitation for a week, after a request for a day.

A link stops working as soon as a password is chosen, the person signs in, or their address changes.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from accounts.models import User

RESET_LASTS = timedelta(days=1)
INVITATION_LASTS = timedelta(days=7)


class SignInTokens(PasswordResetTokenGenerator):
    """Django's signed tokens with a life that depends on whether the person ever had a password."""

    key_salt = "accounts.sign_in_links"

    def check_token(self, user, token):
        # Django's own check allows PASSWORD_RESET_TIMEOUT, the longer of the two.
        if not super().check_token(user, token):
            return False
        lasts = RESET_LASTS if user.has_usable_password() else INVITATION_LASTS
        made_at = int(token.split("-")[0], 36)
        return self._num_seconds(self._now()) - made_at <= lasts.total_seconds()


tokens = SignInTokens()


def link(user):
    """An absolute address that lets this person choose a password, made now."""
    path = reverse("account_reset_password_from_key", args=[user.public_id, tokens.make_token(user)])
    return settings.BASE_URL + path


def person_of(public_id, token):
    """Whom a link belongs to, or None for a link that is unknown, used or too old."""
    user = User.objects.active().filter(public_id=public_id).first()
    return user if user is not None and tokens.check_token(user, token) else None
