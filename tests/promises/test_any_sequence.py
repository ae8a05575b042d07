"""Whatever is done to a promise, in any order: one outcome, a whole story, and a first date nothing can talk away."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promises.models import Promise, PromiseError
from promises.models.promise import Terms
from promises.outcomes import Outcome
from tests.conftest import NOW
from tests.make import make_manager, make_promise

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACTS = [
    "deliver", "deliver_back", "keep", "accept", "silence", "dispute", "withdraw", "release", "break_", "clock_breaks",
    "make_good", "reopen", "undo", "move", "ask", "yes", "no", "back", "flag", "hand_over",
]  # fmt: skip


def act(promise, name, now, by):
    move = promise.open_request()
    terms = Terms((now + 6 * DAY).date(), None, "Europe/London")
    return {
        "deliver": lambda: promise.deliver(by=by, now=now, reason="forgot"),
        "deliver_back": lambda: promise.deliver(by=by, now=now, done_at=now - 2 * DAY, reason="forgot"),
        "keep": lambda: promise.keep(by=by, now=now, reason="forgot"),
        "accept": lambda: promise.accept(by=by, now=now),
        "silence": lambda: promise.keep_unconfirmed(now=now),
        "dispute": lambda: promise.dispute(by=by, now=now, words="Not that."),
        "withdraw": lambda: promise.withdraw(by=by, now=now, reason="scope_grew"),
        "release": lambda: promise.release(by=by, now=now),
        "break_": lambda: promise.break_(by=by, now=now, reason="forgot"),
        "clock_breaks": lambda: promise.breaks_by_itself(now) and promise.break_(by=None, now=now, reason=""),
        "make_good": lambda: promise.make_good(by=by, now=now),
        "reopen": lambda: promise.reopen(by=by, now=now, note="Again."),
        "undo": lambda: promise.undo(by=by, now=now),
        "move": lambda: promise.move(by=by, terms=terms, reason="priorities", now=now, how="call"),
        "ask": lambda: promise.ask_to_move(by=by, terms=terms, reason="priorities", now=now),
        "yes": lambda: move and move.accept(by=by, now=now, how="call"),
        "no": lambda: move and move.refuse(by=by, now=now),
        "back": lambda: move and move.take_back(by=by, now=now),
        "flag": lambda: promise.flag_overdue(now=now),
        "hand_over": lambda: promise.hand_over(to=by, by=by, now=now),
    }[name]


steps = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from([0, 1, 26, 80, 200])), min_size=1, max_size=9)
small = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@small
@given(steps=steps)
def test_any_sequence_of_acts_leaves_one_outcome_and_its_first_date(steps):
    by = make_manager()
    promise = make_promise(owner=by, now=NOW, due_at=NOW + 5 * DAY)
    first, now, told = promise.first_due_at, NOW, 1
    for name, hours in steps:
        now += hours * HOUR
        before = promise.outcome(now)
        try:
            act(promise, name, now, by)()
        except PromiseError:
            promise = Promise.objects.get(pk=promise.pk)
            assert promise.events.count() == told, name  # what was refused left nothing behind
            continue
        promise = Promise.objects.get(pk=promise.pk)
        told = promise.events.count()
        after = promise.outcome(now)

        assert promise.first_due_at == first
        assert after in Outcome
        assert (promise.done_at is not None) == (promise.state in ("delivered", "kept"))
        assert (promise.ended_at is not None) == (promise.state not in Promise.OPEN)
        assert promise.renegotiations.filter(state="asked").count() <= promise.is_active
        if name in ("move", "ask", "yes", "no", "back", "release", "reopen", "undo"):
            assert after != Outcome.KEPT_AS_FIRST_PROMISED or before == after


@small
@given(steps=steps)
def test_sums_over_any_partition_equal_the_whole(steps):
    """Each promise counts once: by side, by owner, the parts add up."""
    by = make_manager()
    made = []
    for index, (name, hours) in enumerate(steps):
        promise = make_promise(owner=by if index % 2 else None, now=NOW, due_at=NOW + 2 * DAY)
        made.append(promise.pk)
        try:
            act(promise, name, NOW + hours * HOUR, by)()
        except PromiseError:
            continue
    later = NOW + 60 * DAY
    all_of_them = Promise.objects.filter(pk__in=made)

    whole = all_of_them.figures(now=later)
    parts = all_of_them.of(by).figures(now=later) + all_of_them.exclude(owner=by).figures(now=later)

    assert parts == whole
    assert sum(whole.by_first_due.values()) <= len(made)
