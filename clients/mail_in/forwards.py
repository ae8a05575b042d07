"""The mail inside a forwarded one: carried as it was, or written out as Gmail, Outlook, Apple Mail and Thunderbird do.

Pure, but for the reading of dates in words.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import dateparser

from clients.mail_in.clean import html_to_text, one_line
from clients.mail_in.parts import ADDRESS, Mail, ids, pairs
from clients.mail_in.quotes import unquoted

LABELS = {
    "from": "from", "von": "from",
    "sent": "date", "date": "date", "gesendet": "date", "datum": "date", "gesendet am": "date",
    "to": "to", "an": "to",
    "cc": "cc", "kopie": "cc", "kopie (cc)": "cc",
    "subject": "subject", "betreff": "subject",
    "reply-to": "reply", "reply to": "reply", "antwort an": "reply", "organization": "reply", "organisation": "reply",
    "importance": "reply", "priorität": "reply", "attachments": "reply", "anlagen": "reply", "bcc": "reply",
}  # fmt: skip
MOST_LINES, MOST_BLOCK, MOST_FIELD = 3000, 120, 5000

_LABEL = re.compile(r"^[\s>]*\*{0,2}([A-Za-zäöüß() -]{2,14}?)\s*:\*{0,2}\s?(.*)$")
_MARK = re.compile(
    r"^[\s>]*(?:-{2,}\s*(?:forwarded message|original message|weitergeleitete nachricht|ursprüngliche nachricht|"
    r"originalnachricht|weitergeleitete e-mail)\s*-{2,}|(?:begin forwarded message|"
    r"anfang der weitergeleiteten (?:nachricht|e-mail))\s*:|_{20,})\s*$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"^\s*(?:(?:fwd?|wg|weitergeleitet|tr)\s*:\s*)+", re.IGNORECASE)
_MAILTO = re.compile(
    r"[<\[(]+(?:mailto:)?([^\s<>\[\]()]{1,254})[<>\[\]()](?:mailto:[^\s<>]{1,254}>?)?>?", re.IGNORECASE
)
_NOISE = re.compile(r"(?:\bUhr\b|\(.*?\)|\bCoordinated Universal Time\b)", re.IGNORECASE)
_ZONES = {"MEZ": "+0100", "MESZ": "+0200", "CET": "+0100", "CEST": "+0200", "BST": "+0100"}


@dataclass(frozen=True)
class Forwarded:
    """The mail somebody got, and what they wrote above it when they passed it on."""

    mail: Mail
    comment: str = ""


def find(mail, *, zone):
    """What was forwarded in this mail, or None. Dates in words lack a `zone`: it is that of whoever forwarded it."""
    for inner in mail.inside:
        if inner.sender[1]:
            files = [*inner.files, *mail.files]
            return Forwarded(replace(inner, files=files), mail.text.strip())
    return _written_out(mail, mail.text, zone) or (
        _written_out(mail, html_to_text(mail.html), zone) if mail.html else None
    )


def _written_out(mail, text, zone):
    lines = text.split("\n")[:MOST_LINES]
    for n, line in enumerate(lines):
        found = _LABEL.match(line[:MOST_FIELD])
        if not (found and found[1].strip().lower() in LABELS):
            continue
        fields, end = _block(lines, n)
        marked = any(_MARK.match(before) for before in lines[max(0, n - 3) : n])
        sender = _address(fields.get("from", ""))
        if sender and len(fields) >= 3 and ("date" in fields or (marked and "subject" in fields)):
            comment = "\n".join(line for line in lines[:n] if not _MARK.match(line)).strip()
            return Forwarded(_inner(mail, fields, sender, lines[end:], zone), comment)
    return None


def _block(lines, at):
    """The fields that begin at a line, and where they end."""
    fields, last, blanks = {}, "", 0
    end = min(len(lines), at + MOST_BLOCK)
    while at < end:
        line = lines[at][:MOST_FIELD]
        found = _LABEL.match(line)
        label = LABELS.get(found[1].strip().lower()) if found else None
        if label and label not in fields:
            fields[label], last, blanks = found[2].strip(" *\t"), label, 0
        elif not line.strip(" >\t"):
            # HTML programs put empty lines between the fields; after all of them the text begins.
            following = _LABEL.match(lines[at + 1]) if at + 1 < len(lines) else None
            following = LABELS.get(following[1].strip().lower()) if following else None
            if following is None or following in fields or blanks:
                break
            blanks += 1
        elif last in ("to", "cc", "subject", "from") and not label and not blanks and "@" in line + fields[last]:
            more = line.strip(" >\t")  # a long list goes on in the next line
            fields[last] = f"{fields[last]} {more}"[:MOST_FIELD]
        elif last and not fields[last] and not label:
            fields[last] = line.strip(" >*\t")  # its value stands below the label
        else:
            break
        at += 1
    return fields, at


def _inner(mail, fields, sender, rest, zone):
    text = unquoted("\n".join(rest).strip("\n")).strip()
    named = ids(mail.all("x-forwarded-message-id"))
    return Mail(
        message_id=named[0] if named else mail.message_id,
        sent_at=date(fields.get("date", ""), zone=zone, before=mail.sent_at),
        sender=sender,
        to=_addresses(fields.get("to", "")),
        cc=_addresses(fields.get("cc", "")),
        subject=one_line(fields.get("subject", "") or _SUBJECT.sub("", mail.subject), most=300),
        references=[one for one in mail.references if not named or one != named[0]],
        text=text,
        html=mail.html,
        headers={},
        files=mail.files,
        received_at=mail.received_at,
    )


def _addresses(value):
    """“Rosa [mailto:rosa@x.example]; Omar <omar@x.example<mailto:omar@x.example>>” and the like."""
    value = _MAILTO.sub(r"<\1>", value[:MOST_FIELD])
    found = {}
    for name, address in pairs(value):
        found.setdefault(address.strip("'\" ").lower(), one_line(name, most=200).strip("*,;'\" "))
    return [(name, address) for address, name in found.items() if ADDRESS.match(address) and len(address) <= 254]


def _address(value):
    return next(iter(_addresses(value)), None)


def date(words, *, zone, before=None):
    """A date as mail programs write it, in English or German; None when nobody can tell."""
    words = _NOISE.sub(" ", words[:100]).replace("\u202f", " ")
    for name, offset in _ZONES.items():
        words = re.sub(rf"\b{name}\b", offset, words)
    words = re.sub(r"\bum\b", " ", words)
    words = re.sub(r"^\s*\w{2,10}\.?,\s*", "", words)  # the day of the week
    words = re.sub(r"\s+", " ", words).strip(" *.")
    if not re.search(r"\d", words):
        return None
    order = "MDY" if re.search(r"\b[AP]M\b", words, re.IGNORECASE) and "/" in words else "DMY"
    try:
        moment = dateparser.parse(
            words,
            languages=["en", "de"],
            settings={
                "TIMEZONE": str(zone), "RETURN_AS_TIMEZONE_AWARE": True, "DATE_ORDER": order,
                "PARSERS": ["absolute-time"],
            },
        )  # fmt: skip
    except Exception:  # it was written for dates; what stands here is not always one
        return None
    if moment is None:
        return None
    moment = moment.astimezone(UTC)
    if not datetime(1990, 1, 1, tzinfo=UTC) <= moment:
        return None
    return min(moment, before) if before else moment
