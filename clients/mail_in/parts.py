"""A mail out of the bytes it came as, whatever is wrong with them. Pure.

`read(raw)` raises only for what is no mail at all; its caller keeps the raw text then.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from clients.mail_in.clean import html_to_text, one_line, plain

MOST_PARTS, MOST_DEPTH, MOST_FILES = 300, 25, 40
MOST_HEADER = 100_000
MOST_PEOPLE = 300
LOGO = 12_000  # bytes: a smaller picture inside the text is a logo or a counter, no file anybody sent
ADDRESS = re.compile(r"^[^\s<>@\"(),:;\[\]\\]{1,64}@[^\s<>@\"(),:;\[\]\\]{1,190}$")
_ID = re.compile(r"<([^<>\s]{1,900})>")


@dataclass(frozen=True)
class File:
    name: str
    content: bytes


@dataclass
class Mail:
    """What a mail says, in plain words of ours."""

    message_id: str
    sent_at: datetime | None
    sender: tuple  # (name, address)
    to: list
    cc: list
    subject: str
    references: list  # Message-IDs, the oldest first
    text: str
    html: str
    headers: dict  # lower-case name: [raw values]
    files: list = field(default_factory=list)
    inside: list = field(default_factory=list)  # mails it carries as attachments, as `Mail`
    received_at: datetime | None = None

    def all(self, name):
        return self.headers.get(name, [])

    def first(self, name):
        return next(iter(self.all(name)), "")

    @property
    def thread(self):
        return self.references[0] if self.references else self.message_id


def read(raw):
    """The mail of these bytes."""
    return _of_message(message_from_bytes(raw, policy=policy.default), raw=raw, depth=0)


def _of_message(message, *, raw=None, depth):
    headers = _headers(message)
    body = _Body()
    plain_text, html = body.take(message, depth)
    received = [_date(value.rpartition(";")[2]) for value in headers.get("received", [])[:1]]
    sent_at = _date(next(iter(headers.get("date", [])), ""))
    mail = Mail(
        message_id="",
        sent_at=sent_at,
        sender=next(iter(people(headers.get("from", []) or headers.get("sender", []))), ("", "")),
        to=people(headers.get("to", [])),
        cc=people(headers.get("cc", [])),
        subject=one_line(words(next(iter(headers.get("subject", [])), "")), most=300),
        references=_references(headers),
        text=plain(plain_text if plain_text.strip() else html_to_text(html)),
        html=html,
        headers=headers,
        files=body.files,
        inside=body.inside,
        received_at=next(iter(received), None),
    )
    mail.message_id = next(iter(ids(headers.get("message-id", []))), "") or _made_id(mail, raw)
    return mail


def _made_id(mail, raw):
    """For a mail without one: the same mail has the same, whichever way it came."""
    said = "\0".join([mail.sender[1], str(mail.sent_at), mail.subject, mail.text]) if mail.sent_at else ""
    said = said.encode("utf-8", "replace") if said else raw or mail.text.encode("utf-8", "replace")
    return f"<{hashlib.sha256(said).hexdigest()}@no-id.invalid>"


# -------------------------------------------------------------------- headers


def _headers(message):
    """All of them as they stand, none of them able to raise."""
    found = {}
    for name, value in message.raw_items():
        if isinstance(name, str):
            found.setdefault(name.strip().lower(), []).append(_unescaped(str(value))[:MOST_HEADER])
    return found


def _unescaped(value):
    """Bytes beyond ASCII in a header are UTF-8 today and Windows-1252 of old."""
    try:
        return value.encode("ascii", "surrogateescape").decode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("utf-8")
    except UnicodeDecodeError:
        return value.encode("ascii", "surrogateescape").decode("cp1252", "replace")


def words(value):
    """A header's text with its encoded words read (RFC 2047)."""
    value = re.sub(r"\r?\n[ \t]+", " ", value)
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    said = ""
    for content, charset in pieces:
        if isinstance(content, bytes):
            content = decoded(content, charset)
        said += content
    return said


def people(values):
    """[(name, address), …] of address headers; what is no address is left out."""
    found = []
    for value in values:
        value = re.sub(r"\r?\n[ \t]+", " ", value)
        found += pairs(value)
        if len(found) >= MOST_PEOPLE:
            break
    unique = {}
    for name, address in found[:MOST_PEOPLE]:
        address = address.strip().strip("'\"").lower()
        if ADDRESS.match(address) and len(address) <= 254 and plain(address) == address:
            unique.setdefault(address, one_line(words(name), most=200).strip("'\" "))
    return [(name, address) for address, name in unique.items()]


def pairs(value):
    """(name, address) of each piece; the library's own parser takes minutes for a header made to hurt it."""
    found = []
    for piece in _pieces(value):
        if "<" in piece:
            name, _open, rest = piece.partition("<")
            address = rest.strip("<").partition(">")[0]
        else:
            name, address = "", next((one for one in reversed(piece.split()) if "@" in one), "")
            address = address.rpartition(":")[2]
        name = name.strip().strip('"').replace('\\"', '"')
        if "@" in address:
            found.append((name, address))
    return found


def _pieces(value):
    """What stands between commas and semicolons, but for those inside quotation marks and angle brackets."""
    piece, quoted, inside, escaped = [], False, False, False
    for sign in value:
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "<>":
            inside = sign == "<"
        elif sign in ",;" and not quoted and not inside:
            yield "".join(piece)[-1000:]
            piece = []
            continue
        piece.append(sign)
    yield "".join(piece)[-1000:]


