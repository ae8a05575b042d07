"""Leaving: what a person owns goes to somebody else in the same transaction, or they do not leave.

Upper rooms say what they keep for a person, so that nothing is imported upwards:

    register(_("clients"), count=lambda user: user.clients.count(), move=hand_over_clients)

`move(user, to=…, by=…, now=…)` moves everything that `count(user)` counted and writes its own history. What may go to
somebody of its own is listed by `each(user) -> [(key, name)]` and given by `give(user, key, to=…, by=…, now=…)`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User


@dataclass(frozen=True)
class Kept:
    label: str
    count: Callable
    move: Callable
    each: Callable | None = None
    give: Callable | None = None


_kept = []


def register(label, count, move, *, each=None, give=None):
    _kept.append(Kept(label, count, move, each, give))


class NeedsSuccessor(Exception):
    """The person still owns something and nobody takes over."""


class LastAdministrator(Exception):
    """Without this person nobody could change people or settings."""


class NotYourself(Exception):
    """Nobody deactivates themself."""


def belongings(user):
    """[(label, count)] of what the person owns, without what they own none of."""
    return [(kept.label, number) for kept in _kept if (number := kept.count(user))]


def one_by_one(user):
    """[(key, name)] of what may each go to somebody of its own."""
    return [one for kept in _kept if kept.each for one in kept.each(user)]


@transaction.atomic
def leave(user, *, to=None, by, now, each=None):
    """Deactivate a person and hand over what they own. Their sessions end with their next request.

    `each` names who takes what goes to somebody of its own: {key: person}; everything else goes to `to`.
    """
    if user == by:
        raise NotYourself(user)
    keep_an_administrator(without=user)
    _give_each(user, each or {}, by=by, now=now)
    if belongings(user):
        if to is None or to == user or not to.is_active:
            raise NeedsSuccessor(user)
        for kept in _kept:
            kept.move(user, to=to, by=by, now=now)
    successor = to if to is not None and to.is_active else None
    for colleague in user.deputy_of.all():
        colleague.deputy = successor if colleague != successor else None
        colleague.save(update_fields=["deputy"])
    _set(user, is_active=False, deactivated_at=now, changed_at=now, changed_by=by, version=user.version + 1)


def _give_each(user, each, *, by, now):
    for kept in _kept:
        for key, _name in kept.each(user) if kept.each and each else ():
            to = each.get(key)
            if to is not None:
                if to == user or not to.is_active:
                    raise NeedsSuccessor(user)
                kept.give(user, key, to=to, by=by, now=now)


def come_back(user, *, by, now):
    """They may sign in again, with what they own now: nothing."""
    _set(user, is_active=True, deactivated_at=None, changed_at=now, changed_by=by, version=user.version + 1)


def register_own():
    """What this room keeps for a person: the lists they show to everybody."""
    register(_("lists shown to everybody"), count=lambda user: _shared(user).count(), move=_move_shared)


def _shared(user):
    return user.saved_views.filter(shared=True)


def _move_shared(user, *, to, by, now):
    """Under another name where the successor has one of that name already."""
    for view in _shared(user):
        taken = set(to.saved_views.filter(page=view.page).values_list("name", flat=True))
        names = [view.name, *(f"{view.name[:50]} ({number})" for number in range(2, 1000))]
        view.user, view.name = to, next(name for name in names if name not in taken)
        view.save(update_fields=["user", "name"])


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
