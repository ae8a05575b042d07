"""Check values: how early is early, when a day ends where, and the horizons, over clock changes and odd zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Absence
from accounts.worktime import Calendar, due_moment
from promises.models import Promise, Terms
from promises.notice import Timing, last_early_moment, need, timing
from promises.outcomes import Outcome, wilson_lower
from tests.make import make_client, make_contact, make_promise, make_user

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZONES = [
    "UTC", "Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Australia/Adelaide",
    "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Apia", "Australia/Lord_Howe",
]  # fmt: skip
SPLIT = [[["09:00", "13:00"], ["14:00", "17:30"]]] * 3 + [[["09:00", "12:00"]], [["09:00", "13:00"]], [], []]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def at(zone, *parts):
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def made(*, due_date, made_at, owner=None, contact=None, **fields):
    """Any promise, agreed at `made_at`; the due zone is the usual one unless given."""
    owner = owner or make_user()
    client = contact.client if contact else make_client(owner=owner)
    return Promise.objects.make(
        by=owner, owner=owner, client=client, contact=contact, what="Send it", due_date=due_date, now=made_at,
        made_at=made_at, **fields,
    )  # fmt: skip


# -------------------------------------------------------------------- the check values


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("week", [None, SPLIT])
@pytest.mark.parametrize(("lead", "notice"), [(1, 0.5), (3, 1), (5, 1), (10, 2), (15, 3), (25, 5), (40, 5)])
def test_so_much_notice_is_early_for_such_a_lead_in_any_zone_and_week(zone, week, lead, notice):
    calendar = Calendar(zone=zone, **({"week": week} if week else {}))
    agreed = at(zone, 2026, 3, 2, 9)  # a Monday; clocks change in the weeks that follow
    due = calendar.add(agreed, days=lead)

    line = last_early_moment(agreed, due, calendar)

    assert need(lead) == notice
    assert calendar.between(line, due) == pytest.approx(notice * calendar.day_length, abs=timedelta(microseconds=2))
    assert timing(agreed, due, line, calendar) == Timing.EARLY
    assert timing(agreed, due, line + timedelta(seconds=1), calendar) == Timing.LAST_MINUTE
    assert timing(agreed, due, due, calendar) == Timing.AFTER


@pytest.mark.parametrize(
    ("kept", "due", "lower"),
    [(3, 3, 0.438), (5, 5, 0.566), (9, 10, 0.596), (10, 10, 0.722), (18, 20, 0.699), (45, 50, 0.786), (90, 100, 0.826)],
)
def test_the_lower_bound_of_reliability(kept, due, lower):
    assert round(wilson_lower(kept, due), 3) == lower


# -------------------------------------------------------------------- when a day ends


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        ("Australia/Sydney", utc(2026, 11, 27, 13)),  # UTC+11 in summer
        ("America/New_York", utc(2026, 11, 28, 5)),  # UTC−5 in winter
        ("Asia/Kolkata", utc(2026, 11, 27, 18, 30)),
        ("Australia/Adelaide", utc(2026, 11, 27, 13, 30)),
        ("Pacific/Chatham", utc(2026, 11, 27, 10, 15)),  # UTC+13:45
        ("Pacific/Kiritimati", utc(2026, 11, 27, 10)),  # the first to see Friday end
        ("Pacific/Pago_Pago", utc(2026, 11, 28, 11)),  # the last
    ],
)
def test_by_friday_means_the_friday_of_whoever_it_is_promised_to(zone, ends):
    contact = make_contact(time_zone=zone)

    promise = made(contact=contact, due_date=date(2026, 11, 27), made_at=utc(2026, 11, 20, 9))

    assert promise.due_zone == zone
    assert promise.due_at == ends - timedelta(microseconds=1)
    assert not promise.is_overdue(ends - timedelta(microseconds=1))
    assert promise.is_overdue(ends)


@pytest.mark.django_db
def test_an_answer_on_friday_evening_in_london_is_too_late_for_sydney_and_in_time_for_new_york():
    london = make_user(time_zone="Europe/London")
    done = utc(2026, 11, 27, 18)
    outcomes = []
    for zone in ("Australia/Sydney", "America/New_York"):
        promise = made(
            owner=london,
            contact=make_contact(time_zone=zone),
            due_date=date(2026, 11, 27),
            made_at=utc(2026, 11, 20, 9),
        )
        promise.keep(by=london, now=done, reason="forgot")
        outcomes.append(promise.outcome(done))

    assert outcomes == [Outcome.LATE, Outcome.KEPT_AS_FIRST_PROMISED]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "day", "typed", "due"),
    [
        ("Europe/London", date(2026, 3, 29), time(1, 30), utc(2026, 3, 29, 1)),  # skipped: the first moment after
        ("America/New_York", date(2026, 3, 8), time(2, 30), utc(2026, 3, 8, 7)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), utc(2026, 10, 3, 15, 30)),  # half an hour is skipped
        ("Europe/London", date(2026, 10, 25), time(1, 30), utc(2026, 10, 25, 1, 30)),  # shown twice: the later one
        ("Pacific/Apia", date(2011, 12, 30), time(12), utc(2011, 12, 30, 10)),  # a day that never was
    ],
)
def test_a_due_in_an_hour_the_clock_skips_or_shows_twice(zone, day, typed, due):
    promise = made(
        due_date=day, due_time=typed, due_zone=zone, made_at=datetime.combine(day - 20 * DAY, time(9), tzinfo=UTC)
    )

    promise.refresh_from_db()

    assert (promise.due_date, promise.due_time) == (day, typed)  # what was said stays as it was said
    assert promise.due_at == due == due_moment(day, typed, zone)


@pytest.mark.django_db
def test_a_promise_made_on_the_29th_of_february():
    contact = make_contact(time_zone="Europe/London")
    owner = make_user(time_zone="Europe/London", country="GB")
    agreed = utc(2028, 2, 29, 9)  # a Tuesday

    promise = made(owner=owner, contact=contact, due_date=date(2028, 3, 14), made_at=agreed)
    promise.move(
        by=owner,
        terms=Terms(date(2032, 2, 29), None, "Europe/London"),
        reason="priorities",
        now=agreed + DAY,
        how="call",
    )

    assert promise.renegotiations.get().timing == "early"
    assert promise.due_at == utc(2032, 2, 29, 23, 59, 59, 999999)
    assert promise.remarks_on_due_day() == [(f"{owner.name} or {contact.name}", "weekend")]
    assert promise.first_due_at == utc(2028, 3, 14, 23, 59, 59, 999999)


# -------------------------------------------------------------------- notice over odd days


@pytest.mark.django_db
def test_the_last_early_moment_crosses_the_night_the_clock_changes_without_losing_an_hour():
    owner = make_user(time_zone="Europe/London")
    # Fri 20 March to Mon 30 March 17:30 is seven days of work; a fifth of it, 1.4 days, lies before the due.
    promise = made(
        owner=owner, due_date=date(2026, 3, 30), due_time=time(17, 30), due_zone="Europe/London",
        made_at=at("Europe/London", 2026, 3, 20, 9),
    )  # fmt: skip

    line = promise.last_early_moment

    assert promise.calendar.between(line, promise.due_at) == 1.4 * promise.calendar.day_length
    assert line == at("Europe/London", 2026, 3, 27, 14, 6)  # Friday in winter time, for a Monday in summer time
    assert promise.timing_of(line) == Timing.EARLY
    assert promise.timing_of(line + timedelta(seconds=1)) == Timing.LAST_MINUTE


@pytest.mark.django_db
def test_an_absence_and_a_holiday_move_the_last_early_moment_back():
    owner = make_user(time_zone="Europe/London", country="GB")
    fields = {"owner": owner, "due_date": date(2026, 12, 29), "due_time": time(17, 30), "due_zone": "Europe/London"}
    made_at = at("Europe/London", 2026, 12, 14, 9)

    promise = made(**fields, made_at=made_at)
    # Christmas and the Monday after Boxing Day are free: ten days of work, the last two are the 24th and the 29th.
    assert promise.last_early_moment == at("Europe/London", 2026, 12, 24, 9)

    Absence.objects.create(user=owner, starts_on=date(2026, 12, 21), ends_on=date(2026, 12, 23))
    promise = Promise.objects.get(pk=promise.pk)
    # Seven days are left; a fifth is 1.4, and the three away lie before it.
    assert promise.last_early_moment == at("Europe/London", 2026, 12, 24, 14, 6)


@pytest.mark.django_db
def test_two_sides_of_the_date_line_count_each_in_the_promisors_days():
    apia, pago = make_user(time_zone="Pacific/Apia"), make_user(time_zone="Pacific/Pago_Pago")
    due = {"due_date": date(2026, 11, 27), "due_time": time(17), "due_zone": "UTC", "made_at": utc(2026, 11, 23)}

    slips = []
    for owner in (apia, pago):
        promise = made(owner=owner, **due)
        promise.keep(by=owner, now=utc(2026, 11, 30, 12), reason="forgot")
        slips.append(promise.judged(utc(2026, 12, 1)).slip)

    # In Apia it was due on Saturday and done on Tuesday; in Pago Pago due on Friday and done on Monday.
    assert slips == [2, 1]


def test_the_day_samoa_skipped_is_nobodys_working_day():
    apia = Calendar(zone="Pacific/Apia")

    # Thursday the 29th was followed by Saturday the 31st.
    assert apia.add(at("Pacific/Apia", 2011, 12, 29, 9), days=1) == at("Pacific/Apia", 2011, 12, 29, 17, 30)
    assert (
        apia.between(at("Pacific/Apia", 2011, 12, 29, 9), at("Pacific/Apia", 2012, 1, 2, 17, 30)) == 2 * apia.day_length
    )


# -------------------------------------------------------------------- 5, 10 and 20 working days


@pytest.mark.django_db
def test_ten_working_days_late_counts_as_broken_and_twenty_breaks_it_holidays_left_out():
    owner = make_user(time_zone="Europe/London", country="GB")
    # Due on Friday 18 December; Christmas, the 28th and New Year's Day are free.
    promise = made(owner=owner, due_date=date(2026, 12, 18), due_zone="Europe/London", made_at=utc(2026, 12, 1, 9))
    tenth, eleventh, twentieth = (
        promise.calendar.working_day_after(date(2026, 12, 18), n) for n in (10, 11, 20)
    )  # fmt: skip
    noon = {day: datetime.combine(day, time(12), tzinfo=UTC) for day in (tenth, eleventh, twentieth)}

    assert (tenth, eleventh, twentieth) == (date(2027, 1, 6), date(2027, 1, 7), date(2027, 1, 20))
    assert promise.outcome(noon[tenth]) == Outcome.OPEN_OVERDUE
    assert promise.outcome(noon[eleventh]) == Outcome.BROKEN
    assert not promise.breaks_by_itself(noon[twentieth] - DAY)
    assert promise.breaks_by_itself(noon[twentieth])


@pytest.mark.django_db
def test_silence_for_five_working_days_over_a_change_of_clocks_keeps_it():
    owner = make_user(time_zone="America/New_York")
    promise = made(owner=owner, due_date=date(2026, 3, 31), due_zone="UTC", made_at=utc(2026, 3, 2, 9))
    promise.deliver(by=owner, now=at("America/New_York", 2026, 3, 5, 16))  # Thursday; the clock changes on Sunday

    assert promise.silence_ends_on() == date(2026, 3, 12)
    assert not promise.silence_is_over(at("America/New_York", 2026, 3, 12, 23, 59))
    assert promise.silence_is_over(at("America/New_York", 2026, 3, 13, 0, 1))


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Australia/Adelaide", "Pacific/Chatham", "Pacific/Kiritimati"])
def test_a_day_late_is_a_day_of_the_promisors_own_calendar(zone):
    owner = make_user(time_zone=zone)
    friday = date(2026, 11, 27)
    promise = made(owner=owner, due_date=friday, due_zone=zone, made_at=at(zone, 2026, 11, 16, 9))

    late = [promise.days_late(at(zone, 2026, 11, day, 8)) for day in (28, 29, 30)]

    assert late == [0, 0, 1]


# -------------------------------------------------------------------- pointed out, never moved


@pytest.mark.django_db
def test_a_holiday_of_either_side_is_pointed_out_and_nothing_moves():
    owner = make_user(name="Priya Raman", time_zone="Europe/London", country="GB")
    contact = make_contact(name="Bill Ford", client=make_client(country="US"), time_zone="America/New_York")
    promise = make_promise(
        client=contact.client, contact=contact, owner=owner, now=utc(2026, 11, 2, 9), due_at=utc(2026, 11, 26, 17)
    )

    assert promise.remarks_on_due_day() == [("Bill Ford", "Thanksgiving Day")]
    assert promise.due_date == date(2026, 11, 26)
    boxing_day = Terms(date(2026, 12, 28), None, "Europe/London")
    assert [name for name, _why in promise.remarks_on_due_day(boxing_day)] == ["Priya Raman"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "holiday"),
    [
        ("US", "Thanksgiving Day"),
        ("us", "Thanksgiving Day"),
        ("United States", "Thanksgiving Day"),
        ("USA", "Thanksgiving Day"),
        ("US-CA", "Thanksgiving"),
        ("Germany", None),
        ("Atlantis", None),
        ("Atlantis-X", None),
        ("-", None),
    ],
)
def test_a_clients_holidays_are_known_however_its_country_is_written(country, holiday):
    contact = make_contact(name="Bill Ford", client=make_client(country=country), time_zone="America/New_York")
    promise = make_promise(client=contact.client, contact=contact, ours=False, now=utc(2026, 11, 2, 9))

    remarks = promise.remarks_on_due_day(Terms(date(2026, 11, 26), None, "America/New_York"))

    assert [name for name, _why in remarks] == (["Bill Ford"] if holiday else [])
    assert promise.calendar.is_working_day(date(2026, 11, 26)) == (not holiday)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("Scotland", date(2026, 11, 30), False),  # Saint Andrew’s Day
        ("GB-SCT", date(2026, 11, 30), False),
        ("England", date(2026, 11, 30), True),
        ("United Kingdom", date(2026, 4, 6), False),  # Easter Monday, which Scotland works on
        ("Germany", date(2026, 6, 4), True),  # Corpus Christi, in some parts only
        ("DE-BY", date(2026, 6, 4), False),
    ],
)
def test_holidays_of_a_part_of_a_country_hold_in_that_part(country, day, works):
    promise = make_promise(client=make_client(country=country), ours=False, now=utc(2026, 3, 2, 9))

    assert promise.calendar.is_working_day(day) == works