def ids(values):
    """Message-IDs, each once, short enough to be kept."""
    found = {}
    for value in values:
        for inner in _ID.findall(value):
            one = plain(f"<{inner}>")
            if len(one) > 255:
                one = f"<{hashlib.sha256(one.encode('utf-8', 'replace')).hexdigest()}@long.invalid>"
            found[one] = True
    return list(found)


def _references(headers):
    found = ids(headers.get("references", []))
    found += [one for one in ids(headers.get("in-reply-to", [])) if one not in found]
    return found if len(found) <= 60 else [found[0], *found[-59:]]


def _date(value):
    try:
        moment = parsedate_to_datetime(words(value).strip()[:200])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


# -------------------------------------------------------------------- the body


def decoded(content, charset):
    """Bytes as text: as they say they are, else as they turn out to be."""
    for name in (charset, "utf-8"):
        try:
            if name and "\0" not in name:
                return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


class _Body:
    """Walks through the parts: text and HTML, files, and mails inside the mail."""

    def __init__(self):
        self.files, self.inside, self.seen = [], [], 0

    def take(self, part, depth):
        """(plain text, HTML) of a part and what is in it."""
        self.seen += 1
        if self.seen > MOST_PARTS or depth > MOST_DEPTH:
            return "", ""
        kind = _type(part)
        if kind == "message/rfc822" or (kind == "message/global" and part.is_multipart()):
            return self._mail(part, depth)
        if part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            taken = [self.take(child, depth + 1) for child in children]
            return _alternative(taken) if kind == "multipart/alternative" else _mixed(taken)
        if kind in ("text/plain", "text/html") and not _is_file(part):
            text = _text(part)
            return ("", text) if kind == "text/html" or _looks_like_html(text) else (text, "")
        self._file(part, kind)
        return "", ""

    def _mail(self, part, depth):
        inner = part.get_payload()
        inner = inner[0] if isinstance(inner, list) and inner else None
        if isinstance(inner, Message):
            self.inside.append(_of_message(inner, depth=depth + 1))
        return "", ""

    def _file(self, part, kind):
        content = _bytes(part)
        if not content or kind in ("message/delivery-status", "text/rfc822-headers"):
            return
        inline = bool(part.get("Content-ID")) or _disposition(part) == "inline"
        if kind.startswith("image/") and inline and len(content) < LOGO:
            return
        if len(self.files) < MOST_FILES:
            self.files.append(File(_file_name(part, kind), content))


def _alternative(taken):
    text = next((text for text, _html in taken if text.strip()), "")
    html = next((html for _text, html in reversed(taken) if html.strip()), "")
    return text or html_to_text(html), html


def _mixed(taken):
    said = [pair for pair in taken if pair[0].strip() or pair[1].strip()]
    text = "\n\n".join(text.strip("\n") or html_to_text(html) for text, html in said)
    if not any(html for _text, html in said):
        return text, ""
    return text, "\n".join(html or _as_html(text) for text, html in said)


def _as_html(text):
    from django.utils.html import linebreaks

    return linebreaks(text, autoescape=True)


def _type(part):
    try:
        return part.get_content_type().lower()
    except Exception:  # a header nobody can read says nothing about the part
        return "application/octet-stream"


def _disposition(part):
    try:
        return (part.get_content_disposition() or "").lower()
    except Exception:
        return ""


def _name(part):
    try:
        name = part.get_filename()
    except Exception:
        name = None
    return one_line(words(_unescaped(name)), most=200) if isinstance(name, str) else ""


def _is_file(part):
    return _disposition(part) == "attachment" or bool(_name(part))


ENDINGS = {
    "text/calendar": "invitation.ics",
    "application/ms-tnef": "winmail.dat",
    "application/pdf": "document.pdf",
    "image/jpeg": "picture.jpg",
    "image/png": "picture.png",
    "image/gif": "picture.gif",
    "text/csv": "table.csv",
    "text/plain": "text.txt",
    "text/html": "page.html",
}


def _file_name(part, kind):
    return _name(part).replace("/", "_").replace("\\", "_") or ENDINGS.get(kind, "file.bin")


def _bytes(part):
    try:
        content = part.get_payload(decode=True)
        if content is None:
            content = str(part.get_payload()).encode("utf-8", "replace")
    except Exception:
        return b""
    return content


def _text(part):
    try:
        charset = part.get_content_charset()
    except Exception:
        charset = None
    text = decoded(_bytes(part), charset)
    try:
        flowed = str(part.get_param("format", "")).lower() == "flowed"
        join = str(part.get_param("delsp", "")).lower() == "yes"
    except Exception:
        flowed = join = False
    text = text.replace("\r\n", "\n")
    return _unflowed(text, join=join) if flowed else text


def _unflowed(text, *, join):
    """RFC 3676: a line that ends in a space goes on in the next one."""
    lines = []
    for line in text.split("\n"):
        before = lines[-1] if lines else ""
        same = before.startswith(">") == line.startswith(">")
        if before.endswith(" ") and before != "-- " and same and not line.startswith(">"):
            lines[-1] = (before[:-1] if join else before) + line.removeprefix(" ")
        else:
            lines.append(line.removeprefix(" ") if not line.startswith(">") else line)
    return "\n".join(lines)


def _looks_like_html(text):
    """Some programs send HTML and say it is plain text."""
    start = text[:300].lstrip().lower()
    return start.startswith(("<!doctype html", "<html")) and "</" in text
