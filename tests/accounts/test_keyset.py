"""Pages by what stands at their edge: complete, without doubles, whatever is added or odd."""

import base64
import json

import pytest

from accounts.keyset import count_of, page_of
from accounts.models import User
from tests.make import make_user

pytestmark = pytest.mark.django_db
ORDERS = [
    ("pk",),
    ("-pk",),
    ("job_title", "pk"),
    ("-job_title", "pk"),
    ("job_title", "-name", "pk"),
    ("date_joined", "pk"),
    ("job_title", "-date_joined", "-pk"),
    ("-job_title", "-date_joined", "name", "pk"),
]


@pytest.fixture
def people():
    return [make_user(name=f"N{n % 4}", job_title="ab"[n % 2]) for n in range(11)]


def walk(order, *, size=4):
    pages, after = [], ""
    while not pages or after:
        page = page_of(User.objects.all(), order, size=size, after=after)
        pages.append(page)
        after = page.after
    return pages


@pytest.mark.parametrize("order", ORDERS)
def test_going_on_and_back_shows_every_row_once_in_order(people, order):
    expected = list(User.objects.order_by(*order).values_list("pk", flat=True))

    there = walk(order)
    back, before = [], there[-1].before
    while before:
        page = page_of(User.objects.all(), order, size=4, before=before)
        back.insert(0, page)
        before = page.before

    assert [pk for page in there for pk in page.ids] == expected
    assert [page.ids for page in back] == [page.ids for page in there[:-1]]


def test_what_is_added_before_the_edge_moves_nothing(people):
    first = page_of(User.objects.all(), ("job_title", "pk"), size=4)
    make_user(job_title="a0")
    people[0].job_title = "Z"

    second = page_of(User.objects.all(), ("job_title", "pk"), size=4, after=first.after)

    assert set(first.ids) & set(second.ids) == set()
    assert len(second.ids) == 4


ODD = (
    [1], ["a", "b"], [None, 1], ["a\0", 1], ["\ud800", 1], ["a", 10**30], [[], 1], {"a": 1}, ["a", True], [["x"], 1],
    [["9999-12-31T23:59:59-12:00"], 1],
)  # fmt: skip


def cursor_of(values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("cursor", ["x", "²", "a" * 3000, "bnVsbA", "W10", *map(cursor_of, ODD)])
def test_an_odd_edge_gives_the_first_page(people, cursor):
    first = page_of(User.objects.all(), ("job_title", "pk"), size=4)

    assert page_of(User.objects.all(), ("job_title", "pk"), size=4, after=cursor) == first
    assert page_of(User.objects.all(), ("job_title", "pk"), size=4, before=cursor) == first


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-12:00", "2026-11-19", "soon", 5])
def test_words_in_place_of_a_moment_give_the_first_page(people, moment):
    for order, values in ((("-date_joined", "pk"), [moment, 1]), (("name", "-date_joined", "pk"), ["N0", moment, 1])):
        first = page_of(User.objects.all(), order, size=4)

        assert page_of(User.objects.all(), order, size=4, after=cursor_of(values)) == first
        assert page_of(User.objects.all(), order, size=4, before=cursor_of(values)) == first


def test_a_moment_told_from_nowhere_on_earth_is_read_as_the_moment_it_is(people):
    edge = cursor_of([["2100-01-01T00:00:00+23:59"], 1])

    page = page_of(User.objects.all(), ("-date_joined", "-pk"), size=20, after=edge)

    assert page.ids == list(User.objects.order_by("-date_joined", "-pk").values_list("pk", flat=True))


def test_an_edge_of_another_order_is_no_error(people):
    by_date = page_of(User.objects.all(), ("date_joined", "pk"), size=4)

    assert len(page_of(User.objects.all(), ("job_title", "pk"), size=4, after=by_date.after).ids) == 4
    by_title = page_of(User.objects.all(), ("job_title", "pk"), size=4)
    assert len(page_of(User.objects.all(), ("date_joined", "pk"), size=4, after=by_title.after).ids) == 4


def test_the_number_is_exact_up_to_a_thousand(people):
    assert count_of(User.objects.all()) == (11, False)
    User.objects.bulk_create([User(email=f"b{n}@x.example", name="B", password="!") for n in range(1000)])
    assert count_of(User.objects.all()) == (1000, True)
