"""Working time: when people work, how much of it lies between two moments, and when a day ends somewhere.

Pure: no database. Moments are aware datetimes and come back in UTC; days are `datetime.date` in the calendar's zone.
Inside, moments are whole microseconds since 1970, so sums are exact: `between(a, add(a, hours=h))` is h hours again.
Years 1900 to 2300 are known; beyond them ValueError.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import get_language
from django.utils.translation import gettext as _

OFFICE_DAY = (("09:00", "17:30"),)
STANDARD_WEEK = (OFFICE_DAY,) * 5 + ((), ())  # Monday first

FIRST_YEAR, LAST_YEAR = 1900, 2300
LONGEST_ABSENCE = timedelta(days=731)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Where the library's bare country knows only the days common to all its parts, the part most people live in.
USUAL_PART = {"GB": "GB-ENG"}


@dataclass(frozen=True)
class Calendar:
    """One person's (or firm's) working hours in their own zone, less public holidays and absences.

    zone      IANA name or ZoneInfo
    week      seven days, Monday first, each a list of ("HH:MM", "HH:MM") spans; "24:00" may end a day. A week without
              any hours counts as STANDARD_WEEK: nobody has set it yet
    country   ISO code for the public holidays, also with a part ("GB-SCT"); unknown or empty means none
    absences  pairs (first day, last day), both included. One absence counts for two years at most: who is away for
              longer needs another owner, not a due date in another age
    """

    zone: ZoneInfo | str = "UTC"
    week: tuple = STANDARD_WEEK
    country: str = ""
    absences: tuple = ()

    def __post_init__(self):
        zone = self.zone if isinstance(self.zone, ZoneInfo) else ZoneInfo(str(self.zone))
        week = clean_week(self.week)
        absences = tuple((first, min(last, first + LONGEST_ABSENCE)) for first, last in self.absences)
        for name, value in [("zone", zone), ("week", week), ("country", self.country or ""), ("absences", absences)]:
            object.__setattr__(self, name, value)

    @cached_property
    def day_length(self):
        """One *day* of working time: the mean length of the days that have hours, a timedelta (8 h 30 by default)."""
        days = [sum(minutes(end) - minutes(start) for start, end in spans) for spans in self.week if spans]
        return timedelta(minutes=sum(days) / len(days))

    # ---------------------------------------------------------------- days

    def local_date(self, moment):
        return moment.astimezone(self.zone).date()

    def absent_on(self, day):
        return any(first <= day <= last for first, last in self.absences)

    def is_working_day(self, day):
        """Are there hours on this day, is it no public holiday, and is the person not away?"""
        return bool(self.week[day.weekday()]) and not holiday_name(self.country, day) and not self.absent_on(day)

    def why_not(self, day):
        """Why nobody works on this day, in words: "away", the holiday's name, "weekend", "day off"; "" if they do."""
        if self.absent_on(day):
            return _("away")
        if name := holiday_name(self.country, day, language=get_language() or ""):
            return name
        if self.week[day.weekday()]:
            return ""
        return _("weekend") if day.weekday() >= 5 else _("day off")

    def working_days(self, start, end):
        """How many working days are after `start`, up to and with `end`; negative when `end` is earlier.

        Both are moments or both are days: Friday to Monday is 1, any two moments of one day are 0.
        """
        start, end = (self.local_date(x) if isinstance(x, datetime) else x for x in (start, end))
        if start > end:
            return -self.working_days(end, start)
        return (
            self._days_until(end)
            - self._days_until(start)
            + sum(_year(self, year).working_days for year in range(start.year, end.year))
        )

    def working_day_after(self, day, n=1):
        """The n-th working day after `day`; n = 0: `day` itself or the next one; n < 0: before `day`."""
        if n == 0:
            day, n = day - DAY, 1
        step = DAY if n > 0 else -DAY
        for _n in range(abs(n)):
            day += step
            while not self.is_working_day(day):
                _known(day.year)
                day += step
        return day

    # ---------------------------------------------------------------- moments

    def between(self, start, end):
        """Working time from `start` to `end` as a timedelta, negative when `end` is earlier."""
        if start > end:
            return -self.between(end, start)
        first, last = self.local_date(start).year, self.local_date(end).year
        worked = _year(self, last).worked(_micros(end)) - _year(self, first).worked(_micros(start))
        worked += sum(_year(self, year).total for year in range(first, last))
        return worked * MICROSECOND

    def add(self, start, *, hours=0, days=0):
        """The moment by which so much working time has passed since `start`; negative amounts go back.

        A day is `day_length`. Forward it is the earliest such moment (a full day from Thursday's end is Friday's end,
        not Monday's start), backward the latest. Nothing to add: `start` itself.
        """
        amount = round((hours * HOUR + days * self.day_length) / MICROSECOND)
        if not amount:
            return start.astimezone(UTC)
        number = self.local_date(start).year
        target = _year(self, number).worked(_micros(start)) + amount
        if amount > 0:
            while target > _year(self, number).total:
                target -= _year(self, number).total
                number += 1
            return _moment(_year(self, number).earliest(target))
        while target < 0 or (target == 0 and not _year(self, number).total):
            number -= 1
            target += _year(self, number).total
        return _moment(self._latest(number, target))

    def next_working_moment(self, moment):
        """`moment` itself when it is within working hours, otherwise the next start of work."""
        number = self.local_date(moment).year
        while (found := _year(self, number).next_start(_micros(moment))) is None:
            number += 1
        return _moment(found)

    def _latest(self, number, target):
        """The last moment with `target` worked in that year; all of it worked, that is the start of a later year."""
        while target == _year(self, number).total:
            number, target = number + 1, 0
        return _year(self, number).latest(target)

    def _days_until(self, day):
        return _year(self, day.year).days_until[(day - date(day.year, 1, 1)).days]


