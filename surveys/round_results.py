"""What a round has come to: who answered, whether they would recommend us, where we differ, what they wrote."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clients.models import Client
from surveys.charts import dumbbell
from surveys.gap import INDEX, OUTSIDE_INDEX, THRESHOLD
from surveys.gap_list import tallies
from surveys.models import Answer, Belief, Invitation, Response, Round
from surveys.nps import recommend
from surveys.numbers import plain
from surveys.reading import Row, gap_from, label_of, on_one_axis

State = Invitation.State
FEWEST = 5  # clients, for a mean over them
COMMENTS = 30


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
    """(by person, by client) as rates, in one query."""
    reached = ~Q(state=State.UNDELIVERABLE) & ~Q(state=State.DECLINED, invited_at=None)
    reached &= ~Q(state=State.PENDING, queued_at=None)
    done = Q(state=State.SUBMITTED)
    found = invitations.order_by().aggregate(
        people=Count("pk", filter=reached),
        people_done=Count("pk", filter=reached & done),
        clients=Count("client", filter=reached, distinct=True),
        clients_done=Count("client", filter=reached & done, distinct=True),
    )
    return Rate(found["people_done"], found["people"]), Rate(found["clients_done"], found["clients"])


def results_of(round, user, *, now):
    """The context of `surveys/_round_results.html`; None before a round is open."""
    if round.state not in (Round.State.OPEN, Round.State.CLOSED):
        return None
    by_person, by_client = response_of(round.invitations.visible_to(user))
    counted = tallies(round.results.visible_to(user))
    context = {"round": round, "by_person": by_person, "by_client": by_client, "counted": counted}
    owed = Belief.objects.owed_by(user).filter(round=round).count()
    if not user.is_manager:
        # Means over all clients would tell what was said in confidence; one's own clients are in the list of gaps.
        return {**context, "managers_only": True, "owed": owed, "comments": comments(round, user)}
    nps, before = nps_of(round), previous(round)
    rows = mean_rows(round, before)
    return {
        **context,
        "owed": owed,
        "nps": nps,
        "nps_words": nps_words(nps),
        "rows": rows,
        "before_words": before_words(rows, before),
        "mean": (round.means or {}).get(INDEX),
        "few": counted["compared"] < FEWEST,
        "comments": comments(round, user),
    }


def previous(round):
    """The closed round before this one, or None."""
    found = Round.objects.filter(state=Round.State.CLOSED).exclude(pk=round.pk)
    if round.launched_at:
        found = found.filter(launched_at__lt=round.launched_at)
    return found.order_by("-launched_at").first()


def nps_of(round):
    """The Recommend of everybody who answered that question."""
    rows = Answer.objects.filter(response__invitation__round=round, key="recommend", number__isnull=False)
    counts = dict(rows.order_by().values_list("number").annotate(Count("pk")))
    return recommend([number for number, count in counts.items() for _each in range(count)])


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
    last = before.means if before else {}
    rows = []
    for dimension, mean in (round.means or {}).items():
        if dimension == INDEX or mean["n"] < FEWEST:
            continue
        numbers = {
            **mean,
            "confirmed": mean["low"] is not None and (mean["low"] > 0 or mean["high"] < 0),
            "threshold": THRESHOLD,
            "invited": mean["n"],
        }
        then = last.get(dimension)
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


def comments(round, user):
    """What people wrote, the newest first, as far as this reader may read it."""
    keys = [question.key for question in round.asked if question.kind == "text"]
    readable = Response.objects.readable_by(user).filter(pk=OuterRef("response"), submitted_at__isnull=False)
    found = Answer.objects.filter(Exists(readable), response__invitation__round=round, key__in=keys).exclude(words="")
    found = found.filter(response__invitation__client__in=Client.objects.visible_to(user))
    found = found.select_related("response__invitation__contact", "response__invitation__client")
    wording = {question.key: question.text for question in round.asked}
    rows = list(found.order_by("-saved_at", "-pk")[: COMMENTS + 1])
    for answer in rows:
        answer.asked = wording.get(answer.key, "")
    return {"shown": rows[:COMMENTS], "more": len(rows) > COMMENTS}
