"""One thing that happened, and a page of such things."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.quick import date_format
from clients.timeline.asking import Place

LONG = 220  # letters in three lines


@dataclass(frozen=True)
class Tag:
    """A word with a mark under an entry: `kind` is late, soon, kept, moved, them, us or nothing; `mark` an icon."""

    words: str
    kind: str = ""
    mark: str = ""
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. It reads “**actor** words **thing**”, with text or the client's own words beneath."""

    at: datetime
    key: str  # `timeline.key_of(letter, pk)`: stable, and breaks ties
    mark: str  # icon
    words: str
    actor: str = ""
    thing: str = ""
    url: str = ""  # opens the thing itself
    body: str = ""
    quote: str = ""  # the client's own words
    tone: str = ""  # them, kept, moved or late: colour of the circle
    tags: tuple = ()
    acts: tuple = ()  # what its reader may make of it: Tags with a url
    files: tuple = ()  # attachments
    system: bool = False  # one grey line
    record: Any = None

    @property
    def place(self):
        return Place(self.at, self.key)

    @property
    def is_long(self):
        """More than three lines, as far as can be told before it is drawn."""
        return len(self.body) > LONG or self.body.count("\n") > 2

    @property
    def ref(self):
        """What stands for it in an address: an id of its own, or its place where it never moves."""
        return getattr(self.record, "timeline_ref", "") or str(self.place)


@dataclass(frozen=True)
class Later:
    """What a source will tell when its questions are answered: `entries(rows, …)`, one list of rows a question."""

    questions: tuple
    entries: Any

    @classmethod
    def of(cls, entry, question):
        """One entry for each row."""
        return cls((question,), lambda rows: [entry(row) for row in rows])


@dataclass(frozen=True)
class Page:
    """Entries newest first, and the places from which the pages around it go on; "" where nothing is."""

    entries: list
    older: str = ""
    newer: str = ""

    def groups(self, *, now):
        """Entries under “This week”, “Last week”, then the month."""
        grouped, today = {}, timezone.localdate(now)
        for entry in self.entries:
            grouped.setdefault(period_of(timezone.localdate(entry.at), today), []).append(entry)
        return list(grouped.items())


def period_of(day: date, today: date):
    monday = today - timedelta(days=today.weekday())
    if day >= monday + timedelta(days=7):
        return _("Ahead")
    if day >= monday:
        return _("This week")
    if day >= monday - timedelta(days=7):
        return _("Last week")
    return date_format(day, "F" if day.year == today.year else "F Y")
