"""What can be done to a promise, and what each verb leaves behind."""

from datetime import UTC, datetime, time, timedelta

import pytest

from promises.models import (
    AlreadyAsked,
    DateInThePast,
    NotActive,
    NotAllowed,
    NotNow,
    Promise,
    ReasonMissing,
    SameTerms,
    TooFarBack,
    TooLateToCorrect,
)
from promises.models.promise import Terms
from promises.outcomes import Outcome
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kinds(promise):
    return [event.kind for event in promise.events.all()]


def terms(day, at=time(17), zone="Europe/London"):
    return Terms(day.date(), at, zone)


def test_a_promise_made_by_staff_is_open_and_says_how_it_was_agreed():
    contact = make_contact(time_zone="America/New_York")

    promise = make_promise(client=contact.client, contact=contact, now=NOW, due_time=None, due_zone="America/New_York")

    assert (promise.state, promise.agreed_how, promise.first_due_at) == ("active", "call", promise.due_at)
    # The end of that day in New York is 05:00 the next day in UTC.
    assert promise.due_at == datetime(2026, 11, 27, 4, 59, 59, 999999, tzinfo=UTC)
    assert kinds(promise) == ["made"]


def test_the_zone_is_that_of_the_side_it_is_promised_to():
    contact = make_contact(client=make_client(time_zone="Asia/Kolkata"))
    ours = Promise.objects.make(
        by=contact.client.owner, client=contact.client, contact=contact, what="A", due_date=NOW.date() + DAY, now=NOW
    )
    owner = make_user(time_zone="Australia/Sydney")
    theirs = Promise.objects.make(
        by=owner,
        client=contact.client,
        contact=contact,
        owner=owner,
        what="B",
        due_date=NOW.date() + DAY,
        now=NOW,
        direction="theirs",
    )

    assert (ours.due_zone, theirs.due_zone) == ("Asia/Kolkata", "Australia/Sydney")


def test_the_same_key_makes_one_promise():
    key = "0b6f3c1e-6f0b-4c0e-9f7e-0d3a7b0f5a11"
    client = make_client()

    first, second = (make_promise(client=client, now=NOW, idempotency_key=key) for _ in range(2))

    assert first == second
    assert Promise.objects.count() == 1


def test_a_delivered_promise_is_kept_when_they_agree():
    promise = make_promise(now=NOW)

    promise.deliver(by=promise.owner, now=NOW + HOUR)
    promise.accept(by=promise.owner, now=NOW + 2 * HOUR, how="call")

    assert (promise.state, promise.done_at, promise.ended_at) == ("kept", NOW + HOUR, NOW + 2 * HOUR)
    assert promise.outcome(NOW + DAY) == Outcome.KEPT_AS_FIRST_PROMISED
    assert kinds(promise) == ["made", "delivered", "accepted"]


def test_the_second_of_two_who_press_at_once_is_told():
    promise = make_promise(now=NOW)
    same = Promise.objects.get(pk=promise.pk)

    promise.deliver(by=promise.owner, now=NOW)
    with pytest.raises(NotActive):
        same.deliver(by=promise.owner, now=NOW)

    assert kinds(promise) == ["made", "delivered"]


def test_a_delivery_judged_against_a_date_that_has_moved_meanwhile_is_refused():
    promise = make_promise(now=NOW)
    same = Promise.objects.get(pk=promise.pk)

    promise.move(by=promise.owner, terms=terms(NOW + 3 * DAY), reason="priorities", now=NOW, how="call")
    with pytest.raises(NotActive):
        same.deliver(by=promise.owner, now=NOW)


def test_late_asks_for_a_reason():
    promise = make_promise(now=NOW, due_at=NOW - DAY)

    with pytest.raises(ReasonMissing):
        promise.deliver(by=promise.owner, now=NOW)
    promise.keep(by=promise.owner, now=NOW, reason="forgot")

    assert (promise.outcome(NOW), promise.reason) == (Outcome.LATE, "forgot")


@pytest.mark.parametrize(("days", "allowed"), [(1, True), (3, True), (6, False)])
def test_done_may_be_three_working_days_back(days, allowed):
    promise = make_promise(now=NOW, made_at=NOW - 10 * DAY, due_at=NOW + DAY)

    def deliver():
        promise.deliver(by=promise.owner, now=NOW, done_at=NOW - days * DAY)

    if allowed:
        deliver()
        assert promise.done_at == NOW - days * DAY
    else:
        with pytest.raises(TooFarBack):
            deliver()


