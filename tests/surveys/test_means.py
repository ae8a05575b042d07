"""Many clients' scores together, against values worked out by hand and against rules that hold for any of them."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.gap import INDEX
from surveys.means import Together, calibration, changes, excludes_0, judged, mean_of, spread_of, student

marks = st.integers(0, 10)
scores = st.floats(0, 10).map(lambda score: round(score, 3))


@pytest.mark.parametrize(
    ("freedom", "reach"), [(1, 12.706), (4, 2.776), (9, 2.262), (19, 2.093), (30, 2.042), (120, 1.980), (10**6, 1.960)]
)
def test_an_interval_reaches_as_far_as_student_says(freedom, reach):
    assert student(freedom) == pytest.approx(reach, abs=0.001)


def test_five_clients_give_the_interval_of_the_textbook():
    # sd 1.5811, standard error 0.7071, times 2.776
    assert mean_of([5, 6, 7, 8, 9]) == {
        "mean": 7, "low": pytest.approx(5.037, abs=0.001), "high": pytest.approx(8.963, abs=0.001), "n": 5,
    }  # fmt: skip


def test_one_client_has_no_interval_and_none_has_no_mean():
    assert mean_of([7]) == {"mean": 7, "low": None, "high": None, "n": 1}
    assert mean_of([]) == {"mean": None, "low": None, "high": None, "n": 0}


@given(st.lists(scores, min_size=2, max_size=40))
def test_a_mean_lies_inside_its_interval_and_its_order_does_not_matter(some):
    found, turned = mean_of(some), mean_of(some[::-1])

    assert found["low"] <= found["mean"] <= found["high"]
    assert found["mean"] == pytest.approx(turned["mean"])
    assert found["n"] == len(some)


@given(st.lists(scores))
def test_every_score_stands_in_exactly_one_column(some):
    counts = spread_of(some)

    assert (len(counts), sum(counts)) == (11, len(some))


def test_halves_stand_in_the_column_above():
    assert spread_of([0.4, 0.5, 6.5, 9.5, 10]) == [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 2]


def test_a_change_is_of_the_clients_who_answered_both_times():
    before = {client: {"trust": 6} for client in range(5)} | {9: {"trust": 0}}
    now = {client: {"trust": 7 + client % 2} for client in range(5)} | {8: {"trust": 0}}

    found = changes(before, now, dimensions=["trust"])["trust"]

    assert (found["n"], found["mean"]) == (5, 1.4)
    assert excludes_0(found)


def test_four_pairs_are_too_few_and_what_was_reworded_is_not_compared():
    before, now = ({client: {"trust": mark, "respect": mark} for client in range(5)} for mark in (6, 8))
    before[4].pop("trust")

    assert list(changes(before, now, dimensions=["trust"])) == []
    assert list(changes(before, now, dimensions=["trust", "respect"])) == ["respect"]


@given(st.lists(st.tuples(scores, scores), min_size=5, max_size=30))
def test_a_change_turned_round_is_the_same_change_the_other_way(pairs):
    before = {client: {"trust": pair[0]} for client, pair in enumerate(pairs)}
    now = {client: {"trust": pair[1]} for client, pair in enumerate(pairs)}

    there = changes(before, now, dimensions=["trust"])["trust"]
    back = changes(now, before, dimensions=["trust"])["trust"]

    assert there["mean"] == pytest.approx(-back["mean"], abs=1e-8)
    assert excludes_0(there) == excludes_0(back)


def test_missing_is_not_counted_as_zero():
    both, one = Together(), Together()
    both.add({"trust": {"c": 8, "f": None, "gap": None}}, {"recommend": [9, 3]})
    both.add({"trust": {"c": None, "f": 9, "gap": None}}, {})
    one.add({"trust": {"c": 8, "f": 9, "gap": 1}}, {"matters": {"trust": 2}, "matters_n": 3})

    assert both.numbers()["scores"]["trust"]["mean"] == 8
    assert both.numbers()["means"] == {}
    assert both.numbers()["recommend"] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    assert (one.numbers()["matters"], one.numbers()["matters_n"]) == ({"trust": 2}, 3)
    assert one.numbers()["means"]["trust"] == {"c": 8, "f": 9, "gap": 1, "n": 1, "low": None, "high": None}


def test_a_judge_is_measured_by_side_and_by_distance():
    belief, said = {"trust": 9, "respect": 5, INDEX: 7}, {"trust": 7, "respect": 7, INDEX: 7}

    assert judged(belief, said, index=["trust", "respect"]) == (0, 2)  # right on the whole, two off each time
    assert judged({"trust": 9}, said, index=["trust", "respect"]) == (None, 2)
    assert judged(belief, {}, index=["trust"]) == (None, None)


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(0, 10)), min_size=1, max_size=20))
def test_calibration_is_the_mean_of_the_clients(rows):
    found = calibration(rows)

    assert found["n"] == len(rows)
    assert found["bias"] == pytest.approx(fmean(bias for bias, _distance in rows), abs=1e-6)
    assert found["distance"] == pytest.approx(fmean(distance for _bias, distance in rows), abs=1e-6)


def test_who_could_not_be_measured_counts_nowhere():
    assert calibration([(None, 1), (None, None)]) == {"n": 0, "bias": None, "low": None, "high": None, "distance": None}
