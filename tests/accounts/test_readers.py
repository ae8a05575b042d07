"""Queries that hang on who reads: written once for managers and once for the others, and never mixed up."""

import pytest

from accounts.models import User
from accounts.patterns import beginning, holding
from accounts.readers import for_readers
from clients.models import Client
from tests.make import make_client, make_manager, make_user

pytestmark = pytest.mark.django_db


@for_readers
def called(reader, *, name):
    return Client.objects.visible_to(reader).filter(name=name).order_by("pk")


@for_readers(own=True)
def named_like(reader, *, pattern):
    return Client.objects.visible_to(reader).filter(owner=reader, name__like=pattern).order_by("pk")


def test_each_reader_finds_what_they_may_see():
    owner, other, manager = make_user(), make_user(), make_manager()
    hidden = make_client(name="Hush", owner=owner, visibility="team_only")
    open_to_all = make_client(name="Hush", owner=other)

    found = [called(reader, name=name) for reader in (owner, other, manager, owner) for name in ("Hush", "Loud")]

    both = [hidden, open_to_all]
    assert found == [both, [], [open_to_all], [], both, [], both, []]


def test_managers_have_rows_of_their_own_too():
    manager, other = make_manager(), make_manager()
    mine = make_client(name="Mine", owner=manager)

    assert [named_like(reader, pattern=beginning("Mi")) for reader in (manager, other)] == [[mine], []]


@pytest.mark.parametrize("text", ["50%_o", "a\\b", "''", "%%s"])
def test_a_pattern_finds_the_signs_of_patterns_as_they_are(text):
    reader = make_user(name="Anybody")
    exact = User.objects.create(email="a@b.example", name=f"x{text}y")
    make_user(name="x50 zoy")

    shown = [list(User.objects.filter(name__like=pattern)) for pattern in (holding(text), beginning(f"x{text}"))]

    assert shown == [[exact], [exact]]
    assert named_like(reader, pattern=holding(text)) == []
