from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.worktime import STANDARD_WEEK, Calendar, clean_week, due_moment, holiday_name

LONDON = Calendar(zone="Europe/London", country="GB")
PLAIN = Calendar(zone="UTC")
SPLIT = Calendar(
    zone="Europe/Madrid", week=[[["09:00", "13:30"], ["16:00", "19:30"]]] * 4 + [[["08:00", "14:00"]], [], []]
)
NIGHTS = Calendar(zone="America/Sao_Paulo", week=[[["00:00", "06:00"], ["22:00", "24:00"]]] * 7, country="BR")
CALENDARS = [
    LONDON,
    PLAIN,
    SPLIT,
    NIGHTS,
    Calendar(zone="Pacific/Apia"),
    Calendar(zone="Australia/Lord_Howe", country="AU"),
]

moments = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
zones = st.sampled_from(
    ["Europe/London", "Pacific/Apia", "Asia/Kathmandu", "America/Havana", "Africa/Cairo", "Asia/Beirut"]
)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def hours(amount):
    return timedelta(hours=amount)


def test_time_is_counted_over_the_weekend_only_where_people_work():
    friday = utc(2026, 11, 20, 16, 30)

    assert LONDON.add(friday, hours=1) == utc(2026, 11, 20, 17, 30)
    assert LONDON.add(friday, hours=2) == utc(2026, 11, 23, 10)
    assert LONDON.between(friday, utc(2026, 11, 23, 10)) == hours(2)
    assert LONDON.between(utc(2026, 11, 23, 10), friday) == hours(-2)


def test_a_day_is_the_mean_of_the_days_with_hours():
    assert PLAIN.day_length == hours(8.5)
    assert SPLIT.day_length == hours((4 * 8 + 6) / 5)
    assert PLAIN.add(utc(2026, 11, 19, 9), days=3) == utc(2026, 11, 23, 17, 30)


def test_going_back_lands_on_the_latest_moment():
    assert PLAIN.add(utc(2026, 11, 23, 9), hours=-1) == utc(2026, 11, 20, 16, 30)
    assert PLAIN.add(utc(2026, 11, 23, 10), hours=-1) == utc(2026, 11, 23, 9)
    assert PLAIN.add(utc(2026, 11, 21, 12), days=-1) == utc(2026, 11, 20, 9)
    assert PLAIN.add(utc(2026, 1, 1, 9), hours=-1) == utc(2025, 12, 31, 16, 30)


def test_adding_nothing_stays_where_it_is():
    sunday = utc(2026, 11, 22, 3)

    assert PLAIN.add(sunday, hours=0) == sunday
    assert PLAIN.next_working_moment(sunday) == utc(2026, 11, 23, 9)
    assert PLAIN.next_working_moment(utc(2026, 11, 23, 11, 5)) == utc(2026, 11, 23, 11, 5)
    assert PLAIN.next_working_moment(utc(2026, 11, 23, 17, 30)) == utc(2026, 11, 24, 9)


def test_several_spans_a_day():
    assert SPLIT.add(utc(2026, 11, 23, 12), hours=1) == utc(
        2026, 11, 23, 15, 30
    )  # 13:00, then 16:00 to 16:30 in Madrid
    assert SPLIT.next_working_moment(utc(2026, 11, 23, 13)) == utc(2026, 11, 23, 15)


def test_holidays_weekends_absences_and_free_days_are_named():
    person = Calendar(
        zone="Europe/London", country="GB", week=[STANDARD_WEEK[0], STANDARD_WEEK[0], [], *STANDARD_WEEK[3:]],
        absences=((date(2026, 12, 28), date(2026, 12, 31)),),
    )  # fmt: skip

    with override("en-gb"):
        words = {day: person.why_not(date(2026, 12, day)) for day in (23, 24, 25, 27, 30)}

    assert words == {23: "day off", 24: "", 25: "Christmas Day", 27: "weekend", 30: "away"}
    assert [day for day in range(21, 32) if person.is_working_day(date(2026, 12, day))] == [21, 22, 24]
    assert person.absent_on(date(2026, 12, 31))
    assert not person.absent_on(date(2027, 1, 1))


