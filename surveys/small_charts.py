"""How many clients' scores lie on 0–10, a row at a time, and answers by day, as SVG. Pure; rules as in promises.charts.

Rows use shares of the width for x and pixels for y, so that they stretch without distortion, as dumbbells do.
"""

from promises.charts import element, num, remembered
from surveys.charts import _across, _diamond, _upright

HEIGHT = 30
FOOT = 3


@remembered
def spread(counts, *, mean=None, low=None, high=None, height=HEIGHT):
    """One column a whole mark 0…10, the tallest as high as the row; the mean as a diamond on its interval."""
    most = max(counts) or 1
    foot = height - FOOT
    parts = [_upright("c-grid", _across(mark), foot, height) for mark in range(11)]
    for mark, count in enumerate(counts):
        if count:
            top = foot - max(2, (foot - 4) * count / most)
            parts.append(_upright("sp-col", _across(mark), top, foot))
    if low is not None and high is not None:
        ends = {"x1": _across(max(0, low)), "x2": _across(min(10, high)), "y1": foot, "y2": foot}
        parts.append(element("line", class_="sp-ci", **ends))
    if mean is not None:
        parts.append(_diamond("db-them", _across(mean), foot, size=5))
    return _row(parts, height)


@remembered
def dots(scores, *, height=HEIGHT):
    """Few scores, each for itself: a diamond each on the line from 0 to 10, equal ones above each other."""
    foot = height - 8
    parts = [element("line", class_="c-grid", x1=_across(0), x2=_across(10), y1=foot, y2=foot)]
    parts += [_upright("c-grid", _across(mark), foot - 3, foot + 3) for mark in range(11)]
    seen = {}
    for score in sorted(scores):
        place = round(score, 1)
        seen[place] = seen.get(place, 0) + 1
        parts.append(_diamond("db-them", _across(score), foot - 7 * (seen[place] - 1), size=5))
    return _row(parts, height)


def _row(parts, height):
    return element("svg", *parts, class_="chart sp", width="100%", height=num(height), aria_hidden="true")


@remembered
def columns(days, *, height=64):
    """[(label, how many)…] as columns side by side; the same stands beside it as a table."""
    most = max((number for _label, number in days), default=0) or 1
    step = 100 / max(len(days), 14)
    parts = [element("line", class_="c-grid", x1="0%", x2="100%", y1=height - 1, y2=height - 1)]
    for i, (label, number) in enumerate(days):
        if number:
            tall = max(2, (height - 4) * number / most)
            title = element("title", f"{label}: {number}")
            at = {"x": f"{num(i * step + step * 0.14)}%", "width": f"{num(step * 0.72)}%"}
            parts.append(element("rect", title, class_="sp-day", y=height - 1 - tall, height=tall, **at))
    return element("svg", *parts, class_="chart sp", width="100%", height=num(height), aria_hidden="true")
