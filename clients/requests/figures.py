"""How soon clients have their first answer: median and 90th percentile in working time, the share within the target.

A request counts once it was answered, or once its first due has passed without an answer. What needed no reply counts
in nothing. Percentiles lie between two neighbours in proportion, as spreadsheets have them (PERCENTILE.INC).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from clients.requests.clock import hours_in_words
from clients.requests.filters import Q_ANSWERED, Q_IN_TIME, still_without

PERIODS = {
    "month": _("Last 30 days"),
    "quarter": _("This quarter"),
    "year": _("Last 12 months"),
    "all": _("All time"),
}
USUAL = "quarter"


def since_of(period, today):
    """The first day of a period; None for all time."""
    return {
        "month": today - timedelta(days=30),
        "quarter": date(today.year, today.month - (today.month - 1) % 3, 1),
        "year": date(today.year - 1, today.month, 1),
        "all": None,
    }[period]


def percentile(minutes, share):
    """The value below which this share of [(minutes, how many)…] lies; None of nothing."""
    ordered = sorted(minutes)
    total = sum(n for _minutes, n in ordered)
    if not total:
        return None
    place = share * (total - 1)
    low = _at(ordered, int(place))
    high = _at(ordered, min(int(place) + 1, total - 1))
    return low + (high - low) * (place - int(place))


def _at(ordered, place):
    for value, n in ordered:
        if place < n:
            return value
        place -= n
    return ordered[-1][0]


@dataclass
class Figures:
    """Of some requests. `minutes` are [(working minutes until the first answer, how many)…]."""

    asked: int = 0
    counted: int = 0
    in_time: int = 0
    no_reply: int = 0
    waiting: int = 0
    over: int = 0
    minutes: list = field(default_factory=list)

    @property
    def median(self):
        return percentile(self.minutes, 0.5)

    @property
    def p90(self):
        return percentile(self.minutes, 0.9)

    @property
    def median_words(self):
        return hours_in_words(self.median)

    @property
    def p90_words(self):
        return hours_in_words(self.p90)

    @property
    def answered(self):
        return sum(n for _minutes, n in self.minutes)

    @property
    def late(self):
        return self.counted - self.in_time

    @property
    def percent(self):
        """Of what counts, in whole %; None of nothing."""
        return round(100 * self.in_time / self.counted) if self.counted else None


COUNTED = ("asked", "counted", "in_time", "no_reply", "waiting", "over")  # in the order of the class


def _counts(now):
    return {
        "asked": Count("pk"),
        "counted": Count("pk", filter=Q_ANSWERED | still_without(now)),
        "in_time": Count("pk", filter=Q_IN_TIME),
        "no_reply": Count("pk", filter=Q(closed_how="no_reply", first_answered_at=None)),
        "waiting": Count("pk", filter=Q(waiting_since__isnull=False)),
        "over": Count("pk", filter=Q(answer_due_at__lt=now)),
    }


def all_of(parts):
    """The figures of all of these parts together, without asking anything."""
    parts = list(parts)
    return Figures(
        **{name: sum(getattr(part, name) for part in parts) for name in COUNTED},
        minutes=[one for part in parts for one in part.minutes],
    )


def by(requests, key, *, now):
    """{value of this column: its figures}, in two queries."""
    rows = requests.order_by().values_list(key).annotate(**_counts(now))
    return _with_minutes(rows, requests.filter(Q_ANSWERED), key)


def slowest(requests, key, *, now, most):
    """The same for those with most late answers, these first; and whether there are others. In two queries."""
    counted = requests.order_by().values_list(key).annotate(**_counts(now))
    rows = counted.annotate(late=F("counted") - F("in_time")).order_by("-late", "-counted", key)[: most + 1]
    rows = [row[:-1] for row in rows]
    shown = rows[:most]
    answered = requests.filter(Q_ANSWERED, **{f"{key}__in": [row[0] for row in shown]})
    return _with_minutes(shown, answered, key), len(rows) > most


def _with_minutes(rows, answered, key):
    minutes = defaultdict(list)
    for value, took, n in answered.order_by().values_list(key, "answer_minutes").annotate(n=Count("pk")):
        minutes[value].append((took or 0, n))
    return {value: Figures(*numbers, minutes=minutes[value]) for value, *numbers in rows}


def by_month(requests, *, now, zone):
    """{first day of a month: the figures of what was asked in it}."""
    return {
        moment.date(): found
        for moment, found in by(requests.annotate(month=TruncMonth("asked_at", tzinfo=zone)), "month", now=now).items()
    }
