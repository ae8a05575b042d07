import random
from time import perf_counter
from xml.etree import ElementTree as ET

import pytest
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.charts import LEFT, Point, dumbbell, quadrant, shortened, side, words

NOWHERE = "style=", "NaN", "inf", '"-0"', "None"
LONG = "Brightwater Housing Association of Kent"
SIZES = [{"width": 560, "height": 400}, {"width": 326, "height": 330, "max_labels": 5}]


def drawn(svg):
    assert isinstance(svg, SafeString)
    assert [word for word in NOWHERE if word in svg] == []
    return ET.fromstring(svg)  # noqa: S314 our own output


def point(us=8.0, them=6.0, *, name="Tidewell Water", url="/clients/c_1/", **rest):
    return Point(name=name, us=us, them=them, url=url, **rest)


def labels(svg):
    return [text.text for link in drawn(svg).iter("a") for text in link.iter("text")]


def links(svg):
    return [(link.get("class"), link.get("href"), link.find("title").text) for link in drawn(svg).iter("a")]


def scattered(count, *, name="Client {}", seed=7):
    rng = random.Random(seed)
    return [
        point(rng.uniform(0, 10), rng.uniform(0, 10), name=name.format(i), url=f"/c/{i}/") for i in range(count)
    ]  # fmt: skip


def test_a_point_is_a_link_named_in_words():
    assert links(quadrant([point(8.1, 6.2)])) == [
        (
            "pt pt-low",
            "/clients/c_1/",
            "Tidewell Water: we believe 8.1, they say 6.2, they rate us 1.9 lower than we think",
        )
    ]


@pytest.mark.parametrize(
    ("us", "them", "rest", "sentence"),
    [
        (6, 8.5, {}, "we believe 6.0, they say 8.5, they rate us 2.5 higher than we think"),
        (8, 6, {"confirmed": False}, "we believe 8.0, they say 6.0, they may rate us 2.0 lower than we think"),
        (8, 7.5, {"confirmed": False}, "we believe 8.0, they say 7.5, about as we think"),
        (0, 0, {}, "we believe 0, they say 0, about as we think"),
        (8, None, {}, "we believe 8.0, they have not said"),
        (None, 3, {}, "they say 3.0, no opinion of ours on record"),
    ],
)
def test_words_for_every_kind_of_point(us, them, rest, sentence):
    assert words(point(us, them, **rest)) == f"Tidewell Water: {sentence}"


@pytest.mark.parametrize(("us", "them", "found"), [(8.1, 7.1, "low"), (8, 7.1, "same"), (7, 8, "high"), (7, 7, "same")])
def test_a_gap_of_exactly_the_band_lies_outside_it(us, them, found):
    assert side(us, them) == found


def test_shapes_repeat_what_colours_say():
    svg = quadrant([point(9, 5), point(5, 9), point(7, 7)])

    shapes = {link.get("class"): [m.tag for m in link if m.get("class") == "m"] for link in drawn(svg).iter("a")}

    assert shapes == {"pt pt-low": ["path"], "pt pt-high": ["path"], "pt pt-same": ["circle"]}


def test_every_point_can_be_hit():
    hits = [circle.get("r") for circle in drawn(quadrant(scattered(20))).iter("circle") if circle.get("class") == "hit"]

    assert hits == ["12"] * 20


def test_a_ring_marks_an_answer_near_the_cut_and_a_hole_an_indicative_gap():
    svg = drawn(quadrant([point(9, 6.8, ring=True, confirmed=False)], cut=7))

    assert [circle.get("r") for circle in svg.iter("circle") if circle.get("class") == "ring"] == ["9"]
    assert svg.find("a").get("class") == "pt pt-low pt-may"
    assert len([circle for circle in svg.iter("circle") if circle.get("class") == "hole"]) == 1
    assert len([line for line in svg.iter("line") if "c-cut" in line.get("class")]) == 2


def test_clients_with_one_side_only_are_ticks_on_its_axis():
    svg = quadrant([point(5, None), point(None, 5)])

    assert [found[0] for found in links(svg)] == ["pt pt-one", "pt pt-one"]
    ticks = [line.attrib for line in drawn(svg).iter("line") if line.get("class") == "one"]
    assert (ticks[0]["y2"], ticks[1]["x1"]) == ("360", str(LEFT))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [0, 1, 500])
def test_none_one_and_five_hundred_points(count, size):
    began = perf_counter()

    svg = quadrant(scattered(count), **size)

    assert len(links(svg)) == count
    assert len(labels(svg)) <= size.get("max_labels", 9)
    assert perf_counter() - began < 2


