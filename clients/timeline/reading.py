"""What an address asks of a timeline: kind, person, words, a day to jump to, a place to go on from, one entry."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from accounts.models import User
from clients.models import Interaction
from clients.timeline.asking import Asked, Place, key_of
from clients.timeline.entries import Page
from clients.timeline.stream import PAGE, kinds, page

LONGEST = 100
NEWER_SHOWN = 5  # above an entry that was asked for


@dataclass(frozen=True)
class Reading:
    """A timeline as its address asks for it; what it does not understand it leaves out."""

    client: Any
    user: Any
    kind: str = ""
    person: Any = None
    words: str = ""
    day: Any = None
    before: Place | None = None
    after: Place | None = None
    entry: str = ""
    fixed: bool = field(default=False)  # the person is given by the page, not by the address

    @classmethod
    def of(cls, query, *, client, user, person=None):
        asked = {name: _plain(query.get(name, "")) for name in ("kind", "person", "q", "day", "before", "after")}
        return cls(
            client=client,
            user=user,
            kind=asked["kind"] if asked["kind"] in kinds() else "",
            person=person or _person(asked["person"], client),
            words=" ".join(asked["q"].split()),
            day=_day(asked["day"]),
            before=Place.read(asked["before"]),
            after=Place.read(asked["after"]),
            entry=_plain(query.get("entry", "")),
            fixed=person is not None,
        )

    @property
    def is_filtered(self):
        return bool(self.kind or self.words or (self.person and not self.fixed))

    @property
    def is_newest(self):
        return not (self.before or self.after or self.day or self.entry)

    @property
    def is_open(self):
        """Whether somebody looks for something, beyond choosing a kind."""
        return bool(self.words or self.day or (self.person and not self.fixed))

    @cached_property
    def terms(self):
        return Asked(limit=0, words=self.words).terms

    def query(self, **place):
        """The filters and a place as they stand in an address. The person a page is about is named beside a place
        only: the pages around it are the timeline's own.
        """
        person = self.person.public_id if self.person and (place or not self.fixed) else ""
        asked = {"kind": self.kind, "person": person, "q": self.words, **place}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"

    def kinds(self):
        """[(words, query, whether it is the one shown)]."""
        return [(label, replace(self, kind=name).query(), name == self.kind) for name, label in kinds().items()]

    def page(self, *, size=PAGE):
        if self.entry and (place := self.place):
            return self._around(place, size)
        before = self.before
        if self.day and not (self.before or self.after):
            before = Place(_end_of(self.day))
        return self.stretch(before=before, after=self.after, size=size)

    @property
    def place(self):
        """Where the entry stands that was asked for; None when it is there no more."""
        if not self.entry.startswith("i_"):
            return Place.read(self.entry)
        found = Interaction.objects.kept().filter(client=self.client, public_id=self.entry)
        row = found.values_list("happened_at", "pk").first()
        return Place(row[0], key_of("i", row[1])) if row else None

    def _around(self, place, size):
        newer = self.stretch(after=place, size=NEWER_SHOWN)
        older = self.stretch(before=place.above() if place.key else place, size=size - NEWER_SHOWN)
        return Page([*newer.entries, *older.entries], older=older.older, newer=newer.newer)

    def stretch(self, **place):
        """The entries at a place, as they are filtered here."""
        asked = {"kind": self.kind, "person": self.person, "words": self.words}
        return page(self.client, user=self.user, **asked, **place)


def _plain(text):
    text = text.strip()[:LONGEST]
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character
        return ""
    return "" if "\0" in text else text


def _person(public_id, client):
    """Somebody at this client, or one of us; nobody from anywhere else."""
    if public_id.startswith("p_"):
        return client.contacts.filter(public_id=public_id).first()
    return User.objects.filter(public_id=public_id).first() if public_id else None


def _day(text):
    """“2026-03-14”, or “2026-03” for the whole month."""
    try:
        if len(text) == len("2026-03"):
            first = date.fromisoformat(f"{text}-01")
            day = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        else:
            day = date.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return day if 1900 <= day.year <= 2200 else None


def _end_of(day):
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
