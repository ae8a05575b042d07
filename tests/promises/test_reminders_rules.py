"""The table of rules: who hears, in which digest, told once and only what stands, and what it costs."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, Workspace
from clients.models import Contact
from outbox.models import Email
from promises import reminders
from promises.models import DigestMail, Letter, Promise, PromiseEvent, Reminder
from promises.models.promise import Terms
from promises.reminders import scans
from tests.conftest import NOW
from tests.make import make_administrator, make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def morning(day, hour=8):
    """A morning in November 2026; the 19th is a Thursday."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def live(clock, first, last, deliver=None):
    """Every morning from one day to another."""
    for day in range(first, last + 1):
        clock.move_to(morning(day))
        reminders.plan(morning(day))
        if deliver:
            deliver()


def said(**filters):
    """(rule, to whom, day) of every word, in their order."""
    words = Reminder.objects.filter(**filters).select_related("to").order_by("said_at", "pk")
    return [(word.rule, word.to.name if word.to else "", word.said_at.day) for word in words]


def settings(**fields):
    Workspace.objects.filter(pk=1).update(**fields)


# -------------------------------------------------------------------- each rule, at its limit


def test_the_limits_are_the_settings(clock):
    """Due on Wednesday 25 November after two weeks; early until Monday the 23rd."""
    make_manager(name="Martin")
    settings(word_before_days=2, owner_after_days=2, manager_after_days_critical=3, manager_after_days=4)
    owner = make_user(name="Priya")
    make_promise(owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(25, 16), what="Normal")

    live(clock, 19, 34 - 4)
    assert said() == [("on_track", "Priya", 19), ("due", "Priya", 25), ("choose", "Priya", 27)]
    clock.move_to(datetime(2026, 12, 1, 8, tzinfo=UTC))
    reminders.plan(datetime(2026, 12, 1, 8, tzinfo=UTC))

    assert said()[3:] == [("escalated", "Martin", 1)]


def test_an_offer_without_an_answer_is_said_when_it_is_old_and_again_when_its_day_is_over(clock):
    owner = make_user(name="Priya")
    offer = make_promise(owner=owner, now=NOW - 20 * DAY, made_at=NOW - 20 * DAY, due_at=NOW + 90 * DAY, proposed=True)
    assert offer.state == "proposed"

    live(clock, 19, 20)
    assert said() == [("answer_by", "Priya", 19)]
    offer.ask_answer(by=owner, now=morning(20, 9), answer_by=morning(23).date())
    live(clock, 21, 30)

    assert said() == [("answer_by", "Priya", 19), ("answer_by", "Priya", 24)]


def test_other_terms_are_an_offer_of_their_own(clock):
    owner = make_user(name="Priya")
    offer = make_promise(owner=owner, now=NOW - 20 * DAY, due_at=NOW + 90 * DAY, proposed=True)
    live(clock, 19, 19)
    assert said() == [("answer_by", "Priya", 19)]

    terms = Terms(morning(30).date() + 60 * DAY, None, "Europe/London")
    offer.counter(by=owner, now=NOW, terms=terms)
    for day in range(20, 46):
        moment = NOW + (day - 19) * DAY
        clock.move_to(moment)
        reminders.plan(moment)

    assert said() == [("answer_by", "Priya", 19), ("answer_by", "Priya", 3)]  # 3 December


def test_what_is_delivered_and_unanswered_is_said_after_a_working_day(clock, deliver_queued, mailoutbox):
    owner = make_user(name="Priya")
    promise = make_promise(owner=owner, now=NOW, what="Board paper")
    promise.deliver(by=owner, now=NOW)

    live(clock, 19, 25, deliver_queued)

    assert said() == [("no_word", "Priya", 20)]
    assert [mail.subject for mail in mailoutbox] == ["One waiting for their word"]


def test_administrators_hear_of_the_team_where_there_is_no_manager(clock):
    ada = make_administrator(name="Ada")
    make_promise(now=NOW, due_at=morning(18, 16), importance="critical")

    live(clock, 19, 20)
    assert said(rule="escalated") == [("escalated", "Ada", 20)]

    make_manager(name="Martin")
    make_promise(owner=ada, now=NOW, due_at=morning(19, 16), importance="critical")
    live(clock, 21, 23)
    assert said(rule="escalated")[1:] == [("escalated", "Martin", 23), ("escalated", "Martin", 23)]


