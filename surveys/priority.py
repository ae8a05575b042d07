"""Whom to call first, and why. Pure: no database.

Who asked for a call comes first, then who gave one of the marks that cannot wait, then the others by

    100·(0.5 + 0.5·V)·(0.30·clamp(bias/4) + 0.25·clamp((8 − C)/6) + 0.15·clamp(worst/5) + 0.15·failed/due + 0.15·S)

with clamp to 0…1, and the firm's own weights in place of these. What is not known adds nothing, and its part says so.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.numbers import plain

ALARM = 3  # a mark from here down cannot wait
DETRACTOR = 6
MIN_DUE = 3
WEIGHTS = {"bias": 0.30, "they_say": 0.25, "worst": 0.15, "promises": 0.15, "silence": 0.15}
SILENT_DECISION_MAKER = 0.6
MOST_FACTS = 3
VALUE_UNKNOWN = 0.5


class Tier(IntEnum):
    ASKED = 1
    ALARM = 2
    SCORED = 3


@dataclass(frozen=True)
class Case:
    """What is known of one client after a round; None is not known.

    asked_for_call          by any contact, `asked_by` their name if it may be shown
    recommend               the lowest recommendation of any contact, 0…10
    alarms                  {dimension's name as shown: lowest score of any contact} of trust, respect and promises
    bias, they_say, worst   of surveys.gap.ClientGap; `worst_name` the dimension's name as shown
    failed, due             our promises broken or overdue, and due, of the last 180 days
    silent_decision_maker   a decision maker was invited and did not answer
    value                   V, 0…1, from `value_percentiles`
    weights                 how much each part of the score says, by name; together 1
    """

    asked_for_call: bool = False
    asked_by: str = ""
    recommend: float | None = None
    alarms: dict = field(default_factory=dict)
    bias: float | None = None
    they_say: float | None = None
    worst: float | None = None
    worst_name: str = ""
    failed: int = 0
    due: int = 0
    silent_decision_maker: bool = False
    value: float = VALUE_UNKNOWN
    weights: dict = field(default_factory=lambda: WEIGHTS)


@dataclass(frozen=True)
class Part:
    """One summand of the score: weight × value (0–1, None not known), and the points it adds (0–100)."""

    name: str
    label: str
    weight: float
    value: float | None
    points: float

    def numbers(self):
        return {
            "name": self.name,
            "label": self.label,
            "weight": self.weight,
            "value": self.value,
            "points": self.points,
        }


@dataclass(frozen=True)
class Priority:
    """A place in the list: sort by `order`. `score` is the sum of the parts' points, 0–100."""

    tier: Tier
    score: float
    parts: tuple
    value: float  # V; points are scaled by 0.5 + 0.5·V
    why: str

    @property
    def order(self):
        return (self.tier, -self.score)


def priority(case):
    """The Priority of a Case."""
    parts = parts_of(case)
    return Priority(
        tier=tier_of(case), score=sum(part.points for part in parts), parts=parts, value=case.value, why=why(case)
    )


def tier_of(case):
    if case.asked_for_call:
        return Tier.ASKED
    marks = [mark for mark in (case.recommend, *case.alarms.values()) if mark is not None]
    return Tier.ALARM if any(mark <= ALARM for mark in marks) else Tier.SCORED


def labels():
    """What each part of the score is called, by its name."""
    return {
        "bias": _("we think better than they do"),
        "they_say": _("how low they rate us"),
        "worst": _("the widest gap in one dimension"),
        "promises": _("our promises broken or overdue"),
        "silence": _("would not recommend, or a decision maker is silent"),
    }


def in_words(parts):
    """Parts as they were stored, with their labels in the reader's language."""
    known = labels()
    return [{**part, "label": known.get(part["name"], part["label"])} for part in parts]


def parts_of(case):
    """The five Parts of the score, in the order of the formula."""
    values = {
        "bias": _clamp(case.bias, 4),
        "they_say": None if case.they_say is None else _clamp(8 - case.they_say, 6),
        "worst": _clamp(case.worst, 5),
        "promises": _clamp(case.failed, case.due) if case.due >= MIN_DUE else 0.0,
        "silence": _silence(case),
    }
    scale, called = 100 * (0.5 + 0.5 * case.value), labels()
    return tuple(
        Part(name, called[name], case.weights[name], value, points=scale * case.weights[name] * (value or 0.0))
        for name, value in values.items()
    )


def why(case):
    """At most three facts that weigh most, as sentences: “Asked for a call. They rate us 2.0 lower than we think.”"""
    return " ".join(_facts(case)[:MOST_FACTS]) or _("Nothing stands out.")


def weights_of(workspace):
    """The firm's weights as shares of 1, by part, from its settings in %."""
    return {
        "bias": workspace.priority_bias / 100,
        "they_say": workspace.priority_low / 100,
        "worst": workspace.priority_worst / 100,
        "promises": workspace.priority_promises / 100,
        "silence": workspace.priority_silence / 100,
    }


def value_percentiles(counts):
    """V per value band: {band: 0…1} from {band: number of clients}, "A" the most valuable, "" not set.

    The share of clients in lower bands, with half of one's own; who has no band stands in the middle.
    """
    total = sum(count for band, count in counts.items() if band)
    found, below = {"": VALUE_UNKNOWN}, 0
    for band in sorted(filter(None, counts), reverse=True):
        found[band] = (below + counts[band] / 2) / total if total else VALUE_UNKNOWN
        below += counts[band]
    return found


def _silence(case):
    if case.recommend is not None and case.recommend <= DETRACTOR:
        return 1.0
    return SILENT_DECISION_MAKER if case.silent_decision_maker else 0.0


def _facts(case):
    points = {part.name: part.points for part in parts_of(case)}
    facts = []  # (how much it weighs, sentence)
    if case.asked_for_call:
        facts.append((1000, _asked(case)))
    for name, mark in sorted(case.alarms.items(), key=lambda pair: (pair[1] is None, pair[1] or 0)):
        if mark is not None and mark <= ALARM:
            facts.append((900 - mark, _("%(name)s: %(mark)s of 10.") % {"name": name, "mark": plain(mark, places=0)}))
    if case.recommend is not None and case.recommend <= DETRACTOR:
        weight = 900 - case.recommend if case.recommend <= ALARM else points["silence"]
        facts.append((weight, _("Would recommend us: %(mark)s of 10.") % {"mark": plain(case.recommend, places=0)}))
    elif case.silent_decision_maker:
        facts.append((points["silence"], _("The decision maker has not answered.")))
    if case.bias is not None and case.bias >= 1:
        words = _("They rate us %(points)s lower than we think.") % {"points": plain(case.bias)}
        facts.append((points["bias"], words))
    if case.they_say is not None and case.they_say < 7:
        words = _("They rate us %(points)s of 10.") % {"points": plain(case.they_say)}
        facts.append((points["they_say"], words))
    if case.worst is not None and case.worst >= 2:
        words = _("%(name)s: %(points)s lower than we think.") % {"name": case.worst_name, "points": plain(case.worst)}
        facts.append((points["worst"], words))
    if case.failed:
        facts.append((points["promises"] or 1, _promises(case)))
    return [words for _weight, words in sorted(facts, key=lambda fact: -fact[0])]


def _asked(case):
    if case.asked_by:
        return _("%(name)s asked for a call.") % {"name": case.asked_by}
    return _("Asked for a call.")


def _promises(case):
    return ngettext(
        "%(failed)d of our %(due)d promises due is broken or overdue.",
        "%(failed)d of our %(due)d promises due are broken or overdue.",
        case.failed,
    ) % {"failed": case.failed, "due": case.due}


def _clamp(value, by):
    return None if value is None else min(1.0, max(0.0, value / by))
