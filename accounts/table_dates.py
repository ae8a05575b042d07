"""Dates as files write them: ISO, with dots, with slashes, with the month's name, each with a time or without.

With slashes the day or the month may come first. The other rows of a file usually say which: `learn` every cell, then
`read`. What stays in doubt is refused in words rather than guessed. Midnight is how programs write “no time”.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from django.utils.translation import gettext as _

from accounts.quick import date_format

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?)?$"
)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + CLOCK, re.ASCII | re.I)
DOTS = re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})" + CLOCK, re.ASCII | re.I)
SLASHES = re.compile(r"(?P<one>\d{1,2})([/-])(?P<two>\d{1,2})\2(?P<year>\d{4})" + CLOCK, re.ASCII | re.I)
DAY_AND_NAME = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<name>[a-z]{3,9})\.?,?[ -](?P<year>\d{4})" + CLOCK, re.ASCII | re.I
)
NAME_AND_DAY = re.compile(
    r"(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + CLOCK, re.ASCII | re.I
)
SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}(\D|$)", re.ASCII)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


class NoDate(Exception):
    """This cell is no date, or may be two; the message says so."""


@dataclass(frozen=True)
class When:
    """A day, perhaps a time of day; `at` is the moment where the cell named its zone."""

    day: date
    clock: time | None = None
    at: datetime | None = None

    def there(self, zone):
        """(day, time or None) on the clocks of `zone`."""
        if self.at is None:
            return self.day, self.clock
        local = self.at.astimezone(zone)
        return local.date(), local.time()

    def __str__(self):
        if self.at:
            return self.at.isoformat()
        return self.day.isoformat() + (f"T{self.clock.isoformat()}" if self.clock else "")


class Dates:
    """Reads the dates of one file. `order` is "day" or "month" where somebody said which comes first."""

    def __init__(self, *, order=""):
        self.said = order
        self.seen = set()

    def learn(self, text):
        """Take what this cell says about which comes first; a day after the twelfth does."""
        if found := SLASHES.match(text):
            one, two = int(found["one"]), int(found["two"])
            if one > 12 >= two:
                self.seen.add("day")
            elif two > 12 >= one:
                self.seen.add("month")

    @property
    def order(self):
        """Which comes first, or "" while that is in doubt."""
        return self.said or (next(iter(self.seen)) if len(self.seen) == 1 else "")

    def read(self, text):
        """The `When` of a cell, or `NoDate`."""
        text = " ".join(text.split())
        for form in (YEAR_FIRST, DOTS, SLASHES, DAY_AND_NAME, NAME_AND_DAY):
            if found := form.match(text):
                return self._when(text, found, found.groupdict())
        if SHORT_YEAR.match(text):
            raise NoDate(_("“%(date)s”: write the year with four digits.") % {"date": text[:40]})
        raise NoDate(_("“%(date)s” is no date like 2024-03-31.") % {"date": text[:40]})

    def _when(self, text, found, parts):
        try:
            if "one" in parts:
                day = self._by_order(text, int(parts["year"]), int(parts["one"]), int(parts["two"]))
            else:
                day = date(int(parts["year"]), _month(parts), int(parts["day"]))
            clock = _clock(parts)
            at = _moment(day, clock, parts["zone"])
        except (ValueError, OverflowError):
            raise NoDate(_("“%(date)s” is no date like 2024-03-31.") % {"date": text[:40]}) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise NoDate(_("“%(date)s” is not between 1900 and 2200.") % {"date": text[:40]})
        return When(day, clock, at)

    def _by_order(self, text, year, one, two):
        readings = {}
        for order, month, day in (("day", two, one), ("month", one, two)):
            if 1 <= month <= 12:
                readings[order] = date(year, month, day)
        if not readings:
            raise ValueError(text)
        if len(set(readings.values())) == 1:
            return next(iter(readings.values()))
        if not self.order:
            words = _("“%(date)s” may be %(one)s or %(other)s: say whether the day or the month comes first.")
            one, other = (date_format(readings[order], "j F Y") for order in ("day", "month"))
            raise NoDate(words % {"date": text[:40], "one": one, "other": other})
        return readings[self.order]


def _month(parts):
    if not parts.get("name"):
        return int(parts["month"])
    return MONTHS.index(parts["name"][:3].casefold()) + 1


def _clock(parts):
    """The time of day, or None: programs write midnight where there is none."""
    if parts["hour"] is None:
        return None
    hour = int(parts["hour"])
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    clock = time(hour, int(parts["minute"]), int(parts["second"] or 0))
    return None if clock == time.min else clock


def _moment(day, clock, zone):
    if clock is None or not zone:
        return None
    if zone[0] not in "+-":
        return datetime.combine(day, clock, UTC)
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return datetime.combine(day, clock, timezone(ahead if zone[0] == "+" else -ahead))
