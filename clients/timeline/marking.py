"""The words somebody looked for, marked in the text as it was written."""

from django.utils.html import escape
from django.utils.safestring import SafeString

from clients.names import searchable


def marked(text, terms):
    """The text with each term between <mark>, whatever its accents and case; escaped, lines kept."""
    if not terms:
        return _lines(text)
    plain, at = _plain(text)
    spans = sorted(span for term in terms for span in _spans(plain, at, term))
    out, end = [], 0
    for start, stop in spans:
        if stop <= end:
            continue
        start = max(start, end)
        out += [_lines(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        end = stop
    return SafeString("".join([*out, _lines(text[end:])]))


def _lines(text):
    return SafeString(escape(text).replace("\r\n", "\n").replace("\n", "<br>"))


def _plain(text):
    """The text as it is searched, and for each letter of it the place of the one it comes from."""
    letters, at = [], []
    for place, letter in enumerate(text):
        plain = " " if letter.isspace() else searchable(letter)
        letters.append(plain)
        at += [place] * len(plain)
    return "".join(letters), [*at, len(text)]


def _spans(plain, at, term):
    place = plain.find(term)
    while place >= 0:
        last = place + len(term) - 1
        yield at[place], max(at[last] + 1, at[last + 1])  # with the accents that stand by themselves
        place = plain.find(term, place + len(term))
