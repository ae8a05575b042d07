"""Text and HTML of strangers made harmless. Pure."""

import re
from html.parser import HTMLParser

import nh3

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
MOST_HTML = 400_000
MOST_TEXT = 200_000

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = {"br", "div", "p", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "hr"}
_SILENT = {"script", "style", "head", "title", "template", "noscript"}
_PARAGRAPHS = {"p", "blockquote", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}


def plain(text, *, most=MOST_TEXT):
    """Only characters a database and a page can hold, with line feeds for line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\u2028", "\n")
    return _INVISIBLE.sub("", text)[:most].rstrip()


def one_line(text, *, most):
    return " ".join(_INVISIBLE.sub(" ", text or "").split())[:most]


def safe_html(html):
    """What may be shown inside a page of ours: no images, no styles, no scripts, links that tell nobody anything."""
    cleaned = nh3.clean(
        _INVISIBLE.sub("", html)[:MOST_HTML],
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags={"script", "style", "title", "template", "noscript"},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
        attribute_filter=_attribute,
    )
    return cleaned.strip()


def _attribute(tag, name, value):
    """A link leads out of here or nowhere: never to a page of ours."""
    if name == "href" and not re.match(r"(?:https?://|mailto:|tel:)", value.strip(), re.IGNORECASE):
        return None
    return value


class _Reader(HTMLParser):
    """HTML as somebody would read it aloud: paragraphs, lists and quotations, without looks."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.pieces, self.silent, self.quote, self.cell = [], 0, 0, False

    def handle_starttag(self, tag, attributes):
        if tag in _SILENT:
            self.silent += 1
        elif tag in ("td", "th"):
            if self.cell:
                self._say(" ")
            self.cell = True
        elif tag in _BREAKS:
            if tag in ("br", "hr") or tag in _PARAGRAPHS or not (self.pieces and self.pieces[-1].endswith("\n")):
                self._line(paragraph=tag in _PARAGRAPHS)
            self.cell = False
            if tag == "blockquote":
                self.quote += 1
            elif tag == "li":
                self._say("- ")

    def handle_startendtag(self, tag, attributes):
        if tag in _BREAKS:
            self._line()

    def handle_endtag(self, tag):
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BREAKS and tag not in ("br", "hr"):
            self._line(paragraph=tag in _PARAGRAPHS)
            if tag == "blockquote":
                self.quote = max(0, self.quote - 1)

    def handle_data(self, data):
        if self.silent:
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data.replace("\xa0", " "))
        if words.strip() or (words and self.pieces and not self.pieces[-1].endswith(("\n", " "))):
            self._say(words)

    def _say(self, words):
        if not self.pieces or self.pieces[-1].endswith("\n"):
            words = "> " * min(self.quote, 5) + words.lstrip()
        self.pieces.append(words)

    def _line(self, *, paragraph=False):
        if self.pieces:
            self.pieces.append("\n\n" if paragraph else "\n")

    def text(self):
        joined = "".join(self.pieces)
        joined = re.sub(r"[ \t]+\n", "\n", joined)
        return re.sub(r"\n{3,}", "\n\n", joined).strip()


def html_to_text(html):
    reader = _Reader()
    reader.feed(html[:MOST_HTML])
    reader.close()
    return plain(reader.text())
