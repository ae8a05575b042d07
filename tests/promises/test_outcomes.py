from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promises.outcomes import ALL_SEVEN, Facts, Figures, Judged, Outcome, Share, figures, outcome_of, wilson_lower

FIRST = datetime(2026, 11, 2, 17, tzinfo=UTC)
DAY = timedelta(days=1)
LAST = FIRST + 5 * DAY
NOW = FIRST + 60 * DAY


def come_out(state, *, now=NOW, overdue=0, due_at=LAST, **facts):
    return outcome_of(
        Facts(state=state, first_due_at=FIRST, due_at=due_at, **facts), now=now, working_days_overdue=overdue
    ).value


@pytest.mark.parametrize(
    ("days", "early", "outcome"),
    [
        (-3, True, "kept_as_first_promised"),
        (0, True, "kept_as_first_promised"),
        (0, False, "kept_as_first_promised"),
        (3, True, "kept_renegotiated_early"),
        (5, True, "kept_renegotiated_early"),
        (5, False, "kept_renegotiated_late"),
        (6, True, "late"),
        (6, False, "late"),
    ],
)
def test_an_accepted_delivery_is_judged_by_when_it_was_done(days, early, outcome):
    assert come_out("kept", done_at=FIRST + days * DAY, all_moves_early=early) == outcome


def test_a_microsecond_after_the_due_is_late():
    assert come_out("kept", due_at=FIRST, done_at=FIRST + timedelta(microseconds=1)) == "late"


@pytest.mark.parametrize(
    ("after", "overdue", "outcome"),
    [(-1, 0, "not_due"), (0, 0, "not_due"), (1, 1, "open_overdue"), (14, 10, "open_overdue"), (15, 11, "broken")],
)
def test_an_open_promise_is_overdue_until_it_counts_as_broken(after, overdue, outcome):
    assert come_out("active", now=LAST + after * DAY, overdue=overdue) == outcome


def test_the_ways_a_promise_ends_without_delivery():
    assert come_out("broken") == "broken"
    assert come_out("withdrawn", withdrawn_early=True) == "withdrawn_early"
    assert come_out("withdrawn", withdrawn_early=False) == "broken"
    assert come_out("released") == "released"
    assert come_out("declined") == "declined"
    assert come_out("proposed") == "not_due"


def test_a_delivery_waiting_for_their_word_counts_only_when_no_word_can_help():
    assert come_out("delivered", done_at=LAST) == "not_due"
    assert come_out("delivered", done_at=LAST + DAY) == "late"


def test_facts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="when it was done"):
        come_out("kept")
    with pytest.raises(ValueError, match="Not a state"):
        come_out("forgotten")


@pytest.mark.parametrize(
    ("kept", "due", "lower"),
    [(3, 3, 0.438), (5, 5, 0.566), (9, 10, 0.596), (10, 10, 0.722), (18, 20, 0.699), (45, 50, 0.786), (90, 100, 0.826)],
)
def test_wilsons_lower_bound_against_published_values(kept, due, lower):
    assert round(wilson_lower(kept, due), 3) == lower


@given(st.integers(1, 500).flatmap(lambda due: st.tuples(st.integers(0, due), st.just(due))))
def test_wilsons_lower_bound_lies_below_the_share(counts):
    kept, due = counts

    assert 0 <= wilson_lower(kept, due) <= kept / due + 1e-12
    assert wilson_lower(kept, due) <= wilson_lower(kept + 1, due + 1)


def judged(outcome, *, first=0, last=None, **rest):
    last = first if last is None else last
    return Judged(outcome=Outcome(outcome), first_due_at=FIRST + first * DAY, due_at=FIRST + last * DAY, **rest)


HISTORY = [
    *[judged("kept_as_first_promised", unconfirmed=i < 2) for i in range(6)],
    judged("kept_as_first_promised", last=3, first_request_early=True),
    *[judged("kept_renegotiated_early", last=3, slip=s, first_request_early=True) for s in (1, 2)],
    judged("kept_renegotiated_late", last=3, slip=2, first_request_early=False),
    judged("late", slip=10),
    judged("broken"),
    judged("open_overdue"),
    judged("withdrawn_early"),
    judged("released"),
    judged("declined"),
    judged("not_due"),
]


