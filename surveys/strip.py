"""The calendar of a round: every day from the opening to the close, what happens on it, and who has a holiday."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.places import holidays_at
from accounts.worktime import holiday_name
from surveys import timing

MOST_DAYS = 130
DAY = timedelta(days=1)


@dataclass
class Day:
    """One day: `marks` are (kind, words) of what happens, `why_not` why we do not work, `away` whose holiday it is."""

    date: object
    why_not: str = ""
    marks: list = field(default_factory=list)
    away: list = field(default_factory=list)  # (how many clients, holiday, country)
    is_today: bool = False

    @property
    def away_words(self):
        return [
            ngettext("%(n)d client on holiday", "%(n)d clients on holiday", n) % {"n": n}
            if name == self.why_not
            else ngettext("%(n)d client on holiday: %(name)s", "%(n)d clients on holiday: %(name)s", n)
            % {"n": n, "name": name}
            for n, name in self.away
        ]

    @property
    def is_quiet(self):
        return not (self.marks or self.why_not or self.away)


@dataclass
class Strip:
    """`weeks` of seven days, Monday first, None before the first and after the last day; `days` without the gaps."""

    days: list
    cut: bool = False

    @property
    def weeks(self):
        padded = [None] * self.days[0].date.weekday() + self.days
        padded += [None] * (-len(padded) % 7)
        return [padded[start : start + 7] for start in range(0, len(padded), 7)]

    @property
    def week_names(self):
        """(short, whole) names of the days, Monday first."""
        return [(WEEKDAYS_ABBR[n], WEEKDAYS[n]) for n in range(7)]

    @property
    def warnings(self):
        """(day, what happens, why nobody works) where a date was set on a day off; mails never are."""
        return [
            (day.date, words, day.why_not)
            for day in self.days
            for kind, words in day.marks
            if day.why_not and kind != "wave"
        ]

    @property
    def holidays(self):
        return [day for day in self.days if day.away]


def strip_of(round, *, calendar, now, waves=None):
    """The strip, or None while no dates are set. Three queries whatever the size."""
    if not (round.opens_at and round.closes_on):
        return None
    opens = calendar.local_date(round.launched_at or round.opens_at)
    waves = timing.forecast(round, calendar=calendar, now=now) if waves is None else waves
    first = min([opens, *(day for day, _n in waves)])
    if round.beliefs_due_on and not round.launched_at:
        first = min(first, round.beliefs_due_on)
    last = max(round.closes_on, first)
    cut = (last - first).days >= MOST_DAYS
    count = min((last - first).days + 1, MOST_DAYS)
    days = {first + n * DAY: Day(first + n * DAY) for n in range(count)}
    for when, kind, words in _marks(round, opens, waves, calendar):
        if when in days:
            days[when].marks.append((kind, words))
    countries = _countries(round)
    today = calendar.local_date(now)
    for date, day in days.items():
        day.why_not, day.is_today = calendar.why_not(date), date == today
        day.away = _away(date, countries)
    return Strip(list(days.values()), cut)


def _marks(round, opens, waves, calendar):
    if round.beliefs_due_on:
        yield round.beliefs_due_on, "belief", _("our beliefs")
    if not waves:
        yield opens, "open", _("invitations")
    for day, n in waves:
        yield day, "wave", ngettext("%(n)d mail", "%(n)d mails", n) % {"n": n}
    for number, after in enumerate(sorted(round.reminder_days), 1):
        start = waves[0][0] if waves else opens
        yield calendar.working_day_after(start, after), "remind", _("reminder %(n)d") % {"n": number}
    if round.due_on:
        yield round.due_on, "due", _("answers due")
    yield round.closes_on, "close", _("closes")


def _countries(round):
    """{country code: how many clients on the list}."""
    rows = round.invitations.order_by().values_list("client__country").annotate(n=Count("client", distinct=True))
    found = {}
    for text, n in rows:
        if code := holidays_at(text):
            found[code] = found.get(code, 0) + n
    return found


def _away(date, countries):
    if date.weekday() >= 5:
        return []
    names = {}
    for code, n in countries.items():
        if name := holiday_name(code, date, language=get_language() or ""):
            names[name] = names.get(name, 0) + n
    return sorted(((n, name) for name, n in names.items()), reverse=True)
