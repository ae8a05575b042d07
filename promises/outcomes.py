"""How a promise came out, and what many of them say about keeping one's word. Pure: no database.

Each promise has exactly one outcome at any moment. The words of the rules:

D₀      the due both sides agreed to first. An offer has none yet; nothing ever moves it.
D_f     the due agreed to last: what "in time" is measured by.
missed  a due that passed unkept and was moved to a later one only afterwards. The promise goes on counting by that
        missed due, as open and overdue until it ends, and can no longer be left early or let go for nothing.
done    the moment of the delivery that was later accepted.

Figures are taken at a moment, usually now, of a period that ends there or before. Word kept, early warning, slip and
the shares count a promise in the period of its D₀; kept as first promised in the period of its D_f, or of the due it
missed. A promise whose day is still ahead is not counted yet, however it ended.

So a later date can never improve a figure. "Kept as first promised" is not raised by any renegotiation, release or
reopening at the moment it is done, in any period that has ended: what they change either lies ahead of that moment, and
is not counted, or stays in the denominator. A release after the due counts as broken, a due moved after it passed
stays missed, and what is delivered after a reopening was done after it. Only undoing one's own act within a day
restores what was before it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from statistics import median, quantiles

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MIN_DUE = 5  # below, counts are shown but nothing is scored
BROKEN_AFTER = 10  # working days past the due
MOST_RELEASED = 0.15
Z = 1.96  # two-sided 95%


class Outcome(TextChoices):
    KEPT_AS_FIRST_PROMISED = "kept_as_first_promised", gettext_lazy("kept as first promised")
    KEPT_RENEGOTIATED_EARLY = "kept_renegotiated_early", gettext_lazy("kept, renegotiated early")
    KEPT_RENEGOTIATED_LATE = "kept_renegotiated_late", gettext_lazy("kept, renegotiated late")
    LATE = "late", gettext_lazy("late")
    BROKEN = "broken", gettext_lazy("broken")
    OPEN_OVERDUE = "open_overdue", gettext_lazy("open and overdue")
    WITHDRAWN_EARLY = "withdrawn_early", gettext_lazy("withdrawn early")
    RELEASED = "released", gettext_lazy("released")
    DECLINED = "declined", gettext_lazy("declined")
    NOT_DUE = "not_due", gettext_lazy("not yet due")


WORD_KEPT = (Outcome.KEPT_AS_FIRST_PROMISED, Outcome.KEPT_RENEGOTIATED_EARLY)
WORD_DUE = (*WORD_KEPT, Outcome.KEPT_RENEGOTIATED_LATE, Outcome.LATE, Outcome.BROKEN, Outcome.OPEN_OVERDUE)
ALL_SEVEN = (*WORD_DUE, Outcome.WITHDRAWN_EARLY)
ACCEPTED = (*WORD_KEPT, Outcome.KEPT_RENEGOTIATED_LATE, Outcome.LATE)


@dataclass(frozen=True)
class Facts:
    """What decides the outcome of one promise.

    state            a value of Promise.State
    first_due_at     D₀          due_at  D_f
    done_at          when it was done by the delivery last claimed; needed for delivered and kept
    all_moves_early  every accepted renegotiation was asked for early (True when there was none)
    withdrawn_early  it was withdrawn with early notice, having missed no due, and the promisee was told
    released_late    it was released when a due had passed
    missed_at        the due it missed before that was moved, None when there was none
    """

    state: str
    first_due_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    all_moves_early: bool = True
    withdrawn_early: bool = False
    released_late: bool = False
    missed_at: datetime | None = None


def outcome_of(facts, *, now, working_days_overdue, broken_after=BROKEN_AFTER):
    """The one outcome of a promise at the moment `now`.

    `working_days_overdue` counts from D_f to `now` and only matters for an active promise. A promise that is
    proposed, active and not past its due, or delivered in time and waiting for the other side's word is NOT_DUE: not
    counted yet, unless it missed a due before: then it is overdue until it ends. Delivered after the due it counts as
    late at once, for no answer can improve that. The first rule that holds wins: done by D₀ is kept as first promised,
    also where both sides had later agreed on an earlier due.
    ValueError for a promise delivered or kept without saying when.
    """
    still_to_come = Outcome.OPEN_OVERDUE if facts.missed_at else Outcome.NOT_DUE
    match str(facts.state):
        case "declined" | "broken" as same:
            return Outcome(same)
        case "released":
            return Outcome.BROKEN if facts.released_late else Outcome.RELEASED
        case "withdrawn":
            return Outcome.WITHDRAWN_EARLY if facts.withdrawn_early else Outcome.BROKEN
        case "kept":
            return _kept(facts)
        case "delivered":
            return Outcome.LATE if _kept(facts) == Outcome.LATE else still_to_come
        case "active" if now > facts.due_at:
            return Outcome.BROKEN if working_days_overdue > broken_after else Outcome.OPEN_OVERDUE
        case "active":
            return still_to_come
        case "proposed":
            return Outcome.NOT_DUE
    raise ValueError(f"Not a state of a promise: {facts.state!r}")


def _kept(facts):
    if facts.done_at is None:
        raise ValueError("A promise that was delivered must say when it was done.")
    if facts.done_at <= facts.first_due_at:
        return Outcome.KEPT_AS_FIRST_PROMISED
    if facts.done_at > facts.due_at:
        return Outcome.LATE
    return Outcome.KEPT_RENEGOTIATED_EARLY if facts.all_moves_early else Outcome.KEPT_RENEGOTIATED_LATE


@dataclass(frozen=True)
class Judged:
    """One promise as the figures need it.

    first_request_early  whether the first request to move it was early; None when nobody asked
    slip                 working days from D₀ to done (Calendar.working_days), None when not done
    unconfirmed          kept because nobody said otherwise
    missed_at            the due it missed before that was moved
    """

    outcome: Outcome
    first_due_at: datetime
    due_at: datetime
    first_request_early: bool | None = None
    slip: int | None = None
    unconfirmed: bool = False
    missed_at: datetime | None = None

    @property
    def counted_at(self):
        """Where it stands among last dues: D_f, or the due it missed."""
        return self.missed_at or self.due_at

    @property
    def missed_or_moved(self):
        return self.outcome in ALL_SEVEN and (
            self.outcome != Outcome.KEPT_AS_FIRST_PROMISED or self.due_at != self.first_due_at
        )

    @property
    def warned_early(self):
        return self.first_request_early or self.outcome == Outcome.WITHDRAWN_EARLY


@dataclass(frozen=True)
class Share:
    """So many of so many, each promise once. `rate` (0–1) is None below MIN_DUE: few are shown as few."""

    part: int = 0
    whole: int = 0

    def __add__(self, other):
        return Share(self.part + other.part, self.whole + other.whole)

    @property
    def rate(self):
        return self.part / self.whole if self.whole >= MIN_DUE else None

    @property
    def percent(self):
        return None if self.rate is None else round(100 * self.rate)

    @property
    def lower(self):
        """Wilson's lower bound (0–1), None below MIN_DUE."""
        return wilson_lower(self.part, self.whole) if self.whole >= MIN_DUE else None

    def __str__(self):
        counts = _("%(part)d of %(whole)d") % {"part": self.part, "whole": self.whole}
        if not self.whole:
            return _("none due")
        if self.rate is None:
            return _("%(counts)s, too few to score") % {"counts": counts}
        return _("%(percent)d%%, %(counts)s") % {"percent": self.percent, "counts": counts}


