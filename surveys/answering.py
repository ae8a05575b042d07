"""Answers: saved one by one, a part at a time, or all at once, and submitted once. The server decides what counts."""

from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from surveys import results
from surveys.minutes import asked_of
from surveys.models import Answer, EarlierAnswer, Invitation, Response, Result, Round
from surveys.questions import answerable
from surveys.values import EMPTY, PHONE, WHEN, Value, read, value_of

__all__ = ["CONFIDENCE", "EMPTY", "Value", "read", "value_of"]

CONFIDENCE = "in_confidence"  # asked beside the questions: with their name or in confidence


class Closed(Exception):
    """The round takes no answers any more, or not from this person."""


class Refused(Exception):
    """What was sent is no answer to the question. `problems` pairs each question's key with the words."""

    def __init__(self, problems):
        super().__init__("; ".join(words for _key, words in problems))
        self.problems = problems


class Newer(Exception):
    """What was sent was given before what stands there now, on another page or device; `answer` is what stands."""

    def __init__(self, question, answer):
        super().__init__(question.key)
        self.question, self.answer = question, answer


class NothingAnswered(Exception):
    """Everything was left empty."""


# -------------------------------------------------------------------- saving


@transaction.atomic(savepoint=False)
def save_one(invitation, question_key, data, *, now, language="", given_at=None):
    """Saves the answer to one question the moment it is given. Returns (the response, (answered, of)).

    `given_at`: when a device that was offline took it down. It then gives way to what was saved after that.
    """
    round = _open_round(invitation)
    if question_key == CONFIDENCE:
        response = _keep_confidence(_response(invitation, now, language), data, now)
        return response, _progress(_answers_of(response), round.asked)
    question = next((q for q in answerable(round.asked) if q.key == question_key), None)
    if question is None:
        raise Refused([(question_key, _("This question is not part of the survey."))])
    values = _read_all([question], data)
    response = _response(invitation, now, language)
    answers = _answers_of(response)
    if given_at is not None:
        _refuse_older(answers.get(question.key), question, values[question.key], data, given_at)
    _keep(response, answers, values, round.asked, now=now)
    return response, _progress(answers, round.asked)


def _refuse_older(answer, question, value, data, given_at):
    stored = value_of(answer)
    unknown = data.get(f"w-{question.key}") != stored.fingerprint
    if answer and unknown and answer.saved_at > given_at and stored not in (value, EMPTY):
        raise Newer(question, answer)


@transaction.atomic
def save_part(invitation, questions, data, *, now, language="", check=True):
    """Saves one page of several: of what was sent only what was changed there. `check`: what is needed must be there.

    Returns the response, or None as long as nothing was answered.
    """
    _open_round(invitation)
    values = _read_all(answerable(questions), data)
    response, changed, after = _compare(invitation, values, data, now)
    if check:
        _refuse_missing(questions, after)
    if any(not value.is_empty for value in changed.values()) or (response and changed):
        response = _response(invitation, now, language)
        _keep(response, _answers_of(response), changed, invitation.round.asked, now=now)
    return response


@transaction.atomic
def submit(invitation, data, *, now, language="", questions=None):
    """Saves the whole form, or its last part, and notes that it was sent. Sending twice is one response.

    Only what was changed on that page is taken over: a second tab that stood open does not undo the first one.
    Returns (the response, whether this was the first time).
    """
    round = _open_round(invitation)
    values = _read_all(answerable(round.asked if questions is None else questions), data)
    response, changed, after = _compare(invitation, values, data, now)
    if all(value.is_empty for value in after.values()):
        raise NothingAnswered
    _refuse_missing(round.asked, after)
    response = _response(invitation, now, language)
    _keep(response, _answers_of(response), changed, round.asked, now=now)
    if CONFIDENCE in data:
        _keep_confidence(response, data, now)
    first = bool(Response.objects.filter(pk=response.pk, submitted_at=None).update(submitted_at=now))
    response.refresh_from_db()
    Invitation.objects.filter(pk=invitation.pk).exclude(state=Invitation.State.SUBMITTED).update(
        state=Invitation.State.SUBMITTED, submitted_at=now
    )

    # So that who looks right afterwards sees it; were it to fail, the clock would do the same.
    def compute():
        results.recompute_one(invitation.round_id, invitation.client_id, now=now)

    transaction.on_commit(compute, robust=True)
    return response, first


def _read_all(questions, data):
    values, problems = {}, []
    for question in questions:
        try:
            values[question.key] = read(question, data)
        except ValidationError as error:
            problems.append((question.key, " ".join(error.messages)))
    if problems:
        raise Refused(problems)
    return values


def _compare(invitation, values, data, now):
    """(the response if there is one, what was changed on the page, how all of it stands after that)."""
    response = _response(invitation, now, start=False)
    answers = Answer.kept.filter(response=response) if response else []
    changed = {
        key: value for key, value in values.items() if data.get(f"w-{key}", EMPTY.fingerprint) != value.fingerprint
    }
    return response, changed, {**{answer.key: value_of(answer) for answer in answers}, **changed}


