from xml.etree import ElementTree as ET

import pytest
from django.utils.safestring import SafeString

from promises.charts import bar, clock, element, num, strip, trend

NOWHERE = "style=", "NaN", "inf", '"-0"', "None"


def drawn(svg):
    """The chart parsed as XML, after what must hold for every chart."""
    assert isinstance(svg, SafeString)
    assert [word for word in NOWHERE if word in svg] == []
    return ET.fromstring(svg)  # noqa: S314 our own output


def texts(svg):
    return [text.text for text in drawn(svg).iter("text")]


@pytest.mark.parametrize(
    ("value", "text"), [(3.04, "3"), (-0.01, "0"), (0, "0"), (12.25, "12.2"), (100, "100"), (-2.5, "-2.5")]
)
def test_coordinates_are_short_and_never_a_negative_zero(value, text):
    assert num(value) == text


def test_elements_escape_their_attributes_and_children():
    hostile = '"><script>1</script>'

    svg = element("text", hostile, class_=hostile)

    assert svg == (
        '<text class="&quot;&gt;&lt;script&gt;1&lt;/script&gt;">&quot;&gt;&lt;script&gt;1&lt;/script&gt;</text>'
    )


def test_a_strip_has_one_mark_a_promise_each_kind_with_a_shape_of_its_own():
    kinds = ["kept_as_first_promised", "kept_renegotiated_early", "kept_renegotiated_late", "late", "open_overdue"]
    kinds += ["broken", "not_due"]

    shapes = [drawn(strip([kind]))[0] for kind in kinds]
    looks = [(mark.tag, mark.get("class"), mark.get("d")) for mark in shapes]

    assert len(drawn(strip(kinds))) == len(kinds)
    assert len(set(looks)) == len(kinds)
    assert [mark.get("class") for mark in shapes] == ["s-kept", "s-moved", *["s-broken"] * 4, "s-open"]


@pytest.mark.parametrize(
    ("count", "size"), [(1, ("15", "15")), (17, ("255", "15")), (18, ("255", "30")), (500, ("255", "450"))]
)
def test_a_strip_grows_by_rows(count, size):
    svg = drawn(strip(["kept_as_first_promised"] * count))

    assert (len(svg), (svg.get("width"), svg.get("height"))) == (count, size)


def test_a_strip_of_nothing_is_nothing():
    assert strip([]) == ""


def test_a_strip_can_be_named():
    assert drawn(strip(["late"], label="1 of 1 late")).get("aria-label") == "1 of 1 late"
    assert drawn(strip(["late"])).get("aria-hidden") == "true"


def test_the_trend_names_low_weeks_and_the_newest():
    svg = trend([("2 Nov", 8, 1, 1), ("9 Nov", 5, 1, 4), ("16 Nov", 9, 0, 0)])

    assert [text for text in texts(svg) if text.endswith("%")] == ["60%", "100%"]
    assert [rect.get("class") for rect in drawn(svg).iter("rect")].count("b-moved") == 2
    assert "9 Nov: 5 kept, 1 moved early, 4 late or broken" in [title.text for title in drawn(svg).iter("title")]


def test_a_week_of_few_promises_shows_counts():
    assert "1/2" in texts(trend([("16 Nov", 1, 0, 1)]))


@pytest.mark.parametrize("weeks", [[], [("2 Nov", 0, 0, 0)], [("2 Nov", 0, 0, 0)] * 52, [("2 Nov", 900, 3, 70)] * 500])
@pytest.mark.parametrize("width", [560, 326])
def test_any_number_of_weeks_can_be_drawn(weeks, width):
    drawn(trend(weeks, width=width, ident="w"))


def test_no_promises_due_is_said():
    assert texts(trend([])) == ["0", "No promises due yet."]


def test_columns_stay_within_the_frame():
    for rect in drawn(trend([(f"{n}", n, n, n) for n in range(30)])).iter("rect"):
        assert float(rect.get("y")) >= 22
        assert float(rect.get("y")) + float(rect.get("height")) <= 176.1


@pytest.mark.parametrize(
    ("value", "total", "widths"),
    [(3, 4, ["100%", "75%"]), (9, 4, ["100%", "100%"]), (0, 4, ["100%"]), (0, 0, ["100%"])],
)
def test_a_bar_is_part_of_its_whole(value, total, widths):
    assert [rect.get("width") for rect in drawn(bar(value, total)).iter("rect")] == widths


@pytest.mark.parametrize(
    ("share", "late", "kind"),
    [(-1, False, "ok"), (0.5, False, "ok"), (0.7, False, "soon"), (9, False, "soon"), (0, True, "late")],
)
def test_the_clock_says_how_much_time_is_used(share, late, kind):
    assert drawn(clock(share, late=late)).get("class") == f"chart clock clock-{kind}"


def test_names_of_weeks_are_escaped():
    assert texts(trend([("<b>&", 9, 0, 0)]))[-1] == "<b>&"
    assert "<b>" not in trend([("<b>&", 9, 0, 0)])
