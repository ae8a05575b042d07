"""The page a client answers on, as data: its questions with what stands in them, and its parts."""

from dataclasses import dataclass, field

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.quick import date_format
from surveys import answering
from surveys.minutes import asked_of, minutes_of
from surveys.models import Answer, Response
from surveys.values import DETAILS, EMPTY, Value, read, value_of

MOST_ON_ONE_PAGE = 12
LOW = 4  # a score that opens the field for a few words by itself


@dataclass(frozen=True)
class Shown:
    """One question on the page with what stands in it. A heading has no number, nor has a question that depends."""

    question: object
    value: Value
    number: int | None
    saved: Value  # as it is stored: what a later change is held against
    problem: str = ""
    only_if: str = ""  # the condition in words, for who has no JavaScript
    details: dict = field(default_factory=dict)

    @property
    def numbers(self):
        return range(11)

    @property
    def chosen(self):
        return set(self.value.choices)

    @property
    def is_low(self):
        number = self.value.number
        return number is not None and (number >= 10 - LOW if self.question.reverse else number <= LOW)

    @property
    def when(self):
        """(the other question, how it is compared, with what) for the script that shows and hides."""
        show_if = self.question.show_if
        if not show_if:
            return None
        how = next(name for name in ("is", "at_most", "at_least") if name in show_if)
        return show_if["key"], how, show_if[how]


def shown_questions(questions, answers, *, preselected=None, data=None, problems=(), among=None):
    """The questions with their answers; after a refused form, with what was typed.

    `among`: all questions of the round, where these are one part of them.
    """
    problems = dict(problems)
    among = questions if among is None else among
    numbers = {question.key: number for number, question in enumerate(asked_of(among), 1)}
    by_key = {question.key: question for question in among}
    shown = []
    for question in questions:
        saved = value_of(answers.get(question.key))
        value = saved
        if data is not None and question.takes_answer:
            value = _as_typed(question, data, saved)
        elif preselected and preselected[0] == question.key and saved == EMPTY and question.is_scale:
            value = Value(number=preselected[1])
        shown.append(
            Shown(
                question,
                value,
                numbers.get(question.key),
                saved,
                problems.get(question.key, ""),
                _only_if(question, by_key),
                dict(zip((name for name, _most in DETAILS), value.choices or ("", "", ""), strict=False)),
            )
        )
    return shown


def _as_typed(question, data, saved):
    try:
        return read(question, data)
    except forms.ValidationError:
        name = f"q-{question.key}"
        if question.kind in ("text", "scale"):
            return Value(words=data.get(name, ""), comment=data.get(f"c-{question.key}", ""))
        if question.kind == "call":
            words, comment = data.get(f"{name}-phone", ""), data.get(f"{name}-when", "")
            return Value(choices=data.getlist(name), words=words, comment=comment)
        if question.kind == "contact":
            return Value(choices=[data.get(f"{name}-{part}", "") for part, _most in DETAILS])
        return saved


def _only_if(question, by_key):
    """“Only if you gave 6 or less to …”: one sentence, so that the page makes sense without JavaScript."""
    other = by_key.get(question.show_if["key"]) if question.show_if else None
    if other is None:
        return ""
    if "is" in question.show_if:
        answer = question.show_if["is"]
        said = other.options.get(answer) or {"yes": pgettext("client", "Yes"), "no": pgettext("client", "No")}.get(
            answer, answer
        )
        return _("Only if you chose “%(answer)s” for “%(question)s”") % {"answer": said, "question": other.text}
    if "at_most" in question.show_if:
        words = {"number": question.show_if["at_most"], "question": other.text}
        return _("Only if you gave %(number)d or less to “%(question)s”") % words
    words = {"number": question.show_if["at_least"], "question": other.text}
    return _("Only if you gave %(number)d or more to “%(question)s”") % words


# -------------------------------------------------------------------- parts


def parts_of(questions):
    """The questions page by page: one page; or one for each heading where there are more than twelve questions."""
    if len(asked_of(questions)) <= MOST_ON_ONE_PAGE:
        return [questions]
    parts = [[]]
    for question in questions:
        if question.is_section and parts[-1]:
            parts.append([])
        parts[-1].append(question)
    # A heading without a question under it goes with what follows it.
    whole = []
    for part in reversed(parts):
        if any(question.takes_answer for question in part) or not whole:
            whole.insert(0, part)
        else:
            whole[0] = part + whole[0]
    return whole


