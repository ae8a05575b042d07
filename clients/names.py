"""Names as they are searched and compared. Pure functions, so that a test can read like a table."""

import re
import unicodedata
from urllib.parse import urlsplit

# What says how a firm is incorporated, not what it is called.
_FORMS = """
    ab ag as aps bv co company corp corporation eg ek eurl gbr gmbh group inc incorporated kg kgaa
    limited llc llp lp ltd ltda mbh nv ohg oy oyj plc pte pty sa sarl sas se sl spa srl ug und the
"""
LEGAL_FORMS = frozenset(_FORMS.split())
# Letters that Unicode does not take apart into a letter and an accent.
LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "ss",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "ı": "i",
    }
)


def searchable(text):
    """Text as it is searched: no accents, no case, single spaces ("Königlich  Essen" → "koniglich essen")."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", plain).strip().casefold()


def name_key(name):
    """A name as it is compared: no accents, signs or legal form ("The Becker GmbH & Co. KG" → "becker")."""
    words = re.findall(r"[^\W_]+", searchable(name.replace(".", "")))
    return " ".join(w for w in words if w not in LEGAL_FORMS) or " ".join(words)


def web_domain(address):
    """The host of a web address as people write it ("https://www.Tidewell.co.uk/about" → "tidewell.co.uk")."""
    address = address.strip().lower()
    if not address:
        return ""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if "." in host else ""


def initials(name):
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"
