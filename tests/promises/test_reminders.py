"""Who hears what about which promise, when; and what the clock does by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Absence
from outbox.models import Email
from promises import reminders
from promises.models import DigestMail, Promise, PromiseMail, Reminder
from promises.models.promise import Terms
from promises.wording import story
from tests.conftest import NOW
from tests.make import make_client, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def morning(day, hour=8):
    """A morning in November 2026; the 19th is a Thursday."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def plan_at(clock, moment):
    clock.move_to(moment)
    reminders.plan(moment)


def digests():
    return list(Email.objects.filter(kind=reminders.DIGEST).order_by("pk"))


# -------------------------------------------------------------------- the clock's scans


def test_overdue_is_flagged_once_however_often_the_scan_runs():
    promise, ahead = make_promise(now=NOW, due_at=NOW - HOUR), make_promise(now=NOW)

    for _ in range(3):
        reminders.plan(NOW)

    assert [event.kind for event in promise.events.all()] == ["made", "overdue"]
    assert [event.kind for event in ahead.events.all()] == ["made"]


def test_the_owner_hears_at_once_of_a_critical_promise_of_ours_only(deliver_queued, mailoutbox):
    critical = make_promise(now=NOW, due_at=NOW - HOUR, importance="critical", what="File the return")
    make_promise(now=NOW, due_at=NOW - HOUR, importance="critical", ours=False)
    make_promise(now=NOW, due_at=NOW - HOUR)

    for _ in range(2):
        reminders.flag_overdue(NOW)
    deliver_queued()

    address = [f"{critical.owner.name} <{critical.owner.email}>"]
    assert [(mail.recipients(), mail.subject) for mail in mailoutbox] == [(address, "Late: File the return")]
    assert PromiseMail.objects.get().promise == critical


def test_what_was_settled_before_the_mail_went_out_is_not_sent(deliver_queued, mailoutbox):
    promise = make_promise(now=NOW, due_at=NOW - HOUR, importance="critical")
    reminders.flag_overdue(NOW)

    promise.keep(by=promise.owner, now=NOW, reason="forgot")
    deliver_queued()

    assert mailoutbox == []
    assert Email.objects.get().state == "cancelled"


def test_at_twenty_working_days_the_clock_breaks_it():
    due = datetime(2026, 10, 22, 16, tzinfo=UTC)  # a Thursday; twenty working days later is 19 November
    twenty, nineteen = make_promise(now=NOW, due_at=due), make_promise(now=NOW, due_at=due + DAY)

    for _ in range(2):
        reminders.plan(NOW)

    twenty.refresh_from_db()
    nineteen.refresh_from_db()
    assert (twenty.state, nineteen.state) == ("broken", "active")
    assert [event.kind for event in twenty.events.all()] == ["made", "overdue", "broken"]
    assert story(twenty)[0].words == "Broken: 20 working days late"


def test_silence_for_five_working_days_keeps_it_unconfirmed(clock):
    promise = make_promise(now=NOW)
    promise.deliver(by=promise.owner, now=NOW)

    reminders.plan(NOW + 7 * DAY)
    promise.refresh_from_db()
    assert promise.state == "delivered"
    reminders.plan(NOW + 8 * DAY)

    promise.refresh_from_db()
    assert (promise.state, promise.unconfirmed) == ("kept", True)
    assert promise.events.last().kind == "silence"


# -------------------------------------------------------------------- digests


def test_one_digest_on_the_day_it_is_due_at_the_persons_hour(clock, deliver_queued, mailoutbox):
    promise = make_promise(now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16), what="Board paper")
    DigestMail.objects.create(user=promise.owner, date=NOW.date())

    plan_at(clock, morning(20, 7))
    assert digests() == []
    for minute in range(3):
        plan_at(clock, morning(20, 8) + timedelta(minutes=minute))
    deliver_queued()

    address = [f"{promise.owner.name} <{promise.owner.email}>"]
    assert [(mail.recipients(), mail.subject) for mail in mailoutbox] == [(address, "One due today")]
    body = mailoutbox[0].body
    assert "Board paper" in body
    assert "a promise moved early is not a broken one" in body
    assert mailoutbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_nobody_hears_when_there_is_nothing_to_say(clock):
    make_user()
    make_promise(now=NOW, due_at=NOW + 60 * DAY)

    plan_at(clock, morning(20))

    assert digests() == []


def test_a_missed_run_sends_one_digest_not_a_backlog(clock, deliver_queued, mailoutbox):
    owner = make_user()
    for day in (20, 23, 24):
        make_promise(owner=owner, now=NOW, made_at=NOW - 20 * DAY, due_at=morning(day, 16), what=f"Due on {day}")

    plan_at(clock, morning(25))
    deliver_queued()
    plan_at(clock, morning(25, 18))
    deliver_queued()

    assert [mail.subject for mail in mailoutbox] == ["Three late"]


