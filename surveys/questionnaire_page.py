"""What the pages of questionnaires show: rows with their figures, languages with what is missing, versions."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _

from surveys.answer_page import shown_questions
from surveys.minutes import asked_of, minutes_of
from surveys.models import Question, Questionnaire, Round
from surveys.questions import FALLBACK, is_to_check, languages_of, missing_in, questions_of
from surveys.trends import changes


@dataclass(frozen=True)
class Language:
    """A language of a questionnaire, and how many of its questions are not written in it."""

    code: str
    name: str
    missing: int
    of: int
    to_check: int = 0  # written before the English words were changed

    @property
    def is_complete(self):
        return self.missing == 0


def languages(content):
    entries = content["questions"]
    return [
        Language(
            code,
            name,
            0 if code == FALLBACK else sum(bool(missing_in(e, code)) for e in entries),
            len(entries),
            sum(is_to_check(e, code) for e in entries),
        )
        for code, name in settings.LANGUAGES
    ]


def all_of_them():
    """Every questionnaire: in use first, the standard one at the top."""
    Questionnaire.standard()
    asked = Question.objects.filter(removed_at=None).exclude(kind="section")
    found = Questionnaire.objects.annotate(
        count=Count("questions", filter=Q(questions__in=asked), distinct=True),
        asked_in=Count("rounds", filter=Q(rounds__snapshot__isnull=False), distinct=True),
    ).prefetch_related(Prefetch("questions", Question.objects.asked(), to_attr="row"))
    for one in found:
        content = {"questions": [question.as_asked() for question in one.row]}
        one.offered_in = [dict(settings.LANGUAGES)[code] for code in languages_of(content)] if one.row else []
    return sorted(found, key=lambda one: (one.retired_at is not None, not one.is_standard, one.name.casefold()))


def of(questionnaire, content, *, may_write):
    """One questionnaire's page."""
    questions = list(questionnaire.questions.asked())
    shown = {one.question.key: one for one in shown_questions(questions_of(content), {})}
    others = [(code, name) for code, name in settings.LANGUAGES if code != FALLBACK]
    rows = [
        {
            "question": question,
            "shown": shown[question.key],
            "lacks": [name for code, name in others if missing_in(question.as_asked(), code)],
            "to_check": [name for code, name in others if is_to_check(question.as_asked(), code)],
            "is_first": n == 0,
            "is_last": n == len(questions) - 1,
        }
        for n, question in enumerate(questions)
    ]
    number = sum(question.kind != Question.Kind.SECTION for question in questions)
    frozen = questionnaire.versions.filter(number=questionnaire.version).exists()
    return {
        "questionnaire": questionnaire,
        "rows": rows,
        "removed": list(questionnaire.questions.removed()),
        "languages": languages(content),
        "count": number,
        "minutes": minutes_of(asked_of(questions_of(content))),
        "may_write": may_write,
        "frozen": frozen,
        "asked_by": rounds_by_version(questionnaire)[questionnaire.version],
    }


def kinds():
    """(kind, its name, what it is for)."""
    said = {
        "scale": _("A statement or a question, answered by a number. We say beforehand what they will answer."),
        "choice": _("They choose one of the answers you offer."),
        "pick": _("They choose a few of the answers you offer, at most as many as you allow."),
        "yes_no": _("Yes or no, nothing between."),
        "text": _("They write as much as they like."),
        "call": _("They leave a number and a time, and the owner is asked to call."),
        "contact": _("They tell whom we should speak to, and how to reach them."),
        "section": _("Words between the questions, with nothing to answer."),
    }
    return [(value, label, said[value]) for value, label in Question.Kind.choices]


# -------------------------------------------------------------------- versions


def rounds_by_version(questionnaire):
    """{number: [(name, public id) of the rounds that asked it]}, the newest first."""
    found = defaultdict(list)
    asked = Round.objects.filter(questionnaire=questionnaire, snapshot__isnull=False).order_by(
        "-beliefs_asked_at", "-pk"
    )
    for name, public_id, number in asked.values_list("name", "public_id", "snapshot__version"):
        found[number].append((name, public_id))
    return found


def versions_of(questionnaire):
    """Each version with what is different from the one before, the newest first; the one being written on top."""
    kept = list(questionnaire.versions.select_related("made_by").order_by("number"))
    rounds = rounds_by_version(questionnaire)
    shown, before = [], None
    for version in kept:
        shown.append(_version(version.number, version.content, before, version=version, rounds=rounds[version.number]))
        before = version.content
    if not kept or kept[-1].number != questionnaire.version:
        shown.append(_version(questionnaire.version, questionnaire.as_asked(), before))
    return shown[::-1]


def _version(number, content, before, *, version=None, rounds=()):
    return {
        "number": number,
        "version": version,
        "rounds": rounds,
        "count": sum(entry["kind"] != "section" for entry in content["questions"]),
        "changes": in_words(before, content) if before else [],
        "is_first": before is None,
    }


def in_words(before, now):
    """What changed, as (what, whether a line ends, the words)."""
    then = {entry["key"]: entry for entry in before["questions"]}
    today = {entry["key"]: entry for entry in now["questions"]}
    different = changes(before, now)
    said = [(_("Added"), False, _text(today[key])) for key in different.added]
    said += [(_("Taken away"), then[key]["kind"] != "section", _text(then[key])) for key in different.removed]
    for key in different.broken:
        old, new = _text(then[key]), _text(today[key])
        words = _("“%(new)s”, before: “%(old)s”") % {"new": new, "old": old} if new != old else new
        said.append((_("Changed"), today[key]["kind"] != "section", words))
    said += [(_("Hint, translation or setting changed"), False, _text(today[key])) for key in different.reworded]
    said += [(_("Put elsewhere"), False, _text(today[key])) for key in different.moved]
    return said


def _text(entry):
    return (entry.get("wording") or {}).get(FALLBACK, {}).get("text") or entry["key"]