def test_who_stands_in_for_a_manager_hears_of_the_team(clock):
    deputy = make_user(name="Tom")
    manager = make_manager(name="Martin", deputy=deputy)
    Absence.objects.create(user=manager, starts_on=morning(19).date(), ends_on=morning(27).date())
    client = make_client(visibility="team_only")
    for what, of in (("For all", {}), ("For the team", {"client": client})):
        make_promise(now=NOW, due_at=morning(18, 16), importance="critical", what=what, **of)

    live(clock, 19, 30)

    escalated = Reminder.objects.filter(rule="escalated").order_by("said_at", "pk")
    words = [(word.to.name, word.promise.what, word.said_at.day) for word in escalated]
    assert words == [("Tom", "For all", 20), ("Martin", "For all", 30), ("Martin", "For the team", 30)]


def test_a_manager_who_owns_it_reads_it_once_among_their_own(clock, deliver_queued, mailoutbox):
    manager = make_manager(name="Martin")
    make_promise(owner=manager, now=NOW, due_at=morning(18, 16), importance="critical", what="Board paper")

    live(clock, 19, 20, deliver_queued)

    assert said(rule="escalated") == []
    assert [mail.body.count("Board paper") for mail in mailoutbox if mail.subject == "One late"] == [1]


# -------------------------------------------------------------------- deputies


def test_two_who_stand_in_for_each_other_read_for_the_one_who_is_away(clock, deliver_queued, mailoutbox):
    tom, priya = make_user(name="Tom"), make_user(name="Priya")
    for person, other in ((tom, priya), (priya, tom)):
        person.deputy = other
        person.save()
    Absence.objects.create(user=priya, starts_on=morning(20).date(), ends_on=morning(22).date())
    Absence.objects.create(user=tom, starts_on=morning(24).date(), ends_on=morning(25).date())
    make_promise(owner=priya, now=NOW, made_at=NOW - 30 * DAY, due_at=morning(20, 16), what="Of Priya")
    make_promise(owner=tom, now=NOW, made_at=NOW - 30 * DAY, due_at=morning(24, 16), what="Of Tom")

    live(clock, 20, 24, deliver_queued)

    assert [word for word in said() if word[0] == "due"] == [
        ("due", "Tom", 20),
        ("due", "Tom", 23),
        ("due", "Priya", 24),
    ]
    assert "Priya answers for it" in mailoutbox[0].body


def test_when_both_are_away_nobody_is_written_to_and_the_first_one_back_reads_it(clock):
    tom = make_user(name="Tom")
    priya = make_user(name="Priya", deputy=tom)
    for person, last in ((priya, 30), (tom, 22)):
        Absence.objects.create(user=person, starts_on=morning(19).date(), ends_on=morning(last).date())
    make_promise(owner=priya, now=NOW, made_at=NOW - 30 * DAY, due_at=morning(20, 16))

    live(clock, 19, 24)

    assert said() == [("choose", "Tom", 23)]


# -------------------------------------------------------------------- once, and only what stands


def test_a_digest_that_never_went_out_is_said_the_next_day(clock, deliver_queued, mailoutbox):
    make_promise(now=NOW, made_at=NOW - 30 * DAY, due_at=morning(18, 16), what="Board paper")
    live(clock, 19, 19)  # the mail server is away all day

    clock.move_to(morning(20))
    deliver_queued()
    assert Email.objects.get().state == "cancelled"
    live(clock, 20, 21, deliver_queued)

    assert [(mail.subject, "Board paper" in mail.body) for mail in mailoutbox] == [("One late", True)]
    assert [word[0::2] for word in said()] == [("choose", 20)]


