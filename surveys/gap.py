"""The gap between what we believed a client would say and what they said. Pure: no database.

All scores are points on 0–10. For one dimension of one client:

    C      what they say: the mean of the contacts' scores, weighted (weights are fixed before sending)
    F      what we believe: the mean of the sealed beliefs
    G      F − C: positive means that we think better than they do
    n_eff  (Σw)² / Σw², the number of equally weighted contacts that would know as much (Kish 1965)
    SE²    (s²/n_eff)·(1 − n/N) + e²/n_eff, of n answers among N contacts who were invited and could be reached:
           the first part is for who has not been heard (none when all were), the second for how firmly one person
           holds an answer
    CI     G ± 1.96·SE
    T      the threshold: |G| < T aligned, < 2T notable, else serious; confirmed when the CI excludes 0

Nothing is ever imputed: what nobody said is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import fmean, stdev

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.numbers import plain, signed

SPREAD = 1.5  # s, while too few clients have several contacts to measure it
SPREAD_NEEDS = 20  # degrees of freedom
NOISE = 0.8  # e
THRESHOLD, LEAST_THRESHOLD, MOST_THRESHOLD, THRESHOLD_NEEDS = 1.0, 1.0, 2.0, 10
DISAGREE = 4
INDEX_NEEDS = 0.6  # of the dimensions
CUT = 7
Z = 1.96
INDEX = "index"  # the name of the client level beside the dimensions
OUTSIDE_INDEX = ("overall", "recommend")


class Level(TextChoices):
    ALIGNED = "aligned", gettext_lazy("aligned")
    NOTABLE = "notable", gettext_lazy("notable")
    SERIOUS = "serious", gettext_lazy("serious")


class Quadrant(TextChoices):
    BLIND_SPOT = "blind_spot", gettext_lazy("blind spot")  # we high, they low
    KNOWN_PROBLEM = "known_problem", gettext_lazy("known problem")  # both low
    CONFIRMED_STRONG = "confirmed_strong", gettext_lazy("confirmed strong")  # both high
    HIDDEN_STRENGTH = "hidden_strength", gettext_lazy("hidden strength")  # we low, they high


@dataclass(frozen=True)
class Item:
    """One 0–10 question. In a reversed one 10 is bad. Anything with these three attributes will do in its place.

    A question without a dimension is left out of every score.
    """

    key: str
    dimension: str
    reverse: bool = False


@dataclass(frozen=True)
class Person:
    """What one contact answered: question key → 0…10, None for “can't say”."""

    answers: Mapping
    weight: float = 1.0
    part: str = ""  # what they decide at the client; plays no part in a gap


# -------------------------------------------------------------------- one person


def scores_of(answers, items):
    """One person's score per dimension, {dimension: 0–10}; only dimensions of which at least half was answered."""
    asked = {}
    for item in items:
        if not item.dimension:
            continue
        value = answers.get(item.key)
        asked.setdefault(item.dimension, []).append(None if value is None else 10 - value if item.reverse else value)
    given = {dimension: [value for value in values if value is not None] for dimension, values in asked.items()}
    return {d: fmean(values) for d, values in given.items() if values and 2 * len(values) >= len(asked[d])}


def index_of(scores, items):
    """One person's index: the mean of their dimension scores, None below 60% of the dimensions in the index."""
    dimensions = dimensions_in(items)
    known = [scores[d] for d in dimensions if d in scores]
    return fmean(known) if known and len(known) >= INDEX_NEEDS * len(dimensions) else None


def dimensions_in(items):
    """The dimensions that make the index, in the order in which they are asked."""
    return list(dict.fromkeys(item.dimension for item in items if item.dimension not in ("", *OUTSIDE_INDEX)))


def with_index(answers, items):
    """`scores_of`, and the index under INDEX where there is one."""
    scores = scores_of(answers, items)
    index = index_of(scores, items)
    return scores if index is None else {**scores, INDEX: index}


# -------------------------------------------------------------------- a whole round


def pooled_spread(groups):
    """s: the pooled SD of contacts within their clients, from lists of scores, one a client; 1.5 below 20 df."""
    groups = [group for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in groups)
    if freedom < SPREAD_NEEDS:
        return SPREAD
    means = [fmean(group) for group in groups]
    squares = sum((x - mean) ** 2 for group, mean in zip(groups, means, strict=True) for x in group)
    return sqrt(squares / freedom)


