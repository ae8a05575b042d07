"""Where we stand: what the firm's partnerships come to, each figure out of the database and none out of a loop."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Case, Count, IntegerField, Value, When, Window
from django.urls import reverse
from django.utils import timezone

from accounts.large import counted
from accounts.models import User
from accounts.quick import date_format
from clients.models import Client
from dashboard.overview_survey import SurveyPart
from partnerships.models import Concern
from promises import charts as promise_charts
from promises.filters import outcome_q, start_of_day
from promises.models import Promise
from promises.outcomes import Share
from surveys.gap_list import options
from surveys.models import Round

WEEKS = 12
LATE_SHOWN = 5


@dataclass(frozen=True)
class Week:
    """Our promises of one week by what became of them; by the day first promised, so that moving helps nobody."""

    start: object
    kept: int = 0
    moved: int = 0
    failed: int = 0

    @property
    def label(self):
        return date_format(self.start, "j M")

    @property
    def share(self):
        return Share(self.kept + self.moved, self.kept + self.moved + self.failed)


class Overview(SurveyPart):
    """The page, piece by piece; each piece is a query or two and is asked once."""

    def __init__(self, *, user, workspace, now, round_id="", owner_id=""):
        self.user, self.workspace, self.now = user, workspace, now
        self.owner = User.objects.filter(public_id=owner_id[:16]).first() if owner_id else None
        rounds = Round.objects.visible_to(user).exclude(state=Round.State.DRAFT).select_related("questionnaire")
        self.rounds = list(rounds.order_by("-year", "-pk")[:20])
        self.round = next((r for r in self.rounds if r.public_id == round_id), self.rounds[0] if self.rounds else None)

    @cached_property
    def owners(self):
        """{key: (public id, name)} of everybody who owns a client, by name."""
        ids = Client.objects.visible_to(self.user).order_by().values("owner")
        found = User.objects.filter(pk__in=ids).order_by("name", "pk").values_list("pk", "public_id", "name")
        rows = self._large("owners", lambda: list(found), size=len)
        return {pk: (public_id, name) for pk, public_id, name in rows}

    @cached_property
    def owner_options(self):
        return options(self.owners.values(), self.owner.public_id if self.owner else "")

    def _large(self, name, count, *, size):
        """Counts of the whole firm, which every manager sees, are kept for a minute where they are large."""
        if self.owner or not self.user.is_manager:
            return count()
        return counted(f"overview {name} {self.round.pk if self.round else 0}", count, size=size)

    def _mine(self, found, path="client__owner"):
        return found.filter(**{path: self.owner}) if self.owner else found

    # ---------------------------------------------------------------- promises

    @cached_property
    def ours(self):
        return self._mine(Promise.objects.visible_to(self.user).ours(), "owner")

    @cached_property
    def first_week(self):
        today = timezone.localdate(self.now)
        return today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))

    @cached_property
    def _weeks(self):
        """Our promises first due in this period and the one before, counted by week and outcome in one query."""
        starts = [self.first_week + timedelta(days=7 * i) for i in range(WEEKS)]
        since = start_of_day(self.first_week - timedelta(days=7 * WEEKS))
        week = Case(
            *[When(first_due_at__lt=start_of_day(start), then=Value(i - 1)) for i, start in enumerate(starts)],
            default=Value(WEEKS - 1),
            output_field=IntegerField(),
        )
        kind = Case(
            When(outcome_q("kept", self.now), then=Value(0)),
            When(outcome_q("moved_early", self.now), then=Value(1)),
            When(outcome_q("missed", self.now), then=Value(2)),
            default=Value(9),
            output_field=IntegerField(),
        )
        found = self.ours.filter(first_due_at__gte=since, first_due_at__lt=self.now).order_by()
        found = found.values(week=week, kind=kind).annotate(n=Count("pk")).values_list("week", "kind", "n")
        rows = self._large(f"weeks {since}", lambda: list(found), size=lambda rows: sum(n for *_kind, n in rows))
        counts = {(week, kind): n for week, kind, n in rows}
        weeks = [Week(start, *[counts.get((i, kind), 0) for kind in range(3)]) for i, start in enumerate(starts)]
        return weeks, Week(since, *[counts.get((-1, kind), 0) for kind in range(3)])

    @property
    def weeks(self):
        return self._weeks[0]

    @cached_property
    def word_kept(self):
        return sum((week.share for week in self.weeks), Share())

    @property
    def word_kept_before(self):
        return self._weeks[1].share

    @property
    def word_change(self):
        """Points up or down beside the twelve weeks before; None while either is too few."""
        now, before = self.word_kept.percent, self.word_kept_before.percent
        return None if now is None or before is None else now - before

    @property
    def word_change_size(self):
        return abs(self.word_change or 0)

    @cached_property
    def trend(self):
        rows = [(week.label, week.kept, week.moved, week.failed) for week in self.weeks]
        return (
            promise_charts.trend(rows, ident="trend-w"),
            promise_charts.trend(rows, width=326, height=200, ident="trend-n"),
        )

    @cached_property
    def late(self):
        """The first promises that are late, the oldest first, each with how many there are altogether."""
        found = self.ours.overdue(self.now).select_related("client", "owner").order_by("due_at", "pk")
        found = found.only("what", "public_id", "due_at", "client__name", "owner__name")
        return list(found.annotate(altogether=Window(Count("pk")))[:LATE_SHOWN])

    @property
    def late_count(self):
        return self.late[0].altogether if self.late else 0

    @property
    def late_shown(self):
        """[(promise, days late)…]"""
        today = timezone.localdate(self.now)
        return [(promise, (today - timezone.localdate(promise.due_at)).days) for promise in self.late]

    # ---------------------------------------------------------------- clearing the air

    @cached_property
    def _unresolved(self):
        """[(client, public id, when we talk)…], the oldest first; few in any firm, as each is a talk to be held."""
        found = self._mine(Concern.objects.visible_to(self.user).unresolved())
        return list(found.order_by("opened_at", "pk").values_list("client", "public_id", "talk_at"))

    @property
    def concerns(self):
        return {"open": len(self._unresolved), "no_date": sum(talk_at is None for *_rest, talk_at in self._unresolved)}

    # ---------------------------------------------------------------- where the figures lead

    @property
    def links(self):
        who = f"&owner={self.owner.public_id}" if self.owner else ""
        here = f"round={self.round.public_id}{who}" if self.round else ""
        promises = reverse("promises")
        return {
            "kept": f"{promises}?by=ours&state=all&due=weeks{who}",
            "late": f"{promises}?by=ours&due=late{who}",
            "response": self.round.get_absolute_url() if self.round else "",
            "wide": f"{reverse('gaps')}?{here}&level=wide",
            "silent": f"{reverse('gaps')}?{here}&level=silent",
            "first": f"{reverse('gaps')}?{here}&sort=first",
            "gaps": f"{reverse('gaps')}?{here}",
            "concerns": reverse("concerns"),
        }
