"""Mail sent to a personal address: filed with the right clients, or laid into the tray of whoever sent it in."""

from email.message import EmailMessage
from textwrap import dedent

import pytest

from accounts import mail_address
from clients.mail_in import filing, reading
from clients.models import Attachment, Interaction, NeverLog, ReceivedMail, Request
from outbox.inbound import InboundMail
from outbox.models import Email
from tests.clients.mails import AT, OUTLOOK_HTML, PRIYA, ROSA, WRITTEN_OUT, attached, mail
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MINE = "crm+priyaskey@in.firm.example"


@pytest.fixture(autouse=True)
def _mail_in(settings, tmp_path):
    settings.MAIL_IN = "crm@in.firm.example"
    settings.DEFAULT_FROM_EMAIL = "The firm <crm@firm.example>"


@pytest.fixture
def priya():
    return make_user(name="Priya Raman", email="priya@firm.example", mail_in_key="priyaskey")


@pytest.fixture
def tidewell(priya):
    return make_client(name="Tidewell", owner=priya)


@pytest.fixture
def rosa(tidewell):
    return make_contact(client=tidewell, name="Rosa Delgado", email="rosa@tidewell.example")


def receive(raw, *, now=NOW):
    return reading.handle(InboundMail(raw, "key"), now)


def bcc(**fields):
    """A mail of Priya's with her address in BCC: only the envelope knows it."""
    return receive(mail(**{"delivered_to": MINE, **fields}))


def forward(text="", **fields):
    """Priya passes a mail on to her own address."""
    return receive(mail(**{"to": MINE, "subject": "Fwd: The lease", "text": text, **fields}))


def entries():
    return [
        (entry.client.name, entry.direction, entry.summary, [person.name for person in entry.contacts.all()])
        for entry in Interaction.objects.order_by("pk")
    ]


def tray():
    return list(ReceivedMail.objects.filter(state="unmatched").values_list("subject", "why"))


# -------------------------------------------------------------------- what becomes of a mail
def test_a_mail_to_a_client_with_our_address_in_bcc_is_filed(rosa, priya):
    assert bcc() == "filed"

    [entry] = Interaction.objects.all()
    assert entries() == [("Tidewell", "ours", "Fee note", ["Rosa Delgado"])]
    assert (entry.author, entry.happened_at, entry.body, entry.kind) == (priya, AT, "Here is the fee note.", "email")
    assert (entry.client.last_interaction_at, entry.client.last_two_way_at) == (AT, None)


def test_the_address_is_found_wherever_a_server_notes_it(rosa):
    headers = [
        {"X_Original_To": MINE},
        {"Envelope_To": f"<{MINE.upper()}>"},
        {"Bcc": MINE},
        {"Cc": f"The CRM <{MINE}>"},
        {"Received": f"from a.example by b.example with ESMTP id 1 for <{MINE}>; Wed, 18 Nov 2026 15:04:06 +0000"},
    ]
    said = [receive(mail(message_id=f"<{n}@x.example>", **header)) for n, header in enumerate(headers)]

    assert said == ["filed"] * 5


@pytest.mark.parametrize(
    "address", ["crm+other@in.firm.example", "crm@in.firm.example", "crm+priyaskey@in.firm.examples"]
)
def test_a_mail_to_no_address_of_ours_stays_in_the_mailbox(address, rosa):
    assert receive(mail(delivered_to=address)) == ""
    assert ReceivedMail.objects.count() == 0


def test_a_renewed_address_takes_nothing_at_the_old_one(rosa, priya):
    mail_address.renew(priya)

    assert bcc() == ""
    assert receive(mail(delivered_to=mail_address.personal(priya))) == "filed"


def test_the_address_of_somebody_who_left_takes_nothing(rosa, priya):
    priya.is_active = False
    priya.save()

    assert bcc() == ""


