"""My day: what needs a person today, read from every room, in one sentence and a few lists."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Count, F, Q, Value
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.prepared import prepared
from accounts.worktime import Calendar
from clients import listing, standing
from clients.models import Client
from promises import charts
from promises.filters import outcome_q, start_of_day, start_of_quarter
from promises.models import Promise, Timing
from promises.models.facts import COLUMNS, outcomes_of
from promises.outcomes import ALL_SEVEN, Share
from promises.rows import whole_rows, with_everybody
from promises.wording import Row

MINE, TEAM = "mine", "team"
WEEK_SHOWN = 7
LATE_SHOWN = 30
QUIET_SHOWN = 4
LOOKED_AT = 100  # clients of one owner; of more, the database looks for those gone quiet
LONGEST_SILENT = (F("last_two_way_at").asc(nulls_first=True), "pk")
SHOWN_OF_SILENT = {
    "id", "name", "public_id", "phone", "stage", "rhythm_days", "last_interaction_at", "last_two_way_at", "created_at",
    "archived_at",
}  # fmt: skip
OF_THE_SILENT = [field.name for field in Client._meta.concrete_fields if field.name in SHOWN_OF_SILENT]
MARKS_SHOWN = 68  # four lines of the strip; the figures beside it count them all

draw_strip = charts.remembered(charts.strip)

_cards = []


def register_card(card, *, order=50):
    """Let a room add to the column beside the day: `card(user, now) -> (template, context)` or None for nothing."""
    if (order, card) not in _cards:
        _cards.append((order, card))


@dataclass
class Card:
    template: str
    context: dict


@dataclass
class Day:
    """Everything one page of My day shows."""

    user: User
    who: str
    now: datetime
    late: list = field(default_factory=list)
    today: list = field(default_factory=list)
    week: list = field(default_factory=list)
    late_count: int = 0
    week_count: int = 0
    delivered_count: int = 0
    quiet: list = field(default_factory=list)
    word: object = None
    cards: list = field(default_factory=list)
    longest_silent: Client | None = None
    is_first: bool = False

    @property
    def is_team(self):
        return self.who == TEAM

    @property
    def greeting(self):
        hour = timezone.localtime(self.now).hour
        name = self.user.first_name
        if hour < 12:
            return _("Good morning, %(name)s") % {"name": name}
        if hour < 18:
            return _("Good afternoon, %(name)s") % {"name": name}
        return _("Good evening, %(name)s") % {"name": name}

    @property
    def sentence(self):
        """The day in one sentence; what there is none of is not in it."""
        parts = []
        if self.late_count:
            words = ngettext("%s promise is late", "%s promises are late", self.late_count) % apnumber(self.late_count)
            parts.append(words)
        if self.today:
            count = len(self.today)
            parts.append(ngettext("%s falls due today", "%s fall due today", count) % apnumber(count))
        if self.delivered_count:
            count = self.delivered_count
            parts.append(
                ngettext("%s delivered waits for their word", "%s delivered wait for their word", count)
                % apnumber(count)
            )
        if not parts:
            return ""
        parts[0] = format_html("<b>{}</b>", capfirst(words)) if self.late_count else capfirst(parts[0])
        *most, last = parts
        if not most:
            return format_html("{}.", last)
        return format_html(_("{} and {}."), format_html_join(", ", "{}", ((part,) for part in most)), last)


@dataclass(frozen=True)
class Word:
    """A person's word this quarter: the share, one mark a promise, and the counts behind the key."""

    share: object
    strip: str
    kept: int
    moved: int
    failed: int
    since: datetime


def build(user, *, now, who=MINE, workspace, delivered=None):
    """The day of this person, or of everybody for a manager who asks for the team's.

    `delivered`: how many of their own are delivered, where that has been counted already.
    """
    day = Day(user=user, who=who if user.is_manager else MINE, now=now)
    _sort_in(day)
    if day.is_team or delivered is None:
        delivered = _promises(user, day.is_team).delivered().count()
    day.delivered_count = delivered
    day.word = word_of(user, team=day.is_team, now=now, workspace=workspace)
    _add_quiet(day, workspace)
    day.is_first = not (day.late or day.today or day.week or day.quiet or day.word.share.whole) and _has_no_clients(day)
    for _order, card in sorted(_cards, key=lambda each: each[0]):
        if shown := card(user, now):
            day.cards.append(Card(*shown))
    return day


def _promises(user, team):
    return Promise.objects.visible_to(user) if team else Promise.objects.visible_to(user).of(user)


def _due(promises, *, now, end):
    return promises.active().filter(due_at__lt=end).not_snoozed(now).order_by("due_at", "pk")[:300]


