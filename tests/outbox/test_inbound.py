"""Reading the mailbox: a real socket, a real protocol, and every way it can go wrong."""

import contextlib
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from django.test import override_settings

from outbox import imap, inbound
from outbox.models import Email, Inbound, Inbox, Returned
from outbox.returned import NotYet
from tests.conftest import NOW
from tests.outbox import samples
from tests.outbox.imap_server import ImapServer, own_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "notes")]

ROSA = "rosa@client.example"


@pytest.fixture
def server(settings):
    with ImapServer() as server:
        settings.MAIL_INBOX = server.url()
        yield server


@pytest.fixture
def sent(queue):
    def send(to=ROSA):
        email = queue(to)
        Email.objects.filter(pk=email.pk).update(state="sent", sent_at=NOW, next_try_at=None)
        return Email.objects.get(pk=email.pk)

    return send


def report(email):
    return samples.postfix(email.message_id, email.to_email)


def trouble():
    return Inbox.objects.get().trouble


def test_without_a_mailbox_nothing_is_read():
    assert inbound.read(NOW) is None
    assert Inbox.objects.count() == 0


def test_a_report_is_read_once_and_marked_and_what_nobody_understands_is_left(server, sent):
    email = sent()
    reply, returned = server.put(samples.reply(email.message_id, ROSA)), server.put(report(email))

    handled = [inbound.read(NOW), inbound.read(NOW)]

    email.refresh_from_db()
    assert handled == [1, 0]
    assert (email.state, Returned.objects.count(), Inbound.objects.count()) == ("bounced", 1, 1)
    assert (server.seen(), list(server.inbox.mails)) == ([returned], [reply, returned])
    assert sum(command.startswith("UID FETCH") for command in server.commands) == 2  # each once, not twice


@pytest.mark.parametrize("move", [True, False])
def test_handled_mail_moves_to_the_folder_of_the_settings(move, settings, sent):
    with ImapServer(move=move) as server:
        settings.MAIL_INBOX = server.url(query="?done=Zur%C3%BCck%20%26%20weg")
        reply = server.put(b"Subject: hello\r\n\r\nhello")
        for _ in range(2):
            server.put(report(sent()))

        assert inbound.read(NOW) == 2

        folders = {name: len(folder.mails) for name, folder in server.folders.items()}
    assert folders == {"INBOX": 1, "Zur&APw-ck &- weg": 2}
    assert list(server.inbox.mails) == [reply]


def test_the_same_mail_twice_in_the_mailbox_counts_once(server, sent):
    raw = report(sent())
    server.put(raw)
    server.put(raw)

    assert inbound.read(NOW) == 2
    assert (Inbound.objects.count(), Returned.objects.count(), server.seen()) == (1, 1, [1, 2])


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning_and_counts_nothing_twice(server, sent):
    raw = report(sent())
    server.put(raw)
    inbound.read(NOW)
    server.inbox.uidvalidity, server.inbox.mails, server.inbox.next_uid = 2, {}, 1
    server.put(raw)
    server.put(report(sent("ann@client.example")))

    inbound.read(NOW)

    assert Returned.objects.count() == 2
    assert server.seen() == [1, 2]


def test_killed_before_the_mark_the_next_run_makes_it(server, sent):
    server.put(report(sent()))
    server.fail["UID STORE"] = "drop"
    inbound.read(NOW)
    assert (Returned.objects.count(), server.seen()) == (1, [])
    server.fail.clear()

    inbound.read(NOW)

    assert (Returned.objects.count(), server.seen(), trouble()) == (1, [1], "")


def test_killed_while_handling_the_mail_is_looked_at_again(server, sent):
    email, looks = sent(), []
    server.put(report(email))

    def dies_once(mail, now):
        looks.append(mail.key)
        Email.objects.filter(pk=email.pk).update(about=f"look {len(looks)}")
        if len(looks) == 1:
            raise KeyboardInterrupt
        return "did it"

    with inbound.registered(dies_once):
        with pytest.raises(KeyboardInterrupt):
            inbound.read(NOW)
        between = Email.objects.get(pk=email.pk).about
        inbound.read(NOW)

    assert (between, Email.objects.get(pk=email.pk).about, len(looks)) == ("Survey", "look 2", 2)


def test_a_mail_that_is_going_out_at_this_moment_makes_its_report_wait(server):
    answers = iter([NotYet, "did it", "did the next"])

    def asked(mail, now):
        answer = next(answers)
        if answer is NotYet:
            raise NotYet
        return answer

    server.put(b"one")
    server.put(b"two")
    with inbound.registered(asked):
        handled = [inbound.read(NOW), inbound.read(NOW)]

    assert (handled, server.seen(), trouble()) == ([0, 2], [1, 2], "")


def test_a_handler_that_fails_leaves_the_mail_and_the_others_their_turn(server):
    def fails(mail, now):
        raise ValueError("no")

    server.put(b"one")
    server.put(b"two")
    with inbound.registered(fails, lambda mail, now: "mine" if mail.raw == b"two" else ""):
        assert inbound.read(NOW) == 1

    assert server.seen() == [2]


