"""Whatever is done to a promise, in any order: one outcome, a whole story, and a first date nothing can talk away."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promises.models import Promise, PromiseError, Terms
from promises.outcomes import ALL_SEVEN, Outcome, figures
from tests.conftest import NOW
from tests.make import make_contact, make_manager, make_promise

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

OFFER = ["agree", "counter", "decline", "offer_back", "ask_answer", "slip"]
MOVE = ["move", "ask", "they_ask", "yes", "no", "but", "back", "snooze"]
AGAIN = ["release", "reopen"]
DONE = ["deliver", "deliver_back", "keep", "accept", "silence", "dispute", "undo"]
NOT_DONE = ["withdraw", "break_", "clock_breaks", "make_good", "flag", "hand_over"]
ACTS = [*OFFER, *MOVE, *AGAIN, *DONE, *NOT_DONE]
TALK = {*OFFER, *MOVE, *AGAIN}  # everything that is words about a promise and not the doing of it


def act(promise, name, now, by):
    move, them = promise.open_request(), promise.contact
    terms = Terms((now + 6 * DAY).date(), None, "Europe/London")
    answer = {"by": None, "contact": them} if move and not move.asked_by_them else {"by": by}
    say = {"by": None, "contact": them, "how": "click"} if promise.waits_for_them else {"by": by}
    reason = {"reason": "forgot"}
    return {
        "agree": lambda: promise.agree(now=now, **say),
        "counter": lambda: promise.counter(**without_how(say), now=now, terms=terms),
        "decline": lambda: promise.decline(**without_how(say), now=now),
        "offer_back": lambda: promise.take_offer_back(by=by, now=now),
        "slip": lambda: promise.take_back_slip(by=by, now=now),
        "ask_answer": lambda: promise.ask_answer(by=by, now=now, answer_by=now.date()),
        "move": lambda: promise.move(by=by, terms=terms, now=now, how="call", **reason),
        "ask": lambda: promise.ask_to_move(by=by, terms=terms, now=now, **reason),
        "they_ask": lambda: promise.ask_to_move(by=None, contact=them, terms=terms, now=now, **reason),
        "yes": lambda: move and move.accept(now=now, **answer),
        "no": lambda: move and move.refuse(now=now, **answer),
        "but": lambda: move and move.counter(now=now, terms=Terms((now + 9 * DAY).date(), None, "UTC"), **answer),
        "back": lambda: move and move.take_back(by=by, now=now),
        "snooze": lambda: promise.snooze(by=by, now=now, until=now + 12 * HOUR),
        "release": lambda: promise.release(by=by, now=now),
        "reopen": lambda: promise.reopen(by=by, now=now, note="Again."),
        "deliver": lambda: promise.deliver(by=by, now=now, **reason),
        "deliver_back": lambda: promise.deliver(by=by, now=now, done_at=now - 2 * DAY, **reason),
        "keep": lambda: promise.keep(by=by, now=now, **reason),
        "accept": lambda: promise.accept(by=by, now=now),
        "silence": lambda: promise.keep_unconfirmed(now=now),
        "dispute": lambda: promise.dispute(by=by, now=now, words="Not that."),
        "undo": lambda: promise.undo(by=by, now=now),
        "withdraw": lambda: promise.withdraw(by=by, now=now, **reason),
        "break_": lambda: promise.break_(by=by, now=now, **reason),
        "clock_breaks": lambda: promise.breaks_by_itself(now) and promise.break_(by=None, now=now, reason=""),
        "make_good": lambda: promise.make_good(by=by, now=now),
        "flag": lambda: promise.flag_overdue(now=now),
        "hand_over": lambda: promise.hand_over(to=by, by=by, now=now),
    }[name]


def without_how(say):
    return {key: value for key, value in say.items() if key != "how"}


def counted(promise, now):
    """What one promise adds to "kept as first promised": (kept, counted). Figures of many are sums of these."""
    share = figures([promise.judged(now)], until=now).kept_as_first_promised
    return share.part, share.whole


def again(promise):
    return Promise.objects.get(pk=promise.pk)


def made(by, *, proposed):
    contact = make_contact()
    return make_promise(
        client=contact.client, contact=contact, owner=by, now=NOW, due_at=NOW + 5 * DAY, proposed=proposed
    )


steps = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from([0, 1, 26, 80, 200])), min_size=1, max_size=10)
small = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@small
@given(steps=steps, proposed=st.booleans())
def test_any_sequence_of_acts_leaves_one_outcome_and_its_first_date(steps, proposed):
    by = make_manager()
    promise, now = made(by, proposed=proposed), NOW
    for name, hours in steps:
        now += hours * HOUR
        before, told = again(promise), promise.events.count()
        try:
            act(promise, name, now, by)()
        except PromiseError:
            promise = again(promise)
            assert promise.events.count() == told, name  # what was refused left nothing behind
            continue
        promise = again(promise)

        assert promise.outcome(now) in Outcome
        assert (promise.done_at is not None) == (promise.state in ("delivered", "kept"))
        assert (promise.ended_at is not None) == (promise.state not in Promise.OPEN)
        assert promise.renegotiations.filter(state="asked").count() <= promise.is_active
        assert promise.snoozes <= 3
        if before.state not in ("proposed", "declined"):
            assert promise.first_due_at == before.first_due_at
        if name not in ("yes", "move") and before.state != "proposed":
            assert promise.due_at == before.due_at


@small
@given(steps=steps)
def test_talking_about_a_promise_never_raises_kept_as_first_promised(steps):
    """No renegotiation, release or reopening raises the figure of any population in any period up to now.

    Proved for each promise: at that moment what it adds to the kept ones does not grow and what it adds to the counted
    ones does not shrink, and it stays in the period it is counted in. Both are sums, so the share of many cannot rise.
    """
    by = make_manager()
    promise, now = made(by, proposed=False), NOW
    for name, hours in steps:
        now += hours * HOUR
        before, judged = counted(promise, now), promise.judged(now)
        with suppress(PromiseError):
            act(promise, name, now, by)()
        promise = again(promise)
        if name in TALK:
            kept, whole = counted(promise, now)
            assert kept <= before[0], name
            assert whole >= before[1], name
            if before[1]:
                assert promise.judged(now).counted_at == judged.counted_at, name


@small
@given(steps=steps, first=st.sampled_from(["release", "reopen", "move", "yes"]))
def test_what_was_opened_again_or_moved_after_its_date_is_never_again_kept_as_first_promised(steps, first):
    """Not even together with what is done later, however it is dated back."""
    by = make_manager()
    promise = made(by, proposed=False)
    late = promise.due_at + HOUR
    if first == "reopen":
        promise.break_(by=by, now=NOW, reason="forgot")
    if first == "yes":
        promise.ask_to_move(
            by=by, terms=Terms((late + 9 * DAY).date(), None, "UTC"), reason="forgot", now=promise.due_at - HOUR
        )
    act(promise, first, late, by)()
    promise, now = again(promise), late
    for name, hours in steps:
        now += hours * HOUR
        if first == "release" and name == "undo":  # its author may take the release itself back
            continue
        with suppress(PromiseError):
            act(promise, name, now, by)()
        promise = again(promise)

        assert promise.outcome(now) != Outcome.KEPT_AS_FIRST_PROMISED, name


@small
@given(days=st.integers(1, 40), moves=st.lists(st.sampled_from([0, 1, 3, 8]), max_size=4), done=st.integers(0, 60))
def test_once_all_dates_have_passed_moving_made_no_difference_to_kept_as_first_promised(days, moves, done):
    by = make_manager()
    moved, plain = (make_promise(owner=by, now=NOW, due_at=NOW + days * DAY) for _ in range(2))
    now = NOW
    for wait in moves:
        now += wait * DAY
        terms = Terms(max(moved.due_at, now).date() + 6 * DAY, None, "Europe/London")
        moved.move(by=by, terms=terms, reason="priorities", now=now, how="call")
    done_at = max(now, NOW + done * DAY)
    for promise in (moved, plain):
        again(promise).keep(by=by, now=done_at, reason="forgot")
    at_last = max(moved.due_at, done_at) + DAY

    assert counted(again(moved), at_last) == counted(again(plain), at_last)


@small
@given(steps=steps)
def test_sums_over_any_partition_equal_the_whole(steps):
    """Each promise counts once: by side, by owner, the parts add up."""
    by = make_manager()
    pks = []
    for index, (name, hours) in enumerate(steps):
        contact = make_contact()
        promise = make_promise(
            client=contact.client, contact=contact, owner=by if index % 2 else None, now=NOW, due_at=NOW + 2 * DAY
        )
        pks.append(promise.pk)
        try:
            act(promise, name, NOW + hours * HOUR, by)()
        except PromiseError:
            continue
    later = NOW + 60 * DAY
    all_of_them = Promise.objects.filter(pk__in=pks)

    whole = all_of_them.figures(now=later)
    parts = all_of_them.of(by).figures(now=later) + all_of_them.exclude(owner=by).figures(now=later)

    assert parts == whole
    assert sum(whole.by_first_due.values()) == sum(whole.by_last_due.values()) <= len(pks)
    assert whole.kept_as_first_promised.whole == sum(whole.by_last_due[outcome] for outcome in ALL_SEVEN)
