"""Figures counted by the database are those of the pure rules, and every one of them opens its own list."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises import filters, periods
from promises.breakdown import KINDS, Breakdown
from promises.figures import Counting, Scope, count, figures_of
from promises.models import Promise
from promises.outcomes import Figures, Outcome
from promises.periods import Period
from tests.conftest import NOW
from tests.make import make_client, make_manager, make_promise, make_user
from tests.promises.test_judging import one_of_each

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = date(2026, 11, 19)
EVER = Period()
SPANS = [EVER, Period(date(2026, 11, 1), date(2026, 11, 15)), Period(last=date(2026, 11, 8)), Period(date(2026, 11, 5))]


@pytest.mark.parametrize("seed", range(3))
def test_counted_by_the_database_they_are_the_figures_of_the_rules(seed):
    promises = one_of_each(seed + 20)
    period = Period(date(2026, 11, 1))

    words = Counting(promises, period=period, now=NOW).words

    for side, word in words.items():
        assert word.figures == getattr(promises, side)().figures(now=NOW, since=period.since)


@pytest.mark.parametrize("span", SPANS)
def test_the_list_behind_a_figure_has_as_many_promises_as_the_figure(span):
    promises = one_of_each(31)
    manager = make_manager()
    words = Counting(promises, period=span, now=NOW).words

    for side, word in words.items():

        def listed(_side=side, on="first", **asked):
            query = {"state": "all", "by": _side, "due": "past", "on": on, **span.query, **asked}
            chosen = filters.read(query, user=manager)
            return set(filters.apply(Promise.objects.all(), chosen, now=NOW).values_list("pk", flat=True))

        figures = word.figures
        lists = {one: listed(outcome=one.value) for one in Outcome}
        counts = {one: figures.by_first_due[one] for one in Outcome if one != Outcome.NOT_DUE}
        assert {one: len(ids) for one, ids in lists.items()} == {**counts, Outcome.NOT_DUE: word.unsettled}
        assert sorted(pk for ids in lists.values() for pk in ids) == sorted(listed())
        assert len(listed(outcome="word_kept")) == figures.word_kept.part
        assert len(listed(outcome="word_due")) == figures.word_kept.whole == word.due
        assert len(listed(outcome="kept_as_first_promised", on="last")) == figures.kept_as_first_promised.part
        assert len(listed(outcome="all_seven", on="last")) == figures.kept_as_first_promised.whole
        assert len(listed(outcome="warned_early")) == figures.early_warning.part
        assert len(listed(outcome="missed_or_moved")) == figures.early_warning.whole
        assert len(listed(outcome="accepted", unconfirmed="yes")) == figures.unconfirmed.part
        assert len(listed(outcome="accepted")) == figures.unconfirmed.whole
        assert len(listed(outcome="released")) == figures.released.part
        assert len(listed(outcome="seven_or_released")) == figures.released.whole
        assert len(listed(outcome="after_first")) == word.slips_of == len(figures.slips)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_the_rows_of_a_breakdown_add_up_to_the_whole(kind, side):
    counting = Counting(one_of_each(41), period=EVER, now=NOW)

    lines = Breakdown(counting, user=make_manager(), kind=kind, side=side).page.object_list

    together = sum((line.figures for line in lines), Figures())
    assert together.by_first_due == counting.words[side].figures.by_first_due
    assert len(lines) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_each_row_is_the_figures_of_that_person_client_or_team(kind):
    one_of_each(51)
    manager = make_manager()
    counting = count(Scope(manager), period=EVER, now=NOW)

    for line in Breakdown(counting, user=manager, kind=kind).page.object_list:
        chosen = filters.read(dict([line.asked]), user=manager)
        scope = Scope(manager, owner=chosen.owner, client=chosen.client, team=chosen.team)
        own = count(scope, period=EVER, now=NOW).words["ours"].figures
        assert own.by_first_due == line.figures.by_first_due
        assert own.word_kept == line.word


def test_rows_are_sorted_by_what_is_asked_for():
    manager = make_manager()
    for name, kept, missed in (("Ann", 4, 2), ("Bob", 6, 0), ("Cy", 1, 0)):
        owner = make_user(name=name)
        for n in range(kept + missed):
            promise = make_promise(owner=owner, due_at=NOW - 2 * DAY, now=NOW)
            if n < kept:
                promise.deliver(by=owner, now=NOW - 3 * DAY, done_at=NOW - 3 * DAY)
                Promise.objects.filter(pk=promise.pk).update(state="kept")
    counting = Counting(Promise.objects.all(), period=EVER, now=NOW)

    def names(sort):
        return [line.name for line in Breakdown(counting, user=manager, sort=sort).page.object_list]

    assert names("name") == ["Ann", "Bob", "Cy"]
    assert names("-name") == ["Cy", "Bob", "Ann"]
    assert names("word") == ["Ann", "Bob", "Cy"]  # one of one is too few to score, so it stands last
    assert names("-word") == ["Bob", "Ann", "Cy"]
    assert names("due") == ["Cy", "Ann", "Bob"]
    assert names("'; drop") == names("-due")


def test_a_colleague_is_in_no_row_of_an_account_manager():
    me, colleague = make_user(name="Me"), make_user(name="Colleague")
    shared = make_client(owner=colleague)
    make_promise(owner=me, client=shared, due_at=NOW - DAY, now=NOW)
    make_promise(owner=colleague, client=shared, due_at=NOW - DAY, now=NOW)
    make_promise(owner=colleague, client=make_client(owner=me), due_at=NOW - DAY, now=NOW)
    counting = count(Scope(me), period=EVER, now=NOW)

    rows = {kind: Breakdown(counting, user=me, kind=kind).page.object_list for kind in KINDS}

    assert [line.name for line in rows["people"]] == ["Me"]
    assert [line.name for line in rows["teams"]] == ["Me"]
    assert sum(sum(line.figures.by_first_due.values()) for line in rows["teams"]) == 1


def test_what_is_kept_before_its_day_counts_on_its_day():
    promise = make_promise(due_at=NOW + 3 * DAY, now=NOW)
    promise.keep(by=promise.owner, now=NOW)

    assert Counting(Promise.objects.all(), period=EVER, now=NOW).words["ours"].settled == 0
    later = Counting(Promise.objects.all(), period=EVER, now=NOW + 4 * DAY).words["ours"]
    assert later.figures.by_first_due == {Outcome.KEPT_AS_FIRST_PROMISED: 1}


def test_slip_is_read_from_the_newest_and_says_of_how_many():
    owner = make_user()
    for days in (2, 9, 16):
        promise = make_promise(owner=owner, due_at=NOW - days * DAY, now=NOW)
        Promise.objects.filter(pk=promise.pk).update(state="kept", done_at=promise.due_at + days * DAY)

    word = Counting(Promise.objects.all(), period=EVER, now=NOW, slips_read=2).words["ours"]

    assert (len(word.figures.slips), word.slips_of) == (2, 3)
    assert word.figures.slips == (2, 7)


def test_weeks_stand_without_gaps_and_marks_the_oldest_first():
    owner = make_user()
    for days, state in ((1, "active"), (15, "kept"), (16, "broken")):
        promise = make_promise(owner=owner, due_at=NOW - days * DAY, now=NOW)
        done = promise.due_at - DAY if state == "kept" else None
        Promise.objects.filter(pk=promise.pk).update(state=state, done_at=done)
    counting = Counting(Promise.objects.all(), period=EVER, now=NOW)

    assert counting.weeks("ours") == [
        (date(2026, 11, 2), 1, 0, 1), (date(2026, 11, 9), 0, 0, 0), (date(2026, 11, 16), 0, 0, 1),
    ]  # fmt: skip
    assert counting.marks("ours") == [Outcome.BROKEN, Outcome.KEPT_AS_FIRST_PROMISED, Outcome.OPEN_OVERDUE]
    assert counting.weeks("theirs") == []


# -------------------------------------------------------------------- periods


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, date(2026, 10, 1), date(2026, 12, 31)),
        ({"period": "quarter"}, date(2026, 10, 1), date(2026, 12, 31)),
        ({"period": "last_quarter"}, date(2026, 7, 1), date(2026, 9, 30)),
        ({"period": "year"}, date(2026, 1, 1), date(2026, 12, 31)),
        ({"period": "months"}, date(2025, 11, 20), date(2026, 11, 19)),
        ({"period": "ever"}, None, None),
        ({"period": "odd"}, date(2026, 10, 1), date(2026, 12, 31)),
        ({"since": "2026-02-01", "until": "2026-02-28"}, date(2026, 2, 1), date(2026, 2, 28)),
        ({"since": "2026-03-01", "until": "2026-02-01"}, date(2026, 2, 1), date(2026, 3, 1)),
        ({"since": "2026-13-01", "until": "0001-01-01"}, date(2026, 10, 1), date(2026, 12, 31)),
        ({"until": "2026-02-28", "period": "ever"}, None, date(2026, 2, 28)),
        ({"until": "2026-02-28", "period": "ever", "was": "ever"}, None, date(2026, 2, 28)),
        ({"until": "2026-02-28", "period": "ever", "was": ""}, None, None),
    ],
)
def test_periods_are_days_both_included(query, first, last):
    period = periods.read(query, today=TODAY)

    assert (period.first, period.last) == (first, last)


def test_twelve_months_back_from_a_29_february():
    assert periods.named("months", date(2028, 2, 29)) == Period(date(2027, 3, 1), date(2028, 2, 29), "months")


def test_a_day_of_a_period_is_counted_to_its_end():
    promise = make_promise(due_at=NOW - 3 * DAY, now=NOW)
    day = promise.due_date

    assert Counting(Promise.objects.all(), period=Period(day, day), now=NOW).words["ours"].due == 1
    assert Counting(Promise.objects.all(), period=Period(last=day - DAY), now=NOW).words["ours"].due == 0
    assert Counting(Promise.objects.all(), period=Period(first=day + DAY), now=NOW).words["ours"].due == 0


# -------------------------------------------------------------------- parts and wholes, without a database

CELLS = st.lists(
    st.fixed_dictionaries(
        {
            "came_out": st.sampled_from(Outcome.values),
            "n": st.integers(1, 5),
            **{name: st.booleans() for name in ("by_first", "by_last", "moved", "asked_early", "unconfirmed")},
        }
    ),
    max_size=30,
)


@given(CELLS, st.randoms(use_true_random=False))
def test_the_figures_of_any_parts_add_up_to_those_of_the_whole(cells, chance):
    parts = [[], [], []]
    for cell in cells:
        chance.choice(parts).append(cell)

    assert sum((figures_of(part) for part in parts), Figures()) == figures_of(cells)
