import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.nps import Recommend, recommend


@pytest.mark.parametrize(
    ("counts", "score", "interval"),
    [((6, 1, 10), 50, (0, 77)), ((12, 3, 20), 45, (8, 70)), ((30, 8, 50), 44, (21, 62))],
)
def test_the_score_and_its_interval_against_known_values(counts, score, interval):
    found = Recommend(*counts)

    assert (found.score, found.interval) == (score, interval)


def test_answers_are_sorted_into_three_groups_and_silence_into_none():
    assert recommend([10, 9, 8, 7, 6, 0, None]) == Recommend(promoters=2, detractors=2, answered=6)
    assert recommend([10, 9, 8, 7, 6, 0, None]).passives == 2


@pytest.mark.parametrize(
    ("count", "percentages", "score"),
    [(0, None, None), (4, None, None), (5, (100, 0, 0), None), (10, (100, 0, 0), 100)],
)
def test_few_answers_give_no_percentages_and_no_headline(count, percentages, score):
    found = recommend([10] * count)

    assert (found.percentages, found.score) == (percentages, score)
    assert (found.interval is None) == (score is None)


@given(st.lists(st.none() | st.integers(0, 10), max_size=80))
def test_the_interval_stays_on_the_scale(answers):
    found = recommend(answers)

    if found.interval:
        low, high = found.interval
        assert -100 <= low <= high <= 100
    assert found.promoters + found.passives + found.detractors == found.answered
