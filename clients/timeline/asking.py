"""What a page of a timeline asks its sources for, and where in the stream it begins."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from accounts.models import User
from clients.models import Contact
from clients.names import searchable

PLACE = re.compile(r"(\d{1,16})\.([a-z])(\d{1,12})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_WORDS = 8
PAGE = 20


def key_of(letter, pk):
    """What breaks ties between entries of one moment: a letter of the source's own, and the number of its row."""
    return f"{letter}{pk:012d}"


@dataclass(frozen=True, order=True)
class Place:
    """A place in the stream: a moment and a key. An empty key stands before every entry of its moment."""

    at: datetime
    key: str = ""

    def __str__(self):
        """As it stands in an address."""
        if not self.key:
            return self.at.astimezone(UTC).isoformat()
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.letter}{self.number}"

    @classmethod
    def read(cls, text):
        """The place of an address, or of a bare moment; None for what says neither."""
        try:
            if found := PLACE.fullmatch(text or ""):
                micro, letter, number = found.groups()
                return cls(EPOCH + int(micro) * MICROSECOND, key_of(letter, int(number)))
            moment = datetime.fromisoformat(text)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            return None
        return cls(moment) if 1900 <= moment.year <= 2200 else None

    @property
    def letter(self):
        return self.key[:1]

    @property
    def number(self):
        return int(self.key[1:] or 0)

    def above(self):
        """The place just above, so that what is below it begins with this entry."""
        return replace(self, key=key_of(self.letter, self.number + 1))


@dataclass(frozen=True)
class Asked:
    """At most `limit` entries beyond a place: older ones, newest first; or newer ones, oldest first, when `after`.

    A source hands its rows to `rows` (a queryset) or `few` (entries it has at hand), which do the paging.
    """

    limit: int
    before: Place | None = None
    after: Place | None = None
    person: Any = None  # a Contact, or one of us
    words: str = ""
    alone: bool = False  # one kind only, so nothing of another stands beside it

    @property
    def contact(self):
        return self.person if isinstance(self.person, Contact) else None

    @property
    def colleague(self):
        return self.person if isinstance(self.person, User) else None

    @cached_property
    def terms(self):
        """The words to look for, as `search_text` columns hold them."""
        return list(dict.fromkeys(searchable(self.words).split()))[:MOST_WORDS]

    @property
    def is_plain(self):
        """The newest entries of everybody: what most pages ask."""
        return self.limit == PAGE + 1 and not (self.before or self.after or self.person or self.terms)

    @property
    def is_plain_of_contact(self):
        """The newest entries with one person there: what their page asks."""
        return bool(self.contact) and self.limit == PAGE + 1 and not (self.before or self.after or self.terms)

    def holding(self, found, *fields):
        """Rows in which each word stands in one of these columns."""
        for term in self.terms:
            held = Q()
            for field in fields:
                held |= Q(**{f"{field}__contains" if field.endswith("search_text") else f"{field}__icontains": term})
            found = found.filter(held)
        return found

    def holds(self, *texts):
        """Whether each word stands in one of these texts."""
        plain = searchable(" ".join(text for text in texts if text)) if self.terms else ""
        return all(term in plain for term in self.terms)

    def rows(self, found, moment, letter):
        """Rows of a queryset beyond the place, in the order of the stream. Costs the same at any depth."""
        if self.after:
            return _newer(found, moment, letter, self.after).order_by(moment, "pk")[: self.limit]
        if self.before:
            found = _older(found, moment, letter, self.before)
        return found.order_by(f"-{moment}", "-pk")[: self.limit]

    def few(self, entries):
        """Entries at hand beyond the place, in the order of the stream."""
        if self.after:
            beyond = [entry for entry in entries if entry.place > self.after]
        else:
            beyond = [entry for entry in entries if not self.before or entry.place < self.before]
        return sorted(beyond, key=lambda entry: entry.place, reverse=not self.after)[: self.limit]


def _older(found, moment, letter, place):
    """Rows below a place, in words that let the database begin right there in an index of moment and number."""
    if letter == place.letter:
        return found.filter(TupleLessThan(Tuple(F(moment), F("pk")), (place.at, place.number)))
    return found.filter(**{f"{moment}__lte" if letter < place.letter else f"{moment}__lt": place.at})


def _newer(found, moment, letter, place):
    if letter == place.letter:
        return found.filter(TupleGreaterThan(Tuple(F(moment), F("pk")), (place.at, place.number)))
    return found.filter(**{f"{moment}__gte" if letter > place.letter else f"{moment}__gt": place.at})
