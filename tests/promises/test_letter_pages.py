"""Writing to a client on our side: the letter is read before it leaves, and nothing leaves by itself."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clients.models import Contact
from outbox import links
from outbox.models import Email
from promises import letters
from promises.models import Letter
from promises.models.promise import Terms
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

Kind = Letter.Kind


@pytest.fixture
def rosa(web):
    client = make_client(name="Tidewell Water", owner=web.user, visibility="team_only")
    return make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example", phone="0113 496 0200")


@pytest.fixture
def theirs(rosa):
    return make_promise(client=rosa.client, contact=rosa, what="The asset register", ours=False, now=NOW)


def write_url(promise, kind="nudge"):
    return reverse("promise_letter", args=[promise.public_id, kind])


def url(letter, name="letter"):
    return reverse(name, args=[letter.public_id])


def drafted(promise, kind=Kind.NUDGE, **fields):
    return letters.draft(kind, promise=promise, by=promise.owner, now=NOW, **fields)


# -------------------------------------------------------------------- read first, then send


def test_writing_sends_nothing_before_the_letter_was_shown_and_sent(web, theirs, clock, deliver_queued):
    form = web.get(write_url(theirs)).content.decode()
    assert "You said: “The asset register”, by Thursday 26 November" in form
    assert not Letter.objects.exists()

    shown = web.post(write_url(theirs), {"words": "Hello again.\r\nAny news?"}, follow=True)
    assert "Hello again.<br>Any news?" in shown.content.decode()
    assert deliver_queued() == []

    letter = Letter.objects.get()
    web.post(url(letter, "letter_send"))
    assert deliver_queued() == []
    clock.shift(letters.UNDO + timedelta(seconds=1))
    [mail] = deliver_queued()
    assert "Hello again.\nAny news?" in mail.body


def test_the_page_shows_the_mail_as_it_will_be_read_without_its_secret(web, theirs, clock, deliver_queued):
    letter = drafted(theirs, words="Word for word")
    page = web.get(url(letter))
    preview = page.context["mail"].text

    web.post(url(letter, "letter_send"))
    clock.shift(letters.UNDO)
    [mail] = deliver_queued()

    letter.refresh_from_db()
    token = links.token(letter.email)
    assert mail.body.replace(token, "…") == preview
    assert mail.subject == page.context["mail"].subject
    assert token not in web.get(url(letter)).content.decode()


def test_the_usual_words_are_said_afresh_when_nobody_changed_them(web, theirs):
    usual = web.get(write_url(theirs)).context["form"].initial["words"]

    web.post(write_url(theirs), {"words": usual})

    assert Letter.objects.get().words == ""


def test_a_second_visit_finds_the_draft_that_waits(web, theirs):
    letter = drafted(theirs)

    assert web.get(write_url(theirs)).url == letter.get_absolute_url()


def test_words_of_a_draft_can_be_changed_and_it_can_be_dropped(web, theirs):
    letter = drafted(theirs)

    web.post(url(letter), {"words": "Other words"})
    letter.refresh_from_db()
    assert letter.words == "Other words"

    web.post(url(letter, "letter_drop"))
    web.post(url(letter, "letter_send"))
    letter.refresh_from_db()
    assert letter.dropped_at == NOW
    assert not Email.objects.exists()


@pytest.mark.parametrize("words", ["a\x1bb", "x" * 5000])
def test_words_that_cannot_be_kept_are_refused_and_stay_in_the_field(web, theirs, words):
    letter = drafted(theirs)

    for address in (write_url(make_promise(client=theirs.client, contact=theirs.contact, ours=False)), url(letter)):
        assert web.post(address, {"words": words}).status_code == 422

    letter.refresh_from_db()
    assert letter.words == ""


def test_a_double_press_sends_one_and_it_can_be_taken_back_for_two_minutes(web, theirs, clock, deliver_queued):
    letter = drafted(theirs)
    for _press in range(2):
        web.post(url(letter, "letter_send"))
    assert "Take it back" in web.get(url(letter)).content.decode()

    web.post(url(letter, "letter_take_back"))
    clock.shift(timedelta(minutes=3))

    assert deliver_queued() == []
    letter.refresh_from_db()
    assert letter.is_draft


def test_its_link_can_be_stopped_and_the_page_says_so(web, theirs, deliver_queued):
    letter = letters.write(Kind.NUDGE, promise=theirs, by=web.user, now=NOW)
    deliver_queued()

    web.post(url(letter, "letter_revoke"))

    letter.refresh_from_db()
    assert letter.revoked_at == NOW
    assert "sent, link stopped" in web.get(url(letter)).content.decode()


# -------------------------------------------------------------------- what stands on the promise's page


def test_a_delivery_offers_to_tell_them_and_forces_nobody(web, rosa, deliver_queued):
    promise = make_promise(client=rosa.client, contact=rosa, now=NOW)

    page = web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"}, follow=True).content.decode()

    assert "Rosa Delgado has not been told that it is done." in page
    assert write_url(promise, "done") in page
    assert deliver_queued() == []

    letters.write(Kind.DONE, promise=promise.__class__.objects.get(pk=promise.pk), by=web.user, now=NOW)
    page = web.get(promise.get_absolute_url()).content.decode()
    assert "has not been told" not in page
    assert "waiting to go out" in page


def test_a_move_not_yet_asked_offers_to_ask(web, rosa):
    promise = make_promise(client=rosa.client, contact=rosa, now=NOW)
    terms = Terms(date(2026, 12, 4), None, promise.due_zone)
    promise.ask_to_move(by=web.user, terms=terms, reason="priorities", now=NOW)

    page = web.get(promise.get_absolute_url()).content.decode()

    assert "Rosa Delgado has not been asked by mail yet." in page
    assert write_url(promise, "move") in page


def test_a_mail_that_failed_says_why_on_the_letter(web, theirs, deliver_queued):
    letter = letters.write(Kind.NUDGE, promise=theirs, by=web.user, now=NOW)
    Email.objects.filter(pk=letter.email_id).update(
        state="failed", last_code=550, last_words="5.1.1 user unknown", next_try_at=None
    )

    page = web.get(url(letter)).content.decode()

    assert "Nobody has this address." in page
    assert "failed" in page


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ({"left_at": NOW}, "Rosa Delgado has left Tidewell Water"),
        ({"email": ""}, "There is no e-mail address of Rosa Delgado"),
        ({"mail_state": "unsubscribed"}, "Rosa Delgado asked us to stop these mails"),
    ],
)
def test_where_nobody_can_be_written_to_the_page_says_what_to_do(web, theirs, rosa, spoil, words):
    letter = drafted(theirs)
    Contact.objects.filter(pk=rosa.pk).update(**spoil)

    draft = web.get(url(letter)).content.decode()
    Letter.objects.all().delete()
    new = web.get(write_url(theirs)).content.decode()

    assert words in draft
    assert "Send to Rosa" not in draft
    assert words in new
    assert 'href="tel:01134960200"' in new


def test_what_was_promised_both_ways_is_sent_from_the_client(web, theirs, rosa, clock, deliver_queued):
    basil = make_contact(client=rosa.client, name="Basil Ward")
    chosen = web.get(reverse("client_letter", args=[rosa.client.public_id])).content.decode()
    assert reverse("person_letter", args=[rosa.public_id]) in chosen
    assert reverse("person_letter", args=[basil.public_id]) not in chosen

    web.post(reverse("person_letter", args=[rosa.public_id]), {"words": ""})
    web.post(url(Letter.objects.get(), "letter_send"))
    clock.shift(letters.UNDO)

    [mail] = deliver_queued()
    assert "The asset register" in mail.body


# -------------------------------------------------------------------- who may


def test_letters_of_a_client_for_its_team_only_are_not_there_for_others(web, theirs, rosa):
    letter = drafted(theirs)
    outsider = browser_of(make_user())
    names = ("letter_send", "letter_drop", "letter_take_back", "letter_revoke")

    looked = [outsider.get(address) for address in (
        url(letter), write_url(theirs), reverse("client_letter", args=[rosa.client.public_id]),
        reverse("person_letter", args=[rosa.public_id]),
    )]  # fmt: skip
    pressed = [outsider.post(url(letter, name)) for name in names]

    assert {answer.status_code for answer in [*looked, *pressed]} == {404}
    assert "Rosa" not in outsider.get(reverse("letters")).content.decode()
    assert "Rosa" not in outsider.get(reverse("my_day")).content.decode()
    assert browser_of(make_manager()).get(url(letter)).status_code == 200


def test_who_may_only_read_an_open_client_cannot_send(web):
    client = make_client(owner=web.user)
    promise = make_promise(client=client, contact=make_contact(client=client), ours=False, now=NOW)
    letter = drafted(promise)
    colleague = browser_of(make_user())

    assert colleague.get(url(letter)).status_code == 200
    assert "Send to" not in colleague.get(url(letter)).content.decode()
    assert colleague.post(url(letter, "letter_send")).status_code == 404
    assert colleague.get(write_url(promise)).status_code == 404
    letter.refresh_from_db()
    assert letter.is_draft


def test_a_draft_waits_on_the_day_of_whoever_answers_for_the_promise(web, theirs):
    letters.draft(Kind.NUDGE, promise=theirs, by=None, now=NOW)

    assert "Drafts to send" in web.get(reverse("my_day")).content.decode()
    assert "Drafts to send" not in browser_of(make_manager()).get(reverse("my_day")).content.decode()


def test_what_they_asked_or_said_waits_on_the_day_of_whoever_answers_for_it(web, rosa):
    now = NOW
    fields = {"client": rosa.client, "contact": rosa, "now": now}
    make_promise(**fields, what="Nothing asked", ours=False)
    assert "They wait for your answer" not in web.get(reverse("my_day")).content.decode()

    moving = make_promise(**fields, what="The readings", ours=False)
    moving.ask_to_move(
        by=None, contact=rosa, terms=Terms(date(2026, 12, 4), None, moving.due_zone), reason="forgot", now=now
    )
    make_promise(**fields, what="The register", ours=False).deliver(by=None, contact=rosa, now=now)
    offer = make_promise(**fields, what="The paper", proposed=True)
    offer.counter(by=None, contact=rosa, terms=Terms(date(2026, 12, 4), None, offer.due_zone), now=now)

    page = web.get(reverse("my_day")).content.decode()

    assert "They wait for your answer" in page
    for words in ("asks for another date", "says it is done", "offers other terms"):
        assert f"Rosa Delgado {words}" in page
    assert "They wait for your answer" not in browser_of(make_manager()).get(reverse("my_day")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_letters_costs_the_same_for_any_length(web, rosa, count, django_assert_max_num_queries):
    for number in range(count):
        promise = make_promise(client=rosa.client, contact=rosa, ours=False, what=f"Number {number}", now=NOW)
        drafted(promise)
        letters.write(Kind.PAGE, contact=rosa, by=web.user, now=NOW)

    with django_assert_max_num_queries(14):
        web.get(reverse("letters"))