def part_number(text, parts):
    """The part an address names, from 1; anything else is the first."""
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 1
    return number if 1 <= number <= len(parts) else 1


def part_with(key, parts):
    """The number of the part that holds this question."""
    return next((number for number, part in enumerate(parts, 1) if any(q.key == key for q in part)), len(parts))


# -------------------------------------------------------------------- the whole page


def preselected(request):
    """A score clicked in a mail, as `?q=overall:7`: shown as chosen, saved only when the page is sent."""
    key, _colon, number = request.GET.get("q", "").partition(":")
    if number.isascii() and number.isdigit() and len(number) < 3 and int(number) <= 10:
        return key, int(number)
    return None


def page(request, link, *, part=None, data=None, problems=(), nothing=False):
    """Everything the answering page shows to one person."""
    invitation = link.invitation
    questions = invitation.round.asked_in(link.code)
    parts = parts_of(questions)
    part = part or part_number(request.GET.get("part"), parts)
    response = Response.objects.filter(invitation=invitation).first()
    kept = list(Answer.kept.filter(response=response)) if response else []
    answers = {answer.key: answer for answer in kept}
    given = {answer.key for answer in kept if answer.is_given and not answer.set_aside}
    in_confidence = response.in_confidence if response else False
    if data is not None and data.get(answering.CONFIDENCE) in ("yes", "no"):
        in_confidence = data[answering.CONFIDENCE] == "yes"
    here = {question.key for question in parts[part - 1]} | {answering.CONFIDENCE}
    shown_here = [q for q in parts[part - 1] if not q.show_if or q.show_if["key"] in here or q.shown_for(answers)]
    return {
        **about(link),
        **_parts(parts, part),
        "shown": shown_questions(
            shown_here,
            answers,
            preselected=preselected(request),
            data=data,
            problems=problems,
            among=questions,
        ),
        "response": response,
        "in_confidence": in_confidence,
        "done": sum(question.key in given for question in asked_of(questions)),
        "problems": [(f"q-{key}", words) for key, words in problems if key in here],
        "nothing": nothing,
    }


def _parts(parts, part):
    return {"part": part, "parts": len(parts), "last": part == len(parts)}


def about(link):
    """What every page of one person's survey shows."""
    invitation = link.invitation
    owner, round = invitation.client.owner, invitation.round
    return {
        "invitation": invitation,
        "contact": invitation.contact,
        "client": invitation.client,
        "owner": owner,
        "round": round,
        "token": link.token,
        "until": date_format(round.closes_on, "MONTH_DAY_FORMAT") if round.closes_on else "",
        "help_name": owner.first_name,
        "help_phone": owner.phone,
        **wording(round, link.code),
    }


def wording(round, code):
    """What the page says about its questions, and the languages it can be had in."""
    questions = round.asked_in(code)
    asked = asked_of(questions)
    names = dict(settings.LANGUAGES)
    return {
        "code": code,
        "languages": [(one, names[one]) for one in round.languages_offered],
        "count": len(asked),
        "minutes": minutes_of(asked),
        "some_needed": any(question.required for question in questions),
    }


def preview(request, round, code, asked=None):
    """The page as one person on the list sees it, in one language and one part; nothing on it is saved."""
    asked = asked or round.invitations.with_people().first()
    owner = asked.client.owner if asked else request.user
    questions = round.asked_in(code)
    parts = parts_of(questions)
    part = part_number(request.GET.get("part"), parts)
    return {
        **wording(round, code),
        **_parts(parts, part),
        "preview": True,
        "round": round,
        "invitation": asked,
        "contact": asked.contact if asked else {"first_name": "Rosa"},
        "client": asked.client if asked else {"name": _("your client")},
        "owner": owner,
        "help_name": owner.first_name,
        "help_phone": owner.phone,
        "shown": shown_questions(parts[part - 1], {}, among=questions),
        "done": 0,
        "until": "",
    }
