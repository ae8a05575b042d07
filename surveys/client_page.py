"""What this room adds to the client page: the gap, reasons, and who answered when."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.prepared import Question, prepared
from accounts.readers import for_readers
from accounts.together import Within
from clients import ahead, there
from clients.standing import LATE, SOON, Reason, rules
from clients.timeline import PAGE, Asked, Entry, Later, Tag, key_of
from surveys.cases import case_of
from surveys.client_rounds import asked_of, rounds_of
from surveys.gap import Level, index_of, scores_of
from surveys.gap_page import earlier
from surveys.models import Answer, Belief, Invitation, Response, Result, Round
from surveys.numbers import plain
from surveys.reading import Door, index_of_result, rows_of, sentence, voices
from surveys.results import items_of

SHOWN = 6
SHOWN_OF_RESPONSES = (
    "submitted_at",
    "wants_call",
    "in_confidence",
    "invitation__round_id",
    "invitation__contact__name",
)


def newest_result(client, user):
    """(the result of the newest round that has begun and in which this client is asked, its Door), or (None, None)."""
    found = _results(client, user)
    return (found[0], _door(found[0], user)) if found else (None, None)


def _results(client, user):
    """Of the rounds that have begun, the newest first. Card and reasons ask for the same page: read once for both."""
    if not there.are(client, "results"):
        return []
    known = client.__dict__.setdefault("_results", {})
    if user.pk not in known:
        known[user.pk] = ahead.rows(client, results_of.question(client, user=user))
        rounds = {round.pk: round for round in rounds_of(client)} if known[user.pk] else {}
        for result in known[user.pk]:
            result.client, result.round = client, rounds.get(result.round_id) or result.round
    return known[user.pk]


@prepared
def results_of(client, *, user):
    found = Result.objects.filter(client=client, round__state__in=[Round.State.OPEN, Round.State.CLOSED])
    owed = Belief.objects.owed_by(user).filter(round=OuterRef("round"), client=OuterRef("client"))
    found = found.annotate(belief_owed=Subquery(owed.values("public_id")[:1]))
    return found.order_by("-round__launched_at", "-round")


@prepared
def beliefs_owed(client, *, user):
    return Belief.objects.owed_by(user).filter(client=client).select_related("round")[:1]


def _door(result, user):
    owed = [Belief(client_id=result.client_id, public_id=result.belief_owed)] if result.belief_owed else []
    return Door(user, result.round, owed=owed)


def card(client, user, now):
    """The survey gap, six dimensions at most; None while this client has never been asked."""
    result, door = newest_result(client, user)
    if result is None:
        if not there.are(client, "beliefs"):
            return None
        owed = ahead.rows(client, beliefs_owed.question(client, user=user))
        return {"result": None, "belief": owed[0], "round": owed[0].round} if owed else None
    closed = door.closed_because(result)
    context = {
        "result": result,
        "round": result.round,
        "closed": closed,
        "belief": door.belief_owed(client.pk),
        "url": f"{reverse('gap', args=[client.public_id])}?round={result.round.public_id}",
    }
    if closed:
        return context
    before, last_round = earlier(result, user, among=_results(client, user)[1:])
    gap, rows = index_of_result(result), rows_of(result, before=before)
    return {
        **context,
        "last_round": last_round,
        "case": case_of(client, result.round),
        "gap": gap,
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "words": sentence(gap),
        "voices": voices(gap),
        "talk": _wants_talk(result),
    }


def _wants_talk(result):
    serious = result.level == Level.SERIOUS and result.gap > 0
    return result.asked_for_call or result.priority_tier < 3 or serious


@rules(
    late=gettext_lazy("They asked for a call, or rate us far below what we believe, beyond doubt"),
    soon=gettext_lazy("They rate us below what we believe, or the survey waits for what we believe"),
)
def reasons(client, user, now):
    """What the last survey says about how a relationship stands."""
    result, door = newest_result(client, user)
    if result is None:
        return []
    here = f"{reverse('gap', args=[client.public_id])}?round={result.round.public_id}"
    if belief := door.belief_owed(client.pk):
        return [Reason(20, SOON, _("The survey waits for what you believe"), belief.get_absolute_url())]
    if door.closed_because(result) or not result.answered:
        return []
    found = []
    if result.asked_for_call and not client.concerns.filter(opened_at__gte=result.round.launched_at or now).exists():
        found.append(Reason(95, LATE, _("Asked for a call in the survey"), here))
    worst = next((row for row in rows_of(result) if row.name == result.worst_dimension), None)
    if worst is not None and worst.is_low:
        words = {"name": worst.label, "points": plain(worst.gap.gap)}
        if worst.gap.confirmed:
            level = LATE if worst.gap.level == Level.SERIOUS else SOON
            text = _("%(name)s rated %(points)s below our view") % words
        else:
            level, text = SOON, _("%(name)s may be rated %(points)s below our view") % words
        found.append(Reason(70, level, text, here))
    return found


def person_part(person, user, now):
    """On the page of a person: the surveys they were asked in, and what became of each."""
    if not there.are(person.client, "invitations"):
        return None
    asked = _asked(user, person=person.pk)
    return {"asked": asked, "client": person.client} if asked else None


@for_readers
def _asked(reader, *, person):
    found = Invitation.objects.visible_to(reader).filter(contact=person).exclude(state=Invitation.State.WITHDRAWN)
    shown = ("public_id", "state", "round__public_id", "round__name")
    return found.select_related("round").only(*shown).order_by("-round__opens_at", "-pk")[:SHOWN]


def story_source(client, user, asked):
    """“Rosa Delgado answered Survey 2026: 6.2 all in all, we believed 8.1”, with what they wrote."""
    if asked.colleague:
        return []
    if asked.is_plain:
        question = _newest_answers.question(client, user=user)
    elif asked.is_plain_of_contact:
        question = _newest_of.question(client, user=user, person=asked.contact)
    else:
        question = Question.of(asked.rows(_answers_sought(client, user, asked), "submitted_at", "s"))

    def entries(responses, rounds):
        by_pk = {round.pk: round for round in rounds}
        for response in responses:
            response.invitation.client, response.invitation.round = client, by_pk[response.invitation.round_id]
        return [_entry(response) for response in responses]

    return Later((question, asked_of.question(client)), entries)


@prepared
def _newest_answers(client, *, user):
    return Asked(limit=PAGE + 1).rows(_answers(client, user), "submitted_at", "s")


@prepared
def _newest_of(client, *, user, person):
    found = _answers(client, user).filter(invitation__contact=person)
    return Asked(limit=PAGE + 1).rows(found, "submitted_at", "s")


def _answers(client, user):
    """Each with what was answered and what we believed; their rounds are few and read once."""
    found = Response.objects.readable_by(user).filter(invitation__client=client, submitted_at__isnull=False)
    given = Answer.objects.filter(response=OuterRef("pk")).values_list("key", "number", "words")
    belief = Result.objects.filter(client=client, round=OuterRef("invitation__round")).values("we_believe")
    found = found.select_related("invitation__contact").only(*SHOWN_OF_RESPONSES)
    return found.annotate(given=Within(given), believed=Subquery(belief[:1]))


def _answers_sought(client, user, asked):
    found = _answers(client, user)
    if asked.contact:
        found = found.filter(invitation__contact=asked.contact)
    for term in asked.terms:
        held = Answer.objects.filter(response=OuterRef("pk"), words__icontains=term)
        found = found.filter(Exists(held) | Q(invitation__contact__search_text__contains=term))
    return found


def _entry(response):
    answers = {key: (number, words) for key, number, words in response.given or ()}
    invitation = response.invitation
    items = items_of(invitation.round)
    said = index_of(scores_of({key: number for key, (number, _words) in answers.items()}, items), items)
    known = {"round": invitation.round.name}
    if said is None:
        words = _("answered %(round)s") % known
    elif response.believed is None:
        words = _("answered %(round)s: %(said)s all in all") % {**known, "said": plain(said)}
    else:
        known |= {"said": plain(said), "believed": plain(response.believed)}
        words = _("answered %(round)s: %(said)s all in all, we believed %(believed)s") % known
    texts = [answers[q.key][1] for q in invitation.round.asked if q.kind == "text" and q.key in answers]
    quote = next(filter(None, texts), "")
    tags = ()
    if response.wants_call:
        tags += (Tag(_("Asked for a call"), "late", "phone"),)
    if response.in_confidence:
        tags += (Tag(_("In confidence"), "", "lock"),)
    return Entry(
        at=response.submitted_at,
        key=key_of("s", response.pk),
        mark="clipboard-list",
        actor=invitation.contact.name,
        words=words,
        url=f"{reverse('gap', args=[invitation.client.public_id])}?round={invitation.round.public_id}",
        quote=quote,
        tone="them",
        tags=tags,
        record=response,
    )
