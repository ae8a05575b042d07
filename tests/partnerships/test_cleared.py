"""The question some weeks after: asked once, answered without sign-in, read at once by whoever leads."""

from datetime import timedelta

import pytest
from django.urls import reverse

from outbox import links
from outbox.models import Email
from partnerships import cleared
from partnerships.models import Concern
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=33)


@pytest.fixture
def concern(web, clock):
    client = make_client(name="Tidewell Water", owner=web.user)
    rosa = make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example")
    concern = Concern.open(client, by=web.user, now=NOW, what_happened="A late report.")
    concern.hold(held_at=NOW, they_said="Tell us earlier.", by=web.user, now=NOW)
    concern.talk_with.add(rosa)
    concern.resolve(outcome="We warn early", promises=[], no_promise_because="It is how we work", by=web.user, now=NOW)
    return concern


def ask(clock):
    clock.move_to(LATER)
    return cleared.plan(LATER)


def address():
    return reverse("cleared", args=[links.token(Email.objects.get(kind=cleared.CLEARED))])


def test_the_question_is_asked_once_on_a_working_day_after_thirty_days(concern, clock, deliver_queued):
    assert f"{concern.ask_on}" == "2026-12-21"  # the 19th is a Saturday
    assert cleared.plan(NOW + timedelta(days=29)) == 0

    assert ask(clock) == 1
    assert cleared.plan(LATER + timedelta(days=1)) == 0
    [mail] = deliver_queued()

    assert mail.to == ["Rosa Delgado <rosa@tidewell.example>"]
    assert mail.subject == "Have we cleared this up?"
    assert address() in mail.body
    assert "List-Unsubscribe" in mail.extra_headers


def test_the_question_waits_for_the_gap_between_two_automatic_mails(concern, clock):
    Email.objects.queue(kind="surveys.invitation", key="x", to="rosa@tidewell.example", subject="How are we doing?")
    Email.objects.update(state="sent", sent_at=LATER - timedelta(hours=2), next_try_at=None)

    assert ask(clock) == 0
    assert cleared.plan(LATER + timedelta(days=12)) == 1


def test_opening_the_link_changes_nothing(client, concern, clock):
    ask(clock)

    for _ in range(3):
        assert client.get(address()).status_code == 200
        client.head(address())

    concern.refresh_from_db()
    assert (concern.cleared, concern.state) == ("", "resolved")


def test_yes_verifies_it_and_the_lead_hears_at_once(client, concern, clock, deliver_queued):
    ask(clock)
    deliver_queued()

    client.post(address(), {"cleared": "yes", "words": "Much better."})

    concern.refresh_from_db()
    assert (concern.state, concern.cleared_words) == ("verified", "Much better.")
    [mail] = deliver_queued()
    assert mail.to == ["Priya Raman <priya@firm.example>"]
    assert mail.subject == "Cleared up, says Rosa Delgado"
    assert "Much better." in mail.body
    assert [event.kind for event in concern.events.all()][-2:] == ["answered", "verified"]


@pytest.mark.parametrize("said", ["partly", "no"])
def test_anything_but_yes_opens_it_again_with_their_words(client, web, concern, clock, said):
    ask(clock)

    page = client.post(address(), {"cleared": said, "words": "It happened again."}, follow=True)

    assert "Thank you" in page.content.decode()
    concern.refresh_from_db()
    assert concern.state == Concern.State.OPEN
    assert concern.talk_due_at > LATER
    page = browser_of(web.user).get(f"{concern.get_absolute_url()}?step=follow")
    assert "It happened again." in page.content.decode()


def test_an_answer_can_be_changed_for_some_days_and_then_no_more(client, concern, clock):
    ask(clock)
    client.post(address(), {"cleared": "no"})
    clock.shift(timedelta(days=3))
    client.post(address(), {"cleared": "yes"})
    concern.refresh_from_db()
    assert concern.state == Concern.State.VERIFIED

    clock.shift(timedelta(days=5))
    client.post(address(), {"cleared": "no"})
    concern.refresh_from_db()
    assert concern.state == Concern.State.VERIFIED
    assert "You can change it until" not in client.get(address()).content.decode()


def test_the_same_answer_twice_is_one(client, concern, clock):
    ask(clock)
    for _ in range(2):
        client.post(address(), {"cleared": "no", "words": "Still late."})

    assert concern.events.filter(kind="answered").count() == 1
    assert Email.objects.filter(kind=cleared.ANSWERED).count() == 1


def test_where_we_have_moved_on_their_answer_is_kept_and_moves_nothing(client, concern, web, clock):
    ask(clock)
    client.post(address(), {"cleared": "no"})
    concern.refresh_from_db()
    concern.plan_talk(at=LATER + timedelta(days=2), where="", people=[], by=web.user, now=LATER)

    client.post(address(), {"cleared": "partly", "words": "A little."})

    concern.refresh_from_db()
    assert (concern.state, concern.cleared, concern.cleared_words) == ("talking", "partly", "A little.")


def test_nothing_is_asked_of_what_was_opened_again(concern, web, clock, deliver_queued):
    ask(clock)
    concern.refresh_from_db()
    concern.reopen(by=web.user, now=LATER, note="")

    assert deliver_queued() == []


def test_unknown_left_and_older_links_show_the_same_page(client, concern, clock):
    ask(clock)
    known = address()
    unknown = client.get(reverse("cleared", args=["x" * 43]))
    concern.talk_with.first().leave(now=LATER)

    left = client.get(known)

    assert (left.status_code, left.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("words", ["\0", "x" * 3000, "\ud800"])
def test_hostile_words_are_a_form_error(client, concern, clock, words):
    ask(clock)

    page = client.post(
        address(),
        b"cleared=no&words=" + words.encode("utf-8", "surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )

    assert page.status_code in (400, 422)
    concern.refresh_from_db()
    assert concern.cleared == ""


def test_their_page_speaks_their_language_and_says_nothing_of_our_notes(client, concern, clock):
    Concern.objects.update(our_part="We hid it", they_said="A secret note", outcome="Internal words")
    ask(clock)

    page = client.get(address())

    for words in ("We hid it", "A secret note", "Internal words", "A late report"):
        assert words not in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
