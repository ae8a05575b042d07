"""“Not Rosa? Tell Priya who should answer”: said on a page without sign-in, settled by the owner or a manager."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from outbox.models import Email
from surveys import sending, somebody_else
from surveys.models import Invitation, RoundEvent, SomebodyElse
from tests.conftest import browser_of
from tests.make import (
    answer_survey,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
    survey_token,
)

pytestmark = pytest.mark.django_db
SAID = {"name": "Ann Lee", "address": "ann@tidewell.example", "words": "I moved to sales."}


@pytest.fixture
def asked(clock):
    owner = make_user(name="Priya Raman", email="priya@firm.example", phone="0113 496 0110")
    client = make_client(name="Tidewell Water", owner=owner)
    contact = make_contact(
        client=client, name="Rosa Delgado", email="rosa@tidewell.example", language="de", survey_part="decision_maker"
    )
    return make_invitation(contact=contact, weight=2, round=make_round(state="open", name="This year"))


@pytest.fixture
def said(asked):
    return somebody_else.say(asked, **SAID, now=timezone.now())


def url(asked):
    return reverse("survey_somebody_else", args=[survey_token(asked)]) + "?lang=en-gb"


def settle_url(said):
    return reverse("survey_settle", args=[said.invitation.round.public_id, said.pk])


def tell(asked, **data):
    return Browser().post(url(asked), {**SAID, "lang": "en-gb", **data})


# -------------------------------------------------------------------- said


def test_looking_at_the_page_writes_nothing_and_shows_no_more_than_the_mail_did(asked):
    answer_survey(asked, overall=3, better="Ring us back", submit=False)

    page = Browser().get(url(asked)).content.decode()

    assert "Our questions were meant for Rosa." in page
    assert "Ring us back" not in page
    assert "Delgado" not in page
    assert SomebodyElse.objects.count() == 0


def test_what_is_written_is_kept_and_mailed_to_the_owner_at_once(asked, deliver_queued):
    page = tell(asked).content.decode()
    mails = deliver_queued()

    said = SomebodyElse.objects.get()
    assert "Thank you. That is all you need to do." in page
    assert (said.name, said.address, said.words, said.said_at) == (*SAID.values(), timezone.now())
    assert [mail.to for mail in mails] == [["Priya Raman <priya@firm.example>"]]
    assert mails[0].subject == "Tidewell Water: somebody else should answer"
    assert "Ann Lee (ann@tidewell.example)" in mails[0].body
    assert settle_url(said) in mails[0].body


def test_the_same_said_twice_is_one(asked, deliver_queued):
    for _turn in range(2):
        tell(asked)

    assert SomebodyElse.objects.count() == 1
    assert len(deliver_queued()) == 1


def test_at_most_three_are_taken_down_for_one_invitation(asked, deliver_queued):
    statuses = [tell(asked, name=f"Ann {number}").status_code for number in range(6)]

    assert statuses == [200, 200, 200, 429, 429, 429]
    assert SomebodyElse.objects.count() == 3
    assert len(deliver_queued()) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": ""}, "Write the name of the person who should answer."),
        ({"address": "ann at home"}, "Enter a whole e-mail address, such as name@example.com."),
        ({"name": "A" * 121}, "At most 120 characters fit here; this has 121."),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_and_stays_there(asked, data, words):
    answer = tell(asked, **data)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "I moved to sales." in answer.content.decode()
    assert SomebodyElse.objects.count() == 0


# -------------------------------------------------------------------- seen


@pytest.mark.parametrize("page", ["client", "round"])
def test_the_owner_and_managers_see_it_where_they_can_settle_it(asked, said, page):
    address = (asked.client if page == "client" else asked.round).get_absolute_url()

    for user in (asked.client.owner, make_manager()):
        shown = browser_of(user).get(address).content.decode()
        assert "Somebody else should answer" in shown
        assert settle_url(said) in shown
    assert "Somebody else should answer" not in browser_of(make_user()).get(address).content.decode()


def test_nobody_else_can_open_or_settle_it(asked, said):
    colleague = browser_of(make_user())

    assert colleague.get(settle_url(said)).status_code == 404
    assert colleague.post(settle_url(said), {"act": "dismiss"}).status_code == 404
    said.refresh_from_db()
    assert said.settled_at is None


# -------------------------------------------------------------------- settled


def test_the_new_person_becomes_a_contact_and_is_invited_instead(asked, said, deliver_queued):
    owner = browser_of(asked.client.owner)

    answer = owner.post(settle_url(said), {"act": "invite", "name": "Ann Lee", "address": "Ann@Tidewell.example"})
    sending.send_due(timezone.now())

    contact = Contact.objects.get(name="Ann Lee")
    asked.refresh_from_db()
    said.refresh_from_db()
    new = Invitation.objects.get(contact=contact)
    assert answer.status_code == 302
    assert (contact.email, contact.language, contact.survey_part) == ("ann@tidewell.example", "de", "decision_maker")
    assert (new.round, new.client, new.weight) == (asked.round, asked.client, 2)
    assert (asked.state, asked.hold_reason) == ("withdrawn", "Ann Lee is asked instead.")
    assert (said.settled_by, said.became) == (asked.client.owner, contact)
    assert asked.round.events.get(kind=RoundEvent.Kind.PEOPLE).note == "Ann Lee instead of Rosa Delgado"
    assert [mail.to for mail in deliver_queued()] == [["Ann Lee <ann@tidewell.example>"]]  # the note was settled


def test_who_has_begun_to_answer_keeps_their_invitation(asked, said):
    answer_survey(asked, overall=3, submit=False)

    somebody_else.invite(said, name="Ann", address="ann@x.example", by=asked.client.owner, now=timezone.now())

    asked.refresh_from_db()
    assert asked.state == Invitation.State.STARTED


def test_mail_to_the_first_person_that_still_waits_is_not_sent(asked, said):
    mail = asked.messages.get().email
    Email.objects.filter(pk=mail.pk).update(state="queued", sent_at=None, next_try_at=timezone.now())

    somebody_else.invite(said, name="Ann", address="ann@x.example", by=asked.client.owner, now=timezone.now())

    mail.refresh_from_db()
    assert (mail.state, mail.last_words) == ("cancelled", "Ann is asked instead.")


def test_somebody_we_know_already_is_invited_as_they_are(asked, said):
    known = make_contact(client=asked.client, name="Ann Lee-Brown", email="ann@tidewell.example")

    found = somebody_else.invite(
        said, name="Ann Lee", address="ann@tidewell.example", by=asked.client.owner, now=timezone.now()
    )

    assert found == known
    assert Invitation.objects.filter(contact=known).count() == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"email": "ann@tidewell.example", "mail_state": "unsubscribed"}, "Asked us to stop."),
        ({"email": "ann@tidewell.example", "left": True}, "Has left the client."),
        ({}, "This is the address that was asked already."),
    ],
)
def test_who_cannot_be_asked_is_refused_in_words(asked, said, how, words):
    left = how.pop("left", False)
    if how:
        make_contact(client=asked.client, left_at=timezone.now() if left else None, **how)
    address = "ann@tidewell.example" if how else "rosa@tidewell.example"

    answer = browser_of(asked.client.owner).post(
        settle_url(said), {"act": "invite", "name": "Ann Lee", "address": address}
    )

    asked.refresh_from_db()
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert asked.state == "sent"


def test_it_can_be_left_as_it_is(asked, said):
    manager = make_manager()

    browser_of(manager).post(settle_url(said), {"act": "dismiss"})

    said.refresh_from_db()
    asked.refresh_from_db()
    assert (said.settled_by, said.became, asked.state) == (manager, None, "sent")
    assert list(somebody_else.unsettled(manager)) == []


def test_settling_twice_does_it_once_and_says_so(asked, said):
    owner = browser_of(asked.client.owner)
    for _turn in range(2):
        answer = owner.post(settle_url(said), {"act": "invite", "name": "Ann", "address": "ann@x.example"}, follow=True)

    assert Contact.objects.filter(name="Ann").count() == 1
    assert "This has been settled." in answer.content.decode()


def test_after_the_close_nobody_is_invited(asked, said):
    asked.round.state, asked.round.closed_at = "closed", timezone.now()
    asked.round.save()

    answer = browser_of(asked.client.owner).post(
        settle_url(said), {"act": "invite", "name": "Ann", "address": "ann@x.example"}, follow=True
    )

    assert "the round has closed" in answer.content.decode()
    assert not Contact.objects.filter(name="Ann").exists()
