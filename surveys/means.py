"""Many clients' scores together: means with their intervals, spreads, changes, how well we know them. Pure.

A mean over clients is a mean of clients, whatever the number of people asked at each. Its 95 % interval is Student's,
as clients are few more often than many. Below five clients there is no mean: each stands for itself.
"""

from collections import defaultdict
from math import sqrt
from statistics import NormalDist, fmean, stdev

from surveys.gap import INDEX

FEWEST = 5  # clients, for a mean over them
Z = NormalDist().inv_cdf(0.975)
# Two-sided 95 %; from nine degrees of freedom on the expansion below is right to three digits.
T_SMALL = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


def student(freedom):
    """How many standard errors an interval of 95 % reaches (Abramowitz & Stegun 26.7.5)."""
    if freedom in T_SMALL:
        return T_SMALL[freedom]
    z, v = Z, freedom
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    return z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2) + third


def round_off(value):
    return round(value, 9)


def mean_of(values):
    """{"mean", "low", "high", "n"} of some numbers; the ends are None for a single one, all is None for none."""
    values = list(values)
    if not values:
        return {"mean": None, "low": None, "high": None, "n": 0}
    mean, reach = round_off(fmean(values)), None
    if len(values) > 1:
        reach = student(len(values) - 1) * stdev(values) / sqrt(len(values))
    return {
        "mean": mean,
        "low": None if reach is None else round_off(mean - reach),
        "high": None if reach is None else round_off(mean + reach),
        "n": len(values),
    }


def excludes_0(numbers):
    """Whether the interval of something `mean_of` made leaves 0 out."""
    low, high = numbers["low"], numbers["high"]
    return low is not None and (low > 0 or high < 0)


def spread_of(scores):
    """How many of the scores, rounded to whole points with halves upwards, are 0, 1, … 10."""
    counts = [0] * 11
    for score in scores:
        counts[min(10, max(0, int(score + 0.5)))] += 1
    return counts


def changes(before, now, *, dimensions):
    """{dimension: mean_of the paired differences} where the same clients said something both times.

    `before` and `now` are {client: {dimension: score}}; only `dimensions` are compared. Dimensions of which fewer than
    five clients said something both times are left out.
    """
    pairs = defaultdict(list)
    for client, scores in now.items():
        then = before.get(client, {})
        for dimension in dimensions:
            if scores.get(dimension) is not None and then.get(dimension) is not None:
                pairs[dimension].append(scores[dimension] - then[dimension])
    return {dimension: mean_of(found) for dimension, found in pairs.items() if len(found) >= FEWEST}


class Together:
    """Adds client after client, and says what they come to; `add` takes what is kept with a result."""

    def __init__(self):
        self.they, self.both = defaultdict(list), defaultdict(list)
        self.recommend, self.ticks, self.ticked_by = [0] * 11, defaultdict(int), 0
        self.clients = 0

    def add(self, dimensions, voices):
        """`dimensions` {name: {"c", "f", "gap"}}, `voices` {"recommend": [0…10], "matters": {…}, "matters_n": n}."""
        self.clients += 1
        for name, numbers in dimensions.items():
            if numbers.get("c") is not None:
                self.they[name].append(numbers["c"])
            if numbers.get("gap") is not None:
                self.both[name].append((numbers["c"], numbers["f"], numbers["gap"]))
        for mark in voices.get("recommend", ()):
            self.recommend[mark] += 1
        for option, number in voices.get("matters", {}).items():
            self.ticks[option] += number
        self.ticked_by += voices.get("matters_n", 0)

    @property
    def means(self):
        """Per dimension what they say and we believe, and the mean gap with its interval; both sides known."""
        return {name: _means(rows) for name, rows in sorted(self.both.items())}

    def numbers(self):
        return {
            "clients": self.clients,
            "scores": {
                name: {**mean_of(scores), "spread": spread_of(scores)} for name, scores in sorted(self.they.items())
            },
            "means": self.means,
            "recommend": self.recommend,
            "matters": dict(sorted(self.ticks.items())),
            "matters_n": self.ticked_by,
        }


def _means(rows):
    they, we, gaps = ([row[i] for row in rows] for i in range(3))
    gap = mean_of(gaps)
    return {
        "c": round_off(fmean(they)), "f": round_off(fmean(we)),
        "gap": gap["mean"], "n": gap["n"], "low": gap["low"], "high": gap["high"],
    }  # fmt: skip


# -------------------------------------------------------------------- how well we know them


def judged(belief, they_say, *, index):
    """How far one person's belief about a client was from the answers: (bias, distance), either None.

    `belief` and `they_say` are {dimension: score}, with the index under INDEX; `index` the dimensions that make it. The
    bias is signed, positive when they think better of us than the client does; the distance is the mean over the
    dimensions, whatever the side.
    """
    both = [d for d in index if belief.get(d) is not None and they_say.get(d) is not None]
    distance = round_off(fmean(abs(belief[d] - they_say[d]) for d in both)) if both else None
    known = belief.get(INDEX) is not None and they_say.get(INDEX) is not None
    return (round_off(belief[INDEX] - they_say[INDEX]) if known else None), distance


def calibration(rows):
    """[(bias, distance)…] of one person's clients → {"n", "bias", "low", "high", "distance"}; without a bias none."""
    known = [(bias, distance) for bias, distance in rows if bias is not None]
    bias = mean_of(bias for bias, _distance in known)
    far = [distance for _bias, distance in known if distance is not None]
    return {
        "n": bias["n"], "bias": bias["mean"], "low": bias["low"], "high": bias["high"],
        "distance": round_off(fmean(far)) if far else None,
    }  # fmt: skip
