"""Mail to somebody we ask comes back, and goes out again once the address is right."""

import pytest

from clients.models import Contact
from outbox import delivery, reports, returned
from outbox.models import Email
from surveys import sending
from surveys.models import InvitationMessage, Result
from tests.conftest import NOW, browser_of
from tests.make import mail_of, make_client, make_contact, make_invitation, make_manager, make_round, make_user
from tests.outbox import samples
from tests.outbox.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def sink_of_mail(settings):
    """A real SMTP server that takes everything."""
    with Sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield sink


@pytest.fixture
def owner():
    return make_user(name="Priya Raman", email="priya@firm.example")


@pytest.fixture
def client_(owner):
    return make_client(name="Northwind", owner=owner)


@pytest.fixture
def rosa(client_):
    return make_contact(client=client_, name="Rosa Delgado", email="rosa@client.example")


@pytest.fixture
def asked(rosa):
    return make_invitation(contact=rosa, round=make_round(state="open", name="This year"))


def comes_back(email, *, sample=samples.postfix, key="report", **fields):
    [report] = reports.read(sample(email.message_id, email.to_email, **fields))
    return returned.record(report, source="mailbox", key=key, now=NOW)


def stands(*records):
    for record in records:
        record.refresh_from_db()
    return [getattr(record, "mail_state", None) or record.state for record in records]


def told():
    return list(Email.objects.filter(kind="surveys.undeliverable").values_list("to_email", "subject"))


def test_the_person_and_the_invitation_are_marked_and_the_owner_hears_of_it_once(asked, rosa, deliver_queued):
    Result.objects.create(round=asked.round, client=asked.client, computed_at=NOW, stale=False)

    comes_back(mail_of(asked))
    comes_back(mail_of(asked), sample=samples.gmail, key="another")

    assert stands(asked, rosa) == ["undeliverable", "bounced"]
    assert rosa.mail_state_at == NOW
    assert asked.hold_reason == "It came back: nobody has this address. Is it spelt right, or has the person left?"
    assert Result.objects.get().stale
    assert told() == [("priya@firm.example", "Mail to Rosa Delgado comes back")]
    [mail] = deliver_queued()
    assert mail.subject == "Mail to Rosa Delgado comes back"
    assert "nobody has this address" in mail.body


def test_everybody_with_that_address_is_marked_in_every_open_round_and_nobody_else(asked, rosa, owner):
    twin = make_contact(client=make_client(owner=owner), email=rosa.email)
    same, answered = (make_invitation(contact=twin, round=r) for r in (asked.round, make_round(state="open")))
    type(answered).objects.filter(pk=answered.pk).update(state="submitted")
    closed = make_invitation(contact=twin, round=make_round(state="closed"))
    other = make_invitation(contact=make_contact(client=rosa.client), round=asked.round)

    comes_back(mail_of(asked))

    assert stands(asked, same, answered, closed, other) == [
        "undeliverable", "undeliverable", "submitted", "sent", "sent",
    ]  # fmt: skip
    assert stands(twin, other.contact) == ["bounced", "ok"]
    assert same.hold_reason == "Their mail comes back."


def test_a_full_mailbox_marks_the_invitation_and_not_the_person(asked, rosa):
    comes_back(mail_of(asked), status="5.2.2", said="552 5.2.2 mailbox full")

    assert stands(asked, rosa) == ["undeliverable", "ok"]
    assert asked.hold_reason.startswith("It came back: their mailbox is full.")


def test_a_delay_marks_nothing(asked, rosa):
    comes_back(mail_of(asked), action="delayed", status="4.4.1", said="timed out")

    assert (stands(asked, rosa), told()) == (["sent", "ok"], [])


def test_who_asked_us_to_stop_stays_so_whatever_comes_back_and_whatever_their_address(asked, rosa, owner):
    Contact.objects.filter(pk=rosa.pk).update(mail_state="unsubscribed")
    comes_back(mail_of(asked))

    rosa.refresh_from_db()
    rosa.correct_address("rosa@new.example", now=NOW)

    assert stands(rosa) == ["unsubscribed"]


def test_a_complaint_unsubscribes_everybody_with_that_address(asked, rosa):
    twin = make_contact(email=rosa.email)

    comes_back(mail_of(asked), sample=samples.complaint)

    assert stands(asked, rosa, twin) == ["declined", "unsubscribed", "unsubscribed"]


