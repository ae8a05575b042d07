"""Sixty days of a firm in under a minute, beside its real worker and beat; prints what was said to whom, as JSON.

    CLOCK_FILE=… DATA_DIR=… REDIS_URL=… DJANGO_SETTINGS_MODULE=tests.faults.travelling python -m tests.faults.sixty_days

Twice a day the clock jumps on, people do what they do, and the worker and beat, where they run, are waited for. They
are stopped and started at random moments of the seed given: for a moment, for days, one or both, politely or not.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import django

from tests.faults import travelling

FIRST = date(2027, 3, 1)  # a Monday; the clocks of New York and London change on different Sundays of this month
DAYS = 60
PROMISES = 40
FATES = ("kept", "kept", "late", "moved", "never", "never")
PATIENCE = 60  # seconds for one tick, on a machine with much else to do
START = {
    "worker": ["worker", "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"],
    "beat": ["beat", "--pidfile=", "--schedule", str(Path(os.environ["DATA_DIR"]) / "beat-schedule")],
}


def moments():
    """08:00 and 14:00 in UTC, which is a digest hour in London and in New York; once on days off."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for hour in (8, 14) if day.weekday() < 5 else (14,):
            yield datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class Parts:
    """The worker and beat: real processes, each started and stopped as often as the plan says."""

    def __init__(self):
        self.running = {}

    def start(self):
        for name, command in START.items():
            if name not in self.running:
                line = [sys.executable, "-m", "celery", "-A", "tests.faults.travelling_app", "--quiet", *command]
                self.running[name] = subprocess.Popen(
                    [*line, "--loglevel", "ERROR"], stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
                )

    def stop(self, names, how):
        for name in names:
            if part := self.running.pop(name, None):
                part.send_signal(how)
                try:
                    part.wait(8)
                except subprocess.TimeoutExpired:
                    part.kill()
                    part.wait()

    @property
    def are_up(self):
        return len(self.running) == len(START)


def plan_of_stops(chance, count):
    """By step: (which, how, for how many steps, seconds after the clock moved)."""
    lengths = [0, 0, 1, 3, 5, 7, 14]
    chance.shuffle(lengths)
    stops, step = {}, chance.randint(3, 6)
    for steps in lengths:
        which = chance.choice([["worker"], ["beat"], ["worker", "beat"]])
        how = chance.choice([signal.SIGKILL, signal.SIGTERM])
        stops[step] = (which, how, steps, chance.uniform(0, 0.4))
        step += steps + chance.randint(4, 8)
    assert step < count
    return stops


class Firm:
    """Its people, its promises, and what is done about them when."""

    def __init__(self, chance):
        from accounts.models import Absence
        from tests.make import make_client, make_manager, make_user

        self.chance = chance
        self.tom = make_user(name="Tom Okafor", email="tom@firm.example")
        self.priya = make_user(name="Priya Raman", email="priya@firm.example", deputy=self.tom)
        self.ana = make_user(name="Ana Lopez", email="ana@firm.example", time_zone="America/New_York")
        make_manager(name="Martin Cole", email="martin@firm.example")
        away = FIRST + timedelta(days=21)
        Absence.objects.create(user=self.priya, starts_on=away, ends_on=away + timedelta(days=6))
        self.client = make_client(owner=self.tom, name="Tidewell Water")
        self.fates, self.acts = {}, []
        for number in range(PROMISES):
            self.promise(number)
        self.acts.sort(key=lambda act: act[0])

    def promise(self, number):
        from tests.make import make_promise

        fate = FATES[number % len(FATES)]
        start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
        due_at = start + timedelta(days=self.chance.randint(4, 50), hours=self.chance.choice([11, 16]), minutes=30)
        promise = make_promise(
            client=self.client, owner=self.chance.choice([self.tom, self.tom, self.priya, self.ana]),
            what=f"Part {number:02}.", due_at=due_at, now=start, made_at=start - timedelta(days=12),
            importance=self.chance.choice(["critical", "normal", "normal"]),
            ours=fate == "moved" or self.chance.random() < 0.85,
        )  # fmt: skip
        self.fates[promise.pk] = fate
        if fate in ("kept", "moved"):
            self.acts.append((due_at - timedelta(hours=self.chance.choice([3, 27, 75])), promise.pk, fate))
        elif fate == "late":
            self.acts.append((due_at + timedelta(days=self.chance.randint(1, 9)), promise.pk, fate))

    def do_until(self, now):
        from promises.models import Promise
        from promises.models.promise import Terms

        while self.acts and self.acts[0][0] <= now:
            _at, pk, what = self.acts.pop(0)
            promise = Promise.objects.get(pk=pk)
            if what == "moved" and promise.due_at > now:
                day = promise.due_date + timedelta(days=9)
                terms = Terms(day, promise.due_time, promise.due_zone)
                promise.move(by=promise.owner, terms=terms, reason="priorities", now=now, how="call")
                self.acts.append((promise.due_at - timedelta(hours=27), pk, "kept"))
                self.acts.sort(key=lambda act: act[0])
            else:
                promise.keep(by=promise.owner, now=now, reason="forgot")


