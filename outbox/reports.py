"""Reading what a mail server sends back: did it come back, does it wait, who, why. Pure; never raises for garbage.

Most servers write RFC 3464; some only name the failed address in a header (Exim, older Gmail), and a few say it in
plain words. What is not understood for certain is no report: a person reads it then.
"""

import email
import logging
import re
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32

from outbox.words import one_line

log = logging.getLogger(__name__)

BOUNCED, DELAYED, DELIVERED, COMPLAINED = "bounced", "delayed", "delivered", "complained"
ACTIONS = {"failed": BOUNCED, "delayed": DELAYED, "delivered": DELIVERED}
MOST_TEXT = 100_000
MACHINES = {"mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "mail-delivery-subsystem"}

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \-](?:\D|[245]\.\d))")
_OUR_ID = re.compile(rb"<[0-9a-f]{32}@[^\s<>\"]{1,190}>")
_ANY_ID = re.compile(r"<[^\s<>]{3,198}>")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}\w")
_NOBODY = re.compile(
    r"user unknown|unknown (user|recipient|local)|no such (user|mailbox|recipient|person|address)|does ?n[o']t exist|"
    r"(mailbox|recipient|address|account)( is| was)? (not found|unavailable|disabled|inactive|unknown)|"
    r"(invalid|unknown) (recipient|address|mailbox)|no mailbox here|recipientnotfound",
    re.IGNORECASE,
)
_LATE = re.compile(r"delayed|still being retried|will retry|warning", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """What one report says of one recipient. Several ids and addresses: the mail is the one both belong to."""

    what: str
    message_ids: tuple
    recipients: tuple
    status: str = ""  # RFC 3463: 5.1.1
    words: str = ""

    @property
    def is_dead(self):
        return self.what == BOUNCED and is_dead(self.status, self.words)


def read(raw):
    """The reports in a mail, given as bytes; none for everything that is not certainly one."""
    try:
        return _read(email.message_from_bytes(raw, policy=compat32), raw)
    except Exception as trouble:
        # The parser was written for mail; what the world sends is not always that.
        log.info("A mail could not be read: %s", type(trouble).__name__)
        return []


def is_dead(status, words=""):
    """Will nothing sent to this address arrive? Not for a full mailbox, a mail too large, or a policy against us."""
    found = _STATUS.fullmatch(status or "")
    if not found:
        return bool(_NOBODY.search(words))
    family, subject, detail = found.groups()
    if family != "5":
        return False
    if subject == "1":
        return detail not in ("7", "8")  # these two speak of the sender's address
    if subject == "2":
        return detail in ("0", "1", "4")
    if subject in ("0", "4"):
        return True
    return bool(_NOBODY.search(words))


def status_in(words):
    """The RFC 3463 code in a server's words; "" when there is none."""
    found = _STATUS.search(words or "")
    return found.group() if found else ""


def reply_in(words):
    """The SMTP code in a server's words, or None."""
    found = _REPLY.search(words or "")
    return int(found.group()) if found else None


# -------------------------------------------------------------------- which kind of report is it?


def _read(mail, raw):
    parts = list(_parts(mail))
    about = str(mail.get_param("report-type", "") or "").lower()
    if about == "feedback-report" or any(part.get_content_type() == "message/feedback-report" for part in parts):
        return _complaint(parts, raw)
    if about == "disposition-notification":  # “your mail was read”
        return []
    for part in parts:
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            return _delivery_status(mail, part, parts, raw)
    return _in_plain_words(mail, parts, raw)


def _parts(mail, depth=0):
    """The parts of a mail without looking into mails it carries."""
    if mail.get_content_maintype() == "multipart" and mail.is_multipart() and depth < 8:
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)
    else:
        yield mail


def _delivery_status(mail, status, parts, raw):
    ids = _ids(mail, parts, raw)
    blocks = [block for block in status.get_payload() if isinstance(block, Message)] if status.is_multipart() else []
    if not blocks:
        blocks = [email.message_from_string(part, policy=compat32) for part in _text(status).split("\n\n")]
    found = [_of_block(block, mail, parts, ids) for block in blocks]
    return [report for report in found if report]


def _of_block(block, mail, parts, ids):
    if not (block["Final-Recipient"] or block["Original-Recipient"] or block["Action"]):
        return None
    said = _field(block, "Diagnostic-Code")
    status = _precise(_STATUS.search(_field(block, "Status")), said)
    action = re.split(r"[\s(;]", _field(block, "Action").lower().strip() or " ")[0]
    what = ACTIONS.get(action) if action else {"5": BOUNCED, "4": DELAYED, "2": DELIVERED}.get(status[:1])
    recipients = [_recipient(_field(block, name)) for name in ("Original-Recipient", "Final-Recipient")]
    recipients += _failed_recipients(mail)
    if what is None or not any(recipients):
        return None
    words = one_line(said.partition(";")[2] or said, limit=500) or _first_words(parts)
    return Report(what, ids, _unique(recipients), status, words)


