"""The page a client answers on: looking changes nothing, what is said to be saved is saved, nothing shows too much."""

import gzip
import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from outbox import links
from surveys import launch
from surveys.models import Answer, EarlierAnswer, Invitation, Response
from surveys.values import value_of
from tests.make import (
    answer_survey,
    mail_of,
    make_client,
    make_contact,
    make_invitation,
    make_round,
    make_user,
    survey_token,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone():
    """Somebody's browser without a sign-in."""
    return Browser()


@pytest.fixture
def asked(clock):
    owner = make_user(name="Priya Raman", email="priya@firm.example", phone="0113 496 0110")
    client = make_client(name="Tidewell Water", owner=owner)
    return make_invitation(contact=make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example"))


def url(invitation, name="survey_answer"):
    return reverse(name, args=[survey_token(invitation)])


def everything():
    """Every row of every table of ours, as text."""
    models = [
        m
        for app in ("surveys", "outbox", "clients", "accounts", "sessions")
        for m in apps.get_app_config(app).get_models()
    ]
    return {model.__name__: json.loads(serialize("json", model.objects.order_by("pk"))) for model in models}


# -------------------------------------------------------------------- looking


def test_opening_any_link_of_the_mail_any_number_of_times_changes_nothing(phone, asked):
    token = survey_token(asked)
    before = everything()

    for path in (
        f"/s/{token}/",
        f"/s/{token}/?q=overall:3",
        f"/s/{token}/answer/",
        f"/s/{token}/thanks/",
        f"/u/{token}/",
    ):
        for _turn in range(10):
            phone.get(path)
            phone.head(path)

    assert everything() == before


def test_a_page_behind_a_link_is_kept_by_nobody(phone, asked):
    answer = phone.get(url(asked))

    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert [name for name in answer.cookies if not name.startswith("csrf")] == []


def test_it_asks_by_name_and_says_who_reads_it(phone, asked):
    page = phone.get(url(asked)).content.decode()

    assert "Rosa, how are we doing for Tidewell Water?" in page
    assert "Priya Raman" in page
    assert "Not Rosa? Tell Priya who should answer" in page
    assert reverse("survey_somebody_else", args=[survey_token(asked)]) in page


def test_the_page_is_small(phone, asked):
    assert len(gzip.compress(phone.get(url(asked)).content)) < 9_000


@pytest.mark.parametrize("spoil", ["unknown", "forged", "left", "other_address", "archived"])
def test_every_link_that_does_not_work_shows_the_same_page(phone, asked, spoil):
    token = survey_token(asked)
    if spoil == "unknown":
        token = "x" * 43
    elif spoil == "forged":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif spoil == "left":
        asked.contact.left_at = timezone.now()
        asked.contact.save()
    elif spoil == "other_address":
        asked.contact.email = "new@tidewell.example"
        asked.contact.save()
    else:
        asked.client.archived_at = timezone.now()
        asked.client.save()

    answers = [phone.get(reverse(name, args=[token])) for name in ("survey_answer", "survey_thanks")]
    neutral = phone.get(reverse("survey_fresh_link"))

    assert [a.status_code for a in answers] == [404, 404]
    for answer in answers:
        assert "Rosa" not in answer.content.decode()
        assert _without_tokens(answer) == _without_tokens(neutral)


def _without_tokens(answer):
    return [line for line in answer.content.decode().splitlines() if "csrfmiddlewaretoken" not in line]


def test_a_score_from_the_mail_is_chosen_and_not_saved(phone, asked):
    page = phone.get(url(asked) + "?q=overall:3").content.decode()

    assert '<input type="radio" name="q-overall" value="3" checked>' in page
    assert Response.objects.count() == 0


@pytest.mark.parametrize("query", ["?q=", "?q=overall", "?q=overall:11", "?q=overall:²", "?q=nothing:5", "?q=better:5"])
def test_a_senseless_score_chooses_nothing(phone, asked, query):
    page = phone.get(url(asked) + query).content.decode()

    assert 'name="q-overall" value="3" checked' not in page
    assert page.count("checked") == 1  # only "with my name"


# -------------------------------------------------------------------- saving


def test_each_answer_is_saved_by_itself_and_says_when(phone, asked, clock):
    answer = phone.post(
        url(asked, "survey_save"), {"question": "overall", "q-overall": "7", "c-overall": "Slow in May"}
    )

    assert answer.status_code == 200
    saved = Answer.objects.get()
    assert answer.json() == {
        "saved": "1 of 19, saved 09:30",
        "at": "09:30",
        "done": 1,
        "of": 19,
        "mark": value_of(saved).fingerprint,
    }
    assert (saved.key, saved.number, saved.comment) == ("overall", 7, "Slow in May")
    asked.refresh_from_db()
    assert (asked.state, asked.started_at) == (Invitation.State.STARTED, timezone.now())


def test_what_was_saved_stands_there_when_the_page_is_opened_again(phone, asked):
    phone.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "7"})

    page = phone.get(url(asked)).content.decode()

    assert '<input type="radio" name="q-overall" value="7" checked>' in page
    assert "1 of 19, saved" in page