@prepared
def _own_due(user, *, now, end):
    return whole_rows(_due(_promises(user, team=False), now=now, end=end))


def _sort_in(day):
    """Late, today, the next seven days: one query, cut by the reader's own day."""
    now = day.now
    midnight = start_of_day(timezone.localdate(now) + timedelta(days=1))
    end = midnight + timedelta(days=7)
    if day.is_team:
        open_ones = list(_due(_promises(day.user, team=True), now=now, end=end))
    else:
        open_ones = _own_due(day.user, now=now, end=end)
        for promise in open_ones:
            promise.owner = day.user
    rows = [Row(promise, now=now, user=day.user, can_write=True) for promise in open_ones]
    late = [row for row in rows if row.late]
    ahead = [row for row in rows if not row.late]
    # A promise due at the end of a day elsewhere is due on that day here too.
    today = timezone.localdate(now)
    due_today = [row.promise.due_at < midnight or row.promise.due_date <= today for row in ahead]
    day.today = [row for row, now_due in zip(ahead, due_today, strict=True) if now_due]
    day.today.sort(key=lambda row: (row.promise.due_at, not row.promise.is_ours))
    week = [row for row, now_due in zip(ahead, due_today, strict=True) if not now_due]
    day.late, day.late_count = late[:LATE_SHOWN], len(late)
    day.week, day.week_count = week[:WEEK_SHOWN], len(week)
    if day.is_team:
        with_everybody([row.promise for row in (*day.late, *day.today, *day.week)], known=[day.user])


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
    return _counts(_came_due(_promises(user, team=False), since=since, now=now), now=now)


@prepared
def _own_newest(user, *, since, now):
    return _newest(_came_due(_promises(user, team=False), since=since, now=now))


def word_of(user, *, team, now, workspace):
    """What this quarter says: promises by their first date, that came due."""
    since = start_of_quarter(timezone.localdate(now))
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    if team:
        came_due = _came_due(_promises(user, team=True), since=since, now=now)
        [counts], newest = _counts(came_due, now=now), _newest(came_due)
    else:
        [counts], newest = _own_counts(user, since=since, now=now), _own_newest(user, since=since, now=now)
    good = counts["kept"] + counts["moved"]
    share = Share(good, good + counts["missed"])
    outcomes = outcomes_of(newest, now=now, calendar=calendar, broken_after=workspace.broken_after_days)
    marks = [one for one in outcomes if one in ALL_SEVEN][:MARKS_SHOWN]
    moved = counts["moved"] + counts["early"]
    return Word(share, draw_strip(marks[::-1]), counts["kept"], moved, counts["missed"], since)


@prepared
def _own_longest_silent(user):
    watched = (
        Client.objects.visible_to(user)
        .current()
        .filter(owner=user, stage__in=[Client.Stage.ACTIVE, Client.Stage.ONBOARDING])
    )
    return watched.order_by(*LONGEST_SILENT).values_list(*OF_THE_SILENT)[:LOOKED_AT]


def _those_quiet(rows, *, workspace, now):
    """The first clients past their rhythm; a record is made only of one that was silent longer than any rhythm asks."""
    last, added, rhythm = (OF_THE_SILENT.index(name) for name in ("last_two_way_at", "created_at", "rhythm_days"))
    least = timedelta(days=min((row[rhythm] or workspace.rhythm_days for row in rows), default=0))
    silent = (Client.from_db(None, OF_THE_SILENT, row) for row in rows if now - (row[last] or row[added]) > least)
    return list(islice((one for one in silent if standing.is_quiet(one, workspace=workspace, now=now)), QUIET_SHOWN))


def _add_quiet(day, workspace):
    """Clients past their rhythm, longest silent first."""
    clients = Client.objects.visible_to(day.user).current()
    if not day.is_team:
        clients = clients.filter(owner=day.user)
    silent = [] if day.is_team else _own_longest_silent(day.user)
    past = _those_quiet(silent, workspace=workspace, now=day.now)
    if day.is_team or (len(past) < QUIET_SHOWN and len(silent) == LOOKED_AT):
        past = listing.quiet(clients, workspace=workspace, now=day.now).order_by(*LONGEST_SILENT)[:QUIET_SHOWN]
    past = list(past)
    wrote = standing.unanswered_of(past)
    day.quiet = [
        {
            "client": client,
            "days": standing.days_quiet(client, now=day.now),
            "rhythm": client.rhythm(workspace),
            "unanswered": wrote.get(client.pk),
        }
        for client in past
    ]
    if not (day.late or day.today or day.quiet):
        day.longest_silent = clients.exclude(last_two_way_at=None).order_by("last_two_way_at").first()


def _has_no_clients(day):
    return not Client.objects.visible_to(day.user).filter(owner=day.user).exists()
