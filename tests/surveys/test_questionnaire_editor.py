"""The editor: who may, what a change does to the next version, which line it ends, and that nothing is lost."""

import re
from copy import deepcopy
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys import editing, preflight, trends
from surveys.models import Question, Questionnaire, Round
from tests.make import make_questionnaire, make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def standard():
    return Questionnaire.standard()


def address(name, questionnaire, *more):
    return reverse(name, args=[questionnaire.pk, *more])


def page(browser, url, status=200):
    response = browser.get(url)
    assert response.status_code == status
    return unescape(response.content.decode())


def filled(browser, url, **typed):
    """What the form on that page would send, with some fields typed over; None leaves a field out."""
    form = browser.get(url).context["form"]
    data = {}
    for field in form:
        value = field.value()
        if value is True:
            data[field.html_name] = "on"
        elif value not in (None, False, ""):
            data[field.html_name] = value
    data |= typed
    return {name: value for name, value in data.items() if value is not None}


def edited(browser, question, **typed):
    url = address("question_edit", question.questionnaire, question.key)
    return browser.post(url, filled(browser, url, **typed))


def keys(questionnaire):
    return [entry["key"] for entry in questionnaire.as_asked()["questions"]]


def asked_last_year(questionnaire, name="Spring 2024", **fields):
    return make_round(
        questionnaire=questionnaire, state="closed", name=name, snapshot=questionnaire.as_asked(), **fields
    )


# -------------------------------------------------------------------- its name


def test_the_standard_questionnaire_stays_the_standard_whatever_it_is_called(admin_web, standard):
    url = address("questionnaire_rename", standard)

    admin_web.post(url, filled(admin_web, url, name="  How we   do "))

    assert Questionnaire.standard().pk == standard.pk
    assert list(Questionnaire.objects.values_list("name", "is_standard")) == [("How we do", True)]
    assert "How we do" in page(admin_web, reverse("questionnaires"))


def test_what_a_round_has_asked_keeps_its_name(admin_web, standard):
    round = asked_last_year(standard)
    url = address("questionnaire_rename", standard)

    admin_web.post(url, filled(admin_web, url, name="How we do"))

    assert Round.objects.get(pk=round.pk).snapshot["questionnaire"] == "Standard questionnaire"


@pytest.mark.parametrize("name", ["", " ", "our own", "a" * 121, "a\x00b"])
def test_a_name_that_is_taken_or_none_is_refused(admin_web, standard, name):
    make_questionnaire(standard=False, name="Our own")
    url = address("questionnaire_rename", standard)

    assert admin_web.post(url, filled(admin_web, url) | {"name": name}).status_code == 422
    assert Questionnaire.standard().name == "Standard questionnaire"


def test_two_people_who_rename_it_at_once_hear_of_each_other(admin_web, standard):
    url = address("questionnaire_rename", standard)
    mine, theirs = filled(admin_web, url, name="Mine"), filled(admin_web, url, name="Theirs")
    admin_web.post(url, theirs)

    refused = admin_web.post(url, mine)

    assert refused.status_code == 409
    assert "Somebody has called it “Theirs” in the meantime" in unescape(refused.content.decode())
    again = {field.html_name: field.value() for field in refused.context["form"]}
    assert admin_web.post(url, again).status_code == 302
    assert Questionnaire.standard().name == "Mine"


def test_a_name_taken_at_the_same_moment_is_said(standard):
    make_questionnaire(standard=False, name="Our own")

    with pytest.raises(editing.NotPossible):
        editing.rename(standard, "Our own", was=standard.name)
    with pytest.raises(editing.NotPossible):
        editing.new("Our own", now=timezone.now())


# -------------------------------------------------------------------- who may


READS = ["questionnaires", "questionnaire", "questionnaire_versions"]
WRITES = [
    ("get", "questionnaire_new", ()),
    ("get", "question_new", ()),
    ("get", "question_edit", ("respect",)),
    ("post", "question_move", ("respect",)),
    ("post", "question_remove", ("respect",)),
    ("get", "questionnaire_translate", ("de",)),
    ("post", "questionnaire_retire", ()),
    ("get", "questionnaire_rename", ()),
]