def test_who_takes_a_late_promise_over_hears_of_it_too(clock):
    priya, tom = make_user(name="Priya"), make_user(name="Tom")
    promise = make_promise(owner=priya, now=NOW, due_at=morning(18, 16))
    live(clock, 19, 20)

    promise.hand_over(to=tom, by=priya, now=morning(20, 9))
    live(clock, 21, 24)

    assert said() == [("choose", "Priya", 19), ("choose", "Tom", 23)]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_each_word_is_said_once_and_none_of_what_is_settled(seed, clock, deliver_queued, mailoutbox):
    """Six weeks of people doing things at random, and of a planner that runs when it likes."""
    chance = random.Random(seed)
    deputy = make_user(name="Tom")
    people = [make_user(name="Priya", deputy=deputy), deputy, make_user(name="Ana", time_zone="Asia/Kolkata")]
    make_manager(name="Martin")
    start = morning(2)
    Absence.objects.create(user=people[0], starts_on=start.date() + 9 * DAY, ends_on=start.date() + 15 * DAY)
    client = make_client(owner=people[0])
    for number in range(16):
        due_at = start + chance.randint(1, 35) * DAY + chance.randint(0, 20) * HOUR
        importance = chance.choice(["normal", "critical"])
        make_promise(
            client=client, owner=chance.choice(people), now=start, made_at=start - 9 * DAY, due_at=due_at,
            what=f"Part {number:02}.", importance=importance, ours=chance.random() < 0.8,
        )  # fmt: skip
    settled, now = {}, start
    while now < start + 42 * DAY:
        now += timedelta(hours=chance.choice([1, 5, 11, 24, 24, 120]))
        clock.move_to(now)
        for promise in Promise.objects.active():
            what = chance.choice(["keep", "move", "put off", *[""] * 27])
            if what == "keep":
                promise.keep(by=promise.owner, now=now, reason="forgot")
            elif what == "move" and promise.due_at > now:
                terms = Terms(promise.due_date + 7 * DAY, promise.due_time, promise.due_zone)
                promise.move(by=promise.owner, terms=terms, reason="priorities", now=now, how="call")
            elif what == "put off" and promise.due_at > now + 2 * DAY and promise.snoozes < 3:
                promise.snooze(by=promise.owner, now=now, until=now + DAY)
            if what == "keep":
                settled[promise.what] = now
        reminders.plan(now)
        before = len(mailoutbox)
        deliver_queued()
        for mail in mailoutbox[before:]:
            assert [what for what in settled if what in mail.body] == []

    words = Counter(Reminder.objects.values_list("promise", "rule", "to", "about_at"))
    flags = Counter((e.promise_id, e.data["due"]) for e in PromiseEvent.objects.filter(kind="overdue"))
    assert len(words) > 5
    assert set(words.values()) == {1}
    assert set(flags.values()) <= {1}
    assert all(count == 1 for count in Counter(DigestMail.objects.values_list("user", "date")).values())


def test_old_promises_just_imported_are_broken_by_the_clock_and_wake_nobody(clock, deliver_queued, mailoutbox):
    owner = make_user()
    make_manager()
    for year in range(1997, 2000):
        due = datetime(year, 3, 2, 16, tzinfo=UTC)
        make_promise(owner=owner, now=NOW, due_at=due, importance="critical", origin="import")

    live(clock, 19, 25, deliver_queued)

    assert list(Promise.objects.values_list("state", flat=True)) == ["broken"] * 3
    assert (mailoutbox, said()) == ([], [])


def test_the_digest_says_in_one_line_what_the_clock_broke_since_the_last(clock, deliver_queued, mailoutbox):
    owner = make_user()
    for number in range(2):
        make_promise(owner=owner, now=NOW, due_at=datetime(2026, 10, 22, 16, tzinfo=UTC), what=f"Old {number}")
    make_promise(owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(19, 16), what="Today")

    live(clock, 19, 19, deliver_queued)

    assert [mail.subject for mail in mailoutbox] == ["One due today"]
    assert "2 promises were late for so long that the clock broke them" in mailoutbox[0].body
    assert "Old" not in mailoutbox[0].body


def test_a_promise_that_cannot_be_read_does_not_take_the_others_away(clock, caplog):
    owner = make_user(name="Priya")
    make_promise(owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(20, 16), what="Well")
    client = make_client(owner=owner)
    torn = make_promise(
        client=client, now=NOW, made_at=NOW - 30 * DAY, due_at=morning(20, 16), what="Torn", proposed=True
    )
    Promise.objects.filter(pk=torn.pk).update(
        due_zone="Nowhere/At All", answer_by=morning(18).date(), created_at=NOW - 30 * DAY
    )

    live(clock, 20, 20)

    assert said() == [("due", "Priya", 20)]
    assert "The rules failed for promise" in caplog.text


# -------------------------------------------------------------------- what a client promised


def theirs(**fields):
    """Promised by Rosa for Wednesday 25 November, a fortnight ago."""
    owner = make_user(name="Priya")
    client = make_client(owner=owner)
    rosa = make_contact(client=client, name="Rosa Delgado", email="rosa@client.example", **fields)
    return make_promise(
        client=client, contact=rosa, ours=False, now=NOW, made_at=NOW - 9 * DAY, due_at=morning(25, 16),
        what="The asset register",
    )  # fmt: skip


