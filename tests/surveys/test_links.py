"""A personal link belongs to the browser that answers with it; elsewhere it shows nothing, a fresh one is mailed."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from outbox import links
from outbox.models import Email
from surveys import launch
from surveys.models import Answer, Invitation, InvitationMessage, Response, Round
from surveys.public_links import COOKIE
from tests.make import make_client, make_contact, make_invitation, make_manager, make_round, make_user, survey_token

pytestmark = pytest.mark.django_db
PAGES = ("survey_answer", "survey_thanks")


@pytest.fixture
def asked(clock):
    owner = make_user(name="Priya Raman", phone="0113 496 0110")
    client = make_client(name="Tidewell Water", owner=owner)
    return make_invitation(contact=make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example"))


def url(asked, name="survey_answer"):
    return reverse(name, args=[survey_token(asked)])


def save(browser, asked, number=7, **headers):
    return browser.post(url(asked, "survey_save"), {"question": "overall", "q-overall": str(number)}, **headers)


def remind(asked):
    """The address behind a reminder to this person."""
    email, _created = Email.objects.queue(
        kind="surveys.reminder", key=f"surveys.reminder:{asked.pk}:1", to=asked.contact.email, subject="Re: us"
    )
    InvitationMessage.objects.create(invitation=asked, email=email, step=1)
    return reverse("survey_answer", args=[links.token(email)])


def text(answer):
    return answer.content.decode()


def test_looking_does_not_bind_a_link(asked):
    for _turn in range(3):
        Browser().get(url(asked))
        Browser().head(url(asked))

    assert InvitationMessage.objects.get().browser_sha256 == ""


def test_the_first_browser_that_saves_keeps_the_link_by_a_cookie_no_script_reads(asked):
    browser = Browser()

    cookie = save(browser, asked).cookies[COOKIE]

    message = InvitationMessage.objects.get()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/s/")
    assert bool(cookie["secure"]) is settings.SESSION_COOKIE_SECURE
    assert len(message.browser_sha256) == 64
    assert cookie.value not in (message.browser_sha256, "")
    assert message.browser_at == timezone.now()
    assert "1 of 19, saved" in text(browser.get(url(asked)))


def test_what_was_refused_binds_nothing(asked):
    save(Browser(), asked, number=11)

    assert InvitationMessage.objects.get().browser_sha256 == ""


@pytest.mark.parametrize("name", PAGES)
def test_another_browser_sees_nothing_of_the_answers_nor_of_the_client(asked, name):
    first = Browser()
    first.post(url(asked), {"q-overall": "3", "q-better": "Ring us back", "in_confidence": "no"})

    page = text(Browser().get(url(asked, name)))

    assert "This link is in use in another browser" in page
    for word in ("Rosa", "Tidewell", "Ring us back", "checked"):
        assert word not in page
    assert "0113 496 0110" in page


def test_another_browser_saves_nothing(asked):
    save(Browser(), asked, 7)
    other = Browser()

    answers = [save(other, asked, 1), other.post(url(asked), {"q-overall": "1", "in_confidence": "yes"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "nothing was saved from here" in text(answers[1])
    assert Answer.objects.get().number == 7
    assert Response.objects.get().in_confidence is False


def test_a_made_up_key_opens_nothing(asked):
    save(Browser(), asked)
    other = Browser()
    other.cookies[COOKIE] = InvitationMessage.objects.get().browser_sha256

    assert "in use in another browser" in text(other.get(url(asked)))


def test_two_saves_at_the_same_moment_are_the_same_browser(asked):
    """Neither has the cookie yet: both are known by their forms' key."""
    browser = Browser(enforce_csrf_checks=True)
    key = str(browser.get(url(asked)).context["csrf_token"])
    other = Browser(enforce_csrf_checks=True)
    other.cookies[settings.CSRF_COOKIE_NAME] = browser.cookies[settings.CSRF_COOKIE_NAME].value
    data = {"csrfmiddlewaretoken": key, "question": "overall", "q-overall": "7"}

    answers = [one.post(url(asked, "survey_save"), data) for one in (browser, other)]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_browser_that_never_got_our_answer_is_not_locked_out(asked):
    browser = Browser(enforce_csrf_checks=True)
    key = str(browser.get(url(asked)).context["csrf_token"])
    data = {"csrfmiddlewaretoken": key, "question": "overall", "q-overall": "7"}
    browser.post(url(asked, "survey_save"), data)
    del browser.cookies[COOKIE]

    assert "1 of 19, saved" in text(browser.get(url(asked)))


def test_the_fresh_link_goes_to_the_address_we_know_and_opens_the_answers_anywhere(asked, deliver_queued):
    save(Browser(), asked, 7)
    other = Browser()

    sent = other.post(url(asked, "survey_fresh"))
    mail = deliver_queued()[0]
    link = re.search(r"https?://[^/]+(/s/[\w-]+/)", mail.body).group(1)

    assert "Look into your mail" in text(sent)
    assert "rosa" not in text(sent).lower()
    assert mail.to == ["Rosa Delgado <rosa@tidewell.example>"]
    assert '<input type="radio" name="q-overall" value="7" checked>' in text(other.get(link))


