"""Days and times the way the reader's language writes them: for mails and pages to people at clients."""

import datetime as dt

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import pgettext

from accounts.quick import date_format


def day_month(day):
    """“19 November”, « 19 novembre », „19. November“."""
    return date_format(day, "MONTH_DAY_FORMAT")


def day_year(day):
    """“19 November 2026”."""
    return pgettext("client", "%(day)s %(year)s") % {"day": day_month(day), "year": day.year}


def full_day(day, *, today=None):
    """“Thursday 19 November”; with the year where it is not the one of `today`."""
    year = today and day.year != today.year
    return pgettext("client", "%(weekday)s %(day)s") % {
        "weekday": weekday(day),
        "day": day_year(day) if year else day_month(day),
    }


def day_and_clock(moment):
    """“Thursday 19 November, 09:30”, by the clock of the moment."""
    return pgettext("client", "%(day)s, %(time)s") % {"day": full_day(moment.date()), "time": f"{moment:%H:%M}"}


def weekday(day):
    return str(WEEKDAYS[day.weekday()])


def clock(at):
    """A time of day, or a moment by the clock that is in force: always in 24 hours."""
    at = timezone.localtime(at) if isinstance(at, dt.datetime) else at
    return at.strftime("%H:%M")