def test_after_an_outage_what_turned_late_meanwhile_is_in_the_one_digest(clock, deliver_queued):
    owner = make_user()
    for day in (20, 23, 27):
        make_promise(owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(day, 16), importance="critical")

    plan_at(clock, morning(30, 9))

    assert [(mail.subject, mail.to) for mail in deliver_queued()] == [("Three late", [f"{owner.name} <{owner.email}>"])]


def test_each_word_is_said_once_and_an_old_one_alone_is_no_reason_to_write(clock, deliver_queued, mailoutbox):
    """Due on Wednesday 2 December, lead of ten days: early until 30 November, so the word comes on the 27th."""
    promise = make_promise(now=NOW, made_at=NOW - DAY, due_at=datetime(2026, 12, 2, 17, 30, tzinfo=UTC))
    assert promise.last_early_moment.date() == datetime(2026, 11, 30).date()

    for day in range(20):
        moment = morning(19) + day * DAY
        plan_at(clock, moment)
        deliver_queued()

    told = [
        (row.date.isoformat(), row.email.subject) for row in DigestMail.objects.exclude(email=None).order_by("date")
    ]
    assert told == [("2026-11-27", "One to check"), ("2026-12-02", "One due today"), ("2026-12-03", "One late")]
    assert len(mailoutbox) == 3


def test_what_is_due_on_a_day_off_is_said_the_working_day_before(clock):
    make_promise(now=NOW, made_at=NOW - 30 * DAY, due_at=morning(22, 16))

    for day in (19, 20, 21, 22):
        plan_at(clock, morning(day))

    assert [str(row.date) for row in DigestMail.objects.exclude(email=None)] == ["2026-11-20"]


def test_settled_before_the_digest_goes_out_it_is_cancelled_in_words(clock, deliver_queued, mailoutbox):
    promise = make_promise(now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16))
    plan_at(clock, morning(20))

    promise.keep(by=promise.owner, now=morning(20))
    deliver_queued()

    assert mailoutbox == []
    assert (digests()[0].state, digests()[0].last_words) == ("cancelled", "everything in it was settled")


def test_a_promise_moved_before_the_digest_goes_out_is_not_in_it(clock, deliver_queued, mailoutbox):
    owner = make_user()
    moved = make_promise(owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16), what="Moved away")
    make_promise(owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16), what="Still today")
    plan_at(clock, morning(20))

    terms = Terms(datetime(2026, 12, 18).date(), None, "Europe/London")
    moved.move(by=owner, terms=terms, reason="priorities", now=morning(20), how="call")
    deliver_queued()

    assert "Still today" in mailoutbox[0].body
    assert "Moved away" not in mailoutbox[0].body


def test_the_manager_hears_after_two_days_of_a_critical_and_five_of_a_normal_one(clock):
    manager = make_manager()
    make_promise(now=NOW, due_at=morning(18, 16), importance="critical", what="Critical")
    make_promise(now=NOW, due_at=morning(18, 16), what="Normal")

    told = {}
    for day in range(19, 28):
        plan_at(clock, morning(day))
        for row in DigestMail.objects.filter(user=manager, date=morning(day).date()).exclude(email=None):
            told[day] = [word.promise.what for word in row.email.promise_reminders.all()]

    assert told == {20: ["Critical"], 25: ["Normal"]}


def test_a_deputy_reads_for_who_is_away_and_nothing_they_may_not_see(clock):
    deputy = make_user(name="Tom Okafor")
    away = make_user(deputy=deputy)
    Absence.objects.create(user=away, starts_on=NOW.date(), ends_on=NOW.date() + 30 * DAY)
    make_promise(owner=away, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16), what="For the deputy")
    secret = make_client(owner=away, visibility="team_only")
    make_promise(client=secret, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16), what="Not for the deputy")

    plan_at(clock, morning(20))

    assert [mail.to_email for mail in digests()] == [deputy.email]
    assert [word.promise.what for word in Reminder.objects.filter(to=deputy)] == ["For the deputy"]


def test_nobody_who_left_is_written_to(clock, deliver_queued, mailoutbox):
    promise = make_promise(now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16))
    plan_at(clock, morning(20))

    promise.owner.is_active = False
    promise.owner.save()
    deliver_queued()

    assert mailoutbox == []


def test_planning_costs_no_more_for_more_promises(clock, django_assert_max_num_queries):
    for _ in range(5):
        make_promise(now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16))
    plan_at(clock, morning(20))

    with django_assert_max_num_queries(6):
        plan_at(clock, morning(20) + timedelta(minutes=1))


def test_the_scan_reads_only_what_is_still_to_flag():
    from django.db import connection

    make_promise(now=NOW, due_at=NOW - HOUR)
    plan = Promise.objects.to_flag(NOW).order_by("due_at").explain()

    if connection.vendor == "sqlite":
        assert "promise_to_flag" in plan


def test_one_person_with_a_broken_record_does_not_stop_the_others(clock, caplog):
    promise = make_promise(now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16))
    make_user(name="Aaron First", time_zone="Nowhere/At All")

    plan_at(clock, morning(20))

    assert [mail.to_email for mail in digests()] == [promise.owner.email]
    assert "failed for User" in caplog.text
