"""What the page of figures says: each figure with its count, its period and the list behind it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.quick import date_format, query_string
from accounts.quick import percent as in_percent
from promises import charts
from promises.breakdown import COUNTED, KINDS, Breakdown
from promises.figures import SIDES
from promises.outcomes import MIN_DUE, MOST_RELEASED, Outcome


def percent(rate):
    """“93.0%”"""
    return in_percent(100 * rate, 1)


@dataclass(frozen=True)
class Figure:
    """A figure as it stands in large type. `value` is “772 of 830” where they are too few for a percentage."""

    label: str
    value: str
    words: str
    url: str = ""
    warns: bool = False


@dataclass(frozen=True)
class Count:
    """A row of the table of outcomes."""

    label: str
    n: int
    url: str
    mark: SafeString
    rule: str


class SidePage:
    """Everything the page says about one side's word."""

    def __init__(self, side, *, counting, asked):
        self.side, self.counting, self.asked = side, counting, asked
        self.word = counting.words[side]
        self.figures = self.word.figures

    @property
    def is_ours(self):
        return self.side == "ours"

    @property
    def title(self):
        return _("Our word") if self.is_ours else _("Their word")

    @property
    def is_empty(self):
        return not (self.word.settled or self.word.unsettled)

    def list_url(self, *, on="first", **asked):
        """The list with exactly the promises a figure counts."""
        query = {"by": self.side, "state": "all", "due": "past", **self.counting.period.query, **self.asked}
        query |= {"sort": "-first"} if on == "first" else {"on": on, "sort": "-due"}
        return f"{reverse('promises')}?{query_string({**query, **asked})}"

    # ---------------------------------------------------------------- large

    @cached_property
    def large(self):
        return [self._word_kept, self._kept_first, self._early_warning, self._reliability, self._slip]

    def _share(self, label, share, words, url):
        """Few are shown as few: counts, and no percentage."""
        if not share.whole:
            return Figure(label, "–", _("none to count"), "")
        counts = _("%(part)d of %(whole)d") % {"part": share.part, "whole": share.whole}
        if share.rate is None:
            return Figure(label, counts, _("too few to score"), url)
        return Figure(label, percent(share.rate), f"{counts} {words}", url)

    @property
    def _word_kept(self):
        url = self.list_url(outcome="word_kept")
        return self._share(_("Word kept"), self.figures.word_kept, _("kept, or moved early"), url)

    @property
    def _kept_first(self):
        share, url = self.figures.kept_as_first_promised, self.list_url(outcome="kept", on="last")
        return self._share(_("Kept as first promised"), share, _("due, by the last date"), url)

    @property
    def _early_warning(self):
        share, url = self.figures.early_warning, self.list_url(outcome="warned_early")
        return self._share(_("Early warning"), share, _("that missed or moved"), url)

    @property
    def _reliability(self):
        label, url = _("Reliability"), self.list_url(outcome="word_due")
        if self.figures.reliability is None:
            share = self.figures.word_kept
            if not share.whole:
                return Figure(label, "–", _("none to count"), "")
            words = _("%(part)d of %(whole)d, too few to score") % {"part": share.part, "whole": share.whole}
            return Figure(label, "–", words, url)
        words = ngettext("at least, after %d due", "at least, after %d due", self.word.due) % self.word.due
        return Figure(label, number_format(f"{self.figures.reliability:.3f}"), words, url)

    @property
    def _slip(self):
        label, median, p90 = _("Slip"), self.figures.slip_median, self.figures.slip_p90
        if median is None:
            return Figure(label, "–", _("nothing was done after its first date"), "")
        days = ngettext("%s day", "%s days", 1 if median == 1 else 2) % number_format(f"{median:g}")
        words = ngettext(
            "median of %(n)d done after its first date; one in ten took more than %(p90)s",
            "median of %(n)d done after their first date; one in ten took more than %(p90)s",
            self.word.slips_of,
        ) % {"n": self.word.slips_of, "p90": number_format(f"{p90:g}")}
        if self.word.slips_read < self.word.slips_of:
            words = _("%(words)s; read from the newest %(read)d") % {"words": words, "read": self.word.slips_read}
        return Figure(label, days, words, self.list_url(outcome="after_first"))

    # ---------------------------------------------------------------- beside

    @cached_property
    def beside(self):
        """Smaller figures: released, unconfirmed, what is open now."""
        released, unconfirmed = self.figures.released, self.figures.unconfirmed
        warns = self.figures.too_many_released
        words = _("of all that were due, withdrawn or released")
        if warns:
            words = _("more than %(most)s: is it agreed, or given up?") % {"most": in_percent(100 * MOST_RELEASED)}
        late = {"by": self.side, **self.asked, "due": "late"}
        found = [
            Figure(_("Released"), counted(released), words, self.list_url(outcome="released"), warns=warns),
            Figure(
                _("Kept in silence"),
                counted(unconfirmed),
                _("of those accepted, nobody said yes"),
                self.list_url(outcome="accepted", unconfirmed="yes"),
            ),
            Figure(_("Open now"), str(self.word.open), _("whenever due"), self.open_url),
        ]
        if self.word.late:
            found.append(Figure(_("Late now"), str(self.word.late), _("of those open"), _list(late), warns=True))
        return found

    # ---------------------------------------------------------------- all nine, and the rest

    @cached_property
    def outcomes(self):
        rules = outcome_rules()
        return [
            Count(
                str(outcome.label),
                self.figures.by_first_due[outcome],
                self.list_url(outcome=outcome.value),
                charts.strip([outcome]),
                rules[outcome],
            )
            for outcome in COUNTED
        ]

    @property
    def open_url(self):
        return _list({"by": self.side, **self.asked})

    @property
    def unsettled_url(self):
        return self.list_url(outcome="not_due")

    @property
    def all_url(self):
        return self.list_url()

    @property
    def together(self):
        return self.word.settled + self.word.unsettled

    # ---------------------------------------------------------------- drawn

    @cached_property
    def marks(self):
        return self.counting.marks(self.side)

    @property
    def strip(self):
        return charts.strip(self.marks, per_row=34), charts.strip(self.marks, per_row=20)

    @property
    def marks_are_all(self):
        counted = self.word.due + self.figures.by_first_due[Outcome.WITHDRAWN_EARLY]
        return len(self.marks) >= counted

    @cached_property
    def weeks(self):
        rows = self.counting.weeks(self.side)
        years = {monday.year for monday, *_counts in rows}
        form = "j M" if len(years) < 2 else "j M Y"
        return [(date_format(monday, "j M"), date_format(monday, form), *counts) for monday, *counts in rows]

    @property
    def trend(self):
        rows = [(short, *counts) for short, _long, *counts in self.weeks]
        return (
            charts.trend(rows, ident=f"trend-{self.side}-w"),
            charts.trend(rows[-26:], width=326, height=200, ident=f"trend-{self.side}-n"),
        )