def test_a_run_is_bounded_and_the_next_goes_on(server):
    for number in range(7):
        server.put(b"Subject: %d\r\n\r\n" % number)
    read = []

    with inbound.registered(lambda mail, now: read.append(mail.raw[9:10]) or ""):
        inbound.read(NOW, most=3)
        first = list(read)
        inbound.read(NOW, most=3)
        inbound.read(NOW, most=3)
        inbound.read(NOW, limit_seconds=-1)

    assert first == [b"0", b"1", b"2"]
    assert read == [b"%d" % number for number in range(7)]


def test_ten_megabytes_are_not_fetched_whole(server, sent):
    email = sent()
    raw = report(email)
    server.put(raw + b"x" * 10_000_000)
    server.put(b"\0\xff" * 5_000_000)

    assert inbound.read(NOW) == 1
    assert server.sent_bytes == 2 * imap.MOST_BYTES


@pytest.mark.parametrize("command", ["AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"])
@pytest.mark.parametrize("fault", ["NO", "BAD", "drop"])
def test_whatever_the_server_refuses_is_said_and_passes(command, fault, server, sent):
    server.put(report(sent()))
    server.fail[command] = fault

    inbound.read(NOW)
    said = trouble()
    server.fail.clear()
    inbound.read(NOW)

    inbox = Inbox.objects.get()
    assert len(said) > 10
    assert (inbox.trouble, inbox.trouble_since, inbox.read_at) == ("", None, NOW)
    assert (Returned.objects.count(), server.seen()) == (1, [1])


def test_a_mailbox_that_cannot_be_marked_is_read_all_the_same(server, sent):
    for _ in range(2):
        server.put(report(sent()))
    server.fail["UID STORE"] = "NO"

    handled = [inbound.read(NOW), inbound.read(NOW)]
    said = trouble()
    server.fail.clear()
    inbound.read(NOW)

    assert (handled, Returned.objects.count()) == ([2, 0], 2)
    assert said == ("What was read there cannot be marked or moved. The server refused: because the test says so")
    assert (trouble(), server.seen()) == ("", [1, 2])


def test_one_mail_the_server_does_not_give_out_stops_the_others_for_one_run_only(server, sent):
    server.put(b"bad")
    server.put(report(sent()))
    server.fail["UID FETCH 1"] = "NO"

    inbound.read(NOW)
    said = trouble()
    inbound.read(NOW)

    assert said == "Mail 1 in it cannot be read. The server refused: because the test says so"
    assert (trouble(), Returned.objects.count(), server.seen()) == ("", 1, [2])


def test_a_server_that_hangs_is_left_after_a_while(server, monkeypatch):
    monkeypatch.setattr(imap, "SECONDS", 0.2)
    server.fail["UID SEARCH"] = "hang"

    inbound.read(NOW)

    assert trouble() == "The server stopped answering."


def test_an_old_server_gets_the_password_as_it_knows_it(settings, sent):
    with ImapServer(sign_in="LOGIN") as server:
        settings.MAIL_INBOX = server.url()
        server.put(report(sent()))

        assert inbound.read(NOW) == 1


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        ({"password": "wrong"}, "The server refused name or password: [AUTHENTICATIONFAILED] that is not the password"),
        ({"folder": "Nowhere"}, "There is no folder “Nowhere”, or it cannot be opened: there is no such folder"),
    ],
)
def test_a_wrong_setting_is_said_in_words(replaced, words, server, settings):
    settings.MAIL_INBOX = server.url(**replaced)

    inbound.read(NOW)

    assert trouble() == words


def test_nobody_there_is_said_in_words(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.MAIL_INBOX = f"imap://a:b@127.0.0.1:{port}/INBOX"

    inbound.read(NOW)

    assert trouble() == "127.0.0.1 cannot be reached: Connection refused"
    assert Inbox.objects.get().pk == f"a@127.0.0.1:{port}/INBOX"  # never the password


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl to make a certificate")
def test_a_certificate_nobody_signed_is_refused_and_a_trusted_one_taken(settings, monkeypatch, sent):
    # The clock of these tests stands still; a certificate is good at the true time.
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        context, pem = own_certificate(Path(folder))
        server = stack.enter_context(ImapServer(tls=context))
        settings.MAIL_INBOX = server.url(scheme="imaps")
        server.put(report(sent()))
        inbound.read(NOW)
        refused = trouble()
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))

        assert inbound.read(NOW) == 1

        with ImapServer(starttls=context) as other:
            settings.MAIL_INBOX = other.url(scheme="imap+tls")
            other.put(report(sent()))
            assert inbound.read(NOW) == 1

    assert other.commands[:2] == ["CAPABILITY", "STARTTLS"]
    assert refused == "The certificate of localhost is not trusted: self-signed certificate"
    assert server.commands[0] == "CAPABILITY"  # nothing was said before the certificate was checked


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://a:b@host/", "MAIL_INBOX begins with imaps://"),
        ("imap://a:b@mail.firm.example/", "without encryption is for this machine only"),
        ("imaps://host/INBOX", "needs person, password and host"),
        ("imaps://a:b@host:port/", "is no address"),
    ],
)
def test_an_address_that_is_none_is_said_when_the_program_starts(url, said):
    from outbox.checks import the_mailbox_has_an_address

    with override_settings(MAIL_INBOX=url):
        [problem] = the_mailbox_has_an_address(None)
        assert inbound.read(NOW) is None

    assert said in problem.msg
