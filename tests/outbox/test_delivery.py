"""Every answer a mail server can give, from a real one."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from outbox import delivery, results
from outbox.delivery import drain
from outbox.models import Attempt, Circuit, Email, Heartbeat

pytestmark = pytest.mark.django_db


def outcomes(email):
    return [(a.outcome, a.code) for a in email.tries.all()]


def let_the_lease_run_out(email):
    Email.objects.filter(pk=email.pk).update(lease_until=timezone.now() - timedelta(days=400))


def make_due(email):
    Email.objects.filter(pk=email.pk, next_try_at__isnull=False).update(next_try_at=timezone.now())


def close_circuit():
    Circuit.objects.all().delete()


def test_a_mail_goes_out_as_it_was_written(sink, queue, state):
    email = queue(from_name="Priya Raman", reply_to="priya@wrayburn.example")

    counts = drain()

    assert counts == {"sent": 1}
    [mail] = sink.mails
    assert (mail["To"], mail["Subject"]) == ("Rosa Delgado <rosa@client.example>", "How are we doing?")
    assert (mail["From"], mail["Reply-To"]) == ("Priya Raman <crm@wrayburn.example>", "priya@wrayburn.example")
    assert mail["Message-ID"] == email.message_id
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Dear Rosa Delgado,", ".a dot", "yours"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Dear you</p>"
    now = state(email)
    assert (now.state, now.attempts, now.last_code, now.next_try_at, now.lease_token) == ("sent", 1, 250, None, None)
    assert outcomes(email) == [("sent", 250)]
    assert Heartbeat.objects.get(pk="outbox.drain").note == "1 sent"


def test_one_connection_serves_a_batch(sink, queue):
    for _ in range(5):
        queue()

    drain()

    assert (len(sink.taken), sink.sessions, sink.quits) == (5, 1, 1)


def test_urgent_mail_goes_first(sink, queue):
    queue("later@x.example")
    queue("now@x.example", kind="test.sign_in")

    drain()

    assert sink.recipients == ["now@x.example", "later@x.example"]


def test_a_mail_waits_for_its_moment(sink, queue, state):
    email = queue(not_before=timezone.now() + timedelta(hours=1))

    drain()

    assert (state(email).state, sink.taken) == ("scheduled", [])


@pytest.mark.parametrize("plan", ["550", "554", "data550", "data554"])
def test_a_5xx_fails_at_once_and_tells_the_owner_once(sink, queue, state, notes, plan):
    email = queue(f"rosa+{plan}@client.example")

    drain()
    drain()

    code = int(plan[-3:])
    now = state(email)
    assert (now.state, now.attempts, now.last_code) == ("failed", 1, code)
    assert outcomes(email) == [("refused", code)]
    assert [told.pk for told in notes.told] == [email.pk]


@pytest.mark.parametrize(("plan", "pause"), [("450", 60), ("451", 60), ("452", 900), ("552", 900), ("data451", 60)])
def test_what_may_pass_is_tried_again_later(sink, queue, state, notes, plan, pause):
    email = queue(f"rosa+{plan}@client.example")
    began = timezone.now()

    drain()

    now = state(email)
    assert (now.state, now.attempts, now.last_code, notes.told) == ("retry", 1, int(plan[-3:]), [])
    assert 0.8 * pause - 1 <= (now.next_try_at - began).total_seconds() <= 1.2 * pause + 5


def test_a_greylisted_mail_arrives_with_the_second_try(sink, queue, state):
    sink.answers["rosa@client.example"] = ["451", "ok"]
    email = queue()

    drain()
    make_due(email)
    drain()

    assert (state(email).state, state(email).attempts, len(sink.taken)) == ("sent", 2, 1)
    assert outcomes(email) == [("for_now", 451), ("sent", 250)]


def test_after_two_days_of_4xx_we_give_up_and_say_so(sink, queue, state, notes):
    email = queue("rosa+450@client.example")
    drain()
    Email.objects.update(refused_since=timezone.now() - timedelta(hours=48), next_try_at=timezone.now())

    drain()

    assert (state(email).state, state(email).last_code, len(notes.told)) == ("failed", 450, 1)


def test_backoff_grows_and_stays_at_its_last_step(settings):
    settings.OUTBOX_BACKOFF_SECONDS = [60, 300, 900]

    pauses = [results.backoff(n).total_seconds() for n in (1, 2, 3, 4, 50)]

    for pause, step in zip(pauses, [60, 300, 900, 900, 900], strict=True):
        assert 0.8 * step <= pause <= 1.2 * step


@pytest.mark.parametrize("plan", ["421", "drop-rcpt", "hang-rcpt", "drop-data", "data421"])
def test_a_broken_session_costs_no_attempt_and_opens_the_circuit(sink, queue, state, notes, plan):
    email = queue(f"rosa+{plan}@client.example")

    drain()

    now = state(email)
    assert (now.state, now.attempts, now.next_try_at > timezone.now(), notes.told) == ("queued", 0, True, [])
    assert [outcome for outcome, _ in outcomes(email)] == ["unreachable"]
    assert Circuit.broken().get().failures == 1
    assert sink.taken == []


def test_a_mail_that_breaks_sessions_does_not_stand_before_the_others(sink, queue, state):
    bad = queue("bad+421@client.example")
    good = queue("good@client.example")

    drain()
    Circuit.objects.update(open_until=timezone.now())
    drain()

    assert (state(bad).state, state(good).state) == ("queued", "sent")
    assert not Circuit.broken().exists()


def test_without_a_server_nothing_is_claimed_and_all_goes_out_when_it_is_back(sink, queue, state, settings):
    email = queue()
    settings.EMAIL_PORT = 1

    drain()

    circuit = Circuit.broken().get()
    assert (state(email).state, state(email).attempts, circuit.server) == ("queued", 0, "127.0.0.1:1")
    settings.EMAIL_PORT = sink.port
    drain()
    assert state(email).state == "sent"


def test_an_open_circuit_is_left_alone_until_its_time_and_then_tried_by_one(sink, queue, state):
    queue()
    sink.greeting = "421 Too busy"
    drain()
    asked = sink.sessions
    sink.greeting = None

    drain()
    assert (sink.sessions, sink.taken) == (asked, [])

    Circuit.objects.update(open_until=timezone.now())
    pause = timedelta(seconds=30)
    now = timezone.now()
    assert [Circuit.may_try(f"127.0.0.1:{sink.port}", now=now, trial=pause) for _ in range(2)] == [True, False]
    Circuit.objects.update(open_until=timezone.now())
    drain()
    assert (len(sink.taken), Circuit.broken().count()) == (1, 0)


@pytest.mark.parametrize("greeting", ["421 Busy", "554 Go away", "junk"])
def test_a_greeting_that_is_none_opens_the_circuit(sink, queue, state, greeting):
    email = queue()
    sink.greeting = greeting

    drain()

    assert (state(email).state, state(email).attempts, Circuit.broken().count()) == ("queued", 0, 1)


def test_a_server_without_the_tls_we_want_is_not_used(sink, queue, state, settings):
    settings.EMAIL_USE_TLS = True
    email = queue()

    drain()

    assert (state(email).state, sink.taken) == ("queued", [])
    assert "STARTTLS" in Circuit.broken().get().last_words


def test_a_refused_login_opens_the_circuit(sink, queue, state, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "crm", "wrong"
    email = queue()

    drain()

    assert (state(email).state, state(email).attempts, Circuit.broken().count()) == ("queued", 0, 1)


@pytest.mark.parametrize("plan", ["drop-after", "drop-end", "hang"])
def test_a_break_at_the_end_is_uncertain_and_a_clients_mail_waits_for_a_person(sink, queue, state, notes, plan):
    email = queue(f"rosa+{plan}@client.example")

    drain()
    close_circuit()
    drain()

    now = state(email)
    assert (now.state, now.attempts, now.next_try_at) == ("uncertain", 1, None)
    assert [told.pk for told in notes.told] == [email.pk]
    assert sink.asked[email.to_email] == 1


def test_an_uncertain_reminder_to_staff_goes_once_more_with_the_same_message_id(sink, queue, state, notes):
    email = queue("priya+drop-after@firm.example", kind="test.staff")

    drain()
    first = state(email)
    assert (first.state, notes.told) == ("uncertain", [])
    assert 890 < (first.next_try_at - timezone.now()).total_seconds() < 901
    for _ in range(3):
        make_due(email)
        drain()

    assert (state(email).state, state(email).next_try_at, len(notes.told)) == ("uncertain", None, 1)
    assert [message_id for _, message_id, _ in sink.taken] == [email.message_id] * 2


def test_the_result_is_stored_before_quit(sink, queue, transactional_db):
    email = queue()
    seen = []

    def look():
        seen.extend(Email.objects.values_list("pk", "state"))
        connection.close()

    sink.on_quit = look
    drain()

    assert seen == [(email.pk, "sent")]


def test_a_worker_that_lost_its_lease_hands_nothing_over_and_stores_nothing(sink, queue, state, monkeypatch):
    email = queue()
    real = delivery._point_of_no_return

    def overtaken(row):
        let_the_lease_run_out(row)
        delivery.recover_lost()  # another worker takes over just before the end of DATA
        real(row)

    monkeypatch.setattr(delivery, "_point_of_no_return", overtaken)
    claimed = delivery.claim(now=timezone.now())
    way_out = delivery.transport()
    way_out.open()

    assert delivery.deliver(claimed, way_out) == "taken over"

    assert (state(email).state, sink.taken) == ("queued", [])
    assert outcomes(email) == [("lost", None)]


def test_a_late_answer_is_not_stored_over_anothers(queue, state):
    email = queue()
    claimed = delivery.claim(now=timezone.now())
    let_the_lease_run_out(email)
    delivery.recover_lost()

    assert results.failed(claimed, Attempt.Outcome.REFUSED, 550, "No", now=timezone.now()) is False
    assert state(email).state == "queued"


def test_a_worker_that_died_before_the_end_of_data_gives_the_mail_back(queue, state):
    email = queue()
    delivery.claim(now=timezone.now())

    delivery.recover_lost()
    assert state(email).state == "sending"
    let_the_lease_run_out(email)
    delivery.recover_lost()

    assert (state(email).state, state(email).attempts, outcomes(email)) == ("queued", 1, [("lost", None)])


def test_a_worker_that_died_at_the_end_of_data_leaves_the_mail_uncertain(queue, state, notes):
    email = queue()
    delivery._point_of_no_return(delivery.claim(now=timezone.now()))
    let_the_lease_run_out(email)

    delivery.recover_lost()

    assert (state(email).state, len(notes.told)) == ("uncertain", 1)


def test_a_mail_that_stops_every_worker_is_found_out(queue, state, notes):
    email = queue()
    for _ in range(results.CRASHES + 1):
        make_due(email)
        delivery.claim(now=timezone.now())
        let_the_lease_run_out(email)
        delivery.recover_lost()

    assert (state(email).state, len(notes.told)) == ("failed", 1)


def test_one_bad_mail_never_stops_the_others(sink, queue, state, notes):
    notes.raises["bad"] = KeyError("client")
    bad = [
        queue("a@x.example", key="bad"),
        queue("no address at all"),
        queue("née@client.example"),
        queue("b@x.example", kind="test.client", key="gone"),
    ]
    Email.objects.filter(key="gone").update(kind="nobody.knows")
    good = [queue(f"good{n}@x.example") for n in range(3)]

    drain()

    assert {state(email).state for email in bad} == {"failed"}
    assert {state(email).state for email in good} == {"sent"}
    assert "not an e-mail address" in state(bad[1]).last_words
    assert "nobody.knows" in state(bad[3]).last_words


def test_a_fault_while_telling_the_owner_keeps_the_result(sink, queue, state, notes):
    notes.told = None  # appending to it raises
    email = queue("rosa+550@client.example")

    drain()

    assert state(email).state == "failed"


def test_what_is_no_longer_wanted_is_cancelled_with_the_reason(sink, queue, state, notes):
    email = queue(key="k")
    notes.unwanted["k"] = "The promise was kept."

    drain()

    now = state(email)
    assert (now.state, now.last_words, now.attempts, sink.taken) == ("cancelled", "The promise was kept.", 0, [])


def test_what_is_past_its_time_does_not_go_out(sink, queue, state):
    email = queue(expires_at=timezone.now() - timedelta(seconds=1))

    drain()

    assert (state(email).state, state(email).last_words) == ("cancelled", "It would have arrived too late.")
    assert sink.taken == []


@pytest.mark.skipif(
    "sqlite" in settings.DATABASES["default"]["ENGINE"],
    reason="threads cannot share SQLite's database in memory; tests/faults does this with processes",
)
def test_three_drains_at_once_send_each_mail_once(sink, transactional_db, queue, settings):
    settings.EMAIL_TIMEOUT = 10
    for n in range(30):
        queue(f"r{n}@x.example")
    failures = []

    def work():
        try:
            drain(limit_seconds=30)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(sink.recipients) == sorted(f"r{n}@x.example" for n in range(30))
    assert Attempt.objects.filter(outcome="sent").count() == 30


def test_leases_follow_the_databases_clock(queue, clock):
    queue()
    clock.shift(timedelta(days=-2))
    assert delivery.claim(now=timezone.now()) is None
    clock.shift(timedelta(days=2))
    delivery.claim(now=timezone.now())

    clock.shift(timedelta(days=400))

    assert not Email.objects.lost().exists()