def test_reminders_that_wait_do_not_go_out(asked, deliver_queued):
    reminder, _new = Email.objects.queue(
        kind="surveys.reminder", key="r", to=asked.contact.email, subject="Still time", thread=mail_of(asked)
    )
    InvitationMessage.objects.create(invitation=asked, email=reminder, step=1)

    comes_back(mail_of(asked))

    assert stands(reminder) == ["cancelled"]
    assert reminder.last_words.startswith("Mail to rosa@client.example comes back: 550 5.1.1")
    assert [mail.to for mail in deliver_queued()] == [["Priya Raman <priya@firm.example>"]]


# -------------------------------------------------------------------- and out again


def form_of(browser, person, **fields):
    page = browser.get(f"/clients/{person.client.public_id}/people/{person.public_id}/")
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in {**data, **fields}.items()}, page.content.decode()


def test_the_owner_corrects_the_address_and_sends_the_invitation_again(asked, rosa, owner, deliver_queued):
    browser = browser_of(owner)
    comes_back(mail_of(asked))
    deliver_queued()
    before = browser.get(rosa.client.get_absolute_url()).content.decode()
    data, page = form_of(browser, rosa, email="rosa.delgado@client.example")
    browser.post(f"/clients/{rosa.client.public_id}/people/{rosa.public_id}/", data)
    after = browser.get(rosa.client.get_absolute_url()).content.decode()
    address = f"/surveys/{asked.round.public_id}/came-back/{asked.public_id}/"

    answers = [browser.post(address), browser.post(address)]
    [mail] = deliver_queued()
    sending.follow_outbox(NOW)

    assert ("Mail that came back" in before, address in before, address in after) == (True, False, True)
    assert "Mail to this address comes back." in page
    assert [answer.status_code for answer in answers] == [302, 302]
    assert mail.to == ["Rosa Delgado <rosa.delgado@client.example>"]
    assert mail.extra_headers["Message-ID"] == mail_of(asked).message_id
    assert stands(asked, rosa) == ["sent", "ok"]
    assert asked.hold_reason == ""
    assert "Mail that came back" not in browser.get(rosa.client.get_absolute_url()).content.decode()


def test_a_person_who_knows_better_than_the_server_says_so(asked, rosa, owner, deliver_queued):
    browser = browser_of(owner)
    comes_back(mail_of(asked))
    person = f"/clients/{rosa.client.public_id}/people/{rosa.public_id}/mail/"

    looked = browser.get(person).status_code
    browser.post(person)
    browser.post(f"/surveys/{asked.round.public_id}/came-back/{asked.public_id}/")

    assert (looked, stands(rosa)) == (405, ["ok"])
    assert sum(mail.to == ["Rosa Delgado <rosa@client.example>"] for mail in deliver_queued()) == 1


def test_before_the_address_is_right_nothing_goes_out(asked, rosa, owner):
    browser = browser_of(owner)
    comes_back(mail_of(asked))

    page = browser.post(f"/surveys/{asked.round.public_id}/came-back/{asked.public_id}/", follow=True)

    assert "Correct the address first, or say that it is right." in page.content.decode()
    assert stands(asked, mail_of(asked)) == ["undeliverable", "bounced"]


def test_one_whose_first_mail_had_not_gone_out_gets_it(rosa, owner, deliver_queued):
    waiting = make_invitation(contact=rosa, state="pending", with_mail=False, round=make_round(state="open"))
    returned.address_died(rosa.email, now=NOW)
    was = stands(waiting, rosa)
    rosa.correct_address("rosa@new.example", now=NOW)

    browser_of(owner).post(f"/surveys/{waiting.round.public_id}/came-back/{waiting.public_id}/")
    sending.send_due(NOW)
    sent = deliver_queued()

    assert was == ["undeliverable", "bounced"]
    assert [mail.to for mail in sent if "rosa" in mail.to[0]] == [["Rosa Delgado <rosa@new.example>"]]


def test_one_whose_mail_was_stopped_on_its_way_gets_it(asked, rosa, owner, deliver_queued):
    email = mail_of(asked)
    Email.objects.filter(pk=email.pk).update(state="queued", sent_at=None, next_try_at=NOW)
    returned.address_died(rosa.email, now=NOW)
    rosa.correct_address("rosa@new.example", now=NOW)

    browser_of(owner).post(f"/surveys/{asked.round.public_id}/came-back/{asked.public_id}/")
    sent = deliver_queued()
    sending.follow_outbox(NOW)

    assert [mail.to for mail in sent if "rosa" in mail.to[0]] == [["Rosa Delgado <rosa@new.example>"]]
    assert stands(asked, email) == ["sent", "sent"]


