"""Answers: read from what a browser sent, refused in words or saved one by one, and submitted once."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.forms import plain_text
from surveys import results
from surveys.models import Answer, EarlierAnswer, Invitation, Response, Result, Round

WORDS, COMMENT, PHONE, WHEN = 10_000, 5_000, 60, 200
CONFIDENCE = "in_confidence"  # asked beside the questions: with their name or in confidence


class Closed(Exception):
    """The round takes no answers any more."""


class Refused(Exception):
    """What was sent is no answer to the question. `problems` pairs each question's key with the words."""

    def __init__(self, problems):
        super().__init__("; ".join(words for _key, words in problems))
        self.problems = problems


class NothingAnswered(Exception):
    """Everything was left empty."""


@dataclass(frozen=True)
class Value:
    """One answer as it stands: exactly what the columns of `Answer` hold."""

    number: int | None = None
    cant_say: bool = False
    words: str = ""
    choices: list = field(default_factory=list)
    comment: str = ""

    @property
    def is_empty(self):
        return self == Value()

    @property
    def fingerprint(self):
        """Short and the same for the same answer: tells a field somebody changed from one they left as it was."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


EMPTY = Value()


def value_of(answer):
    return Value(**{name: getattr(answer, name) for name in Answer.VALUE}) if answer else EMPTY


# -------------------------------------------------------------------- reading what was sent


def read(question, data):
    """The `Value` in a form's data (a QueryDict) for this question; ValidationError in words when it is none."""
    return READERS[question.kind](question, data)


def _scale(question, data):
    raw = data.get(f"q-{question.key}", "")
    comment = _text(data.get(f"c-{question.key}", ""), COMMENT)
    if raw == "":
        return Value(comment=comment)
    if raw == "na":
        return Value(cant_say=True, comment=comment)
    if not (raw.isascii() and raw.isdigit() and len(raw) < 3 and int(raw) <= 10):
        raise ValidationError(_("Choose a number from 0 to 10, or “I can’t say”."))
    return Value(number=int(raw), comment=comment)


def _options(question, data):
    chosen = list(dict.fromkeys(value for value in data.getlist(f"q-{question.key}") if value))
    if any(value not in question.options for value in chosen):
        raise ValidationError(_("Choose from the list."))
    most = 1 if question.kind == "choice" else question.pick_up_to or len(question.options)
    if len(chosen) > most:
        raise ValidationError(_("Choose at most %(most)d.") % {"most": most})
    return Value(choices=sorted(chosen))


def _yes_no(question, data):
    raw = data.get(f"q-{question.key}", "")
    if raw not in ("", "yes", "no"):
        raise ValidationError(_("Choose yes or no."))
    return Value(choices=[raw] if raw else [])


def _words(question, data):
    return Value(words=_text(data.get(f"q-{question.key}", ""), WORDS))


def _call(question, data):
    yes_no = _yes_no(question, data)
    if yes_no.choices != ["yes"]:
        return yes_no
    phone = _text(data.get(f"q-{question.key}-phone", ""), PHONE)
    when = _text(data.get(f"q-{question.key}-when", ""), WHEN)
    return Value(choices=["yes"], words=phone, comment=when)


READERS = {"scale": _scale, "choice": _options, "pick": _options, "yes_no": _yes_no, "text": _words, "call": _call}


def _text(raw, most):
    text = raw.replace("\r\n", "\n").strip()
    plain_text(text)
    if len(text) > most:
        raise ValidationError(
            _("At most %(most)d characters fit here; this has %(has)d.") % {"most": most, "has": len(text)}
        )
    return text


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


# -------------------------------------------------------------------- saving


