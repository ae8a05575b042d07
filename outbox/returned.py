"""What a report means for our mail: it came back, waits, arrived after all, or was called spam.

A report counts only for a mail of ours that was sent to the very address it speaks of; whoever makes one up would have
to know the mail's Message-ID. Every report counts once.
"""

import hashlib
import logging

from django.db import transaction
from django.utils.translation import gettext as _

from outbox import kinds, reports
from outbox.models import Email, Returned

log = logging.getLogger(__name__)

State, What = Email.State, Returned.What
UNKNOWN, KNOWN = "unknown", "known"


class NotYet(Exception):
    """The mail is being handed over at this moment: ask again in a minute."""


@transaction.atomic
def record(report, *, source, now, key=""):
    """Store a report once and do what follows. Returns what it said, KNOWN, or UNKNOWN when it is none of ours.

    `key` names the report itself; without one, the same word about the same sending is the same report.
    """
    email = _mail_of(report)
    if email is None:
        return UNKNOWN
    if email.state == State.SENDING:
        raise NotYet
    about = f"{email.pk}:{report.what}:{key or email.sent_at}"
    row, is_new = Returned.objects.get_or_create(
        key=hashlib.sha256(about.encode()).hexdigest(),
        defaults={
            "email": email,
            "what": report.what,
            "code": report.status[:12],
            "words": report.words,
            "source": source,
            "at": now,
        },
    )
    if not is_new:
        return KNOWN
    _FOLLOWS[report.what](email, report, now=now)
    return row.what


def address_died(address, *, words="", now):
    """Nothing sent to this address arrives: every room hears of it, and what waits for it does not go out."""
    for listener in kinds.bounce_listeners():
        _tell(listener, address.lower(), now)
    _waiting_for(address).cancel(_("Mail to %(address)s comes back: %(words)s") % {"address": address, "words": words})


def _mail_of(report):
    recipients = {address.lower() for address in report.recipients}
    found = Email.objects.select_for_update().filter(message_id__in=report.message_ids)
    return next((email for email in found if email.to_email.lower() in recipients), None)


def _bounced(email, report, *, now):
    code = reports.reply_in(report.words)
    words = report.words.removeprefix(f"{code}").lstrip(" -")  # the page says the code before the words
    words = words if report.status in words else f"{report.status} {words}".strip()
    back = Email.objects.filter(pk=email.pk, state__in=[State.SENT, State.UNCERTAIN, State.HELD])
    if not back.update(
        state=State.BOUNCED, next_try_at=None, last_code=code, last_words=words, told_at=now,
        dismissed_at=None, dismissed_by="",
    ):  # fmt: skip
        return  # it has been dealt with in another way: the report is kept, nothing follows
    email.refresh_from_db()
    kind = _kind_of(email)
    if kind and kind.on_bounce:
        _tell(kind.on_bounce, email, now)
    elif kind and kind.on_trouble:
        _tell(kind.on_trouble, email)
    if report.is_dead:
        address_died(email.to_email, words=report.words, now=now)


def _taken(email, report, *, now):
    """Somebody's server has it: one whose fate nobody knew was sent."""
    Email.objects.filter(pk=email.pk, state=State.UNCERTAIN).update(
        state=State.SENT, sent_at=now, next_try_at=None, dismissed_at=None, dismissed_by=""
    )


def _complained(email, report, *, now):
    kind = _kind_of(email)
    if kind is None or kind.audience != kinds.CLIENT:
        return
    if kind.unsubscribe:
        _tell(kind.unsubscribe, email, now)
    for listener in kinds.complaint_listeners():
        _tell(listener, email.to_email.lower(), now)
    _waiting_for(email.to_email).cancel(_("Asked us to stop."))


_FOLLOWS = {What.BOUNCED: _bounced, What.DELAYED: _taken, What.DELIVERED: _taken, What.COMPLAINED: _complained}


def _waiting_for(address):
    """Mail to a client's address that has not begun to go out; mail to one of us is another matter."""
    names = [kind.name for kind in kinds.known() if kind.audience == kinds.CLIENT]
    return Email.objects.waiting().filter(to_email__in={address, address.lower()}, kind__in=names)


def _kind_of(email):
    try:
        return kinds.get(email.kind)
    except kinds.UnknownKind:
        return None


def _tell(listener, *arguments):
    """A fault in the telling never undoes what was stored."""
    try:
        with transaction.atomic():
            listener(*arguments)
    except Exception:
        log.exception("%s could not be told of returned mail.", getattr(listener, "__qualname__", listener))
