"""Belief against answer, a point a client: drawn wide and narrow, and the same in numbers."""

from functools import cached_property

from django.urls import reverse
from django.utils.html import format_html_join

from surveys.charts import Point, floor_of, quadrant
from surveys.gap import Gap
from surveys.numbers import plain
from surveys.reading import short

MOST_POINTS = 75


class Scatter:
    """The scatter of these results: `band` the threshold, `cut` where quadrants part, `tail` the query of the links."""

    def __init__(self, results, *, tail, band, cut):
        self.band = band
        self.points = [
            Point(
                name=result.client.name,
                us=result.we_believe,
                them=result.they_say,
                url=reverse("gap", args=[result.client.public_id]) + tail,
                confirmed=result.confirmed,
                ring=result.gap is not None and result.se is not None and abs(result.they_say - cut) <= result.se,
            )
            for result in results
        ]
        self.table = [self._line(point, result) for point, result in zip(self.points, results, strict=True)]

    def _line(self, point, result):
        return {
            "name": point.name,
            "url": point.url,
            "we": "–" if point.us is None else plain(point.us),
            "they": "–" if point.them is None else plain(point.them),
            "words": short(Gap(point.them, point.us, result.gap, threshold=self.band, **_ends(result))),
        }

    @cached_property
    def rows(self):
        """The table's rows, so that many of them cost a page nothing twice."""
        row = '<tr><th scope="row"><a href="{url}">{name}</a></th><td>{we}</td><td>{they}</td><td>{words}</td></tr>'
        return format_html_join("", row, self.table)

    @cached_property
    def has_marks(self):
        """Whether any point outside the band is hollow or ringed, so that the legend says what that means."""
        both = [point for point in self.points if point.us is not None and point.them is not None]
        apart = [point for point in both if abs(point.us - point.them) >= self.band]
        return any(point.ring or not point.confirmed for point in apart)

    @cached_property
    def low(self):
        """Where both axes begin; the page says so."""
        return floor_of([value for point in self.points for value in (point.us, point.them)])

    @cached_property
    def wide(self):
        return quadrant(self.points, height=440, band=self.band, ident="quad-w", low=self.low)

    @cached_property
    def narrow(self):
        return quadrant(self.points, width=326, height=330, max_labels=5, band=self.band, ident="quad-n", low=self.low)


def _ends(result):
    """Only whether the interval leaves 0 out is known here, and only that matters for the words."""
    if result.gap is None:
        return {}
    reach = abs(result.gap) / 2 if result.confirmed else abs(result.gap) + 1
    return {"low": result.gap - reach, "high": result.gap + reach}
