"""The frame every mail shares: one column of 560 pixels, tables, inline styles, one button, no images, light and dark.

Blocks are written once and said twice: `text(*blocks)` is the plain mail, `frame(title, preview, *blocks)` the HTML.
What callers pass in is escaped, except what they marked safe.
"""

from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

INK, MID, SOFT, LINE, ACCENT, PAPER = "#1d1b18", "#4b4740", "#696459", "#e6e2d9", "#1f4e7c", "#f6f5f1"
TONES = {"": MID, "late": "#b0203a", "soon": "#835500", "kept": "#2b6e49", "moved": "#5d45a0"}
FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_NARROW_AND_DARK = mark_safe(
    "@media (prefers-color-scheme:dark){.p{background:#141311!important}"
    ".c{background:#1c1b18!important;border-color:#302d29!important}"
    ".t,.t td,.t p,.t a.k{color:#f1eee7!important}.s,.t .s,.t td.s,.t p.s{color:#b3ada0!important}"
    ".l{border-color:#302d29!important}.late{color:#f3919d!important}.soon{color:#e2b65f!important}}"
    "@media (max-width:600px){.c{border-radius:0!important;border-width:1px 0!important}"
    ".pad{padding:24px 20px!important}.s.pad{padding-top:16px!important}}"
)


class Block:
    """A part of a mail: `html()` for the column, `text()` for the plain twin."""

    def html(self):
        raise NotImplementedError

    def text(self):
        raise NotImplementedError

    def __html__(self):
        return self.html()


@dataclass(frozen=True)
class Paragraph(Block):
    words: str

    def html(self):
        return format_html('<p style="margin:0 0 16px">{}</p>', _lines(self.words))

    def text(self):
        return str(self.words)


@dataclass(frozen=True)
class Quiet(Block):
    """A smaller, softer line."""

    words: str

    def html(self):
        return format_html(
            '<p class="s" style="margin:0 0 16px;color:{};font-size:14px">{}</p>', SOFT, _lines(self.words)
        )

    def text(self):
        return str(self.words)


@dataclass(frozen=True)
class Heading(Block):
    words: str
    under: str = ""

    def html(self):
        under = (
            format_html('<p class="s" style="margin:0;color:{};font-size:14px">{}</p>', SOFT, self.under)
            if self.under
            else ""
        )
        return format_html(
            '<p style="margin:0 0 4px;font-size:20px;line-height:1.3;font-weight:600">{}</p>{}', self.words, under
        )

    def text(self):
        return f"{self.words}\n{self.under}".strip()


@dataclass(frozen=True)
class Button(Block):
    words: str
    href: str

    def html(self):
        return format_html(
            '<table role="presentation" cellpadding="0" cellspacing="0" style="margin:24px 0"><tr>'
            '<td style="background:{};border-radius:8px"><a href="{}" style="display:inline-block;padding:13px 22px;'
            'color:#ffffff;font-size:16px;font-weight:600;text-decoration:none">{}</a></td></tr></table>',
            ACCENT,
            self.href,
            self.words,
        )

    def text(self):
        return f"{self.words}:\n{self.href}"


@dataclass(frozen=True)
class Quote(Block):
    """Somebody's own words."""

    words: str

    def html(self):
        return format_html(
            '<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 16px"><tr>'
            '<td class="l" style="border-left:3px solid {};padding:2px 0 2px 14px">{}</td></tr></table>',
            LINE,
            _lines(self.words),
        )

    def text(self):
        return "\n".join(f"> {line}" for line in str(self.words).splitlines())


@dataclass(frozen=True)
class Signature(Block):
    name: str
    under: str = ""

    def html(self):
        return format_html(
            '<p style="margin:0">{}<br><span class="s" style="color:{}">{}</span></p>', self.name, SOFT, self.under
        )

    def text(self):
        return f"{self.name}\n{self.under}".strip()


@dataclass(frozen=True)
class Row:
    """One line of a list: what, about whom, by when, and where to read it. `tone` is late, soon, kept, moved or ""."""

    what: str
    who: str = ""
    due: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Rows(Block):
    """A list under a heading of its own."""

    heading: str
    rows: tuple

    def html(self):
        return format_html(
            '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>'
            '<td colspan="2" style="padding:20px 0 8px;font-size:14px;font-weight:600">{}</td></tr>{}</table>',
            self.heading,
            format_html_join("", "{}", ((_row(row),) for row in self.rows)),
        )

    def text(self):
        return "\n".join([str(self.heading), *(_row_text(row) for row in self.rows)])


