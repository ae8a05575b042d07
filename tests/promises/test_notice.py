from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.worktime import Calendar
from promises.notice import Timing, last_early_moment, need, timing

OFFICE = Calendar(zone="UTC")
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("lead", "days"),
    [(-3, 0), (0, 0), (0.5, 0.25), (1, 0.5), (2, 1), (3, 1), (5, 1), (10, 2), (15, 3), (25, 5), (26, 5), (200, 5)],
)
def test_the_notice_that_is_needed(lead, days):
    assert need(lead) == pytest.approx(days)


def test_the_rule_can_be_set():
    assert need(10, share=0.5, most=4) == 4


@pytest.mark.parametrize(("lead", "days"), [(1, 0.5), (3, 1), (5, 1), (10, 2), (15, 3), (25, 5), (60, 5)])
def test_the_last_early_moment_lies_the_needed_notice_before_the_due(lead, days):
    due = OFFICE.add(MONDAY, days=lead)

    last = last_early_moment(MONDAY, due, OFFICE)

    assert OFFICE.between(last, due) == days * OFFICE.day_length


def test_a_request_is_early_up_to_the_last_early_moment_then_last_minute_then_after_the_fact():
    due = OFFICE.add(MONDAY, days=5)
    last, second = last_early_moment(MONDAY, due, OFFICE), timedelta(seconds=1)

    asked = [MONDAY, last, last + second, due - second, due, due + second]

    assert [timing(MONDAY, due, at, OFFICE) for at in asked] == [
        Timing.EARLY, Timing.EARLY, Timing.LAST_MINUTE, Timing.LAST_MINUTE, Timing.AFTER, Timing.AFTER,
    ]  # fmt: skip


def test_monday_morning_is_too_late_for_a_monday_evening_promise_made_a_week_before():
    due = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)

    assert timing(MONDAY, due, datetime(2026, 11, 23, 10, tzinfo=UTC), OFFICE) == Timing.LAST_MINUTE
    assert timing(MONDAY, due, datetime(2026, 11, 20, 12, tzinfo=UTC), OFFICE) == Timing.EARLY


def test_a_promise_made_and_due_on_one_weekend_is_judged_by_the_clock():
    saturday, sunday = datetime(2026, 11, 21, 10, tzinfo=UTC), datetime(2026, 11, 22, 10, tzinfo=UTC)

    assert last_early_moment(saturday, sunday, OFFICE) == datetime(2026, 11, 21, 22, tzinfo=UTC)
    assert timing(saturday, sunday, datetime(2026, 11, 22, 9, tzinfo=UTC), OFFICE) == Timing.LAST_MINUTE


def test_before_the_due_but_after_hours_is_last_minute():
    due = datetime(2026, 11, 20, 23, tzinfo=UTC)

    assert timing(MONDAY, due, datetime(2026, 11, 20, 22, tzinfo=UTC), OFFICE) == Timing.LAST_MINUTE


def test_terms_agreed_after_their_own_due_are_early_only_before_it():
    due = MONDAY - timedelta(days=1)

    assert last_early_moment(MONDAY, due, OFFICE) == due
    assert timing(MONDAY, due, MONDAY, OFFICE) == Timing.AFTER


@settings(max_examples=150, deadline=None)
@given(moments, moments, moments)
def test_early_means_at_least_the_needed_notice(agreed, due, asked):
    lead = OFFICE.between(agreed, due) / OFFICE.day_length
    notice = OFFICE.between(asked, due) / OFFICE.day_length

    found = timing(agreed, due, asked, OFFICE)

    assert (found == Timing.AFTER) == (asked >= due)
    if asked < due and lead > 0:
        assert (found == Timing.EARLY) == (notice >= need(lead) - 1e-9)
    assert min(agreed, due) <= last_early_moment(agreed, due, OFFICE) <= due