def path_of(name, standard, more=()):
    return reverse(name, args=[] if name in ("questionnaires", "questionnaire_new") else [standard.pk, *more])


@pytest.mark.parametrize("name", READS)
def test_managers_read_questionnaires_and_account_managers_do_not(name, web, manager_web, standard):
    url = path_of(name, standard)

    assert manager_web.get(url).status_code == 200
    assert web.get(url).status_code == 404


@pytest.mark.parametrize(("method", "name", "more"), WRITES)
def test_administrators_alone_change_them(method, name, more, web, manager_web, admin_web, standard):
    url = path_of(name, standard, more)

    for browser in (web, manager_web):
        assert getattr(browser, method)(url).status_code == 404
    assert getattr(admin_web, method)(url).status_code in (200, 302)


def test_a_manager_sees_no_button_that_would_not_work(manager_web, standard):
    shown = page(manager_web, standard.get_absolute_url())

    assert "We treat you and your colleagues with respect." in shown
    assert "/move/" not in shown
    assert "/translate/" not in shown
    assert "Add a question" not in shown


# -------------------------------------------------------------------- the list


def test_a_copy_asks_the_same_under_the_same_keys(admin_web, standard):
    answer = admin_web.post(f"{reverse('questionnaire_new')}?from={standard.pk}", {"name": "Short one"})

    made = Questionnaire.objects.get(name="Short one")
    assert answer.url == made.get_absolute_url()
    assert made.based_on == standard
    assert made.as_asked()["questions"] == standard.as_asked()["questions"]


def test_a_name_is_given_once(admin_web, standard):
    answer = admin_web.post(reverse("questionnaire_new"), {"name": "standard  questionnaire"})

    assert answer.status_code == 422
    assert "There is a questionnaire of this name already." in unescape(answer.content.decode())


def test_a_retired_questionnaire_is_not_offered_and_can_be_brought_back(admin_web, standard):
    url = address("questionnaire_retire", standard)

    admin_web.post(url, {"action": "retire"})
    assert list(Questionnaire.objects.offered()) == []

    admin_web.post(url, {"action": "back"})
    assert list(Questionnaire.objects.offered()) == [standard]


