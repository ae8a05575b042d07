"""Where we stand: what the firm's partnerships come to, each figure out of the database and none out of a loop."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Case, Count, IntegerField, Q, Value, When, Window
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.large import counted
from accounts.models import User
from accounts.quick import date_format
from clients.listing import quiet
from clients.models import Client
from partnerships.models import Concern
from promises import charts as promise_charts
from promises.filters import outcome_q, start_of_day
from promises.models import Promise
from promises.outcomes import Share
from surveys.charts import Point, floor_of, quadrant
from surveys.gap import CUT, INDEX, THRESHOLD, Gap
from surveys.models import Invitation, Result, Round
from surveys.numbers import plain
from surveys.reading import Door, heading, options, short, tallies
from surveys.round_results import before_words, mean_rows, response_of

WEEKS = 12
CALL_FIRST = 6
MOST_POINTS = 75
LATE_SHOWN = 5
OWNERS_SHOWN = 12


@dataclass(frozen=True)
class Call:
    """One client in “Call first”."""

    result: Result
    concern: str  # public id of the newest that is not resolved
    belief: object  # owed by the reader: then why stays closed

    @property
    def client(self):
        return self.result.client

    @property
    def url(self):
        return f"{reverse('gap', args=[self.client.public_id])}?round={self.result.round.public_id}"

    @property
    def parts(self):
        return self.result.priority_parts


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


class Overview:
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

    # ---------------------------------------------------------------- the survey

    @cached_property
    def results(self):
        return self._mine(Result.objects.visible_to(self.user).filter(round=self.round))

    @cached_property
    def door(self):
        return Door(self.user, self.round)

    @cached_property
    def open_results(self):
        """Those the reader may read: a manager who still owes a belief does not see that client's answers."""
        shut = self.door.closed
        return self.results.exclude(shut) if shut else self.results

    @cached_property
    def counted(self):
        return self._large("tallies", lambda: tallies(self.results), size=lambda found: found["clients"])

    @cached_property
    def heading(self):
        return heading(self.counted)

    @property
    def has_answers(self):
        return bool(self.counted["answered"])

    @property
    def is_closed(self):
        return self.round.state == Round.State.CLOSED

    @property
    def answers_from(self):
        return self.round.launched_at or self.round.opens_at

    @cached_property
    def response(self):
        """By client."""
        invitations = self._mine(Invitation.objects.visible_to(self.user).filter(round=self.round))
        return self._large("response", lambda: response_of(invitations)[1], size=lambda found: found.asked)

    @cached_property
    def last_round(self):
        """The closed round before, out of those already read."""
        before = [one for one in self.rounds if one.state == Round.State.CLOSED and one.year < self.round.year]
        return before[0] if before else None

    # ---------------------------------------------------------------- call first

    @cached_property
    def calls(self):
        some = self.results.filter(Q(priority_tier__lt=3) | Q(priority__gt=0)).order_by(
            "priority_tier", "-priority", "pk"
        )
        some = list(some.select_related("client__owner", "round")[:CALL_FIRST])
        concerns = {client_id: public_id for client_id, public_id, _talk_at in self._unresolved}
        return [
            Call(result, concerns.get(result.client_id, ""), self.door.belief_owed(result.client_id)) for result in some
        ]

    @cached_property
    def silent(self):
        """(have not answered, of those also gone quiet)."""
        number = self.counted["silent"]
        if not number:
            return 0, 0
        silent = Client.objects.filter(pk__in=self.results.silent().order_by().values("client"))
        gone_quiet = quiet(silent, workspace=self.workspace, now=self.now).count
        return number, self._large("silent", gone_quiet, size=lambda _found: number)

    # ---------------------------------------------------------------- the scatter

    @cached_property
    def band(self):
        return (self.round.thresholds or {}).get(INDEX, THRESHOLD)

    @cached_property
    def points(self):
        """The clients of the scatter: all of them, or those with the widest gaps."""
        known = self.open_results.select_related("client").only(
            "they_say", "we_believe", "gap", "se", "confirmed", "answered", "client__name", "client__public_id"
        )
        if self.has_answers:
            lower = list(known.compared().order_by("-gap", "pk")[:MOST_POINTS])
            if len(lower) == MOST_POINTS:
                higher = list(known.compared().order_by("gap", "pk")[: MOST_POINTS // 4])
                seen = {result.pk for result in higher}
                kept = [result for result in lower if result.pk not in seen]
                lower = kept[: MOST_POINTS - len(higher)] + higher[::-1]
            return lower
        return list(known.filter(we_believe__isnull=False).order_by("we_believe", "pk")[:MOST_POINTS])

    @property
    def is_partial(self):
        return self.has_answers and len(self.points) < self.counted["compared"] - len(self.door.owed)

    @cached_property
    def drawn(self):
        tail = f"?round={self.round.public_id}"
        return [
            Point(
                name=result.client.name,
                us=result.we_believe,
                them=result.they_say,
                url=reverse("gap", args=[result.client.public_id]) + tail,
                confirmed=result.confirmed,
                ring=result.gap is not None and result.se is not None and abs(result.they_say - CUT) <= result.se,
            )
            for result in self.points
        ]

    @property
    def lower_count(self):
        return self.counted["lower"] + self.counted["maybe_lower"]

    @cached_property
    def table(self):
        """The same as the drawing, in numbers."""
        return [
            {
                "name": point.name,
                "url": point.url,
                "we": "–" if point.us is None else plain(point.us),
                "they": "–" if point.them is None else plain(point.them),
                "words": short(Gap(point.them, point.us, result.gap, threshold=self.band, **self._ends(result))),
            }
            for point, result in zip(self.drawn, self.points, strict=True)
        ]

    @staticmethod
    def _ends(result):
        """Only whether the interval leaves 0 out is known here, and only that matters for the words."""
        if result.gap is None:
            return {}
        reach = abs(result.gap) / 2 if result.confirmed else abs(result.gap) + 1
        return {"low": result.gap - reach, "high": result.gap + reach}

    @property
    def has_marks(self):
        """Whether any point outside the band is hollow or ringed, so that the legend says what that means."""
        both = [point for point in self.drawn if point.us is not None and point.them is not None]
        apart = [point for point in both if abs(point.us - point.them) >= self.band]
        return any(point.ring or not point.confirmed for point in apart)

    @cached_property
    def low(self):
        """Where both axes begin; the page says so."""
        return floor_of([value for point in self.drawn for value in (point.us, point.them)])

    @cached_property
    def scatter(self):
        """(wide, narrow)."""
        return (
            quadrant(self.drawn, height=440, band=self.band, ident="quad-w", low=self.low),
            quadrant(self.drawn, width=326, height=330, max_labels=5, band=self.band, ident="quad-n", low=self.low),
        )

    # ---------------------------------------------------------------- dimension by dimension

    @cached_property
    def dimensions(self):
        """Means over all clients, never over one owner's few."""
        return [row for row in mean_rows(self.round, self.last_round) if row.name not in ("overall", "recommend")]

    @property
    def before_words(self):
        return before_words(self.dimensions, self.last_round)

    @cached_property
    def widest(self):
        """“Keeps promises is the widest gap, and was last year.”"""
        if not self.dimensions or not self.dimensions[0].is_low:
            return ""
        first = self.dimensions[0]
        before = mean_rows(self.last_round) if self.last_round else []
        before = [row for row in before if row.name not in ("overall", "recommend")]
        if before and before[0].name == first.name:
            return _("%(name)s is the widest gap, and was in the round before.") % {"name": first.label}
        return _("%(name)s is the widest gap.") % {"name": first.label}

    # ---------------------------------------------------------------- who has answered

    @cached_property
    def rates(self):
        """[(owner's key, answered, asked)…], the lowest share first."""
        return self._large("rates", self._rates, size=lambda rates: sum(asked for *_rest, asked in rates))

    def _rates(self):
        rows = self.results.order_by().values_list("client__owner")
        rows = rows.annotate(asked=Count("pk"), heard=Count("pk", filter=Q(answered__gt=0)))
        rows = [(owner, heard, asked) for owner, asked, heard in rows if owner in self.owners]
        return sorted(rows, key=lambda row: (row[1] / row[2], -row[2], self.owners[row[0]][1]))

    @property
    def rates_shown(self):
        shown = []
        for owner, heard, asked in self.rates[:OWNERS_SHOWN]:
            public_id, name = self.owners[owner]
            svg = promise_charts.bar(heard, asked, kind="us")
            shown.append({"name": name, "id": public_id, "heard": heard, "asked": asked, "svg": svg})
        return shown

    @property
    def rates_more(self):
        return max(0, len(self.rates) - OWNERS_SHOWN)

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
