"""What mail providers report over HTTP: whether it is really them, and their words as reports of ours.

`FORMATS` has one reader for each: `read(headers, body, now) -> [(report, key)]`. NotTheirs when the signature is
wrong, Unreadable when the body is; both say why in words.
"""

import hashlib
import hmac
import json
import re
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache

from outbox import reports
from outbox.reports import BOUNCED, COMPLAINED, DELAYED, DELIVERED, Report
from outbox.words import one_line

MOST_BYTES = 256 * 1024
MOST_EVENTS = 1000
REPLAY = timedelta(minutes=5)
MAILGUN_REPLAY = timedelta(hours=24)  # they try for hours to hand a report over
EVENTS = (BOUNCED, DELAYED, DELIVERED, COMPLAINED)


class NotTheirs(Exception):
    """Nobody who knows the secret signed this, or too long ago."""


class Unreadable(ValueError):
    """Signed, but not what the documentation says."""


def sign(body, *, at):
    """The header `X-Signature` for a body: what a sender has to do, in two lines."""
    digest = _hmac(f"{int(at.timestamp())}.".encode() + body)
    return f"t={int(at.timestamp())},v1={digest}"


# -------------------------------------------------------------------- our own format


def read_plain(headers, body, now):
    """`{"event": "bounced", "message_id": "<…>", "recipient": "rosa@…", "code": "5.1.1", "words": "…"}`, or a list."""
    found = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", headers.get("X-Signature", ""))
    if not found:
        raise NotTheirs("There is no X-Signature header of the form t=SECONDS,v1=HEX.")
    _check_time(int(found[1]), now, REPLAY)
    _check(_hmac(f"{found[1]}.".encode() + body), found[2])
    events = _json(body)
    events = events if isinstance(events, list) else [events]
    if len(events) > MOST_EVENTS:
        raise Unreadable(f"At most {MOST_EVENTS} events at once.")
    return [_plain(event) for event in events]


def _plain(event):
    if not isinstance(event, dict):
        raise Unreadable("An event is an object.")
    what = _word(event, "event", required=True)
    if what not in EVENTS:
        raise Unreadable(f"“event” is one of {', '.join(EVENTS)}.")
    code = _word(event, "code")
    if code and not re.fullmatch(r"[245](\.\d{1,3}){2}|[45]\d\d", code):
        raise Unreadable("“code” is like 5.1.1 or 550.")
    words = _word(event, "words")
    message_id = _in_brackets(_word(event, "message_id", required=True))
    report = Report(what, (message_id,), (_word(event, "recipient", required=True).lower(),), *_code(code, words))
    return report, _word(event, "id")


# -------------------------------------------------------------------- Mailgun


def read_mailgun(headers, body, now):
    """Their webhooks: HMAC-SHA256 of timestamp and token with the “HTTP webhook signing key”, which is our secret."""
    said = _json(body)
    try:
        signature, event = said["signature"], said["event-data"]
        timestamp, token = str(signature["timestamp"]), str(signature["token"])
        theirs = str(signature["signature"])
        what = _mailgun_event(event)
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("This is not what Mailgun sends: “signature” and “event-data” are needed.") from None
    if not re.fullmatch(r"\d{1,12}", timestamp) or not re.fullmatch(r"[0-9A-Za-z]{1,100}", token):
        raise NotTheirs("The signature is not of Mailgun’s form.")
    _check_time(int(timestamp), now, MAILGUN_REPLAY)
    _check(_hmac(f"{timestamp}{token}".encode()), theirs)
    # What they sign does not cover the event, so one signature stands for one event.
    about = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
    name = f"outbox-hook-{hashlib.sha256(token.encode()).hexdigest()}"
    if not cache.add(name, about, MAILGUN_REPLAY.total_seconds()) and cache.get(name) not in (about, None):
        raise NotTheirs("This signature was used for another event.")
    return [what] if what else []


def _mailgun_event(event):
    what = {"delivered": DELIVERED, "complained": COMPLAINED}.get(event["event"])
    if event["event"] == "failed":
        what = DELAYED if event.get("severity") == "temporary" else BOUNCED
    if what is None:
        return None
    status = event.get("delivery-status") or {}
    words = one_line(status.get("message") or status.get("description"), limit=500)
    code = str(status.get("enhanced-code") or status.get("code") or "")
    headers = (event.get("message") or {}).get("headers") or {}
    message_id = _in_brackets(one_line(headers["message-id"], limit=200))
    recipient = one_line(event["recipient"], limit=254).lower()
    return Report(what, (message_id,), (recipient,), *_code(code, words)), one_line(event.get("id"), limit=200)


FORMATS = {"": read_plain, "mailgun": read_mailgun}


# -------------------------------------------------------------------- what both need


def _code(code, words):
    """(status, words): 550 becomes what the words say more precisely, else 5.0.0."""
    inside = reports.status_in(words)
    if "." in code:
        return (inside if code.endswith(".0.0") and inside else code), words
    if code[:1] in ("4", "5"):
        nobody = "5.1.1" if reports.is_dead("", words) else "5.3.0"
        return inside or ("4.0.0" if code[0] == "4" else nobody), f"{code} {words}".strip()
    return inside, words


def _word(event, name, *, required=False):
    value = event.get(name, "")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Unreadable(f"“{name}” is text.")
    value = one_line(value, limit=500)
    if required and not value:
        raise Unreadable(f"“{name}” is missing.")
    return value


def _in_brackets(message_id):
    return f"<{message_id.strip().strip('<>')}>"


def _json(body):
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None


def _hmac(message):
    return hmac.new(settings.MAIL_HOOK_SECRET.encode(), message, hashlib.sha256).hexdigest()


def _check(ours, theirs):
    if not hmac.compare_digest(ours.encode(), theirs.encode()):
        raise NotTheirs("The signature is not right.")


def _check_time(seconds, now, limit):
    if abs(now.timestamp() - seconds) > limit.total_seconds():
        raise NotTheirs("The signature is too old, or the clocks differ.")
