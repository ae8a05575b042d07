"""Inviting a colleague: they exist from now on, and a mail lets them choose a password."""

from django.db import transaction

from accounts.mails import queue_invitation
from accounts.models import User, Workspace


class AlreadyIn(Exception):
    """The person has chosen a password; they ask for a new one themselves."""


@transaction.atomic
def invite(*, email, name, role, by, now):
    firm = Workspace.current()
    user = User.objects.create_user(
        email,
        name=name,
        role=role,
        time_zone=firm.time_zone,
        country=firm.country,
        language=by.language,
        changed_by=by,
        changed_at=now,
    )
    return invite_again(user, by=by, now=now)


@transaction.atomic
def invite_again(user, *, by, now):
    """Another link; the earlier ones stay good for their seven days, whichever is used first ends them all."""
    if user.has_usable_password() or not user.is_active:
        raise AlreadyIn(user)
    queue_invitation(user, by=by, now=now)
    user.invited_at = now
    user.save(update_fields=["invited_at"])
    user.refresh_from_db()
    return user
