"""Results of a round as a list: in which order, at which level, and what all of them come to."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Case, Count, F, FloatField, Q, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.quick import select_options
from surveys.gap import Level
from surveys.models import Belief, Result
from surveys.reading import gap_from, index_of_result, label_of, sentence, short, voices

LEVELS = {
    "": gettext_lazy("All clients"),
    "wide": gettext_lazy("Notable or serious"),
    "lower": gettext_lazy("They rate us lower"),
    "higher": gettext_lazy("They rate us higher"),
    "serious": gettext_lazy("Serious only"),
    "aligned": gettext_lazy("About as we think"),
    "silent": gettext_lazy("Have not answered"),
    "unverified": gettext_lazy("Our belief, no answer"),
    "no_opinion": gettext_lazy("No opinion of ours"),
}
SORTS = ("gap", "-gap", "worst", "-worst", "name", "-name", "owner", "-owner", "first", "-first")


def listed(results, *, door, level="", sort="-gap", by=""):
    """Results in the order and at the level asked for; by the gap in one dimension where that is asked for.

    Those closed to the reader keep no place that would tell their gap: they stand last, by name, and have no level.
    """
    shut = door.closed
    if by:
        results = results.annotate(gap_by=Cast(KT(f"dimensions__{by}__gap"), FloatField()))
    if level == "silent":
        results = results.silent()
    elif level:
        results = {
            "wide": results.wide,
            "lower": results.lower,
            "higher": results.higher,
            "serious": lambda: results.filter(level=Level.SERIOUS),
            "aligned": lambda: results.filter(level=Level.ALIGNED),
            "unverified": results.unverified,
            "no_opinion": results.no_opinion,
        }[level]()
        results = results.exclude(shut) if shut else results
    by_name = ("client__search_text", "client_id")
    down = sort.startswith("-")
    key = sort.lstrip("-")
    if key == "name":
        return results.order_by(*(("-client__search_text", "-client_id") if down else by_name))
    if key == "owner":
        return results.order_by("-client__owner__name" if down else "client__owner__name", *by_name)
    if key == "first":
        orders = [_masked("priority_tier", shut).desc() if down else _masked("priority_tier", shut).asc()]
        value = _masked("priority", shut)
        orders.append(value.asc(nulls_last=True) if down else value.desc(nulls_last=True))
    else:
        value = _masked("gap_by" if by and key == "gap" else key, shut)
        orders = [value.desc(nulls_last=True) if down else value.asc(nulls_last=True)]
    if shut:
        results = results.annotate(shut=Case(When(shut, then=Value(1)), default=Value(0)))
        orders = ["shut", *orders]
    return results.order_by(*orders, *by_name)


def _masked(name, shut):
    return Case(When(shut, then=None), default=F(name), output_field=FloatField()) if shut else F(name)


@dataclass(frozen=True)
class Line:
    """One client in the list of gaps."""

    result: Result
    closed: str  # why nothing is shown
    belief: Belief | None
    by: str = ""  # one dimension, instead of all together

    @property
    def client(self):
        return self.result.client

    @property
    def url(self):
        return f"{reverse('gap', args=[self.client.public_id])}?round={self.result.round.public_id}"

    @cached_property
    def gap(self):
        return gap_from(self.result.dimensions.get(self.by)) if self.by else index_of_result(self.result)

    @property
    def tone(self):
        gap = self.gap
        if gap.gap is None or gap.level == Level.ALIGNED:
            return ""
        return "late" if gap.gap > 0 else "kept"

    @property
    def words(self):
        return sentence(self.gap)

    @property
    def evidence(self):
        gap = self.gap
        found = [] if gap.gap is None or gap.level == Level.ALIGNED or gap.confirmed else [_("indicative")]
        return [*found, _("they disagree among themselves")] if gap.disagree else found

    @property
    def voices(self):
        if self.result.answered and not self.gap.answered and not self.by:
            return _("answered in part")  # too little of it for the index
        return voices(self.gap)

    @property
    def worst(self):
        """“Keeps promises: 3.1 lower”, when it is more than the threshold."""
        result = self.result
        numbers = result.dimensions.get(result.worst_dimension)
        gap = gap_from(numbers)
        if gap.gap is None or gap.level == Level.ALIGNED or gap.gap < 0:
            return ""
        return f"{label_of(result.worst_dimension)}: {short(gap)}"


# What a line does not show, and would be parsed for every row.
NOT_SHOWN = (
    "client__tags",
    "client__imported",
    "client__whats_in_it",
    "client__owner__working_hours",
    "priority_parts",
    "voices",
)


def lines(results, *, door, round, by=""):
    """The Line of each of some results of one round."""
    found = []
    for result in results.select_related("client__owner").defer(*NOT_SHOWN):
        result.round = round
        found.append(Line(result, door.closed_because(result), door.belief_owed(result.client_id), by))
    return found


def tallies(results, *, shut=None):
    """What the sentence and the figures need of a round, in one query and without reading a row.

    `shut`: a condition on those whose gap this reader may not know; that they answered is no secret.
    """
    known = ~shut if shut else Q()
    wide = known & Q(level__in=["notable", "serious"])
    found = results.order_by().aggregate(
        n_clients=Count("pk"),
        n_answered=Count("pk", filter=Q(answered__gt=0)),
        n_silent=Count("pk", filter=Q(answered=0, invited__gt=0)),
        n_compared=Count("pk", filter=known & Q(gap__isnull=False)),
        n_wide=Count("pk", filter=wide),
        n_serious=Count("pk", filter=known & Q(level="serious")),
        n_lower=Count("pk", filter=wide & Q(gap__gt=0, confirmed=True)),
        n_maybe_lower=Count("pk", filter=wide & Q(gap__gt=0, confirmed=False)),
        n_higher=Count("pk", filter=wide & Q(gap__lt=0)),
        n_aligned=Count("pk", filter=known & Q(level="aligned")),
    )
    return {name.removeprefix("n_"): count for name, count in found.items()}


def heading(counted):
    """“24 of 35 clients have answered.” and “Six think less of us than we believe, two more may.”"""
    known = {"n": counted["answered"], "of": counted["clients"]}
    if not counted["clients"]:
        return _("Nobody has been asked yet."), ""
    if not counted["answered"]:
        return (
            ngettext(
                "%(of)d client has been asked, no answer yet.",
                "%(of)d clients have been asked, no answer yet.",
                counted["clients"],
            )
            % known,
            "",
        )
    first = (
        ngettext(
            "%(n)d of %(of)d clients has answered.",
            "%(n)d of %(of)d clients have answered.",
            counted["answered"],
        )
        % known
    )
    sure, may = counted["lower"], counted["maybe_lower"]
    if sure and may:
        second = ngettext(
            "%(sure)s thinks less of us than we believe, %(may)s more may.",
            "%(sure)s think less of us than we believe, %(may)s more may.",
            sure,
        )
    elif sure:
        second = ngettext(
            "%(sure)s thinks less of us than we believe.", "%(sure)s think less of us than we believe.", sure
        )
    elif may:
        second = ngettext(
            "%(sure)s may think less of us than we believe.", "%(sure)s may think less of us than we believe.", may
        )
        sure, may = may, 0
    elif counted["compared"]:
        second = _("Nobody thinks less of us than we believe.")
    else:
        second = ""
    sure, may = number_word(sure), number_word(may)
    return first, second % {"sure": sure[:1].upper() + sure[1:], "may": may} if second else ""


def number_word(number):
    words = [
        pgettext("count of clients", "no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"),
        _("seven"), _("eight"), _("nine"),
        _("ten"), _("eleven"), _("twelve"),
    ]  # fmt: skip
    return words[number] if number < len(words) else str(number)


def options(owners, chosen):
    """The options of a select of owners, [(public id, name)…]; a firm may have very many."""
    return select_options(owners, chosen)