def test_a_dispute_opens_it_again_and_what_was_disputed_was_not_done():
    promise = make_promise(now=NOW)
    promise.deliver(by=promise.owner, now=NOW + HOUR)

    promise.dispute(by=promise.owner, now=NOW + 3 * HOUR, words="The annex is missing.")

    assert (promise.state, promise.done_at) == ("active", None)
    assert promise.events.last().note == "The annex is missing."
    with pytest.raises(TooFarBack):
        promise.deliver(by=promise.owner, now=NOW + 4 * HOUR, done_at=NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("after", "timing", "outcome"),
    [
        (HOUR, "early", Outcome.WITHDRAWN_EARLY),
        (6.9 * DAY, "last_minute", Outcome.BROKEN),
        (8 * DAY, "after_fact", Outcome.BROKEN),
    ],
)
def test_taking_a_promise_back_counts_by_how_early_they_were_told(after, timing, outcome):
    promise = make_promise(now=NOW)

    promise.withdraw(by=promise.owner, now=NOW + after, reason="scope_grew")

    assert (promise.withdrawn_timing, promise.outcome(NOW + after)) == (timing, outcome)


def test_a_broken_promise_made_good_stays_broken():
    promise = make_promise(now=NOW)
    promise.break_(by=promise.owner, now=NOW, reason="forgot")

    promise.make_good(by=promise.owner, now=NOW + DAY)

    assert (promise.state, promise.made_good_at) == ("broken", NOW + DAY)
    assert promise.outcome(NOW + DAY) == Outcome.BROKEN
    with pytest.raises(NotNow):
        promise.make_good(by=promise.owner, now=NOW + 2 * DAY)


def test_a_released_promise_is_outside_all_rates():
    promise = make_promise(now=NOW)
    promise.release(by=promise.owner, now=NOW)

    assert promise.outcome(NOW + 30 * DAY) == Outcome.RELEASED


# -------------------------------------------------------------------- renegotiation


def test_the_old_terms_bind_until_the_other_side_accepts():
    promise = make_promise(now=NOW)
    old, new = promise.due_at, terms(NOW + 12 * DAY)

    move = promise.ask_to_move(by=promise.owner, terms=new, reason="waited_on_client", now=NOW + HOUR)
    promise.refresh_from_db()
    assert (promise.due_at, promise.first_asked, move.timing) == (old, "early", "early")
    move.accept(by=promise.owner, now=NOW + 2 * HOUR, how="call", contact=promise.contact)

    promise = Promise.objects.get(pk=promise.pk)
    assert (promise.due_at, promise.first_due_at, promise.agreed_at) == (new.at, old, NOW + 2 * HOUR)
    assert kinds(promise) == ["made", "move_asked", "moved"]


def test_a_refused_request_leaves_the_terms_and_another_may_follow():
    promise = make_promise(now=NOW)
    old = promise.due_at
    move = promise.ask_to_move(by=promise.owner, terms=terms(NOW + 12 * DAY), reason="priorities", now=NOW)
    with pytest.raises(AlreadyAsked):
        promise.ask_to_move(by=promise.owner, terms=terms(NOW + 13 * DAY), reason="priorities", now=NOW)

    move.refuse(by=promise.owner, now=NOW + HOUR)
    again = promise.ask_to_move(by=promise.owner, terms=terms(NOW + 13 * DAY), reason="priorities", now=NOW + HOUR)

    assert Promise.objects.get(pk=promise.pk).due_at == old
    with pytest.raises(NotNow):
        move.accept(by=promise.owner, now=NOW + HOUR, how="call")
    again.take_back(by=promise.owner, now=NOW + HOUR)
    assert again.state == "taken_back"


def test_a_move_after_the_fact_never_becomes_a_kept_word():
    promise = make_promise(now=NOW, due_at=NOW - DAY)

    promise.move(by=promise.owner, terms=terms(NOW + 5 * DAY), reason="forgot", now=NOW, how="call")
    promise.keep(by=promise.owner, now=NOW + DAY)

    assert promise.outcome(NOW + DAY) == Outcome.KEPT_RENEGOTIATED_LATE