def spreads_of(clients, items):
    """{dimension or INDEX: s} of a round, from one list of Person a client; a dimension not in it has SPREAD."""
    groups = {}
    for people in clients:
        own = {}
        for person in people:
            for dimension, score in with_index(person.answers, items).items():
                own.setdefault(dimension, []).append(score)
        for dimension, scores in own.items():
            groups.setdefault(dimension, []).append(scores)
    return {dimension: pooled_spread(lists) for dimension, lists in groups.items()}


def threshold(last_scores):
    """T: half the SD of the clients' scores in the last closed round, within 1…2; 1.0 with fewer than ten clients."""
    known = [score for score in last_scores if score is not None]
    if len(known) < THRESHOLD_NEEDS:
        return THRESHOLD
    return min(MOST_THRESHOLD, max(LEAST_THRESHOLD, stdev(known) / 2))


# -------------------------------------------------------------------- one gap


@dataclass(frozen=True)
class Gap:
    """One client's gap in one dimension or in the index; every number that is not known is None.

    they_say C, we_believe F, gap G, se SE, low and high the 95% interval, answered n, invited N, n_eff.
    """

    they_say: float | None = None
    we_believe: float | None = None
    gap: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    n_eff: float | None = None
    answered: int = 0
    invited: int = 0
    threshold: float = THRESHOLD
    disagree: bool = False  # contacts four or more apart

    @property
    def level(self):
        if self.gap is None:
            return ""
        size = abs(self.gap)
        return Level.ALIGNED if size < self.threshold else Level.NOTABLE if size < 2 * self.threshold else Level.SERIOUS

    @property
    def confirmed(self):
        """The interval excludes 0; otherwise the gap is indicative: words say “may”, charts hatch it."""
        return self.gap is not None and (self.low > 0 or self.high < 0)

    @property
    def one_voice(self):
        return self.answered == 1

    @property
    def unverified(self):
        """We believe something, nobody answered."""
        return self.they_say is None and self.we_believe is not None

    @property
    def no_opinion(self):
        """They answered, we had recorded no opinion."""
        return self.they_say is not None and self.we_believe is None

    def quadrant(self, *, cut=CUT):
        """Where belief and answer stand around the cut; "" unless both are known."""
        if self.gap is None:
            return ""
        if self.we_believe >= cut:
            return Quadrant.CONFIRMED_STRONG if self.they_say >= cut else Quadrant.BLIND_SPOT
        return Quadrant.HIDDEN_STRENGTH if self.they_say >= cut else Quadrant.KNOWN_PROBLEM

    def near_cut(self, *, cut=CUT):
        """Their answer is within its own SE of the cut, so the quadrant may be the neighbouring one: draw a ring."""
        return self.gap is not None and abs(self.they_say - cut) <= self.se

    @property
    def we_in_words(self):
        return "" if self.we_believe is None else plain(self.we_believe)

    @property
    def they_in_words(self):
        return "" if self.they_say is None else plain(self.they_say)

    def in_words(self):
        """“They rate us 2.0 lower than we think”, with “may” when only indicative; whole, without a full stop."""
        if self.they_say is None and self.we_believe is None:
            return _("nothing said and nothing believed")
        if self.unverified:
            return _("we believe %(we)s, they have not said") % {"we": plain(self.we_believe)}
        if self.no_opinion:
            return _("they say %(they)s, no opinion of ours on record") % {"they": plain(self.they_say)}
        if self.level == Level.ALIGNED:
            return _("they rate us about as we think")
        by = {"points": plain(abs(self.gap))}
        if self.confirmed:
            lower, higher = (
                _("they rate us %(points)s lower than we think"),
                _("they rate us %(points)s higher than we think"),
            )
        else:
            lower, higher = (
                _("they may rate us %(points)s lower than we think"),
                _("they may rate us %(points)s higher than we think"),
            )
        return (lower if self.gap > 0 else higher) % by

    def caveats(self):
        """What the reader must know about who spoke: a list of short phrases."""
        found = [_("one voice")] if self.one_voice else []
        return [*found, _("they disagree among themselves")] if self.disagree else found

    def __str__(self):
        return _("not known") if self.gap is None else signed(self.gap)

    def numbers(self):
        """The numbers as they are kept with a result."""
        return {
            "c": self.they_say,
            "f": self.we_believe,
            "gap": self.gap,
            "se": self.se,
            "low": self.low,
            "high": self.high,
            "level": str(self.level),
            "confirmed": self.confirmed,
            "n": self.answered,
            "invited": self.invited,
            "n_eff": self.n_eff,
            "threshold": self.threshold,
            "disagree": self.disagree,
        }