@transaction.atomic
def save_one(invitation, question_key, data, *, now):
    """Saves the answer to one question the moment it is given. Returns the response."""
    round = _open_round(invitation)
    if question_key == CONFIDENCE:
        response = _response(invitation, now)
        return _keep_confidence(response, data, now)
    question = next((q for q in round.asked if q.key == question_key), None)
    if question is None:
        raise Refused([(question_key, _("This question is not part of the survey."))])
    values = _read_all([question], data)
    response = _response(invitation, now)
    _keep(response, values, [question], now=now)
    return response


@transaction.atomic
def submit(invitation, data, *, now):
    """Saves the whole form and notes that it was sent. Sending twice is one response.

    Only what was changed on that page is taken over: a second tab that stood open does not undo the first one.
    Returns (the response, whether this was the first time).
    """
    round = _open_round(invitation)
    values = _read_all(round.asked, data)
    response = _response(invitation, now, start=False)
    answers = {answer.key: answer for answer in response.answers.all()} if response else {}
    changed = {key: value for key, value in values.items() if data.get(f"w-{key}", "") != value.fingerprint}
    after = {**{key: value_of(answer) for key, answer in answers.items()}, **changed}
    if all(value.is_empty for value in after.values()):
        raise NothingAnswered
    response = response or _response(invitation, now)
    _keep(response, changed, round.asked, now=now)
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


def _open_round(invitation):
    """The round, if it takes answers at this moment. Not locked: all its answers would wait for each other."""
    round = Round.objects.select_related("questionnaire").filter(pk=invitation.round_id).first()
    if round is None or not round.takes_answers:
        raise Closed
    return round


def _response(invitation, now, *, start=True):
    response = Response.objects.select_for_update().filter(invitation=invitation).first()
    if response or not start:
        return response
    response, _created = Response.objects.get_or_create(
        invitation=invitation,
        defaults={"started_at": now, "saved_at": now, "language": invitation.contact.language},
    )
    Invitation.objects.filter(
        pk=invitation.pk, state__in=[Invitation.State.PENDING, Invitation.State.SENT, Invitation.State.UNDELIVERABLE]
    ).update(state=Invitation.State.STARTED, started_at=now)
    return response


def _keep(response, values, questions, *, now):
    answers = {answer.key: answer for answer in response.answers.filter(key__in=values)}
    changed = False
    for key, value in values.items():
        changed |= _keep_one(response, answers.get(key), key, value, now=now)
    for question in questions:
        if question.kind == "call" and question.key in values:
            value = values[question.key]
            response.wants_call = value.choices == ["yes"]
            response.call_phone, response.call_when = value.words[:PHONE], value.comment[:WHEN]
    if changed:
        response.saved_at = now
        response.save(update_fields=["saved_at", "wants_call", "call_phone", "call_when"])
        Result.objects.mark_stale(round_id=response.invitation.round_id, client_ids=[response.invitation.client_id])


def _keep_one(response, answer, key, value, *, now):
    """True when something changed; what stood there before is kept."""
    before = value_of(answer)
    if value == before:
        return False
    if answer is None:
        Answer.objects.create(response=response, key=key, saved_at=now, **asdict(value))
        return True
    EarlierAnswer.objects.create(answer=answer, saved_at=answer.saved_at, **asdict(before))
    for name, part in asdict(value).items():
        setattr(answer, name, part)
    answer.saved_at = now
    answer.save()
    return True


def _keep_confidence(response, data, now):
    chosen = data.get(CONFIDENCE, "")
    if chosen not in ("yes", "no"):
        raise Refused([(CONFIDENCE, _("Choose whether we may see your name."))])
    if response.in_confidence != (chosen == "yes"):
        response.in_confidence, response.saved_at = chosen == "yes", now
        response.save(update_fields=["in_confidence", "saved_at"])
        Result.objects.mark_stale(round_id=response.invitation.round_id, client_ids=[response.invitation.client_id])
    return response


def progress(response, questions):
    """(answered, of): how many questions have an answer."""
    if response is None:
        return 0, len(questions)
    given = {answer.key for answer in response.answers.all() if answer.is_given}
    return sum(question.key in given for question in questions), len(questions)
