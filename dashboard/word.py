"""How a person, or a team, kept their word this quarter: the share, a mark for each promise, the counts behind them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Subquery, Value
from django.db.models.functions import JSONObject
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
    counts = JSONObject(
        kept=Count("pk", filter=outcome_q("kept", now)),
        moved=Count("pk", filter=outcome_q("moved_early", now)),
        missed=Count("pk", filter=outcome_q("missed", now)),
        early=Count("pk", filter=withdrawn_early),
    )
    return came_due.order_by().values(one=Value(1)).annotate(counts=counts).values("counts")


def _newest(promises, *, since, now):
    """What decides the outcome of the newest; some of them are not decided yet and leave no mark. With each stand the
    counts of all that came due, so that both are one query.
    """
    came_due = _came_due(promises, since=since, now=now)
    newest = came_due.annotate(counts=Subquery(_counts(came_due, now=now))).order_by("-first_due_at", "-pk")
    return newest.values_list(*COLUMNS, "counts")[: 2 * MARKS_SHOWN]


@prepared
def _own(user, *, since, now):
    return _newest(Promise.objects.visible_to(user).of(user), since=since, now=now)


@prepared
def _everybodys(user, *, since, now):
    return _newest(Promise.objects.writable_by(user), since=since, now=now)


def word_of(user, *, everybody=False, now, workspace):
    """What this quarter says: promises by their first date, that came due; this person's own, or all they may write."""
    since = start_of_quarter(timezone.localdate(now))
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    rows = (_everybodys if everybody else _own)(user, since=since, now=now)
    counts = rows[0][-1] if rows else dict.fromkeys(("kept", "moved", "missed", "early"), 0)
    good = counts["kept"] + counts["moved"]
    share = Share(good, good + counts["missed"])
    newest = [columns for *columns, _counts in rows]
    outcomes = outcomes_of(newest, now=now, calendar=calendar, broken_after=workspace.broken_after_days)
    marks = [one for one in outcomes if one in ALL_SEVEN][:MARKS_SHOWN]
    moved = counts["moved"] + counts["early"]
    return Word(share, draw_strip(marks[::-1]), counts["kept"], moved, counts["missed"], since)
