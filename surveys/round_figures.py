"""The figures of a round as a page shows them: a rating, a change, what matters, one of us, a mean as a dumbbell."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from promises.charts import bar
from surveys import trends
from surveys.charts import dumbbell
from surveys.gap import INDEX, OUTSIDE_INDEX, THRESHOLD
from surveys.means import FEWEST, excludes_0
from surveys.models import Round
from surveys.numbers import plain, signed
from surveys.reading import Row, gap_from, label_of, on_one_axis
from surveys.small_charts import dots, spread


def label(name):
    return _("All dimensions together") if name == INDEX else label_of(name)


@dataclass(frozen=True)
class Score:
    """Their rating of one dimension over several clients."""

    name: str
    label: str
    numbers: dict
    change: object = None
    few: tuple = ()

    @property
    def n(self):
        return self.numbers["n"]

    @property
    def is_few(self):
        return self.n < FEWEST

    @property
    def mean(self):
        return plain(self.numbers["mean"])

    @property
    def interval(self):
        if self.numbers["low"] is None:
            return ""
        ends = {"low": plain(max(0, self.numbers["low"])), "high": plain(min(10, self.numbers["high"]))}
        return _("%(low)s to %(high)s") % ends

    @property
    def svg(self):
        if self.is_few:
            return dots(self.few)
        numbers = self.numbers
        return spread(numbers["spread"], mean=numbers["mean"], low=numbers["low"], high=numbers["high"])

    @property
    def words(self):
        """For those who do not see the drawing: each score while they are few, else how many gave which."""
        if self.is_few:
            return ", ".join(plain(score) for score in sorted(self.few))
        return ", ".join(
            _("%(mark)d: %(n)d") % {"mark": mark, "n": n} for mark, n in enumerate(self.numbers["spread"]) if n
        )


@dataclass(frozen=True)
class Change:
    """One dimension beside the round before, of the clients who answered both times."""

    numbers: dict | None
    broken: str = ""

    @property
    def is_clear(self):
        return bool(self.numbers) and excludes_0(self.numbers)

    @property
    def tone(self):
        return ("kept" if self.numbers["mean"] > 0 else "late") if self.is_clear else ""

    @property
    def icon(self):
        """An arrow only where the interval leaves 0 out."""
        return ("arrow-up" if self.numbers["mean"] > 0 else "arrow-down") if self.is_clear else ""

    @property
    def words(self):
        if self.broken:
            return self.broken
        if not self.is_clear:
            return _("no clear change")
        return signed(self.numbers["mean"])

    @property
    def more(self):
        """“−0.2 to +0.9, 14 clients”."""
        if self.broken:
            return ""
        known = {"low": signed(self.numbers["low"]), "high": signed(self.numbers["high"]), "n": self.numbers["n"]}
        return (
            ngettext("%(low)s to %(high)s, %(n)d client", "%(low)s to %(high)s, %(n)d clients", self.numbers["n"])
            % known
        )


@dataclass(frozen=True)
class Matter:
    """One thing of which they could tick two, and where we stand there."""

    name: str
    ticks: int
    whole: int
    row: object = None

    @property
    def label(self):
        return label_of(self.name)

    @property
    def percent(self):
        return round(100 * self.ticks / self.whole) if self.whole >= FEWEST else None

    @property
    def svg(self):
        return bar(self.ticks, self.whole, kind="them")


@dataclass(frozen=True)
class Judge:
    """One of us, and how near their beliefs came to the answers."""

    user: User
    numbers: dict
    round: Round

    @property
    def is_few(self):
        return self.numbers["n"] < FEWEST

    @property
    def bias(self):
        """“0.8 too high”."""
        points = plain(abs(self.numbers["bias"]))
        if points == "0":
            return _("neither too high nor too low")
        known = {"points": points}
        return (_("%(points)s too high") if self.numbers["bias"] > 0 else _("%(points)s too low")) % known

    @property
    def is_sure(self):
        return excludes_0(self.numbers)

    @property
    def interval(self):
        low, high = self.numbers["low"], self.numbers["high"]
        return "" if low is None else _("%(low)s to %(high)s") % {"low": signed(low), "high": signed(high)}

    @property
    def distance(self):
        return "" if self.numbers["distance"] is None else plain(self.numbers["distance"])

    @property
    def url(self):
        return f"{reverse('gaps')}?round={self.round.public_id}&owner={self.user.public_id}"


# -------------------------------------------------------------------- means as dumbbells


def nps_words(nps):
    """The score and its interval with real minus signs; {} below ten answers."""
    if nps.score is None:
        return {}
    low, high = nps.interval
    return {"score": plain(nps.score, places=0), "low": plain(low, places=0), "high": plain(high, places=0)}


def before_words(rows, before):
    """The legend of the hollow diamonds, where there are any."""
    if not any(row.before is not None for row in rows):
        return ""
    return _("They said, %(round)s") % {"round": before.name}


def mean_rows(round, before=None):
    """The dimensions over all clients as rows of dumbbells, the widest first; [] below five clients."""
    return rows_of_means(round.means or {}, round, before)


def rows_of_means(means, round, before=None):
    """The same of some clients. What the round before said is drawn where the very same was asked."""
    last = before.means if before else {}
    same = trends.dimensions(before.snapshot, round.snapshot) if last and before.snapshot and round.snapshot else ()
    rows = []
    for dimension, mean in means.items():
        if dimension == INDEX or mean["n"] < FEWEST:
            continue
        numbers = {**mean, "confirmed": excludes_0(mean), "threshold": THRESHOLD, "invited": mean["n"]}
        then = last.get(dimension) if dimension in same else None
        shown = then["c"] if then and then["n"] >= FEWEST else None
        rows.append(MeanRow(dimension, label_of(dimension), gap_from(numbers), shown))
    rows.sort(key=lambda row: (row.name in OUTSIDE_INDEX, -row.gap.gap, row.label))
    return on_one_axis(rows)


class MeanRow(Row):
    """A mean over clients: it has no threshold of its own; what counts is whether its interval leaves 0 out."""

    @property
    def short(self):
        points = plain(abs(self.gap.gap))
        if points == "0":
            return _("the same")
        return (_("%(points)s lower") if self.gap.gap > 0 else _("%(points)s higher")) % {"points": points}

    @property
    def is_low(self):
        return self.gap.gap > 0.5 and self.gap.confirmed

    @property
    def svg(self):
        return dumbbell(
            self.gap.we_believe,
            self.gap.they_say,
            confirmed=self.gap.confirmed,
            band=0.5,
            before=self.before,
            low=self.low,
        )
