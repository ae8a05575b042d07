"""Sends mail without any broker: drains the outbox again and again until it is told to stop."""

import logging
import signal
import threading
import time

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from outbox import inbound
from outbox.delivery import drain

log = logging.getLogger(__name__)

READ_EVERY = 60  # seconds between two looks into the mailbox


class Command(BaseCommand):
    help = "Send what is due in the outbox and read the mailbox, without a broker. Stops cleanly at SIGTERM or Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="drain once and stop")
        parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="pause between two drains (2)")

    def handle(self, *, once, every, **options):
        stop = threading.Event()
        before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
        next_look = 0.0
        try:
            while not stop.is_set():
                self._drain(stop)
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + READ_EVERY
                    self._look()
                if once:
                    break
                stop.wait(every)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _look(self):
        try:
            inbound.read(timezone.now())
        except (OperationalError, InterfaceError) as error:
            log.warning("The database is away: %s", error)
            connection.close()

    def _drain(self, stop):
        try:
            close_old_connections()
            counts = drain(stop=stop.is_set)
        except (OperationalError, InterfaceError) as error:
            log.warning("The database is away: %s", error)
            connection.close()
            return
        if counts:
            self.stdout.write(", ".join(f"{number} {what}" for what, number in sorted(counts.items())))