@dataclass(frozen=True)
class Figures:
    """What a set of promises says; figures of parts add up to those of the whole with `+`.

    Ours and theirs are never put into the same Figures.
    """

    by_first_due: Counter = field(default_factory=Counter)  # outcome → promises with D₀ in the period
    by_last_due: Counter = field(default_factory=Counter)  # outcome → promises with D_f (or the missed due) in it
    early_warning: Share = Share()  # first request early, of those that missed or moved D₀
    unconfirmed: Share = Share()  # kept in silence, of those accepted
    slips: tuple = ()  # working days from D₀ to done, of those accepted after D₀

    def __add__(self, other):
        return Figures(
            by_first_due=self.by_first_due + other.by_first_due,
            by_last_due=self.by_last_due + other.by_last_due,
            early_warning=self.early_warning + other.early_warning,
            unconfirmed=self.unconfirmed + other.unconfirmed,
            slips=tuple(sorted(self.slips + other.slips)),
        )

    @property
    def word_kept(self):
        return _share(self.by_first_due, WORD_KEPT, WORD_DUE)

    @property
    def kept_as_first_promised(self):
        return _share(self.by_last_due, (Outcome.KEPT_AS_FIRST_PROMISED,), ALL_SEVEN)

    @property
    def reliability(self):
        """The Wilson 95% lower bound of word kept (0–1), None below MIN_DUE."""
        return self.word_kept.lower

    @property
    def released(self):
        """Released, of all agreed promises that came due or ended; outside every other figure."""
        return _share(self.by_first_due, (Outcome.RELEASED,), (*ALL_SEVEN, Outcome.RELEASED))

    @property
    def too_many_released(self):
        return self.released.rate is not None and self.released.rate > MOST_RELEASED

    @property
    def slip_median(self):
        return median(self.slips) if self.slips else None

    @property
    def slip_p90(self):
        """The 90th percentile, interpolated between neighbours."""
        if len(self.slips) < 2:
            return self.slip_median
        return quantiles(self.slips, n=10, method="inclusive")[-1]


def figures(judged, *, until, since=None):
    """The Figures of the promises that came due from `since` (None: ever) up to, not including, `until` (usually now).

    Word kept, early warning, released, unconfirmed and slip count a promise by D₀, kept as first promised by D_f. A
    promise kept before its day counts on its day: otherwise early successes would be in the figure before the
    failures of the same week can be.
    """
    by_first, by_last, rows = Counter(), Counter(), []
    for one in judged:
        if one.outcome == Outcome.NOT_DUE:
            continue
        if _within(one.first_due_at, since, until):
            by_first[one.outcome] += 1
            rows.append(one)
        if _within(one.counted_at, since, until):
            by_last[one.outcome] += 1
    missed = [one for one in rows if one.missed_or_moved]
    accepted = [one for one in rows if one.outcome in ACCEPTED]
    return Figures(
        by_first_due=by_first,
        by_last_due=by_last,
        early_warning=Share(sum(bool(one.warned_early) for one in missed), len(missed)),
        unconfirmed=Share(sum(one.unconfirmed for one in accepted), len(accepted)),
        slips=tuple(
            sorted(
                one.slip for one in accepted if one.slip is not None and one.outcome != Outcome.KEPT_AS_FIRST_PROMISED
            )
        ),
    )


def wilson_lower(kept, due):
    """The lower end of Wilson's 95% interval for `kept` of `due`, 0–1; 0 when nothing was due (Wilson 1927)."""
    if not due:
        return 0.0
    p, zz = kept / due, Z * Z
    return max(0.0, (p + zz / (2 * due) - Z * sqrt(p * (1 - p) / due + zz / (4 * due * due))) / (1 + zz / due))


def _within(moment, since, until):
    return (since is None or since <= moment) and moment < until


def _share(counts, part, whole):
    return Share(sum(counts[outcome] for outcome in part), sum(counts[outcome] for outcome in whole))