def test_nought_and_cannot_say_are_two_answers(phone, asked):
    phone.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "0"})
    phone.post(url(asked, "survey_save"), {"question": "respect", "q-respect": "na"})

    assert sorted(Answer.objects.values_list("key", "number", "cant_say")) == [
        ("overall", 0, False),
        ("respect", None, True),
    ]


@pytest.mark.parametrize(
    ("key", "data", "words"),
    [
        ("overall", {"q-overall": "11"}, "Choose a number from 0 to 10, or “I can’t say”."),
        ("overall", {"q-overall": "-1"}, "Choose a number from 0 to 10, or “I can’t say”."),
        ("overall", {"q-overall": "٣"}, "Choose a number from 0 to 10, or “I can’t say”."),
        ("matters_most", {"q-matters_most": ["respect", "trust", "value"]}, "Choose at most 2."),
        ("matters_most", {"q-matters_most": ["gold"]}, "Choose from the list."),
        ("call", {"q-call": "maybe"}, "Choose yes or no."),
        ("nonsense", {"q-nonsense": "1"}, "This question is not part of the survey."),
        ("", {}, "This question is not part of the survey."),
    ],
)
def test_what_is_no_answer_is_refused_in_words(phone, asked, key, data, words):
    answer = phone.post(url(asked, "survey_save"), {"question": key, **data})

    assert (answer.status_code, answer.json()) == (422, {"error": words})
    assert Answer.objects.count() == 0


@pytest.mark.parametrize("text", ["a\0b", "x" * 10_001, "x" * 1_000_000])
def test_text_that_cannot_be_kept_is_refused_and_the_page_keeps_the_rest(phone, asked, text):
    saved = phone.post(url(asked, "survey_save"), {"question": "better", "q-better": text})
    sent = phone.post(url(asked), {"q-better": text, "q-overall": "6"})

    assert (saved.status_code, sent.status_code) == (422, 422)
    assert 'name="q-overall" value="6" checked' in sent.content.decode()
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "עברית ‮evil", "🙂" * 300, "=HYPERLINK(1)", "{{ 7|add:7 }}"]
)
def test_hostile_text_is_kept_as_it_is_and_shown_harmlessly(phone, asked, text):
    phone.post(url(asked, "survey_save"), {"question": "better", "q-better": text})

    assert Answer.objects.get().words == text
    assert "<script>alert" not in phone.get(url(asked)).content.decode()


def test_a_changed_answer_keeps_the_earlier_one(phone, asked):
    phone.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "7"})
    phone.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "4"})

    assert Answer.objects.get().number == 4
    assert EarlierAnswer.objects.get().number == 7


def test_the_forms_key_is_asked_for_even_here(asked):
    strict = Browser(enforce_csrf_checks=True)

    assert strict.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "7"}).status_code == 403
    assert Answer.objects.count() == 0


def test_a_browser_that_hides_where_it_comes_from_can_answer(asked):
    strict = Browser(enforce_csrf_checks=True)
    page = strict.get(url(asked))
    key = page.context["csrf_token"]

    answer = strict.post(
        url(asked),
        {"q-overall": "7", "in_confidence": "no", "csrfmiddlewaretoken": str(key)},
        headers={"origin": "null"},
    )

    assert answer.status_code == 302
    assert Answer.objects.get().number == 7


