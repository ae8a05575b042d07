"""How long an answer may take, how much of that is gone, and the same in words.

Pure: calendars and moments in, values out. All of it is working time of whoever is to answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LAST_THIRD = 2 / 3  # of the time gone: the ring turns amber
OK, SOON, OVER = "", "soon", "late"


def hours_for(*, urgent, firm, firm_urgent, own=None):
    """Working hours until an answer: the client's own, else the firm's; what is urgent never takes longer than that."""
    normal = own or firm
    return min(normal, firm_urgent) if urgent else normal


def due_at(calendar, since, hours):
    """When so many working hours have passed since they asked."""
    return calendar.add(since, hours=hours)


def soon_at(calendar, since, due, share):
    """When so many % of the working time between asking and the due have gone."""
    return calendar.add(since, hours=calendar.between(since, due) * share / 100 / HOUR)


def minutes_between(calendar, start, end):
    """Whole minutes of working time; none when `end` is no later than `start`."""
    return max(0, calendar.between(start, end) // MINUTE)


@dataclass(frozen=True)
class Clock:
    """One wait as it stands at a moment. `left` is working time, negative when it is over."""

    due: datetime
    left: timedelta
    whole: timedelta
    is_over: bool
    day: timedelta

    @property
    def share(self):
        """How much of the time is gone, 0–1."""
        if self.is_over or self.whole <= timedelta():
            return 1.0
        return min(1.0, max(0.0, 1 - self.left / self.whole))

    @property
    def level(self):
        if self.is_over:
            return OVER
        return SOON if self.share > LAST_THIRD else OK

    @property
    def words(self):
        """“52 min left”, “1 h 10 over”, “3 days left”."""
        if not self.is_over:
            return left_in_words(self.left, self.day)
        return over_in_words(-self.left, self.day)


def clock(calendar, *, since, due, now):
    return Clock(
        due=due,
        left=calendar.between(now, due),
        whole=calendar.between(since, due),
        is_over=due < now,
        day=calendar.day_length,
    )


# -------------------------------------------------------------------- words

# From so many working days on the hours say nothing any more.
MANY = 2


def left_in_words(left, day):
    if left < MINUTE:
        return _("under a minute left")
    return _("%(time)s left") % {"time": rough(left, day)}


def over_in_words(over, day):
    if over < MINUTE:
        return _("just over")
    return _("%(time)s over") % {"time": rough(over, day)}


def rough(span, day):
    """“52 min”, “1 h 10”; from two working days on “3 days”."""
    if span < MANY * day:
        return short(span)
    n = span // day
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def short(span):
    """“52 min”, “2 h”, “1 h 10”."""
    hours, minutes = divmod(max(0, span // MINUTE), 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": minutes}


def hours_in_words(minutes):
    """Minutes of working time in a figure: “25 min”, “3 h 10”; – where there is none."""
    return "–" if minutes is None else _short(round(minutes), get_language())


@lru_cache(maxsize=4000)
def _short(minutes, _language):
    return short(timedelta(minutes=minutes))
