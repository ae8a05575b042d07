"""A nudge to a worker after commit, so that mail leaves now and not at the next beat. Losing one costs 15 seconds."""

import logging
import threading
import time

log = logging.getLogger(__name__)

QUIET_SECONDS = 15  # how long a broker that did not answer is left alone
STUCK_SECONDS = 5  # a nudge that takes longer counts as a broker that does not answer


class _Poker:
    """At most one thread at a time talks to the broker; the caller never waits for it.

    With a broker that swallows packets `.delay()` blocked its caller for longer than 45 seconds: hence the thread.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.busy_since = None
        self.again = False
        self.quiet_until = 0.0

    def poke(self):
        now = time.monotonic()
        with self.lock:
            if now < self.quiet_until:
                return
            if self.busy_since is not None:
                self.again = True
                if now - self.busy_since > STUCK_SECONDS:
                    self.quiet_until = now + QUIET_SECONDS
                return
            self.busy_since, self.again = now, False
        threading.Thread(target=self._run, name="outbox-poke", daemon=True).start()

    def _run(self):
        while True:
            try:
                _send()
            except Exception as error:
                log.info("The broker did not answer; mail waits for the next beat. %s", type(error).__name__)
                self._finish(quiet=True)
                return
            if self._finish():
                return

    def _finish(self, *, quiet=False):
        """True when nobody asked for another nudge in the meantime."""
        with self.lock:
            if quiet:
                self.quiet_until = time.monotonic() + QUIET_SECONDS
            elif self.again:
                self.again, self.busy_since = False, time.monotonic()
                return False
            self.busy_since = None
            return True


def _send():
    from outbox.tasks import drain

    app = drain.app
    options = {**(app.conf.broker_transport_options or {}), "socket_timeout": 1, "socket_connect_timeout": 1}
    with app.connection_for_write(connect_timeout=1, transport_options=options) as connection:
        drain.apply_async(connection=connection, retry=False, ignore_result=True, expires=60)


poke = _Poker().poke
