"""The calendar of one's promises: what programs read, on which clock, and whom it answers."""

import io
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar

from accounts import handover
from accounts.logs import masked
from promises import feed
from promises.models import CalendarFeed
from promises.models.promise import Terms
from promises.vtimezone import vtimezone
from tests.conftest import NOW, browser_of
from tests.make import make_administrator, make_client, make_contact, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ZONES = ["Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata"]
DAY = timedelta(days=1)


def address_of(user):
    return reverse("calendar_ics", args=[feed.make_address(user, now=NOW).token])


def read(user):
    """What a program without cookies reads: the response, and its events."""
    response = Browser().get(address_of(user))
    return response, Calendar.from_ical(response.content).walk("VEVENT")


# -------------------------------------------------------------------- what it says


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date(2026, 12, 4), date(2027, 3, 27), date(2027, 3, 29), date(2027, 7, 2)])
def test_a_time_is_told_on_the_clock_it_was_meant_on(web, zone, day):
    due = datetime.combine(day, time(17), ZoneInfo(zone))
    make_promise(owner=web.user, due_at=due, due_zone=zone)

    response, [event] = read(web.user)
    start, end = event["dtstart"], event["dtend"]

    assert start.params["TZID"] == zone
    assert (start.dt.replace(tzinfo=None), start.dt.astimezone(UTC)) == (due.replace(tzinfo=None), due.astimezone(UTC))
    assert end.dt - start.dt == timedelta(minutes=15)
    assert f"BEGIN:VTIMEZONE\r\nTZID:{zone}\r\n" in response.text


@pytest.mark.parametrize("zone", [*ZONES, "Europe/Dublin", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Chatham"])
def test_the_rules_of_a_zone_say_what_the_zone_does_to_another_reader(zone):
    """dateutil reads the rules by itself and knows nothing of the zone's name."""
    text = f"BEGIN:VCALENDAR\r\n{vtimezone(zone, 2026).to_ical().decode()}END:VCALENDAR\r\n"
    theirs, ours = tzical(io.StringIO(text.replace("\r\n", "\n"))).get(zone), ZoneInfo(zone)
    noons = [datetime(2026, 10, 1, 12) + n * DAY for n in range(480)]

    wrong = [noon for noon in noons if theirs.utcoffset(noon) != noon.replace(tzinfo=ours).utcoffset()]

    assert wrong == []


def test_the_rules_are_yearly_ones_where_there_are_any():
    rules = {zone: vtimezone(zone, 2026).to_ical().decode() for zone in ZONES}

    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in rules["Europe/London"]
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in rules["America/New_York"]
    assert "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10" in rules["Australia/Sydney"]
    assert "RRULE" not in rules["Asia/Kolkata"]


def test_an_hour_that_comes_twice_is_told_without_a_clock(web):
    make_promise(owner=web.user, due_at=datetime(2027, 10, 31, 1, 30, tzinfo=UTC))  # the second half past one

    response, [event] = read(web.user)

    assert b"DTSTART:20271031T013000Z\r\n" in response.content
    assert event["dtstart"].dt == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_day_is_a_whole_day_there_and_takes_no_time(web):
    make_promise(owner=web.user, due_at=NOW + 8 * DAY, due_time=None, due_zone="Australia/Sydney")

    _response, [event] = read(web.user)

    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 27), date(2026, 11, 28))
    assert (event["transp"], event["status"]) == ("TRANSPARENT", "CONFIRMED")
    assert event.walk("VALARM") == []


def test_hostile_words_are_escaped_and_long_lines_folded(web):
    what = "Grüße; eins, zwei\\drei 🚀 " + "lang und länger " * 15
    make_promise(owner=web.user, what=what[:300].strip(), done_when="Both sign;\r\nEND:VEVENT")

    response, [event] = read(web.user)

    assert what[:300].strip() in event["summary"]
    assert "END:VEVENT" in event["description"].splitlines()
    assert max(len(line) for line in response.content.split(b"\r\n")) <= 75
    assert response.content.count(b"\r\n") == response.content.count(b"\n")
    assert response.content.count(b"\r\nEND:VEVENT\r\n") == 1


def test_it_says_to_whom_until_when_it_is_early_and_where_to_act(web):
    rosa = make_contact(client=make_client(name="Tidewell", owner=web.user), name="Rosa Delgado")
    promise = make_promise(client=rosa.client, contact=rosa, what="Send the schedule", done_when="She has it")

    _response, [event] = read(web.user)

    assert event["summary"] == "Send the schedule · Tidewell"
    assert event["url"].endswith(promise.get_absolute_url())
    said = event["description"].splitlines()
    assert said[:2] == ["Promised to Rosa Delgado, Tidewell.", "Done when: She has it"]
    assert said[2].startswith("A new date is early until Wed 25 Nov")


