"""Queries put into words once answer as if they were written each time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.prepared import prepared
from tests.make import make_manager, make_user

pytestmark = pytest.mark.django_db


@prepared
def joined(user, *, since, until):
    return User.objects.filter(pk=user.pk, date_joined__gte=since, date_joined__lt=until).prefetch_related("absences")


@prepared
def joined_lately(user, *, now):
    return User.objects.filter(pk=user.pk, date_joined__gte=now - timedelta(days=1))


@prepared
def counts(user, *, now):
    mine = User.objects.filter(pk=user.pk).order_by()
    return mine.values(one=Value(1)).annotate(old=Count("pk", filter=Q(date_joined__lt=now)), all=Count("pk"))


@prepared
def names(user):
    return User.objects.exclude(pk=user.pk).order_by("name").values_list("name", flat=True)[:2]


def test_each_person_and_each_moment_gets_their_own_rows():
    now = timezone.now()
    old, new = make_user(date_joined=now - timedelta(days=9)), make_user(date_joined=now)
    week, day = now - timedelta(days=7), now - timedelta(days=1)

    found = [joined(user, since=since, until=now + day.resolution) for user in (old, new) for since in (week, day)]

    assert found == [[], [], [new], [new]]
    assert joined(old, since=now - timedelta(days=10), until=now) == [old]


def test_counts_and_single_columns_come_as_they_would():
    now = timezone.now()
    first, second = make_user(name="Ann", date_joined=now - timedelta(days=1)), make_user(name="Ben", date_joined=now)

    assert [counts(user, now=now) for user in (first, second)] == [
        [{"one": 1, "old": 1, "all": 1}],
        [{"one": 1, "old": 0, "all": 1}],
    ]
    assert (names(first), names(second)) == (["Ben"], ["Ann"])


def test_a_moment_worked_out_inside_is_noticed_and_stays_right():
    now = timezone.now()
    user = make_user(date_joined=now - timedelta(hours=30))

    assert joined_lately(user, now=now) == []
    assert joined_lately(user, now=now - timedelta(hours=10)) == [user]


@prepared
def everybody(user, *, now):
    found = User.objects.filter(date_joined__lt=now)
    return (found if user.is_manager else found.filter(pk=user.pk)).order_by("name").values_list("name", flat=True)


@prepared
def long_since(user, *, now):
    spoke = Coalesce("last_login", Value(datetime(1900, 1, 1, tzinfo=UTC)))
    return User.objects.alias(spoke=spoke).filter(pk=user.pk, spoke__lt=now)


def test_a_manager_who_sees_everything_need_not_stand_in_the_query():
    now = timezone.now()
    manager, owner = make_manager(name="Ann", date_joined=now), make_user(name="Ben", date_joined=now)
    later = now + timedelta(days=1)

    assert [everybody(user, now=later) for user in (manager, owner)] == [["Ann", "Ben"], ["Ben"]]
    assert [everybody(user, now=now - timedelta(days=1)) for user in (manager, owner)] == [[], []]


def test_a_day_before_all_days_is_a_constant_and_no_moment_worked_out():
    now = timezone.now()
    never, today = make_user(last_login=None), make_user(last_login=now)

    assert [long_since(user, now=now) for user in (never, today)] == [[never], []]


def test_what_hangs_on_the_rows_is_read_for_each_anew(django_assert_num_queries):
    now = timezone.now()
    users = [make_user(date_joined=now), make_user(date_joined=now)]
    users[0].absences.create(starts_on=now.date(), ends_on=now.date())

    with django_assert_num_queries(4):
        [first], [second] = (joined(user, since=now, until=now + timedelta(days=1)) for user in users)
        assert (len(first.absences.all()), len(second.absences.all())) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_line_that_forgot_a_query_is_asked_in_words():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps no queries that it could forget")
    now = timezone.now()
    user = make_user(date_joined=now)
    asked = {"since": now, "until": now + timedelta(days=1)}
    assert joined(user, **asked) == [user]

    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert joined(user, **asked) == [user]
