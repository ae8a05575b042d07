"""What the clock does by itself: flags what is overdue, breaks what is overdue for long, keeps what nobody answers."""

import logging
from datetime import timedelta

from django.db import transaction

from accounts.models import Workspace
from outbox.models import Heartbeat
from promises.models import NotActive, NotDelivered, Promise
from promises.reminders.at_once import found_too_late, late_at_once

log = logging.getLogger(__name__)

BATCH = 500
HOURLY = "promises.hourly"


def each(rows, act):
    """Do it for every row and count; one that fails is logged and never stops the others."""
    done = 0
    for row in rows:
        try:
            done += bool(act(row))
        except Exception:
            log.exception("%s failed for %s %s", act.__qualname__, type(row).__name__, row.pk)
    return done


def is_hourly(now):
    """Whether an hour has passed since the last time; what counts in working days need not be read each minute."""
    last = Heartbeat.objects.filter(pk=HOURLY).values_list("at", flat=True).first()
    return last is None or not last <= now < last + timedelta(hours=1)


def hourly_done(now):
    Heartbeat.beat(HOURLY, now)


def flag_overdue(now, workspace=None):
    """Announce every promise whose due moment has passed; the index `promise_to_flag` holds those still to flag.

    What is found so late that the clock breaks it (an old one, just imported) is broken here, and nobody is woken;
    what is found hours late, after the program stood still, is said by the digest, in one mail and not in many.
    """
    workspace = workspace or Workspace.current()

    @transaction.atomic
    def flag(promise):
        if not promise.flag_overdue(now=now):
            return False
        if break_when_long_overdue(promise, now, workspace) or not (promise.is_ours and is_critical(promise)):
            return True
        if not found_too_late(promise):
            late_at_once(promise, now)
        return True

    return each(Promise.objects.to_flag(now).with_calendars().order_by("due_at").iterator(chunk_size=BATCH), flag)


def is_critical(promise):
    return promise.importance == Promise.Importance.CRITICAL


def break_when_long_overdue(promise, now, workspace):
    return promise.breaks_by_itself(now, workspace) and _won(promise.break_, by=None, now=now, reason="")


def break_the_long_overdue(now, workspace):
    """Twice the time after which a promise counts as broken has passed: it is."""
    # Working days are never more than days, so this leaves out nothing that could break.
    since = now - timedelta(days=2 * workspace.broken_after_days)
    late = Promise.objects.overdue(since).with_calendars().iterator(chunk_size=BATCH)
    return each(late, lambda promise: break_when_long_overdue(promise, now, workspace))


def keep_the_unanswered(now, workspace):
    def keep(promise):
        return promise.silence_is_over(now, workspace) and _won(promise.keep_unconfirmed, now=now)

    waiting = Promise.objects.delivered().filter(delivered_at__lt=now - timedelta(days=workspace.silence_days))
    waiting = waiting.select_related("owner").prefetch_related("owner__absences")
    return each(waiting.iterator(chunk_size=BATCH), keep)


def _won(verb, **fields):
    """False when somebody was faster, which is fine."""
    try:
        verb(**fields)
    except (NotActive, NotDelivered):
        return False
    return True
