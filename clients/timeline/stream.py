"""The sources put together: one page of everything, in one order."""

from heapq import merge
from itertools import islice
from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from clients import ahead, there
from clients.timeline.asking import PAGE, Asked
from clients.timeline.changes import changes
from clients.timeline.contacts import contacts
from clients.timeline.entries import Entry, Later, Page, Tag, period_of

__all__ = ["PAGE", "Entry", "Later", "Page", "Tag", "kinds", "page", "period_of", "register_kind", "register_source"]

_kinds = {"": _("All"), "contacts": _("Contacts")}
_needs = {}
_sources = [(contacts, "contacts"), (changes, "changes")]


def register_kind(name, label):
    """A kind somebody may ask for alone; kinds stand in the order they come in."""
    _kinds.setdefault(name, label)


def register_source(source, *, kind="", needs=""):
    """Let a room tell what it knows: `source(client, user, asked)`; without a kind, among everything only.

    `needs` names the records it tells of (`there.register`): it is not asked where a client has none.
    """
    if (source, kind) not in _sources:
        _sources.append((source, kind))
        _needs[source] = needs


def kinds():
    """{name: words} of the kinds that somebody tells of."""
    told = {"", *(kind for _source, kind in _sources)}
    last = {"changes": _("Changes")}  # of the record; the rest is what people did
    return {name: label for name, label in (_kinds | last).items() if name in told}


def page(client, *, user, before=None, after=None, kind="", person=None, words="", size=PAGE):
    """One page of the merged stream: each source answers one more than fits, so nothing is missing among the first."""
    asked = Asked(limit=size + 1, before=before, after=after, person=person, words=words, alone=bool(kind))
    sources = [source for source, of in _sources if not kind or of == kind]
    told = _all_told(
        client, [source(client, user, asked) for source in sources if there.are(client, _needs.get(source, ""))]
    )
    merged = merge(*told, key=attrgetter("place"), reverse=after is None)
    entries = list(islice(merged, asked.limit))
    more, entries = len(entries) > size, entries[:size]
    if after is not None:
        entries.reverse()
    if not entries:
        return Page([])
    first, last = str(entries[0].place), str(entries[-1].place)
    if after is not None:
        return Page(entries, older=last, newer=first if more else "")
    return Page(entries, older=last if more else "", newer=first if before else "")


def _all_told(client, told):
    """The entries of each source; what several have yet to ask is asked in one go."""
    later = [one for one in told if isinstance(one, Later)]
    found = ahead.all_rows(client, [question for one in later for question in one.questions]) if later else {}
    return [
        one.entries(*(found[question] for question in one.questions)) if isinstance(one, Later) else one for one in told
    ]