def paragraph(words):
    return Paragraph(words)


def quiet(words):
    return Quiet(words)


def heading(words, under=""):
    return Heading(words, under)


def button(words, href):
    return Button(words, href)


def quote(words):
    return Quote(words)


def signature(name, under=""):
    return Signature(name, under)


def row(what, *, who="", due="", href="", tone=""):
    return Row(what, who, due, href, tone)


def rows(heading, items):
    return Rows(heading, tuple(items))


def link(words, href):
    """A link for the foot of a mail."""
    return format_html('<a href="{}" style="color:inherit">{}</a>', href, words)


def text(*blocks, foot=""):
    """The plain mail. `foot` goes below the line that mail programs take for a signature's."""
    body = "\n\n".join(block.text() if isinstance(block, Block) else str(block) for block in blocks)
    return f"{body}\n\n-- \n{foot}\n" if foot else f"{body}\n"


def frame(title, preview, *blocks, foot="", language=""):
    """The HTML mail. `preview` is the line a mail program shows beside the subject."""
    body = format_html_join("\n", "{}", ((block,) for block in blocks))
    return format_html(
        '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        "<title>{title}</title>\n<style>{style}</style></head>\n"
        '<body class="p" style="margin:0;background:{paper};{font};color:{ink}">\n'
        '<div style="display:none;max-height:0;overflow:hidden">{preview}</div>\n'
        '<table role="presentation" class="p" width="100%" cellpadding="0" cellspacing="0" style="background:{paper}">'
        '<tr><td align="center" style="padding:28px 0">\n'
        '<table role="presentation" class="c t" width="560" cellpadding="0" cellspacing="0" '
        'style="width:100%;max-width:560px;background:#ffffff;border:1px solid {line};border-radius:12px"><tr>'
        '<td class="pad" style="padding:32px 36px;font-size:16px;line-height:1.55;color:{ink};'
        'overflow-wrap:anywhere">\n{body}\n</td></tr>'
        "</table>\n{foot}</td></tr></table></body></html>\n",
        language=language or get_language() or "en",
        title=title,
        style=_NARROW_AND_DARK,
        preview=preview,
        body=body,
        foot=_foot(foot),
        paper=PAPER,
        font=mark_safe(FONT),  # noqa: S308 -- a constant
        ink=INK,
        line=LINE,
    )


def _foot(foot):
    if not foot:
        return ""
    return format_html(
        '<table role="presentation" width="560" cellpadding="0" cellspacing="0" style="width:100%;max-width:560px">'
        '<tr><td class="s pad" style="padding:16px 36px;font-size:13px;line-height:1.5;color:{}">{}</td></tr>'
        "</table>\n",
        SOFT,
        foot,
    )


def _row(row):
    what = (
        format_html(
            '<a class="k" href="{}" style="color:{};font-weight:600;text-decoration:none">{}</a>',
            row.href,
            INK,
            row.what,
        )
        if row.href
        else format_html("<b>{}</b>", row.what)
    )
    who = format_html('<br><span class="s" style="color:{};font-size:14px">{}</span>', SOFT, row.who) if row.who else ""
    return format_html(
        '<tr><td class="l" style="padding:11px 0;border-top:1px solid {line};font-size:15px;line-height:1.4">'
        "{what}{who}</td>"
        '<td class="l" align="right" valign="top" style="padding:11px 0 11px 12px;border-top:1px solid {line};'
        'font-size:14px;white-space:nowrap"><span class="{tone}" style="color:{colour}">{due}</span></td></tr>',
        line=LINE,
        what=what,
        who=who,
        tone=row.tone or "s",
        colour=TONES[row.tone],
        due=row.due,
    )


def _row_text(row):
    line = f"- {row.what}" + (f" ({row.due})" if row.due else "")
    return "\n".join([line, *(f"  {part}" for part in (row.who, row.href) if part)])


def _lines(words):
    return mark_safe(conditional_escape(words).replace("\n", "<br>"))  # noqa: S308 -- escaped just before