@pytest.mark.parametrize("program", WRITTEN_OUT)
def test_a_forwarded_mail_is_theirs_with_its_sender_its_date_and_its_words(program, rosa, tidewell):
    omar = make_contact(client=tidewell, name="Omar Said", email="omar@tidewell.example")
    assert forward(dedent(WRITTEN_OUT[program]).lstrip("\n"), date=AT) == "filed"

    [entry] = Interaction.objects.all()
    [received] = ReceivedMail.objects.all()
    assert entries() == [("Tidewell", "theirs", "The lease", ["Omar Said", "Rosa Delgado"])]
    assert (received.from_name, received.from_address, received.forwarded) == (
        "Rosa Delgado",
        "rosa@tidewell.example",
        True,
    )
    assert (entry.happened_at.hour, entry.happened_at.minute, entry.happened_at.date()) == (14, 4, AT.date())
    assert received.text == "Can you look at the lease?\n\nRosa"
    assert entry.body == "Can you look at the lease?\n\nRosa\n\nPriya Raman wrote above it: FYI"
    assert entry.client.last_two_way_at == entry.happened_at
    assert omar in entry.contacts.all()


def test_a_forwarded_mail_that_has_only_html_is_read_too(rosa):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = PRIYA, MINE, "FW: The lease", "<h@x>"
    message.set_content(OUTLOOK_HTML, subtype="html")

    assert receive(message.as_bytes()) == "filed"
    assert entries() == [("Tidewell", "theirs", "The lease", ["Rosa Delgado"])]
    assert ReceivedMail.objects.get().text == "Can you look at the lease?\n\nRosa"
    assert "style" not in ReceivedMail.objects.get().html


def test_a_mail_forwarded_as_an_attachment_keeps_its_own_identity(rosa, priya):
    files = [("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")]
    original = mail(
        sender=ROSA, to=PRIYA, subject="The lease", text="Can you?", message_id="<her@tidewell>", files=files
    )

    assert receive(attached(original, text="See below")) == "filed"

    [received] = ReceivedMail.objects.all()
    [entry] = Interaction.objects.all()
    assert (received.message_id, received.sent_at, received.note) == ("<her@tidewell>", AT, "See below")
    assert [file.name for file in entry.attachments.all()] == ["plan.pdf"]


def test_our_own_mail_forwarded_later_is_ours(rosa, priya):
    text = WRITTEN_OUT["Gmail, English"].replace("Rosa Delgado <rosa@tidewell.example>", "Priya <priya@firm.example>")
    assert forward(dedent(text).replace("<omar@", "<rosa@")) == "filed"
    assert entries() == [("Tidewell", "ours", "The lease", ["Rosa Delgado"])]


def test_what_a_stranger_sends_to_the_address_waits_in_the_tray(rosa):
    said = receive(mail(sender="Eve <eve@elsewhere.example>", to="priya@firm.example", delivered_to=MINE))

    assert said == "in the tray"
    assert tray() == [("Fee note", "It was sent by eve@elsewhere.example, which is not one of your addresses.")]
    assert Interaction.objects.count() == 0


def test_another_address_of_hers_counts_as_hers(rosa, priya):
    priya.mail_addresses = ["Priya.Raman@gmail.example"]
    priya.save()

    assert bcc(sender="priya.raman@gmail.example") == "filed"


def test_a_mail_to_nobody_but_us_waits_in_the_tray(rosa):
    assert bcc(to="Tom <tom@firm.example>") == "in the tray"
    assert tray() == [("Fee note", "It names nobody but us, and no forwarded mail was found in it.")]


def test_colleagues_in_copy_are_nobody_to_match(rosa, tidewell):
    make_contact(client=make_client(owner=tidewell.owner, name="Odd"), email="tom@firm.example")

    assert bcc(cc="tom@firm.example") == "filed"
    assert entries() == [("Tidewell", "ours", "Fee note", ["Rosa Delgado"])]


def test_an_unknown_address_waits_in_the_tray_in_the_language_of_its_owner(priya):
    assert bcc() == "in the tray"
    assert tray() == [("Fee note", "Nobody at a client you may write to has this address.")]
    assert ReceivedMail.objects.get().others == [["Rosa Delgado", "rosa@tidewell.example"]]


# -------------------------------------------------------------------- several clients, threads
def test_a_mail_to_people_of_two_clients_has_an_entry_at_each(rosa, priya):
    becker = make_client(name="Becker", owner=priya)
    make_contact(client=becker, name="Lena Becker", email="lena@becker.example")
    files = [("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")]

    assert bcc(cc="lena@becker.example", files=files) == "filed"
    assert entries() == [
        ("Becker", "ours", "Fee note", ["Lena Becker"]),
        ("Tidewell", "ours", "Fee note", ["Rosa Delgado"]),
    ]
    filed = Attachment.objects.exclude(interaction=None)
    assert (filed.count(), filed.values("stored_as").distinct().count()) == (2, 1)


