"""The personal address that files mail in somebody's name, and the addresses they write from."""

import secrets

from django.conf import settings

from accounts.models import ALPHABET, User

KEY_LENGTH = 12


def is_on():
    return "@" in settings.MAIL_IN


def personal(user):
    """The address that files mail in this person's name; "" while there is none."""
    if not (is_on() and user.mail_in_key):
        return ""
    local, _at, domain = settings.MAIL_IN.rpartition("@")
    return f"{local}+{user.mail_in_key}@{domain}"


def renew(user):
    """Another key: mail to the old address is not taken from this moment on."""
    key = "".join(secrets.choice(ALPHABET) for _ in range(KEY_LENGTH))
    User.objects.filter(pk=user.pk).update(mail_in_key=key)
    user.mail_in_key = key
    return key


def of_user(user):
    """Every address this person writes from."""
    return {one.strip().lower() for one in [user.email, *user.mail_addresses] if isinstance(one, str)}
