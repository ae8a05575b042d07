"""How a person, or a team, kept their word this quarter: the share, a mark for each promise, the counts behind them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Value
from django.utils import timezone

from accounts.prepared import prepared
from accounts.worktime import Calendar
from promises import charts
from promises.filters import outcome_q, start_of_quarter
from promises.models import Promise, Timing
from promises.models.facts import COLUMNS, outcomes_of
from promises.outcomes import ALL_SEVEN, Share

MARKS_SHOWN = 68  # four lines of the strip; the figures beside it count them all

draw_strip = charts.remembered(charts.strip)


@dataclass(frozen=True)
class Word:
    """A person's word this quarter: the share, one mark a promise, and the counts behind the key."""

    share: object
    strip: str
    kept: int
    moved: int
    failed: int
    since: datetime


def _came_due(promises, *, since, now):
    return promises.ours().filter(first_due_at__gte=since, first_due_at__lt=now)


def _counts(came_due, *, now):
    """One row: how many of these were kept, moved, missed, or withdrawn early."""
    withdrawn_early = Q(state=Promise.State.WITHDRAWN, withdrawn_timing=Timing.EARLY)
    return (
        came_due.order_by()
        .values(one=Value(1))
        .annotate(
            kept=Count("pk", filter=outcome_q("kept", now)),
            moved=Count("pk", filter=outcome_q("moved_early", now)),
            missed=Count("pk", filter=outcome_q("missed", now)),
            early=Count("pk", filter=withdrawn_early),
        )
    )


def _newest(came_due):
    """What decides the outcome of the newest; some of them are not decided yet and leave no mark."""
    return came_due.order_by("-first_due_at", "-pk").values_list(*COLUMNS)[: 2 * MARKS_SHOWN]


@prepared
def _own_counts(user, *, since, now):
    return _counts(_came_due(Promise.objects.visible_to(user).of(user), since=since, now=now), now=now)


@prepared
def _own_newest(user, *, since, now):
    return _newest(_came_due(Promise.objects.visible_to(user).of(user), since=since, now=now))


def word_of(user, *, promises=None, now, workspace):
    """What this quarter says: promises by their first date, that came due; this person's own, or these."""
    since = start_of_quarter(timezone.localdate(now))
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    if promises is not None:
        came_due = _came_due(promises, since=since, now=now)
        [counts], newest = _counts(came_due, now=now), _newest(came_due)
    else:
        [counts], newest = _own_counts(user, since=since, now=now), _own_newest(user, since=since, now=now)
    good = counts["kept"] + counts["moved"]
    share = Share(good, good + counts["missed"])
    outcomes = outcomes_of(newest, now=now, calendar=calendar, broken_after=workspace.broken_after_days)
    marks = [one for one in outcomes if one in ALL_SEVEN][:MARKS_SHOWN]
    moved = counts["moved"] + counts["early"]
    return Word(share, draw_strip(marks[::-1]), counts["kept"], moved, counts["missed"], since)
