"""What a round has come to: who answered, whether they would recommend us, where we differ, how near we came.

Everything is read from the round's summary and from results; no answer is counted here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.quick import date_format
from surveys.gap import INDEX
from surveys.gap_list import heading
from surveys.gap_list import tallies as tallied
from surveys.means import FEWEST
from surveys.models import Dimension, Invitation, Round
from surveys.nps import Recommend
from surveys.reading import Door
from surveys.round_figures import Change, Judge, Matter, Score, before_words, label, nps_words, rows_of_means
from surveys.scope import Scope
from surveys.small_charts import columns, dots, spread
from surveys.summary import previous
from surveys.written import newest

State = Invitation.State
NEWEST = 4
JUDGES_SHOWN = 12


@dataclass(frozen=True)
class Rate:
    """How many of how many have answered; bounced, and opted out before anything reached them, are not counted."""

    answered: int
    asked: int

    @property
    def percent(self):
        """None below five: few are shown as few."""
        return round(100 * self.answered / self.asked) if self.asked >= FEWEST else None


def response_of(invitations):
    """(by person, by client) as rates, counted in one query; for few invitations, a round keeps its own."""
    reached = ~Q(state__in=[State.UNDELIVERABLE, State.WITHDRAWN]) & ~Q(state=State.DECLINED, invited_at=None)
    reached &= ~Q(state__in=[State.PENDING, State.CLOSED], queued_at=None)
    done = Q(state=State.SUBMITTED)
    found = invitations.order_by().aggregate(
        people=Count("pk", filter=reached),
        people_done=Count("pk", filter=reached & done),
        clients=Count("client", filter=reached, distinct=True),
        clients_done=Count("client", filter=reached & done, distinct=True),
    )
    return Rate(found["people_done"], found["people"]), Rate(found["clients_done"], found["clients"])


class RoundResults:
    """The page, piece by piece; each piece is asked once."""

    def __init__(self, round, user, *, query=None):
        self.round, self.user = round, user
        self.scope = Scope.read(round, user, query or {})
        self.all_judges = (query or {}).get("judges") == "all"
        self.measured = round.summary is not None

    # ---------------------------------------------------------------- who answered

    @cached_property
    def owed(self):
        """How many clients wait for what this reader believes."""
        return len(self.door.owed)

    @cached_property
    def door(self):
        return Door(self.user, self.round)

    @property
    def managers_only(self):
        # Means over all clients would tell what was said in confidence; one's own clients are in the list of gaps.
        return not self.user.is_manager

    @property
    def shut(self):
        """A manager who owes a belief would see that client's answers in a mean over four."""
        return bool(self.owed) and self.heard < FEWEST

    @property
    def numbers(self):
        return self.scope.numbers

    @property
    def heard(self):
        return self.numbers["clients"]

    @property
    def few(self):
        return self.heard < FEWEST

    @cached_property
    def by_person(self):
        return Rate(self.scope.asked["people_done"], self.scope.asked["people"])

    @cached_property
    def by_client(self):
        return Rate(self.scope.asked["clients_done"], self.scope.asked["clients"])

    @property
    def left_out(self):
        """[(words, address of the list)…] of those whom the rates do not count."""
        words = {
            "undeliverable": (_("%(n)d could not be reached"), "undeliverable"),
            "opted_out": (_("%(n)d asked us to stop before anything reached them"), "declined"),
            "not_sent": (_("%(n)d not yet asked"), "pending"),
            "withdrawn": (_("%(n)d not asked any more"), "withdrawn"),
        }
        here = self.round.get_absolute_url()
        return [
            (words[name][0] % {"n": number}, f"{here}?state={words[name][1]}")
            for name, number in self.scope.asked["left_out"].items()
        ]

    @cached_property
    def tallies(self):
        return (self.round.summary or {}).get("tallies") or {}

    @cached_property
    def sentence(self):
        if not (self.tallies and self.user.is_manager):
            return "", ""
        shut = self.door.closed
        return heading(tallied(self.round.results, shut=shut) if shut else self.tallies)

    @cached_property
    def days(self):
        """[(day, how many)…] from the first answer to the last, days without one too; three weeks at most a column."""
        found = [(date.fromisoformat(day), number) for day, number in (self.round.summary or {}).get("days", ())]
        if not found:
            return []
        first, last = found[0][0], found[-1][0]
        width = -(-((last - first).days + 1) // 31)  # days a column, so that there are at most 31
        slots = [0] * (((last - first).days // width) + 1)
        for day, number in found:
            slots[(day - first).days // width] += number
        return [(first + timedelta(days=i * width), number) for i, number in enumerate(slots)]

    @cached_property
    def days_drawn(self):
        return columns([(date_format(day, "j M"), number) for day, number in self.days])

    # ---------------------------------------------------------------- would recommend us

    @cached_property
    def nps(self):
        counts = self.numbers["recommend"]
        return Recommend(sum(counts[9:]), sum(counts[:7]), sum(counts))

    @property
    def nps_words(self):
        return nps_words(self.nps)

    @cached_property
    def marks_drawn(self):
        """Who said which mark: dots below five answers, columns from there on."""
        counts = self.numbers["recommend"]
        if sum(counts) < FEWEST:
            return dots([mark for mark, number in enumerate(counts) for _each in range(number)])
        return spread(counts)

    @property
    def marks(self):
        return list(enumerate(self.numbers["recommend"]))

    # ---------------------------------------------------------------- how they rate us

    @cached_property
    def index(self):
        return next((score for score in self.scores if score.name == INDEX), None)

    @cached_property
    def scores(self):
        """Their rating of each dimension over these clients, the index first, what stands outside it last."""
        order = [INDEX, *Dimension.values]
        names = sorted(self.numbers["scores"], key=lambda name: order.index(name) if name in order else len(order))
        few = self._few_scores if self.few else {}
        return [
            Score(name, label(name), self.numbers["scores"][name], self._change(name), tuple(few.get(name, ())))
            for name in names
        ]

    @cached_property
    def _few_scores(self):
        """{dimension: scores} of the clients this reader may read, for a dot each; four rows at most."""
        shut = self.door.closed
        rows = self.scope.results.filter(answered__gt=0)
        rows = rows.exclude(shut) if shut else rows
        if self.scope.part:
            rows = rows.filter(**{f"voices__parts__{self.scope.part}__isnull": False})
        found = {}
        for dimensions, voices in rows.order_by("pk").values_list("dimensions", "voices")[:FEWEST]:
            said = voices.get("parts", {}).get(self.scope.part, {}).get("dimensions", {})
            for name, numbers in (said if self.scope.part else dimensions).items():
                if numbers.get("c") is not None:
                    found.setdefault(name, []).append(numbers["c"])
        return found

    @cached_property
    def change(self):
        """Beside the round before; of all clients only."""
        return (self.round.summary or {}).get("change") or {} if self.scope.is_all else {}

    def _change(self, name):
        if not self.change:
            return None
        if name in self.change["broken"]:
            return Change(None, _("asked in other words since %(round)s") % {"round": self.round.name})
        known = self.change["dimensions"].get(name)
        return Change(known) if known else None

    @cached_property
    def before(self):
        return previous(self.round) if self.scope.is_all else None

    @cached_property
    def rows(self):
        """What we believe beside what they say, the widest gap first; [] below five clients."""
        return rows_of_means(self.numbers["means"], self.round, self.before)

    @property
    def before_words(self):
        return before_words(self.rows, self.before)

    # ---------------------------------------------------------------- what matters most to them

    @cached_property
    def matters(self):
        """What they ticked, the most often first, beside where we stand there."""
        whole = self.numbers["matters_n"]
        gaps = {row.name: row for row in self.rows}
        found = [Matter(name, ticks, whole, gaps.get(name)) for name, ticks in self.numbers["matters"].items()]
        return sorted(found, key=lambda one: (-one.ticks, one.label))

    @property
    def matters_words(self):
        """“What matters most to them and lies below what we think: Keeps promises.”"""
        both = [one.label for one in self.matters[:3] if one.row and one.row.is_low]
        if not both:
            return ""
        names = ", ".join(both)
        return _("Among what matters most to them, they rate us lower than we think for: %(names)s.") % {"names": names}

    # ---------------------------------------------------------------- how near we came

    @cached_property
    def _calibration(self):
        found = (self.round.summary or {}).get("calibration") or {}
        if not self.user.is_manager:
            mine = found.get(str(self.user.pk))
            return {self.user.pk: mine["open"]} if mine and mine["open"]["n"] else {}
        if not self.scope.is_all:
            return {}
        return {int(user): known["all"] for user, known in found.items() if known["all"]["n"]}

    @cached_property
    def judges(self):
        """Who of us came how near: for managers everybody, the furthest off first; for the others themselves."""
        known = self._calibration
        order = sorted(known, key=lambda pk: (known[pk]["n"] < FEWEST, -abs(known[pk]["bias"]), pk))
        shown = order if self.all_judges else order[:JUDGES_SHOWN]
        people = User.objects.in_bulk(shown) if shown else {}
        return [Judge(people[pk], known[pk], self.round) for pk in shown if pk in people]

    @property
    def judges_more(self):
        return max(0, len(self._calibration) - len(self.judges))

    # ---------------------------------------------------------------- what is missing, and what they wrote

    @property
    def missing(self):
        """[(how many, words, address)…]: silence, beliefs nobody answered to, answers nobody had a belief about."""
        known = self.tallies
        if not known or not self.user.is_manager:
            return []
        here = f"{reverse('gaps')}?round={self.round.public_id}&level="
        return [
            (known["silent"], _("have not answered"), silent_list(self.round) or f"{here}silent"),
            (known.get("unverified", 0), _("believed something of, and nobody there answered"), f"{here}unverified"),
            (
                known.get("no_opinion", 0),
                _("answered, and nobody of us had said what they believed"),
                f"{here}no_opinion",
            ),
            (
                known.get("asks_word", 0),
                _("rate our word lower than our own records do"),
                f"{reverse('survey_word_kept', args=[self.round.public_id])}?asks=yes",
            ),
        ]

    @cached_property
    def words(self):
        return newest(self.round, self.user, NEWEST)


def silent_list(round):
    """The ranked list of who stayed silent, once a round is over."""
    return reverse("survey_silent", args=[round.public_id]) if round.state == Round.State.CLOSED else ""
