"""Workers killed while mail is due: real processes, a real mail server, a database in a file."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis as client
from celery import Celery
from django.db import connection

from tests.outbox.sink import DROP_AFTER_TAKING, DROP_WITHOUT_TAKING, Sink
from tests.services import Redis

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
MAILS, KILLS, WORKERS = 200, 20, 2


@pytest.fixture
def sink():
    with Sink() as sink:
        sink.pause = 0.03  # a server that takes its time, so that kills land in the middle of mails
        yield sink


@pytest.fixture
def environment(tmp_path, sink):
    """What the processes get: a database of their own, the sink, and times short enough for a test."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "EMBEDDED": "1",
        "DATA_DIR": str(tmp_path / "data"),
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "EMAIL_TIMEOUT": "0.5",
        "OUTBOX_LEASE_SECONDS": "10",
        "OUTBOX_BACKOFF_SECONDS": "0.5,1",
        "OUTBOX_UNCERTAIN_RESEND_SECONDS": "2",
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("REDIS_URL", None)
    if connection.vendor == "postgresql":
        parts = urlsplit(os.environ["DATABASE_URL"])
        environment["DATABASE_URL"] = urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))
    else:
        environment.pop("DATABASE_URL", None)
        manage(environment, "migrate", "-v0")
    return environment


def manage(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def worker(environment, log):
    """A process that drains: a dispatcher, or a Celery worker when there is a broker."""
    command = [sys.executable, "manage.py", "run_dispatcher", "--every", "0.2"]
    if "REDIS_URL" in environment:
        command = [sys.executable, "-m", "celery", "-A", "partnership_crm", "worker", "-c", "1", "-l", "ERROR"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)


@contextlib.contextmanager
def clock(url):
    """What beat does, once a second; yields the errors it met."""
    app, stop, errors = Celery(broker=url), threading.Event(), []
    app.conf.update(broker_transport_options={"socket_timeout": 5}, task_ignore_result=True)

    def tick():
        while not stop.wait(1):
            try:
                app.send_task("outbox.tasks.drain", expires=15, retry=False)
            except Exception as error:
                errors.append(error)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield errors
    finally:
        stop.set()
        thread.join()
        app.close()


def letters(environment):
    return json.loads(manage(environment, "letters"))


def wait_for(condition, *, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def plan(sink):
    """A quarter goes to clients; some are greylisted, some unknown, some connections break at the very end."""
    mails = []
    for n in range(MAILS):
        to = f"letter{n:03}@x.example"
        if n % 20 == 3:
            sink.always[to] = "550"
        elif n % 10 == 5:
            sink.answers[to] = ["451"]
        elif n % 20 == 7:
            sink.answers[to] = [DROP_AFTER_TAKING]
        elif n % 20 == 9:
            sink.answers[to] = [DROP_WITHOUT_TAKING]
        mails.append(("letters.client" if n % 4 == 1 else "letters.staff", to))
    return mails


def test_dispatchers_killed_twenty_times_lose_nothing_and_send_nothing_twice(environment, sink, tmp_path, capsys):
    kill_workers(environment, sink, tmp_path, capsys)


def test_celery_workers_killed_and_their_broker_flushed_lose_nothing(environment, sink, tmp_path, capsys):
    with Redis() as redis, clock(redis.url) as errors:
        environment["REDIS_URL"] = redis.url
        flush = client.Redis(unix_socket_path=str(redis.socket))
        kill_workers(environment, sink, tmp_path, capsys, each=lambda kills: kills % 7 or flush.flushall())
        flush.close()

    assert errors == []


def kill_workers(environment, sink, tmp_path, capsys, *, each=lambda kills: None):
    mails = plan(sink)
    (tmp_path / "mails.json").write_text(json.dumps(mails))
    manage(environment, "letters", "--queue", str(tmp_path / "mails.json"))

    with open(tmp_path / "log", "w+") as log:
        workers = [worker(environment, log) for _ in range(WORKERS)]
        kills = 0
        try:
            while kills < KILLS:
                heard = sum(sink.asked.values()) + random.randint(2, 7)
                wait_for(lambda heard=heard: sum(sink.asked.values()) >= heard, seconds=4)
                time.sleep(random.uniform(0, 0.06))
                victim = workers[kills % WORKERS]
                os.killpg(victim.pid, signal.SIGKILL)
                victim.wait()
                workers[kills % WORKERS] = worker(environment, log)
                kills += 1
                each(kills)
            wait_for(lambda: not letters(environment)["unfinished"], seconds=90)
        finally:
            for process in workers:
                process.terminate()
            ends = [process.wait(60) for process in workers]
        log.seek(0)
        said = log.read()

    rows = {row["to"]: row for row in letters(environment)["rows"]}
    accepted = Counter(sink.recipients)
    unknown = {to for to, row in rows.items() if row["times_uncertain"]}
    lost = [
        to
        for to, row in rows.items()
        if row["state"] not in ("sent", "failed", "uncertain")
        or (row["state"] == "sent" and not accepted[to])
        or (row["state"] == "failed" and sink.always.get(to) != "550")
    ]
    twice = [to for to, times in accepted.items() if times > 1 and to not in unknown]
    copies = sum(times - 1 for times in accepted.values())
    message_ids = {(to, message_id) for to, message_id, _ in sink.taken}
    states = Counter(row["state"] for row in rows.values())
    shown = [row for row in rows.values() if row["state"] == "uncertain"]
    hands = "Celery" if "REDIS_URL" in environment else "dispatchers"
    with capsys.disabled():
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n{connection.vendor}, {hands}: {MAILS} mails, {kills} kills, {dict(states)}; lost {len(lost)}, "
            f"accepted twice without an unknown outcome {len(twice)}, copies after one {copies}, "
            f"mails with an unknown outcome {len(unknown)}, tries the kills cut off "
            f"{sum(row['tries'].count('lost') for row in rows.values())}"
        )

    assert "Traceback" not in said, said[-3000:]
    assert (len(rows), kills, ends) == (MAILS, KILLS, [0] * WORKERS)
    assert lost == []
    assert twice == []
    assert len(message_ids) == len({to for to, _ in message_ids})
    assert all(rows[to]["message_id"] == message_id for to, message_id in message_ids)
    assert max(accepted.values()) <= 2
    assert all(row["kind"] == "letters.client" or row["times_uncertain"] == 2 for row in shown)
    assert sorted(to for to, row in rows.items() if row["state"] == "failed") == sorted(sink.always)
