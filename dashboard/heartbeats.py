"""The worker and beat say that they live: a row each, written by the main process itself every few seconds."""

import logging
import time

from celery import signals
from django.db import connection
from django.utils import timezone

from outbox.models import Heartbeat

log = logging.getLogger(__name__)

EVERY = 10  # seconds; the status page calls 45 seconds of silence a broken part


class Pulse:
    """Writes a heartbeat at most every EVERY seconds and never fails its caller."""

    def __init__(self, name):
        self.name = name
        self.last = None

    def beat(self, **signal):
        if self.last is not None and time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        try:
            Heartbeat.beat(self.name, timezone.now())
        except Exception as problem:
            log.warning("The %s could not write its heartbeat: %s", self.name, problem)
        finally:
            connection.close()  # nothing open in a process that forks


worker, beat = Pulse("worker"), Pulse("beat")


def connect():
    signals.worker_ready.connect(worker.beat, weak=False)
    signals.worker_ready.connect(_catch_up, weak=False)
    signals.heartbeat_sent.connect(worker.beat, weak=False)
    # `before_task_publish` is sent in every process that publishes; we listen in beat alone.
    signals.beat_init.connect(_in_beat, weak=False)


def _catch_up(sender, **signal):
    """A worker that starts looks at once what is due; nobody knows how long there was none."""
    for task in ("dashboard.tasks.tick", "outbox.tasks.drain"):
        try:
            sender.app.send_task(task, expires=60, retry=False)
        except Exception as problem:
            log.warning("The worker could not ask for %s: %s", task, problem)


def _in_beat(**signal):
    beat.beat()
    signals.before_task_publish.connect(beat.beat, weak=False)
