"""After an outage: one merged mail to each person, and only what still stands (1 h, 1 day, 10 days, 60 days)."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dashboard import planners
from outbox.models import Email
from promises.models import DigestMail, Promise, PromiseEvent
from surveys.models import Invitation, InvitationMessage
from tests.make import make_client, make_contact, make_invitation, make_manager, make_promise, make_round, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MORNING = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)  # a Thursday
OUTAGES = {"an hour": 1 / 24, "a day": 1, "ten days": 10, "sixty days": 60}


def tick(clock, moment):
    clock.move_to(moment)
    assert planners.run(moment) == []


@pytest.fixture
def owner():
    return make_user(name="Priya Raman", email="priya@firm.example")


def promises_until(owner, days):
    """One due each morning from the outage's start on, agreed long ago."""
    client = make_client(owner=owner)
    for day in range(1, days + 1):
        due = MORNING + timedelta(days=day, minutes=15)
        make_promise(client=client, due_at=due, made_at=MORNING - timedelta(days=30), what=f"Due after {day} days")


@pytest.mark.parametrize("outage", OUTAGES)
def test_one_digest_comes_after_the_outage_and_none_before_the_next_word(
    clock, owner, outage, deliver_queued, mailoutbox
):
    clock.move_to(MORNING)
    promises_until(owner, 9)
    tick(clock, MORNING)
    deliver_queued()
    before = len(mailoutbox)

    back = MORNING + timedelta(days=OUTAGES[outage], hours=2)
    while not owner.calendar().is_working_day(back.date()):
        back += timedelta(days=1)
    for minute in range(4):
        tick(clock, back + timedelta(minutes=minute))
        deliver_queued()

    assert len(mailoutbox) - before <= 1
    assert DigestMail.objects.filter(user=owner, date=back.date()).count() == 1
    assert Counter(PromiseEvent.objects.filter(kind="overdue").values_list("promise", flat=True)).total() == (
        PromiseEvent.objects.filter(kind="overdue").values("promise").distinct().count()
    )


def test_ten_days_later_the_one_mail_lists_all_that_still_stands_and_nothing_settled(
    clock, owner, deliver_queued, mailoutbox
):
    clock.move_to(MORNING)
    promises_until(owner, 9)
    tick(clock, MORNING)
    back = MORNING + timedelta(days=11)  # a Monday
    clock.move_to(back)
    Promise.objects.earliest("due_at").break_(by=owner, now=back, reason="forgot")

    tick(clock, back)
    deliver_queued()

    bodies = [mail.body for mail in mailoutbox if mail.subject == "Eight late"]
    assert len(bodies) == 1
    assert [day for day in range(1, 10) if f"Due after {day} days" in bodies[0]] == list(range(2, 10))


def test_mail_that_lay_in_the_outbox_through_the_outage_is_not_sent_late_but_merged(
    clock, owner, deliver_queued, mailoutbox
):
    """The worker was gone too: yesterday's digests are dropped, today's says it all."""
    clock.move_to(MORNING)
    promises_until(owner, 6)
    for day in (1, 4, 5):  # Friday, Monday, Tuesday: planned, and nobody sent
        tick(clock, MORNING + timedelta(days=day, hours=1))

    back = MORNING + timedelta(days=6, hours=1)
    tick(clock, back)
    deliver_queued()

    digests = Email.objects.filter(kind="promises.digest").order_by("pk")
    assert Counter(digests.values_list("state", flat=True)) == {"cancelled": digests.count() - 1, "sent": 1}
    assert digests.count() > 1
    assert len([mail for mail in mailoutbox if owner.email in mail.to[0]]) == 1


def test_a_critical_promise_that_turned_late_in_the_outage_is_told_once(clock, owner, deliver_queued, mailoutbox):
    due = MORNING + timedelta(days=2)
    clock.move_to(MORNING)
    make_promise(owner=owner, due_at=due, made_at=MORNING - timedelta(days=20), importance="critical", what="File it")

    for minute in range(3):
        tick(clock, MORNING + timedelta(days=11, minutes=minute))
        deliver_queued()

    told = [(mail.subject, "File it" in mail.body) for mail in mailoutbox if owner.email in mail.to[0]]
    assert told == [("One late", True)]  # in the digest, with whatever else is late, and in no mail of its own


def test_an_invitation_gets_only_the_latest_reminder_it_missed(clock, deliver_queued, mailoutbox):
    clock.move_to(MORNING)
    client = make_client(owner=make_user())
    round = make_round(state="open", created_by=make_manager())
    invitation = make_invitation(round=round, contact=make_contact(client=client), state="sent")

    back = MORNING + timedelta(days=20)  # all three reminders were missed
    for hour in range(8):
        tick(clock, back + timedelta(hours=hour))
        deliver_queued()

    invitation = Invitation.objects.get(pk=invitation.pk)
    steps = InvitationMessage.objects.filter(invitation=invitation, step__gt=0).values_list("step", flat=True)
    assert list(steps) == [3]
    assert len([mail for mail in mailoutbox if invitation.contact.email in mail.to[0]]) == 1


def test_an_hour_back_on_the_clock_says_nothing_twice(clock, owner, deliver_queued, mailoutbox):
    clock.move_to(MORNING)
    promises_until(owner, 3)
    for hours in (25, 24, 25, 24.5, 26):
        tick(clock, MORNING + timedelta(hours=hours))
        deliver_queued()

    assert len(mailoutbox) == len({(mail.subject, mail.to[0]) for mail in mailoutbox})
    assert Email.objects.filter(kind="promises.digest", state="sent").count() == 1