def gap_of(voices, beliefs, *, invited, spread=SPREAD, noise=NOISE, threshold=THRESHOLD):
    """The Gap from the contacts' scores [(weight, score)…] and the sealed beliefs' scores [score…].

    `invited` is N; fewer than have answered counts as all of them. ValueError for a weight that is not above 0.
    """
    answered, invited = len(voices), max(invited, len(voices))
    we = fmean(beliefs) if beliefs else None
    if not voices:
        return Gap(we_believe=we, invited=invited, threshold=threshold)
    if min(weight for weight, _score in voices) <= 0:
        raise ValueError("A contact's weight is above 0.")
    total = sum(weight for weight, _score in voices)
    they = round(sum(weight * score for weight, score in voices) / total, 9)
    n_eff = total**2 / sum(weight**2 for weight, _score in voices)
    se = sqrt((spread**2 * (1 - answered / invited) + noise**2) / n_eff)
    scores = [score for _weight, score in voices]
    known = {
        "they_say": they, "we_believe": we, "se": se, "n_eff": n_eff, "answered": answered, "invited": invited,
        "threshold": threshold, "disagree": max(scores) - min(scores) >= DISAGREE,
    }  # fmt: skip
    if we is None:
        return Gap(**known)
    gap = round(we - they, 9)  # 8.1 − 7.1 is 1, not a hair less: it is compared with thresholds
    return Gap(**known, gap=gap, low=gap - Z * se, high=gap + Z * se)


# -------------------------------------------------------------------- one client


@dataclass(frozen=True)
class ClientGap:
    """One client in one round: the gap per dimension, and the index over them.

    `bias` is the index's gap, signed; `distance` the mean |G| over the dimensions; `worst` the largest G, so the
    dimension where they rate us most below what we think. None while nothing can be compared.
    """

    index: Gap
    dimensions: dict = field(default_factory=dict)

    @property
    def compared(self):
        """{dimension: Gap} of those in the index that have both sides."""
        return {d: gap for d, gap in self.dimensions.items() if gap.gap is not None and d not in OUTSIDE_INDEX}

    @property
    def bias(self):
        return self.index.gap

    @property
    def distance(self):
        return fmean(abs(gap.gap) for gap in self.compared.values()) if self.compared else None

    @property
    def worst_dimension(self):
        return max(self.compared, key=lambda dimension: self.compared[dimension].gap, default=None)

    @property
    def worst(self):
        return self.compared[self.worst_dimension].gap if self.compared else None

    @property
    def widest_first(self):
        """[(dimension, Gap)…], the largest |G| first; without a gap last, in the order asked."""
        return sorted(self.dimensions.items(), key=lambda pair: -abs(pair[1].gap) if pair[1].gap is not None else 1)


def client_gap(items, people, beliefs, *, invited, spreads=None, thresholds=None, noise=NOISE):
    """The ClientGap of one client.

    items       the round's 0–10 questions (Item)
    people      those who answered (Person)
    beliefs     sealed beliefs only, each {question key: 0…10}
    invited     N, contacts invited who could be reached
    spreads     {dimension or INDEX: s} of the round, from `spreads_of`
    thresholds  {dimension or INDEX: T}, frozen at launch
    """
    spreads, thresholds = spreads or {}, thresholds or {}
    voices = [(float(person.weight), with_index(person.answers, items)) for person in people]
    ours = [with_index(belief, items) for belief in beliefs]
    found = {
        dimension: gap_of(
            [(weight, scores[dimension]) for weight, scores in voices if dimension in scores],
            [scores[dimension] for scores in ours if dimension in scores],
            invited=invited,
            spread=spreads.get(dimension, SPREAD),
            threshold=thresholds.get(dimension, THRESHOLD),
            noise=noise,
        )
        for dimension in [INDEX, *dict.fromkeys(item.dimension for item in items if item.dimension)]
    }
    return ClientGap(index=found.pop(INDEX), dimensions=found)
