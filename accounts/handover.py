"""Leaving: what a person owns goes to somebody else in the same transaction, or they do not leave.

Upper rooms say what they keep for a person, so that nothing is imported upwards:

    register(_("clients"), count=lambda user: user.clients.count(), move=hand_over_clients)

`move(user, to=…, by=…, now=…)` moves everything that `count(user)` counted and writes its own history.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts.models import Role, User


@dataclass(frozen=True)
class Kept:
    label: str
    count: Callable
    move: Callable


_kept = []


def register(label, count, move):
    _kept.append(Kept(label, count, move))


class NeedsSuccessor(Exception):
    """The person still owns something and nobody takes over."""


class LastAdministrator(Exception):
    """Without this person nobody could change people or settings."""


class NotYourself(Exception):
    """Nobody deactivates themself."""


def belongings(user):
    """[(label, count)] of what the person owns, without what they own none of."""
    return [(kept.label, number) for kept in _kept if (number := kept.count(user))]


@transaction.atomic
def leave(user, *, to=None, by, now):
    """Deactivate a person and hand over what they own. Their sessions end with their next request."""
    if user == by:
        raise NotYourself(user)
    keep_an_administrator(without=user)
    if belongings(user):
        if to is None or to == user or not to.is_active:
            raise NeedsSuccessor(user)
        for kept in _kept:
            kept.move(user, to=to, by=by, now=now)
    successor = to if to is not None and to.is_active else None
    user.deputy_of.exclude(pk=getattr(successor, "pk", None)).update(deputy=successor)
    user.deputy_of.all().update(deputy=None)
    _set(user, is_active=False, deactivated_at=now, changed_at=now, changed_by=by, version=user.version + 1)


def come_back(user, *, by, now):
    """They may sign in again, with what they own now: nothing."""
    _set(user, is_active=True, deactivated_at=None, changed_at=now, changed_by=by, version=user.version + 1)


def _set(user, **values):
    """These fields and no others, with their history."""
    user.refresh_from_db()
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))


def keep_an_administrator(*, without):
    """Call inside a transaction before somebody stops being one. Two at once wait for each other here."""
    others = User.objects.active().filter(role=Role.ADMINISTRATOR).select_for_update()
    if without.role == Role.ADMINISTRATOR and without.is_active and not [u for u in others if u != without]:
        raise LastAdministrator(without)
