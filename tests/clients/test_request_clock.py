"""The clock of a request, over random calendars, zones and changes of the clock; and the same in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.clock_ring import clock as ring
from accounts.models import Workspace
from accounts.worktime import Calendar
from clients.requests import clock, effects

ZONES = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "UTC",
    "America/Sao_Paulo",
]
# Around the nights in which clocks change, on either side of the equator.
moments = st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 30), timezones=st.just(UTC))
weeks = st.sampled_from(
    [
        [[["09:00", "17:30"]]] * 5 + [[], []],
        [[["09:00", "12:30"], ["13:30", "17:30"]]] * 4 + [[["09:00", "12:00"]], [], []],
        [[["22:00", "24:00"]]] * 3 + [[["00:00", "06:00"]]] * 2 + [[], []],
        [[["01:30", "03:30"]]] * 7,  # right in the hour that clocks skip or show twice
    ]
)
calendars = st.builds(
    Calendar, zone=st.sampled_from(ZONES), week=weeks, country=st.sampled_from(["GB", "DE", "US", ""])
)
hours = st.integers(1, 80)


@given(calendars, moments, hours)
@settings(max_examples=200, deadline=None)
def test_an_answer_is_due_after_exactly_so_many_working_hours(calendar, since, hours):
    due = clock.due_at(calendar, since, hours)
    assert calendar.between(since, due) == timedelta(hours=hours)
    assert clock.minutes_between(calendar, since, due) == 60 * hours


@given(calendars, moments, hours, st.integers(1, 99))
@settings(max_examples=100, deadline=None)
def test_it_runs_out_before_it_is_due_and_after_it_was_asked(calendar, since, hours, share):
    due = clock.due_at(calendar, since, hours)
    soon = clock.soon_at(calendar, since, due, share)
    assert since < soon < due
    earlier = clock.soon_at(calendar, since, due, share / 2)
    assert earlier <= soon


@given(calendars, moments, hours, st.floats(0, 3))
@settings(max_examples=200, deadline=None)
def test_the_ring_only_ever_fills(calendar, since, hours, part):
    due = clock.due_at(calendar, since, hours)
    now = since + (due - since) * part
    shown = clock.clock(calendar, since=since, due=due, now=now)
    later = clock.clock(calendar, since=since, due=due, now=now + timedelta(minutes=20))
    assert 0 <= shown.share <= later.share <= 1
    assert shown.is_over == (now > due)
    assert (shown.level == "late") == shown.is_over
    assert shown.left + calendar.between(since, now) == shown.whole
    assert shown.words


@given(calendars, calendars, moments, hours)
@settings(max_examples=100, deadline=None)
def test_another_persons_hours_give_them_as_much_time(one, other, since, hours):
    dues = [clock.due_at(calendar, since, hours) for calendar in (one, other)]
    assert [calendar.between(since, due) for calendar, due in zip((one, other), dues, strict=True)] == [
        timedelta(hours=hours)
    ] * 2


@pytest.mark.parametrize(
    ("zone", "asked", "due"),
    [
        # Friday 16:30 before the clock goes back, and forward: Monday 16:00 by the wall, an hour more or less between.
        ("Europe/London", "2026-10-23T15:30", "2026-10-26T16:00"),
        ("Europe/London", "2027-03-26T16:30", "2027-03-30T16:00"),  # Good Friday and Easter Monday in between
        ("America/New_York", "2026-10-30T20:30", "2026-11-02T21:00"),
    ],
)
def test_the_wall_clock_counts_where_the_clock_changes(zone, asked, due):
    calendar = Calendar(zone=zone, country="GB" if zone == "Europe/London" else "")
    found = clock.due_at(calendar, datetime.fromisoformat(asked + "+00:00"), 8)
    assert found == datetime.fromisoformat(due + "+00:00")


DAY = timedelta(hours=8, minutes=30)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(seconds=40), "under a minute left"),
        (timedelta(minutes=52), "52 min left"),
        (timedelta(hours=2), "2 h left"),
        (timedelta(hours=2, minutes=5, seconds=59), "2 h 05 left"),
        (timedelta(hours=16, minutes=59), "16 h 59 left"),
        (timedelta(hours=17), "2 days left"),
        (timedelta(hours=40), "4 days left"),
    ],
)
def test_what_is_left_in_words(left, words):
    assert clock.left_in_words(left, DAY) == words


@pytest.mark.parametrize(
    ("over", "words"),
    [(timedelta(), "just over"), (timedelta(minutes=70), "1 h 10 over"), (timedelta(hours=30), "3 days over")],
)
def test_what_is_over_in_words(over, words):
    assert clock.over_in_words(over, DAY) == words


@pytest.mark.parametrize(
    ("share", "late", "kind"), [(0, False, "ok"), (0.6, False, "ok"), (0.7, False, "soon"), (0.2, True, "late")]
)
def test_the_ring_is_amber_in_its_last_third_and_crimson_and_full_when_over(share, late, kind):
    drawn = ring(share, late=late)
    assert f"clock-{kind}" in drawn
    assert f'stroke-dasharray="{"44" if late else f"{44 * share:.1f}".rstrip("0").rstrip(".")}' in drawn or not late
    assert 'aria-hidden="true"' in drawn


def test_a_change_of_the_settings_says_what_it_does():
    thursday = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
    workspace = Workspace(
        answer_hours=4, answer_hours_urgent=2, answer_soon_share=75, answer_manager_hours=4, country="GB"
    )
    with translation.override("en-gb"):
        told = effects.effects(workspace, thursday)
    assert told["answer_hours"] == (
        "A request on Friday 16:30 is due Monday 12:00; if it is urgent, Monday 10:00. "
        "A client’s own time goes before it."
    )
    assert "a manager on Monday 16:00" in told["answer_soon_share"]