def test_the_holidays_most_people_in_the_country_have():
    assert holiday_name("GB", date(2026, 4, 6)) == "Easter Monday"
    assert holiday_name("GB-SCT", date(2026, 4, 6)) == ""
    assert holiday_name("de", date(2026, 10, 3)) == "German Unity Day"
    assert holiday_name("DE", date(2026, 10, 3), language="de") == "Tag der Deutschen Einheit"


@pytest.mark.parametrize("country", ["", "XX", "GB-NOWHERE", "\0", "🦊"])
def test_an_unknown_country_has_no_holidays(country):
    assert Calendar(country=country).is_working_day(date(2026, 12, 25))


def test_working_days_between_two_days():
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)

    assert PLAIN.working_days(friday, monday) == 1
    assert PLAIN.working_days(monday, friday) == -1
    assert PLAIN.working_days(friday, friday) == 0
    assert PLAIN.working_days(utc(2026, 11, 20, 23, 59), utc(2026, 11, 23, 0, 1)) == 1
    assert LONDON.working_days(date(2025, 12, 24), date(2026, 1, 2)) == 4  # 29, 30, 31 and 2


def test_the_working_day_after():
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)

    assert [PLAIN.working_day_after(friday, n).day for n in (-1, 0, 1, 2, 6)] == [19, 20, 23, 24, 30]
    assert [PLAIN.working_day_after(saturday, n).day for n in (-1, 0, 1)] == [20, 23, 23]
    assert LONDON.working_day_after(date(2026, 12, 24)) == date(2026, 12, 29)


def test_nights_on_which_the_clock_changes_are_shorter_or_longer():
    nights = Calendar(zone="Europe/London", week=[[["00:00", "08:00"]]] * 7)

    spring, autumn = utc(2026, 3, 28, 12), utc(2026, 10, 24, 12)

    assert nights.between(spring, spring + timedelta(days=1)) == hours(7)
    assert nights.between(autumn, autumn + timedelta(days=1)) == hours(9)


def test_a_day_that_never_was_has_no_hours():
    samoa = Calendar(zone="Pacific/Apia", week=[[["09:00", "17:00"]]] * 7)

    assert samoa.between(utc(2011, 12, 29, 19), utc(2011, 12, 31, 3)) == hours(16)  # the 29th and the 31st, no 30th


def test_half_hour_zones():
    kathmandu = Calendar(zone="Asia/Kathmandu")

    assert kathmandu.next_working_moment(utc(2026, 11, 22, 12)) == utc(2026, 11, 23, 3, 15)


def test_someone_away_for_ever_is_away_for_two_years():
    left = Calendar(absences=((date(2026, 1, 5), date(9999, 12, 31)),))

    assert left.add(utc(2026, 1, 2, 17), hours=1) == utc(2028, 1, 7, 9, 30)


def test_years_nobody_plans_for_are_refused():
    with pytest.raises(ValueError, match="year 9999"):
        PLAIN.between(utc(2026, 1, 1), utc(9999, 6, 1))
    with pytest.raises(ValueError, match="year 2301"):
        PLAIN.add(utc(2026, 1, 1), days=1_000_000)
    assert PLAIN.is_working_day(date(9999, 12, 31))


@pytest.mark.parametrize(
    "week",
    [
        [[]] * 6,
        [[["17:00", "09:00"]], *[[]] * 6],
        [[["09:00", "09:00"]], *[[]] * 6],
        [[["09:00", "12:00"], ["11:00", "17:00"]], *[[]] * 6],
        [[["9", "12:00"]], *[[]] * 6],
        [[["09:00", "24:01"]], *[[]] * 6],
        [[["09:00", "12:٣٠"]], *[[]] * 6],
    ],
)
def test_impossible_weeks_are_refused(week):
    with pytest.raises(ValueError, match=r"time of day|hours|seven"):
        clean_week(week)


def test_a_week_without_hours_is_the_standard_week():
    assert Calendar(week=[[]] * 7).week == STANDARD_WEEK