def test_a_fresh_link_belongs_to_one_browser_again(asked, deliver_queued):
    save(Browser(), asked, 7)
    other = Browser()
    other.post(url(asked, "survey_fresh"))
    link = re.search(r"https?://[^/]+(/s/[\w-]+/)", deliver_queued()[0].body).group(1)

    other.post(link + "answer/", {"question": "overall", "q-overall": "5"})

    assert "in use in another browser" in text(Browser().get(link))
    assert Answer.objects.get().number == 5


def test_a_forwarded_reminder_shows_nothing_that_was_answered_through_the_invitation(asked):
    reminder = remind(asked)
    first, other = Browser(), Browser()
    save(first, asked, 3)

    page, saved = other.get(reminder), other.post(reminder, {"q-overall": "1", "in_confidence": "yes"})

    assert "This link is in use in another browser" in text(page)
    assert "Rosa" not in text(page)
    assert "Tidewell" not in text(page)
    assert saved.status_code == 403
    assert Answer.objects.get().number == 3
    assert list(InvitationMessage.objects.filter(step=1).values_list("browser_sha256", flat=True)) == [""]


def test_a_reminder_mailed_after_the_first_answer_goes_on_in_the_same_browser_only(asked, clock):
    browser = Browser()
    save(browser, asked, 3)
    clock.shift(timedelta(days=4))
    reminder = remind(asked)

    assert "1 of 19, saved" in text(browser.get(reminder))
    assert browser.post(reminder + "answer/", {"question": "trust_honest", "q-trust_honest": "9"}).status_code == 200
    assert "in use in another browser" in text(Browser().get(reminder))


def test_the_invitation_shows_nothing_once_a_reminder_was_answered_elsewhere(asked):
    Browser().post(remind(asked) + "answer/", {"question": "overall", "q-overall": "5"})

    assert "in use in another browser" in text(Browser().get(url(asked)))


def test_a_fresh_link_that_lay_unused_while_another_was_answered_opens_nothing(asked, clock, deliver_queued):
    Browser().post(url(asked, "survey_fresh"))
    link = re.search(r"https?://[^/]+(/s/[\w-]+/)", deliver_queued()[0].body).group(1)
    clock.shift(timedelta(minutes=5))
    save(Browser(), asked, 7)

    assert "in use in another browser" in text(Browser().get(link))


def test_a_link_that_was_never_used_still_opens_while_nothing_is_answered(asked):
    Browser().get(url(asked))

    assert Browser().post(remind(asked) + "answer/", {"question": "overall", "q-overall": "5"}).status_code == 200


def test_asking_for_fresh_links_again_and_again_mails_one_an_hour(asked, deliver_queued):
    for _turn in range(5):
        Browser().post(url(asked, "survey_fresh"))

    assert len(deliver_queued()) == 1


def test_after_the_close_a_link_says_so_in_any_browser(asked):
    save(Browser(), asked)
    launch.close(asked.round, by=make_manager(), now=timezone.now())

    for browser in (Browser(), Browser()):
        page = text(browser.get(url(asked)))
        assert "This survey closed on" in page
        assert "Rosa" not in page
        assert "Tidewell" not in page


def test_a_withdrawn_invitation_asks_nothing_and_takes_nothing(asked):
    Invitation.objects.update(state="withdrawn")
    browser = Browser()

    page, sent, saved = browser.get(url(asked)), browser.post(url(asked), {"q-overall": "1"}), save(browser, asked)

    assert "You need not answer any more" in text(page)
    assert "Tidewell" not in text(page)
    assert (sent.status_code, saved.status_code) == (403, 403)
    assert Response.objects.count() == 0


@pytest.mark.parametrize("name", ["survey_answer", "survey_thanks", "survey_fresh", "survey_somebody_else"])
@pytest.mark.parametrize("bound", [False, True])
def test_no_page_behind_a_link_is_kept_or_told_of(asked, name, bound):
    if bound:
        save(Browser(), asked)
    answer = Browser().get(url(asked, name))

    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert [cookie for cookie in answer.cookies if cookie == COOKIE] == []


def test_a_link_of_a_round_that_has_not_begun_opens_nothing(asked):
    Round.objects.update(state="draft")

    assert Browser().get(url(asked)).status_code == 404


def test_the_page_for_dead_links_speaks_what_the_browser_asks_for(db):
    page = Browser().get("/s/not-a-token/", headers={"accept-language": "de-DE,de;q=0.9"})

    assert '<html lang="de"' in text(page)


def test_the_round_is_named_nowhere_on_a_page_for_somebody_else_than_the_reader(asked):
    round = make_round(state="open", name="Secret name")
    other = make_invitation(round=round, contact=make_contact(client=asked.client))

    assert "Secret name" not in text(Browser().get(url(other)))
