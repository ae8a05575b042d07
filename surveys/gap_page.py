"""One client's gap in one round: the dimensions, their words, our beliefs, and the facts beside them."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from promises.charts import strip
from promises.models import Promise
from promises.outcomes import WORD_DUE, WORD_KEPT, Share
from surveys import trends
from surveys.gap import CUT, OUTSIDE_INDEX, Level, index_of, scores_of, with_index
from surveys.models import Answer, Belief, Response, Result, Round
from surveys.models.results import GOOD_WORD, LEAST_DUE
from surveys.numbers import plain
from surveys.priority import in_words
from surveys.reading import Door, index_of_result, rows_of, sentence, voices
from surveys.results import items_of

YEAR = timedelta(days=365)
APART = 1  # points between two of us, from which on both marks are shown
MOST_MARKS = 24


@dataclass(frozen=True)
class Voice:
    """One thing somebody wrote."""

    name: str
    words: str
    question: str
    in_confidence: bool


@dataclass(frozen=True)
class Conviction:
    """What one of us believed beforehand."""

    belief: Belief
    score: float | None

    @property
    def said(self):
        return "" if self.score is None else plain(self.score)


def look(result, *, user, now, cut=CUT):
    """Everything the page shows to this reader; `cut` is the mark from which on a rating is high."""
    door = Door(user, result.round)
    closed = door.closed_because(result)
    context = {
        "result": result,
        "round": result.round,
        "client": result.client,
        "closed": closed,
        "belief": door.belief_owed(result.client_id),
        "ledger": ledger(result.client, now=now),
    }
    if closed:
        return context
    responses = _responses(result, user)
    gap = index_of_result(result)
    before, last_round = earlier(result, user)
    believed = convictions(result, user)
    facts = {
        name: {"judges": words} for name, words in judges_apart(believed, items_of(result.round)).items()
    }  # what stands beside a dimension
    if "promises" in result.dimensions:
        facts.setdefault("promises", {})["marks"] = context["ledger"].marks
    rows = [
        replace(row, **facts.get(row.name, {}))
        for row in rows_of(result, before=before, contacts=_ticks(result.round, responses))
    ]
    return {
        **context,
        "gap": gap,
        "rows": [row for row in rows if row.name not in OUTSIDE_INDEX],
        "outside": [row for row in rows if row.name in OUTSIDE_INDEX],
        "axis_low": rows[0].low if rows else 0,
        "last_round": last_round,
        "sentence": sentence(gap),
        "voices": voices(gap),
        "quadrant": gap.quadrant(cut=cut),
        "near_cut": gap.near_cut(cut=cut),
        "written": written(result.round, responses),
        "callers": [response for response in responses if response.wants_call and response.submitted_at],
        "convictions": believed,
        "triangle": triangle(result, context["ledger"], cut=cut),
        "parts": in_words(result.priority_parts),
    }


def _responses(result, user):
    found = Response.objects.readable_by(user).filter(
        invitation__round=result.round_id, invitation__client=result.client_id
    )
    found = list(found.select_related("invitation__contact").order_by("submitted_at", "pk"))
    answers = defaultdict(list)
    for answer in Answer.objects.filter(response__in=[response.pk for response in found]).order_by("pk"):
        answers[answer.response_id].append(answer)
    for response in found:
        response.given = answers[response.pk]
    return found


def _ticks(round, responses):
    """{dimension: each person's score} where at least two were heard: a mean of 5 may be 1 and 9."""
    items, ticks = items_of(round), defaultdict(list)
    for response in responses:
        for dimension, score in with_index({a.key: a.number for a in response.given}, items).items():
            ticks[dimension].append(score)
    return {dimension: scores for dimension, scores in ticks.items() if len(scores) > 1}


def written(round, responses):
    """What they wrote, word for word, in the order asked."""
    found = []
    for question in round.asked:
        for response in responses:
            for answer in response.given:
                if answer.key != question.key:
                    continue
                # The words of “may we call you” are a telephone number; they stand beside the caller's name.
                words = [answer.comment] if question.is_scale else [answer.words] if question.kind == "text" else []
                name = response.invitation.contact.name
                found += [Voice(name, text, question.text, response.in_confidence) for text in words if text]
    return found


def earlier(result, user, *, among=None):
    """({dimension: what they said}, the round) a round before, where the very same was asked; ({}, None) without.

    `among`: the client's other results, the newest first, where they are known.
    """
    began = result.round.launched_at or result.round.created_at
    if among is None:
        among = Result.objects.filter(client=result.client_id, round__state=Round.State.CLOSED)
        among = among.exclude(round=result.round_id).filter(round__launched_at__lt=began)
        among = among.select_related("round__questionnaire").order_by("-round__launched_at")[:1]
    closed = (one for one in among if one.round.state == Round.State.CLOSED and one.round.launched_at < began)
    last = next(closed, None)
    if last is None or (last.in_confidence and not user.is_manager):
        return {}, None
    if not last.round.snapshot or not result.round.snapshot:
        return {}, None
    same = trends.dimensions(last.round.snapshot, result.round.snapshot)
    said = {d: last.dimensions[d]["c"] for d in same if last.dimensions.get(d, {}).get("c") is not None}
    return said, last.round if said else None


def convictions(result, user):
    """What we believed; nobody sees another's before it is sealed."""
    items = items_of(result.round)
    found = Belief.objects.visible_to(user).filter(round=result.round_id, client=result.client_id)
    found = found.filter(recorded_at__isnull=False).select_related("user").order_by("-required", "recorded_at", "pk")
    return [Conviction(belief, index_of(scores_of(belief.values, items), items)) for belief in found]


def judges_apart(believed, items):
    """{dimension: “Priya Shah 9.0, Elaine Marsh 6.5”} where our beliefs that count differ by one or more."""
    marks = defaultdict(list)
    for one in believed:
        if one.belief.sealed_at and not one.belief.after_the_fact:
            for dimension, score in scores_of(one.belief.values, items).items():
                marks[dimension].append((one.belief.user.name, score))
    return {
        dimension: ", ".join(f"{name} {plain(score)}" for name, score in sorted(found, key=lambda pair: -pair[1]))
        for dimension, found in marks.items()
        if max(score for _name, score in found) - min(score for _name, score in found) >= APART
    }


# -------------------------------------------------------------------- the facts beside them


@dataclass(frozen=True)
class Ledger:
    """Our promises to one client over the last year, as they came out."""

    word_kept: Share
    late: int
    marks: str = ""  # the year's promises, one mark each, the newest last


def ledger(client, *, now):
    ours = Promise.objects.ours().filter(client=client)
    judged = list(ours.filter(first_due_at__gte=now - YEAR, first_due_at__lt=now).judged(now))
    due = [one for one in judged if one.outcome in WORD_DUE]
    kept = [one for one in due if one.outcome in WORD_KEPT]
    newest = sorted(due, key=lambda one: one.first_due_at)[-MOST_MARKS:]
    marks = strip([one.outcome for one in newest], per_row=MOST_MARKS)
    return Ledger(Share(len(kept), len(due)), ours.overdue(now).count(), marks)


def triangle(result, ledger, *, cut=CUT):
    """The word triangle: what the ledger says, what we believe, how they rate it; "" while one of them is missing."""
    numbers = result.dimensions.get("promises") or {}
    they, we, share = numbers.get("c"), numbers.get("f"), ledger.word_kept
    if they is None or not share.whole:
        return ""
    known = {"part": share.part, "whole": share.whole, "they": plain(they), "we": "" if we is None else plain(we)}
    facts = (
        _("By our records we kept %(part)d of %(whole)d promises; they give us %(they)s for keeping them.")
        if we is None
        else _(
            "By our records we kept %(part)d of %(whole)d promises, we believed %(we)s, "
            "and they give us %(they)s for keeping them."
        )
    ) % known
    if share.whole >= LEAST_DUE and share.part / share.whole >= GOOD_WORD and they < cut:
        return f"{facts} {_('What did we promise that is not written down here?')}"
    return facts


def level_words(gap):
    """The level as a tag: “serious”, “may be notable”."""
    if not gap.level:
        return ""
    if gap.level == Level.ALIGNED or gap.confirmed:
        return str(gap.level.label)
    return _("may be %s") % gap.level.label
