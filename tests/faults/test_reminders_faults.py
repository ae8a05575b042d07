"""The whole program while 200 critical promises fall due: workers and broker killed, a mail server full of moods."""

import contextlib
import json
import os
import random
import re
import signal
import time
from collections import Counter

import pytest
import redis as client

from tests.outbox.sink import DROP_AFTER_TAKING, DROP_WITHOUT_TAKING, OK, Sink
from tests.services import Redis, Site, wait_for

pytestmark = pytest.mark.faults

DUE, KILLS = 200, 20

# Asked of the program's own database, whichever it is.
HOW_IT_STANDS = """
import json
from django.db.models import Count, Q
from django.utils import timezone
from outbox.models import Attempt, Email, Heartbeat
from promises.models import Promise, PromiseMail
now = timezone.now()
due = Promise.objects.filter(due_at__lte=now, state="active")
due = due.annotate(flags=Count("events", filter=Q(events__kind="overdue")))
mails = {row.promise_id: row for row in PromiseMail.objects.select_related("email")}
print(json.dumps({
    "promises": [
        {"what": p.what, "flags": p.flags, "critical": p.importance == "critical" and p.direction == "ours",
         "email": mails[p.pk].email_id if p.pk in mails else None}
        for p in due
    ],
    "promise_mails": PromiseMail.objects.count(),
    "emails": {
        row.pk: {"kind": row.kind, "subject": row.subject, "state": row.state, "code": row.last_code,
                 "uncertain": row.times_uncertain, "message_id": row.message_id}
        for row in Email.objects.all()
    },
    "unfinished": Email.objects.filter(Q(state="sending") | Q(next_try_at__isnull=False))
        .exclude(not_before__gt=now).count(),
    "cut_off": Attempt.objects.filter(outcome="lost").count(),
    "failed_planners": Heartbeat.objects.filter(name="tick", note__gt="").count(),
}))
"""

# The test runs at any hour of the day; in quiet hours mail at once would wait for the morning.
NEVER_QUIET = """
from datetime import time
from accounts.models import Workspace
Workspace.objects.update(quiet_from=time(), quiet_until=time())
"""


class Moods:
    """What the server does to “…, part 17”: a few are refused for good, some for now, some lines break at the end."""

    def __init__(self):
        self.heard = Counter()

    @staticmethod
    def part(subject):
        found = re.search(r"part (\d+)$", subject)
        return int(found[1]) if found else None

    @classmethod
    def is_refused(cls, subject):
        part = cls.part(subject)
        return part is not None and part % 20 == 3

    def __call__(self, message):
        part = self.part(message["Subject"])
        if part is None:
            return OK
        self.heard[part] += 1
        if part % 20 == 3:
            return "data550"
        first = {5: "data451", 15: "data451", 7: DROP_AFTER_TAKING, 9: DROP_WITHOUT_TAKING}
        return first.get(part % 20, OK) if self.heard[part] == 1 else OK


@pytest.fixture
def sink():
    with Sink() as sink:
        sink.pause = 0.02  # a server that takes its time, so that kills land in the middle of mails
        sink.judge = Moods()
        yield sink


@pytest.fixture
def broker():
    """A Redis of this test's own where the pass has one; the embedded one otherwise."""
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(Redis()) if os.environ.get("REDIS_URL") else None


@pytest.fixture
def site(sink, broker):
    variables = {
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "EMAIL_TIMEOUT": "0.5",
        "OUTBOX_LEASE_SECONDS": "10",
        "OUTBOX_BACKOFF_SECONDS": "0.5,1",
        "OUTBOX_UNCERTAIN_RESEND_SECONDS": "2",
        "DEMO": "1",
        "LOG_LEVEL": "WARNING",
    }
    if broker:
        variables["REDIS_URL"] = broker.url
    with Site(**variables) as site:
        yield site


def how_it_stands(site):
    return json.loads(site.manage("shell", "-v0", "-c", HOW_IT_STANDS))


def flush(site, broker):
    path = broker.socket if broker else site.data / "broker.sock"
    with contextlib.closing(client.Redis(unix_socket_path=str(path), socket_timeout=2)) as line:
        line.flushall()