def _refuse_missing(questions, after):
    """What is needed and shown but was not answered, in words; a question that is hidden is never needed."""
    missing = [
        (question.key, _("Please answer this question: we need it."))
        for question in answerable(questions)
        if question.required and question.shown_for(after) and not after.get(question.key, EMPTY).is_given
    ]
    if missing:
        raise Refused(missing)


def _open_round(invitation):
    """The round, if it takes answers at this moment. Not locked: all its answers would wait for each other."""
    round = Round.objects.select_related("questionnaire").filter(pk=invitation.round_id).first()
    if round is None or not round.takes_answers or invitation.state == Invitation.State.WITHDRAWN:
        raise Closed
    return round


def _response(invitation, now, language="", *, start=True):
    response = Response.objects.select_for_update().filter(invitation=invitation).first()
    if response is None and start:
        begins = {"started_at": now, "saved_at": now, "language": language or invitation.contact.language}
        # Two first answers at the same moment: the second one waits here for the first.
        Response.objects.bulk_create([Response(invitation=invitation, **begins)], ignore_conflicts=True)
        response = Response.objects.select_for_update().get(invitation=invitation)
        states = [Invitation.State.PENDING, Invitation.State.SENT, Invitation.State.UNDELIVERABLE]
        asked = Invitation.objects.filter(pk=invitation.pk)
        begun = asked.filter(state__in=states).update(state=Invitation.State.STARTED, started_at=now)
        if not begun and asked.filter(state=Invitation.State.WITHDRAWN).exists():
            raise Closed  # somebody else was asked at this very moment
    if response:
        response.invitation = invitation  # known already
    if response and language and response.language != language:
        response.language = language
        response.save(update_fields=["language"])
    return response


def _answers_of(response):
    """{key: the answer in force}, hidden ones too; true while the response is locked."""
    return {answer.key: answer for answer in Answer.kept.filter(response=response)}


def _keep(response, answers, values, questions, *, now):
    """Writes what is different; `answers` is brought up to date with it."""
    changed = False
    for key, value in values.items():
        changed |= _keep_one(response, answers, key, value, now=now)
    if changed:
        _set_hidden_aside(answers, questions)
        _note_call(response, answers, values, questions)
        response.saved_at = now
        response.save(update_fields=["saved_at", "wants_call", "call_phone", "call_when"])
        Result.objects.mark_stale(round_id=response.invitation.round_id, client_ids=[response.invitation.client_id])


def _keep_one(response, answers, key, value, *, now):
    """True when something changed; what stood there before is kept."""
    answer = answers.get(key)
    before = value_of(answer)
    if value == before:
        return False
    if answer is None:
        answers[key] = Answer.objects.create(response=response, key=key, saved_at=now, **asdict(value))
        return True
    EarlierAnswer.objects.create(answer=answer, saved_at=answer.saved_at, **asdict(before))
    for name, part in asdict(value).items():
        setattr(answer, name, part)
    answer.saved_at = now
    answer.save()
    return True


def _set_hidden_aside(answers, questions):
    """An answer to a question that is hidden now is kept and does not count; it counts again once it is shown again."""
    for question in questions:
        answer, aside = answers.get(question.key), not question.shown_for(answers)
        if answer and answer.set_aside is not aside:
            Answer.kept.filter(pk=answer.pk).update(set_aside=aside)
            answer.set_aside = aside


def _note_call(response, answers, values, questions):
    calls = [question for question in questions if question.kind == "call"]
    if not any(question.key in values or question.show_if for question in calls):
        return
    counted = [answers[call.key] for call in calls if call.key in answers and not answers[call.key].set_aside]
    wanted = next((value for value in map(value_of, counted) if value.choices == ["yes"]), EMPTY)
    response.wants_call = wanted.choices == ["yes"]
    response.call_phone, response.call_when = wanted.words[:PHONE], wanted.comment[:WHEN]


def _keep_confidence(response, data, now):
    chosen = data.get(CONFIDENCE, "")
    if chosen not in ("yes", "no"):
        raise Refused([(CONFIDENCE, _("Choose whether we may see your name."))])
    if response.in_confidence != (chosen == "yes"):
        response.in_confidence, response.saved_at = chosen == "yes", now
        response.save(update_fields=["in_confidence", "saved_at"])
        Result.objects.mark_stale(round_id=response.invitation.round_id, client_ids=[response.invitation.client_id])
    return response


def _progress(answers, questions):
    """(answered, of): how many of the questions everybody is asked have an answer."""
    asked = asked_of(questions)
    given = {key for key, answer in answers.items() if answer.is_given and not answer.set_aside}
    return sum(question.key in given for question in asked), len(asked)
