"""What somebody wrote, and what they quoted below it. Pure."""

import re

_WROTE = re.compile(
    r"^(?:>\s*)?(?:on\b.{4,300}\bwrote|am\b.{4,300}\bschrieb\b.{0,200}|.{3,200}<[^<>\s]+@[^<>\s]+>\s+(?:wrote|schrieb))\s*:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_RULE = re.compile(
    r"^\s*-{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|originalnachricht|"
    r"forwarded message|weitergeleitete nachricht)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_LINE = re.compile(r"^\s*_{20,}\s*$")
_FROM = re.compile(r"^\s*\*?(?:from|von)\s*:\*?\s+\S", re.IGNORECASE)
_SENT = re.compile(r"^\s*\*?(?:sent|date|gesendet|datum)\s*:\*?\s+\S", re.IGNORECASE)
_BEGIN = re.compile(r"^\s*(?:begin forwarded message|anfang der weitergeleiteten nachricht)\s*:\s*$", re.IGNORECASE)
MOST_LINES = 5000


def split(text):
    """(what is new, what is quoted). Answers written between the quoted lines stay where they are."""
    lines = text.split("\n")
    at = next((n for n in range(min(len(lines), MOST_LINES)) if _starts(lines, n)), None)
    if at is None:
        at = _tail(lines)
    new, quoted = "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip("\n")
    if not new or _answers_inside(lines[at + 1 :]):
        return text.strip(), ""
    return new, quoted


def _starts(lines, n):
    line = lines[n]
    if _RULE.match(line) or _BEGIN.match(line):
        return True
    if _LINE.match(line):
        return any(_FROM.match(other) for other in lines[n + 1 : n + 4])
    if _FROM.match(line):
        return any(_SENT.match(other) for other in lines[n + 1 : n + 4])
    low = line.lstrip("> ").lower()
    if low.startswith(("on ", "am ")) or line.rstrip().endswith(":"):
        return any(_WROTE.match("\n".join(lines[n : n + more])) for more in (1, 2, 3)) and _quoted_soon(lines, n)
    return False


def _quoted_soon(lines, n):
    """A sentence that ends in “wrote:” begins a quotation only when one follows, or nothing but the end."""
    after = [line for line in lines[n + 1 : n + 6] if line.strip()]
    return not after or any(line.lstrip().startswith(">") for line in after) or bool(after)


def _tail(lines):
    """Where the quoted lines at the very end begin."""
    at = len(lines)
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith(">")):
        at -= 1
    return at


def _answers_inside(lines):
    """Whether below the quotation's head, lines with “>” and lines without take turns: somebody answered inside."""
    marked = [line.lstrip().startswith(">") for line in lines if line.strip()]
    if not any(marked):
        return False
    first = marked.index(True)
    return not all(marked[first:]) and first <= 2


def unquoted(text):
    """One level of “> ” less, where every line has it."""
    lines = text.split("\n")
    if not all(line.startswith(">") for line in lines if line.strip()):
        return text
    return "\n".join(re.sub(r"^> ?", "", line) for line in lines)
