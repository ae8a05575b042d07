"""What we believe against what clients say, drawn as SVG on the server. Pure; rules as in promises.charts."""

from dataclasses import dataclass
from functools import partial
from math import atan2, degrees

from django.utils.translation import gettext as _

from promises.charts import element, num, remembered
from surveys.gap import THRESHOLD
from surveys.numbers import plain

CHAR = 6.4  # mean width of a glyph at 12 px, to keep labels apart
LONGEST_LABEL = 24
LEFT, RIGHT, TOP, BOTTOM = 38, 14, 14, 40
SHAPES = {"low": "M{x0} {y0}h12l-6 10z", "high": "M{x1} {y1}h11l-5.5 -9.5z"}
# Where a label may stand beside its mark: dx, dy, anchor; the first free place is taken.
PLACES = [
    (11, 4, "start"), (-11, 4, "end"), (0, -11, "middle"), (0, 20, "middle"),
    (9, -9, "start"), (-9, -9, "end"), (9, 17, "start"), (-9, 17, "end"),
]  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One client in the quadrant; `us` and `them` on 0–10, None where not known.

    confirmed  False draws the mark hollow and says “may”
    ring       their answer is within its error of the cut (Gap.near_cut)
    """

    name: str
    us: float | None
    them: float | None
    url: str
    confirmed: bool = True
    ring: bool = False


def side(us, them, *, band=THRESHOLD):
    """ "low" when they rate us at least `band` below what we think, "high" when above, else "same"."""
    gap = round(us - them, 9)
    return "low" if gap >= band else "high" if gap <= -band else "same"


def words(point, *, band=THRESHOLD):
    """The point as a sentence: “Tidewell Water: we believe 8.1, they say 6.2, they rate us 1.9 lower than we think”."""
    known = {"name": point.name, "us": "", "them": ""}
    if point.us is not None:
        known["us"] = plain(point.us)
    if point.them is not None:
        known["them"] = plain(point.them)
    if point.them is None:
        return _("%(name)s: we believe %(us)s, they have not said") % known
    if point.us is None:
        return _("%(name)s: they say %(them)s, no opinion of ours on record") % known
    kind = side(point.us, point.them, band=band)
    known["gap"] = plain(abs(point.us - point.them))
    said = {
        ("same", True): _("%(name)s: we believe %(us)s, they say %(them)s, about as we think"),
        ("low", True): _("%(name)s: we believe %(us)s, they say %(them)s, they rate us %(gap)s lower than we think"),
        ("high", True): _("%(name)s: we believe %(us)s, they say %(them)s, they rate us %(gap)s higher than we think"),
        ("low", False): _(
            "%(name)s: we believe %(us)s, they say %(them)s, they may rate us %(gap)s lower than we think"
        ),
        ("high", False): _(
            "%(name)s: we believe %(us)s, they say %(them)s, they may rate us %(gap)s higher than we think"
        ),
    }
    return said[kind, point.confirmed or kind == "same"] % known


# -------------------------------------------------------------------- the quadrant


def floor_of(values):
    """Where an axis may begin so that nothing is cut off: 0, 2, 4 or 6; the ticks say it."""
    known = [value for value in values if value is not None]
    return min(6, int((min(known) - 0.4) // 2 * 2)) if known and min(known) >= 2.4 else 0


@remembered
def quadrant(points, *, width=560, height=400, band=THRESHOLD, cut=None, max_labels=9, ident="quadrant", low=0):
    """Belief across, answer up, both 0–10, with the band in which we are on the same page; each point is a link.

    Outside the band a point is a triangle pointing to its side, the widest gaps carry their names. A client with only a
    belief is a tick on the lower axis, one with only an answer a tick on the left. Draw it once wide (560 × 400) and
    once narrow (326 × 330, max_labels=5), each with its own `ident`. `cut` draws the lines of the four quadrants.
    `low` begins both axes above 0 (`floor_of`), so that clients who are close together can be told apart.
    """
    plot = _Plot(width, height, low)
    both = [p for p in points if p.us is not None and p.them is not None]
    both.sort(key=lambda p: (p.them - p.us, p.name))  # they rate us lowest below what we think first
    labels = _labels(both, plot, band=band, most=max_labels)
    parts = [
        element("title", _("What we believe against what clients say"), id=f"{ident}-t"),
        *_ground(plot, band),
        *(_cut_lines(plot, cut) if cut is not None else ()),
        *_axes(plot),
        *[_tick(p, plot, band) for p in points if (p.us is None) != (p.them is None)],
        *reversed([_point(p, plot, band, label) for p, label in zip(both, labels, strict=True)]),
    ]
    box = {"width": width, "height": height, "viewBox": f"0 0 {num(width)} {num(height)}"}
    return element("svg", *parts, class_="chart quad", **box, role="group", aria_labelledby=f"{ident}-t")


class _Plot:
    """The inner rectangle of the chart and where a score lies in it."""

    def __init__(self, width, height, low=0):
        self.width, self.height, self.low = width, height, low
        self.right, self.bottom = width - RIGHT, height - BOTTOM
        self.inner_width, self.inner_height = self.right - LEFT, self.bottom - TOP

    def x(self, score):
        return LEFT + self._share(score) * self.inner_width

    def y(self, score):
        return self.bottom - self._share(score) * self.inner_height

    def _share(self, score):
        return (max(score, self.low) - self.low) / (10 - self.low)

    def zones(self):
        return [
            (self.right - 10, self.bottom - 12, "end", _("They rate us lower than we think")),
            (LEFT + 10, TOP + 20, "start", _("They rate us higher")),
        ]


def _ground(plot, band):
    low = plot.low
    corners = [(low, low), (low, low + band), (10 - band, 10), (10, 10), (10, 10 - band), (low + band, low)]
    yield element("polygon", class_="c-band", points=" ".join(f"{num(plot.x(x))},{num(plot.y(y))}" for x, y in corners))
    for score in range(low, 11, 2 if low < 6 else 1):
        x, y = plot.x(score), plot.y(score)
        yield element("line", class_="c-grid", x1=LEFT, x2=plot.right, y1=y, y2=y)
        yield element("line", class_="c-grid", x1=x, x2=x, y1=TOP, y2=plot.bottom)
        yield element("text", str(score), class_="c-tick", x=LEFT - 8, y=y + 4, text_anchor="end")
        yield element("text", str(score), class_="c-tick", x=x, y=plot.bottom + 16, text_anchor="middle")
    yield element("line", class_="c-diag", x1=plot.x(low), y1=plot.y(low), x2=plot.x(10), y2=plot.y(10))


def _cut_lines(plot, cut):
    yield element("line", class_="c-diag c-cut", x1=plot.x(cut), x2=plot.x(cut), y1=TOP, y2=plot.bottom)
    yield element("line", class_="c-diag c-cut", x1=LEFT, x2=plot.right, y1=plot.y(cut), y2=plot.y(cut))


def _axes(plot):
    middle, below = LEFT + plot.inner_width / 2, plot.height - 6
    yield element("text", _("What we believe"), class_="c-axis", x=middle, y=below, text_anchor="middle")
    turned = f"translate(11 {num(TOP + plot.inner_height / 2)}) rotate(-90)"
    yield element("text", _("What they say"), class_="c-axis", transform=turned, text_anchor="middle")
    slope = -degrees(atan2(plot.inner_height, plot.inner_width))
    begin = plot.low + (10 - plot.low) / 5
    along = f"translate({num(plot.x(begin))} {num(plot.y(begin) - 6)}) rotate({num(slope)})"
    yield element("text", _("On the same page"), class_="c-page", transform=along, text_anchor="middle")
    for x, y, anchor, text in plot.zones():
        yield element("text", text, class_="c-zone", x=x, y=y, text_anchor=anchor)


def _point(point, plot, band, label):
    x, y = plot.x(point.us), plot.y(point.them)
    kind = side(point.us, point.them, band=band)
    if kind in SHAPES:
        path = SHAPES[kind].format(x0=num(x - 6), y0=num(y - 4.5), x1=num(x - 5.5), y1=num(y + 4))
        mark = element("path", class_="m", d=path)
    else:
        mark = element("circle", class_="m", cx=x, cy=y, r=4)
    # An indicative gap is hollow; both fills follow the tokens of light and dark. Where there is no gap, nothing is.
    hole = ""
    if not point.confirmed and kind != "same":
        hole = element("circle", class_="hole", cx=x, cy=y - 0.5, r=2, fill="var(--surface)")
    around = {"cx": x, "cy": y, "r": 9, "fill": "none", "stroke": "var(--ink-3)"}
    ring = element("circle", class_="ring", **around) if point.ring and kind != "same" else ""
    return _link(point, band, element("circle", class_="hit", cx=x, cy=y, r=12), ring, mark, hole, label, kind=kind)


def _tick(point, plot, band):
    """A client of whom only one side is known, on the axis of that side."""
    if point.them is None:
        x, y = plot.x(point.us), plot.bottom
        ends = {"x1": x, "x2": x, "y1": y - 8, "y2": y}
    else:
        x, y = LEFT, plot.y(point.them)
        ends = {"x1": x, "x2": x + 8, "y1": y, "y2": y}
    mark = element("line", class_="one", **ends, stroke="var(--ink-2)", stroke_width="2")
    return _link(point, band, element("circle", class_="hit", cx=x, cy=y, r=12), mark, kind="one")


def _link(point, band, *marks, kind):
    # Only addresses of our own: a scheme such as javascript: is never written.
    own = point.url.startswith(("/", "#", "?")) and not point.url.startswith("//")
    sentence = words(point, band=band)
    may = "" if point.confirmed else " pt-may"
    return element(
        "a", element("title", sentence), *marks, href=point.url if own else None, class_=f"pt pt-{kind}{may}"
    )


def _labels(points, plot, *, band, most):
    """A name for the widest gaps, or "": refused where it would cross a label, a mark or the frame."""
    marks = [(plot.x(p.us), plot.y(p.them)) for p in points]
    boxes = [(x - 6, y - 6, x + 6, y + 6) for x, y in marks]
    taken = [_text_box(x, y, anchor, text) for x, y, anchor, text in plot.zones()]
    found = [""] * len(points)
    widest = sorted(range(len(points)), key=lambda i: -abs(points[i].us - points[i].them))
    for i in widest:
        if len(taken) - 2 >= most or side(points[i].us, points[i].them, band=band) == "same":
            break
        name, (x, y) = shortened(points[i].name), marks[i]
        for dx, dy, anchor in PLACES:
            box = _text_box(x + dx, y + dy, anchor, name)
            inside = box[0] >= LEFT and box[2] <= plot.right + 4 and box[1] >= TOP and box[3] <= plot.bottom
            if inside and not any(_cross(box, other) for other in (*taken, *boxes[:i], *boxes[i + 1 :])):
                taken.append(box)
                found[i] = element("text", name, x=x + dx, y=y + dy, text_anchor=anchor)
                break
    return found


def shortened(name):
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1].rstrip() + "…"


def _text_box(x, y, anchor, text):
    long = len(text) * CHAR
    left = x - (long if anchor == "end" else long / 2 if anchor == "middle" else 0)
    return (left, y - 11, left + long, y + 3)


def _cross(a, b):
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


# -------------------------------------------------------------------- the dumbbell


@remembered
def dumbbell(us, them, *, confirmed=True, band=THRESHOLD, contacts=(), before=None, height=28, low=0):
    """One dimension as a fluid row: us an open circle, them a diamond, both 0–10 or None; it stands in a table.

    The bar is solid when the gap is confirmed, dashed when it only may be. `contacts` are single answers as thin ticks,
    `before` their answer of the round before as a hollow diamond. On one value the diamond lies inside the ring.
    `low` is where the axis begins; the head of the table says so.
    """
    y, across = height / 2, partial(_across, low=low)
    kind = "one" if us is None or them is None else side(us, them, band=band)
    parts = [_upright("c-grid", across(score), 0, height) for score in range(low, 11, 2 if low < 6 else 1)]
    parts += [
        _upright("db-one", across(score), y - 5, y + 5, stroke="currentColor", stroke_opacity="0.45")
        for score in contacts
    ]
    if kind != "one":
        dashes = None if confirmed else "3 4"
        parts.append(
            element("line", class_="db-bar", x1=across(us), x2=across(them), y1=y, y2=y, stroke_dasharray=dashes)
        )
    if before is not None:
        hollow = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.6"}
        parts.append(_diamond("db-before", across(before), y, **hollow))
    if us is not None:
        parts.append(element("circle", class_="db-us", cx=across(us), cy=y, r=7 if us == them else 5))
    if them is not None:
        parts.append(_diamond("db-them", across(them), y, size=5 if us == them else 6.5))
    may = "" if confirmed else " db-may"
    return element("svg", *parts, class_=f"chart db db-{kind}{may}", width="100%", height=height, aria_hidden="true")


def _across(score, low=0):
    return f"{num(3 + (max(score, low) - low) / (10 - low) * 94)}%"  # 3 % room at both ends, so that no mark is cut off


def _upright(class_, x, top, bottom, **rest):
    return element("line", class_=class_, x1=x, x2=x, y1=top, y2=bottom, **rest)


def _diamond(class_, x, y, *, size=6.5, **rest):
    s = num(size)
    path = element("path", class_=class_, d=f"M0 -{s}L{s} 0L0 {s}L-{s} 0Z", **rest)
    return element("svg", path, x=x, y=y, overflow="visible")