class _Year:
    """One year of one calendar: the spans of work as microseconds since 1970, and their running sums."""

    def __init__(self, calendar, year):
        self.starts, self.ends, self.before, self.days_until = [], [], [], []
        self.total = self.working_days = 0
        day = date(year, 1, 1)
        while day.year == year:
            if calendar.is_working_day(day):
                self.working_days += 1
                for start, end in calendar.week[day.weekday()]:
                    self._add(*(_micros(_wall(day, minutes(at), calendar.zone)) for at in (start, end)))
            self.days_until.append(self.working_days)
            day += DAY

    def _add(self, start, end):
        if end > start:  # a span that falls into a clock change has no length
            self.starts.append(start)
            self.ends.append(end)
            self.before.append(self.total)
            self.total += end - start

    def worked(self, at):
        """Microseconds worked in this year until `at`."""
        i = bisect_right(self.starts, at) - 1
        return 0 if i < 0 else self.before[i] + min(at, self.ends[i]) - self.starts[i]

    def earliest(self, amount):
        i = bisect_left(self.before, amount) - 1
        return self.starts[i] + amount - self.before[i]

    def latest(self, amount):
        i = bisect_right(self.before, amount) - 1
        return self.starts[i] + amount - self.before[i]

    def next_start(self, at):
        i = bisect_right(self.ends, at)
        return max(at, self.starts[i]) if i < len(self.starts) else None


@lru_cache(maxsize=2000)
def _year(calendar, year):
    _known(year)
    return _Year(calendar, year)


def _known(year):
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"No working time is known for the year {year}.")


# -------------------------------------------------------------------- hours and holidays


def minutes(text):
    """Minutes since midnight of "HH:MM"; "24:00" is the end of the day. ValueError for anything else."""
    return _minutes(str(text))


@lru_cache(maxsize=2000)
def _minutes(text):
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and int(minute) < 60):
        raise ValueError(f"Not a time of day: {text[:20]!r}")
    value = int(hour[:3]) * 60 + int(minute)
    if value > 24 * 60:
        raise ValueError(f"Not a time of day: {text[:20]!r}")
    return value


def clean_week(week):
    """Seven days of spans as sorted tuples; a week without hours is STANDARD_WEEK.

    ValueError when a span ends before it starts, when spans overlap, or when there are not seven days.
    """
    days = [tuple(sorted(((str(a), str(b)) for a, b in day), key=lambda span: minutes(span[0]))) for day in week]
    if len(days) != 7:
        raise ValueError("A week has seven days.")
    for spans in days:
        edges = [minutes(at) for span in spans for at in span]
        if edges != sorted(edges) or any(minutes(a) == minutes(b) for a, b in spans):
            raise ValueError("Working hours overlap or end before they start.")
    return tuple(days) if any(days) else STANDARD_WEEK


def holiday_name(country, day, *, language="en"):
    """The public holiday's name on this day in this country, "" if there is none or the country is not known."""
    return _holidays(country, day.year, language).get(day, "") if country else ""


@lru_cache(maxsize=2000)
def _holidays(country, year, language):
    code, _dash, part = USUAL_PART.get(country.upper(), country.upper()).partition("-")
    language = "en_US" if language.startswith("en") else language.partition("-")[0]
    try:
        return dict(holidays.country_holidays(code, subdiv=part or None, years=year, language=language).items())
    except NotImplementedError:  # a country or part the library does not know
        return {}


# -------------------------------------------------------------------- clocks


def due_moment(day, at=None, zone="UTC"):
    """The moment in UTC when something due on `day` at the time `at` in `zone` is due.

    Without a time: the last microsecond of that day there, so that the moment still shows the day itself. An hour that
    the clock skips becomes the first moment after the gap; an hour it shows twice means the later one. ValueError for
    an unknown zone or a day at the very end of the calendar.
    """
    try:
        zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo(str(zone))
        if at is None:
            return _wall(day, 24 * 60, zone) - MICROSECOND
        return _resolve(datetime.combine(day, at.replace(tzinfo=None)), zone, fold=1)
    except (KeyError, OSError, OverflowError) as error:
        raise ValueError(f"No such moment: {day} in {str(zone)[:60]!r}") from error


def _wall(day, minute, zone):
    """The UTC moment when the clock of `zone` first shows this minute of the day, or skips it."""
    return _resolve(datetime.combine(day, time()) + timedelta(minutes=minute), zone, fold=0)


def _resolve(naive, zone, *, fold):
    moment = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == naive:
        return moment
    # Skipped by the clock: halve the way from before the change to after it, down to the change itself.
    low, high = sorted(naive.replace(tzinfo=zone, fold=f).astimezone(UTC) for f in (0, 1))
    before = low.astimezone(zone).utcoffset()
    while high - low > MICROSECOND:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _micros(moment):
    return (moment - EPOCH) // MICROSECOND


def _moment(micros):
    return EPOCH + micros * MICROSECOND
