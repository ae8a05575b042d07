"""Parts of pages drawn once and filled in: what stands in for the words of one request, and how these come back."""

import re
from html import escape
from secrets import token_hex
from types import SimpleNamespace
from urllib.parse import quote

from accounts.quick import STAND_IN

# A part may be drawn with words that people wrote: no name of a view or a client must turn into somebody's token.
# A path is written in two ways, so its stand-in holds a blank.
UNKNOWN = token_hex(8)
OF_A_REQUEST = {
    "token": f"zz-token-{UNKNOWN}-zz",
    "path": f"zz-path {UNKNOWN} zz",
    "quoted": f"zz-path%20{UNKNOWN}%20zz",
}
OF_A_RECORD = {"id": STAND_IN}


def request_of_none(here=""):
    """A request for drawing with: nobody's page, and its address a stand-in."""
    page = SimpleNamespace(url_name=here)
    return SimpleNamespace(get_full_path=lambda: OF_A_REQUEST["path"], POST={}, resolver_match=page)


def words_of(request, token):
    """What stands there in this request, worked out once however many rows a list has."""
    known = request.__dict__.setdefault("_words_of_stencils", {})
    if "path" not in known:
        path = request.get_full_path()
        known |= {"path": escape(path), "quoted": quote(path, safe="")}
    return {**known, "token": str(token)}


class Stencil:
    """A text, cut at its stand-ins: `fill` puts words there as they are. Words that look like one are left alone."""

    def __init__(self, text, stand_ins):
        names = {stand_in: name for name, stand_in in stand_ins.items()}
        pieces = re.split(f"({'|'.join(map(re.escape, names))})", text)
        self.pieces, self.names = pieces, [names[piece] for piece in pieces[1::2]]

    def fill(self, values):
        pieces = self.pieces.copy()
        pieces[1::2] = [values[name] for name in self.names]
        return "".join(pieces)