def kill_broker(site, broker):
    if broker:
        broker.kill()
        broker.start()
    else:
        os.kill(site.pids()["broker"], signal.SIGKILL)


def kill_worker(site):
    """SIGKILL, and wait until the supervisor has started the next one."""
    victim = site.pids()["worker"]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: site.pids().get("worker", victim) != victim, seconds=15, what="another worker")


def kill_twenty_times(site, sink, broker):
    """At random moments: at first while promises are being flagged, then in the middle of mails."""
    for kill in range(1, KILLS + 1):
        wanted = sum(sink.asked.values()) + random.randint(1, 8)
        until = time.monotonic() + random.uniform(1.5, 5)
        while sum(sink.asked.values()) < wanted and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.08))
        kill_worker(site)
        if kill % 6 == 0:
            flush(site, broker)
        if kill == KILLS // 2:
            kill_broker(site, broker)


def test_two_hundred_reminders_while_workers_and_broker_die(site, sink, broker, capsys):
    site.manage("shell", "-v0", "-c", NEVER_QUIET)
    began = time.monotonic()
    assert site.manage("seed_demo", "--due-now", str(DUE)).strip() == f"{DUE} critical promises are due now."

    kill_twenty_times(site, sink, broker)
    killed_after = time.monotonic() - began
    found = {}

    def is_settled():
        time.sleep(1.5)
        found.update(how_it_stands(site))
        ours = [row for row in found["promises"] if Moods.part(row["what"])]
        return not found["unfinished"] and len(ours) == DUE and all(row["flags"] for row in found["promises"])

    with contextlib.suppress(TimeoutError):  # what is missing is counted below
        wait_for(is_settled, seconds=150, what="the end of all mail")
    settled_after = time.monotonic() - began

    due = [row for row in found["promises"] if Moods.part(row["what"])]
    emails = found["emails"]
    mail_of = {row["what"]: emails.get(str(row["email"])) for row in due}
    accepted = Counter(message_id for _to, message_id, _message in sink.taken)
    texts = {(message_id, message["Subject"]) for _to, message_id, message in sink.taken}
    lost = [what for what, mail in mail_of.items() if mail is None or not is_settled_well(mail, accepted)]
    unknown = {mail["message_id"] for mail in emails.values() if mail["uncertain"]}
    twice = [message_id for message_id, times in accepted.items() if times > 1 and message_id not in unknown]
    overdue = Counter(mail["subject"] for mail in emails.values() if mail["kind"] == "promises.overdue")
    wrongly_flagged = [row["what"] for row in found["promises"] if row["flags"] != 1]
    states = Counter(mail["state"] for mail in mail_of.values() if mail)
    hands = "PostgreSQL and Redis" if broker else "SQLite, embedded broker"
    with capsys.disabled():
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n{hands}: {len(due)} reminders, {KILLS} kills of "
            f"the worker, broker flushed {KILLS // 6} times and killed once: {dict(states)}; lost {len(lost)}, "
            f"not flagged exactly once {len(wrongly_flagged)} of {len(found['promises'])}, accepted twice without an "
            f"unknown outcome {len(twice)}, copies after one {sum(accepted.values()) - len(accepted)}, mails with an "
            f"unknown outcome {len(unknown)}, tries the kills cut off {found['cut_off']}; "
            f"killed {killed_after:.0f} s, settled after {settled_after:.0f} s"
        )

    assert len(due) == DUE
    assert wrongly_flagged == []
    assert lost == []
    assert twice == []
    assert max(accepted.values()) <= 2
    assert set(accepted) <= {mail["message_id"] for mail in emails.values()}
    assert len(texts) == len(accepted)  # a Message-ID never stands for two mails
    assert all(times == 1 for subject, times in overdue.items() if Moods.part(subject))
    assert found["promise_mails"] == sum(overdue.values()) == sum(row["critical"] for row in found["promises"])
    assert "Traceback" not in site.said, site.said[-4000:]


def is_settled_well(mail, accepted):
    """Taken by the server; or refused by it for good; or shown to people as uncertain."""
    if mail["state"] == "sent":
        return accepted[mail["message_id"]] >= 1
    if mail["state"] == "failed":
        return mail["code"] == 550 and Moods.is_refused(mail["subject"])
    return mail["state"] == "uncertain" and mail["uncertain"] == 2