def test_an_address_at_two_clients_waits_for_a_choice_unless_the_thread_tells(rosa, priya):
    other = make_client(name="Tidewell Pensions", owner=priya)
    make_contact(client=other, name="Rosa D.", email="rosa@tidewell.example")
    assert bcc() == "in the tray"
    first = ReceivedMail.objects.get()
    assert first.why == "Several of your clients have the same address."
    filing.file(first, client=other, contacts=[], by=priya, now=NOW)

    said = bcc(message_id="<two@firm.example>", In_Reply_To="<one@firm.example>", subject="Re: Fee note")

    assert said == "filed"
    assert [entry[0] for entry in entries()] == ["Tidewell Pensions", "Tidewell Pensions"]


def test_a_new_address_in_a_known_conversation_belongs_to_its_client(rosa):
    bcc()

    said = bcc(to="new@elsewhere.example", message_id="<two@firm.example>", References="<zero@x> <one@firm.example>")

    assert (said, len(entries())) == ("filed", 2)
    assert entries()[1] == ("Tidewell", "ours", "Fee note", [])
    assert ReceivedMail.objects.values_list("thread", flat=True).distinct().count() == 1


def test_people_who_left_and_archived_clients_are_not_matched(rosa, tidewell, priya):
    make_contact(client=tidewell, email="gone@tidewell.example", left_at=NOW)
    put_away = make_client(name="Old", owner=priya, archived_at=NOW)
    make_contact(client=put_away, email="old@old.example")

    assert bcc(to="gone@tidewell.example", cc="old@old.example") == "in the tray"


# -------------------------------------------------------------------- once
def test_the_same_mail_twice_is_one_entry_also_from_two_of_us(rosa, tidewell, priya):
    make_manager(name="Tom", email="tom@firm.example", mail_in_key="tomskey")
    original = mail(sender=ROSA, to=f"{PRIYA}, tom@firm.example", message_id="<her@tidewell>")
    hers = attached(original)
    his = attached(original, sender="tom@firm.example", to="crm+tomskey@in.firm.example", message_id="<tom@x>")

    assert [receive(hers), receive(hers), receive(his)] == ["filed", "known already", "known already"]
    assert (Interaction.objects.count(), ReceivedMail.objects.count()) == (1, 1)


def test_one_delivery_for_two_of_us_is_one_entry_and_both_are_served(rosa, tidewell):
    make_manager(name="Tom", email="tom@firm.example", mail_in_key="tomskey")

    said = bcc(Bcc="crm+tomskey@in.firm.example")

    assert said == "filed; in the tray"  # it is no mail of Tom's
    assert Interaction.objects.count() == 1


def test_a_mail_without_an_id_is_one_mail_however_it_came(rosa):
    said = [bcc(message_id=""), bcc(message_id="", X_Spam="no")]

    assert said == ["filed", "known already"]


# -------------------------------------------------------------------- what is not kept
@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Auto_Submitted": "auto-replied"}, "not kept: auto"),
        ({"X_Autoreply": "yes"}, "not kept: auto"),
        ({"Precedence": "bulk"}, "not kept: list"),
        ({"List_Id": "<all.lists.example>"}, "not kept: list"),
        ({"Return_Path": "<>"}, "not kept: report"),
        ({"sender": "MAILER-DAEMON@mx.example"}, "not kept: report"),
    ],
)
def test_what_no_person_wrote_is_not_kept(headers, said, rosa):
    assert bcc(**headers) == said
    assert ReceivedMail.objects.count() == 0


def test_a_mail_of_our_own_outbox_is_not_kept(rosa):
    sent = Email.objects.queue(kind="surveys.thanks", key="1", to="rosa@tidewell.example", subject="How are we doing?")[
        0
    ]

    assert bcc(message_id=sent.message_id) == "not kept: we sent it ourselves"


@pytest.mark.parametrize("pattern", ["rosa@tidewell.example", "tidewell.example", "example"])
@pytest.mark.parametrize("firm", [True, False])
def test_who_is_on_the_list_is_not_kept(pattern, firm, rosa, priya):
    NeverLog.objects.create(pattern=pattern, user=None if firm else priya)

    assert bcc() == "not kept: on the list"
    assert ReceivedMail.objects.count() == 0