def test_a_stranger_cannot_send_it(asked, client_):
    type(client_).objects.filter(pk=client_.pk).update(visibility="team_only")
    comes_back(mail_of(asked))
    asked.contact.correct_address("rosa@new.example", now=NOW)

    answer = browser_of(make_user()).post(f"/surveys/{asked.round.public_id}/came-back/{asked.public_id}/")

    assert (answer.status_code, stands(asked)) == (404, ["undeliverable"])


# -------------------------------------------------------------------- from the list of mail that did not go out


def test_a_manager_corrects_the_address_where_the_mail_is_listed(asked, rosa, deliver_queued):
    manager = browser_of(make_manager())
    comes_back(mail_of(asked))

    manager.post(f"/mail/trouble/{mail_of(asked).uuid}/", {"to": "Rosa@New.example"})
    sent = deliver_queued()

    assert [mail.to for mail in sent if "osa" in mail.to[0]] == [["Rosa Delgado <rosa@new.example>"]]
    rosa.refresh_from_db()
    assert (rosa.email, rosa.mail_state, rosa.version) == ("rosa@new.example", "ok", 2)


def test_sending_it_again_as_it_is_says_that_the_address_is_right(asked, rosa, deliver_queued):
    manager = browser_of(make_manager())
    comes_back(mail_of(asked))

    manager.post(f"/mail/trouble/{mail_of(asked).uuid}/again/")
    deliver_queued()

    assert stands(rosa, mail_of(asked)) == ["ok", "sent"]


def test_an_address_somebody_else_there_has_is_refused_in_words(asked, rosa):
    make_contact(client=rosa.client, email="taken@client.example")
    comes_back(mail_of(asked))

    page = browser_of(make_manager()).post(f"/mail/trouble/{mail_of(asked).uuid}/", {"to": "taken@client.example"})

    assert page.status_code == 422
    assert "Somebody else at this client has the address taken@client.example." in page.content.decode()
    assert stands(mail_of(asked), rosa) == ["bounced", "bounced"]


def test_a_person_whose_address_was_changed_since_does_not_get_the_old_one_back(asked, rosa):
    comes_back(mail_of(asked))
    rosa.refresh_from_db()
    rosa.correct_address("rosa@new.example", now=NOW)

    page = browser_of(make_manager()).post(f"/mail/trouble/{mail_of(asked).uuid}/again/", follow=True)

    rosa.refresh_from_db()
    assert rosa.email == "rosa@new.example"
    assert "Rosa Delgado has another address by now: rosa@new.example." in page.content.decode()


# -------------------------------------------------------------------- as bytes on the wire


def test_reminders_stand_under_the_invitation_in_a_mail_program_and_can_be_stopped_with_one_click(
    rosa, settings, sink_of_mail
):
    from django.test import Client as Browser

    from surveys import reminders

    asked = make_invitation(contact=rosa, state="pending", with_mail=False, round=make_round(state="open"))
    type(asked).objects.filter(pk=asked.pk).update(send_at=NOW)
    sending.send_due(NOW)
    delivery.drain()
    sending.follow_outbox(NOW)
    Email.objects.update(created_at=NOW.replace(year=2025), sent_at=NOW.replace(year=2025))
    type(asked).objects.filter(pk=asked.pk).update(invited_at=NOW.replace(month=10))
    reminders.plan(NOW)
    Email.objects.filter(next_try_at__gt=NOW).update(next_try_at=NOW)
    delivery.drain()

    first, reminder = [mail for to, _id, mail in sink_of_mail.taken if to == rosa.email]
    link = reminder["List-Unsubscribe"].strip(" <>").removeprefix(settings.BASE_URL)
    looked = [Browser().get(link).status_code, stands(rosa)]
    machine = Browser(enforce_csrf_checks=True)
    answer = machine.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert reminder["In-Reply-To"] == first["Message-ID"]
    assert reminder["References"] == first["Message-ID"]
    assert [mail["List-Unsubscribe-Post"] for mail in (first, reminder)] == ["List-Unsubscribe=One-Click"] * 2
    assert first["List-Unsubscribe"] != reminder["List-Unsubscribe"]
    assert (looked, answer.status_code, stands(rosa)) == ([200, ["ok"]], 200, ["unsubscribed"])
    assert not answer.cookies
