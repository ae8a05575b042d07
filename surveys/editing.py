"""Questionnaires are made, copied and changed here. What a round has asked is never touched: the next version is."""

import re
import unicodedata
from contextlib import contextmanager
from copy import deepcopy

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.conflict import Stale
from surveys.models import Question, Questionnaire
from surveys.questions import FALLBACK, NEEDED, TO_CHECK

KEY = 40
ONCE = {Question.Kind.CALL, Question.Kind.CONTACT}  # a response has one telephone number and one new contact
CAN_BE_ASKED_ABOUT = {"scale", "choice", "pick", "yes_no", "call"}  # another question may depend on these


class NotPossible(Exception):
    """The questionnaire would make no sense afterwards; says why, in words."""


def new(name, *, now):
    with _name_is_free():
        return Questionnaire.objects.create(name=name, created_at=now)


@transaction.atomic
def copy(questionnaire, name, *, now):
    """A questionnaire of its own with the same questions under the same keys, so that trends go on."""
    with _name_is_free():
        made = Questionnaire.objects.create(name=name, created_at=now, based_on=questionnaire)
    questions = list(questionnaire.questions.all())
    for question in questions:
        question.pk, question.questionnaire, question.version = None, made, 1
    Question.objects.bulk_create(questions)
    return made


def rename(questionnaire, name, *, was):
    """Calls it something else; rounds that asked it keep the name they asked it under. `was`: as it was read."""
    with _name_is_free():
        if not Questionnaire.objects.filter(pk=questionnaire.pk, name=was).update(name=name):
            raise Stale(questionnaire)


@contextmanager
def _name_is_free():
    """Of two people who choose the same name at the same moment the second one is told."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise NotPossible(_("There is a questionnaire of this name already.")) from None


def retire(questionnaire, *, now):
    Questionnaire.objects.filter(pk=questionnaire.pk, retired_at=None).update(retired_at=now)


def bring_back_questionnaire(questionnaire):
    Questionnaire.objects.filter(pk=questionnaire.pk).update(retired_at=None)


# -------------------------------------------------------------------- keys


def as_key(text, taken=(), fallback="question"):
    """A key made from words: lower case, at most 40 characters, none of those taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    start = re.sub(r"[^a-z0-9]+", "_", re.sub(r"['’]", "", plain)).strip("_")[:KEY].strip("_") or fallback
    key, n = start, 1
    while key in taken:
        n += 1
        key = f"{start[: KEY - len(str(n)) - 1].rstrip('_')}_{n}"
    return key


def keys_of(questionnaire):
    """Every key ever used in it: those of removed questions stay taken."""
    return set(questionnaire.questions.values_list("key", flat=True))


# -------------------------------------------------------------------- one question


@transaction.atomic
def add(questionnaire, *, kind, wording, key="", **fields):
    """A question at the end; without a key one is made from its English words."""
    questionnaire.before_change()
    if kind in ONCE and questionnaire.questions.asked().filter(kind=kind).exists():
        raise NotPossible(_("There is a question of this kind already, and one is enough."))
    taken = keys_of(questionnaire)
    key = key or as_key(wording.get("en-gb", {}).get("text", ""), taken)
    if key in taken:
        raise NotPossible(_("“%(key)s” is taken, maybe by a question that was taken away.") % {"key": key})
    place = questionnaire.questions.asked().count() + 1
    return questionnaire.questions.create(key=key, kind=kind, wording=wording, position=place, **fields)


@transaction.atomic
def change(question, *, version, **fields):
    """What a form saves of a question as it was read at that version; `Stale` when somebody was quicker."""
    question.questionnaire.before_change()
    claimed = Question.objects.filter(pk=question.pk, version=version).update(version=F("version") + 1, **fields)
    if not claimed:
        raise Stale(question)
    question.refresh_from_db()


@transaction.atomic
def move(question, *, up):
    """One place up or down among those asked. At the end of the row nothing happens."""
    Questionnaire.objects.select_for_update().get(pk=question.questionnaire_id)
    row = list(question.questionnaire.questions.asked())
    here = [one.pk for one in row].index(question.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(row):
        return
    row[here], row[there] = row[there], row[here]
    question.questionnaire.before_change()
    if before := first_before_its_condition(row):
        raise NotPossible(_("“%(text)s” depends on the other one, so it has to stay below it.") % {"text": before.text})
    _number(row)


@transaction.atomic
def remove(question, *, now):
    """Asked no more from the next round on. Its key and its words stay, and it can be brought back."""
    question.questionnaire.before_change()
    hangs_on_it = question.questionnaire.questions.asked().filter(show_if__key=question.key).first()
    if hangs_on_it:
        raise NotPossible(
            _("“%(text)s” is shown only after an answer to this one. Change that first.") % {"text": hangs_on_it.text}
        )
    Question.objects.filter(pk=question.pk, removed_at=None).update(removed_at=now, version=F("version") + 1)
    _number(question.questionnaire.questions.asked())


@transaction.atomic
def bring_back(question):
    """Asked again, at the end. A condition on a question that is not asked any more falls away."""
    questionnaire = question.questionnaire
    questionnaire.before_change()
    row = list(questionnaire.questions.asked())
    if question.kind in ONCE and any(one.kind == question.kind for one in row):
        raise NotPossible(_("There is a question of this kind already, and one is enough."))
    there = {one.key: one for one in row}
    condition = question.show_if
    other = there.get(condition["key"]) if condition else None
    if condition and (
        other is None or other.show_if or any((one.show_if or {}).get("key") == question.key for one in row)
    ):
        condition = None
    Question.objects.filter(pk=question.pk).exclude(removed_at=None).update(
        removed_at=None, show_if=condition, position=len(row) + 1, version=F("version") + 1
    )
    _number(questionnaire.questions.asked())


def _number(row):
    """Whole positions 1, 2, 3 … in this order; those taken away keep theirs, which nobody sees."""
    for position, question in enumerate(row, 1):
        if question.position != position:
            Question.objects.filter(pk=question.pk).update(position=position)


def first_before_its_condition(row):
    """The first question that comes before the one it depends on, or None."""
    seen = set()
    for question in row:
        if question.show_if and question.show_if["key"] not in seen:
            return question
        seen.add(question.key)
    return None


def may_depend_on(question, row):
    """The questions in front of this one that it may depend on: one level, so none that depends on another itself.

    A question others depend on may not depend on anything.
    """
    if any((one.show_if or {}).get("key") == question.key for one in row):
        return []
    found = []
    for other in row:
        if other.pk and other.pk == question.pk:
            break
        if other.kind in CAN_BE_ASKED_ABOUT and not other.show_if:
            found.append(other)
    return found


def with_words(wording, language, words):
    """A wording with the words of one language replaced; what is empty is left out, and an empty language too."""
    changed = deepcopy(wording or {})
    kept = {name: part for name, part in words.items() if part}
    if kept:
        changed[language] = kept
    else:
        changed.pop(language, None)
    return changed


def with_english(wording, words):
    """A wording with other English words. Where they say something else, translations are to be looked at."""
    changed = with_words(wording, FALLBACK, words)
    if _said(changed, wording) != _said(wording, changed):
        for code in set(changed) - {FALLBACK}:
            changed[code][TO_CHECK] = True
    return changed


def _said(wording, other):
    """The English words, of the options those that the other wording has as well: a new one is missing by itself."""
    words, others = ((one or {}).get(FALLBACK) or {} for one in (wording, other))
    options = {key: text for key, text in (words.get("options") or {}).items() if key in (others.get("options") or {})}
    return [" ".join((words.get(name) or "").split()) for name in NEEDED], options