def test_and_can_stop_our_mail_with_the_button(asked):
    strict = Browser(enforce_csrf_checks=True)
    page = strict.get(f"/u/{survey_token(asked)}/")

    answer = strict.post(
        f"/u/{survey_token(asked)}/",
        {"csrfmiddlewaretoken": str(page.context["csrf_token"])},
        headers={"origin": "null"},
    )

    asked.refresh_from_db()
    assert (answer.status_code, asked.state) == (200, Invitation.State.DECLINED)


def test_another_sites_form_is_refused(asked):
    strict = Browser(enforce_csrf_checks=True)
    key = strict.get(url(asked)).context["csrf_token"]

    answer = strict.post(
        url(asked), {"q-overall": "7", "csrfmiddlewaretoken": str(key)}, headers={"origin": "https://evil.example"}
    )

    assert answer.status_code == 403


# -------------------------------------------------------------------- sending


def test_the_whole_form_works_without_javascript(phone, asked):
    answer = phone.post(
        url(asked),
        {
            "q-overall": "8",
            "q-matters_most": ["trust", "respect"],
            "q-better": "Ring us back.",
            "q-call": "yes",
            "q-call-phone": "0113 496 0000",
            "q-call-when": "mornings",
            "in_confidence": "yes",
        },
        follow=True,
    )

    assert answer.redirect_chain == [(url(asked, "survey_thanks"), 302)]
    assert "Thank you, Rosa." in answer.content.decode()
    response = Response.objects.get()
    assert (response.in_confidence, response.wants_call) == (True, True)
    assert (response.call_phone, response.call_when) == ("0113 496 0000", "mornings")
    assert Answer.objects.get(key="matters_most").choices == ["respect", "trust"]
    asked.refresh_from_db()
    assert (asked.state, asked.submitted_at) == (Invitation.State.SUBMITTED, timezone.now())


def test_sending_twice_is_one_response(phone, asked, deliver_queued):
    for _turn in range(2):
        phone.post(url(asked), {"q-overall": "8", "in_confidence": "no"})

    assert Response.objects.count() == 1
    assert EarlierAnswer.objects.count() == 0
    assert sorted(mail.to[0] for mail in deliver_queued()) == [
        "Priya Raman <priya@firm.example>",
        "Rosa Delgado <rosa@tidewell.example>",
    ]


def test_a_second_tab_does_not_undo_the_first(phone, asked):
    stale = phone.get(url(asked))
    marks = {f"w-{one.question.key}": one.saved.fingerprint for one in stale.context["shown"]}
    phone.post(url(asked, "survey_save"), {"question": "better", "q-better": "Written in the other tab"})

    phone.post(url(asked), {**marks, "q-overall": "5", "q-better": "", "in_confidence": "no"})

    assert dict(Answer.objects.values_list("key", "words")) == {"better": "Written in the other tab", "overall": ""}


def test_nothing_at_all_is_no_answer(phone, asked):
    answer = phone.post(url(asked), {"in_confidence": "no"})

    assert answer.status_code == 422
    assert "Answer at least one question" in answer.content.decode()
    assert Response.objects.count() == 0


def test_answers_can_be_changed_until_the_close(phone, asked):
    phone.post(url(asked), {"q-overall": "8", "in_confidence": "no"})
    phone.post(url(asked), {"q-overall": "3", "in_confidence": "no"})

    assert Answer.objects.get(key="overall").number == 3
    assert Response.objects.count() == 1


def test_after_the_close_nothing_is_taken_and_the_page_says_so(phone, asked):
    answer_survey(asked, overall=8)
    token = survey_token(asked)
    launch.close(asked.round, by=None, now=timezone.now())

    page = phone.get(f"/s/{token}/")
    sent = phone.post(f"/s/{token}/", {"q-overall": "1"})
    saved = phone.post(f"/s/{token}/answer/", {"question": "overall", "q-overall": "1"})

    assert (page.status_code, sent.status_code, saved.status_code) == (200, 409, 409)
    assert "This survey closed on 19 November." in page.content.decode()
    assert "0113 496 0110" in page.content.decode()
    assert Answer.objects.get().number == 8