def test_the_figures_of_a_history():
    found = figures(HISTORY, until=NOW)

    assert found.word_kept == Share(9, 13)
    assert found.kept_as_first_promised == Share(7, 14)
    assert found.early_warning == Share(4, 8)
    assert found.unconfirmed == Share(2, 11)
    assert found.released == Share(1, 15)
    assert not found.too_many_released
    assert found.reliability == pytest.approx(wilson_lower(9, 13))
    assert (found.slip_median, found.slip_p90) == (2, pytest.approx(7.6))


def test_released_and_declined_promises_touch_no_rate():
    released = [judged(kind) for kind in ("released", "declined", "not_due") for _ in range(9)]

    with_them, without = figures(HISTORY + released, until=NOW), figures(HISTORY, until=NOW)

    assert with_them.word_kept == without.word_kept
    assert with_them.kept_as_first_promised == without.kept_as_first_promised
    assert with_them.early_warning == without.early_warning
    assert with_them.too_many_released


def test_word_kept_counts_by_the_first_due_and_kept_as_first_promised_by_the_last():
    moved = [judged("kept_renegotiated_early", first=0, last=30, first_request_early=True)]

    november = figures(moved, since=FIRST, until=FIRST + 10 * DAY)
    december = figures(moved, since=FIRST + 10 * DAY, until=FIRST + 40 * DAY)

    assert (november.word_kept, november.kept_as_first_promised, november.early_warning) == (
        Share(1, 1), Share(0, 0), Share(1, 1),
    )  # fmt: skip
    assert (december.word_kept, december.kept_as_first_promised, december.early_warning) == (
        Share(0, 0), Share(0, 1), Share(0, 0),
    )  # fmt: skip


def test_a_promise_kept_ahead_of_its_day_counts_on_its_day():
    ahead = [judged("kept_as_first_promised", first=3)]

    assert figures(ahead, until=FIRST).word_kept == Share(0, 0)
    assert figures(ahead, until=FIRST + 4 * DAY).word_kept == Share(1, 1)


def test_few_promises_are_shown_as_few():
    three = figures([judged("kept_as_first_promised")] * 3, until=NOW)

    assert str(three.word_kept) == "3 of 3, too few to score"
    assert (three.word_kept.rate, three.reliability) == (None, None)
    assert str(figures([], until=NOW).word_kept) == "none due"
    assert (Figures().slip_median, Figures().slip_p90) == (None, None)


def test_five_promises_are_scored():
    five = figures([judged("kept_as_first_promised")] * 4 + [judged("late", slip=4)], until=NOW)

    assert str(five.word_kept) == "80%, 4 of 5"
    assert (five.slip_median, five.slip_p90) == (4, 4)


a_promise = st.builds(
    judged,
    st.sampled_from([o.value for o in Outcome]),
    first=st.integers(-20, 20),
    last=st.integers(-20, 40),
    slip=st.none() | st.integers(0, 30),
    first_request_early=st.none() | st.booleans(),
    unconfirmed=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(a_promise, st.sampled_from("abc")), max_size=40))
def test_the_figures_of_parts_add_up_to_those_of_the_whole(rows):
    parts = [figures([one for one, team in rows if team == name], since=FIRST - 9 * DAY, until=NOW) for name in "abc"]

    assert sum(parts, Figures()) == figures([one for one, _ in rows], since=FIRST - 9 * DAY, until=NOW)


@settings(max_examples=60, deadline=None)
@given(st.lists(a_promise, max_size=40))
def test_every_promise_is_counted_at_most_once(rows):
    found = figures(rows, until=NOW)

    assert found.by_first_due == Counter(one.outcome for one in rows if one.outcome != "not_due")
    for share in (
        found.word_kept,
        found.kept_as_first_promised,
        found.early_warning,
        found.released,
        found.unconfirmed,
    ):
        assert 0 <= share.part <= share.whole <= len(rows)


states = st.sampled_from(["proposed", "active", "delivered", "kept", "broken", "withdrawn", "released", "declined"])


@settings(max_examples=100, deadline=None)
@given(states, st.integers(-30, 30), st.integers(-30, 30), st.integers(-30, 90), st.booleans())
def test_a_later_date_agreed_late_never_makes_a_kept_word(state, done, last, now, early):
    facts = Facts(
        state=state, first_due_at=FIRST, due_at=FIRST + last * DAY, done_at=FIRST + done * DAY, all_moves_early=early
    )

    outcome = outcome_of(facts, now=FIRST + now * DAY, working_days_overdue=max(0, now - last))

    assert outcome in Outcome
    if done > 0 and not early:
        assert outcome not in ALL_SEVEN[:2]
