"""Putting off: out of sight for a while, three times at most, never beyond the due, and no figure knows of it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse

from promises import reminders
from promises.models import Promise, Reminder
from promises.models.promise import Terms
from promises.snooze_views import moment_of
from tests.conftest import NOW, browser_of
from tests.make import make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def open_promise(web, **fields):
    """Due on Thursday 26 November, a week from now."""
    return make_promise(owner=web.user, now=NOW, due_at=NOW + 7 * DAY, what="Send the fee note", **fields)


def put_off(web, promise, day):
    return web.post(reverse("promise_snooze", args=[promise.public_id]), {"until": day})


def on_my_day(web):
    return "Send the fee note" in web.get(reverse("my_day")).content.decode()


def test_put_off_it_leaves_my_day_until_then_and_comes_back(web, clock):
    promise = open_promise(web)
    assert on_my_day(web)

    answer = put_off(web, promise, "2026-11-23")

    promise.refresh_from_db()
    assert answer.status_code == 302
    assert (promise.snoozed_until, promise.snoozes) == (datetime(2026, 11, 23, 7, 30, tzinfo=UTC), 1)
    assert not on_my_day(web)
    page = web.get(promise.get_absolute_url()).content.decode()
    assert "(1 of 3)" in page
    clock.move_to(datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
    assert on_my_day(web)


def test_no_figure_changes(web):
    promise = open_promise(web)
    before = Promise.objects.get().judged(NOW)

    put_off(web, promise, "2026-11-23")

    assert Promise.objects.get().judged(NOW) == before
    assert Promise.objects.get().last_early_moment == promise.last_early_moment


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-11-19", "Choose a day after today."),
        ("2026-11-27", "Choose a day before that."),
        ("9999-12-31", ""),
        ("0001-01-01", ""),
        ("", "Choose a day."),
        ("soon", "Enter a valid date."),
        ("2026-11-2\x003", ""),
    ],
)
def test_a_day_that_does_not_do_is_refused_beside_the_field(web, day, words):
    promise = open_promise(web)

    answer = put_off(web, promise, day)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["until"])
    assert words in answer.content.decode()
    assert Promise.objects.get().snoozes == 0


def test_three_times_and_then_no_more(web):
    promise = open_promise(web)
    for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
        put_off(web, promise, day)

    answer = put_off(web, promise, "2026-11-23")

    promise.refresh_from_db()
    assert answer.status_code == 302
    assert (promise.snoozes, promise.snoozed_until.date().isoformat()) == (3, "2026-11-22")
    assert "Put it off" not in web.get(promise.get_absolute_url()).content.decode()


def test_undo_brings_it_back_and_gives_the_time_back(web):
    promise = open_promise(web)
    put_off(web, promise, "2026-11-23")

    for _twice in range(2):
        web.post(reverse("promise_wake", args=[promise.public_id]))

    promise.refresh_from_db()
    assert (promise.snoozed_until, promise.snoozes) == (None, 0)
    assert on_my_day(web)


def test_late_promises_cannot_be_put_off(web):
    late = make_promise(owner=web.user, now=NOW, due_at=NOW - DAY)

    answer = put_off(web, late, "2026-11-23")

    late.refresh_from_db()
    assert (answer.status_code, late.snoozes) == (302, 0)


def test_the_page_offers_tomorrow_and_monday_while_they_lie_before_the_due(web):
    soon = make_promise(owner=web.user, now=NOW, due_at=NOW + 2 * DAY)

    answer = web.get(reverse("promise_snooze", args=[soon.public_id]))

    assert [(label, day.isoformat()) for label, day in answer.context["quick"]] == [("Tomorrow", "2026-11-20")]


def test_only_who_may_write_it_may_put_it_off(web):
    promise = open_promise(web)
    other = browser_of(make_user())

    assert put_off(other, promise, "2026-11-23").status_code == 404
    assert other.post(reverse("promise_wake", args=[promise.public_id])).status_code == 404


def test_what_was_put_off_is_said_again_when_the_time_is_over_and_once(web, clock):
    promise = make_promise(owner=web.user, now=NOW, made_at=NOW - DAY, due_at=NOW + 20 * DAY)
    put_off(web, promise, "2026-11-24")

    for day in range(8):
        clock.move_to(NOW + day * DAY)
        reminders.plan(NOW + day * DAY)

    said = [(word.rule, word.said_at.date().isoformat()) for word in Reminder.objects.all()]
    assert said == [("on_track", "2026-11-24")]


def test_put_off_by_a_manager_with_a_later_hour_it_is_said_in_the_owners_digest_of_that_day(web, manager_web, clock):
    web.user.digest_at, manager_web.user.digest_at = time(7), time(10)
    web.user.save()
    promise = make_promise(owner=web.user, now=NOW, due_at=NOW + 6 * DAY + timedelta(hours=6), made_at=NOW - 9 * DAY)
    promise.snooze(by=manager_web.user, now=NOW, until=moment_of(promise.due_date, manager_web.user))

    for day in range(1, 7):
        morning = NOW + day * DAY - timedelta(hours=2)
        clock.move_to(morning)
        reminders.plan(morning)

    words = Reminder.objects.filter(promise=promise, to=web.user).order_by("rule")
    assert [(word.rule, word.said_at.day) for word in words] == [("due", 25), ("on_track", 25)]


def test_due_on_a_day_off_the_last_digest_before_says_so_although_it_was_put_off(web, clock):
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    promise = make_promise(owner=web.user, now=NOW, due_at=saturday, made_at=NOW - 9 * DAY)
    promise.snooze(by=web.user, now=NOW, until=saturday - timedelta(hours=3))

    clock.move_to(saturday - timedelta(days=1))
    reminders.plan(saturday - timedelta(days=1))

    assert [word.rule for word in Reminder.objects.filter(promise=promise)] == ["due"]


def test_a_corrected_due_day_takes_the_putting_off_with_it(web):
    promise = open_promise(web)
    promise.snooze(by=web.user, now=NOW, until=NOW + timedelta(days=6))
    sooner = Terms((NOW + timedelta(days=2)).date(), None, "Europe/London")

    promise.correct(by=web.user, now=NOW, version=promise.version, terms=sooner)

    promise.refresh_from_db()
    assert (promise.snoozed_until, promise.snoozes) == (None, 1)


def test_the_word_before_the_last_early_moment_waits_while_it_is_put_off(web, clock):
    """Due on Wednesday 2 December: asked on Friday 27 November, unless it is put off."""
    due = datetime(2026, 12, 2, 17, 30, tzinfo=UTC)
    promise = make_promise(owner=web.user, now=NOW, made_at=NOW - DAY, due_at=due)
    put_off(web, promise, "2026-12-01")

    for day in range(14):
        clock.move_to(NOW + day * DAY)
        reminders.plan(NOW + day * DAY)

    said = sorted((word.said_at.date().isoformat(), word.rule) for word in Reminder.objects.all())
    assert said == [("2026-12-01", "on_track"), ("2026-12-02", "due")]