def test_a_reminders_link_opens_the_same_answers(phone, asked):
    from outbox.models import Email
    from surveys.models import InvitationMessage

    phone.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "7"})
    email, _new = Email.objects.queue(kind="surveys.reminder", key="again", to=asked.contact.email, subject="Re:")
    InvitationMessage.objects.create(invitation=asked, email=email, step=1)

    page = phone.get(f"/s/{links.token(email)}/").content.decode()

    assert 'name="q-overall" value="7" checked' in page


# -------------------------------------------------------------------- another link, no more mail


def test_a_fresh_link_goes_only_to_the_address_we_know_once_an_hour(phone, asked, deliver_queued):
    pages = [
        phone.post(reverse("survey_fresh_link"), {"email": email})
        for email in ("ROSA@tidewell.example", "nobody@x.example")
    ]
    phone.post(reverse("survey_fresh_link"), {"email": "rosa@tidewell.example"})
    mails = deliver_queued()

    assert _without_tokens(pages[0]) == _without_tokens(pages[1])
    assert [mail.to for mail in mails] == [["Rosa Delgado <rosa@tidewell.example>"]]
    assert "/s/" in mails[0].body
    link = mails[0].body.split("http://")[1].split()[0]
    assert phone.get("/" + link.split("/", 1)[1]).status_code == 200


def test_one_click_stops_all_survey_mail_without_cookies(asked):
    machine = Browser(enforce_csrf_checks=True)

    answer = machine.post(f"/u/{survey_token(asked)}/", {"List-Unsubscribe": "One-Click"})

    asked.refresh_from_db()
    asked.contact.refresh_from_db()
    assert answer.status_code == 200
    assert (asked.state, asked.contact.mail_state) == ("declined", "unsubscribed")


def test_who_has_declined_may_still_answer_with_the_link(phone, asked):
    phone.post(f"/u/{survey_token(asked)}/", {"List-Unsubscribe": "One-Click"})

    phone.post(url(asked), {"q-overall": "8", "in_confidence": "no"})

    asked.refresh_from_db()
    assert asked.state == Invitation.State.SUBMITTED


def test_the_answers_make_the_result_stale(phone, asked):
    from surveys.models import Result

    phone.post(url(asked, "survey_save"), {"question": "overall", "q-overall": "7"})

    assert list(Result.objects.values_list("round", "client", "stale")) == [(asked.round_id, asked.client_id, True)]


def test_answering_costs_the_same_for_a_short_and_a_full_page(phone, asked, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        phone.get(url(asked))
    answer_survey(asked, overall=5, respect=6, trust_honest=7, better="More")
    with django_assert_max_num_queries(8):
        phone.get(url(asked))


def test_two_rounds_do_not_mix(phone, clock):
    contact = make_contact()
    first, second = (make_invitation(contact=contact, round=make_round(state="open")) for _n in range(2))
    clock.shift(timedelta(hours=1))

    phone.post(url(second), {"q-overall": "2", "in_confidence": "no"})

    assert not Response.objects.filter(invitation=first).exists()
    assert mail_of(first) != mail_of(second)


def test_the_whole_page_with_all_it_loads_stays_under_50_kb(phone, asked):
    """Compressed, as browsers fetch it: the page, its styles and script, and the one face it uses."""
    import re
    from pathlib import Path

    from django.contrib.staticfiles import finders

    page = phone.get(url(asked), headers={"accept-encoding": "gzip"})
    html = gzip.decompress(page.content).decode()
    files = [Path(finders.find(name)) for name in re.findall(r'(?:href|src)="/static/([^"]+)"', html)]
    face = Path(finders.find("vendor/fonts/newsreader-latin-500-normal.woff2"))

    total = len(page.content) + face.stat().st_size + sum(len(gzip.compress(file.read_bytes())) for file in files)

    assert "icons.svg" not in html
    assert total < 50_000
