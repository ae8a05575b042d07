"""Reading the mailboxes: the one mail comes back to, and the one of the personal addresses (often the same).

Whoever understands a mail registers a handler: `inbound.register(handler)`, `handler(mail, now) -> str`, what it did in
words, "" when the mail is none of its business. A mail somebody understood is marked as read, or moved to the folder
of the settings; the others stay as they are.

Each mail is looked at once: handling it and counting on to its number are one transaction. Killed between that and the
mark in the mailbox, the mark is made by the next run. A mailbox that cannot be read is said on the status page and
stops nothing else.
"""

import contextlib
import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from outbox import imap
from outbox.models import Heartbeat, Inbound, Inbox
from outbox.returned import NotYet
from outbox.words import one_line

log = logging.getLogger(__name__)

MOST = 500  # mails in one run
SECONDS = 40  # of one run
LOOK_BACK = timedelta(days=30)
MAILBOXES = ("MAIL_INBOX", "MAIL_IN_INBOX")
DATABASE_TROUBLE = (OperationalError, InterfaceError)


@dataclass(frozen=True)
class InboundMail:
    """A mail as it lies in the mailbox; of a very long one only the beginning."""  # see imap.MOST_BYTES, MOST_WHOLE

    raw: bytes
    key: str  # of its bytes: the same mail has the same, wherever it lies


_handlers = []


def register(handler):
    if handler not in _handlers:
        _handlers.append(handler)


@contextlib.contextmanager
def registered(*handlers):
    """For tests: only these exist inside the block."""
    before = list(_handlers)
    _handlers[:] = handlers
    try:
        yield
    finally:
        _handlers[:] = before


def configured(setting="MAIL_INBOX"):
    """The mailbox of that setting, or None. ValueError, in words, when it names none that could be read.

    Mails to personal addresses (`MAIL_IN`) are read whole, wherever they lie.
    """
    url = getattr(settings, setting)
    if not url:
        return None
    whole = bool(settings.MAIL_IN) and (setting == "MAIL_IN_INBOX" or not settings.MAIL_IN_INBOX)
    return imap.Address.of(url, setting=setting, whole=whole)


def read(now, *, limit_seconds=SECONDS, most=MOST):
    """Look at what is new in the mailboxes. Returns how many mails were handled; None when there is none to read.

    May run twice or beside itself; a mailbox in trouble keeps no other from being read. Raises only when the database
    is away.
    """
    handled, seen = None, set()
    for setting in MAILBOXES:
        try:
            address = configured(setting)
        except ValueError as problem:  # the system check and the status page say it too
            log.warning("%s", problem)
            continue
        if address is None or address.name in seen:
            continue
        seen.add(address.name)
        handled = (handled or 0) + _read_one(address, now, limit_seconds=limit_seconds, most=most)
    return handled


def _read_one(address, now, *, limit_seconds, most):
    inbox, _made = Inbox.objects.get_or_create(pk=address.name)
    until = time.monotonic() + limit_seconds
    try:
        with imap.Session(address) as session:
            handled, unfiled = _read(inbox, session, now=now, until=until, most=most)
    except DATABASE_TROUBLE:
        raise
    except imap.Trouble as trouble:
        return _note_trouble(inbox, str(trouble), now=now)
    except Exception as trouble:
        log.exception("The mailbox %s could not be read", address.name)
        return _note_trouble(inbox, f"{type(trouble).__name__}: {trouble}", now=now)
    since = (inbox.trouble_since or now) if unfiled else None
    Inbox.objects.filter(pk=inbox.pk).update(read_at=now, trouble=unfiled[:500], trouble_since=since)
    Heartbeat.beat("outbox.inbound", now, note=f"{handled} handled")
    return handled


def _read(inbox, session, *, now, until, most):
    """(how many were handled, what the server says to the marks it refuses)."""
    _same_mailbox(inbox, session)
    refusals = [_file(row, session, now=now) for row in _unfiled(inbox)[:most]]
    handled = 0
    for uid in session.newer_than(inbox.last_uid, since=now - LOOK_BACK)[:most]:
        if time.monotonic() > until:
            break
        raw = _fetch(inbox, uid, session)
        try:
            row = _handle(inbox, uid, raw, now=now)
        except NotYet:
            break  # it goes on from here in a minute
        if row is not None:
            handled += 1
            refusals.append(_file(row, session, now=now))
    return handled, next(filter(None, refusals), "")


def _unfiled(inbox):
    return inbox.handled.filter(filed_at=None, uidvalidity=inbox.uidvalidity)


def _fetch(inbox, uid, session):
    """The mail; None when it is gone, or refused in two runs: one mail never keeps the others from being read."""
    try:
        return session.fetch(uid)
    except imap.Refused as refused:
        words = _("Mail %(number)s in it cannot be read. %(words)s") % {"number": uid, "words": refused}
        if inbox.trouble == one_line(words, limit=500):
            return None
        raise imap.Trouble(words) from refused


def _same_mailbox(inbox, session):
    """A mailbox that was made anew numbers its mails anew."""
    if inbox.uidvalidity != session.uidvalidity:
        Inbox.objects.filter(pk=inbox.pk).update(uidvalidity=session.uidvalidity, last_uid=0)
    inbox.refresh_from_db()


@transaction.atomic
def _handle(inbox, uid, raw, *, now):
    """One mail: who understands it, kept together with how far the mailbox has been read. None: nobody does."""
    mine = Inbox.objects.filter(pk=inbox.pk, uidvalidity=inbox.uidvalidity, last_uid__lt=uid)
    if not mine.update(last_uid=uid) or raw is None:
        return None  # another worker was here first, or somebody has taken the mail away
    mail = InboundMail(raw, hashlib.sha256(raw).hexdigest())
    place = {"inbox": inbox, "uidvalidity": inbox.uidvalidity, "uid": uid}
    if known := Inbound.objects.filter(key=mail.key).first():
        Inbound.objects.filter(pk=known.pk).update(**place, filed_at=None)
        known.refresh_from_db()
        return known
    for handler in _handlers:
        if words := _ask(handler, mail, now):
            name = f"{handler.__module__}.{handler.__qualname__}"[:80]
            return Inbound.objects.create(key=mail.key, handler=name, words=one_line(words, limit=200), at=now, **place)
    return None


def _ask(handler, mail, now):
    try:
        with transaction.atomic():
            return handler(mail, now)
    except (NotYet, *DATABASE_TROUBLE):
        raise
    except Exception:
        log.exception("A mail in the mailbox could not be handled; it stays there")
        return ""


def _file(row, session, *, now):
    """Mark it in the mailbox; what the server says when it does not let us, and then the next run tries again."""
    try:
        session.file(row.uid)
    except imap.Refused as refused:
        return _("What was read there cannot be marked or moved. %(words)s") % {"words": refused}
    Inbound.objects.filter(pk=row.pk).update(filed_at=now)
    return ""


def _note_trouble(inbox, words, *, now):
    log.warning("The mailbox %s cannot be read: %s", inbox.pk, words)
    Inbox.objects.filter(pk=inbox.pk).update(
        trouble=one_line(words, limit=500), trouble_since=inbox.trouble_since or now
    )
    return 0
