"""A wave of invitations through a real mail server while everything around it fails in turn; counts are printed."""

import contextlib
import json
import os
import signal
import sqlite3
import threading
import time
from collections import Counter

import pytest
import redis as client

from tests.faults.asked import address_of
from tests.outbox.sink import DROP_AFTER_TAKING, DROP_WITHOUT_TAKING, Sink
from tests.services import Postgres, Redis, Site, wait_for

pytestmark = pytest.mark.faults

ON_SERVERS = bool(os.environ.get("DATABASE_URL"))
COUNT = 2000 if ON_SERVERS else 500
THREADS = 4  # of the worker: so many mails may be in flight when it is killed


@pytest.fixture
def sink():
    """Of a hundred: two unknown, four greylisted, one broken line each before and after the mail was kept."""
    with Sink() as sink:
        for n in range(COUNT):
            fate = {7: "550", 57: "550", 11: "451", 31: "451", 61: "451", 81: "451"}.get(n % 100)
            if fate == "550":
                sink.always[address_of(n)] = fate
            elif fate:
                sink.answers[address_of(n)] = [fate]
        for n in range(23, COUNT, 100):
            sink.answers[address_of(n)] = [DROP_AFTER_TAKING]
        for n in range(73, COUNT, 100):
            sink.answers[address_of(n)] = [DROP_WITHOUT_TAKING]
        yield sink


@pytest.fixture
def servers():
    """A database and a broker of this test's own, as it stops and flushes them; or None on one machine."""
    if not ON_SERVERS:
        yield None
        return
    with Postgres() as postgres, Redis() as redis:
        yield postgres, redis


@pytest.fixture
def site(sink, servers):
    variables = {
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "EMAIL_TIMEOUT": "1",
        "OUTBOX_LEASE_SECONDS": "15",
        "OUTBOX_BACKOFF_SECONDS": "1,2",
        "OUTBOX_UNCERTAIN_RESEND_SECONDS": "2",
        "DEMO": "0",
        "LOG_LEVEL": "WARNING",
    }
    if servers:
        variables |= {"DATABASE_URL": servers[0].url, "REDIS_URL": servers[1].url}
    with Site(**variables) as site:
        yield site


def ask(site, call):
    return site.manage("shell", "-v0", "-c", f"from tests.faults import asked; asked.{call}")


class Faults:
    """What happens around the wave, and a count of it."""

    def __init__(self, site, servers):
        self.site, self.servers = site, servers
        self.done = Counter()

    def kill_worker(self):
        victim = self.site.pids()["worker"]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: self.site.pids().get("worker", victim) != victim, seconds=30, what="another worker")
        self.done["worker killed"] += 1

    def flush_broker(self):
        path = self.servers[1].socket if self.servers else self.site.data / "broker.sock"
        with contextlib.closing(client.Redis(unix_socket_path=str(path), socket_timeout=5)) as line:
            line.flushall()
        self.done["broker flushed"] += 1

    def restart_database(self):
        """PostgreSQL is stopped, and is away for a second; SQLite's file is locked for that long."""
        if self.servers:
            self.servers[0].stop()
            time.sleep(1)
            self.servers[0].start()
            self.done["database restarted"] += 1
            return
        with contextlib.closing(sqlite3.connect(self.site.data / "db.sqlite3", timeout=20)) as line:
            line.execute("BEGIN EXCLUSIVE")
            time.sleep(1)
            line.rollback()
        self.done["database locked"] += 1


def test_a_wave_reaches_everybody_once_whatever_fails(site, sink, servers, capsys):
    ask(site, f"ask({COUNT})")
    faults, began, found = Faults(site, servers), time.monotonic(), {}
    plan = [faults.kill_worker, faults.flush_broker, faults.kill_worker, faults.restart_database, faults.kill_worker]

    faults.kill_worker()  # the next one looks at once what is due: before any mail, in the middle of writing them
    for number, fault in enumerate(plan, 1):
        mark = COUNT * number // (len(plan) + 2)
        wait_for(lambda mark=mark: len(sink.taken) >= mark, seconds=120, what=f"{mark} mails")
        fault()
    wait_for(lambda: len(sink.taken) >= COUNT * 0.9, seconds=120, what="most mails")

    def is_settled():
        found.update(json.loads(ask(site, "how_mail_stands()")))
        return not found["unfinished"] and not found["unwritten"]

    with contextlib.suppress(TimeoutError):  # what is missing is counted below
        wait_for(is_settled, seconds=120, what="the end of all mail")

    count(found, sink, faults, capsys, seconds=time.monotonic() - began)
    assert "Traceback" not in site.said or servers, site.said[-4000:]


