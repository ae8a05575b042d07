"""Questionnaires: what stands in a snapshot, in which languages, and which lines over the years hold."""

from copy import deepcopy
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from surveys import launch, trends
from surveys.answering import Value
from surveys.default_questionnaire import LANGUAGES, QUESTIONS
from surveys.models import Question, Questionnaire, QuestionnaireVersion, Round
from surveys.models.questionnaires import Unchangeable
from surveys.questions import answerable, languages_of, missing_in, questions_of, scale_questions
from tests.make import make_contact, make_invitation, make_questionnaire, make_round

STANDARD = {"questionnaire": "Standard", "version": 1, "questions": deepcopy(QUESTIONS)}
MIGRATION = "surveys.migrations.{}"


def with_words(key, language="en-gb", **words):
    """The standard snapshot with some words of one question changed."""
    snapshot = deepcopy(STANDARD)
    entry = next(q for q in snapshot["questions"] if q["key"] == key)
    entry["wording"][language] = {**entry["wording"][language], **words}
    return snapshot


def with_question(key, **fields):
    snapshot = deepcopy(STANDARD)
    next(q for q in snapshot["questions"] if q["key"] == key).update(fields)
    return snapshot


def asked(snapshot, key, language="en-gb"):
    return next(q for q in questions_of(snapshot, language) if q.key == key)


# -------------------------------------------------------------------- the standard one