def test_the_widest_gaps_carry_names():
    far = [
        point(9.5, 2, name="Low"),
        point(2, 9.5, name="High"),
        point(8, 6.8, name="Narrow"),
        point(7, 7, name="Same"),
    ]

    assert sorted(labels(quadrant(far, max_labels=2))) == ["High", "Low"]
    assert sorted(labels(quadrant(far))) == ["High", "Low", "Narrow"]


@pytest.mark.parametrize("size", SIZES)
def test_long_names_are_shortened_and_stay_in_the_frame(size):
    svg = quadrant(scattered(12, name=LONG + " {}"), **size)

    assert all(len(label) <= 24 and label.endswith("…") for label in labels(svg))
    assert all(LONG in title for _class, _href, title in links(svg))
    assert shortened("Tidewell Water") == "Tidewell Water"


def boxes(svg):
    for text in (text for link in drawn(svg).iter("a") for text in link.iter("text")):
        x, y, wide = float(text.get("x")), float(text.get("y")), len(text.text) * 6.4
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
        yield left, y - 11, left + wide, y + 3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(0, 10_000), st.sampled_from(SIZES))
def test_labels_never_cross(count, seed, size):
    found = list(boxes(quadrant(scattered(count, seed=seed), **size)))

    crossing = [(a, b) for i, a in enumerate(found) for b in found[:i]
                if a[0] < b[2] - 0.2 and a[2] > b[0] + 0.2 and a[1] < b[3] - 0.2 and a[3] > b[1] + 0.2]  # fmt: skip
    assert crossing == []


def test_points_on_one_spot_are_all_there():
    svg = quadrant([point(8, 5, name=name, url=f"/{name}/") for name in "abc"])

    assert sorted(href for _class, href, _title in links(svg)) == ["/a/", "/b/", "/c/"]


@pytest.mark.parametrize("name", ['<script>alert("1")</script>', "Ben & Co <b>", "'\"><img src=x>", "🦊 العربية"])
def test_hostile_names_are_text(name):
    svg = quadrant([point(9, 3, name=name)])

    assert links(svg)[0][2].startswith(f"{name}: we believe")
    assert "<script" not in svg
    assert "<img" not in svg


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example/", "https://evil.example/", ""])
def test_addresses_elsewhere_are_not_written(url):
    assert links(quadrant([point(url=url)]))[0][1] is None


def test_a_dumbbell_shows_both_sides_and_the_way_between():
    svg = drawn(dumbbell(8.5, 6.25))

    assert svg.get("class") == "chart db db-low"
    bar = next(line for line in svg.iter("line") if line.get("class") == "db-bar")
    assert (bar.get("x1"), bar.get("x2"), bar.get("stroke-dasharray")) == ("82.9%", "61.8%", None)


def test_an_indicative_dumbbell_is_dashed():
    svg = drawn(dumbbell(6, 8.5, confirmed=False))

    assert svg.get("class") == "chart db db-high db-may"
    assert [line.get("stroke-dasharray") for line in svg.iter("line") if line.get("class") == "db-bar"] == ["3 4"]


def test_same_values_coincide_with_the_diamond_inside_the_ring():
    svg = drawn(dumbbell(7, 7))

    ring, diamond = svg.find("circle"), svg.find("svg")
    assert ring.get("cx") == diamond.get("x")
    assert ring.get("r") == "7"
    assert diamond.find("path").get("d") == "M0 -5L5 0L0 5L-5 0Z"
    assert svg.get("class") == "chart db db-same"


def test_single_answers_and_the_round_before_stand_behind():
    svg = drawn(dumbbell(8, 6, contacts=[4, 6, 8], before=7))

    assert len([line for line in svg.iter("line") if line.get("class") == "db-one"]) == 3
    assert [path.get("class") for path in svg.iter("path")] == ["db-before", "db-them"]


@pytest.mark.parametrize(("us", "them"), [(None, None), (8, None), (None, 8), (0, 0), (0, 10), (10, 0), (-0.0, 0.0)])
def test_any_dumbbell_can_be_drawn(us, them):
    svg = drawn(dumbbell(us, them))

    marks = len(svg.findall("circle")) + len(svg.findall("svg"))
    assert marks == (us is not None) + (them is not None)
    assert [line for line in svg.iter("line") if line.get("class") == "db-bar"] == [] or marks == 2
