"""Every state and every verb: what leads where, what is refused, and what the slower of two reads."""

from datetime import timedelta

import pytest

from promises.models import (
    AlreadyAsked,
    DateGone,
    DateInThePast,
    DoneBefore,
    HowMissing,
    NotActive,
    NotAsked,
    NotDelivered,
    NotNow,
    NotYours,
    Promise,
    PromiseError,
    SameTerms,
    SnoozeRefused,
    Terms,
    TooLateToCorrect,
)
from promises.outcomes import Outcome
from promises.wording import story
from tests.conftest import NOW
from tests.make import make_contact, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STATES = ["proposed", "active", "delivered", "kept", "broken", "withdrawn", "released", "declined"]


def same(promise):
    return Promise.objects.get(pk=promise.pk)


def other_terms(days=12):
    return Terms((NOW + days * DAY).date(), None, "Europe/London")


def made(*, ours=True, **fields):
    contact = make_contact()
    return make_promise(client=contact.client, contact=contact, now=NOW, ours=ours, **fields)


def brought_to(state):
    promise = made(proposed=state in ("proposed", "declined"))
    by, reason = {"by": promise.owner, "now": NOW}, {"reason": "forgot"}
    {
        "proposed": lambda: None,
        "active": lambda: None,
        "delivered": lambda: promise.deliver(**by),
        "kept": lambda: promise.keep(**by),
        "broken": lambda: promise.break_(**by, **reason),
        "withdrawn": lambda: promise.withdraw(**by, **reason),
        "released": lambda: promise.release(**by),
        "declined": lambda: promise.decline(**by, how="call"),
    }[state]()
    return same(promise)