def test_the_flag_is_raised_again_for_a_new_date():
    promise = make_promise(now=NOW, due_at=NOW - DAY)
    assert (promise.flag_overdue(now=NOW), promise.flag_overdue(now=NOW)) == (True, False)

    promise.move(by=promise.owner, terms=terms(NOW + 5 * DAY), reason="forgot", now=NOW, how="call")

    assert promise.flag_overdue(now=NOW) is False
    assert promise.flag_overdue(now=NOW + 6 * DAY) is True
    assert kinds(promise).count("overdue") == 2


def test_a_new_date_is_ahead_and_another_one():
    promise = make_promise(now=NOW)
    same = Terms(promise.due_date, promise.due_time, promise.due_zone)

    with pytest.raises(DateInThePast):
        promise.ask_to_move(by=promise.owner, terms=terms(NOW - DAY), reason="forgot", now=NOW)
    with pytest.raises(SameTerms):
        promise.ask_to_move(by=promise.owner, terms=same, reason="forgot", now=NOW)
    with pytest.raises(ReasonMissing):
        promise.ask_to_move(by=promise.owner, terms=terms(NOW + 9 * DAY), reason="", now=NOW)


def test_a_request_falls_away_when_the_promise_ends():
    promise = make_promise(now=NOW)
    move = promise.ask_to_move(by=promise.owner, terms=terms(NOW + 12 * DAY), reason="priorities", now=NOW)

    promise.keep(by=promise.owner, now=NOW + HOUR)

    move.refresh_from_db()
    assert move.state == "taken_back"


# -------------------------------------------------------------------- back again


def test_the_author_undoes_a_tick_within_a_day_and_the_story_keeps_both():
    promise = make_promise(now=NOW)
    promise.tick(by=promise.owner, now=NOW)
    assert promise.can_be_undone(promise.owner, NOW + 23 * HOUR)
    assert not promise.can_be_undone(promise.owner, NOW + 25 * HOUR)
    assert not promise.can_be_undone(make_user(), NOW)

    promise.undo(by=promise.owner, now=NOW + HOUR)

    assert (promise.state, promise.done_at) == ("active", None)
    assert kinds(promise) == ["made", "delivered", "reopened"]
    with pytest.raises(NotNow):
        promise.undo(by=promise.owner, now=NOW + HOUR)


def test_undoing_an_acceptance_goes_back_to_delivered():
    promise = make_promise(now=NOW)
    promise.deliver(by=make_user(), now=NOW)
    promise.accept(by=promise.owner, now=NOW + HOUR)

    promise.undo(by=promise.owner, now=NOW + HOUR)

    assert (promise.state, promise.done_at) == ("delivered", NOW)


def test_a_manager_reopens_within_five_working_days():
    promise, manager = make_promise(now=NOW), make_manager()
    promise.break_(by=promise.owner, now=NOW, reason="forgot")

    with pytest.raises(NotAllowed):
        promise.reopen(by=promise.owner, now=NOW + DAY)
    with pytest.raises(NotNow):
        promise.reopen(by=manager, now=NOW + 10 * DAY)
    promise.reopen(by=manager, now=NOW + DAY, note="It was the wrong one.")

    assert (promise.state, promise.reason, promise.ended_at) == ("active", "", None)


def test_a_typing_mistake_can_be_mended_for_an_hour():
    promise = make_promise(now=NOW)

    promise.correct(by=promise.owner, now=NOW + timedelta(minutes=59), version=1, what="Send the fee note for March")
    assert (promise.what, promise.version) == ("Send the fee note for March", 2)
    with pytest.raises(TooLateToCorrect):
        promise.correct(by=promise.owner, now=NOW + timedelta(minutes=61), version=2, what="Never")


def test_handing_over_moves_the_side_the_owner_stood_on():
    promise, theirs, heir = make_promise(now=NOW), make_promise(now=NOW, ours=False), make_user()

    promise.hand_over(to=heir, by=promise.owner, now=NOW)
    theirs.hand_over(to=heir, by=theirs.owner, now=NOW)

    assert (promise.owner, promise.promisor_user) == (heir, heir)
    assert (theirs.owner, theirs.promisee_user) == (heir, heir)
    assert kinds(promise) == ["made", "handed_over"]