def test_the_list_of_a_colleague_is_theirs_alone(rosa):
    NeverLog.objects.create(pattern="tidewell.example", user=make_user())

    assert bcc() == "filed"


# -------------------------------------------------------------------- who may
def test_a_client_of_others_is_neither_matched_nor_hinted_at(priya):
    hidden = make_client(name="Hidden", owner=make_user(), visibility="team_only")
    make_contact(client=hidden, email="rosa@tidewell.example")
    make_interaction(client=hidden)
    mine = make_client(name="Mine", owner=priya)

    assert bcc() == "in the tray"
    unknown = tray()
    make_contact(client=mine, email="rosa@tidewell.example")
    assert bcc(message_id="<two@x>") == "filed"  # known twice, but one of the two does not exist for her

    assert unknown == [("Fee note", "Nobody at a client you may write to has this address.")]
    assert [entry[0] for entry in entries()] == ["Hidden", "Mine"]


def test_a_conversation_with_a_hidden_client_gives_nothing_away(priya):
    tom = make_user(name="Tom", email="tom@firm.example", mail_in_key="tomskey")
    hidden = make_client(name="Hidden", owner=tom, visibility="team_only")
    make_contact(client=hidden, email="rosa@tidewell.example")
    own = "crm+tomskey@in.firm.example"
    assert receive(mail(sender="tom@firm.example", delivered_to=own)) == "filed"

    said = bcc(message_id="<two@x>", In_Reply_To="<one@firm.example>")
    same = bcc()

    assert (said, same) == ("in the tray", "in the tray")  # her own copy of a mail Tom filed: nothing says so
    assert len(tray()) == 2


def test_an_open_client_somebody_may_only_read_is_not_filed_to(priya):
    make_contact(client=make_client(name="Theirs", owner=make_user()), email="rosa@tidewell.example")

    assert bcc() == "in the tray"


# -------------------------------------------------------------------- requests
def test_their_mail_in_the_thread_of_a_request_asks_again_and_ours_answers(rosa, tidewell, priya):
    text = "---------- Forwarded message ---------\nFrom: <rosa@tidewell.example>\nDate: {}\nSubject: x\n\nAny news?"
    forward(text.format("Mon, 16 Nov 2026 10:00:00 +0000"), message_id="<a@x>")
    first = Interaction.objects.get()
    request = Request.objects.ask(
        client=tidewell, by=priya, now=NOW, text="Any news?", contact=rosa, channel="email", interaction=first
    )

    bcc(message_id="<b@x>", References="<a@x>")
    request.refresh_from_db()
    answered = (request.is_waiting, request.closed_how, request.first_answered_at)
    forward(text.format("Thu, 19 Nov 2026 08:00:00 +0000"), message_id="<c@x>", References="<a@x> <b@x>", date=NOW)
    request.refresh_from_db()

    assert answered == (False, "answered", AT)
    assert (request.is_waiting, request.waiting_since.isoformat()) == (True, "2026-11-19T08:00:00+00:00")


# -------------------------------------------------------------------- files
def test_files_are_kept_and_those_refused_are_named(rosa):
    files = [
        ("plan.pdf", "application/pdf", b"%PDF-1.4 a plan"),
        ("setup.exe", "application/octet-stream", b"MZ\0\0 a program"),
        ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22 outlook"),
        ("invite.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    ]

    assert bcc(files=files) == "filed"

    [entry] = Interaction.objects.all()
    assert [file.name for file in entry.attachments.all()] == ["plan.pdf", "winmail.dat", "invite.ics"]
    assert entry.body.startswith("Here is the fee note.\n\nNot kept: “setup.exe” is a program or a script.")


def test_small_pictures_inside_the_text_are_no_files(rosa):
    message = EmailMessage()
    message["Delivered-To"], message["From"], message["To"], message["Message-ID"] = MINE, PRIYA, ROSA, "<p@x>"
    message.set_content("Hello")
    message.add_alternative("<p>Hello <img src='cid:logo'></p>", subtype="html")
    big = b"\x89PNG\r\n\x1a\n" + b"x" * 30_000
    message.get_payload()[1].add_related(b"\x89PNG\r\n\x1a\nsmall", "image", "png", cid="<logo>")
    message.get_payload()[1].add_related(big, "image", "png", cid="<chart>", filename="chart.png")

    assert receive(message.as_bytes()) == "filed"
    assert [file.name for file in Interaction.objects.get().attachments.all()] == ["chart.png"]