def count(found, sink, faults, capsys, *, seconds):
    accepted = Counter(sink.recipients)
    mails = {mail["to"]: mail for mail in found["mails"] if mail["kind"] == "surveys.invitation"}
    told = [mail for mail in found["mails"] if mail["kind"] == "surveys.undeliverable"]
    refused = {to for to, fate in sink.always.items() if fate == "550"}
    states = Counter(mail["state"] for mail in mails.values())
    uncertain = {to for to, mail in mails.items() if mail["state"] == "uncertain"}
    dropped = {address_of(n) for n in range(COUNT) if n % 100 in (23, 73)}
    twice = [to for to in mails if accepted[to] > 1]
    lost = [
        to
        for to, mail in mails.items()
        if (mail["state"] == "sent" and not accepted[to])
        or (mail["state"] == "failed" and to not in refused)
        or mail["state"] not in ("sent", "failed", "uncertain")
    ]
    hands = "PostgreSQL and Redis" if faults.servers else "SQLite, embedded broker"
    said = ", ".join(f"{name} {n}×" for name, n in faults.done.items())
    with capsys.disabled():
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n{hands}: {len(mails)} invitations, {said}; {dict(states)}; accepted by the server once "
            f"{sum(accepted[to] == 1 for to in mails)}, twice {len(twice)}, lost {len(lost)}; uncertain and shown "
            f"{len(uncertain)}, of these lines dropped at the end {len(uncertain & dropped)}, in flight at a kill "
            f"{len(uncertain - dropped)}, accepted all the same {sum(accepted[to] for to in uncertain)}; "
            f"tries cut off {found['cut_off']}; refused for good {len(refused)}, owners told of {len(told)}; "
            f"{seconds:.0f} s"
        )

    assert len(mails) == COUNT
    assert (twice, lost) == ([], [])
    assert all(mails[to]["shown"] for to in uncertain)
    in_flight = THREADS * sum(faults.done.values())
    assert len(uncertain - dropped) <= in_flight
    assert len(dropped - uncertain) <= in_flight  # killed before the line could be dropped, and sent later on
    assert {to for to, mail in mails.items() if mail["state"] == "failed"} == refused
    assert sorted(found["bounced"]) == sorted(refused)
    assert {to for to, row in found["invitations"].items() if row["state"] == "undeliverable"} == refused
    assert len(told) == len(refused)
    assert Counter(mail["to"] for mail in told) == Counter(
        found["invitations"][to]["client__owner__email"] for to in refused
    )
    assert all(mail["state"] == "sent" or mail["uncertain"] for mail in told)
    assert len({message_id for _to, message_id, _ in sink.taken}) == len(
        {(to, message_id) for to, message_id, _ in sink.taken}
    )


# -------------------------------------------------------------------- answers while the database is restarted
BROWSERS = 200
ANSWERS = {"overall": "7", "recommend": "8", "respect": "6", "better": "Call back sooner"}


def test_an_answer_the_page_called_saved_is_there_after_the_database_was_restarted(servers, capsys):
    from tests.faults.answering import Browser

    variables = {"DATABASE_URL": servers[0].url, "REDIS_URL": servers[1].url} if servers else {}
    with Site(DEMO="0", LOG_LEVEL="CRITICAL", **variables) as site:
        tokens = json.loads(ask(site, f"asked({BROWSERS})").splitlines()[-1])
        browsers = [Browser(site.port, token, address_of(n), ANSWERS) for n, token in enumerate(tokens)]
        faults, began = Faults(site, servers), time.monotonic()
        threads = [threading.Thread(target=browser.answer, daemon=True) for browser in browsers]
        for thread in threads:
            thread.start()
        for share in (0.25, 0.6):
            wanted = share * BROWSERS * len(ANSWERS)
            wait_for(lambda n=wanted: sum(len(b.saved) for b in browsers) >= n, seconds=90, what="answers")
            faults.restart_database()
        for thread in threads:
            thread.join(120)
        stands = json.loads(ask(site, "how_answers_stand()").splitlines()[-1])
        seconds = time.monotonic() - began

    saved = {browser.address: browser.saved for browser in browsers}
    lost = [
        (address, key)
        for address, answers in saved.items()
        for key, value in answers.items()
        if stands["answers"].get(address, {}).get(key) != value
    ]
    thanked = [browser.address for browser in browsers if browser.thanked]
    not_there = set(thanked) - set(stands["submitted"])
    met = Counter(word for browser in browsers for word in browser.met)
    hands = "PostgreSQL" if servers else "SQLite"
    with capsys.disabled():
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n{hands}: {BROWSERS} browsers, {dict(faults.done)}; {sum(map(len, saved.values()))} answers called "
            f"saved, lost {len(lost)}; {len(thanked)} thanked for all of it, not there {len(not_there)}; "
            f"what the browsers met meanwhile {dict(met)}; {seconds:.0f} s"
        )

    assert (lost, not_there) == ([], set())
    assert sum(map(len, saved.values())) == BROWSERS * len(ANSWERS)
    assert sorted(thanked) == sorted(saved)
    assert stands["most_responses"] == 1
    assert not servers or met["later"] + met["broken line"] > 0  # it was felt
