"""Mails as bad as the world sends them: none is lost, none stops the others, none reaches the database as it is."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from clients.files import store
from clients.mail_in import forwards, parts, quotes, reading
from clients.models import Interaction, ReceivedMail
from outbox.inbound import InboundMail
from outbox.returned import NotYet
from tests.clients.mails import PRIYA, ROSA, attached, mail, raw
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MINE = "crm+priyaskey@in.firm.example"
HEAD = f"Delivered-To: {MINE}\nFrom: Priya <priya@firm.example>\nTo: Rosa <rosa@tidewell.example>\n"


@pytest.fixture(autouse=True)
def rosa(settings):
    settings.MAIL_IN = "crm@in.firm.example"
    settings.DEFAULT_FROM_EMAIL = "The firm <crm@firm.example>"
    priya = make_user(name="Priya Raman", email="priya@firm.example", mail_in_key="priyaskey")
    return make_contact(client=make_client(name="Tidewell", owner=priya), email="rosa@tidewell.example")


def receive(content, *, now=NOW):
    return reading.handle(InboundMail(content, "key"), now)


def mail_of(text, **how):
    return raw(HEAD + text, **how)


def the_entry():
    return Interaction.objects.get()


# -------------------------------------------------------------------- headers
def test_subjects_in_every_coding_are_read():
    subjects = {
        "=?utf-8?B?R3LDvMOfZSDinIU=?=": "Grüße ✅",
        "=?iso-8859-1?Q?Gr=FC=DFe?= =?iso-8859-1?Q?_an_Sie?=": "Grüße an Sie",
        "=?utf-8?Q?broken": "=?utf-8?Q?broken",
        "=?no-such-set?Q?Gr=C3=BC?=": "Grü",
        "=?utf-8?B?####?=": None,
    }
    read = {said: parts.read(f"Subject: {said}\r\n\r\nx".encode()).subject for said in subjects}

    assert {said: words for said, words in read.items() if subjects[said]} == {
        said: words for said, words in subjects.items() if words
    }


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_letters_beyond_ascii_without_any_coding_are_read(charset):
    assert receive(mail_of("Message-ID: <1@x>\nSubject: Grüße\n\nSchöne Grüße", charset=charset)) == "filed"
    assert (the_entry().summary, the_entry().body) == ("Grüße", "Schöne Grüße")


@pytest.mark.parametrize(
    "charset", ["utf-8", "no-such-charset", "us-ascii", "", "utf-8\\0", "unknown-8bit", "utf-16", "base64"]
)
def test_a_charset_that_lies_loses_no_word(charset):
    assert receive(mail_of(f'Content-Type: text/plain; charset="{charset}"\n\nplain words')) == "filed"
    assert charset == "utf-16" or the_entry().body == "plain words"


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Wed, 18 Nov 2026 15:04:05 +0100", datetime(2026, 11, 18, 14, 4, 5, tzinfo=UTC)),
        ("Wed, 18 Nov 2026 15:04:05 -0000", datetime(2026, 11, 18, 15, 4, 5, tzinfo=UTC)),
        ("Wed, 18 Nov 2026 15:04:05 EST", datetime(2026, 11, 18, 20, 4, 5, tzinfo=UTC)),
        ("Fri, 1 Jan 2100 00:00:00 +0000", NOW),
        ("Thu, 1 Jan 1970 00:00:00 +0000", NOW),
        ("yesterday", NOW),
        ("Wed, 99 Nov 99999999999 15:04:05 +9999", NOW),
        ("", NOW),
    ],
)
def test_a_date_that_cannot_be_is_replaced(date, at):
    receive(mail_of(f"Date: {date}\n\nx"))

    assert the_entry().happened_at == at


def test_without_a_date_the_server_s_counts():
    receive(mail_of("Received: from a by b; Wed, 18 Nov 2026 10:00:00 +0000\n\nx"))

    assert the_entry().happened_at == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_headers_twice_folded_endless_and_full_of_people():
    many = ", ".join(f'"Person, {n}" <p{n}@elsewhere.example>' for n in range(5000))
    text = (
        f"To: rosa@tidewell.example\nTo: other@x.example\nCc: {many}\nSubject: one\nSubject: two\n"
        f"Message-ID: <{'a' * 3000}@x>\nReferences: {' '.join(f'<{n}@x>' for n in range(2000))}\n"
        f"X: {'y' * 500_000}\n\nx"
    )

    assert receive(raw(HEAD + text)) == "filed"
    received = ReceivedMail.objects.get()
    assert (received.subject, len(received.message_id) <= 255, len(received.references)) == ("one", True, 60)
    assert len(received.others) <= 600  # of To and of Cc


@pytest.mark.parametrize(
    "value",
    [
        "Rosa, the one <rosa@tidewell.example>",
        "ROSA@TIDEWELL.EXAMPLE",
        '"=?utf-8?Q?Rosa?=" <rosa@tidewell.example>',
        "<<rosa@tidewell.example>>",
        "Friends: rosa@tidewell.example, x@y.example;",
        "'rosa@tidewell.example' <rosa@tidewell.example>",
        "undisclosed-recipients:;, rosa@tidewell.example",
    ],
)
def test_an_address_however_it_is_written_is_found(value):
    content = f"Delivered-To: {MINE}\nFrom: priya@firm.example\nTo: {value}\n\nx"

    assert receive(raw(content)) == "filed"


# -------------------------------------------------------------------- bodies
def test_nul_and_half_characters_are_not_stored():
    content = mail_of("Subject: a\0b\n\nwo\0rds \ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    content += b"\0\xed\xa0\x80"

    assert receive(content) == "filed"
    assert "\0" not in the_entry().body + ReceivedMail.objects.get().subject


def test_nested_parts_without_end_are_read_as_far_as_sensible():
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    inner = MIMEText("deep words")
    for _ in range(60):
        outer = MIMEMultipart()
        outer.attach(inner)
        inner = outer
    inner["Delivered-To"], inner["From"], inner["To"] = MINE, PRIYA, ROSA

    assert receive(inner.as_bytes()) == "filed"
    assert the_entry().body == "The mail has no text."


def test_boundaries_that_are_missing_or_never_closed():
    broken = [
        "Content-Type: multipart/mixed\n\nwords",
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nwords',
        'Content-Type: multipart/alternative; boundary="b"\n\nno part at all',
        "Content-Type: message/rfc822\n\n",
        "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!no base64!!!",
        "Content-Type: ;;;\n\nwords",
    ]
    said = {receive(mail_of(f"Message-ID: <{n}@x>\n{text}")) for n, text in enumerate(broken)}

    assert said <= {"filed", "in the tray"}
    assert ReceivedMail.objects.count() == len(broken)


def test_html_only_becomes_text_somebody_can_read():
    html = "<html><style>p{}</style><p>Dear Rosa,</p><ul><li>one</li><li>two</li></ul>Bye<br>Priya<script>x()</script>"

    receive(mail_of(f"Content-Type: text/html\n\n{html}"))

    assert the_entry().body == "Dear Rosa,\n\n- one\n- two\n\nBye\nPriya"


def test_flowed_lines_are_joined():
    receive(mail_of("Content-Type: text/plain; format=flowed\n\nOne long \nline.\n\n> quoted \n> too\n-- \nPriya"))

    assert ReceivedMail.objects.get().text.startswith("One long line.\n")


def test_a_calendar_part_is_a_file_and_no_text():
    text = """Content-Type: multipart/alternative; boundary=b

        --b
        Content-Type: text/plain

        Shall we meet?
        --b
        Content-Type: text/calendar; method=REQUEST

        BEGIN:VCALENDAR
        END:VCALENDAR
        --b--
        """.replace("        ", "")

    receive(mail_of(text))

    assert (the_entry().body, [file.name for file in the_entry().attachments.all()]) == (
        "Shall we meet?",
        ["invitation.ics"],
    )


def test_a_mail_of_ten_megabytes_is_kept_with_its_file():
    content = b"%PDF-1.4 " + random.Random(5).randbytes(10 * 1024 * 1024)

    assert receive(mail(delivered_to=MINE, files=[("plan.pdf", "application/pdf", content)])) == "filed"
    file = the_entry().attachments.get()
    with store.content_of(file) as kept:
        assert kept.read() == content


def test_long_texts_are_cut_for_the_entry_and_kept_whole_in_the_mail():
    receive(mail(delivered_to=MINE, text="word " * 20_000))

    assert (len(the_entry().body) <= 20_000, len(ReceivedMail.objects.get().text)) == (True, 99_999)


# -------------------------------------------------------------------- faults of ours and of the machine
def test_what_we_cannot_understand_lies_in_the_tray_as_it_came(monkeypatch):
    def fails(*_unused, **_also):
        raise ZeroDivisionError

    monkeypatch.setattr(quotes, "split", fails)

    assert receive(mail_of("Subject: Broken\nMessage-ID: <1@x>\n\nwords of it")) == "in the tray, unread"
    row = ReceivedMail.objects.get()
    assert (row.subject, row.why) == ("Broken", "It could not be read. What came is kept as it is.")
    assert "words of it" in row.text
    assert Interaction.objects.count() == 0


def test_what_the_parser_refuses_lies_in_the_tray_too(monkeypatch):
    def fails(_raw):
        raise RecursionError

    monkeypatch.setattr(parts, "read", fails)

    assert [receive(mail_of("Subject: Deep\n\nwords")) for _ in range(2)] == ["in the tray, unread"] * 2
    assert ReceivedMail.objects.get().user.name == "Priya Raman"


@pytest.mark.parametrize(("trouble", "raised"), [(OperationalError, OperationalError), (OSError, NotYet)])
def test_a_machine_in_trouble_lets_the_mail_be_read_again(trouble, raised, monkeypatch):
    def fails(*_unused, **_also):
        raise trouble

    content = mail(delivered_to=MINE, files=[("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")])
    with monkeypatch.context() as broken:
        broken.setattr(store, "keep_bytes", fails)
        with pytest.raises(raised):
            receive(content)
    nothing = ReceivedMail.objects.count()

    assert (nothing, receive(content), Interaction.objects.count()) == (0, "filed", 1)


def test_garbage_of_every_kind_raises_nothing():
    dice = random.Random(7)
    good = [
        mail(delivered_to=MINE, html="<p>Hello</p>", files=[("a.pdf", "application/pdf", b"%PDF-1.4")]),
        attached(mail(sender=ROSA, to=PRIYA)),
    ]
    said = set()
    for n in range(150):
        content = bytearray(good[n % 2])
        for _ in range(dice.randint(1, 30)):
            at = dice.randrange(len(content))
            content[at : at + dice.randint(0, 4)] = dice.randbytes(dice.randint(0, 4))
        said.add(receive(bytes(content)))

    assert "filed" in said
    assert not ReceivedMail.objects.filter(why="It could not be read. What came is kept as it is.").exists()


# -------------------------------------------------------------------- quotes and dates
@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Yes.\n\nOn Mon, 2 Nov 2026 at 10:00, Rosa <rosa@x.example> wrote:\n> Shall we?", "Yes."),
        ("Yes.\n\nOn Mon, 2 Nov 2026 at 10:00, Rosa Delgado\n<rosa@x.example> wrote:\n\n> Shall we?", "Yes."),
        ("Ja.\n\nAm Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Rosa <rosa@x.example>:\n> Wollen wir?", "Ja."),
        ("Ja.\n\n-----Ursprüngliche Nachricht-----\nVon: Rosa\nGesendet: gestern\n\nWollen wir?", "Ja."),
        ("Yes.\n\n________________________________\nFrom: Rosa\nSent: Monday\nTo: me\n\nShall we?", "Yes."),
        ("Yes.\n\nFrom: Rosa <rosa@x.example>\nSent: Monday\nTo: me\n\nShall we?", "Yes."),
        ("Yes.\n\n> Shall we?\n> Or not?", "Yes."),
        ("> Shall we?\nYes.\n> Or not?\nNo.", "> Shall we?\nYes.\n> Or not?\nNo."),
        ("On Monday we met.\nShe wrote a lot.", "On Monday we met.\nShe wrote a lot."),
        ("> only quoted", "> only quoted"),
        ("", ""),
    ],
)
def test_new_words_are_told_from_quoted_ones(text, new):
    assert quotes.split(text)[0] == new


def test_no_text_makes_reading_slow():
    import time

    began = time.monotonic()
    for text in ("On " * 60_000, "> " * 60_000, "From: " * 30_000, "a@" * 60_000, "On x\n" * 30_000, "<b@c " * 30_000):
        quotes.split(text)
        forwards.find(parts.read(b"From: a@b.example\r\n\r\n" + text.encode()), zone="Europe/London")
        parts.people([text])
    assert time.monotonic() - began < 30


def test_dates_without_a_zone_are_of_whoever_forwarded_it():
    read = forwards.date("Wednesday, November 18, 2026 2:04 PM", zone="America/New_York")

    assert read == datetime(2026, 11, 18, 19, 4, tzinfo=UTC)
    assert forwards.date("no date", zone="Europe/London") is None
    assert forwards.date("18 November 2026 at 14:04", zone="Europe/London", before=read - timedelta(days=9)) < read
