"""Outcomes counted by the database are those the pure rules give, one for each promise."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Absence, Workspace
from promises import filters
from promises.judging import GROUPS, broken_before, outcome_case, outcome_q
from promises.models import Promise
from promises.outcomes import Outcome
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LET_GO = ("withdrawn", "released")
ZONES = ["Europe/London", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati"]


def one_of_each(seed, count=80):
    """Promises in every state, of people and clients all over the world, due and done around the edges of the rules."""
    chance = random.Random(seed)
    owners = [
        make_user(time_zone=zone, country=country)
        for zone, country in zip(ZONES, ["GB", "IN", "US", "NZ", ""], strict=True)
    ]
    Absence.objects.create(user=owners[0], starts_on=NOW.date() - 12 * DAY, ends_on=NOW.date() - 8 * DAY)
    Absence.objects.create(user=owners[1], starts_on=NOW.date() - 400 * DAY, ends_on=NOW.date() - 3 * DAY)
    clients = [
        make_client(owner=owner, time_zone=zone, country=country)
        for owner, zone, country in zip(owners, ZONES, ["GB", "CN", "US", "", "XX"], strict=True)
    ]
    contacts = [make_contact(client=client, time_zone=chance.choice(["", *ZONES])) for client in clients]
    for _n in range(count):
        state = chance.choice([*Promise.State.values, "active", "active", "active"])
        client = chance.randrange(5)
        due = NOW + timedelta(
            days=chance.choice([-90, -40, -20, *range(-18, -10), -3, 0, 2]), hours=chance.randrange(24)
        )
        first = due + timedelta(days=chance.choice([0, 0, 0, -2, -9, 3]))
        done = due + timedelta(days=chance.choice([-3, -1, 0, 0, 1, 5])) if state in ("kept", "delivered") else None
        promise = make_promise(
            client=clients[client], owner=chance.choice(owners), due_at=NOW + DAY, now=NOW,
            ours=chance.random() < 0.6, contact=chance.choice([None, contacts[client]]),
        )  # fmt: skip
        Promise.objects.filter(pk=promise.pk).update(
            state=state, due_at=due, first_due_at=first, done_at=done, moved_not_early=chance.random() < 0.5,
            offered_by="ours" if state == "proposed" else "", moves=int(first != due),
            withdrawn_timing=chance.choice(["early", "last_minute", "after_fact"]) if state in LET_GO else "",
            first_asked=chance.choice(["", "early", "last_minute"]),
            unconfirmed=state == "kept" and chance.random() < 0.3,
            missed_at=chance.choice([None, None, None, first]), ended_at=due + chance.choice([-1, 1]) * DAY,
        )  # fmt: skip
    return Promise.objects.order_by("pk")


@pytest.mark.parametrize("seed", range(6))
def test_the_database_gives_each_promise_the_outcome_the_rules_give(seed):
    promises = one_of_each(seed)

    counted = dict(promises.annotate(came_out=outcome_case(NOW)).values_list("pk", "came_out"))

    assert counted == {promise.pk: promise.outcome(NOW) for promise in promises}


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_is_in_the_list_of_exactly_one_outcome(seed, web):
    promises = one_of_each(seed + 100)
    counted = dict(promises.annotate(came_out=outcome_case(NOW)).values_list("pk", "came_out"))

    found = []
    for outcome in Outcome:
        chosen = filters.read({"outcome": outcome.value}, user=web.user)
        ids = set(filters.apply(Promise.objects.all(), chosen, now=NOW).values_list("pk", flat=True))
        assert ids == {pk for pk, came_out in counted.items() if came_out == outcome}
        found += ids

    assert sorted(found) == sorted(counted)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_its_outcomes_together(group):
    promises = one_of_each(7)
    counted = dict(promises.annotate(came_out=outcome_case(NOW)).values_list("pk", "came_out"))

    found = set(promises.filter(outcome_q(group, NOW)).values_list("pk", flat=True))

    assert found == {pk for pk, came_out in counted.items() if came_out in GROUPS[group]}


def test_the_firm_says_after_how_many_days_being_open_is_broken():
    owner = make_user()
    for days in (2, 3, 12):
        make_promise(owner=owner, due_at=NOW - days * DAY, now=NOW)
    Workspace.objects.update_or_create(pk=1, defaults={"broken_after_days": 3})

    assert Promise.objects.filter(outcome_q("broken", NOW)).count() == 1
    assert Promise.objects.filter(outcome_q("open_overdue", NOW)).count() == 2


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("now", [NOW, datetime(2026, 3, 30, 0, 30, tzinfo=UTC), datetime(2026, 12, 28, tzinfo=UTC)])
def test_the_moment_before_which_all_is_broken_is_exact(zone, now):
    calendar = make_user(time_zone=zone, country="GB").calendar()

    moment = broken_before(calendar, now, 10)

    assert calendar.working_days(moment, now) == 10
    assert calendar.working_days(moment - timedelta(microseconds=1), now) == 11


def test_which_overdue_ones_are_broken_costs_the_same_for_many(django_assert_max_num_queries):
    one_of_each(9)

    with django_assert_max_num_queries(5):
        outcome_case(NOW)


def test_nobody_is_asked_for_a_calendar_where_it_does_not_matter(django_assert_num_queries):
    with django_assert_num_queries(0):
        outcome_q("missed", NOW)
        outcome_q("late", NOW)
