"""An offer lies on the table until the other side answers; only then is it a promise."""

from datetime import timedelta

import pytest

from accounts.models import Workspace
from promises.models import (
    DateInThePast,
    HowMissing,
    NotOffered,
    NotYours,
    OfferOver,
    Promise,
    Reminder,
    Terms,
)
from promises.outcomes import Outcome
from tests.conftest import NOW
from tests.make import make_contact, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kinds(promise):
    return [event.kind for event in promise.events.all()]


def make_offer(*, ours=True, **fields):
    contact = fields.pop("contact", None) or make_contact()
    return make_promise(client=contact.client, contact=contact, now=NOW, ours=ours, proposed=True, **fields)


def other_terms(days=14):
    return Terms((NOW + days * DAY).date(), None, "Europe/London")


def same(promise):
    return Promise.objects.get(pk=promise.pk)


def test_an_offer_binds_nobody_and_counts_nowhere():
    offer = make_offer(answer_by=(NOW + 3 * DAY).date())

    assert (offer.state, offer.offered_by, offer.is_open, offer.is_overdue(NOW + 90 * DAY)) == (
        "proposed", "ours", True, False,
    )  # fmt: skip
    assert kinds(offer) == ["proposed"]
    assert offer.outcome(NOW + 90 * DAY) == Outcome.NOT_DUE


def test_their_click_makes_it_a_promise_from_that_moment():
    offer = make_offer()

    offer.agree(by=None, contact=offer.contact, how="click", now=NOW + 2 * HOUR)

    assert (offer.state, offer.offered_by, offer.agreed_at, offer.agreed_how) == (
        "active", "", NOW + 2 * HOUR, "click",
    )  # fmt: skip
    assert offer.first_due_at == offer.due_at
    assert kinds(offer) == ["proposed", "agreed"]
    assert (offer.events.last().by, offer.events.last().by_contact) == (None, offer.contact)


def test_our_yes_to_what_they_offered_on_their_page_does_not_say_that_we_wrote_to_them():
    offer = make_offer()
    offer.counter(by=None, contact=offer.contact, terms=other_terms(), now=NOW)

    offer.agree(by=offer.owner, now=NOW + HOUR)

    assert (same(offer).state, same(offer).agreed_how) == ("active", "click")
    assert offer.events.get(kind="agreed").data["how"] == ""


def test_their_word_written_down_says_how_it_was_given():
    offer = make_offer()

    with pytest.raises(HowMissing):
        offer.agree(by=offer.owner, contact=offer.contact, now=NOW)
    offer.agree(by=offer.owner, contact=offer.contact, how="call", now=NOW)

    assert (same(offer).state, same(offer).agreed_how) == ("active", "call")


def test_what_they_offered_is_ours_to_answer():
    offer = make_offer(ours=False)

    with pytest.raises(NotYours):
        offer.agree(by=None, contact=offer.contact, how="click", now=NOW)
    offer.agree(by=offer.owner, now=NOW)

    assert same(offer).state == "active"


def test_somebody_from_another_client_answers_nothing():
    offer = make_offer()

    with pytest.raises(NotYours):
        offer.agree(by=None, contact=make_contact(), how="click", now=NOW)

    assert same(offer).state == "proposed"


def test_a_counter_offer_turns_the_table():
    offer = make_offer()
    terms = other_terms()

    offer.counter(by=None, contact=offer.contact, terms=terms, what="Send the short note", note="Too soon.", now=NOW)

    assert (offer.state, offer.offered_by, offer.due_at, offer.what) == (
        "proposed", "theirs", terms.at, "Send the short note",
    )  # fmt: skip
    with pytest.raises(NotYours):
        offer.agree(by=None, contact=offer.contact, how="click", now=NOW)
    offer.agree(by=offer.owner, now=NOW + HOUR)
    assert (offer.first_due_at, offer.moves) == (terms.at, 0)  # the first agreed due; nothing was moved
    assert kinds(offer) == ["proposed", "countered", "agreed"]


def test_yes_to_terms_that_changed_meanwhile_is_no_yes():
    offer = make_offer()
    seen = same(offer)

    offer.counter(by=offer.owner, contact=offer.contact, terms=other_terms(), now=NOW)
    with pytest.raises(NotOffered):
        seen.agree(by=None, contact=offer.contact, how="click", now=NOW)
    with pytest.raises(NotOffered):
        same(offer).agree(by=offer.owner, now=NOW, version=1)

    assert (same(offer).state, same(offer).due_at) == ("proposed", other_terms().at)


def test_of_yes_and_no_at_once_the_first_counts():
    offer = make_offer()
    second = same(offer)

    offer.decline(by=None, contact=offer.contact, now=NOW, note="No need.")
    with pytest.raises(NotOffered):
        second.agree(by=second.owner, contact=second.contact, how="call", now=NOW)

    assert (same(offer).state, kinds(offer)) == ("declined", ["proposed", "declined"])
    assert offer.outcome(NOW + 90 * DAY) == Outcome.DECLINED


