"""Follow-ups: what somebody asked to be reminded of, and what becomes of it. Theirs alone; nobody else reads them."""

import uuid

from django.db import transaction

from accounts import remembered
from clients.models import Client, FollowUp


def visible(user):
    """This person's own, without those at clients they may no longer read."""
    return FollowUp.objects.filter(user=user).exclude(client__in=Client.objects.hidden_from(user))


def open_of(user):
    """What still waits for them, the first day first; clients that were put away ask for nothing."""
    return visible(user).filter(done_at=None, client__archived_at=None)


def set_follow_up(*, client, user, due_on, note="", interaction=None, key=None):
    """Remind this person of this client on that day. A second call with the same key answers the first one's."""
    follow_up, _created = FollowUp.objects.get_or_create(
        idempotency_key=key or uuid.uuid4(),
        defaults={"client": client, "user": user, "due_on": due_on, "note": note, "interaction": interaction},
    )
    return follow_up


def finish(follow_up, *, now):
    """Whether it was still open. Doing it twice changes nothing."""
    return _changed(FollowUp.objects.filter(pk=follow_up.pk, done_at=None), follow_up, done_at=now)


def reopen(follow_up):
    return _changed(FollowUp.objects.filter(pk=follow_up.pk).exclude(done_at=None), follow_up, done_at=None)


def change(follow_up, *, due_on, note):
    """Another day, other words; one that was done waits again."""
    _changed(FollowUp.objects.filter(pk=follow_up.pk), follow_up, due_on=due_on, note=note, done_at=None)


@transaction.atomic
def _changed(rows, follow_up, **fields):
    """Whether it was written; its history says what it was."""
    changed = bool(rows.update(**fields))
    if changed:
        remembered.note_all(FollowUp.objects.filter(pk=follow_up.pk))
    return changed


def remove(follow_up):
    """Gone for good; `set_follow_up` with its own key brings the same one back."""
    FollowUp.objects.filter(pk=follow_up.pk).delete()
