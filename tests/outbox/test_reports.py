"""Reading reports: what the common servers write, and what only looks like it. No database."""

import random

import pytest

from outbox import reports
from outbox.reports import BOUNCED, COMPLAINED, DELAYED, DELIVERED
from tests.outbox import samples

ID = "<0123456789abcdef0123456789abcdef@wrayburn.example>"
ROSA = "rosa@client.example"
NESTED = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
CODES = {"Postfix": "5.1.1", "Exchange": "5.1.10", "Gmail": "5.1.1", "Exim": "5.1.1", "Sendmail": "5.1.1"}


@pytest.mark.parametrize("server", samples.DEAD)
def test_a_report_says_which_mail_to_whom_came_back_for_good(server):
    [report] = reports.read(samples.DEAD[server](ID, ROSA))

    assert (report.what, report.message_ids[0], ROSA in report.recipients) == (BOUNCED, ID, True)
    assert report.status == CODES.get(server, "5.0.0")
    assert report.is_dead
    assert "550" in report.words


@pytest.mark.parametrize("what", samples.NO_REPORTS)
def test_what_only_answers_our_mail_is_no_report(what):
    assert reports.read(samples.NO_REPORTS[what](ID, ROSA)) == []


def test_a_delay_and_a_delivery_are_no_failures():
    late = samples.postfix(ID, ROSA, action="delayed", status="4.4.1", said="connect to mx: timed out")
    there = samples.postfix(ID, ROSA, action="delivered", status="2.0.0", said="250 ok")

    assert [report.what for report in reports.read(late)] == [DELAYED]
    assert [report.what for report in reports.read(there)] == [DELIVERED]


def test_a_complaint_names_the_mail_that_was_called_spam():
    [report] = reports.read(samples.complaint(ID, ROSA))

    assert (report.what, report.message_ids[0], report.recipients) == (COMPLAINED, ID, (ROSA,))


@pytest.mark.parametrize(
    ("status", "words", "dead"),
    [
        ("5.1.1", "", True),
        ("5.1.10", "RecipientNotFound", True),
        ("5.2.1", "account disabled", True),
        ("5.4.1", "recipient address rejected", True),
        ("5.0.0", "", True),
        ("5.2.2", "mailbox full", False),
        ("5.7.1", "refused by policy", False),
        ("5.7.1", "550 no such user", True),
        ("5.3.4", "message too big", False),
        ("5.1.8", "sender address rejected", False),
        ("4.2.2", "mailbox full", False),
        ("4.4.7", "expired", False),
        ("", "550 blocked", False),
        ("", "550 user unknown", True),
    ],
)
def test_only_a_dead_address_counts_as_one(status, words, dead):
    assert reports.is_dead(status, words) is dead


def test_several_recipients_in_one_report_stay_apart():
    text = samples.postfix(ID, ROSA).decode()
    status = text.index("Final-Recipient")
    more = "Final-Recipient: rfc822; ann@client.example\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\n"

    found = reports.read((text[:status] + more + text[status:]).encode())

    assert [(report.what, report.recipients) for report in found] == [
        (DELAYED, ("ann@client.example",)),
        (BOUNCED, (ROSA,)),
    ]


def test_a_report_cut_off_after_the_machine_readable_part_is_enough():
    raw = samples.exchange(ID, ROSA)

    [report] = reports.read(raw[: raw.index(b"X-Display-Name")])

    assert (report.what, report.message_ids) == (BOUNCED, (ID,))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 1000,
        b"\xff\xfe\xfd" * 300,
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n--x\r\n--x",
        b"Content-Type: multipart/report; boundary=\"\r\n\r\n--",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nFinal-Recipient:",
        NESTED + (b"--x\r\n" + NESTED) * 500,
        b"X-Failed-Recipients: =?utf-8?b?////?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff\xff",
        b"Subject: " + b"a" * 10_000_000,
    ],
)  # fmt: skip
def test_garbage_is_no_report(raw):
    assert reports.read(raw) == []


def test_a_report_with_bytes_knocked_out_never_raises():
    chance = random.Random(20261119)
    for sample in [*samples.DEAD.values(), samples.complaint]:
        whole = sample(ID, ROSA)
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(chance.randint(1, 40)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            cut = chance.randrange(len(broken))
            assert isinstance(reports.read(bytes(broken[:cut])), list)