@pytest.mark.parametrize("name", ["questionnaires", "questionnaire", "questionnaire_versions"])
def test_a_page_asks_as_much_for_three_as_for_one(name, admin_web, standard, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = path_of(name, standard)
    admin_web.get(url)
    with CaptureQueriesContext(
        connection,
    ) as first:
        admin_web.get(url)

    for n in range(3):
        editing.copy(standard, f"Copy {n}", now=timezone.now())
        editing.add(standard, kind="text", wording={"en-gb": {"text": f"What else {n}?"}})
        round = asked_last_year(standard, name=f"Round {n}")
        standard.freeze(by=round.created_by, now=timezone.now())
    admin_web.get(url)
    with CaptureQueriesContext(connection) as later:
        admin_web.get(url)

    assert len(later) == len(first)


# -------------------------------------------------------------------- adding


def test_a_question_gets_its_key_from_its_words(admin_web, standard):
    url = f"{address('question_new', standard)}?kind=scale"

    answer = admin_web.post(
        url, {"text": "We’re easy to reach.", "low": "Never", "high": "Always", "dimension": "responsiveness"}
    )

    made = standard.questions.get(key="were_easy_to_reach")
    assert answer.url == f"{standard.get_absolute_url()}#row-were_easy_to_reach"
    assert made.position == 20
    assert made.wording == {"en-gb": {"text": "We’re easy to reach.", "low": "Never", "high": "Always"}}


def test_a_key_once_taken_stays_taken(admin_web, standard):
    editing.remove(standard.questions.get(key="respect"), now=timezone.now())
    url = f"{address('question_new', standard)}?kind=text"

    refused = admin_web.post(url, {"text": "Respect?", "key": "respect"})
    admin_web.post(url, {"text": "Respect?"})

    assert refused.status_code == 422
    assert Question.objects.latest("pk").key == "respect_2"


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("scale", {"text": "Good?", "low": "No", "high": "Yes"}, "This field is required."),
        ("text", {"text": ""}, "This field is required."),
        ("text", {"text": "Why?\0"}, "NUL"),
        ("text", {"text": "x" * 301}, "At most 300 characters"),
        ("text", {"text": "Why?", "key": "Not a key"}, "small letters"),
        ("choice", {"text": "Which?", "o-new1": "One"}, "Offer at least two options."),
        ("choice", {"text": "Which?", "o-new1": "One", "o-new2": "one"}, "Two options have the same words."),
        ("pick", {"text": "Which?", "o-new1": "A", "o-new2": "B", "pick_up_to": "3"}, "There are only 2 options."),
        ("pick", {"text": "Which?", "o-new1": "A", "o-new2": "B", "pick_up_to": "0"}, "greater than or equal to 1"),
        ("call", {"text": "Call?"}, "There is a question of this kind already"),
        ("text", {"text": "Why?", "show_after": "overall"}, "Choose an answer that can be given"),
        (
            "text",
            {"text": "Why?", "show_after": "call", "show_when": "at_most:3"},
            "Choose an answer that can be given",
        ),
        ("text", {"text": "Why?", "show_after": "respected", "show_when": "at_most:3"}, "Select a valid choice"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(kind, typed, words, admin_web, standard):
    answer = admin_web.post(f"{address('question_new', standard)}?kind={kind}", typed)

    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())
    assert standard.questions.count() == 19


def test_options_get_keys_of_their_own_and_stand_in_their_places(admin_web, standard):
    admin_web.post(
        f"{address('question_new', standard)}?kind=pick",
        {
            "text": "Which?", "key": "which", "pick_up_to": "2",
            "o-new1": "By phone", "p-new1": "2", "o-new2": "By mail", "p-new2": "1", "o-new3": "By phone!",
            "p-new3": "3",
        },
    )  # fmt: skip

    words = standard.questions.get(key="which").wording["en-gb"]
    assert words["order"] == ["by_mail", "by_phone", "by_phone_2"]
    assert words["options"] == {"by_phone": "By phone", "by_mail": "By mail", "by_phone_2": "By phone!"}


def test_looking_at_a_question_saves_nothing(admin_web, standard):
    answer = admin_web.post(
        f"{address('question_new', standard)}?kind=text", {"text": "What else?", "key": "else", "look": "1"}
    )

    assert answer.status_code == 200
    assert 'id="q-else"' in answer.content.decode()
    assert standard.questions.count() == 19


# -------------------------------------------------------------------- rewording, and the lines it ends


def test_rewording_what_was_asked_warns_names_the_round_and_saves_when_it_is_meant(admin_web, standard):
    asked_last_year(standard)
    question = standard.questions.get(key="respect")
    url = address("question_edit", standard, "respect")

    first = edited(admin_web, question, text="We are polite.")

    assert first.status_code == 422
    shown = unescape(first.content.decode())
    assert "Changing this breaks the line since Spring 2024." in shown
    assert 'value="We are polite."' in shown
    question.refresh_from_db()
    assert question.text == "We treat you and your colleagues with respect."

    meant = {
        **filled(admin_web, url, text="We are polite."),
        "breaks": "Changing this breaks the line since Spring 2024.",
    }
    assert admin_web.post(url, meant).status_code == 302
    question.refresh_from_db()
    assert question.text == "We are polite."


@pytest.mark.parametrize(
    "typed", [{"hint": "Think of last year."}, {"required": "on"}, {"show_after": "overall", "show_when": "at_most:4"}]
)
def test_what_ends_no_line_is_saved_at_once(typed, admin_web, standard):
    asked_last_year(standard)

    answer = edited(admin_web, standard.questions.get(key="respect"), **typed)

    assert answer.status_code == 302


def test_a_question_no_round_has_asked_is_reworded_without_a_word(admin_web, standard):
    assert edited(admin_web, standard.questions.get(key="respect"), text="We are polite.").status_code == 302


def test_the_line_is_said_to_run_since_the_first_round_that_asked_the_same(admin_web, standard):
    now = timezone.now()
    other = editing.copy(standard, "Older", now=now)
    old = other.questions.get(key="respect")
    editing.change(old, version=1, wording={"en-gb": {**old.wording["en-gb"], "text": "Otherwise."}})
    for years, questionnaire in ((4, standard), (3, other), (2, standard), (1, standard)):
        at = now.replace(year=now.year - years)
        asked_last_year(questionnaire, name=f"{years} years ago", launched_at=at)

    answer = edited(admin_web, standard.questions.get(key="respect"), text="We are polite.")

    assert "Changing this breaks the line since 2 years ago." in unescape(answer.content.decode())


def test_two_who_edit_one_question_see_both_versions(admin_web, standard):
    question = standard.questions.get(key="better")
    url = address("question_edit", standard, "better")
    mine = filled(admin_web, url, text="What should change?")
    edited(admin_web, question, text="What could be better?", hint="Anything.")

    answer = admin_web.post(url, mine)

    shown = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "What should change?" in shown
    assert "What could be better?" in shown
    question.refresh_from_db()
    assert (question.text, question.version) == ("What could be better?", 2)


def test_a_reworded_option_keeps_its_key_and_one_taken_away_keeps_its_words(admin_web, standard):
    question = standard.questions.get(key="matters_most")

    edited(
        admin_web,
        question,
        **{"o-trust": "Trust", "x-value": "on", "o-new1": "Fair prices", "p-new1": "1", "p-respect": "2"},
    )

    words = Question.objects.get(pk=question.pk).wording["en-gb"]
    assert words["order"] == [
        "fair_prices", "respect", "trust", "cooperation", "transparency", "promises", "responsiveness", "same_page",
        "understanding",
    ]  # fmt: skip
    assert words["options"]["trust"] == "Trust"
    assert words["options"]["value"] == "Results for your business"


def test_other_languages_stay_when_the_english_words_change(admin_web, standard):
    question = standard.questions.get(key="better")

    edited(admin_web, question, text="What should change?")

    assert Question.objects.get(pk=question.pk).wording["de"]["text"] == "Was sollten wir besser machen?"


def test_a_condition_is_kept_as_data(admin_web, standard):
    question = standard.questions.get(key="better")

    edited(admin_web, question, show_after="overall", show_when="at_most:6")
    edited(
        admin_web,
        standard.questions.get(key="not_done"),
        show_after="matters_most",
        show_when="is:matters_most/promises",
    )

    assert Question.objects.get(pk=question.pk).show_if == {"key": "overall", "at_most": 6}
    assert standard.questions.get(key="not_done").show_if == {"key": "matters_most", "is": "promises"}


def test_a_question_depends_only_on_an_earlier_one_that_depends_on_none(admin_web, standard):
    edited(admin_web, standard.questions.get(key="better"), show_after="overall", show_when="at_most:6")

    form = admin_web.get(address("question_edit", standard, "not_done")).context["form"]
    first = admin_web.get(address("question_edit", standard, "overall")).context["form"]

    choices = [key for key, _text in form.fields["show_after"].choices[1][1]]
    assert "better" not in choices
    assert "call" not in choices
    assert choices[0] == "overall"
    assert "show_after" not in first.fields


def test_while_somebody_types_only_the_phone_is_drawn_again_and_nothing_saved(admin_web, standard):
    url = address("question_edit", standard, "respect")

    answer = admin_web.post(
        url, filled(admin_web, url, text="We are <i>polite</i>.", look="1"), headers={"HX-Request": "true"}
    )

    drawn = answer.content.decode()
    assert answer.status_code == 200
    assert "We are &lt;i&gt;polite&lt;/i&gt;." in drawn
    assert "<form" not in drawn
    assert standard.questions.get(key="respect").version == 1


# -------------------------------------------------------------------- order, taking away, bringing back


def test_a_question_goes_up_and_the_same_button_has_the_focus_again(admin_web, standard):
    answer = admin_web.post(address("question_move", standard, "promises_warning"), {"way": "up"})

    assert keys(standard)[:3] == ["overall", "promises_warning", "promises_kept"]
    assert answer.url == f"{standard.get_absolute_url()}?moved=promises_warning:up"
    shown = admin_web.get(answer.url).content.decode()
    assert re.findall(r'aria-label="([^"]*)"\s+autofocus', shown) == [
        "Up: When we can’t keep a date, we tell you early."
    ]


def test_at_the_top_the_way_down_has_the_focus(admin_web, standard):
    answer = admin_web.post(address("question_move", standard, "promises_kept"), {"way": "up"})

    shown = admin_web.get(answer.url).content.decode()

    assert re.findall(r'aria-label="([^"]*)"\s+autofocus', shown) == ["Down: We do what we said we would."]


def test_a_question_does_not_go_above_the_one_it_depends_on(admin_web, standard):
    edited(admin_web, standard.questions.get(key="promises_kept"), show_after="overall", show_when="at_most:6")

    answer = admin_web.post(address("question_move", standard, "promises_kept"), {"way": "up"}, follow=True)

    assert keys(standard)[:2] == ["overall", "promises_kept"]
    assert "has to stay below it" in unescape(answer.content.decode())


def test_taking_away_warns_and_bringing_back_asks_it_again_at_the_end(admin_web, standard):
    asked_last_year(standard)
    url = address("question_remove", standard, "respect")

    assert "Taking this away ends the line since Spring 2024." in page(admin_web, url)
    admin_web.post(url)
    assert "respect" not in keys(standard)
    assert "Taken away" in page(admin_web, standard.get_absolute_url())

    admin_web.post(url, {"action": "back"})
    assert keys(standard)[-1] == "respect"
    assert list(standard.questions.asked().values_list("position", flat=True)) == list(range(1, 20))


def test_what_another_question_depends_on_is_not_taken_away(admin_web, standard):
    edited(admin_web, standard.questions.get(key="better"), show_after="overall", show_when="at_most:6")

    answer = admin_web.post(address("question_remove", standard, "overall"), follow=True)

    assert "is shown only after an answer to this one" in unescape(answer.content.decode())
    assert "overall" in keys(standard)


# -------------------------------------------------------------------- languages


def translated(browser, questionnaire, language, **typed):
    url = address("questionnaire_translate", questionnaire, language)
    data = {}
    for form, _lacks in browser.get(url).context["rows"]:
        data |= {field.html_name: field.value() for field in form if field.value() not in (None, "")}
    return url, {**data, **typed}


def test_a_translation_is_saved_and_what_is_missing_counted(admin_web, standard):
    url, data = translated(admin_web, standard, "de", **{"t-respect-text": "", "t-better-text": "Was fehlt Ihnen?"})

    answer = admin_web.post(url, data, follow=True)

    shown = unescape(answer.content.decode())
    assert "Saved. 1 question is still to do." in shown
    assert standard.questions.get(key="better").wording["de"]["text"] == "Was fehlt Ihnen?"
    assert standard.questions.get(key="call").version == 1
    assert "Not yet in Deutsch" in page(admin_web, standard.get_absolute_url())
    assert make_round(questionnaire=standard).languages_offered == ["en-gb", "fr", "es"]


def test_two_who_translate_the_same_question_lose_nothing(admin_web, standard):
    url, mine = translated(admin_web, standard, "de", **{"t-better-text": "Mein Satz", "t-call-text": "Anruf?"})
    _url, theirs = translated(admin_web, standard, "de", **{"t-better-text": "Ihr Satz"})
    admin_web.post(url, theirs)

    answer = admin_web.post(url, mine)

    shown = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Mein Satz" in shown
    assert "Ihr Satz" in shown
    assert ">Anruf?</textarea>" in shown
    assert standard.questions.get(key="better").wording["de"]["text"] == "Ihr Satz"
    assert standard.questions.get(key="call").version == 1


def test_words_that_cannot_be_stored_are_refused_beside_their_field(admin_web, standard):
    url, data = translated(admin_web, standard, "fr", **{"t-better-text": "a\0b"})

    answer = admin_web.post(url, data)

    assert answer.status_code == 422
    assert 'href="#id_t-better-text"' in answer.content.decode()


@pytest.mark.parametrize("language", ["en-gb", "xx", "de-de"])
def test_there_is_no_page_to_translate_into_what_is_no_language(language, admin_web, standard):
    assert admin_web.get(address("questionnaire_translate", standard, language)).status_code == 404


def test_the_preview_speaks_the_language_chosen(admin_web, standard):
    shown = page(admin_web, f"{standard.get_absolute_url()}?lang=de")

    assert "Wir tun, was wir zugesagt haben." in shown
    assert '<div class="phone" lang="de"' in shown


# -------------------------------------------------------------------- versions


def test_a_used_questionnaire_is_edited_as_its_next_version_and_the_page_says_what_changed(admin_web, standard):
    standard.freeze(by=admin_web.user, now=timezone.now())
    round = make_round(questionnaire=standard, state="open", name="Survey 2026")

    edited(
        admin_web,
        standard.questions.get(key="respect"),
        text="We are polite.",
        breaks="Changing this breaks the line since Survey 2026.",
    )
    admin_web.post(address("question_remove", standard, "value_price"))
    admin_web.post(address("question_move", standard, "better"), {"way": "down"})
    admin_web.post(f"{address('question_new', standard)}?kind=text", {"text": "What else?"})

    standard.refresh_from_db()
    assert standard.version == 2
    assert Round.objects.get(pk=round.pk).snapshot == round.snapshot
    shown = page(admin_web, address("questionnaire_versions", standard))
    for words in (
        "Version 2", "not asked yet", "Added", "What else?", "Taken away", "What you get is worth what you pay.",
        "“We are polite.”, before: “We treat you and your colleagues with respect.”", "Put elsewhere", "Survey 2026",
    ):  # fmt: skip
        assert words in shown


def test_a_page_of_versions_of_one_never_asked_says_so(admin_web):
    empty = make_questionnaire(standard=False)

    assert "not asked yet" in page(admin_web, address("questionnaire_versions", empty))
    assert "No question yet." in page(admin_web, empty.get_absolute_url())


def test_what_is_typed_cannot_become_markup(admin_web, standard):
    admin_web.post(
        f"{address('question_new', standard)}?kind=text", {"text": "<script>alert(1)</script>", "hint": "<b>"}
    )

    shown = admin_web.get(standard.get_absolute_url()).content.decode()

    assert "<script>alert" not in shown
    assert "<b>" not in shown.replace("<b>English</b>", "").replace("<b>Deutsch</b>", "").replace(
        "<b>Français</b>", ""
    ).replace("<b>Español</b>", "")


# -------------------------------------------------------------------- keys, and any sequence


@given(st.text(max_size=80), st.sets(st.text("abc_2", min_size=1, max_size=4)))
def test_a_key_is_always_a_key_and_never_one_that_is_taken(text, taken):
    key = editing.as_key(text, taken)

    assert re.fullmatch(r"[a-z0-9_]{1,40}", key)
    assert key not in taken


acts = st.lists(
    st.tuples(st.sampled_from(["add", "up", "down", "remove", "back", "freeze", "condition"]), st.integers(0, 8)),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(acts)
def test_whatever_is_done_keys_stay_unique_places_whole_and_conditions_in_order(done):
    Questionnaire.objects.filter(name="Any", versions=None).delete()
    Questionnaire.objects.filter(name="Any").update(name=f"Any {timezone.now().timestamp()}")
    questionnaire = make_questionnaire(standard=False, name="Any")
    now, frozen = timezone.now(), {}
    for act, n in done:
        _do(questionnaire, act, n, now=now, frozen=frozen)

    row = list(questionnaire.questions.asked())
    every = list(questionnaire.questions.values_list("key", flat=True))
    assert len(set(every)) == len(every)
    assert [one.position for one in row] == list(range(1, len(row) + 1))
    assert editing.first_before_its_condition(row) is None
    there = {one.key: one for one in row}
    assert [one.key for one in row if one.show_if and there[one.show_if["key"]].show_if] == []
    assert {version.number: version.content for version in questionnaire.versions.all()} == frozen


def _do(questionnaire, act, n, *, now, frozen):
    questions = list(questionnaire.questions.order_by("pk"))
    question = questions[n % len(questions)] if questions else None
    try:
        if act == "add":
            kind = ["scale", "text", "yes_no"][n % 3]
            editing.add(questionnaire, kind=kind, wording={"en-gb": {"text": "Is it?"}})
        elif act == "freeze":
            version = questionnaire.freeze(by=None, now=now)
            frozen[version.number] = version.content
        elif question is None:
            return
        elif act in ("up", "down") and question.removed_at is None:
            editing.move(question, up=act == "up")
        elif act == "remove":
            editing.remove(question, now=now)
        elif act == "back" and question.removed_at is not None:
            editing.bring_back(question)
        elif act == "condition" and question.removed_at is None:
            row = list(questionnaire.questions.asked())
            for other in editing.may_depend_on(question, row)[:1]:
                how = {"is": "yes"} if other.kind == "yes_no" else {"at_most": 4}
                editing.change(question, version=question.version, show_if={"key": other.key, **how})
    except editing.NotPossible:
        pass


# -------------------------------------------------------------------- the first step of a round


def step_of(round):
    return reverse("survey_setup", args=[round.public_id, "questions"])


def sent(browser, round, **typed):
    form = browser.get(step_of(round)).context["form"]
    data = {field.html_name: field.value() for field in form}
    return browser.post(step_of(round), {**data, **typed})


def test_the_first_step_recommends_what_was_asked_last_and_names_the_lines_another_would_end(manager_web, standard):
    asked_last_year(standard, name="Survey 2025")
    other = editing.copy(standard, "Shorter", now=timezone.now())
    editing.remove(other.questions.get(key="respect"), now=timezone.now())
    round = make_round(questionnaire=other)

    shown = page(manager_web, step_of(round))

    assert "recommended: Survey 2025 asked it" in shown
    assert "Every line from Survey 2025 goes on" in shown
    assert "1 line from Survey 2025 ends" in shown
    assert "“We treat you and your colleagues with respect.”, asked the same since Survey 2025" in shown


def test_a_round_is_asked_in_english_and_the_languages_ticked(manager_web, standard):
    round = make_round(questionnaire=standard)
    assert manager_web.get(step_of(round)).context["form"]["languages"].value() == ["de", "fr", "es"]

    answer = sent(manager_web, round, languages=["fr"])

    assert answer.url == reverse("survey_setup", args=[round.public_id, "people"])
    round.refresh_from_db()
    assert (round.languages, round.languages_offered) == (["en-gb", "fr"], ["en-gb", "fr"])


def test_a_language_that_is_not_complete_cannot_be_chosen(manager_web, standard):
    question = standard.questions.get(key="better")
    editing.change(question, version=1, wording={"en-gb": question.wording["en-gb"]})

    answer = sent(manager_web, make_round(questionnaire=standard), languages=["de"])

    assert answer.status_code == 422
    assert "Standard questionnaire is not complete in Deutsch." in unescape(answer.content.decode())


def test_an_empty_questionnaire_is_not_asked(manager_web, standard):
    empty = make_questionnaire(standard=False)

    answer = sent(manager_web, make_round(questionnaire=standard), questionnaire=empty.pk, languages=[])

    assert answer.status_code == 422
    assert "This questionnaire asks nothing yet." in unescape(answer.content.decode())


def test_a_retired_questionnaire_is_offered_to_the_round_that_has_it_alone(manager_web, standard):
    old = editing.copy(standard, "Older", now=timezone.now())
    editing.retire(old, now=timezone.now())

    def offered(round):
        return [one.questionnaire for one in manager_web.get(step_of(round)).context["choices"]]

    assert offered(make_round(questionnaire=standard)) == [standard]
    assert offered(make_round(questionnaire=old)) == [old, standard]


def test_the_first_step_asks_as_much_for_three_questionnaires_as_for_one(manager_web, standard):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked_last_year(standard)
    round = make_round(questionnaire=standard)
    manager_web.get(step_of(round))
    with CaptureQueriesContext(connection) as first:
        manager_web.get(step_of(round))
    for n in range(3):
        editing.copy(standard, f"Copy {n}", now=timezone.now())
    with CaptureQueriesContext(connection) as later:
        manager_web.get(step_of(round))

    assert len(later) == len(first)


# -------------------------------------------------------------------- reworded in English


def to_check(questionnaire, language="de"):
    return [q.key for q in questionnaire.questions.all() if q.wording[language].get("to_check")]


def test_other_languages_are_to_be_looked_at_once_the_english_says_something_else(admin_web, standard):
    edited(admin_web, standard.questions.get(key="respect"), text="They respect us.")

    assert [to_check(standard, code) for code in ("de", "fr", "es")] == [["respect"]] * 3
    said = page(admin_web, address("questionnaire", standard))
    assert "Reworded in English since it was written in " in said
    assert "1 question to look at, reworded in English" in said


def test_a_setting_leaves_other_languages_as_they_are(admin_web, standard):
    edited(admin_web, standard.questions.get(key="respect"), required="on")

    assert to_check(standard) == []


@pytest.mark.parametrize("typed", [{"t-respect-fits": "on"}, {"t-respect-text": "Sie achten uns."}])
def test_whoever_says_that_they_fit_or_changes_them_has_looked_at_them(admin_web, standard, typed):
    edited(admin_web, standard.questions.get(key="respect"), text="They respect us.")
    url = address("questionnaire_translate", standard, "de")
    forms = [form for form, _lacks in admin_web.get(url).context["rows"]]
    data = {field.html_name: field.value() or "" for form in forms for field in form if field.value() is not False}

    assert admin_web.post(url, data).status_code == 302
    assert to_check(standard) == ["respect"]
    assert admin_web.post(url, data | typed).status_code == 302
    assert (to_check(standard), to_check(standard, "fr")) == ([], ["respect"])


def test_looking_at_a_translation_is_no_change_to_what_was_asked(admin_web, standard):
    before = standard.as_asked()
    entry = next(one for one in deepcopy(before)["questions"] if one["key"] == "respect")
    entry["wording"]["de"]["to_check"] = True
    now = {"questions": [entry if one["key"] == "respect" else one for one in before["questions"]]}

    assert not trends.changes(before, now)
    assert trends.changes(before, {"questions": before["questions"][1:]}).removed == ("overall",)


def test_the_check_before_sending_leads_to_what_is_to_be_looked_at(admin_web, standard):
    edited(admin_web, standard.questions.get(key="respect"), text="They respect us.")
    round = make_round(questionnaire=standard, state="draft", languages=["en-gb", "de"])

    found = [finding for finding in preflight.check(round) if finding.key == "to_check"]

    assert [(finding.count, finding.blocks, finding.mend_url) for finding in found] == [
        (1, False, address("questionnaire", standard) + "?lang=de#languages-h")
    ]
