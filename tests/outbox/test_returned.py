"""What a report means for our mail."""

import pytest

from outbox import kinds, reports, returned
from outbox.kinds import Kind, Message, registered
from outbox.models import Email, Returned
from outbox.returned import KNOWN, UNKNOWN, NotYet
from tests.conftest import NOW
from tests.outbox import samples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ROSA = "rosa@client.example"


@pytest.fixture
def heard(monkeypatch):
    """What the rooms are told: (what, address or key)."""
    heard = []
    monkeypatch.setattr(kinds, "_on_bounce", [lambda address, now: heard.append(("dead", address))])
    monkeypatch.setattr(kinds, "_on_complaint", [lambda address, now: heard.append(("spam", address))])
    asks = {"render": lambda email: Message("How?", "Dear you"), "still_wanted": lambda email, now: ""}
    with registered(
        Kind(
            name="test.returned",
            audience="client",
            on_bounce=lambda email, now: heard.append(("bounced", email.key)),
            unsubscribe=lambda email, now: heard.append(("stopped", email.key)),
            **asks,
        ),
        Kind(name="test.ours", audience="staff", **asks),
    ):
        yield heard


@pytest.fixture
def mail(heard):
    """`mail("one")`: a mail that has gone out."""

    def make(key="one", *, to=ROSA, kind="test.returned", state="sent", **fields):
        email, _new = Email.objects.queue(kind=kind, key=key, to=to, subject="How are we doing?")
        fields = {"state": state, "sent_at": NOW, "next_try_at": None, **fields}
        Email.objects.filter(pk=email.pk).update(**fields)
        email.refresh_from_db()
        return email

    return make


def record(sample, email, *, key="report", to=ROSA, **fields):
    [report] = reports.read(sample(email.message_id, to, **fields))
    return returned.record(report, source="mailbox", key=key, now=NOW)


@pytest.mark.parametrize("server", samples.DEAD)
def test_a_mail_that_comes_back_for_good_is_marked_and_everybody_concerned_told_once(server, mail, heard):
    email = mail()

    outcomes = [record(samples.DEAD[server], email), record(samples.DEAD[server], email)]

    email.refresh_from_db()
    assert outcomes == ["bounced", KNOWN]
    assert (email.state, email.last_code, email.next_try_at) == ("bounced", 550, None)
    assert len(email.last_words) > 10
    assert heard == [("bounced", "one"), ("dead", ROSA)]
    assert [(row.what, row.source, row.at) for row in email.returned.all()] == [("bounced", "mailbox", NOW)]
    assert Email.objects.in_trouble().get() == email


def test_a_second_report_of_the_same_failure_is_kept_and_nothing_follows(mail, heard):
    email = mail()

    record(samples.postfix, email, key="first")
    record(samples.gmail, email, key="second")

    assert heard == [("bounced", "one"), ("dead", ROSA)]
    assert Returned.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"status": "5.2.2", "said": "552 5.2.2 mailbox full"},
        {"status": "4.4.7", "said": "delivery time expired"},
        {"status": "5.7.1", "said": "550 5.7.1 refused by policy"},
    ],
)
def test_a_full_mailbox_or_a_policy_is_no_dead_address(said, mail, heard):
    email = mail()

    record(samples.postfix, email, **said)

    email.refresh_from_db()
    assert email.state == "bounced"  # it did not arrive, and a person sees it
    assert heard == [("bounced", "one")]


def test_a_delay_is_noted_and_shown_and_nothing_else(mail, heard, manager_web):
    email = mail()

    outcome = record(samples.postfix, email, action="delayed", status="4.4.1", said="connection timed out")

    email.refresh_from_db()
    page = manager_web.get("/mail/trouble/").content.decode()
    assert (outcome, email.state, heard) == ("delayed", "sent", [])
    assert list(Email.objects.late(NOW)) == [email]
    assert "Held up on their side" in page
    assert "connection timed out" in manager_web.get(f"/mail/trouble/{email.uuid}/").content.decode()


def test_a_report_about_a_mail_nobody_knew_the_fate_of_settles_it(mail, heard):
    known, back = mail("known", state="uncertain"), mail("back", state="uncertain")

    record(samples.postfix, known, action="delivered", status="2.0.0", said="250 ok")
    record(samples.postfix, back)

    assert list(Email.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "bounced"]


