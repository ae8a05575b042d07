"""What any set of promises says about keeping one's word, counted by the database.

However many promises there are, a request reads none of them: it groups them by outcome (`judging.py`) and adds up the
groups. The definitions are those of `outcomes.py`; ours and theirs are never added together. Only slip is worked out
promise by promise, in the promisor's calendar, over the newest that were done after their first date.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.large import counted
from promises.judging import (
    calendar_at_client,
    calendars_of,
    conditions,
    due_q,
    long_overdue_q,
    outcome_case,
    outcome_q,
)
from promises.models import Promise
from promises.models.words import Timing
from promises.outcomes import ACCEPTED, ALL_SEVEN, WORD_DUE, Figures, Outcome, Share
from promises.periods import start_of_weeks

SIDES = ("ours", "theirs")
SLIPS_READ = 5000  # of a side, the newest; a page takes no longer however many there are
MOST_WEEKS = 53
MARKS_SHOWN = 102


@dataclass(frozen=True)
class Scope:
    """Whose promises, as this reader may see them. `team`: at clients this person owns, whoever promised."""

    user: object
    owner: object = None
    client: object = None
    team: object = None

    def promises(self):
        found = Promise.objects.visible_to(self.user)
        if self.owner:
            found = found.of(self.owner)
        if self.client:
            found = found.filter(client=self.client)
        if self.team:
            found = found.filter(client__owner=self.team)
        return found

    @property
    def key(self):
        """Under which counts are remembered: managers all see the same, anybody else their own."""
        who = "" if self.user.is_manager else self.user.pk
        parts = [who, *[one.pk if one else "" for one in (self.owner, self.client, self.team)]]
        return "/".join(str(part) for part in parts)


@dataclass(frozen=True)
class Word:
    """What the promises of one side say."""

    figures: Figures = field(default_factory=Figures)
    unsettled: int = 0  # first due in the period, and not to be counted yet: moved ahead, or waiting for an answer
    slips_of: int = 0  # done after their first date, whether read for slip or not
    newest: object = None  # the last first due among them
    open: int = 0
    late: int = 0

    @property
    def due(self):
        return sum(self.figures.by_first_due[outcome] for outcome in WORD_DUE)

    @property
    def settled(self):
        return sum(self.figures.by_first_due.values())

    @property
    def slips_read(self):
        return len(self.figures.slips)


class Counting:
    """The figures of a scope and a period at the moment `now`; each is one query, made when it is asked for."""

    def __init__(self, promises, *, period, now, key="", slips_read=SLIPS_READ):
        self.all, self.period, self.now, self.key, self.slips_read = promises, period, now, key, slips_read
        self.since, self.until = period.since, period.until(now)

    @cached_property
    def known(self):
        """Outcome → condition, having asked once whose overdue promises count as broken."""
        return conditions(self.now, long_overdue=long_overdue_q(self.now))

    @cached_property
    def case(self):
        return outcome_case(self.now, self.known)

    def within(self, on="first"):
        return due_q(on, since=self.since, until=self.until)

    @property
    def came_due(self):
        """Those first due in the period."""
        return self.all.filter(self.within()).order_by()

    def remembered(self, name, count, *, size):
        """What `count()` comes to; for a minute what it came to, where that is large."""
        if not self.key:
            return count()
        period = f"{self.period.first}-{self.period.last}-{timezone.localdate(self.now)}"
        zone = timezone.get_current_timezone_name()
        return counted(f"figures {name} {self.key} {period} {zone}", count, size=size)

    # ---------------------------------------------------------------- both sides

    @cached_property
    def words(self):
        """{"ours": Word, "theirs": Word}"""
        return self.remembered("words", self._words, size=lambda words: sum(word.settled for word in words.values()))

    def _words(self):
        cells = list(self._cells())
        load = {row["direction"]: row for row in self._load()}
        return {side: self._word([c for c in cells if c["direction"] == side], load.get(side), side) for side in SIDES}

    def _cells(self):
        """How many promises are alike in everything a figure asks: few rows, however many promises."""
        first, last = self.within("first"), self.within("last")
        found = self.all.filter(first | last).order_by().values(
            "direction", "unconfirmed", came_out=self.case, by_first=_is(first), by_last=_is(last),
            moved=_is(~Q(due_at=F("first_due_at"))), asked_early=_is(Q(first_asked=Timing.EARLY)),
        )  # fmt: skip
        return found.annotate(n=Count("pk"), newest=Max("first_due_at"))

    def _load(self):
        late = Q(state=Promise.State.ACTIVE, due_at__lt=self.now)
        return self.all.open().order_by().values("direction").annotate(open=Count("pk"), late=Count("pk", filter=late))

    def _word(self, cells, load, side):
        first = [cell for cell in cells if cell["by_first"]]
        after_first = sum(c["n"] for c in first if c["came_out"] in ACCEPTED[1:])
        slips = tuple(self._slips(side)) if after_first else ()
        return Word(
            figures=figures_of(cells, slips=slips),
            unsettled=sum(c["n"] for c in first if c["came_out"] == Outcome.NOT_DUE),
            slips_of=after_first,
            newest=max((cell["newest"] for cell in first), default=None),
            open=load["open"] if load else 0,
            late=load["late"] if load else 0,
        )

    def _slips(self, side):
        """Working days from the first date to when it was done, of the newest."""
        found = self.came_due.filter(outcome_q("after_first", self.now), direction=side)
        columns = ["first_due_at", "done_at", "promisor_user"]
        if side == "theirs":
            columns[2:] = ["promisor_contact__time_zone", "client__time_zone", "client__country"]
        rows = list(found.order_by("-first_due_at", "-pk").values_list(*columns)[: self.slips_read])
        calendars = calendars_of({row[2] for row in rows}) if side == "ours" else {}
        for first_due_at, done_at, *whose in rows:
            key = whose[0] if side == "ours" else tuple(whose)
            if key not in calendars:
                calendars[key] = calendar_at_client(*key)
            yield calendars[key].working_days(first_due_at, done_at)

    # ---------------------------------------------------------------- one after the other

    @cached_property
    def _weeks(self):
        """(side, Monday, outcome) → how many, for the last weeks of the period."""
        newest = [word.newest for word in self.words.values() if word.newest]
        if not newest:
            return {}
        since = start_of_weeks(timezone.localdate(max(newest)), MOST_WEEKS)
        found = self.came_due.filter(first_due_at__gte=since)
        found = found.values("direction", week=TruncWeek("first_due_at"), came_out=self.case).annotate(n=Count("pk"))
        rows = [(row["direction"], timezone.localdate(row["week"]), row["came_out"], row["n"]) for row in found]
        return {(side, week, outcome): n for side, week, outcome, n in rows}

    def weeks(self, side):
        """[(Monday, kept, moved early, late or broken)…] without gaps, from the first with a promise in it."""
        counts = self.remembered("weeks", lambda: self._weeks, size=lambda weeks: sum(weeks.values()))
        mine = {(week, outcome): n for (whose, week, outcome), n in counts.items() if whose == side}
        days = sorted({week for week, outcome in mine if outcome in WORD_DUE})
        shown = []
        while days and (not shown or shown[-1][0] < days[-1]):
            week = shown[-1][0] + timedelta(days=7) if shown else days[0]
            kept, moved, *missed = [mine.get((week, outcome), 0) for outcome in WORD_DUE]
            shown.append((week, kept, moved, sum(missed)))
        return shown

    def marks(self, side):
        """The outcomes of the newest promises that have one of the seven, the oldest first."""
        found = self.came_due.filter(outcome_q("all_seven", self.now), direction=side)
        found = found.annotate(came_out=self.case).order_by("-first_due_at", "-pk")
        newest = found.values_list("came_out", flat=True)[:MARKS_SHOWN]
        return [Outcome(outcome) for outcome in newest][::-1]


def _is(q):
    return ExpressionWrapper(q, output_field=BooleanField())


def figures_of(cells, *, slips=()):
    """The Figures of promises counted in `cells`, by the definitions of `outcomes.figures`.

    A cell has `n` promises alike in: came_out, by_first and by_last (is that date in the period?), moved, asked_early,
    unconfirmed.
    """
    by_first, by_last = Counter(), Counter()
    missed = warned = accepted = unconfirmed = 0
    for cell in cells:
        outcome, n = Outcome(cell["came_out"]), cell["n"]
        if outcome == Outcome.NOT_DUE:
            continue
        if cell["by_last"]:
            by_last[outcome] += n
        if not cell["by_first"]:
            continue
        by_first[outcome] += n
        if outcome in ALL_SEVEN and (outcome != Outcome.KEPT_AS_FIRST_PROMISED or cell["moved"]):
            missed += n
            warned += n if cell["asked_early"] or outcome == Outcome.WITHDRAWN_EARLY else 0
        if outcome in ACCEPTED:
            accepted += n
            unconfirmed += n if cell["unconfirmed"] else 0
    return Figures(
        by_first_due=by_first,
        by_last_due=by_last,
        early_warning=Share(warned, missed),
        unconfirmed=Share(unconfirmed, accepted),
        slips=tuple(sorted(slips)),
    )


def count(scope, *, period, now, **kwargs):
    return Counting(scope.promises(), period=period, now=now, key=f"scope {scope.key}", **kwargs)
