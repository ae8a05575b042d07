"""When a round's mails go out: mornings where people live, days both work, so many a day, nothing twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from clients.models import Client
from outbox.models import Email
from surveys import holds, launch, sending, timing
from surveys.days import firm_calendar
from surveys.models import Invitation, InvitationMessage
from surveys.progress import progress
from surveys.timing import Place
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_invitation, make_manager, make_round

pytestmark = pytest.mark.django_db
LONDON = Place("Europe/London", "United Kingdom")
MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday in London


def asked_at(*places, opens_at=MORNING, **fields):
    """A round ready to open with one person at a client in each of these places."""
    round = make_round(state="beliefs", opens_at=opens_at, beliefs_asked_at=opens_at - timedelta(days=5), **fields)
    for zone, country in places:
        client = make_client(time_zone=zone, country=country)
        make_invitation(round=round, contact=make_contact(client=client), state="pending")
    return round


def moments(round):
    return list(round.invitations.order_by("pk").values_list("send_at", flat=True))


# -------------------------------------------------------------------- in whose morning


def test_in_auckland_and_in_los_angeles_it_is_nine_in_the_morning(clock):
    clock.move_to(MORNING)
    round = asked_at(("Pacific/Auckland", "New Zealand"), ("America/Los_Angeles", "USA"), ("Europe/London", "UK"))

    launch.launch(round, by=make_manager(), now=MORNING, at_once=False)

    auckland, angeles, london = moments(round)
    assert auckland == datetime(2026, 11, 23, 20, tzinfo=UTC)  # Tuesday at nine over there
    assert angeles == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert london == MORNING


def test_the_hour_is_the_chosen_one_on_everybodys_clock(clock):
    opens = MORNING.replace(hour=7, minute=30)
    clock.move_to(opens)
    round = asked_at(("Europe/Berlin", "Germany"), ("America/New_York", "USA"), opens_at=opens)

    launch.launch(round, by=make_manager(), now=opens, at_once=False)

    assert moments(round) == [
        datetime(2026, 11, 24, 6, 30, tzinfo=UTC),  # half past seven in Berlin had passed
        datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("zone", "country", "start", "expected"),
    [
        ("Europe/London", "United Kingdom", datetime(2026, 12, 24, 12, tzinfo=UTC), date(2026, 12, 29)),
        ("America/New_York", "USA", datetime(2026, 11, 25, 18, tzinfo=UTC), date(2026, 11, 27)),  # Thanksgiving
        ("Europe/Berlin", "Germany", datetime(2026, 5, 13, 12, tzinfo=UTC), date(2026, 5, 15)),  # Ascension Day
        ("Asia/Dubai", "", datetime(2026, 11, 20, 12, tzinfo=UTC), date(2026, 11, 23)),  # a weekend
    ],
)
def test_weekends_and_holidays_of_both_are_left_out(zone, country, start, expected):
    calendar = firm_calendar(Workspace(time_zone="Europe/London", country="GB"))

    at, _day = next(timing.mornings(Place(zone, country), start=start, hour=timing.MORNING, calendar=calendar))

    assert calendar.local_date(at) == expected


def test_where_the_clock_changes_nine_stays_nine():
    calendar = firm_calendar(Workspace(time_zone="Europe/London", country="GB"))
    start = datetime(2027, 3, 26, 20, tzinfo=UTC)  # Good Friday evening; summer time begins on Easter Sunday

    at, _day = next(timing.mornings(LONDON, start=start, hour=timing.MORNING, calendar=calendar))

    assert at == datetime(2027, 3, 30, 8, tzinfo=UTC)


# -------------------------------------------------------------------- so many a day


def test_a_wave_counts_per_day_of_the_firm_over_all_time_zones(clock):
    clock.move_to(MORNING)
    places = [("Pacific/Auckland", "New Zealand"), ("Europe/London", "UK"), ("America/Los_Angeles", "USA")] * 2
    round = asked_at(*places, wave_size=4)

    launch.launch(round, by=make_manager(), now=MORNING, at_once=False)

    calendar = firm_calendar()
    days = [calendar.local_date(at) for at in moments(round)]
    assert {day: days.count(day) for day in days} == {date(2026, 11, 23): 4, date(2026, 11, 24): 2}
    assert timing.forecast(round, calendar=calendar, now=MORNING) == [
        (date(2026, 11, 23), 4),
        (date(2026, 11, 24), 2),
    ]


def test_what_is_said_before_is_what_happens(clock):
    places = [("Pacific/Auckland", "New Zealand"), ("Europe/London", "UK"), ("America/Los_Angeles", "USA")] * 5
    round = asked_at(*places, wave_size=4)
    said = timing.forecast(round, calendar=firm_calendar(), now=NOW)
    clock.move_to(MORNING)

    launch.launch(round, by=make_manager(), now=MORNING, at_once=False)

    calendar = firm_calendar()
    days = [calendar.local_date(at) for at in moments(round)]
    assert sorted((day, days.count(day)) for day in set(days)) == said
    assert max(n for _day, n in said) == 4


def test_a_whole_round_goes_out_wave_by_wave_with_nobody_left_and_nobody_twice(clock):
    round = asked_at(*[("Europe/London", "UK"), ("America/Los_Angeles", "USA")] * 4, wave_size=3)
    clock.move_to(MORNING)
    launch.launch(round, by=make_manager(), now=MORNING, at_once=False)
    written = {}

    for hour in range(24 * 4):
        now = MORNING + timedelta(hours=hour)
        clock.move_to(now)
        if count := sending.send_due(now):
            written[now.date()] = written.get(now.date(), 0) + count

    assert written == {date(2026, 11, 23): 3, date(2026, 11, 24): 3, date(2026, 11, 25): 2}
    assert Email.objects.filter(kind="surveys.invitation").count() == 8


def test_mail_that_is_hours_late_does_not_wake_anybody(clock):
    round = asked_at(("Europe/London", "UK"), ("America/Los_Angeles", "USA"))
    clock.move_to(MORNING)
    launch.launch(round, by=make_manager(), now=MORNING, at_once=False)
    night = datetime(
        2026, 11, 24, 2, tzinfo=UTC
    )  # two in London, six in the evening in Los Angeles: nobody wrote a mail
    clock.move_to(night)

    assert sending.send_due(night) == 0

    assert moments(round) == [datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 17, tzinfo=UTC)]
    noon = MORNING + timedelta(days=1, hours=3)
    clock.move_to(noon)
    assert sending.send_due(noon) == 1


def test_on_a_day_off_late_mail_waits_for_the_next_working_morning(clock):
    friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    round = asked_at(("Europe/London", "UK"), opens_at=friday)
    clock.move_to(friday)
    launch.launch(round, by=make_manager(), now=friday, at_once=False)
    saturday = friday + timedelta(days=1, hours=2)
    clock.move_to(saturday)

    assert sending.send_due(saturday) == 0
    assert moments(round) == [MORNING]


# -------------------------------------------------------------------- held, and why


def test_each_hold_is_counted_under_one_reason_and_opens_its_people(clock):
    round = asked_at(*[("Europe/London", "UK")] * 5, wait_for_beliefs=True)
    left, archived, belief, capped, free = round.invitations.order_by("pk").select_related("contact", "client")
    type(left.contact).objects.filter(pk=left.contact_id).update(left_at=NOW)
    Client.objects.filter(pk=archived.client_id).update(archived_at=NOW)
    launch.launch(round, by=make_manager(), now=MORNING)
    round.beliefs.exclude(client=belief.client_id).update(recorded_at=NOW)
    Email.objects.queue(kind="surveys.invitation", key="another", to=capped.contact.email, subject="Before")
    Email.objects.filter(key="another").update(state="sent", sent_at=MORNING, next_try_at=None)
    clock.move_to(MORNING)

    sending.send_due(MORNING)

    counts = {key: n for key, _words, n in holds.counts(round, round.invitations.all())}
    assert counts == {"left": 2, "belief": 1, "cap": 1}
    assert list(holds.only(round, round.invitations.all(), "cap")) == [capped]
    assert list(holds.only(round, round.invitations.all(), "left").order_by("pk")) == [left, archived]
    free.refresh_from_db()
    assert (free.queued_at, free.hold_reason) == (MORNING, "")


def test_who_comes_back_gets_a_turn(clock):
    round = asked_at(("Europe/London", "UK"))
    contact = round.invitations.get().contact
    clock.move_to(MORNING)
    launch.launch(round, by=make_manager(), now=MORNING)
    contact.leave(now=NOW)
    sending.send_due(MORNING)
    assert round.invitations.get().send_at is None
    contact.come_back()

    sending.send_due(MORNING)

    asked = round.invitations.get()
    assert (asked.hold_reason, asked.queued_at) == ("", MORNING)


def test_a_restored_backup_writes_nobody_a_second_mail(clock):
    round = asked_at(("Europe/London", "UK"), ("Europe/London", "UK"))
    launch.launch(round, by=make_manager(), now=MORNING)
    clock.move_to(MORNING)
    sending.send_due(MORNING)
    first = set(Email.objects.values_list("pk", flat=True))
    round.invitations.update(queued_at=None)  # what a restore of an older state looks like

    sending.send_due(MORNING)

    assert set(Email.objects.values_list("pk", flat=True)) == first
    assert InvitationMessage.objects.count() == 2


# -------------------------------------------------------------------- progress


def test_progress_says_how_long_it_takes_when_it_stalls_and_when_it_is_over(clock, deliver_queued):
    round = asked_at(*[("Europe/London", "UK")] * 8)
    launch.launch(round, by=make_manager(), now=MORNING)
    clock.move_to(MORNING)
    sending.send_due(MORNING)
    mails = list(Email.objects.order_by("pk"))
    Email.objects.filter(pk__in=[mail.pk for mail in mails[:6]]).update(state="sent", sent_at=MORNING, next_try_at=None)

    at_once = progress(round, MORNING + timedelta(seconds=30))
    later = progress(round, MORNING + timedelta(minutes=5))

    assert (at_once.done, at_once.total, at_once.in_hand, at_once.minutes_left, at_once.stalled_for) == (6, 8, 2, 1, 0)
    assert at_once.quarter == 75
    assert (later.stalled_for, later.minutes_left) == (5, None)
    Email.objects.update(state="sent", sent_at=MORNING, next_try_at=None)
    assert progress(round, MORNING).over


def test_a_mail_nobody_knows_the_fate_of_is_shown_and_not_waited_for(clock):
    round = asked_at(("Europe/London", "UK"))
    launch.launch(round, by=make_manager(), now=MORNING)
    clock.move_to(MORNING)
    sending.send_due(MORNING)
    Email.objects.update(state="uncertain", next_try_at=None)

    now = progress(round, MORNING + timedelta(minutes=9))

    assert (now.in_trouble, now.in_hand, now.stalled_for, now.over) == (1, 0, 0, True)


@pytest.mark.parametrize("count", [1, 3])
def test_planning_costs_the_same_for_any_number_of_people(clock, count):
    round = asked_at(*[("Europe/London", "UK")] * count)
    launch.launch(round, by=make_manager(), now=MORNING, at_once=False)

    with CaptureQueriesContext(connection) as queries:
        timing.schedule(round, now=MORNING)

    assert len(queries) == 5
    assert Invitation.objects.filter(send_at__gte=timezone.now()).count() == count
