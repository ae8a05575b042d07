"""Sends mail without any broker: drains the outbox again and again until it is told to stop."""

import logging
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from outbox.delivery import drain

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send what is due in the outbox, without a broker. Stops cleanly at SIGTERM or Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="drain once and stop")
        parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="pause between two drains (2)")

    def handle(self, *, once, every, **options):
        stop = threading.Event()
        before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not stop.is_set():
                self._drain(stop)
                if once:
                    break
                stop.wait(every)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

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