def test_a_forged_report_changes_nothing(mail, heard):
    email = mail()
    stranger = samples.postfix("<ffffffffffffffffffffffffffffffff@wrayburn.example>", ROSA)
    others = samples.postfix(email.message_id, "somebody@else.example")

    outcomes = [returned.record(reports.read(raw)[0], source="mailbox", now=NOW) for raw in (stranger, others)]

    email.refresh_from_db()
    assert outcomes == [UNKNOWN, UNKNOWN]
    assert (email.state, heard, Returned.objects.count()) == ("sent", [], 0)


def test_what_is_still_being_handed_over_is_asked_again_in_a_minute(mail):
    email = mail()
    token = email.uuid
    Email.objects.filter(pk=email.pk).update(state="sending", lease_token=token, lease_until=NOW)

    with pytest.raises(NotYet):
        record(samples.postfix, email)

    assert Returned.objects.count() == 0


def test_what_waits_for_a_dead_address_does_not_go_out_and_says_why(mail, heard):
    email = mail()
    waiting, others = mail("waits", state="queued", next_try_at=NOW), mail("other", to="ann@x.example")
    ours = mail("ours", kind="test.ours", state="queued", next_try_at=NOW)

    record(samples.postfix, email)

    for one in (waiting, others, ours):
        one.refresh_from_db()
    assert (waiting.state, others.state, ours.state) == ("cancelled", "sent", "queued")
    assert waiting.last_words == f"Mail to {ROSA} comes back: 550 5.1.1 <{ROSA}>: no such person here"


def test_a_refusal_at_the_door_is_as_good_as_a_report(mail, heard, sink, deliver_queued):
    nobody, full = "nobody+550@x.example", "policy+554@x.example"
    for to in (nobody, full):
        mail(to, to=to, state="queued", next_try_at=NOW)

    deliver_queued()

    assert list(Email.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "failed"]
    assert heard == [("dead", nobody)]


def test_a_complaint_stops_mail_to_its_reader(mail, heard):
    email = mail()
    waiting = mail("waits", state="queued", next_try_at=NOW)

    record(samples.complaint, email)

    waiting.refresh_from_db()
    assert heard == [("stopped", "one"), ("spam", ROSA)]
    assert (waiting.state, waiting.last_words) == ("cancelled", "Asked us to stop.")


def test_a_room_that_fails_to_listen_loses_nothing(mail, heard, monkeypatch):
    def broken(address, now):
        raise RuntimeError("no")

    monkeypatch.setattr(kinds, "_on_bounce", [broken, *kinds.bounce_listeners()])
    email = mail()

    assert record(samples.postfix, email) == "bounced"
    assert heard == [("bounced", "one"), ("dead", ROSA)]


def test_it_can_come_back_again_after_it_was_sent_again(mail, heard):
    email = mail()
    record(samples.postfix, email, key="first")
    email.refresh_from_db()
    email.send_again(now=NOW)
    Email.objects.filter(pk=email.pk).update(state="sent", next_try_at=None)

    assert record(samples.postfix, email, key="second") == "bounced"
    assert heard == [("bounced", "one"), ("dead", ROSA)] * 2


def test_every_mail_to_a_client_can_be_stopped_with_one_click_and_says_whom_it_troubles():
    to_clients = [kind for kind in kinds.known() if kind.audience == kinds.CLIENT]

    assert len(to_clients) > 5
    assert [kind.name for kind in to_clients if not kind.unsubscribe] == []
    assert [kind.name for kind in to_clients if kind.automatic and not (kind.on_trouble and kind.on_correction)] == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("5.1.1 who?", "nobody has this address"),
        ("552 5.2.2 full", "their mailbox is full"),
        ("4.4.7 expired", "could not be reached for days"),
        ("550 5.7.1 no", "does not take such mail from us"),
        ("computer says no", "sent it back"),
    ],
)
def test_the_page_says_in_plain_words_why(words, reason, mail, manager_web):
    mail(state="bounced", last_words=words)

    assert reason in manager_web.get("/mail/trouble/").content.decode()