def _list(query):
    return f"{reverse('promises')}?{query_string(query)}"


def counted(share):
    if not share.whole:
        return "–"
    counts = _("%(part)d of %(whole)d") % {"part": share.part, "whole": share.whole}
    return counts if share.rate is None else f"{percent(share.rate)} · {counts}"


def outcome_rules():
    """Outcome → its rule in words."""
    return {
        Outcome.KEPT_AS_FIRST_PROMISED: _("done by the date first agreed"),
        Outcome.KEPT_RENEGOTIATED_EARLY: _("done by the new date, and every move was asked for early"),
        Outcome.KEPT_RENEGOTIATED_LATE: _("done by the new date, but a move was asked for too late"),
        Outcome.LATE: _("done after the date agreed last"),
        Outcome.BROKEN: _("not done, far past its date, or taken back too late"),
        Outcome.OPEN_OVERDUE: _("not done yet, and its date has passed"),
        Outcome.WITHDRAWN_EARLY: _("taken back in good time, and they were told"),
        Outcome.RELEASED: _("they needed it no longer; outside every rate"),
        Outcome.DECLINED: _("offered and never agreed; outside every rate"),
    }


class FiguresPage:
    """The page: one side or both, apart; and one table that splits one side up."""

    def __init__(self, *, user, counting, asked, side="", kind="", sort="", page=1, query=None):
        self.user, self.counting = user, counting
        self.sides = [SidePage(one, counting=counting, asked=asked) for one in SIDES if side in ("", one)]
        self.table_side = side or "ours"
        self.breakdown = Breakdown(
            counting, user=user, kind=kind, side=self.table_side, sort=sort, page=page, query=query
        )
        self.kinds = KINDS.items()

    @property
    def is_empty(self):
        return all(side.is_empty for side in self.sides)

    @property
    def table(self):
        return next(side for side in self.sides if side.side == self.table_side)

    @property
    def rows(self):
        """[(line, [(count, address of its list)…], how its word stands)…]"""
        for line in self.breakdown.page:
            whose = dict([line.asked])
            lists = [(n, self.table.list_url(**whose, outcome=outcome.value)) for outcome, n in line.counts]
            yield line, lists, counted(line.word)

    @property
    def whole(self):
        """What the rows add up to; None where this reader sees one row of several."""
        return self.table if self.user.is_manager or self.breakdown.kind == "clients" else None

    @property
    def whole_word(self):
        return counted(self.table.figures.word_kept)

    @property
    def heads(self):
        return [
            _("as promised"), _("moved early"), _("moved late"), _("late"), _("broken"), _("overdue"),
            _("withdrawn early"), _("released"), _("declined"),
        ]  # fmt: skip

    min_due = MIN_DUE
