"""Every kind of question, what is needed, what depends on another answer, parts, languages, answers kept offline."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from surveys.models import Answer, EarlierAnswer, Invitation, Question, Response
from surveys.values import EMPTY, value_of
from tests.make import (
    make_client,
    make_contact,
    make_invitation,
    make_questionnaire,
    make_round,
    make_user,
    survey_token,
)

pytestmark = pytest.mark.django_db


def question(key, kind, *, text="", de="", **fields):
    words = {"text": text or f"About {key}?", "low": "Bad", "high": "Good"} | fields.pop("words", {})
    wording = {"en-gb": words}
    if de:
        wording["de"] = {**words, "text": de}
    return {"key": key, "kind": kind, "wording": wording, **fields}


def ask(*questions):
    """Somebody asked these questions in an open round."""
    questionnaire = make_questionnaire(standard=False)
    Question.objects.bulk_create(
        [Question(questionnaire=questionnaire, position=n, **fields) for n, fields in enumerate(questions, 1)]
    )
    owner = make_user(name="Priya Raman", phone="0113 496 0110")
    contact = make_contact(client=make_client(name="Tidewell Water", owner=owner), name="Rosa Delgado")
    return make_invitation(round=make_round(state="open", questionnaire=questionnaire), contact=contact)


@pytest.fixture
def phone():
    return Browser()


def url(asked, name="survey_answer"):
    return reverse(name, args=[survey_token(asked)])


def save(phone, asked, key, **data):
    return phone.post(url(asked, "survey_save"), {"question": key, **data})


def answers():
    return dict(Answer.objects.values_list("key", "number"))


WHY = question("why", "text", show_if={"key": "overall", "at_most": 6})
OVERALL = question("overall", "scale", text="All in all?")

# -------------------------------------------------------------------- kinds


def test_contact_details_are_name_mail_and_phone(clock, phone):
    asked = ask(question("who", "contact"))

    sent = {"q-who-name": " Ann Lee ", "q-who-email": "ann@x.example", "q-who-phone": "0113 1"}
    assert save(phone, asked, "who", **sent).status_code == 200

    assert Answer.objects.get().choices == ["Ann Lee", "ann@x.example", "0113 1"]
    page = phone.get(url(asked)).content.decode()
    assert 'value="Ann Lee"' in page
    assert 'value="ann@x.example"' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"q-who-email": "ann at home"}, "Enter a whole e-mail address, such as name@example.com."),
        ({"q-who-name": "A\nB"}, "Keep this on one line."),
        ({"q-who-phone": "0" * 61}, "At most 60 characters fit here; this has 61."),
    ],
)
def test_contact_details_that_are_none_are_refused_in_words_and_stay_on_the_page(clock, phone, data, words):
    asked = ask(question("who", "contact"))

    saved = save(phone, asked, "who", **data)
    sent = phone.post(url(asked), {"q-who-name": "Ann", **data})

    assert (saved.status_code, saved.json()) == (422, {"error": words})
    assert sent.status_code == 422
    assert words in sent.content.decode()
    assert Answer.objects.count() == 0


def test_a_heading_is_shown_and_never_answered(clock, phone):
    asked = ask(question("work", "section", text="How we work"), OVERALL)

    page = phone.get(url(asked)).content.decode()

    assert "<h2>How we work</h2>" in page
    assert "1 of 1" in page
    assert save(phone, asked, "work", **{"q-work": "x"}).status_code == 422


def test_a_reversed_scale_keeps_what_was_chosen_and_asks_for_words_where_it_is_bad(clock, phone):
    asked = ask(question("late", "scale", reverse=True))

    save(phone, asked, "late", **{"q-late": "9"})

    assert answers() == {"late": 9}
    page = phone.get(url(asked)).content.decode()
    assert '<details class="more" open>' in page
    assert "data-reverse" in page


# -------------------------------------------------------------------- what is needed


def test_what_is_needed_is_said_and_asked_for_in_words(clock, phone):
    asked = ask(question("overall", "scale", required=True), question("better", "text"))

    page = phone.get(url(asked)).content.decode()
    refused = phone.post(url(asked), {"q-better": "More", "in_confidence": "no"})
    sent = phone.post(url(asked), {"q-better": "More", "q-overall": "na", "in_confidence": "no"})

    assert "1 of 2, needed" in page
    assert "Only those marked “needed” have to be answered." in page
    assert refused.status_code == 422
    assert refused.content.decode().count("Please answer this question: we need it.") == 2  # at the top and beside it
    assert "More</textarea>" in refused.content.decode()
    assert sent.status_code == 302


def test_a_few_words_beside_a_needed_scale_are_no_answer_to_it(clock, phone):
    asked = ask(question("overall", "scale", required=True))

    assert phone.post(url(asked), {"c-overall": "Hm"}).status_code == 422


# -------------------------------------------------------------------- what depends on another answer


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"key": "overall", "at_most": 6}, "Only if you gave 6 or less to “All in all?”"),
        ({"key": "overall", "at_least": 9}, "Only if you gave 9 or more to “All in all?”"),
        ({"key": "again", "is": "no"}, "Only if you chose “No” for “Again?”"),
        ({"key": "which", "is": "a"}, "Only if you chose “The first” for “Which?”"),
    ],
)
def test_without_javascript_a_question_that_depends_says_on_what(clock, phone, condition, words):
    asked = ask(
        OVERALL,
        question("again", "yes_no", text="Again?"),
        question("which", "choice", text="Which?", words={"options": {"a": "The first", "b": "The other"}}),
        question("why", "text", show_if=condition),
    )

    page = phone.get(url(asked)).content.decode()

    assert words in page
    assert f'data-if="{condition["key"]}"' in page
    assert "4 of" not in page  # it has no number of its own


def test_an_answer_to_a_hidden_question_is_kept_and_does_not_count(clock, phone):
    asked = ask(OVERALL, WHY)
    save(phone, asked, "overall", **{"q-overall": "3"})
    save(phone, asked, "why", **{"q-why": "Slow"})

    save(phone, asked, "overall", **{"q-overall": "9"})
    hidden = answers()
    kept = Answer.kept.get(key="why").words
    save(phone, asked, "overall", **{"q-overall": "2"})

    assert hidden == {"overall": 9}
    assert kept == "Slow"
    assert Answer.objects.get(key="why").words == "Slow"


def test_what_is_sent_with_the_form_for_a_hidden_question_is_set_aside_too(clock, phone):
    asked = ask(OVERALL, WHY)

    phone.post(url(asked), {"q-overall": "9", "q-why": "Never mind", "in_confidence": "no"})

    assert answers() == {"overall": 9}
    assert list(Answer.kept.filter(set_aside=True).values_list("key", flat=True)) == ["why"]


def test_a_hidden_question_is_never_needed_and_a_shown_one_is(clock, phone):
    asked = ask(OVERALL, {**WHY, "required": True})

    shown = phone.post(url(asked), {"q-overall": "3", "in_confidence": "no"})
    hidden = phone.post(url(asked), {"q-overall": "8", "in_confidence": "no"})

    assert (shown.status_code, hidden.status_code) == (422, 302)


def test_a_wish_to_be_called_does_not_count_while_its_question_is_hidden(clock, phone):
    asked = ask(OVERALL, question("call", "call", show_if={"key": "overall", "at_most": 6}))
    save(phone, asked, "overall", **{"q-overall": "3"})
    save(phone, asked, "call", **{"q-call": "yes", "q-call-phone": "0113 1"})
    assert Response.objects.get().wants_call is True

    save(phone, asked, "overall", **{"q-overall": "9"})

    assert Response.objects.get().wants_call is False


# -------------------------------------------------------------------- parts


def part(name, n):
    return [question(name, "section", text=f"Part {name}"), *[question(f"{name}{i}", "scale") for i in range(n)]]


def long_one():
    return ask(*part("a", 6), *part("b", 7))


def test_more_than_twelve_questions_with_headings_come_part_by_part(clock, phone):
    asked = long_one()

    first, second = phone.get(url(asked)).content.decode(), phone.get(url(asked) + "?part=2").content.decode()

    assert "Part 1 of 2" in first
    assert "q-a0" in first
    assert "q-b0" not in first
    assert "Continue" in first
    assert "Send my answers" not in first
    assert "q-b0" in second
    assert "7 of 13" in second  # counted over all parts
    assert "Back" in second
    assert "Send my answers" in second


def test_continue_and_back_save_the_part_without_javascript(clock, phone):
    asked = long_one()

    on = phone.post(url(asked), {"part": "1", "go": "next", "q-a0": "4"})
    back = phone.post(url(asked), {"part": "2", "go": "back", "q-b0": "5"})
    page = phone.get(back["Location"]).content.decode()
    sent = phone.post(url(asked), {"part": "2", "go": "send", "q-b1": "6", "in_confidence": "no"})

    assert on["Location"].startswith(url(asked) + "?part=2")
    assert back["Location"].startswith(url(asked) + "?part=1")
    assert '<input type="radio" name="q-a0" value="4" checked>' in page
    assert "2 of 13, saved" in page
    assert sent["Location"] == url(asked, "survey_thanks")
    assert answers() == {"a0": 4, "b0": 5, "b1": 6}


def test_turning_a_page_without_an_answer_begins_nothing(clock, phone):
    asked = long_one()

    phone.post(url(asked), {"part": "1", "go": "next"})

    assert Response.objects.count() == 0
    asked.refresh_from_db()
    assert asked.state == Invitation.State.SENT


def test_what_is_needed_in_another_part_leads_there(clock, phone):
    first = [question("a", "section")] + [question(f"a{i}", "scale", required=i == 0) for i in range(7)]
    asked = ask(*first, question("b", "section"), *[question(f"b{i}", "scale") for i in range(7)])

    stopped = phone.post(url(asked), {"part": "1", "go": "next", "q-a1": "4"})
    sent = phone.post(url(asked), {"part": "2", "go": "send", "q-b1": "6"})

    for answer in (stopped, sent):
        assert answer.status_code == 422
        assert "Part 1 of 2" in answer.content.decode()
        assert 'href="#q-a0"' in answer.content.decode()


def test_a_short_questionnaire_with_headings_is_one_page(clock, phone):
    asked = ask(question("a", "section"), OVERALL, question("b", "section"), question("better", "text"))

    page = phone.get(url(asked)).content.decode()

    assert "Part 1" not in page
    assert page.count('class="q-sec"') == 2


@pytest.mark.parametrize("part", ["0", "3", "-1", "x", "²", "9" * 400])
def test_a_part_that_is_none_is_the_first(clock, phone, part):
    asked = long_one()

    assert "Part 1 of 2" in phone.get(url(asked), {"part": part}).content.decode()


# -------------------------------------------------------------------- languages


def test_the_page_speaks_the_language_of_its_reader_or_the_one_chosen_on_it(clock, phone):
    asked = ask(question("overall", "scale", text="All in all?", de="Alles in allem?"))

    english, german = phone.get(url(asked)).content.decode(), phone.get(url(asked) + "?lang=de").content.decode()

    assert '<html lang="en-gb"' in english
    assert "All in all?" in english
    assert 'href="?lang=de" hreflang="de" lang="de">Deutsch</a>' in english
    assert '<html lang="de"' in german
    assert "Alles in allem?" in german
    assert Response.objects.count() == 0


def test_the_language_chosen_is_kept_with_the_answers(clock, phone):
    asked = ask(question("overall", "scale", text="All in all?", de="Alles in allem?"))

    save(phone, asked, "overall", **{"q-overall": "7", "lang": "de"})

    assert Response.objects.get().language == "de"
    assert "Alles in allem?" in phone.get(url(asked)).content.decode()


@pytest.mark.parametrize("code", ["fr", "xx", "", "../de"])
def test_a_language_nobody_wrote_is_not_spoken(clock, phone, code):
    asked = ask(question("overall", "scale", text="All in all?", de="Alles in allem?"))

    assert "All in all?" in phone.get(url(asked), {"lang": code}).content.decode()


# -------------------------------------------------------------------- kept on a device


def test_an_answer_kept_on_a_device_is_saved_when_it_comes(clock, phone):
    asked = ask(OVERALL)

    answer = save(phone, asked, "overall", **{"q-overall": "7", "age": "3600"})

    assert answer.status_code == 200
    assert answers() == {"overall": 7}


def test_an_older_answer_from_a_device_never_takes_the_place_of_a_newer_one(clock, phone):
    asked = ask(OVERALL)
    before = EMPTY.fingerprint
    save(phone, asked, "overall", **{"q-overall": "8", "c-overall": "Better now"})
    clock.shift(timedelta(minutes=5))

    answer = save(phone, asked, "overall", **{"q-overall": "3", "w-overall": before, "age": "3600"})

    assert answer.status_code == 409
    assert answer.json() == {
        "error": "You answered this again later, at 09:30 on another page or device. The later answer is kept.",
        "newer": [["q-overall", "8"], ["c-overall", "Better now"]],
        "mark": value_of(Answer.objects.get()).fingerprint,
    }
    assert answers() == {"overall": 8}


def test_a_newer_answer_from_a_device_takes_the_place_and_the_earlier_one_is_kept(clock, phone):
    asked = ask(OVERALL)
    save(phone, asked, "overall", **{"q-overall": "8"})
    clock.shift(timedelta(minutes=5))

    answer = save(phone, asked, "overall", **{"q-overall": "3", "w-overall": EMPTY.fingerprint, "age": "60"})

    assert answer.status_code == 200
    assert answers() == {"overall": 3}
    assert EarlierAnswer.objects.get().number == 8


def test_who_has_seen_the_newer_answer_may_put_the_older_one_back(clock, phone):
    asked = ask(OVERALL)
    save(phone, asked, "overall", **{"q-overall": "8"})
    mark = value_of(Answer.objects.get()).fingerprint

    save(phone, asked, "overall", **{"q-overall": "3", "w-overall": mark, "age": "9"})

    assert answers() == {"overall": 3}


@pytest.mark.parametrize("age", ["", "-5", "x", "²", "9" * 400, "99999999"])
def test_a_senseless_age_is_no_reason_to_lose_an_answer(clock, phone, age):
    asked = ask(OVERALL)

    assert save(phone, asked, "overall", **{"q-overall": "7", "age": age}).status_code == 200


def test_the_same_answer_sent_again_changes_nothing(clock, phone):
    asked = ask(OVERALL)
    save(phone, asked, "overall", **{"q-overall": "7"})
    clock.shift(timedelta(hours=1))

    assert save(phone, asked, "overall", **{"q-overall": "7", "age": "3600"}).status_code == 200
    assert EarlierAnswer.objects.count() == 0
    assert Response.objects.get().saved_at == timezone.now() - timedelta(hours=1)


# -------------------------------------------------------------------- hostile text


HOSTILE = ["a\x00b", "x" * 250_000, "\u202etxet", "👩‍👩‍👧", "<script>", "=1+1", "٣", "1e3", "-1"]


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("kind", ["scale", "text", "call", "contact", "choice", "yes_no"])
def test_hostile_text_is_kept_as_words_or_refused_in_words(clock, phone, kind, words):
    options = {"words": {"options": {"one": "One", "two": "Two"}}} if kind == "choice" else {}
    asked = ask(question("x", kind, **options))
    sent = dict.fromkeys(("q-x", "c-x", "q-x-phone", "q-x-when", "q-x-name", "q-x-email", "w-x", "age"), words)

    saved = save(phone, asked, "x", **sent)
    page = phone.post(url(asked), {**sent, "in_confidence": words, "part": words, "lang": words})
    named = save(phone, asked, words, **sent)

    assert saved.status_code in (200, 422)
    assert page.status_code in (302, 422)
    assert named.status_code == 422
    looked = phone.get(url(asked), {"part": words[:2000], "lang": words[:2000], "q": words[:2000]})
    assert looked.status_code == (400 if "\x00" in words else 200)


# -------------------------------------------------------------------- cost


@pytest.mark.parametrize("questions", [1, 3])
def test_looking_saving_and_sending_cost_a_bounded_number_of_queries(
    clock, phone, questions, django_assert_max_num_queries
):
    asked = ask(*[question(f"q{n}", "scale") for n in range(questions)], WHY | {"show_if": {"key": "q0", "at_most": 6}})
    phone.get(url(asked))  # what is remembered between pages

    with django_assert_max_num_queries(8):
        phone.get(url(asked))
    save_url, page_url = url(asked, "survey_save"), url(asked)
    with django_assert_max_num_queries(15):  # begins the response and takes the link; two are the transaction's
        phone.post(save_url, {"question": "q0", "q-q0": "7"})
    with django_assert_max_num_queries(11):  # one of them keeps what stood there before
        phone.post(save_url, {"question": "q0", "q-q0": "3"})
    with django_assert_max_num_queries(46):
        phone.post(page_url, {"q-q0": "5", "in_confidence": "no"})
