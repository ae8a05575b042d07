"""Queries put into words once for many keys answer as if they were written each time."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.written import written
from tests.make import make_user

pytestmark = pytest.mark.django_db


@written
def among(*, keys, name, since):
    found = User.objects.filter(pk__in=keys, date_joined__gte=since).exclude(name=name)
    return found.order_by("pk").values_list("pk", "name")


@written
def worked_on(*, keys, since):
    return User.objects.filter(pk__in=keys, date_joined__gte=since - timedelta(days=1)).order_by("pk")


@written
def everybody():
    return User.objects.filter(name="Ann").order_by("pk")


def test_any_number_of_keys_and_other_values_give_their_own_rows():
    now = timezone.now()
    ann, ben, old = make_user(name="Ann"), make_user(name="Ben"), make_user(name="Old")
    User.objects.filter(pk=old.pk).update(date_joined=now - timedelta(days=9))
    week = now - timedelta(days=7)

    assert among(keys=[ann.pk, ben.pk, old.pk], name="Nobody", since=week) == [(ann.pk, "Ann"), (ben.pk, "Ben")]
    assert among(keys=[old.pk], name="Nobody", since=week) == []
    assert among(keys=[ben.pk, ann.pk], name="Ann", since=week) == [(ben.pk, "Ben")]
    assert among(keys=[old.pk], name="Ann", since=now - timedelta(days=10)) == [(old.pk, "Old")]


def test_no_keys_ask_nothing():
    with CaptureQueriesContext(connection) as asked:
        assert among(keys=[], name="", since=timezone.now()) == []
    assert len(asked) == 0


def test_a_value_worked_on_inside_stays_right():
    now = timezone.now()
    ann, ben = make_user(), make_user()
    User.objects.filter(pk=ben.pk).update(date_joined=now - timedelta(hours=30))

    keys = [ann.pk, ben.pk]
    assert worked_on(keys=keys, since=now) == [ann]
    assert worked_on(keys=keys, since=now - timedelta(hours=12)) == [ann, ben]


def test_words_without_values_are_kept_too():
    ann = make_user(name="Ann")
    assert (everybody(), everybody()) == ([ann], [ann])


def test_words_of_a_reader_are_values_and_never_a_part_of_the_query():
    make_user(name="x')) OR 1=1 --%s")
    now = timezone.now()
    pks = list(User.objects.values_list("pk", flat=True))

    assert among(keys=pks, name="x')) OR 1=1 --%s", since=now - timedelta(days=1)) == list(
        User.objects.exclude(name__startswith="x").order_by("pk").values_list("pk", "name")
    )
