"""Small charts of promises, drawn as SVG on the server. Pure: plain values in, a SafeString out.

Rules that hold for every chart: no inline style, colours come from classes in app.css, so light, dark and forced
colours are right; text is drawn at its real size, so a chart that needs room is drawn once wide and once narrow and
CSS shows one; no meaning by colour alone, shape repeats it; the same data stands beside it as words or a table;
everything that comes from outside is escaped.
"""

from functools import cache, lru_cache, wraps
from math import ceil

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.clock_ring import clock
from promises.outcomes import MIN_DUE, Outcome

__all__ = ["bar", "clock", "element", "join", "num", "remembered", "strip", "trend"]

STEP = 15  # pixels from mark to mark in a strip
GOOD_RATE = 0.85
LABEL = 46  # pixels that a day such as “26 Oct” takes under a column, with the air beside it

MARKS = {
    Outcome.KEPT_AS_FIRST_PROMISED: "kept",
    Outcome.KEPT_RENEGOTIATED_EARLY: "moved",
    Outcome.WITHDRAWN_EARLY: "moved",
    Outcome.KEPT_RENEGOTIATED_LATE: "moved-late",
    Outcome.LATE: "late",
    Outcome.OPEN_OVERDUE: "overdue",
    Outcome.BROKEN: "broken",
}


def remembered(draw):
    """A chart is the same for the same numbers and language, and those change less often than pages are read."""

    @lru_cache(maxsize=1000)
    def drawn(_language, *args, **kwargs):
        return draw(*args, **kwargs)

    @wraps(draw)
    def chart(*args, **kwargs):
        args = [_fixed(arg) for arg in args]
        return drawn(get_language(), *args, **{name: _fixed(arg) for name, arg in kwargs.items()})

    return chart


def _fixed(value):
    return tuple(value) if isinstance(value, list) else value


