"""Lists under a name: the firm's usual ones, each person's own, and those a colleague shows to everybody.

A shared view shows everybody what they may see themselves: it holds filters, never rows.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.lists.kinds import NOT_PART
from accounts.models import SavedView, User
from accounts.written import written

MOST, LONGEST = 30, 1000
MOST_SHARED = 30  # tabs of others' anybody is shown
SALT = "accounts.saved_view"
KEPT_SECONDS = 24 * 3600


class TooMany(Exception):
    """Nobody finds anything among more tabs."""


class TooLong(Exception):
    """These filters are longer than an address may be."""


class NameTaken(Exception):
    """One of this person's own views is called that."""


@dataclass(frozen=True)
class Tab:
    name: str
    query: str
    pk: int | None = None
    current: bool = False
    shared: bool = False
    maker: str = ""  # whose it is, where it is not the reader's own


def tidy(kind, text):
    """The part of an address that says what is listed: without what is empty or usual, in one order."""
    return _tidied(kind, text[:4000])


@lru_cache(maxsize=500)
def _tidied(kind, text):
    pairs = {name: value.strip() for name, value in parse_qsl(text, max_num_fields=None) if value.strip()}
    usual = kind.usual(pairs)
    kept = {name: value for name, value in pairs.items() if name not in NOT_PART and usual.get(name) != value}
    return urlencode(sorted(kept.items()))


def tabs(kind, user, query):
    """Every view this person has, with the one that the address shows marked. One query."""
    here = tidy(kind, query)
    unsorted = tidy(kind, urlencode([pair for pair in parse_qsl(here) if pair[0] not in ("sort", "cols")]))
    found = [Tab(str(name), tidy(kind, query)) for name, query in kind.views]
    for pk, name, view_query, shared, whose, maker in _views_seen(user=user.pk, page=kind.page):
        maker = "" if whose == user.pk else maker
        found.append(Tab(name, view_query, pk, shared=shared, maker=maker))
    exact = here if any(tab.query == here for tab in found) else unsorted
    marked = next((tab for tab in found if tab.query == exact), None)
    return [replace(tab, current=True) if tab is marked else tab for tab in found]


@written
def _views_seen(*, user, page):
    shown = seen_by(User(pk=user), SimpleNamespace(page=page))
    return shown.values_list("pk", "name", "query", "shared", "user", "user__name")[: MOST + MOST_SHARED]


def bar(kind, user, query):
    """What the template of the tabs takes."""
    found = tabs(kind, user, query)
    current = next((tab for tab in found if tab.current), None)
    may_change = bool(current and current.pk and (not current.maker or user.is_manager))
    return {
        "kind": kind,
        "tabs": tuple(found),
        "current_tab": current,
        "may_change_tab": may_change,
        "query": tidy(kind, query),
    }


def of(user, kind):
    """This person's own."""
    return SavedView.objects.filter(user=user, page=kind.page)


def seen_by(user, kind):
    """Their own, and what colleagues who still work here show to everybody."""
    shared = Q(shared=True, user__is_active=True)
    return SavedView.objects.filter(Q(user=user) | shared, page=kind.page)


def changed_by(user, kind):
    """Those this person may rename, share and delete: their own; managers also what is shared."""
    mine = Q(user=user)
    return SavedView.objects.filter(mine | Q(shared=True) if user.is_manager else mine, page=kind.page)


def save(user, kind, *, name, query, shared=False):
    """A new view. The same name with the same filters again is the view that is already there."""
    if of(user, kind).count() >= MOST:
        raise TooMany
    query = tidy(kind, query)
    if len(query) > LONGEST:
        raise TooLong
    return _written(SavedView(user=user, page=kind.page, name=name, query=query, shared=shared))


def change(view, *, name, shared=None):
    view.name = name
    if shared is not None:
        view.shared = shared
    return _written(view)


@dataclass(frozen=True)
class Changes:
    """What became of the views of one list that this person may change, the deleted ones as well."""

    kind: object
    user: object

    @property
    def rows(self):
        mine = Q(user=self.user)
        rows = SavedView.history.filter(mine | Q(shared=True) if self.user.is_manager else mine, page=self.kind.page)
        return rows.select_related("history_user").order_by("id", "-history_date", "-history_id")


def _written(view):
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        known = SavedView.objects.filter(user=view.user, page=view.page, name=view.name).first()
        if known and known.query == view.query and view.pk is None:
            return known
        raise NameTaken from None
    return view


def drop(view):
    """Delete it; gives what `restore` makes it again from, for a day."""
    kept = {"user": view.user_id, "page": view.page, "name": view.name, "query": view.query, "shared": view.shared}
    view.delete()
    return signing.dumps(kept, salt=SALT, compress=True)


def restore(user, kind, kept):
    """The dropped view again, or None when that is not this person's to restore any more."""
    try:
        found = signing.loads(kept, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    owner = user.__class__.objects.active().filter(pk=found["user"]).first()
    if owner is None or found["page"] != kind.page or not (owner == user or (found["shared"] and user.is_manager)):
        return None
    try:
        return save(owner, kind, name=found["name"], query=found["query"], shared=found["shared"])
    except (NameTaken, TooMany):
        return None
