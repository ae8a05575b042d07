"""How results are read: who may, in which words, and drawn as one row a dimension. Lists of them: `gap_list`."""

from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.charts import dumbbell, floor_of
from surveys.gap import INDEX, OUTSIDE_INDEX, Gap, Level
from surveys.models import Belief, Dimension, Round
from surveys.numbers import plain

BELIEF_FIRST = gettext_lazy("Say what you believe first; then you see what they said.")
IN_CONFIDENCE = gettext_lazy("Somebody there answered in confidence, so only managers read what this client said.")


class Door:
    """What one reader may see of a round's results; asks once, then answers for every row."""

    def __init__(self, user, round, *, owed=None):
        """`owed`: the beliefs this reader owes in the round, where they are known already."""
        self.user = user
        if owed is None:
            owed = Belief.objects.owed_by(user).filter(round=round) if round else ()
        self.owed = {belief.client_id: belief for belief in owed}

    def belief_owed(self, client_id):
        return self.owed.get(client_id)

    def closed_because(self, result):
        """Why this reader sees no numbers of this client, as a sentence; "" when they do."""
        if result.client_id in self.owed:
            return str(BELIEF_FIRST)
        if result.in_confidence and not self.user.is_manager:
            return str(IN_CONFIDENCE)
        return ""

    @property
    def closed(self):
        """The same as a condition on results; None when every row is open."""
        conditions = Q(client__in=list(self.owed)) if self.owed else None
        if not self.user.is_manager:
            conditions = (conditions or Q()) | Q(in_confidence__gt=0)
        return conditions


def rounds_with_results(user):
    """Rounds in which there is something to read, the newest first."""
    begun = Round.objects.visible_to(user).filter(state__in=[Round.State.OPEN, Round.State.CLOSED])
    return begun.select_related("questionnaire").order_by("-launched_at", "-pk")


def chosen_round(rounds, public_id):
    """The round the address names among `rounds`, or the newest; None when there is none."""
    return next((round for round in rounds if round.public_id == public_id), rounds[0] if rounds else None)


# -------------------------------------------------------------------- numbers in words


def gap_from(numbers):
    """The Gap out of what is kept with a result."""
    numbers = numbers or {}
    return Gap(
        they_say=numbers.get("c"),
        we_believe=numbers.get("f"),
        gap=numbers.get("gap"),
        se=numbers.get("se"),
        low=numbers.get("low"),
        high=numbers.get("high"),
        n_eff=numbers.get("n_eff"),
        answered=numbers.get("n") or 0,
        invited=numbers.get("invited") or 0,
        threshold=numbers.get("threshold") or 1.0,
        disagree=bool(numbers.get("disagree")),
    )


def short(gap):
    """“2.0 lower”, “maybe 1.2 lower”, “0.5 higher”, “the same”: how they rate us beside what we think."""
    if gap.gap is None:
        return "–"
    points = plain(abs(gap.gap))
    if points == "0":
        return _("the same")
    known = {"points": points}
    if gap.level == Level.ALIGNED or gap.confirmed:
        return (_("%(points)s lower") if gap.gap > 0 else _("%(points)s higher")) % known
    return (_("maybe %(points)s lower") if gap.gap > 0 else _("maybe %(points)s higher")) % known


def sentence(gap):
    """The gap in words, as a sentence."""
    words = gap.in_words()
    return f"{words[:1].upper()}{words[1:]}."


def voices(gap):
    """How many have been heard: “3 of 4 answered”, “one voice of 4”, “nobody of 2 has answered”."""
    known = {"n": gap.answered, "of": gap.invited}
    if not gap.answered:
        return _("nobody of %(of)d has answered") % known if gap.invited else _("nobody has been asked")
    if gap.one_voice:
        return _("one voice of %(of)d") % known
    return _("%(n)d of %(of)d answered") % known


@dataclass(frozen=True)
class Row:
    """One dimension as a line of a table, drawn and in words."""

    name: str
    label: str
    gap: Gap
    before: float | None = None  # what they said in the round before, asked with the same words
    contacts: tuple = ()
    low: int = 0  # where the axis begins
    judges: str = ""  # our marks, where we did not agree
    marks: str = ""  # the year's promises, drawn

    @property
    def svg(self):
        gap = self.gap
        return dumbbell(
            gap.we_believe,
            gap.they_say,
            confirmed=gap.confirmed,
            band=gap.threshold,
            contacts=self.contacts,
            before=self.before,
            low=self.low,
        )

    @property
    def values(self):
        return [self.gap.we_believe, self.gap.they_say, self.before, *self.contacts]

    @property
    def short(self):
        return short(self.gap)

    @property
    def is_low(self):
        return self.gap.level in (Level.NOTABLE, Level.SERIOUS) and self.gap.gap > 0

    @property
    def words(self):
        """For those who do not see the drawing."""
        words = self.gap.in_words()
        if self.gap.gap is not None:
            known = {"us": plain(self.gap.we_believe), "them": plain(self.gap.they_say), "words": words}
            words = _("we believe %(us)s, they say %(them)s, %(words)s") % known
        if self.before is not None:
            words = _("%(words)s; a year before they said %(before)s") % {"words": words, "before": plain(self.before)}
        return words

    @property
    def evidence(self):
        """How sure this is, in short phrases."""
        gap, found = self.gap, []
        if gap.unverified:
            return [_("unverified belief")]
        if gap.no_opinion:
            found.append(_("no opinion on record"))
        if gap.gap is not None and gap.level != Level.ALIGNED:
            found.append(str(gap.level.label) if gap.confirmed else _("may be %s") % gap.level.label)
        return [*found, *gap.caveats()]

    @property
    def interval(self):
        """“0.9 to 3.6 lower”, the 95% interval; "" when there is no gap."""
        gap = self.gap
        if gap.gap is None:
            return ""
        low, high = sorted((abs(gap.low), abs(gap.high)))
        known = {"low": plain(low), "high": plain(high)}
        if gap.low >= 0:
            return _("%(low)s to %(high)s lower") % known
        if gap.high <= 0:
            return _("%(low)s to %(high)s higher") % known
        return _("%(up)s higher to %(down)s lower") % {"up": plain(-gap.low), "down": plain(gap.high)}


def rows_of(result, *, before=None, contacts=None):
    """The dimensions of a result, the widest gap first; what stands outside the index comes last."""
    before, contacts = before or {}, contacts or {}
    rows = [
        Row(name, label_of(name), gap_from(numbers), before.get(name), tuple(contacts.get(name, ())))
        for name, numbers in result.dimensions.items()
        if name != INDEX and (numbers.get("c") is not None or numbers.get("f") is not None)
    ]
    # Where they rate us lowest first: what is positive stands at the end, what cannot be compared below it.
    rows.sort(key=lambda row: (row.name in OUTSIDE_INDEX, row.gap.gap is None, -(row.gap.gap or 0), row.label))
    return on_one_axis(rows)


def on_one_axis(rows):
    """The same rows with one beginning of the axis, as high as the lowest mark allows."""
    low = floor_of([value for row in rows for value in row.values])
    return [replace(row, low=low) for row in rows]


def label_of(dimension):
    return str(Dimension(dimension).label) if dimension in Dimension.values else dimension


def index_of_result(result):
    return gap_from(result.dimensions.get(INDEX))
