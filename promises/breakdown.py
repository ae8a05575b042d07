"""Figures side by side: of each person, each client, each team. Grouped, sorted and paged by the database."""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Case, Count, F, FloatField, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.paging import MOST, BoundedPaginator
from clients.models import Client
from promises.outcomes import MIN_DUE, WORD_DUE, WORD_KEPT, Figures, Outcome

PAGE = 50
COUNTED = tuple(outcome for outcome in Outcome if outcome != Outcome.NOT_DUE)
KINDS = {"people": _("By person"), "clients": _("By client"), "teams": _("By team")}
KEYS = {"people": "owner", "clients": "client", "teams": "client__owner"}
NAMES = {"people": "owner__name", "clients": "client__search_text", "teams": "client__owner__name"}
ASKED = {"people": "owner", "clients": "client", "teams": "team"}  # in the address of the row's own figures
SORTS = ("name", "due", "word", "late", "broken", "kept")


@dataclass(frozen=True)
class Line:
    """One row: whose figures, and where they stand on a page of their own."""

    name: str
    url: str
    asked: tuple  # (name, value) of the filter that leaves these promises
    figures: Figures

    @property
    def word(self):
        return self.figures.word_kept

    @property
    def counts(self):
        return [(outcome, self.figures.by_first_due[outcome]) for outcome in COUNTED]


class Breakdown:
    """The promises of one side that came due in the period, in groups. The rows add up to the whole."""

    def __init__(self, counting, *, user, kind="people", side="ours", sort="", page=1, query=None):
        self.counting, self.user, self.side, self.page_number = counting, user, side, page
        self.kind = kind if kind in KINDS else "people"
        self.sort = sort if sort.removeprefix("-") in SORTS else "-due"
        self.query = query or {}

    @property
    def label(self):
        return KINDS[self.kind]

    def groups(self):
        """[{key, and a count for each outcome}…] as a lazy query in its order."""
        key = KEYS[self.kind]
        found = self.counting.came_due.filter(direction=self.side)
        if self.kind != "clients" and not self.user.is_manager:
            found = found.filter(**{key: self.user})  # a person's own figures: that person, and managers
        counts = {one.value: Count("pk", filter=self.counting.known[one]) for one in COUNTED}
        found = found.values(whose=F(key)).annotate(**counts)
        found = found.annotate(due=_sum(WORD_DUE), word_kept=_sum(WORD_KEPT))
        share = Case(When(due__gte=MIN_DUE, then=Cast("word_kept", FloatField()) / F("due")))
        column = {
            "name": F(NAMES[self.kind]),
            "due": F("due"),
            "word": share,
            "late": F(Outcome.LATE.value),
            "broken": F(Outcome.BROKEN.value),
            "kept": F(Outcome.KEPT_AS_FIRST_PROMISED.value),
        }[self.sort.removeprefix("-")]
        down = self.sort.startswith("-")
        return found.order_by(column.desc(nulls_last=True) if down else column.asc(nulls_last=True), "whose")

    @cached_property
    def page(self):
        groups, name = self.groups(), f"by {self.kind} {self.side} {self.sort}"
        first = self.counting.remembered(name, lambda: list(groups[: MOST + 1]), size=_promises_in)
        page = BoundedPaginator(_FirstAtHand(groups, first), PAGE).get_page(self.page_number)
        model = Client if self.kind == "clients" else User
        known = model.objects.only("public_id", "name").in_bulk([row["whose"] for row in page.object_list])
        page.object_list = [self._line(known[row["whose"]], row) for row in page.object_list]
        return page

    def _line(self, who, row):
        asked = (ASKED[self.kind], who.public_id)
        address = {**self.query, asked[0]: asked[1]}
        counts = Counter({outcome: row[outcome.value] for outcome in COUNTED if row[outcome.value]})
        return Line(who.name, f"{reverse('promise_figures')}?{urlencode(address)}", asked, Figures(by_first_due=counts))


class _FirstAtHand:
    """A query of which the first rows were read before."""

    def __init__(self, query, first):
        self.query, self.first = query, first

    def __getitem__(self, part):
        at_hand = part.stop <= len(self.first) or len(self.first) <= MOST
        return self.first[part] if at_hand else self.query[part]


def _promises_in(rows):
    return sum(row["due"] for row in rows)


def _sum(outcomes):
    first, *rest = (F(outcome.value) for outcome in outcomes)
    for one in rest:
        first = first + one
    return first
