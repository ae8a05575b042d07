"""What does not wait for the digest: who hears it, when it waits for the morning, when it is no longer true."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Absence
from outbox.models import Email
from promises import reminders
from promises.models import Reminder
from promises.reminders.quiet import quiet_until
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")


def delivered(**fields):
    """A promise we say is done, to Rosa."""
    client = fields.pop("client", None) or make_client(owner=fields.get("owner"))
    rosa = make_contact(client=client, name="Rosa Delgado")
    promise = make_promise(now=NOW - DAY, client=client, contact=rosa, what="Send the fee note", **fields)
    promise.deliver(by=promise.owner, now=NOW - HOUR)
    return promise, rosa


def test_the_owner_hears_at_once_that_it_is_not_what_was_agreed(deliver_queued, mailoutbox):
    promise, rosa = delivered()
    promise.dispute(by=None, contact=rosa, now=NOW, words="The July figures are missing.")

    for _again in range(2):
        reminders.their_answer(promise, "disputed", NOW)
    deliver_queued()

    address = [f"{promise.owner.name} <{promise.owner.email}>"]
    assert [(mail.recipients(), mail.subject) for mail in mailoutbox] == [
        (address, "Not what was agreed: Send the fee note")
    ]
    assert "Rosa Delgado" in mailoutbox[0].body
    assert "The July figures are missing." in mailoutbox[0].body
    assert [(row.rule, row.to) for row in Reminder.objects.all()] == [("their_answer", promise.owner)]


@pytest.mark.parametrize("what", reminders.ANSWERS)
def test_every_answer_can_be_written(what, deliver_queued, mailoutbox):
    promise = make_promise(now=NOW, what="Send the fee note")

    reminders.their_answer(promise, what, NOW)
    deliver_queued()

    assert mailoutbox[0].subject.endswith("Send the fee note")
    assert promise.client.name in mailoutbox[0].body


def test_what_somebody_has_seen_to_in_the_night_is_not_sent_in_the_morning(clock, deliver_queued, mailoutbox):
    night = NOW.replace(hour=22)
    clock.move_to(night)
    promise, rosa = delivered()
    promise.dispute(by=None, contact=rosa, now=night, words="The July figures are missing.")
    reminders.their_answer(promise, "disputed", night)
    deliver_queued()
    assert mailoutbox == []
    assert Email.objects.get().not_before == datetime(2026, 11, 20, 7, tzinfo=UTC)

    promise.deliver(by=promise.owner, now=night + HOUR)
    clock.move_to(night + 10 * HOUR)
    deliver_queued()

    assert mailoutbox == []
    assert Email.objects.get().last_words == "somebody has seen to it already"


def test_a_late_promise_handed_over_in_the_night_is_not_mailed_to_who_had_it(clock, deliver_queued):
    tonight = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)
    promise = make_promise(now=NOW, made_at=NOW - timedelta(days=9), due_at=tonight, importance="critical")
    old, new = promise.owner, make_user()
    clock.move_to(tonight + timedelta(minutes=1))
    reminders.plan(tonight + timedelta(minutes=1))
    promise.refresh_from_db()
    promise.hand_over(to=new, by=old, now=tonight + timedelta(hours=1))

    morning = tonight + timedelta(hours=11)
    clock.move_to(morning)
    reminders.plan(morning)

    assert [(mail.subject, mail.to) for mail in deliver_queued()] == [("One late", [f"{new.name} <{new.email}>"])]
    assert Email.objects.get(kind=reminders.OVERDUE).last_words == f"{new.name} answers for it by now"


def test_an_answer_that_waits_for_the_morning_goes_to_who_answers_for_it_by_then(clock, deliver_queued):
    night = NOW.replace(hour=22)
    clock.move_to(night)
    promise, rosa = delivered()
    promise.dispute(by=None, contact=rosa, now=night, words="The July figures are missing.")
    reminders.their_answer(promise, "disputed", night)
    old, new = promise.owner, make_user()

    promise.hand_over(to=new, by=old, now=night + HOUR)
    clock.move_to(night + 10 * HOUR)

    sent = [(mail.subject, mail.to) for mail in deliver_queued()]
    assert sent == [("Not what was agreed: Send the fee note", [f"{new.name} <{new.email}>"])]
    assert [word.to for word in promise.reminders.filter(rule="their_answer")] == [new]


def test_the_deputy_hears_for_who_is_away_unless_away_too_or_not_of_the_team(deliver_queued):
    def told(*, deputy_is_away=False, **client):
        third = make_user(name="Deputy of the deputy")
        deputy = make_user(name="Deputy", deputy=third)
        owner = make_user(name="Owner", deputy=deputy)
        for user in [owner] + [deputy] * deputy_is_away:
            Absence.objects.create(user=user, starts_on=NOW.date(), ends_on=NOW.date())
        promise, _rosa = delivered(owner=owner, client=make_client(owner=owner, **client))
        reminders.their_answer(promise, "disputed", NOW)
        return Reminder.objects.get(promise=promise).to.name

    assert told() == "Deputy"
    assert told(deputy_is_away=True) == "Owner"
    assert told(visibility="team_only") == "Owner"


@pytest.mark.parametrize(
    ("now", "wakes"),
    [
        ((19, 12, 0), None),
        ((19, 19, 59), None),
        ((19, 20, 0), (20, 7, 0)),
        ((20, 6, 59), (20, 7, 0)),
        ((20, 7, 0), None),
    ],
)
def test_quiet_hours_end_in_the_morning(now, wakes):
    def at(day, hour, minute):
        return datetime(2026, 11, day, hour, minute, tzinfo=LONDON)

    found = quiet_until(at(*now), zone=LONDON, start=time(20), end=time(7))

    assert found == (at(*wakes) if wakes else None)


def test_quiet_hours_within_one_day_and_none_at_all():
    noon = datetime(2026, 11, 19, 12, 30, tzinfo=LONDON)

    assert quiet_until(noon, zone=LONDON, start=time(12), end=time(13)) == noon.replace(hour=13, minute=0)
    assert quiet_until(noon + HOUR, zone=LONDON, start=time(12), end=time(13)) is None
    assert quiet_until(noon, zone=LONDON, start=time(7), end=time(7)) is None
