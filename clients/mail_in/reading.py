"""A mail from the mailbox: whose it is, what it is, and where it belongs.

`handle` is registered with `outbox.inbound`. It answers in words what it did, "" for a mail that came to nobody's
personal address; such a mail stays in the mailbox. Nothing that came to one is lost: what cannot be read, or matched
for certain, lies in the tray of its owner. No mail is ever sent because of one that came.
"""

import hashlib
import logging

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import mail_address
from clients.mail_in import addresses, filing, forwards, matching, parts
from clients.mail_in.clean import one_line, plain
from clients.models import ReceivedMail
from outbox import imap, inbound
from outbox.models import Email
from outbox.returned import NotYet

log = logging.getLogger(__name__)

MOST_RAW = 100_000  # characters kept of a mail nobody can read


def register():
    """Called when the app starts."""
    inbound.register(handle)


def handle(mail, now):
    if not mail_address.is_on():
        return ""
    try:
        read = parts.read(mail.raw)
        owners = addresses.recipients(read)
    except Exception:  # the parser was written for mail; what the world sends is not always that
        log.info("A mail could not be read; it is kept as it came", exc_info=True)
        return _keep_unreadable(mail.raw, now)
    if not owners:
        return ""
    cut = len(mail.raw) >= imap.MOST_WHOLE
    return "; ".join(dict.fromkeys(_handle_for(owner, read, mail.raw, now, cut=cut) for owner in owners))


def _handle_for(user, mail, raw, now, *, cut):
    """For one of us, in their language: what is said of the mail is theirs to read."""
    with translation.override(user.language):
        try:
            with transaction.atomic():
                return _decide(user, mail, now, cut=cut)
        except inbound.DATABASE_TROUBLE:
            raise
        except OSError as trouble:  # files cannot be stored at the moment
            log.warning("An attachment could not be stored: %s", trouble)
            raise NotYet from trouble
        except Exception:
            log.exception("A mail could not be understood; it is kept as it came")
            return _keep_raw(user, raw, now)


def _decide(user, mail, now, *, cut):
    if Email.objects.filter(message_id=mail.message_id).exists():
        return "not kept: we sent it ourselves"
    if kind := addresses.automatic(mail):
        return f"not kept: {kind}"
    left_out = [_("It is larger than can be read; what stands at its end is missing.")] if cut else []
    if cut:
        mail.files = mail.files[:-1]
    ours, never = addresses.Ours(), addresses.Never(user)
    mine = mail_address.of_user(user)
    written_by_me = mail.sender[1] in mine
    outside = addresses.named([*mail.to, *mail.cc], without=[ours])
    found = None if written_by_me and outside else forwards.find(mail, zone=user.zone)
    told = {"user": user, "now": now, "left_out": left_out}
    if written_by_me and outside:
        return _keep_ours(mail, outside, never=never, **told)
    if found is not None and written_by_me:
        return _keep_forwarded(found, mine=mine, ours=ours, never=never, **told)
    if written_by_me:
        why = _("It names nobody but us, and no forwarded mail was found in it.")
        return _to_tray(mail, "ours", outside, why=why, **told)
    if mail.sender[1] in never:
        return "not kept: on the list"
    why = _("It was sent by %(address)s, which is not one of your addresses.")
    why %= {"address": mail.sender[1] or _("nobody")}
    return _to_tray(mail, "ours" if mail.sender[1] in ours else "theirs", outside, why=why, **told)


def _keep_ours(mail, outside, *, never, user, now, left_out, forwarded=False, note=""):
    """We wrote it: the clients are those it went to."""
    wanted = addresses.named(outside, without=[never])
    if outside and not wanted:
        return "not kept: on the list"
    main = [address for _name, address in wanted]
    return _keep(mail, "ours", wanted, main, [], user=user, now=now, left_out=left_out, forwarded=forwarded, note=note)


def _keep_forwarded(found, *, mine, ours, never, user, now, left_out):
    """Somebody else wrote it, and one of us passed it on; or it is a mail of our own, passed on later."""
    mail = found.mail
    told = {"user": user, "now": now, "left_out": left_out, "forwarded": True, "note": found.comment}
    outside = addresses.named([*mail.to, *mail.cc], without=[ours])
    if mail.sender[1] in mine or mail.sender[1] in ours:
        if outside:
            return _keep_ours(mail, outside, never=never, **told)
        return _to_tray(mail, "ours", outside, why=_("It names nobody but us."), **told)
    if mail.sender[1] in never:
        return "not kept: on the list"
    if addresses.automatic(mail):
        why = _("The forwarded mail was sent by a machine or to a mailing list.")
        return _to_tray(mail, "theirs", outside, why=why, **told)
    wanted = addresses.named(outside, without=[never])
    return _keep(mail, "theirs", wanted, [mail.sender[1]], [address for _name, address in wanted], **told)


def _keep(mail, direction, people, main, others, *, user, now, **fields):
    thread = matching.thread_of(mail)
    match = matching.match(main=main, others=others, thread_ids={thread, *mail.references}, user=user)
    why = ""
    if match.candidates:
        why = _("Several of your clients have the same address.")
    elif not match.clients:
        why = _("Nobody at a client you may write to has this address.")
    return _stored(mail, direction, people, thread, match, why, user=user, now=now, **fields)


def _to_tray(mail, direction, people, *, why, user, now, **fields):
    thread = matching.thread_of(mail)
    return _stored(mail, direction, people, thread, matching.Match(), why, user=user, now=now, **fields)


def _stored(mail, direction, people, thread, match, why, *, user, now, left_out, forwarded=False, note=""):
    row = filing.keep(
        mail,
        user=user,
        now=now,
        direction=direction,
        forwarded=forwarded,
        others=people,
        thread=thread,
        match=match,
        note=note,
        why=why,
        left_out=left_out,
    )
    if row is None:
        return "known already"
    return "filed" if row.state == ReceivedMail.State.FILED else "in the tray"


# -------------------------------------------------------------------- what cannot be read


def _keep_unreadable(raw, now):
    """Its owner's address stands in it somewhere; without one it stays in the mailbox."""
    text = raw[:MOST_RAW].decode("utf-8", "replace")
    head = parts.Mail("", None, ("", ""), [], [], "", [], "", "", {"to": [text]})
    owners = addresses.recipients(head)
    return "; ".join(_keep_raw(user, raw, now) for user in owners)


def _keep_raw(user, raw, now):
    text = plain(raw[:MOST_RAW].decode("utf-8", "replace"), most=MOST_RAW)
    subject = next((line[8:] for line in text.split("\n") if line.lower().startswith("subject:")), "")
    message_id = f"<{hashlib.sha256(raw).hexdigest()}@raw.invalid>"
    ReceivedMail.objects.get_or_create(
        message_id=message_id,
        user=user,
        defaults={
            "state": ReceivedMail.State.UNMATCHED,
            "why": _("It could not be read. What came is kept as it is."),
            "direction": "theirs",
            "from_address": "",
            "subject": one_line(subject, most=300),
            "sent_at": now,
            "text": text,
            "thread": message_id,
            "received_at": now,
        },
    )
    return "in the tray, unread"
