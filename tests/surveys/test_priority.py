import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.priority import Case, Tier, parts_of, priority, tier_of, value_percentiles, why

FULL = Case(bias=2, they_say=5, worst=3, worst_name="Trust", recommend=6, failed=2, due=8, value=1)


def test_the_score_is_the_sum_of_its_parts():
    found = priority(FULL)

    assert [(part.name, round(part.value, 3), round(part.points, 2)) for part in found.parts] == [
        ("bias", 0.5, 15), ("they_say", 0.5, 12.5), ("worst", 0.6, 9), ("promises", 0.25, 3.75), ("silence", 1, 15),
    ]  # fmt: skip
    assert found.score == pytest.approx(55.25)
    assert found.tier == Tier.SCORED


def test_a_client_of_least_value_weighs_half():
    assert priority(Case(**{**FULL.__dict__, "value": 0})).score == pytest.approx(55.25 / 2)


@pytest.mark.parametrize(
    ("case", "tier"),
    [
        (Case(asked_for_call=True), Tier.ASKED),
        (Case(recommend=3), Tier.ALARM),
        (Case(recommend=4), Tier.SCORED),
        (Case(alarms={"Trust": 3, "Respect": None}), Tier.ALARM),
        (Case(alarms={"Trust": 3.5}), Tier.SCORED),
        (Case(recommend=0, asked_for_call=True), Tier.ASKED),
        (Case(), Tier.SCORED),
    ],
)
def test_tiers(case, tier):
    assert tier_of(case) == tier


def test_the_list_goes_by_tier_then_by_score():
    quiet, loud, alarm, asked = (
        Case(bias=1),
        Case(bias=4, they_say=2, worst=5),
        Case(recommend=3),
        Case(asked_for_call=True),
    )

    assert sorted([quiet, loud, alarm, asked], key=lambda case: priority(case).order) == [asked, alarm, loud, quiet]


def test_silence_of_a_decision_maker_counts_less_than_a_detractor():
    silence = [
        parts_of(case)[-1].value for case in (Case(recommend=6), Case(silent_decision_maker=True), Case(recommend=7))
    ]

    assert silence == [1, 0.6, 0]


def test_what_is_not_known_adds_nothing_and_says_so():
    found = priority(Case())

    assert [part.value for part in found.parts] == [None, None, None, 0, 0]
    assert (found.score, found.why) == (0, "Nothing stands out.")


def test_two_promises_due_are_too_few_to_count():
    assert parts_of(Case(failed=2, due=2))[3].value == 0
    assert parts_of(Case(failed=3, due=3))[3].value == 1


def test_why_gives_the_three_facts_that_weigh_most():
    assert why(FULL) == "Would recommend us: 6 of 10. They rate us 2.0 lower than we think. They rate us 5.0 of 10."
    assert why(Case(asked_for_call=True, asked_by="Rosa Almeida", recommend=2, alarms={"Trust": 1}, bias=3)) == (
        "Rosa Almeida asked for a call. Trust: 1 of 10. Would recommend us: 2 of 10."
    )
    assert why(Case(asked_for_call=True)) == "Asked for a call."
    assert why(Case(silent_decision_maker=True, failed=1, due=9)) == (
        "The decision maker has not answered. 1 of our 9 promises due is broken or overdue."
    )
    assert why(Case(worst=2.25, worst_name="Respect")) == "Respect: 2.3 lower than we think."


def test_value_percentiles_stand_in_the_middle_of_their_band():
    assert value_percentiles({"A": 1, "B": 1, "C": 2, "": 7}) == {"": 0.5, "C": 0.25, "B": 0.625, "A": 0.875}
    assert value_percentiles({"B": 4}) == {"": 0.5, "B": 0.5}
    assert value_percentiles({}) == {"": 0.5}


maybe = st.none() | st.floats(-10, 10)
cases = st.builds(
    Case,
    asked_for_call=st.booleans(),
    recommend=st.none() | st.integers(0, 10),
    alarms=st.dictionaries(st.sampled_from(["Trust", "Respect", "Keeps promises"]), st.none() | st.floats(0, 10)),
    bias=maybe,
    they_say=st.none() | st.floats(0, 10),
    worst=maybe,
    worst_name=st.just("Trust"),
    failed=st.integers(0, 9),
    due=st.integers(9, 20),
    silent_decision_maker=st.booleans(),
    value=st.floats(0, 1),
)


@settings(max_examples=150, deadline=None)
@given(cases)
def test_scores_stay_between_nothing_and_a_hundred_and_reasons_short(case):
    found = priority(case)

    assert 0 <= found.score <= 100 + 1e-9
    assert sum(part.points for part in found.parts) == found.score
    assert 1 <= found.why.count(". ") + 1 <= 3
    assert len(found.why) < 400
