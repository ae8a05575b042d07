"""How much of the time to answer is used up, as a small ring. Pure: a share in, an SVG out; its colours are classes."""

from functools import lru_cache
from math import pi

from django.utils.safestring import SafeString

LAST_THIRD = 0.66


def clock(share, *, late=False, size=18):
    """The ring for a share of 0–1; decoration beside words. Late is a full ring."""
    return _drawn(1 if late else min(1, max(0, round(share, 3))), bool(late), size)


@lru_cache(maxsize=3000)
def _drawn(share, late, size):
    kind = "late" if late else "soon" if share > LAST_THIRD else "ok"
    middle, radius = size / 2, size / 2 - 2
    around = 2 * pi * radius
    ring = f'cx="{_num(middle)}" cy="{_num(middle)}" r="{_num(radius)}"'
    return SafeString(
        f'<svg class="chart clock clock-{kind}" width="{_num(size)}" height="{_num(size)}" '
        f'viewBox="0 0 {_num(size)} {_num(size)}" aria-hidden="true"><circle class="ck-track" {ring}></circle>'
        f'<circle class="ck-used" {ring} stroke-dasharray="{_num(around * share)} {_num(around)}" '
        f'transform="rotate(-90 {_num(middle)} {_num(middle)})"></circle></svg>'
    )


def _num(value):
    """At most one decimal: 3.04 → “3”."""
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"
