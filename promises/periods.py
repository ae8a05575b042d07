"""Spans of days in which promises fell due, and where a day begins for the reader."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.quick import date_format

PERIODS = {
    "quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "year": gettext_lazy("This year"),
    "months": gettext_lazy("Last 12 months"),
    "ever": gettext_lazy("All time"),
}
FIRST_YEAR, LAST_YEAR = 1900, 2200


def start_of_day(day):
    return timezone.make_aware(datetime.combine(day, time()))


def first_of_quarter(today):
    return today.replace(month=today.month - (today.month - 1) % 3, day=1)


def start_of_quarter(today):
    return start_of_day(first_of_quarter(today))


def monday_of_weeks(today, weeks=12):
    """The Monday from which on there are so many weeks, this one included."""
    return today - timedelta(days=today.weekday() + 7 * (weeks - 1))


def start_of_weeks(today, weeks=12):
    return start_of_day(monday_of_weeks(today, weeks))


def day_in(text):
    """The day an address names as 2026-11-19, None for anything else."""
    try:
        day = parse_date((text or "").strip()[:10])
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


@dataclass(frozen=True)
class Period:
    """From the day `first` to the day `last`, both included; None leaves that end open. `name` is in PERIODS or ""."""

    first: date | None = None
    last: date | None = None
    name: str = ""

    @property
    def since(self):
        return start_of_day(self.first) if self.first else None

    def until(self, now):
        """The moment the period ends, at most now: what falls due later cannot be counted yet."""
        return min(start_of_day(self.last + timedelta(days=1)), now) if self.last else now

    @property
    def in_words(self):
        if self.name:
            return str(PERIODS[self.name])
        if not (self.first or self.last):
            return str(PERIODS["ever"])
        first, last = (day and date_format(day, "j M Y") for day in (self.first, self.last))
        if not last:
            return _("since %(first)s") % {"first": first}
        if not first:
            return _("until %(last)s") % {"last": last}
        return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def query(self):
        """The days as the address of a list writes them."""
        days = {"since": self.first, "until": self.last}
        return {name: day.isoformat() for name, day in days.items() if day}


def named(name, today):
    quarter = first_of_quarter(today)
    if name == "last_quarter":
        last = quarter - timedelta(days=1)
        return Period(first_of_quarter(last), last, name)
    if name == "year":
        return Period(today.replace(month=1, day=1), today.replace(month=12, day=31), name)
    if name == "months":
        day_before = today - timedelta(days=1) if (today.month, today.day) == (2, 29) else today
        return Period(day_before.replace(year=today.year - 1) + timedelta(days=1), today, name)
    if name == "ever":
        return Period(name=name)
    following = first_of_quarter(quarter + timedelta(days=100))
    return Period(quarter, following - timedelta(days=1), "quarter")


def read(query, *, today):
    """The period an address asks for: two days, or a name; this quarter when it says nothing that makes sense.

    Days count more than a name, unless the name was just chosen in a form that still holds the days (`was` another).
    """
    name = query.get("period", "")
    if name in PERIODS and query.get("was", name) != name:
        return named(name, today)
    first, last = day_in(query.get("since")), day_in(query.get("until"))
    if first and last and last < first:
        first, last = last, first
    if first or last:
        return Period(first, last)
    return named(name, today)
