"""Text that goes into mail headers: one line, nothing that could end it."""

import re
from email.utils import formataddr, parseaddr

from django.conf import settings

# Everything a mail program could read as the end of a header line, and everything that is not to be seen at all.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_SECRET = re.compile(r"(?<=[/=?&])[^/=?&#\s]{16,}")


def one_line(text, *, limit=None):
    """The text on one line without control characters; “Ann\\nBcc: x” becomes “Ann Bcc: x”."""
    return " ".join(_BREAKS.sub(" ", str(text or "")).split())[:limit]


def address(name, mail):
    """“Name <mail>”, quoted and encoded as a header needs it."""
    return formataddr((one_line(name), one_line(mail))) if one_line(name) else one_line(mail)


def our_address():
    """(name, address) every mail comes from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)


def mask_links(text):
    """The same text with every long part of a link's path hidden: a preview never shows somebody's personal link."""
    return _LINK.sub(lambda found: _SECRET.sub("…", found.group()), text)