def is_settled(moment):
    """A tick that knew this moment, or a later one, has ended, and nothing waits to be sent."""
    from outbox.models import Email, Heartbeat

    ticked = Heartbeat.objects.filter(pk="tick", at__gte=moment).exists()
    return ticked and not Email.objects.filter(state__in=["queued", "sending", "retry"]).exists()


def wait_until_settled(moment):
    deadline = time.monotonic() + PATIENCE
    while not is_settled(moment):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nothing was planned or sent at {moment}.")
        time.sleep(0.02)


def live(firm, chance, parts):
    """All sixty days. Gives each moment with how the program was then: up, stopped in between, or down."""
    steps = list(moments())
    stops = plan_of_stops(chance, len(steps))
    lived, down_until = [], -1
    for number, moment in enumerate(steps):
        if number > down_until:
            parts.start()
        travelling.move_to(moment)
        firm.do_until(moment)
        state = "up" if parts.are_up else "down"
        if number in stops:
            which, how, length, delay = stops[number]
            time.sleep(delay)
            parts.stop(which, how)
            state, down_until = "partly", number + length - 1
            if not length:
                parts.start()
        if parts.are_up:
            wait_until_settled(moment)
            state = "up"
        lived.append((moment.isoformat(), state))
    return lived


def found(firm, lived):
    from outbox import mailbox
    from outbox.models import Email
    from promises.models import DigestMail, Promise, PromiseEvent, Reminder

    sent = [mailbox.read(name).parsed for name in mailbox.names()]
    return {
        "lived": lived,
        "promises": [
            {
                "pk": p.pk, "what": p.what, "fate": firm.fates[p.pk], "state": p.state, "owner": p.owner.name,
                "due": p.due_at.isoformat(), "critical": p.importance == "critical", "ours": p.is_ours,
                "done": p.done_at and p.done_at.isoformat(),
            }
            for p in Promise.objects.select_related("owner")
        ],
        "events": [
            [e.promise_id, e.kind, e.at.isoformat(), e.data.get("due", "")] for e in PromiseEvent.objects.all()
        ],
        "words": [
            [r.promise_id, r.rule, r.to and r.to.name, r.about_at.isoformat(), r.said_at.isoformat(), r.email_id]
            for r in Reminder.objects.select_related("to")
        ],
        "digests": [
            [d.user.name, d.date.isoformat(), d.email_id] for d in DigestMail.objects.select_related("user")
        ],
        "emails": {
            row.pk: {
                "kind": row.kind, "state": row.state, "to": row.to_name, "id": row.message_id,
                "at": row.created_at.isoformat(), "sent": row.sent_at and row.sent_at.isoformat(),
                "uncertain": row.times_uncertain, "words": row.last_words,
            }
            for row in Email.objects.all()
        },
        "sent": [[mail["Message-ID"], mail.get_body(("plain",)).get_content()] for mail in sent],
    }  # fmt: skip


def main(seed):
    chance = random.Random(seed)
    travelling.move_to(datetime(FIRST.year, FIRST.month, FIRST.day, 0, 30, tzinfo=UTC))
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    firm, parts = Firm(chance), Parts()
    try:
        lived = live(firm, chance, parts)
    finally:
        parts.stop(list(parts.running), signal.SIGTERM)
    json.dump(found(firm, lived), sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
