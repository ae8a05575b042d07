"""Draining the outbox: safe to run twice, at once, late, or to be killed at any moment.

A mail is claimed by a conditional update with a lease, committed before any SMTP. The moment before the end of DATA
is stored and committed too, and only by the holder of the lease: whoever finds a lease run out knows whether the mail
can have been taken. The result is stored before QUIT and before the next mail.
"""

import logging
import os
import socket
import time
import uuid
from collections import Counter
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from outbox import kinds, links, results
from outbox.compose import compose
from outbox.models import Attempt, Circuit, Email, Heartbeat
from outbox.smtp import longest_try_seconds
from outbox.transports import LeaseLost, Refused, UnknownOutcome, Unreachable, transport

log = logging.getLogger(__name__)
State = Email.State
DATABASE_TROUBLE = (OperationalError, InterfaceError)
INSIST_SECONDS = (0.2, 1, 3, 5)


def drain(*, limit_seconds=50, stop=lambda: False):
    """Send what is due until nothing is left, `limit_seconds` are over, or the server does not answer.

    Returns how many ended which way. Never raises for a single mail; raises when the database is away.
    """
    until = time.monotonic() + limit_seconds
    counts = Counter()
    recover_lost(counts)
    drop_the_late()
    way_out = transport()
    try:
        while time.monotonic() < until and not stop():
            now = timezone.now()
            if not Email.objects.due(now).exists() or not _is_ready(way_out, now=now):
                break
            email = claim(now=now)
            if email is None:
                break
            counts[deliver(email, way_out)] += 1
    finally:
        way_out.close()
    Heartbeat.beat("outbox.drain", timezone.now(), note=", ".join(f"{n} {what}" for what, n in counts.items()))
    return counts


def claim(*, now):
    """Take the next due mail for this worker, or None. Two workers never get the same one."""
    skip = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
    with transaction.atomic():
        for urgent in (True, False):
            due = Email.objects.due(now).filter(urgent=urgent).order_by("next_try_at", "pk")
            email = due.select_for_update(**skip).first()
            if email is not None:
                return _lease(email, now=now)
    return None


def deliver(email, way_out):
    """One try at one claimed mail. Returns how it ended, as a word for the counts."""
    try:
        return _deliver(email, way_out)
    except DATABASE_TROUBLE:
        way_out.drop()
        raise  # the lease runs out by itself, and with it the claim
    except LeaseLost:
        log.warning("Mail %s was taken over by another worker; this one stored nothing.", email.pk)
        return "taken over"
    except Exception as error:
        way_out.drop()
        log.exception("Mail %s of the kind %s could not be sent.", email.pk, email.kind)
        words = str(error) if isinstance(error, ValueError | LookupError) else f"{type(error).__name__}: {error}"
        return _word(results.failed(email, Attempt.Outcome.ERROR, None, words[:1000], now=timezone.now()), "failed")


def recover_lost(counts=None):
    """Give back, or mark as uncertain, what workers had in hand when they stopped."""
    for email in Email.objects.lost().filter(state=State.SENDING)[:1000]:
        if results.lost(email, now=timezone.now()) and counts is not None:
            counts["recovered"] += 1


def drop_the_late():
    """What is past its time does not go out any more; whoever planned it says it another way."""
    now = timezone.now()
    Email.objects.due(now).filter(expires_at__lte=now).update(
        state=State.CANCELLED, next_try_at=None, last_words="It would have arrived too late."
    )


def _deliver(email, way_out):
    now = timezone.now()
    reason = _why_not(email, now=now)
    if reason:
        return _word(results.cancelled(email, reason, now=now), "cancelled")
    mail = compose(email)
    try:
        reply = _send(email, mail, way_out)
    except Refused as trouble:
        stored = _insist(results.refused, email, trouble)
        _note_answer(way_out)
        return _word(stored, "refused")
    except UnknownOutcome as trouble:
        return _word(_insist(results.uncertain, email, trouble), "uncertain")
    except Unreachable as trouble:
        stored = _insist(results.unreachable, email, trouble)
        _open_circuit(way_out, trouble)
        return _word(stored, "put back")
    stored = _insist(results.sent, email, reply)
    _note_answer(way_out)
    return _word(stored, "sent")


def _insist(store, email, answer):
    """Store what the server said even when the database is away for some seconds: it cannot be asked again."""
    for pause in INSIST_SECONDS:
        try:
            return store(email, answer, now=timezone.now())
        except DATABASE_TROUBLE:
            log.warning("The result of mail %s could not be stored yet.", email.pk)
            connection.close()
            time.sleep(pause)
    return store(email, answer, now=timezone.now())


def _note_answer(way_out):
    """A server that answers, whatever it says, is well."""
    way_out.answered += 1
    if way_out.answered == 1:
        Circuit.works(way_out.server)


def _send(email, mail, way_out):
    """Through the open session; once more through a fresh one when a session that worked before has gone stale."""
    was_used = way_out.answered > 0
    try:
        return way_out.send(mail, before_handover=lambda: _point_of_no_return(email))
    except Unreachable:
        if not was_used:
            raise
    way_out.open()
    return way_out.send(mail, before_handover=lambda: _point_of_no_return(email))


def _point_of_no_return(email):
    """Committed right before the end of DATA. Without the lease nothing is handed over."""
    mine = Email.objects.filter(pk=email.pk, state=State.SENDING, lease_token=email.lease_token)
    if not mine.update(handed_over_at=timezone.now()):
        raise LeaseLost


def _why_not(email, *, now):
    if email.is_too_late(now):
        return "It would have arrived too late."
    return kinds.get(email.kind).still_wanted(email, now)


def _lease(email, *, now):
    token = uuid.uuid4()
    changes = {"state": State.SENDING, "next_try_at": None, "handed_over_at": None}
    if not links.is_known(email.link_key):  # its key was withdrawn: the link it would carry is dead
        key = links.newest_key_id()
        changes |= {"link_key": key, "link_sha256": links.fingerprint(links.make(email.uuid, key))}
    claimed = Email.objects.due(now).filter(pk=email.pk, state=email.state)
    if not claimed.update(lease_token=token, lease_until=results.lease_end(), attempts=F("attempts") + 1, **changes):
        return None
    Attempt.objects.create(email=email, lease_token=token, started_at=now, worker=_worker())
    email.refresh_from_db()
    return email


def _is_ready(way_out, *, now):
    """An open session, or a new one when the server is worth trying."""
    if way_out.is_open:
        return True
    if not Circuit.may_try(way_out.server, now=now, trial=timedelta(seconds=longest_try_seconds())):
        return False
    try:
        way_out.open()
    except Unreachable as trouble:
        _open_circuit(way_out, trouble)
        return False
    return True


def _open_circuit(way_out, trouble):
    log.warning("The mail server %s cannot be used: %s", way_out.server, trouble.words)
    Circuit.broke(
        way_out.server, now=timezone.now(), pause=results.circuit_pause, code=trouble.code, words=trouble.words
    )


def _word(stored, word):
    return word if stored else "taken over"


def _worker():
    return f"{socket.gethostname()}:{os.getpid()}"[:120]
