"""What the rooms above rely on: queueing, threads, links, headers, and the verbs of a person."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from outbox import checks, frame, kinds, links
from outbox.compose import compose
from outbox.models import Circuit, Email, Heartbeat, NotInThatState
from outbox.words import mask_links, one_line

pytestmark = pytest.mark.django_db


def test_the_same_key_is_the_same_mail(queue, deliver_queued):
    first, created = Email.objects.queue(kind="test.client", key="k", to="a@x.example", subject="Hello")
    again, created_again = Email.objects.queue(kind="test.client", key="k", to="b@x.example", subject="Other")

    assert (created, created_again, again.pk, again.to_email) == (True, False, first.pk, "a@x.example")
    assert [m.to for m in deliver_queued()] == [["a@x.example"]]
    assert deliver_queued() == []


def test_a_mail_of_an_undone_cause_was_never_written(queue):
    def cause():
        with transaction.atomic():
            queue()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()

    assert not Email.objects.exists()


def test_a_kind_nobody_registered_cannot_be_queued(db):
    with pytest.raises(kinds.UnknownKind):
        Email.objects.queue(kind="no.such", key="k", to="a@x.example", subject="Hello")


def test_two_kinds_cannot_share_a_name(notes):
    with pytest.raises(ValueError, match=r"test\.client"):
        kinds.register(kinds.Kind(name="test.client", audience="client", render=lambda email: None))


def test_a_reminder_stands_under_its_invitation(queue, deliver_queued):
    invitation = queue()
    reminder = queue(thread=invitation)
    second = queue(thread=reminder)

    sent = {m.extra_headers["Message-ID"]: m.message() for m in deliver_queued()}

    assert "References" not in sent[invitation.message_id]
    assert sent[reminder.message_id]["In-Reply-To"] == invitation.message_id
    assert sent[second.message_id]["In-Reply-To"] == reminder.message_id
    assert sent[second.message_id]["References"] == f"{invitation.message_id} {reminder.message_id}"


def test_the_message_id_stays_for_life(queue):
    email = queue()

    assert [compose(email).message()["Message-ID"] for _ in range(2)] == [email.message_id] * 2


@pytest.mark.parametrize(
    "evil", ["Rosa\nBcc: thief@x.example", "Rosa\r\n\r\nbody", "Ro\u2028sa", "Ro\x00sa\x85x", "\ud800"]
)
def test_no_name_or_subject_can_add_a_header(queue, deliver_queued, evil):
    queue(to_name=evil, from_name=evil, subject=evil, about=evil)

    [sent] = deliver_queued()
    message = sent.message()

    assert message["Bcc"] is None
    assert sorted(message.keys()) == sorted(set(message.keys()))
    assert "\n" not in sent.subject + sent.to[0] + sent.from_email


def test_staff_mail_says_it_is_automatic_and_client_mail_can_be_stopped(queue, deliver_queued, settings):
    settings.BASE_URL = "https://crm.firm.example"
    staff, client = queue(kind="test.staff"), queue(kind="test.client")

    sent = {m.extra_headers["Message-ID"]: m.message() for m in deliver_queued()}

    to_staff, to_client = sent[staff.message_id], sent[client.message_id]
    assert (to_staff["Auto-Submitted"], to_staff["List-Unsubscribe"]) == ("auto-generated", None)
    link = f"<https://crm.firm.example/u/{links.token(client)}/>"
    assert (to_client["Auto-Submitted"], to_client["List-Unsubscribe"]) == (None, link)
    assert to_client["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_text_comes_first_and_html_beside_it(queue, deliver_queued):
    queue()

    [sent] = deliver_queued()

    assert [part.get_content_type() for part in sent.message().get_payload()] == ["text/plain", "text/html"]


# ------------------------------------------------------------------ links
def test_a_link_has_256_bits_and_nothing_of_it_is_stored(queue):
    email = queue()
    token = links.token(email)

    assert len(token) == 43
    stored = " ".join(str(value) for value in Email.objects.filter(pk=email.pk).values_list()[0])
    assert token not in stored
    assert Email.objects.by_token(token) == email


@pytest.mark.parametrize("token", ["", "x", "ü" * 43, "A" * 43, "\ud800"])
def test_a_forged_token_belongs_to_nobody(queue, token):
    queue()

    assert Email.objects.by_token(token) is None


def test_links_survive_a_new_key_and_end_with_their_own(queue, settings, deliver_queued):
    settings.LINK_KEYS = ["old"]
    email = queue()
    token = links.token(email)

    settings.LINK_KEYS = ["new", "old"]
    assert (links.token(email), Email.objects.by_token(token)) == (token, email)
    assert links.token(queue()) != token

    settings.LINK_KEYS = ["new"]
    assert Email.objects.by_token(token) is None
    deliver_queued()
    email.refresh_from_db()
    assert Email.objects.by_token(links.token(email)) == email
    assert links.token(email) != token


def test_the_secret_key_stands_in_and_its_fallbacks_still_open_links(queue, settings):
    settings.LINK_KEYS = []
    email = queue()
    token = links.token(email)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

    assert Email.objects.by_token(token) == email


def test_links_in_a_preview_are_hidden():
    text = "Open http://crm.example/s/abcdefghijklmnopqrstuvwxyz0123456789/?next=/clients/ now, or /clients/"

    assert mask_links(text) == "Open http://crm.example/s/…/?next=/clients/ now, or /clients/"


# ------------------------------------------------------------------ what a person does
def trouble(queue, state="failed", **fields):
    email = queue(**fields)
    Email.objects.filter(pk=email.pk).update(state=state, next_try_at=None, last_code=550)
    email.refresh_from_db()
    return email


def test_the_address_is_corrected_and_it_goes_out_under_its_old_number(queue, deliver_queued):
    email = trouble(queue)

    email.correct_address(to="rosa.delgado@client.example", now=timezone.now())

    [sent] = deliver_queued()
    assert sent.to == ["Rosa Delgado <rosa.delgado@client.example>"]
    assert sent.extra_headers["Message-ID"] == email.message_id


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "cancelled"])
def test_what_is_not_in_trouble_is_not_sent_again(queue, state):
    email = queue()
    lease = {"lease_token": email.uuid, "lease_until": timezone.now()} if state == "sending" else {}
    due = {} if state == "queued" else {"next_try_at": None}
    Email.objects.filter(pk=email.pk).update(state=state, **lease, **due)

    with pytest.raises(NotInThatState):
        email.send_again(now=timezone.now())


def test_an_uncertain_mail_is_not_redirected(queue):
    email = trouble(queue, "uncertain")

    with pytest.raises(NotInThatState):
        email.correct_address(to="other@x.example", now=timezone.now())

    email.refresh_from_db()
    assert email.to_email == "rosa@client.example"


def test_dismissed_mail_leaves_the_list_and_comes_back(queue):
    email = trouble(queue)

    email.dismiss(by="Priya Raman", now=timezone.now())
    assert Email.objects.in_trouble().count() == 0
    assert email.dismissed_by == "Priya Raman"

    email.undo_dismiss()
    assert list(Email.objects.in_trouble()) == [email]


def test_cancelling_stops_only_what_has_not_begun(queue, deliver_queued):
    sent = queue("sent@x.example")
    deliver_queued()
    waiting = queue("waiting@x.example", not_before=timezone.now() + timedelta(days=1))

    assert (sent.cancel("Kept."), waiting.cancel("Kept.")) == (False, True)

    assert sorted(Email.objects.values_list("state", "last_words")) == [("cancelled", "Kept."), ("sent", "OK")]


def test_after_a_restore_what_was_on_its_way_is_held_until_released(queue, deliver_queued):
    sent = queue("sent@x.example")
    deliver_queued()
    waiting = queue("waiting@x.example")
    unsure = trouble(queue, "uncertain", to="unsure@x.example")
    Email.objects.filter(pk=unsure.pk).update(next_try_at=timezone.now())

    assert Email.objects.hold("Restored from last night’s copy.") == 2

    assert deliver_queued() == []
    waiting.refresh_from_db()
    waiting.send_again(now=timezone.now())
    assert [m.to for m in deliver_queued()] == [["Rosa Delgado <waiting@x.example>"]]
    assert Email.objects.get(pk=sent.pk).state == "sent"


def test_the_database_refuses_a_row_that_is_sending_without_a_lease(queue):
    email = queue()

    with pytest.raises(IntegrityError), transaction.atomic():
        Email.objects.filter(pk=email.pk).update(state="sending", next_try_at=None)


# ------------------------------------------------------------------ who runs it
@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_needs_no_broker(transactional_db, queue, capsys):
    queue()

    call_command("run_dispatcher", "--once")

    assert (len(mail.outbox), capsys.readouterr().out) == (1, "1 sent\n")


def test_the_task_drains(queue):
    from outbox.tasks import drain

    queue()
    drain()

    assert len(mail.outbox) == 1
    assert Heartbeat.objects.get(pk="outbox.drain").at


def test_a_poke_without_a_broker_returns_at_once(monkeypatch):
    import threading
    import time

    from outbox import nudge

    black_hole = threading.Event()
    monkeypatch.setattr(nudge, "_send", lambda: black_hole.wait(20))
    poker = nudge._Poker()
    began = time.monotonic()

    for _ in range(100):
        poker.poke()

    assert time.monotonic() - began < 0.5
    assert sum(thread.name == "outbox-poke" for thread in threading.enumerate()) == 1
    black_hole.set()


def test_a_broker_that_is_down_is_left_alone_for_a_while(monkeypatch):
    import threading

    from outbox import nudge

    asked = []

    def refuse():
        asked.append(1)
        raise ConnectionRefusedError

    def wait_for_nudges():
        for thread in threading.enumerate():
            if thread.name == "outbox-poke":
                thread.join(20)

    wait_for_nudges()  # of other tests, which would ask what is put in its place below
    monkeypatch.setattr(nudge, "_send", refuse)
    poker = nudge._Poker()
    for _ in range(3):
        poker.poke()
        wait_for_nudges()

    assert asked == [1]


def test_a_circuit_pauses_longer_with_each_failure(db):
    now = timezone.now()
    for _ in range(3):
        Circuit.broke("s:25", now=now, pause=lambda n: timedelta(minutes=n), code=421, words="Busy")

    circuit = Circuit.objects.get()
    assert (circuit.failures, circuit.since, circuit.open_until) == (3, now, now + timedelta(minutes=3))


@pytest.mark.parametrize(
    ("timeout", "lease", "fits"), [(30, 300, True), (30, 200, False), (1, 15, True), (1, 13, False)]
)
def test_a_lease_shorter_than_the_longest_try_is_an_error(settings, timeout, lease, fits):
    settings.EMAIL_TIMEOUT, settings.OUTBOX_LEASE_SECONDS = timeout, lease

    assert (checks.lease_outlives_the_longest_try(None) == []) is fits


# ------------------------------------------------------------------ how mails look
def test_the_frame_says_the_same_twice_and_escapes_what_people_typed():
    blocks = (
        frame.heading("One late", "Thursday"),
        frame.paragraph("Dear <b>Rosa</b>,\nhow are you?"),
        frame.rows(
            "Late", [frame.row("Send it", who="To Rosa", due="2 days late", href="https://x.example/p", tone="late")]
        ),
        frame.button("Open", "https://x.example/?a=1&b=2"),
        frame.signature("Priya", "0113"),
    )

    html = frame.frame("One <late>", "Preview", *blocks, foot=frame.link("Stop", "https://x.example/u"))
    text = frame.text(*blocks, foot="Stop: https://x.example/u")

    assert "&lt;b&gt;Rosa&lt;/b&gt;,<br>how are you?" in html
    assert "<title>One &lt;late&gt;</title>" in html
    assert 'href="https://x.example/?a=1&amp;b=2"' in html
    assert "<b>Rosa" not in html
    assert text.splitlines()[:4] == ["One late", "Thursday", "", "Dear <b>Rosa</b>,"]
    assert "- Send it (2 days late)\n  To Rosa\n  https://x.example/p" in text
    assert text.endswith("-- \nStop: https://x.example/u\n")


def test_one_line_keeps_words_and_drops_breaks():
    assert one_line("  a\r\n\tb\u2029c ", limit=3) == "a b"
