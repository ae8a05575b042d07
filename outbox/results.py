"""What an answer of the server means for a mail, and how that is stored: only by the worker that holds the lease."""

import logging
import random
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from outbox import kinds, reports, returned
from outbox.models import Attempt, Email

log = logging.getLogger(__name__)

State, Outcome = Email.State, Attempt.Outcome
MAILBOX_FULL = {452, 552}  # these pass, but not in a minute
CRASHES = 10  # so many workers may stop while sending one mail before the mail is suspected
STRAY_STATES = {"lease_token": None, "lease_until": None}


def sent(email, reply, *, now):
    return settle(
        email, Outcome.SENT, reply.code, reply.words, now=now, state=State.SENT, sent_at=now, refused_since=None
    )


def cancelled(email, reason, *, now):
    return settle(email, Outcome.CANCELLED, None, reason, now=now, state=State.CANCELLED, attempts=F("attempts") - 1)


def failed(email, outcome, code, words, *, now):
    with transaction.atomic():
        stored = settle(email, outcome, code, words, now=now, trouble=True, state=State.FAILED)
        if stored and outcome == Outcome.REFUSED and reports.is_dead(reports.status_in(words), words):
            returned.address_died(email.to_email, words=words, now=now)
    return stored


def refused(email, trouble, *, now):
    """No. For good with a 5xx; with a 4xx, and when the mailbox is full, we try again for two days."""
    slow = trouble.code in MAILBOX_FULL
    if trouble.code >= 500 and not slow:
        return failed(email, Outcome.REFUSED, trouble.code, trouble.words, now=now)
    since = email.refused_since or now
    again = now + backoff(email.attempts + (2 if slow else 0))
    if again > since + timedelta(seconds=settings.OUTBOX_GIVE_UP_SECONDS):
        return failed(email, Outcome.REFUSED_FOR_NOW, trouble.code, trouble.words, now=now)
    return settle(
        email,
        Outcome.REFUSED_FOR_NOW,
        trouble.code,
        trouble.words,
        now=now,
        state=State.RETRY,
        next_try_at=again,
        refused_since=since,
    )


def unreachable(email, trouble, *, now):
    """The server is at fault, not the mail: no attempt is counted. It goes to the end of the line all the same, so
    that one mail which makes the server hang up never stands before the others."""
    breaks = email.tries.filter(outcome=Outcome.UNREACHABLE).count()
    state = State.RETRY if email.refused_since else State.QUEUED
    return settle(
        email,
        Outcome.UNREACHABLE,
        trouble.code,
        trouble.words,
        now=now,
        state=state,
        attempts=F("attempts") - 1,
        next_try_at=now + circuit_pause(breaks + 1),
    )


def uncertain(email, trouble, *, now, outcome=Outcome.UNCERTAIN):
    """It may have arrived. A reminder to one of us goes out once more later on; a client's mail waits for a person."""
    once_more = _is_for_staff(email) and email.times_uncertain == 0
    again = now + timedelta(seconds=settings.OUTBOX_UNCERTAIN_RESEND_SECONDS) if once_more else None
    return settle(
        email,
        outcome,
        trouble.code,
        trouble.words,
        now=now,
        trouble=not once_more,
        state=State.UNCERTAIN,
        next_try_at=again,
        times_uncertain=F("times_uncertain") + 1,
    )


def lost(email, *, now):
    """The worker stopped while it had this mail. Before the point of no return it goes back, after it is uncertain."""
    words = "The program stopped while this mail was going out."
    if email.handed_over_at:
        from outbox.transports import UnknownOutcome

        return uncertain(email, UnknownOutcome(words), now=now, outcome=Outcome.LOST)
    if email.tries.filter(outcome=Outcome.LOST).count() >= CRASHES:
        return failed(email, Outcome.LOST, None, words, now=now)
    return settle(email, Outcome.LOST, None, words, now=now, state=State.QUEUED, next_try_at=now)


def settle(email, outcome, code, words, *, now, state, trouble=False, **fields):
    """Store the end of a try, once, by whoever holds the lease. False when that is no longer this worker."""
    fields.setdefault("next_try_at", None)
    ends = {"last_code": code, "last_words": words, **STRAY_STATES}
    with transaction.atomic():
        mine = Email.objects.filter(pk=email.pk, state=State.SENDING, lease_token=email.lease_token)
        if not mine.update(state=state, **ends, **fields):
            return False
        Attempt.objects.filter(lease_token=email.lease_token).update(
            ended_at=now, outcome=outcome, code=code, words=words
        )
        if trouble:
            _tell(email, now=now)
    return True


def backoff(attempts):
    """How long to wait after that many tries: the list of the settings, its last entry for ever, ± 20 %."""
    steps = settings.OUTBOX_BACKOFF_SECONDS
    return timedelta(seconds=steps[min(max(attempts, 1), len(steps)) - 1] * random.uniform(0.8, 1.2))  # noqa: S311 -- jitter


def circuit_pause(failures):
    """How long a server that does not answer is left alone: from a quarter of the first back-off step to 5 minutes."""
    return timedelta(seconds=min(settings.OUTBOX_BACKOFF_SECONDS[0] / 4 * 2 ** min(failures - 1, 10), 300))


def lease_end():
    """By the database's clock, the only one all workers share."""
    return Now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def _is_for_staff(email):
    try:
        return kinds.get(email.kind).audience == kinds.STAFF
    except kinds.UnknownKind:
        return False


def _tell(email, *, now):
    """Tell the owner once. A fault in the telling never undoes the result."""
    if not Email.objects.filter(pk=email.pk, told_at=None).update(told_at=now):
        return
    try:
        with transaction.atomic():
            on_trouble = kinds.get(email.kind).on_trouble
            if on_trouble:
                on_trouble(Email.objects.get(pk=email.pk))
    except Exception:
        log.exception("Nobody could be told that mail %s did not go out.", email.pk)
