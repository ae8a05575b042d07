"""Lists of promises under a name: the firm's usual ones, and each person's own."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedView

PAGE = "promises"
MOST, LONGEST = 30, 1000
SALT = "promises.saved_view"
KEPT_SECONDS = 24 * 3600
NOT_PART = {
    "after",
    "before",
    "page",
    "pick",
    "all",
    "next",
    "csrfmiddlewaretoken",
    "name",
    "to",
    "seen",
    "idempotency_key",
}
USUAL = {"state": "open", "on": "first", "sort": "due"}
BUILT_IN = (
    (_("All open"), ""),
    (_("Mine, open"), "owner=me"),
    (_("Late"), "due=late"),
    (_("Due this week"), "due=week"),
    (_("Waiting for their word"), "state=delivered&by=ours"),
    (_("Offered"), "state=proposed"),
    (_("Moved lately"), "moved=yes"),
)


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


def tidy(text):
    """The part of an address that says what is listed: without what is empty or usual, in one order."""
    pairs = {name: value.strip() for name, value in parse_qsl(text[:4000], max_num_fields=None) if value.strip()}
    usual = USUAL if not (pairs.get("outcome") or "yes" in pairs.values()) else {**USUAL, "state": "all"}
    kept = {name: value for name, value in pairs.items() if name not in NOT_PART and usual.get(name) != value}
    return urlencode(sorted(kept.items()))


def tabs(user, query):
    """Every view this person has, with the one that the address shows marked. One query."""
    here = tidy(query)
    unsorted = tidy(urlencode([pair for pair in parse_qsl(here) if pair[0] != "sort"]))
    own = [(view.name, view.query, view.pk) for view in of(user)]
    all_tabs = [(str(name), tidy(query), None) for name, query in BUILT_IN] + own
    exact = here if any(query == here for _name, query, _pk in all_tabs) else unsorted
    return [Tab(name, query, pk, current=query == exact) for name, query, pk in all_tabs]


def of(user):
    return SavedView.objects.filter(user=user, page=PAGE)


def save(user, *, name, query):
    """A new view. The same name with the same filters again is the view that is already there."""
    if of(user).count() >= MOST:
        raise TooMany
    query = tidy(query)
    if len(query) > LONGEST:
        raise TooLong
    return _written(SavedView(user=user, page=PAGE, name=name, query=query))


def rename(view, *, name):
    view.name = name
    return _written(view)


def _written(view):
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        known = of(view.user).filter(name=view.name).first()
        if known and known.query == view.query:
            return known
        raise NameTaken from None
    return view


def drop(view):
    """Delete it; gives what `restore` makes it again from, for a day."""
    kept = signing.dumps({"user": view.user_id, "name": view.name, "query": view.query}, salt=SALT, compress=True)
    view.delete()
    return kept


def restore(user, kept):
    """The dropped view again, or None when that is not this person's to restore any more."""
    try:
        found = signing.loads(kept, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    if found["user"] != user.pk:
        return None
    try:
        return save(user, name=found["name"], query=found["query"])
    except (NameTaken, TooMany):
        return None
