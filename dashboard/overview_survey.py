"""The survey's part of where we stand: whom to call, the scatter, the dimensions, who has answered."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients.listing import quiet
from clients.models import Client
from dashboard.scatter import MOST_POINTS, Scatter
from promises import charts as promise_charts
from surveys.gap import INDEX, THRESHOLD
from surveys.gap_list import heading, tallies
from surveys.models import Invitation, Result, Round
from surveys.priority import in_words
from surveys.reading import Door
from surveys.round_figures import before_words, mean_rows
from surveys.round_results import Rate, response_of

CALL_FIRST = 6
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
        return in_words(self.result.priority_parts)


class SurveyPart:
    """Part of the Overview, which says whose: `round`, `rounds`, `user`, `owner`."""

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
        if self.door.closed:
            return tallies(self.results, shut=self.door.closed)
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
        """By client: as last measured, or counted for one owner's."""
        if not self.owner and self.round.summary:
            asked = self.round.summary["asked"][""]
            return Rate(asked["clients_done"], asked["clients"])
        invitations = self._mine(Invitation.objects.visible_to(self.user).filter(round=self.round))
        return response_of(invitations)[1]

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
        some = list(some.select_related("client__owner")[:CALL_FIRST])
        for result in some:
            result.round = self.round
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
    def scatter(self):
        """Drawn once a minute where it shows the widest of very many, for those who see them all."""
        if self.door.owed:
            return self._scatter()
        return self._large(f"scatter {get_language()}", self._scatter, size=lambda _found: self.counted["compared"])

    def _scatter(self):
        return Scatter(
            self._points(),
            tail=f"?round={self.round.public_id}",
            band=self.band,
            cut=float(self.workspace.quadrant_cut),
        )

    def _points(self):
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
        return self.has_answers and len(self.scatter.points) < self.counted["compared"] - len(self.door.owed)

    @property
    def lower_count(self):
        return self.counted["lower"] + self.counted["maybe_lower"]

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