def test_a_reminder_to_the_client_is_drafted_before_the_due_day_and_once_more_when_late(
    clock, deliver_queued, mailoutbox
):
    promise = theirs()
    live(clock, 19, 24, deliver_queued)
    draft = Letter.objects.get()
    assert (draft.kind, draft.email, draft.promise) == ("nudge", None, promise)

    live(clock, 25, 30, deliver_queued)

    assert [mail.to for mail in mailoutbox if "rosa" in mail.to[0]] == []
    assert "Drafted for you to send" in mailoutbox[0].body
    assert Letter.objects.count() == 1  # the draft still waits; it is written afresh when it is sent
    assert said(rule="theirs_due") == [("theirs_due", "", 24), ("theirs_due", "", 26)]


def test_where_the_firm_says_so_the_client_is_reminded_twice_at_most(clock, deliver_queued, mailoutbox):
    settings(remind_clients=True, contact_gap_days=0)
    theirs()

    for day in range(19, 31):
        for hour in (8, 11):
            clock.move_to(morning(day, hour))
            reminders.plan(morning(day, hour))
            deliver_queued()

    to_rosa = [mail for mail in mailoutbox if "rosa@" in mail.to[0]]
    assert len(to_rosa) == 2
    assert said(rule="theirs_due") == [("theirs_due", "", 24), ("theirs_due", "", 26)]


def test_who_asked_us_to_stop_is_not_reminded_and_the_gap_between_two_mails_holds(clock, deliver_queued, mailoutbox):
    settings(remind_clients=True, contact_gap_days=3)
    theirs()
    theirs(mail_state=Contact.MailState.UNSUBSCRIBED)

    for day in range(19, 31):
        clock.move_to(morning(day, 11))
        reminders.plan(morning(day, 11))
        deliver_queued()

    days = [word.said_at.day for word in Reminder.objects.filter(rule="theirs_due").order_by("said_at")]
    assert days == [24, 27]
    assert len([mail for mail in mailoutbox if "rosa@" in mail.to[0]]) == 2


# -------------------------------------------------------------------- what it costs


def test_the_overdue_scan_reads_the_index_of_what_is_still_to_flag():
    owner, client = make_user(), make_client()
    rows = [
        Promise(
            client=client, owner=owner, promisor_user=owner, what=f"Part {n}", due_date=NOW.date(), due_zone="UTC",
            due_at=NOW - n * HOUR, first_due_at=NOW - n * HOUR, created_by=owner, state="kept" if n % 50 else "active",
            overdue_flagged_at=None if n % 100 == 0 else NOW,
        )
        for n in range(3000)
    ]  # fmt: skip
    Promise.objects.bulk_create(rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE promises_promise")

    plan = Promise.objects.to_flag(NOW).order_by("due_at").explain()

    assert "promise_to_flag" in plan
    assert Promise.objects.to_flag(NOW).count() == 29


def test_between_two_hours_a_tick_does_not_read_what_is_late_for_days():
    for _ in range(4):
        make_promise(now=NOW, due_at=NOW - 25 * DAY)
    reminders.plan(NOW)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        reminders.plan(NOW + timedelta(minutes=1))

    assert len(asked) <= 6
    assert not scans.is_hourly(NOW + timedelta(minutes=59))
    assert scans.is_hourly(NOW + timedelta(minutes=60))
    assert scans.is_hourly(NOW - timedelta(minutes=1))  # a clock that was set back


@pytest.mark.parametrize("words", [0, 1])
def test_digests_of_many_people_cost_a_handful_of_queries_and_few_for_each_mail(clock, words):
    """Nothing to say: the same number for 3 people and for 30. A mail each: under a dozen small writes for one more."""

    def cost(people):
        for _ in range(people):
            owner = make_user()
            client = make_client(owner=owner, visibility="team_only")
            make_promise(
                client=client, owner=owner, now=NOW, made_at=NOW - 9 * DAY, due_at=NOW + (30 - 29 * words) * DAY
            )
        with CaptureQueriesContext(connection) as asked:
            written = reminders.plan_digests(morning(20))
        assert written == people * words
        return len(asked)

    few, many = cost(3), cost(30)

    each = (many - few) / 27
    assert each <= (11 if words else 0.1)