def test_the_standard_questionnaire_asks_what_the_domain_lists_and_nothing_else():
    measured = {}
    for question in scale_questions(questions_of(STANDARD)):
        measured[question.dimension] = measured.get(question.dimension, 0) + 1

    assert measured == {
        "respect": 1, "trust": 2, "cooperation": 1, "transparency": 1, "promises": 2, "responsiveness": 1, "value": 2,
        "same_page": 1, "understanding": 1, "continue": 1, "overall": 1, "recommend": 1,
    }  # fmt: skip
    assert [(q.key, q.kind) for q in questions_of(STANDARD) if not q.is_scale] == [
        ("matters_most", "pick"), ("better", "text"), ("not_done", "text"), ("call", "call"),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_standard_questionnaire_is_complete_in_every_language(language):
    english = {q.key: q for q in questions_of(STANDARD)}
    questions = questions_of(STANDARD, language)

    assert [q.language for q in questions] == [language] * 19
    for question in questions:
        assert list(question.options) == list(english[question.key].options)
        assert bool(question.hint) == bool(english[question.key].hint)
        if question.is_scale:
            assert question.low
            assert question.high
        if language != "en-gb":
            assert question.text != english[question.key].text
            assert not set(question.options.values()) & set(english[question.key].options.values())


def test_the_standard_questionnaire_is_offered_in_four_languages():
    assert languages_of(STANDARD) == ["en-gb", "de", "fr", "es"]


# -------------------------------------------------------------------- words and languages


def test_a_question_without_words_in_a_language_is_put_in_english_as_a_whole():
    snapshot = deepcopy(STANDARD)
    entry = next(q for q in snapshot["questions"] if q["key"] == "recommend")
    entry["wording"]["de"] = {"text": "", "low": "Nein", "high": "Ja"}

    question = asked(snapshot, "recommend", "de")

    assert (question.language, question.low) == ("en-gb", "Not at all likely")
    assert asked(snapshot, "respect", "de").language == "de"


def test_a_regional_language_is_read_in_its_main_one():
    assert asked(STANDARD, "respect", "de-at").text == asked(STANDARD, "respect", "de").text


def test_options_come_in_their_order_whatever_the_database_did_to_it():
    shuffled = deepcopy(STANDARD)
    words = next(q for q in shuffled["questions"] if q["key"] == "matters_most")["wording"]["en-gb"]
    words["options"] = dict(sorted(words["options"].items(), reverse=True))

    assert list(asked(shuffled, "matters_most", "de").options) == list(asked(STANDARD, "matters_most").options)


def test_an_option_that_is_offered_no_more_is_not_shown_and_keeps_its_words():
    snapshot = with_words("matters_most", order=["trust", "value"])

    assert list(asked(snapshot, "matters_most", "fr").options) == ["trust", "value"]


@pytest.mark.parametrize(
    ("key", "words", "lacking"),
    [
        ("respect", {"text": ""}, ["text"]),
        ("respect", {"low": "", "high": ""}, ["low", "high"]),
        ("better", {"hint": ""}, ["hint"]),
        ("matters_most", {"options": {"trust": "Vertrauen"}}, ["options"]),
    ],
)
def test_what_is_missing_in_a_language_is_named_and_the_language_not_offered(key, words, lacking):
    snapshot = with_words(key, "de", **words)
    entry = next(q for q in snapshot["questions"] if q["key"] == key)

    assert missing_in(entry, "de") == lacking
    assert languages_of(snapshot) == ["en-gb", "fr", "es"]


def test_english_is_always_offered():
    assert languages_of(with_words("respect", text="")) == ["en-gb", "de", "fr", "es"]


def test_a_heading_is_no_question():
    section = {"key": "part_two", "kind": "section", "wording": {"en-gb": {"text": "About our work"}}}
    questions = questions_of({"questions": [section, *STANDARD["questions"]]})

    assert questions[0].is_section
    assert [q.key for q in answerable(questions)] == [q["key"] for q in STANDARD["questions"]]
    assert len(scale_questions(questions)) == 15


# -------------------------------------------------------------------- shown only after such an answer


@pytest.mark.parametrize(
    ("condition", "value", "shown"),
    [
        ({"at_most": 4}, Value(number=4), True),
        ({"at_most": 4}, Value(number=0), True),
        ({"at_most": 4}, Value(number=5), False),
        ({"at_most": 4}, Value(cant_say=True), False),
        ({"at_most": 4}, None, False),
        ({"at_least": 9}, Value(number=9), True),
        ({"at_least": 9}, Value(number=8), False),
        ({"is": "yes"}, Value(choices=["yes"]), True),
        ({"is": "yes"}, Value(choices=["no"]), False),
        ({"is": "trust"}, Value(choices=["respect", "trust"]), True),
        ({"is": "trust"}, None, False),
    ],
)
def test_a_question_with_a_condition_is_shown_after_such_an_answer_only(condition, value, shown):
    snapshot = with_question("better", show_if={"key": "overall", **condition})

    assert asked(snapshot, "better").shown_for({"overall": value} if value else {}) is shown


def test_a_question_without_a_condition_is_always_shown():
    assert asked(STANDARD, "better").shown_for({}) is True


# -------------------------------------------------------------------- lines over the years


def test_the_same_questions_go_on():
    assert trends.unbroken(STANDARD, deepcopy(STANDARD)) == {q["key"] for q in QUESTIONS}
    assert trends.dimensions(STANDARD, deepcopy(STANDARD)) == {
        "respect", "trust", "cooperation", "transparency", "promises", "responsiveness", "value", "same_page",
        "understanding", "continue", "overall", "recommend",
    }  # fmt: skip
    assert not trends.changes(STANDARD, deepcopy(STANDARD))


@pytest.mark.parametrize(
    "changed",
    [
        with_words("trust_honest", text="You believe us."),
        with_words("trust_honest", low="Never"),
        with_question("trust_honest", reverse=True),
        with_question("trust_honest", kind="yes_no"),
        with_question("trust_honest", dimension="respect"),
    ],
    ids=["words", "end of the scale", "polarity", "kind", "dimension"],
)
def test_a_change_of_meaning_breaks_the_line_of_the_question_and_its_dimension(changed):
    assert {q["key"] for q in QUESTIONS} - trends.unbroken(STANDARD, changed) == {"trust_honest"}
    assert "trust" not in trends.dimensions(STANDARD, changed)
    assert "value" in trends.dimensions(STANDARD, changed)
    assert trends.changes(STANDARD, changed).broken == ("trust_honest",)
    assert trends.broken_lines(STANDARD, changed) == ["trust_honest"]


@pytest.mark.parametrize(
    "changed",
    [
        with_words("trust_honest", "de", text="Sie glauben uns."),
        with_words("trust_honest", hint="Think of the last year."),
        with_words("trust_honest", text="You can  believe what we tell you. "),
        with_question("trust_honest", required=True),
    ],
    ids=["translation", "hint", "white space", "required"],
)
def test_a_mended_translation_a_hint_or_white_space_breaks_nothing(changed):
    assert trends.broken_lines(STANDARD, changed) == []
    assert trends.dimensions(STANDARD, changed) == trends.dimensions(STANDARD, STANDARD)
    assert trends.changes(STANDARD, changed).reworded == ("trust_honest",)


def test_another_choice_of_options_breaks_a_line_and_another_order_does_not():
    words = QUESTIONS[15]["wording"]["en-gb"]
    fewer = with_words("matters_most", order=words["order"][:-1])
    turned = with_words("matters_most", order=words["order"][::-1])

    assert trends.broken_lines(STANDARD, fewer) == ["matters_most"]
    assert trends.broken_lines(STANDARD, turned) == []
    assert trends.changes(STANDARD, turned).reworded == ("matters_most",)


def test_a_question_added_to_a_dimension_breaks_the_line_of_the_dimension_alone():
    more = deepcopy(STANDARD)
    more["questions"].append({**deepcopy(QUESTIONS[4]), "key": "respect_more"})

    assert trends.broken_lines(STANDARD, more) == []
    assert trends.dimensions(STANDARD, STANDARD) - trends.dimensions(STANDARD, more) == {"respect"}
    assert trends.changes(STANDARD, more).added == ("respect_more",)


def test_one_question_put_elsewhere_is_one_that_moved():
    moved = deepcopy(STANDARD)
    moved["questions"].insert(0, moved["questions"].pop(7))

    assert trends.changes(STANDARD, moved) == trends.Changes(moved=(QUESTIONS[7]["key"],))


@given(st.permutations(QUESTIONS), st.sets(st.sampled_from([q["key"] for q in QUESTIONS])))
def test_what_changed_from_one_to_another_is_the_mirror_of_the_way_back(order, gone):
    other = {"questions": [q for q in order if q["key"] not in gone]}
    there, back = trends.changes(STANDARD, other), trends.changes(other, STANDARD)

    assert set(there.removed) == set(back.added) == gone
    assert len(there.moved) == len(back.moved)
    assert (there.broken, there.reworded) == ((), ())
    assert trends.unbroken(STANDARD, other) == trends.unbroken(other, STANDARD)


# -------------------------------------------------------------------- a round, and what it asked


@pytest.mark.django_db
def test_what_a_round_asked_stands_as_a_version_and_the_next_change_begins_another(clock):
    questionnaire = Questionnaire.standard()
    round = make_round(questionnaire=questionnaire)
    make_invitation(round=round, contact=make_contact(), state="pending")

    launch.ask_beliefs(round, by=round.created_by, now=timezone.now())
    questionnaire.before_change()
    questionnaire.questions.filter(key="respect").update(reverse=True)

    version = questionnaire.versions.get()
    assert (version.number, version.made_by, version.made_at) == (1, round.created_by, timezone.now())
    assert version.content == Round.objects.get(pk=round.pk).snapshot
    assert questionnaire.version == 2
    assert not asked(version.content, "respect").reverse
    assert questionnaire.freeze(by=None, now=timezone.now()).number == 2


@pytest.mark.django_db
def test_two_rounds_that_ask_the_same_share_a_version(clock):
    questionnaire = Questionnaire.standard()

    first = questionnaire.freeze(by=None, now=timezone.now())
    second = questionnaire.freeze(by=None, now=timezone.now())

    assert first == second


@pytest.mark.django_db
def test_a_version_is_written_once_and_never_changed(clock):
    version = Questionnaire.standard().freeze(by=None, now=timezone.now())
    version.content = {"questions": []}

    for attempt in (
        version.save,
        version.delete,
        version.questionnaire.delete,
        QuestionnaireVersion.objects.all().delete,
        lambda: QuestionnaireVersion.objects.update(number=9),
        lambda: QuestionnaireVersion.objects.bulk_update([version], ["content"]),
        lambda: QuestionnaireVersion.objects.update_or_create(pk=version.pk, defaults={"number": 9}),
    ):
        with pytest.raises(Unchangeable):
            attempt()

    assert len(QuestionnaireVersion.objects.get().content["questions"]) == 19


@pytest.mark.django_db
def test_the_snapshot_of_a_round_is_never_written_over():
    round = make_round(state="open")
    round.snapshot["questions"].pop()

    for attempt in (
        round.save,
        lambda: round.save(update_fields=["snapshot"]),
        lambda: Round.objects.filter(pk=round.pk).update(snapshot=None),
    ):
        with pytest.raises(Unchangeable):
            attempt()
    round.name = "Renamed"
    round.save(update_fields=["name"])

    kept = Round.objects.get(pk=round.pk)
    assert (kept.name, len(kept.asked)) == ("Renamed", 19)


@pytest.mark.django_db
def test_a_round_asks_in_the_languages_chosen_and_in_english_otherwise():
    round = make_round(state="open", languages=["de"])

    assert round.languages_offered == ["en-gb", "de"]
    assert round.asked_in("de")[4].text == LANGUAGES["de"].WORDS["respect"]["text"]
    assert round.asked_in("fr") == round.asked_in("en-gb") == round.asked
    assert make_round(state="open").languages_offered == ["en-gb", "de", "fr", "es"]


@pytest.mark.django_db
def test_a_removed_question_is_asked_no_more_and_stays_in_what_was_asked():
    questionnaire = Questionnaire.standard()
    round = make_round(questionnaire=questionnaire, state="open")

    questionnaire.questions.filter(key="value_price").update(removed_at=timezone.now())

    assert len(questionnaire.as_asked()["questions"]) == 18
    assert len(Round.objects.get(pk=round.pk).asked) == 19


# -------------------------------------------------------------------- installations that are older than all this


@pytest.mark.django_db
def test_untouched_standard_questions_get_the_new_languages_and_reworded_ones_do_not(clock):
    questionnaire = Questionnaire.standard()
    for question in questionnaire.questions.all():
        english = {name: part for name, part in question.wording["en-gb"].items() if name != "order"}
        question.wording = {"en-gb": english}
        question.save()
    reworded = questionnaire.questions.get(key="respect")
    reworded.wording["en-gb"]["text"] = "We are polite."
    reworded.save()
    translated = questionnaire.questions.get(key="better")
    translated.wording["de"] = {"text": "Was stört Sie?"}
    translated.save()
    round = make_round(questionnaire=questionnaire, state="open")
    module = import_module(MIGRATION.format(newest("standard_questions")))

    module.keep_versions(apps, None)
    module.add_languages(apps, None)

    questionnaire.refresh_from_db()
    wording = {question.key: question.wording for question in Question.objects.all()}
    assert questionnaire.version == 2
    assert questionnaire.versions.get().content == Round.objects.get(pk=round.pk).snapshot
    assert list(wording["respect"]) == ["en-gb"]
    assert wording["better"]["de"] == {"text": "Was stört Sie?"}
    assert wording["better"]["fr"]["text"] == LANGUAGES["fr"].WORDS["better"]["text"]
    assert sum(set(words) == set(LANGUAGES) for words in wording.values()) == 18


@pytest.mark.django_db
def test_giving_the_languages_twice_changes_nothing_the_second_time():
    questionnaire = Questionnaire.standard()
    module = import_module(MIGRATION.format(newest("standard_questions")))

    module.add_languages(apps, None)

    questionnaire.refresh_from_db()
    assert questionnaire.version == 1


def newest(name):
    from pathlib import Path

    return next(path.stem for path in Path("surveys/migrations").glob(f"*{name}*.py"))


# -------------------------------------------------------------------- any snapshot


codes = st.sampled_from(["en-gb", "de", "fr", "es"])
words = st.fixed_dictionaries({"text": st.text(max_size=20), "hint": st.text(max_size=5)})
entries = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Question.Kind.values),
        "dimension": st.sampled_from(["", "trust"]),
        "reverse": st.booleans(),
        "required": st.booleans(),
        "pick_up_to": st.none() | st.integers(1, 5),
        "show_if": st.none(),
        "wording": st.dictionaries(codes, words),
    }
)


@pytest.mark.django_db
@given(st.lists(entries, max_size=5))
def test_any_questionnaire_comes_out_of_the_database_as_it_went_in(made):
    Questionnaire.objects.filter(name="Any").delete()
    questionnaire = make_questionnaire(standard=False, name="Any")
    snapshot = [{"key": f"q{n}", **entry} for n, entry in enumerate(made)]
    snapshot = _storable(snapshot)
    Question.objects.bulk_create(
        Question(questionnaire=questionnaire, position=n, **entry) for n, entry in enumerate(snapshot, 1)
    )

    again = questionnaire.as_asked()

    assert again["questions"] == snapshot
    assert questions_of(again) == questions_of({"questions": snapshot})


def _storable(snapshot):
    """NUL and lone surrogates never reach a model: the forms refuse them."""
    import json

    text = json.dumps(snapshot, ensure_ascii=False).encode("utf-8", "ignore").decode().replace("\\u0000", "")
    return json.loads(text)
