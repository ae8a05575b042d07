"""Several queries in one go answer as each would by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import OuterRef, Value
from django.utils import timezone

from accounts.models import Absence, User
from accounts.prepared import Question, prepared
from accounts.together import Within, together
from clients.models import Client, Interaction
from tests.make import make_client, make_contact, make_interaction, make_user

pytestmark = pytest.mark.django_db


@prepared
def clients_of(user, *, now):
    return Client.objects.filter(owner=user, created_at__lte=now).select_related("owner").order_by("name")


@prepared
def named(user, *, name):
    return User.objects.exclude(pk=user.pk).filter(name=name)


@prepared
def names(user):
    return User.objects.exclude(pk=user.pk).order_by("name").values_list("name", "date_joined")


@prepared
def calls(client, *, user):
    return Interaction.objects.filter(client=client, author=user).only("summary")


def test_each_question_gets_its_own_rows_in_their_order(django_assert_num_queries):
    now = timezone.now()
    ann, ben = make_user(name="Ann"), make_user(name="Ben")
    made = [make_client(owner=ann, name=name, annual_value=Decimal("12.50")) for name in ("Quay", "Brine", "Mole")]
    make_client(owner=ben)
    call = make_interaction(client=made[0], author=ann, summary="Rang “Rosa” \\ 100 % 😀")
    asked = {
        "clients": clients_of.question(ann, now=now + timedelta(seconds=9)),
        "named": named.question(ann, name="Ben"),
        "names": names.question(ann),
        "calls": calls.question(made[0], user=ann),
        "none": calls.question(made[1], user=ann),
        "plain": Question.of(Absence.objects.filter(user=ann)),
        "never": Question.of(User.objects.filter(pk__in=[])),
    }

    with django_assert_num_queries(1):
        found = together(asked.values())
        told = {name: found[question] for name, question in asked.items()}
        assert [client.owner.name for client in told["clients"]] == ["Ann"] * 3

    assert [client.name for client in told["clients"]] == ["Brine", "Mole", "Quay"]
    for read in told["clients"]:
        kept = Client.objects.get(pk=read.pk)
        assert {f.attname: getattr(read, f.attname) for f in Client._meta.concrete_fields} == {
            f.attname: getattr(kept, f.attname) for f in Client._meta.concrete_fields
        }
    assert told["named"] == [ben]
    assert told["names"] == list(User.objects.exclude(pk=ann.pk).order_by("name").values_list("name", "date_joined"))
    assert [(one.pk, one.summary) for one in told["calls"]] == [(call.pk, call.summary)]
    assert (told["none"], told["plain"], told["never"]) == ([], [], [])


def test_others_get_their_own_rows_the_second_time(django_assert_num_queries):
    now = timezone.now() + timedelta(seconds=9)
    people = [make_user(name="Ann"), make_user(name="Ben")]
    made = [make_client(owner=person) for person in people]

    for person, client in zip(people, made, strict=True):
        asked = [clients_of.question(person, now=now), calls.question(client, user=person)]
        with django_assert_num_queries(1):
            assert list(together(asked).values()) == [[client], []]


def test_what_json_cannot_carry_is_asked_alone(django_assert_num_queries):
    user = make_user()
    lengths = User.objects.filter(pk=user.pk).values_list(Value(timedelta(days=2)), flat=True)

    with django_assert_num_queries(2):
        found = together(
            [a := Question.of(lengths), b := names.question(user), c := calls.question(make_noone(), user=user)]
        )

    assert (found[a], found[b], found[c]) == ([timedelta(days=2)], [], [])


def make_noone():
    return Client(pk=987)


def test_rows_within_a_row_come_in_their_order():
    client = make_client()
    for name in ("Rosa", "Ann"):
        make_contact(client=client, name=name)
    other = make_client()
    people = client.contacts.model.objects.filter(client=OuterRef("pk")).order_by("name").values_list("pk", "name")

    found = dict(Client.objects.annotate(people=Within(people)).values_list("pk", "people"))

    assert found == {
        client.pk: [list(row) for row in client.contacts.order_by("name").values_list("pk", "name")],
        other.pk: found[other.pk],
    }
    assert not found[other.pk]
