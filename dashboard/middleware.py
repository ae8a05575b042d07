"""The web plans too, at most once a minute, when beat has been silent: reminders do not depend on one process."""

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connections
from django.utils import timezone

from dashboard import planners
from outbox.models import Heartbeat

log = logging.getLogger(__name__)

SILENT = timedelta(seconds=150)  # beat plans every minute


class TickMiddleware:
    """Costs a page a comparison of two numbers; the rest happens in a thread of its own and never fails a page."""

    def __init__(self, get_response):
        if not settings.WEB_TICK_SECONDS:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.lock = threading.Lock()
        self.next_look = time.monotonic() + settings.WEB_TICK_SECONDS

    def __call__(self, request):
        response = self.get_response(request)
        if time.monotonic() >= self.next_look and self.lock.acquire(blocking=False):
            self.next_look = time.monotonic() + settings.WEB_TICK_SECONDS
            threading.Thread(target=self._look, name="web-tick", daemon=True).start()
        return response

    def _look(self):
        try:
            tick_if_silent(timezone.now())
        except Exception:
            log.exception("The web could not plan what is due")
        finally:
            connections.close_all()
            self.lock.release()


def tick_if_silent(now):
    """Plan when nobody did for a while. Returns whether it planned."""
    if Heartbeat.objects.filter(name="tick", at__gte=now - SILENT).exists():
        return False
    log.warning("Nothing was planned for a while: is beat running? The web plans instead.")
    planners.run(now)
    return True