def test_the_side_that_offered_takes_its_offer_back():
    ours, theirs = make_offer(), make_offer(ours=False)

    with pytest.raises(NotYours):
        ours.take_offer_back(by=None, contact=ours.contact, now=NOW)
    ours.take_offer_back(by=ours.owner, now=NOW)
    theirs.take_offer_back(by=None, contact=theirs.contact, now=NOW)

    assert [(p.state, p.events.last().data["taken_back"]) for p in (ours, theirs)] == [("declined", True)] * 2


def test_an_offer_whose_date_has_passed_can_only_be_answered_with_another():
    offer = make_offer(due_at=NOW + DAY)

    with pytest.raises(OfferOver):
        offer.agree(by=None, contact=offer.contact, how="click", now=NOW + 2 * DAY)
    with pytest.raises(DateInThePast):
        offer.counter(by=None, contact=offer.contact, terms=other_terms(1), now=NOW + 3 * DAY)
    offer.counter(by=None, contact=offer.contact, terms=other_terms(), now=NOW + 2 * DAY)

    assert offer.offered_by == "theirs"


def test_an_old_offer_asks_for_an_answer_until_it_is_asked_for_and_again_when_that_day_passes():
    offer = make_offer(due_at=NOW + 60 * DAY)

    assert not offer.asks_for_an_answer(NOW + 14 * DAY, days=10)
    assert offer.asks_for_an_answer(NOW + 15 * DAY, days=10)
    offer.ask_answer(by=offer.owner, now=NOW + 15 * DAY, answer_by=(NOW + 20 * DAY).date())
    assert not offer.asks_for_an_answer(NOW + 20 * DAY, days=10)
    assert offer.asks_for_an_answer(NOW + 21 * DAY, days=10)
    with pytest.raises(DateInThePast):
        offer.ask_answer(by=offer.owner, now=NOW + 21 * DAY, answer_by=NOW.date())


def test_a_declined_offer_opened_again_is_an_offer_again():
    offer = make_offer()
    offer.decline(by=offer.owner, contact=offer.contact, how="call", now=NOW)

    offer.reopen(by=make_manager(), now=NOW + DAY, note="They thought again.")

    assert (offer.state, offer.offered_by, offer.ended_at) == ("proposed", "ours", None)


def test_who_wrote_the_no_down_by_mistake_undoes_it():
    offer = make_offer(ours=False)
    by = make_user()
    offer.decline(by=by, now=NOW)

    offer.undo(by=by, now=NOW + HOUR)

    assert (offer.state, offer.offered_by) == ("proposed", "theirs")


def test_an_act_of_a_person_answers_the_reminders_before_it_and_the_clock_does_not():
    promise = make_promise(now=NOW, due_at=NOW + DAY)
    reminder = Reminder.objects.create(
        promise=promise, rule="due", to=promise.owner, about_at=promise.due_at, said_at=NOW + 20 * HOUR
    )

    promise.flag_overdue(now=NOW + 2 * DAY)
    reminder.refresh_from_db()
    assert reminder.acted_at is None
    promise.deliver(by=promise.owner, now=NOW + 2 * DAY, reason="forgot")

    reminder.refresh_from_db()
    assert reminder.acted_at == NOW + 2 * DAY


def test_the_firms_own_rule_says_what_is_early_and_is_read_once(django_assert_num_queries):
    Workspace.objects.update_or_create(pk=1, defaults={"early_least_days": 4, "early_most_days": 4, "early_share": 50})
    promises = [make_promise(now=NOW, made_at=NOW - 30 * DAY, due_at=NOW + 10 * DAY) for _ in range(3)]
    promises = list(Promise.objects.with_calendars())

    with django_assert_num_queries(1), Workspace.remembering():
        moments = {promise.last_early_moment for promise in promises}

    assert moments == {promises[0].calendar.add(promises[0].due_at, days=-4)}


def test_correcting_lasts_as_long_as_the_firm_says():
    Workspace.objects.update_or_create(pk=1, defaults={"correction_minutes": 5})
    promise = make_promise(now=NOW)

    assert promise.can_be_corrected(NOW + timedelta(minutes=5))
    assert not promise.can_be_corrected(NOW + timedelta(minutes=6))


def test_what_the_other_side_agreed_to_is_not_corrected_behind_its_back():
    offer = make_offer()
    assert offer.can_be_corrected(NOW + HOUR)

    offer.agree(by=None, contact=offer.contact, how="click", now=NOW + timedelta(minutes=1))

    assert not offer.can_be_corrected(NOW + timedelta(minutes=2))