def test_a_move_is_the_same_event_with_a_higher_sequence(web, clock):
    promise = make_promise(owner=web.user, due_at=NOW + 7 * DAY)
    _response, [before] = read(web.user)

    clock.move_to(NOW + DAY)
    terms = Terms(date(2026, 12, 1), None, "Europe/London")
    promise.move(by=web.user, terms=terms, reason="priorities", now=NOW + DAY, how="call")
    _response, [after] = read(web.user)

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt - before["last-modified"].dt == DAY
    assert after["dtstart"].dt == date(2026, 12, 1)


def test_only_open_ones_they_answer_for_and_may_see_are_in_it(web):
    other = make_user(name="Tom Okafor")
    mine = make_promise(owner=web.user, what="Mine")
    make_promise(owner=web.user, what="Late", due_at=NOW - 3 * DAY)
    make_promise(client=mine.client, owner=other, what="A colleague’s")
    make_promise(owner=web.user, what="Long ago", due_at=NOW - 40 * DAY)
    make_promise(owner=web.user, what="Far ahead", due_at=NOW + 500 * DAY)
    make_promise(owner=web.user, what="Done").deliver(by=web.user, now=NOW)
    hidden = make_client(name="Hush", owner=other)
    make_promise(client=hidden, owner=web.user, what="Secret")
    type(hidden).objects.filter(pk=hidden.pk).update(visibility="team_only")

    response, events = read(web.user)

    assert sorted(str(event["summary"]).partition(" ·")[0] for event in events) == ["Late", "Mine"]
    assert "Secret" not in response.text


# -------------------------------------------------------------------- whom it answers


def test_the_same_promises_are_not_sent_twice(web):
    make_promise(owner=web.user)
    first = Browser().get(address_of(web.user))

    again = Browser().get(address_of(web.user), headers={"If-None-Match": f"W/{first['ETag']}"})
    head = Browser().head(address_of(web.user))
    make_promise(owner=web.user)
    changed = Browser().get(address_of(web.user), headers={"If-None-Match": first["ETag"]})

    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert (head.status_code, head["ETag"]) == (200, first["ETag"])
    assert changed.status_code == 200


def test_revoked_unknown_and_left_are_one_answer(web):
    boss, leaver = make_administrator(), make_user()
    revoked, left = address_of(web.user), address_of(leaver)
    feed.revoke_address(web.user, now=NOW)
    handover.leave(leaver, by=boss, now=NOW)

    answers = [Browser().get(address) for address in (revoked, left, reverse("calendar_ics", args=["A" * 43]))]

    assert [(answer.status_code, answer.content) for answer in answers] == [(404, answers[0].content)] * 3
    assert all("BEGIN" not in answer.text for answer in answers)


def test_guessing_is_slowed_down_and_a_good_address_is_not(web):
    good = address_of(web.user)

    statuses = [Browser().get(reverse("calendar_ics", args=[f"guess{n}"])).status_code for n in range(21)]

    assert statuses == [404] * 20 + [429]
    assert Browser().get(good).status_code == 200


def test_a_removed_key_revokes_every_address_made_with_it(web, settings):
    settings.LINK_KEYS = ["new", "old"]
    kept = address_of(web.user)
    settings.LINK_KEYS = ["other"]

    assert Browser().get(kept).status_code == 404


def test_the_page_makes_shows_renews_and_switches_off(web):
    assert "There is no address yet" in web.get(reverse("calendar")).text
    for _ in range(2):
        web.post(reverse("calendar_make"))
    first = CalendarFeed.objects.get()
    page = web.get(reverse("calendar"))
    web.post(reverse("calendar_make"), {"anew": "1"})
    second = CalendarFeed.objects.get(revoked_at=None)

    assert f"/calendar/{first.token}.ics" in page.text
    assert page["Cache-Control"] == "no-store"
    assert first.token != second.token
    assert [Browser().get(reverse("calendar_ics", args=[each.token])).status_code for each in (first, second)] == [
        404,
        200,
    ]
    web.post(reverse("calendar_revoke"))
    assert Browser().get(reverse("calendar_ics", args=[second.token])).status_code == 404


def test_nothing_readable_lies_in_the_database_and_logs_are_masked(web):
    address = address_of(web.user)
    token = address.removeprefix("/calendar/").removesuffix(".ics")

    assert token not in str(CalendarFeed.objects.values_list().get())
    assert masked(f"GET {address} 200") == "GET /calendar/….ics 200"


def test_another_persons_page_shows_another_address(web):
    address_of(web.user)

    assert "There is no address yet" in browser_of(make_user()).get(reverse("calendar")).text


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_for_any_length(web, count, django_assert_num_queries):
    for n in range(count):
        rosa = make_contact(client=make_client(owner=web.user))
        make_promise(client=rosa.client, contact=rosa, ours=n != 1)
    address = address_of(web.user)

    with django_assert_num_queries(4):
        Browser().get(address)