def test_calendars_made_from_json_are_equal_and_hashable():
    assert len({Calendar(week=[list(map(list, day)) for day in STANDARD_WEEK]), Calendar(zone=ZoneInfo("UTC"))}) == 1


def test_ten_thousand_due_moments_in_under_a_second():
    start = utc(2026, 11, 20, 16, 30)
    LONDON.add(start, days=3)

    began = perf_counter()
    for _ in range(10_000):
        LONDON.between(start, LONDON.add(start, days=3))

    assert perf_counter() - began < 1


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CALENDARS), moments, st.integers(-2_000_000, 2_000_000))
def test_what_was_added_lies_between(calendar, start, seconds):
    end = calendar.add(start, hours=seconds / 3600)

    assert calendar.between(start, end) == timedelta(seconds=seconds)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CALENDARS), moments, moments, moments)
def test_working_time_adds_up_and_never_exceeds_the_time_itself(calendar, a, b, c):
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.working_days(a, b) + calendar.working_days(b, c) == calendar.working_days(a, c)
    assert timedelta(0) <= calendar.between(min(a, b), max(a, b)) <= max(a, b) - min(a, b)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CALENDARS), moments)
def test_the_next_working_moment_is_a_working_one(calendar, moment):
    found = calendar.next_working_moment(moment)

    assert found >= moment
    assert calendar.between(moment, found) == timedelta(0)
    assert calendar.between(found, found + timedelta(minutes=1)) > timedelta(0)
    assert calendar.is_working_day(calendar.local_date(found))


def test_a_due_day_without_a_time_ends_where_the_promisee_lives():
    assert due_moment(date(2026, 11, 20), None, "Europe/Berlin") == utc(2026, 11, 20, 22, 59, 59, 999_999)
    assert due_moment(date(2026, 11, 20), time(15), "America/New_York") == utc(2026, 11, 20, 20)
    assert due_moment(date(2026, 11, 20), time(15), "Asia/Kolkata") == utc(2026, 11, 20, 9, 30)


def test_hours_the_clock_skips_or_shows_twice():
    assert due_moment(date(2026, 3, 29), time(1, 30), "Europe/London") == utc(2026, 3, 29, 1)
    assert due_moment(date(2026, 10, 25), time(1, 30), "Europe/London") == utc(2026, 10, 25, 1, 30)
    assert due_moment(date(2026, 10, 3), time(2, 15), "Australia/Lord_Howe") == utc(2026, 10, 2, 15, 45)
    assert due_moment(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe") == utc(2026, 10, 3, 15, 30)


def test_days_that_begin_late_or_never_were():
    assert due_moment(date(2011, 12, 29), None, "Pacific/Apia") == due_moment(date(2011, 12, 30), None, "Pacific/Apia")
    assert due_moment(date(2018, 11, 3), None, "America/Sao_Paulo") == utc(2018, 11, 4, 2, 59, 59, 999_999)


@pytest.mark.parametrize(
    ("day", "zone"),
    [(date(9999, 12, 31), "Pacific/Honolulu"), (date(1, 1, 1), "Asia/Tokyo"), (date(2026, 1, 1), "Mars/Base"),
     (date(2026, 1, 1), "\0"), (date(2026, 1, 1), "../etc/passwd"),
     (date(2026, 1, 1), "x" * 5000), (date(2026, 1, 1), "")],
)  # fmt: skip
def test_moments_that_cannot_be_are_refused_as_values(day, zone):
    with pytest.raises(ValueError):  # noqa: PT011 the zone library has words of its own
        due_moment(day, time(1) if day.year == 1 else None, zone)


@settings(max_examples=100, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.none() | st.times(), zones)
def test_a_due_moment_shows_its_own_day_unless_the_clock_skipped_it(day, at, zone):
    shown = due_moment(day, at, zone).astimezone(ZoneInfo(zone))

    if at is None:
        assert shown.date() in (day, day - timedelta(days=1))
        assert (shown + timedelta(microseconds=1)).astimezone(UTC).astimezone(ZoneInfo(zone)).date() > day or (
            shown.date() == day
        )
    else:
        assert shown.replace(tzinfo=None) >= datetime.combine(day, at)
