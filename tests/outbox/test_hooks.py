"""What mail providers report over HTTP."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.test import Client as Browser

from outbox import hooks
from outbox.models import Email, Returned
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "secret")]

ROSA = "rosa@client.example"
SECRET = "a secret between us"


@pytest.fixture
def secret(settings):
    settings.MAIL_HOOK_SECRET = SECRET


@pytest.fixture
def email(queue):
    email = queue(ROSA)
    Email.objects.filter(pk=email.pk).update(state="sent", sent_at=NOW, next_try_at=None)
    return Email.objects.get(pk=email.pk)


@pytest.fixture
def provider():
    """A program without cookies; a form it posts without a token would be refused anywhere else."""
    return Browser(enforce_csrf_checks=True)


def post(provider, said, *, at=NOW, header=None, path="/hooks/mail/"):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    header = hooks.sign(body, at=at) if header is None else header
    return provider.post(path, body, content_type="application/json", headers={"X-Signature": header})


def bounce(email, **fields):
    return {"event": "bounced", "message_id": email.message_id, "recipient": ROSA, "code": "5.1.1", **fields}


def test_a_signed_report_counts_once(provider, email):
    said = bounce(email, words="550 no such person")

    answers = [post(provider, said), post(provider, said), post(provider, said, at=NOW + timedelta(minutes=1))]

    email.refresh_from_db()
    assert [(answer.status_code, answer.content) for answer in answers] == [
        (200, b"bounced\n"),
        (200, b"known\n"),
        (200, b"known\n"),
    ]
    assert (email.state, email.last_code, email.last_words) == ("bounced", 550, "5.1.1 no such person")
    assert Returned.objects.get().source == "hook"
    assert not any(answer.cookies for answer in answers)


def test_several_events_at_once(provider, email, queue):
    other = queue("ann@client.example")
    Email.objects.filter(pk=other.pk).update(state="uncertain", next_try_at=None)
    said = [
        {"event": "delivered", "message_id": other.message_id.strip("<>"), "recipient": "Ann@Client.example"},
        bounce(email),
        bounce(email, recipient="somebody@else.example"),
        bounce(email, message_id="<nobody@knows.example>"),
    ]

    answer = post(provider, said)

    assert answer.content == b"delivered, bounced, unknown, unknown\n"
    assert list(Email.objects.order_by("pk").values_list("state", flat=True)) == ["bounced", "sent"]


def test_a_complaint_stops_mail_to_its_reader(provider, email, notes):
    assert post(provider, bounce(email, event="complained")).content == b"complained\n"
    assert notes.unsubscribed == [email.key]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1,v1=" + "0" * 64,
        f"t={int(NOW.timestamp())},v1=" + "0" * 64,
        f"t={int(NOW.timestamp())},v1=" + "é" * 64,
        "t=²,v1=" + "0" * 64,
    ],
)
def test_without_the_right_signature_nothing_is_read(header, provider, email):
    answer = post(provider, bounce(email), header=header)

    assert (answer.status_code, Returned.objects.count()) == (401, 0)
    assert answer.content.endswith(b".\n")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signature_of_another_hour_is_refused(minutes, provider, email):
    answer = post(provider, bounce(email), at=NOW + timedelta(minutes=minutes))

    assert (answer.status_code, answer.content) == (401, b"The signature is too old, or the clocks differ.\n")


def test_a_signature_for_another_body_is_refused(provider, email):
    header = hooks.sign(b"{}", at=NOW)

    assert post(provider, bounce(email), header=header).status_code == 401


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"not json", "The body is not JSON."),
        (b"\xff\xfe", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        ([1], "An event is an object."),
        ("text", "An event is an object."),
        ({}, "“event” is missing."),
        ({"event": "opened"}, "“event” is one of bounced, delayed, delivered, complained."),
        ({"event": ["bounced"]}, "“event” is text."),
        ({"event": "bounced"}, "“message_id” is missing."),
        ({"event": "bounced", "message_id": "<a@b>"}, "“recipient” is missing."),
        ({"event": "bounced", "code": "bad"}, "“code” is like 5.1.1 or 550."),
        ([{"event": "bounced"}] * 1001, "At most 1000 events at once."),
    ],
)
def test_what_is_not_as_documented_is_refused_in_words(said, words, provider):
    answer = post(provider, said)

    assert (answer.status_code, answer.content.decode()) == (400, f"{words}\n")


def test_unusual_text_is_text(provider, email):
    said = bounce(email, words="\0 nobody \ud800 <script> 👩‍👩‍👧", code=550, recipient=ROSA.upper())

    assert post(provider, json.dumps(said).encode()).content == b"bounced\n"
    assert Returned.objects.get().words == "550 nobody <script> 👩‍👩‍👧"


def test_a_long_body_is_not_read(provider):
    assert post(provider, b" " * (hooks.MOST_BYTES + 1)).status_code == 413


def test_a_mail_that_is_going_out_at_this_moment_is_asked_for_again(provider, email):
    Email.objects.filter(pk=email.pk).update(state="sending", lease_token=email.uuid, lease_until=NOW)

    answer = post(provider, bounce(email))

    assert (answer.status_code, answer["Retry-After"], Returned.objects.count()) == (503, "60", 0)


@pytest.mark.parametrize("path", ["/hooks/mail/", "/hooks/mail/mailgun/"])
def test_looking_changes_nothing_and_without_a_secret_nobody_listens(path, provider, email, settings):
    assert [provider.get(path).status_code, provider.head(path).status_code] == [405, 405]
    assert post(provider, {}, path="/hooks/mail/nobody/").status_code == 404
    settings.MAIL_HOOK_SECRET = ""

    assert post(provider, bounce(email), path=path, header="t=1").status_code == 404


# -------------------------------------------------------------------- Mailgun


def mailgun(email, *, at=NOW, nonce="f00", key=SECRET, **fields):
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{nonce}".encode(), hashlib.sha256).hexdigest()
    event = {
        "event": "failed",
        "severity": "permanent",
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "recipient": ROSA,
        "delivery-status": {"code": 550, "message": "5.1.1 no such person", "attempt-no": 1},
        "message": {"headers": {"message-id": email.message_id.strip("<>"), "to": ROSA}},
        **fields,
    }
    return {"signature": {"timestamp": timestamp, "token": nonce, "signature": signature}, "event-data": event}


def post_mailgun(provider, said):
    return provider.post("/hooks/mail/mailgun/", json.dumps(said), content_type="application/json")


def test_mailgun_reports_a_bounce_as_it_documents_it(provider, email):
    said = mailgun(email)

    answers = [post_mailgun(provider, said), post_mailgun(provider, said)]

    email.refresh_from_db()
    assert [answer.content for answer in answers] == [b"bounced\n", b"known\n"]
    assert (email.state, email.last_words) == ("bounced", "5.1.1 no such person")
    assert Returned.objects.get().source == "mailgun"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"severity": "temporary"}, b"delayed\n"),
        ({"event": "complained"}, b"complained\n"),
        ({"event": "delivered"}, b"delivered\n"),
        ({"event": "opened"}, b"nothing to do\n"),
    ],
)
def test_mailgun_has_other_words_too(fields, outcome, provider, email):
    assert post_mailgun(provider, mailgun(email, **fields)).content == outcome


def test_a_signature_of_mailgun_is_good_for_one_event(provider, email):
    post_mailgun(provider, mailgun(email, event="opened"))

    answer = post_mailgun(provider, mailgun(email))

    assert (answer.status_code, Returned.objects.count()) == (401, 0)


def test_mailgun_has_to_know_the_key_and_the_hour(provider, email):
    refused = [
        post_mailgun(provider, mailgun(email, key="another")),
        post_mailgun(provider, mailgun(email, at=NOW - timedelta(hours=25))),
        post_mailgun(provider, mailgun(email, nonce="..")),
    ]
    unreadable = [post_mailgun(provider, said) for said in ({}, [], {"signature": {}, "event-data": 1})]

    assert [answer.status_code for answer in refused] == [401] * 3
    assert [answer.status_code for answer in unreadable] == [400] * 3
