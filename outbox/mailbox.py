"""A mail backend for development and demos: every mail is a file, and a page shows them."""

import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

_NAME = re.compile(r"\A\d{20}-[0-9a-f]{8}\Z")
SEARCHED = 1000  # a search looks at that many of the newest mails


class MailboxBackend(BaseEmailBackend):
    """Writes each mail to a file of its own, complete or not at all."""

    def send_messages(self, email_messages):
        folder().mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            _keep(message.message())
        return len(email_messages)


def folder():
    return Path(settings.MAILBOX_DIR)


def _keep(message):
    name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
    unfinished = folder() / f".{name}.part"
    unfinished.write_bytes(message.as_bytes(linesep="\r\n"))
    unfinished.rename(folder() / f"{name}.eml")


def names():
    """The ids of all mails, newest first."""
    if not folder().is_dir():
        return []
    return sorted((path.stem for path in folder().glob("*.eml") if _NAME.match(path.stem)), reverse=True)


def clear():
    for name in names():
        (folder() / f"{name}.eml").unlink(missing_ok=True)


@dataclass(frozen=True)
class Mail:
    """One mail as it was sent, read from its file."""

    name: str
    raw: bytes

    @property
    def parsed(self):
        return BytesParser(policy=policy.default).parsebytes(self.raw)

    def shown(self):
        """What the pages show, read once."""
        parsed = self.parsed
        text, html = _part(parsed, "plain"), _part(parsed, "html")
        return {
            "name": self.name,
            "at": datetime.fromtimestamp(int(self.name[:20]) / 1e9, UTC),
            "subject": str(parsed["subject"] or ""),
            "to": str(parsed["to"] or ""),
            "to_name": _who(parsed["to"]),
            "from": str(parsed["from"] or ""),
            "from_name": _who(parsed["from"]),
            "text": text,
            "html": html,
            "preview": " ".join(text.split())[:160],
            "headers": [(name, str(value)) for name, value in parsed.items()],
        }


def read(name):
    """The mail of that id, or None."""
    if not _NAME.match(name):
        return None
    try:
        return Mail(name, (folder() / f"{name}.eml").read_bytes())
    except FileNotFoundError:
        return None


def search(words):
    """The ids of the newest mails in whose sender, recipient, subject or text all the words occur."""
    wanted = words.casefold().split()
    found = []
    for name in names()[:SEARCHED]:
        mail = read(name)
        if mail is None:
            continue
        shown = mail.shown()
        text = " ".join((shown["subject"], shown["to"], shown["from"], shown["text"])).casefold()
        if all(word in text for word in wanted):
            found.append(name)
    return found


def _part(parsed, subtype):
    part = parsed.get_body(preferencelist=(subtype,))
    if part is None:
        return ""
    try:
        return part.get_content()
    except (LookupError, UnicodeError):
        return part.get_payload(decode=True).decode("utf-8", "replace")


def _who(header):
    addresses = getattr(header, "addresses", ())
    return ", ".join(address.display_name or address.addr_spec for address in addresses) or str(header or "")
