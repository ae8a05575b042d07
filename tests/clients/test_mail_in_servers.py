"""E-mail in through Exim and Dovecot: sent over SMTP as a mail program does, read over IMAP by the Celery task."""

import os

import pytest

from clients.models import Attachment, Interaction, ReceivedMail
from outbox.models import Email, Inbound, Inbox
from outbox.tasks import read_inbox
from tests import mail_servers
from tests.clients.mails import PRIYA, ROSA, WRITTEN_OUT, attached, mail
from tests.make import make_client, make_contact, make_user
from tests.outbox import samples

LACKING = mail_servers.missing()
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(LACKING), reason=f"Debian's {LACKING} would be needed"),
]

MINE = "crm+priyaskey@in.firm.example"
TOMS = "crm+tomskey@in.firm.example"


@pytest.fixture
def servers(settings):
    with mail_servers.MailServers() as servers:
        settings.MAIL_IN = "crm@in.firm.example"
        settings.MAIL_INBOX = servers.url(done="Handled")
        settings.DEFAULT_FROM_EMAIL = "The firm <bounces@firm.example>"
        yield servers


@pytest.fixture
def priya():
    return make_user(name="Priya Raman", email="priya@firm.example", mail_in_key="priyaskey")


@pytest.fixture
def tidewell(priya):
    client = make_client(name="Tidewell", owner=priya)
    make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example")
    return client


def now_mail(**fields):
    """A mail of this moment: servers are asked for the last weeks only."""
    return mail(**{"date": "Wed, 18 Nov 2020 15:04:05 +0000", **fields})


def test_mails_come_over_smtp_and_are_filed_over_imap(servers, tidewell, priya):
    tom = make_user(name="Tom", email="tom@firm.example", mail_in_key="tomskey")
    big = b"%PDF-1.4 " + os.urandom(10 * 1024 * 1024)
    letter = Email.objects.queue(kind="surveys.thanks", key="1", to="rosa@tidewell.example", subject="Thanks")[0]
    Email.objects.filter(pk=letter.pk).update(state="sent", next_try_at=None)
    letter.refresh_from_db()
    to_rosa = ["rosa@tidewell.example", MINE]

    servers.send(now_mail(files=[("plan.pdf", "application/pdf", big)]), sender="priya@firm.example", to=to_rosa)
    forwarded = now_mail(to=MINE, subject="Fwd: The lease", text=WRITTEN_OUT["Gmail, German"], message_id="<2@firm>")
    servers.send(forwarded, sender="priya@firm.example", to=[MINE])
    original = mail(sender=ROSA, to=f"{PRIYA}, tom@firm.example", message_id="<3@tidewell>", subject="To both")
    servers.send(attached(original, message_id="<4@firm>"), sender="priya@firm.example", to=[MINE])
    servers.send(
        attached(original, sender="tom@firm.example", to=TOMS, message_id="<5@firm>"),
        sender="tom@firm.example",
        to=[TOMS],
    )
    absent = now_mail(message_id="<6@firm>", Auto_Submitted="auto-replied")
    servers.send(absent, sender="priya@firm.example", to=to_rosa)
    servers.send(now_mail(message_id="<7@x>"), sender="x@x.example", to=["crm+oldkey@in.firm.example"])
    servers.send(now_mail(message_id="<8@x>", sender="eve@x.example"), sender="eve@x.example", to=[MINE])
    servers.send(samples.postfix(letter.message_id, letter.to_email), sender="", to=["bounces@firm.example"])
    servers.wait_for(8)

    read_inbox.apply().get()
    read_inbox.apply().get()

    assert (servers.arrived(), servers.arrived("Handled")) == (1, 7)  # the one for an old address is left
    assert sorted(ReceivedMail.objects.values_list("user__name", "subject", "state")) == [
        ("Priya Raman", "Fee note", "filed"),
        ("Priya Raman", "Fee note", "unmatched"),
        ("Priya Raman", "The lease", "filed"),
        ("Priya Raman", "To both", "filed"),
        ("Tom", "To both", "unmatched"),  # he may not write to the client, and does not hear that Priya filed it
    ]
    assert sorted(Interaction.objects.values_list("summary", "direction", "author__name")) == [
        ("Fee note", "ours", "Priya Raman"),
        ("The lease", "theirs", "Priya Raman"),
        ("To both", "theirs", "Priya Raman"),
    ]
    assert list(Attachment.objects.exclude(interaction=None).values_list("name", "size")) == [("plan.pdf", len(big))]
    letter.refresh_from_db()
    assert (letter.state, Inbox.objects.get().trouble, Inbound.objects.count()) == ("bounced", "", 7)
    assert tom.received_mails.count() == 1


def test_one_message_to_two_of_us_is_delivered_and_filed_once(servers, tidewell, priya):
    make_user(name="Tom", email="tom@firm.example", mail_in_key="tomskey")

    servers.send(now_mail(), sender="priya@firm.example", to=["rosa@tidewell.example", MINE, TOMS])
    servers.wait_for(1)
    read_inbox.apply().get()

    assert [(entry.author, entry.client) for entry in Interaction.objects.all()] == [(priya, tidewell)]


def test_a_mailbox_of_its_own_is_read_beside_the_one_for_returned_mail(servers, settings, tidewell):
    settings.MAIL_IN_INBOX, settings.MAIL_INBOX = settings.MAIL_INBOX, "imap://a:b@127.0.0.1:1/INBOX"  # nobody there
    servers.send(now_mail(), sender="priya@firm.example", to=["rosa@tidewell.example", MINE])
    servers.wait_for(1)

    read_inbox.apply().get()

    troubled = {inbox.pk.partition("@")[0]: bool(inbox.trouble) for inbox in Inbox.objects.all()}
    assert (troubled, Interaction.objects.count()) == ({"a": True, "crm": False}, 1)


def test_a_mail_larger_than_is_read_keeps_its_text_and_names_what_is_missing(servers, tidewell, monkeypatch):
    monkeypatch.setattr("outbox.imap.MOST_WHOLE", 300_000)
    files = [("plan.pdf", "application/pdf", b"%PDF-1.4 " + os.urandom(50_000)), ("b.bin", "x/y", os.urandom(900_000))]
    servers.send(now_mail(files=files), sender="priya@firm.example", to=["rosa@tidewell.example", MINE])
    servers.wait_for(1)

    read_inbox.apply().get()

    [entry] = Interaction.objects.all()
    words = "Not kept: It is larger than can be read; what stands at its end is missing."
    assert entry.body == f"Here is the fee note.\n\n{words}"
    assert [file.name for file in entry.attachments.all()] == ["plan.pdf"]
