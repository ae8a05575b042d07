"""What there is to know about one list, said by its room."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import Http404
from django.urls import reverse

NOT_PART = {
    "after", "before", "page", "pick", "all", "next", "csrfmiddlewaretoken", "name", "to", "seen", "idempotency_key",
    "choice", "up", "down", "shown",
}  # fmt: skip


def nothing(*_args, **_more):
    return ""


def no_usual(_pairs):
    return {}


@dataclass(frozen=True, eq=False)
class ListKind:
    """`page` is the URL name of the list.

    read(query, user, now)   the listing an address asks for: `found` (what matches, in order, visible to the user),
                             `in_words`, `lines(ids, columns)`
    visible(user)            every record this person may read
    every()                  every record, for taking back what somebody did
    views                    ((name, query) …) everybody has
    usual(pairs)             what an address need not say, given what it says
    count(n)                 “214 clients”
    acts                     {name: act} of what can be done to several
    hidden(user)             keys of the clients closed to this person: files made before one was are not given out
    """

    page: str
    title: str
    views: tuple = ()
    usual: Callable = no_usual
    in_words: Callable = nothing
    read: Callable | None = None
    visible: Callable | None = None
    every: Callable | None = None
    columns: tuple = ()
    count: Callable | None = None
    acts: dict = field(default_factory=dict)
    hidden: Callable = lambda _user: []
    more_columns: list = field(default_factory=list)  # upper rooms add theirs
    file_name: str = ""

    @property
    def address(self):
        return reverse(self.page)

    @property
    def all_columns(self):
        return (*self.columns, *self.more_columns)

    def address_of(self, query):
        return f"{self.address}?{query}" if query else self.address


_kinds = {}


def register(kind):
    _kinds[kind.page] = kind
    return kind


def get(page):
    """The list of that name; raises Http404 where there is none."""
    try:
        return _kinds[page]
    except KeyError:
        raise Http404(page) from None