def num(value):
    """A coordinate with at most one decimal and no negative zero: 3.04 → “3”."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name, *children, **attributes):
    """An SVG element. Attributes: `class_`, `text_anchor` → text-anchor, None leaves one out; children are escaped.

    Written by hand rather than with format_html: a chart has hundreds of elements.
    """
    written = [
        f' {_attribute(key)}="{num(value) if isinstance(value, int | float) else escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    ]
    return SafeString(f"<{name}{''.join(written)}>{join(children)}</{name}>")


@cache
def _attribute(key):
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def join(parts):
    return SafeString("".join([part if isinstance(part, SafeString) else conditional_escape(part) for part in parts]))


# -------------------------------------------------------------------- one mark a promise


def strip(outcomes, *, per_row=17, label=""):
    """One mark a promise, in the order given: a dot for kept, a ring for moved early, a dot for open; and in crimson a
    ring for moved too late, a diamond for late, a clock for overdue, a cross for broken.

    `outcomes` are values of Outcome. Without a label it is decoration beside words that say the same. No promises: "".
    """
    outcomes = list(outcomes)
    if not outcomes:
        return SafeString("")
    width, height = min(len(outcomes), per_row) * STEP, ceil(len(outcomes) / per_row) * STEP
    marks = (
        _mark(MARKS.get(outcome, "open"), (i % per_row + 0.5) * STEP, (i // per_row + 0.5) * STEP)
        for i, outcome in enumerate(outcomes)
    )
    return element("svg", *marks, class_="chart strip", **_box(width, height), **_named(label))


def _mark(kind, x, y):
    if kind == "kept":
        return element("circle", class_="s-kept", cx=x, cy=y, r=4.5)
    if kind == "moved":
        return element("circle", class_="s-moved", cx=x, cy=y, r=3.6)
    if kind == "moved-late":
        return element("circle", class_="s-broken", cx=x, cy=y, r=3.6)
    if kind in CRIMSON:
        return element("path", class_="s-broken", d=CRIMSON[kind](x, y))
    return element("circle", class_="s-open", cx=x, cy=y, r=1.6)


CRIMSON = {
    "late": lambda x, y: f"M{num(x)} {num(y - 4.4)}l4.4 4.4l-4.4 4.4l-4.4 -4.4z",
    "overdue": lambda x, y: (
        f"M{num(x - 3.8)} {num(y)}a3.8 3.8 0 1 0 7.6 0a3.8 3.8 0 1 0 -7.6 0M{num(x)} {num(y - 2.2)}v2.2h1.6"
    ),
    "broken": lambda x, y: f"M{num(x - 3.6)} {num(y - 3.6)}l7.2 7.2m0 -7.2l-7.2 7.2",
}


# -------------------------------------------------------------------- weeks


@remembered
def trend(weeks, *, width=560, height=200, ident="trend"):
    """Stacked columns of promises due a week: `weeks` is [(label, kept, moved early, late or broken)…], oldest first.

    Above the last column, and above those under 85%, stands the share kept or moved early; below five promises the
    counts. `ident` must be unique in the page.
    """
    weeks = list(weeks)
    left, right, top, bottom = 26, 8, 22, 24
    inner_width, inner_height = width - left - right, height - top - bottom
    most = max((sum(week[1:]) for week in weeks), default=0)
    step = max(1, ceil(most / 4)) if most <= 20 else 10 * ceil(most / 40)
    ceiling = step * max(1, ceil(most / step))

    def y_of(count):
        return top + inner_height - count / ceiling * inner_height

    heading = _("Promises due each week, by outcome. The table has the numbers.") if most else _("No promises due yet.")
    parts = [element("title", heading, id=f"{ident}-t")]
    for count in range(0, ceiling + 1 if most else 1, step):
        y = y_of(count)
        parts.append(element("line", class_="c-grid", x1=left, x2=width - right, y1=y, y2=y))
        parts.append(element("text", str(count), class_="c-tick", x=left - 7, y=y + 4, text_anchor="end"))
    if not most:
        middle = {"x": left + inner_width / 2, "y": top + inner_height / 2}
        parts.append(element("text", heading, class_="c-zone", **middle, text_anchor="middle"))
    slot = inner_width / max(1, len(weeks))
    for i, week in enumerate(weeks):
        last = len(weeks) - 1 - i
        parts.append(_column(week, x=left + slot * i, slot=slot, y_of=y_of, newest=last == 0))
        if last % ceil(LABEL / slot) == 0:
            middle = left + slot * (i + 0.5)
            parts.append(element("text", week[0], class_="c-tick", x=middle, y=height - 7, text_anchor="middle"))
    return element("svg", *parts, class_="chart trend", **_box(width, height), role="img", aria_labelledby=f"{ident}-t")


def _column(week, *, x, slot, y_of, newest):
    label, kept, moved, broken = week
    total, base, bar_width = kept + moved + broken, 0, min(26, slot * 0.62)
    words = _("%(week)s: %(kept)d kept, %(moved)d moved early, %(broken)d late or broken")
    parts = [element("title", words % {"week": label, "kept": kept, "moved": moved, "broken": broken})]
    for kind, count in (("kept", kept), ("moved", moved), ("broken", broken)):
        if count:
            tall = max(1.5, y_of(base) - y_of(base + count) - 1)
            place = {
                "x": x + (slot - bar_width) / 2,
                "y": y_of(base + count),
                "width": bar_width,
                "height": tall,
                "rx": 1.5,
            }
            parts.append(element("rect", class_=f"b-{kind}", **place))
            base += count
    bad = total and (kept + moved) / total < GOOD_RATE
    if total and (newest or (bad and slot >= 30)):
        few = total < MIN_DUE
        text = f"{kept + moved}/{total}" if few else f"{round(100 * (kept + moved) / total)}%"
        shown = {"x": x + slot / 2, "y": y_of(total) - 6, "text_anchor": "middle"}
        parts.append(element("text", text, class_="c-val bad" if bad and not few else "c-val", **shown))
    return element("g", *parts)


# -------------------------------------------------------------------- small marks beside words


@remembered
def bar(value, total, *, kind="kept", height=6):
    """How much of a total: one fluid row, as wide as its place. `kind` is kept, moved, broken or us."""
    share = min(1, max(0, value / total)) if total else 0
    whole = element("rect", class_="b-track", width="100%", height=height, rx=height / 2)
    part = (
        element("rect", class_=f"b-{kind}", width=f"{num(100 * share)}%", height=height, rx=height / 2) if share else ""
    )
    return element("svg", whole, part, class_="chart bar", width="100%", height=height, aria_hidden="true")


def _box(width, height):
    return {"width": width, "height": height, "viewBox": f"0 0 {num(width)} {num(height)}"}


def _named(label):
    return {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
