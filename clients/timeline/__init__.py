"""What happened with a client, newest first, from every room that knows something.

In an upper room's `AppConfig.ready`: `timeline.register_source(source, kind="promises")` with

    source(client, user, asked) -> list[Entry], or a `Later` of one or more questions

`asked` (an `Asked`) says how many entries, beyond which place, about whom and with which words. A source answers in
the order of the stream, which `asked.rows(queryset, "at", letter)` and `asked.few(entries)` see to; the `key` of its
entries is `timeline.key_of(letter, pk)` with a letter no other source uses. `asked.person` and `asked.terms` it must
heed itself: one that cannot answers nothing while they are there.
"""

from clients.timeline.asking import Asked, Place, key_of
from clients.timeline.contacts import MARKS, entry_of, last_people, register_act, register_what_came
from clients.timeline.reading import Reading
from clients.timeline.stream import (
    PAGE,
    Entry,
    Later,
    Page,
    Tag,
    kinds,
    page,
    period_of,
    register_kind,
    register_source,
)

__all__ = [
    "MARKS",
    "PAGE",
    "Asked",
    "Entry",
    "Later",
    "Page",
    "Place",
    "Reading",
    "Tag",
    "entry_of",
    "key_of",
    "kinds",
    "last_people",
    "page",
    "period_of",
    "register_act",
    "register_kind",
    "register_source",
    "register_what_came",
]