VERBS = {
    "agree": (lambda p, **by: p.agree(**by, how="call"), {"proposed": "active"}),
    "counter": (lambda p, **by: p.counter(**by, terms=other_terms()), {"proposed": "proposed"}),
    "decline": (lambda p, **by: p.decline(**by), {"proposed": "declined"}),
    "take_offer_back": (lambda p, **by: p.take_offer_back(**by), {"proposed": "declined"}),
    "ask_answer": (lambda p, **by: p.ask_answer(**by, answer_by=NOW.date()), {"proposed": "proposed"}),
    "ask_to_move": (lambda p, **by: p.ask_to_move(**by, terms=other_terms(), reason="forgot"), {"active": "active"}),
    "deliver": (lambda p, **by: p.deliver(**by), {"active": "delivered"}),
    "keep": (lambda p, **by: p.keep(**by), {"active": "kept"}),
    "accept": (lambda p, **by: p.accept(**by), {"delivered": "kept"}),
    "keep_unconfirmed": (lambda p, *, by, now: p.keep_unconfirmed(now=now), {"delivered": "kept"}),
    "dispute": (lambda p, **by: p.dispute(**by, words="Not that."), {"delivered": "active"}),
    "withdraw": (lambda p, **by: p.withdraw(**by, reason="forgot"), {"active": "withdrawn"}),
    "release": (lambda p, **by: p.release(**by), {"active": "released"}),
    "break": (lambda p, **by: p.break_(**by, reason="forgot"), {"active": "broken"}),
    "make_good": (lambda p, **by: p.make_good(**by), {"broken": "broken"}),
    "snooze": (lambda p, **by: p.snooze(**by, until=NOW + DAY), {"active": "active"}),
    "reopen": (
        lambda p, *, by, now: p.reopen(by=make_manager(), now=now, note="It was a mistake."),
        {"kept": "active", "broken": "active", "withdrawn": "active", "released": "active", "declined": "proposed"},
    ),
    "undo": (
        lambda p, **by: p.undo(**by),
        {
            "delivered": "active", "kept": "active", "broken": "active", "withdrawn": "active", "released": "active",
            "declined": "proposed",
        },
    ),
    "hand_over": (
        lambda p, **by: p.hand_over(**by, to=make_manager()),
        {"proposed": "proposed", "active": "active", "delivered": "delivered"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", VERBS)
def test_each_verb_leads_from_its_states_to_their_next_and_is_refused_in_every_other(name, state):
    verb, leads = VERBS[name]
    promise = brought_to(state)
    before = (promise.events.count(), promise.version, promise.due_at, promise.owner_id)

    if state in leads:
        verb(promise, by=promise.owner, now=NOW)
        assert same(promise).state == leads[state]
        assert promise.events.count() == before[0] + (2 if name == "keep" else 1)
    else:
        with pytest.raises(PromiseError):
            verb(promise, by=promise.owner, now=NOW)
        promise = same(promise)
        assert promise.state == state
        assert (promise.events.count(), promise.version, promise.due_at, promise.owner_id) == before


# Asking for an answer by the same day twice says the same again.
RACES = [(name, state) for name, (_verb, leads) in VERBS.items() for state in leads if name != "ask_answer"]


@pytest.mark.parametrize(("name", "state"), RACES)
def test_the_slower_of_two_reads_a_sentence_and_changes_nothing(name, state):
    verb, _leads = VERBS[name]
    first, second = (same(promise) for promise in [brought_to(state)] * 2)
    verb(first, by=first.owner, now=NOW)
    told, now_state = first.events.count(), same(first).state

    with pytest.raises(PromiseError) as refused:
        verb(second, by=second.owner, now=NOW)

    assert str(refused.value.words).endswith(".")
    assert (same(first).state, first.events.count()) == (now_state, told)


# -------------------------------------------------------------------- who may say what


@pytest.mark.parametrize("verb", ["deliver", "withdraw", "make_good"])
def test_the_other_side_does_not_say_that_we_did_it_or_gave_it_up(verb):
    ours, theirs = made(), made(ours=False)
    fields = {"reason": "forgot"} if verb == "withdraw" else {}
    if verb == "make_good":
        for promise in (ours, theirs):
            promise.break_(by=promise.owner, now=NOW, reason="forgot")

    with pytest.raises(NotYours):
        getattr(ours, verb)(by=None, contact=ours.contact, now=NOW, **fields)
    getattr(theirs, verb)(by=None, contact=theirs.contact, now=NOW, **fields)

    assert theirs.events.last().by_contact == theirs.contact


@pytest.mark.parametrize("verb", ["accept", "dispute", "release"])
def test_the_other_side_says_of_our_promise_whether_it_is_kept_and_never_of_its_own(verb):
    ours, theirs = made(), made(ours=False)
    fields = {"words": "Not that."} if verb == "dispute" else {}
    if verb != "release":
        for promise in (ours, theirs):
            promise.deliver(by=promise.owner, now=NOW)

    with pytest.raises(NotYours):
        getattr(theirs, verb)(by=None, contact=theirs.contact, now=NOW, **fields)
    getattr(ours, verb)(by=None, contact=ours.contact, now=NOW, **fields)

    assert ours.events.last().by_contact == ours.contact


def test_nobody_answers_a_request_they_made_themselves():
    promise = made()
    ours = promise.ask_to_move(by=promise.owner, terms=other_terms(), reason="forgot", now=NOW)

    with pytest.raises(HowMissing):
        ours.accept(by=promise.owner, now=NOW)
    theirs = ours.counter(by=None, contact=promise.contact, terms=other_terms(15), now=NOW)
    for verb in ("accept", "refuse"):
        with pytest.raises(NotYours):
            getattr(theirs, verb)(by=None, contact=promise.contact, now=NOW)
    theirs.accept(by=promise.owner, now=NOW)

    assert (same(promise).due_at, same(promise).agreed_how) == (other_terms(15).at, "click")


# -------------------------------------------------------------------- renegotiation


def test_a_chain_of_counter_offers_is_as_early_as_its_first_request_and_the_old_terms_bind_all_along():
    promise = made(due_at=NOW + 10 * DAY)
    due = promise.due_at
    first = promise.ask_to_move(by=promise.owner, terms=other_terms(20), reason="priorities", now=NOW)
    late = due - HOUR

    second = first.counter(by=promise.owner, contact=promise.contact, how="call", terms=other_terms(14), now=late)
    third = second.counter(by=promise.owner, terms=other_terms(16), now=late)
    assert same(promise).due_at == due
    assert [move.state for move in promise.renegotiations.all()] == ["countered", "countered", "asked"]
    assert (second.asked_by_them, third.asked_by_them) == (True, False)
    third.accept(by=None, contact=promise.contact, now=late)

    promise = same(promise)
    assert (promise.due_at, promise.moves, promise.moved_not_early) == (other_terms(16).at, 1, False)
    assert {move.timing for move in promise.renegotiations.all()} == {"early"}


def test_a_counter_offer_is_another_date_that_is_still_ahead():
    promise = made(due_at=NOW + 10 * DAY, due_time=None)
    move = promise.ask_to_move(by=promise.owner, terms=other_terms(20), reason="priorities", now=NOW)
    answer = {"by": None, "contact": promise.contact}

    for terms, refusal in [
        (other_terms(-1), DateInThePast),
        (other_terms(20), SameTerms),
        (promise.terms, SameTerms),
    ]:
        with pytest.raises(refusal):
            move.counter(**answer, terms=terms, now=NOW)

    assert promise.renegotiations.get().state == "asked"


def test_of_two_answers_to_one_request_the_first_counts():
    promise = made()
    move = promise.ask_to_move(by=promise.owner, terms=other_terms(), reason="forgot", now=NOW)
    seen = promise.renegotiations.get()
    late_reader = promise.renegotiations.get()

    move.refuse(by=None, contact=promise.contact, now=NOW)
    with pytest.raises(NotAsked):
        seen.accept(by=promise.owner, how="call", now=NOW)
    with pytest.raises(NotAsked):
        late_reader.counter(by=None, contact=promise.contact, terms=other_terms(15), now=NOW)

    assert same(promise).moves == 0
    assert promise.renegotiations.count() == 1


def test_a_request_answered_after_the_promise_ended_moves_nothing():
    promise = made()
    move = promise.ask_to_move(by=promise.owner, terms=other_terms(), reason="forgot", now=NOW)
    promise.deliver(by=promise.owner, now=NOW)

    with pytest.raises(NotAsked):
        move.accept(by=None, contact=promise.contact, now=NOW)

    assert "the open request for another date fell away" in story(promise)[0].words


def test_undoing_the_delivery_brings_the_open_request_back():
    promise = made()
    promise.ask_to_move(by=promise.owner, terms=other_terms(), reason="forgot", now=NOW)
    promise.tick(by=promise.owner, now=NOW)
    assert promise.open_request() is None

    promise.undo(by=promise.owner, now=NOW + HOUR)

    assert promise.open_request().new_due_at == other_terms().at
    with pytest.raises(AlreadyAsked):
        promise.ask_to_move(by=promise.owner, terms=other_terms(13), reason="forgot", now=NOW)


def test_a_date_that_passed_while_it_was_asked_for_is_agreed_no_more():
    promise = made(due_at=NOW + 5 * DAY)
    move = promise.ask_to_move(by=promise.owner, terms=other_terms(2), reason="priorities", now=NOW)

    with pytest.raises(DateGone):
        move.accept(by=None, contact=promise.contact, now=NOW + 4 * DAY)

    assert (same(promise).due_at, promise.renegotiations.get().state) == (NOW + 5 * DAY, "asked")


def test_asked_early_and_agreed_late_is_still_early_but_the_missed_date_is_remembered():
    promise = made(due_at=NOW + 10 * DAY)
    move = promise.ask_to_move(by=promise.owner, terms=other_terms(20), reason="priorities", now=NOW)
    answered = NOW + 11 * DAY
    assert promise.outcome(answered) == Outcome.OPEN_OVERDUE

    move.accept(by=None, contact=promise.contact, now=answered)
    promise = same(promise)

    assert (promise.missed_at, promise.outcome(answered)) == (NOW + 10 * DAY, Outcome.OPEN_OVERDUE)
    promise.keep(by=promise.owner, now=answered + DAY)
    assert promise.outcome(answered + DAY) == Outcome.KEPT_RENEGOTIATED_EARLY


# -------------------------------------------------------------------- what a missed date does


def missed():
    promise = made(due_at=NOW - DAY)
    promise.move(by=promise.owner, terms=other_terms(), reason="forgot", now=NOW, how="call")
    return same(promise)


def test_a_missed_promise_is_overdue_until_it_ends_and_counts_by_the_date_it_missed():
    promise = missed()

    assert (promise.missed_at, promise.is_overdue(NOW)) == (NOW - DAY, False)
    assert promise.outcome(NOW) == Outcome.OPEN_OVERDUE
    assert promise.judged(NOW).counted_at == NOW - DAY
    promise.deliver(by=promise.owner, now=NOW + DAY)
    assert promise.outcome(NOW + DAY) == Outcome.OPEN_OVERDUE
    promise.accept(by=promise.owner, now=NOW + DAY)
    assert promise.outcome(NOW + DAY) == Outcome.KEPT_RENEGOTIATED_LATE


@pytest.mark.parametrize("verb", ["withdraw", "release"])
def test_what_missed_a_date_is_not_left_early_any_more(verb):
    promise = missed()

    getattr(promise, verb)(by=promise.owner, now=NOW + HOUR, **({"reason": "forgot"} if verb == "withdraw" else {}))

    assert promise.outcome(NOW + HOUR) == Outcome.BROKEN


def test_a_second_miss_keeps_the_first():
    promise = missed()
    later = promise.due_at + DAY

    promise.move(by=promise.owner, terms=other_terms(40), reason="forgot", now=later, how="call")

    assert same(promise).missed_at == NOW - DAY


@pytest.mark.parametrize(("after", "outcome"), [(-HOUR, Outcome.RELEASED), (HOUR, Outcome.BROKEN)])
def test_a_release_counts_in_no_figure_before_the_due_and_as_broken_after(after, outcome):
    promise = made(due_at=NOW + DAY)

    promise.release(by=None, contact=promise.contact, now=NOW + DAY + after)

    assert (promise.state, promise.outcome(NOW + 9 * DAY)) == ("released", outcome)


# -------------------------------------------------------------------- done, and done when


def test_what_was_opened_again_is_not_dated_back_before_that():
    promise = made(due_at=NOW + HOUR)
    promise.keep(by=promise.owner, now=NOW)
    promise.reopen(by=make_manager(), now=NOW + DAY, note="It was the draft.")

    with pytest.raises(DoneBefore):
        promise.deliver(by=promise.owner, now=NOW + DAY, done_at=NOW, reason="forgot")
    promise.deliver(by=promise.owner, now=NOW + DAY + HOUR, reason="forgot")

    assert promise.outcome(NOW + 2 * DAY) == Outcome.LATE


def test_what_was_ticked_by_mistake_is_ticked_again_with_its_real_day():
    promise = made(made_at=NOW - 5 * DAY, due_at=NOW - HOUR)
    promise.keep(by=promise.owner, now=NOW, reason="forgot")
    promise.undo(by=promise.owner, now=NOW + HOUR)

    promise.keep(by=promise.owner, now=NOW + HOUR, done_at=NOW - DAY)

    assert promise.outcome(NOW + HOUR) == Outcome.KEPT_AS_FIRST_PROMISED


def test_silence_after_a_dispute_and_a_new_delivery_begins_anew():
    promise = made()
    promise.deliver(by=promise.owner, now=NOW)
    stale = same(promise)
    promise.dispute(by=None, contact=promise.contact, now=NOW + HOUR, words="Page 3 is missing.")
    promise.deliver(by=promise.owner, now=NOW + 2 * HOUR)

    for act in (
        lambda: stale.keep_unconfirmed(now=NOW + 9 * DAY),
        lambda: stale.accept(by=None, contact=promise.contact, now=NOW + 9 * DAY),
        lambda: stale.dispute(by=None, contact=promise.contact, now=NOW + 9 * DAY, words="Still."),
    ):
        with pytest.raises(NotDelivered):
            act()

    assert same(promise).state == "delivered"


def test_an_end_judged_against_a_date_that_has_moved_meanwhile_is_refused():
    promise = made()
    stale = same(promise)
    promise.move(by=promise.owner, terms=other_terms(), reason="priorities", now=NOW, how="call")

    for verb, fields in [("withdraw", {"reason": "forgot"}), ("release", {}), ("break_", {"reason": "forgot"})]:
        with pytest.raises(NotActive):
            getattr(stale, verb)(by=promise.owner, now=NOW, **fields)

    assert same(promise).state == "active"


# -------------------------------------------------------------------- put off


def test_a_promise_is_put_off_three_times_and_never_beyond_its_due():
    promise = made(due_at=NOW + 7 * DAY)
    before = promise.judged(NOW + 9 * DAY)

    with pytest.raises(SnoozeRefused):
        promise.snooze(by=promise.owner, now=NOW, until=promise.due_at + HOUR)
    with pytest.raises(DateInThePast):
        promise.snooze(by=promise.owner, now=NOW, until=NOW)
    for times in (1, 2, 3):
        promise.snooze(by=promise.owner, now=NOW, until=NOW + times * DAY)
    with pytest.raises(SnoozeRefused):
        promise.snooze(by=promise.owner, now=NOW, until=NOW + 4 * DAY)

    promise = same(promise)
    assert (promise.snoozes, promise.snoozed_until) == (3, NOW + 3 * DAY)
    assert promise.judged(NOW + 9 * DAY) == before


# -------------------------------------------------------------------- a slip of the pen is no way out


@pytest.mark.parametrize(
    "happens",
    [
        lambda promise, now: promise.flag_overdue(now=now),
        lambda promise, now: None,
    ],
)
def test_a_due_that_has_passed_since_it_was_written_down_is_missed_and_not_mistyped(happens):
    promise, now = made(due_at=NOW + timedelta(minutes=20)), NOW + timedelta(minutes=40)
    happens(promise, now)

    with pytest.raises(TooLateToCorrect):
        promise.correct(by=promise.owner, now=now, version=1, terms=other_terms())

    assert same(promise).first_due_at == NOW + timedelta(minutes=20)
    assert same(promise).outcome(now) == Outcome.OPEN_OVERDUE


def test_what_was_due_before_it_was_written_down_can_still_be_mistyped():
    contact, today = make_contact(), (NOW - DAY).date()
    promise = Promise.objects.make(
        by=contact.client.owner, client=contact.client, contact=contact, what="Send it", due_date=today, now=NOW,
        made_at=NOW - 9 * DAY, due_zone="Europe/London",
    )  # fmt: skip
    Promise.objects.filter(pk=promise.pk).update(agreed_at=NOW - 9 * DAY)

    assert same(promise).can_be_corrected(NOW + timedelta(minutes=5))


def test_what_they_disputed_is_not_mended_as_a_mistake():
    promise = made()
    promise.deliver(by=promise.owner, now=NOW)
    promise.dispute(by=None, contact=promise.contact, now=NOW, words="Half of it")

    with pytest.raises(TooLateToCorrect):
        promise.correct(by=promise.owner, now=NOW + timedelta(minutes=5), version=1, terms=other_terms())


def test_a_slip_that_a_manager_opens_again_is_the_promise_it_was():
    manager = make_manager()
    agreed, offer = made(by=manager), made(by=manager, proposed=True)

    for promise in (agreed, offer):
        promise.take_back_slip(by=manager, now=NOW)
        promise.reopen(by=manager, now=NOW + HOUR, note="It was right after all")

    assert (same(agreed).state, same(agreed).offered_by) == ("active", "")
    assert (same(offer).state, same(offer).offered_by) == ("proposed", "ours")


@pytest.mark.parametrize("says_no", ["decline", "take_offer_back"])
def test_undoing_a_no_brings_back_the_day_an_answer_was_asked_for(says_no):
    day = (NOW + 3 * DAY).date()
    offer = made(proposed=True, answer_by=day)
    getattr(offer, says_no)(by=offer.owner, now=NOW)
    declined = same(offer).answer_by

    same(offer).undo(by=offer.owner, now=NOW + HOUR)

    assert declined is None
    assert (same(offer).state, same(offer).answer_by) == ("proposed", day)


def test_whoever_wrote_down_a_dispute_by_mistake_takes_it_back_and_the_delivery_stands():
    promise = made(due_at=NOW + DAY)
    promise.deliver(by=promise.owner, now=NOW + HOUR)
    promise.dispute(by=promise.owner, now=NOW + 2 * DAY, words="The wrong promise.")
    same(promise).ask_to_move(by=promise.owner, terms=other_terms(), reason="forgot", now=NOW + 2 * DAY)

    same(promise).undo(by=promise.owner, now=NOW + 2 * DAY + HOUR)

    again = same(promise)
    assert (again.state, again.done_at, again.delivered_at) == ("delivered", NOW + HOUR, NOW + HOUR)
    assert not again.renegotiations.filter(state="asked").exists()
    again.accept(by=promise.owner, now=NOW + 2 * DAY + 2 * HOUR, how="call")
    assert again.outcome(NOW + 3 * DAY) == Outcome.KEPT_AS_FIRST_PROMISED


def test_a_dispute_taken_back_no_longer_says_from_when_it_was_not_done():
    promise = made(due_at=NOW + DAY)
    promise.deliver(by=promise.owner, now=NOW + HOUR)
    promise.dispute(by=promise.owner, now=NOW + 2 * HOUR, words="The wrong promise.")
    same(promise).undo(by=promise.owner, now=NOW + 3 * HOUR)
    same(promise).dispute(by=None, contact=promise.contact, now=NOW + 4 * HOUR, words="A page is missing.")

    with pytest.raises(DoneBefore):
        same(promise).deliver(by=promise.owner, now=NOW + 5 * HOUR, done_at=NOW + 3 * HOUR)
    same(promise).deliver(by=promise.owner, now=NOW + 5 * HOUR)

    assert same(promise).state == "delivered"


@pytest.mark.parametrize("who", ["they", "a colleague"])
def test_nobody_else_takes_a_dispute_back(who):
    promise = made(due_at=NOW + DAY)
    promise.deliver(by=promise.owner, now=NOW + HOUR)
    colleague = make_user()
    clicked = {"by": None, "contact": promise.contact} if who == "they" else {"by": colleague}
    promise.dispute(**clicked, now=NOW + 2 * HOUR, words="A page is missing.")

    assert not same(promise).can_be_undone(promise.owner, NOW + 3 * HOUR)
    with pytest.raises(NotNow):
        same(promise).undo(by=promise.owner, now=NOW + 3 * HOUR)