def _precise(found, said):
    """The code; the more telling one of the server's own words where the report only says “permanent” (5.0.0)."""
    status = found.group() if found else ""
    inside = status_in(said)
    if inside and (not status or (status.endswith(".0.0") and inside[0] == status[0])):
        return inside
    return status


def _complaint(parts, raw):
    """RFC 5965: its reader called the mail spam. The address is often blacked out; the mail is known by its id."""
    fields = next((part for part in parts if part.get_content_type() == "message/feedback-report"), None)
    block = fields.get_payload()[0] if fields is not None and fields.is_multipart() else fields
    if block is None or _field(block, "Feedback-Type").strip().lower() != "abuse":
        return []
    inner = _returned(parts)
    recipients = [_recipient(value) for value in (block.get_all("Original-Rcpt-To") or [])]
    recipients += _ADDRESS.findall(_field(inner, "To").lower()) if inner else []
    return [Report(COMPLAINED, _ids(None, parts, raw), _unique(recipients))] if any(recipients) else []


def _in_plain_words(mail, parts, raw):
    """Without a machine-readable part: a header that names who failed, or a mailer's words that leave no doubt."""
    failed = _failed_recipients(mail)
    local = _field(mail, "From").lower().rpartition("<")[2].partition("@")[0].strip()
    is_machine = local in MACHINES
    if not failed and (not is_machine or _field(mail, "Auto-Submitted").lower().startswith("auto-replied")):
        return []
    text = "\n".join(_text(part) for part in parts if part.get_content_maintype() == "text")[:MOST_TEXT]
    status, reply = status_in(text), reply_in(text)
    if not status and reply:
        status = f"{str(reply)[0]}.0.0"
    late = bool(_LATE.search(_field(mail, "Subject"))) or status.startswith("4")
    if not status and not failed:
        return []
    what = DELAYED if late else BOUNCED
    recipients = failed or _unique(_ADDRESS.findall(text.lower())[:50])
    ids = _ids(mail if failed else None, parts, raw)
    return [Report(what, ids, _unique(recipients), status or "5.0.0", _words_around(text))] if recipients else []


# -------------------------------------------------------------------- what stands where


def _field(block, name):
    return str(block[name] or "") if block is not None else ""


def _recipient(value):
    """“rfc822; Rosa@x.example” → “rosa@x.example”."""
    address = value.rpartition(";")[2].strip().strip("<>").lower()
    return address if "@" in address else ""


def _failed_recipients(mail):
    return _unique(_ADDRESS.findall(_field(mail, "X-Failed-Recipients").lower()))


def _returned(parts):
    """The headers of the mail that came back, where the report carries them."""
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/global") and part.is_multipart():
            return part.get_payload()[0]
        if kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            text = "\n".join(str(p) for p in part.get_payload()) if part.is_multipart() else _text(part)
            return email.message_from_string(text.lstrip(), policy=compat32)
    return None


def _ids(mail, parts, raw):
    """Message-IDs this report may speak of, the likeliest first: in the returned mail, as an answer, anywhere."""
    found = _ANY_ID.findall(_field(_returned(parts), "Message-ID"))
    if mail is not None:
        found += _ANY_ID.findall(_field(mail, "In-Reply-To")) + _ANY_ID.findall(_field(mail, "References"))
        found += _ANY_ID.findall(_field(mail, "X-Original-Message-ID"))
    found += [one.decode("ascii", "replace") for one in _OUR_ID.findall(raw)]
    for part in parts:
        if part.get_content_maintype() == "text":
            found += [one.decode("ascii", "replace") for one in _OUR_ID.findall(_text(part).encode("utf-8", "replace"))]
    return _unique(found)[:30]


def _text(part):
    """The words of a part, whatever charset it claims."""
    payload = part.get_payload(decode=True)
    if payload is None:
        payload = str(part.get_payload()).encode("utf-8", "replace")
    try:
        return payload[:MOST_TEXT].decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return payload[:MOST_TEXT].decode("latin-1")


def _first_words(parts):
    text = next((_text(part) for part in parts if part.get_content_type() == "text/plain"), "")
    return _words_around(text)


def _words_around(text):
    """The line with the code, or the first ones."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = next((line for line in lines if _STATUS.search(line) or _REPLY.search(line)), None)
    return one_line(telling or " ".join(lines[:3]), limit=500)


def _unique(items):
    return tuple(dict.fromkeys(item for item in items if item))
