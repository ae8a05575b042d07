"""Pinned clients in the sidebar: eight at most, in their own order, and only what their reader may read."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clients import pins
from clients.models import Pin
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def spoken_to(**fields):
    return make_client(last_interaction_at=NOW - DAY, last_two_way_at=NOW - DAY, **fields)


def post(web, name, client, *args, **data):
    return web.post(reverse(name, args=[client.public_id, *args]), data)


def sidebar(web):
    """(dot, name, state) of each pin in the sidebar."""
    page = web.get(reverse("pins")).content.decode()
    side = page[page.index('class="side"') : page.index('id="main"')]
    found = re.findall(r'<span class="dot ?([a-z-]*)"></span>([^<]*)<span class="sr">, ([^<]*)</span>', side)
    return [(name, dot, word) for dot, name, word in found]


def names(user):
    return [pin.client.name for pin in Pin.objects.filter(user=user)]


def test_pinned_clients_stand_in_the_sidebar_with_their_state(web):
    late, owed, quiet, well = (spoken_to(name=name, owner=web.user) for name in ("Late", "Owed", "Quiet", "Well"))
    make_promise(client=late, now=NOW, due_at=NOW - DAY)
    make_promise(client=owed, now=NOW, due_at=NOW - DAY, ours=False)
    type(quiet).objects.filter(pk=quiet.pk).update(last_two_way_at=NOW - 40 * DAY)
    for client in (late, owed, quiet, well):
        post(web, "client_pin", client)

    assert sidebar(web) == [
        ("Late", "dot-late", "needs attention"),
        ("Owed", "dot-soon", "keep an eye on it"),
        ("Quiet", "dot-soon", "keep an eye on it"),
        ("Well", "", "healthy"),
    ]


def test_pinning_twice_makes_one_and_undo_puts_it_back_in_its_place(web):
    first, second, third = (make_client(name=name) for name in ("A", "B", "C"))
    for client in (first, second, second, third):
        post(web, "client_pin", client)
    assert names(web.user) == ["A", "B", "C"]

    answer = web.post(reverse("client_unpin", args=[second.public_id]), follow=True)
    assert names(web.user) == ["A", "C"]
    *_others, message = answer.context["messages"]
    web.post(message.extra_tags.removeprefix("undo:"))

    assert names(web.user) == ["A", "B", "C"]


def test_a_pin_that_came_in_another_way_shows_once_it_is_pinned_again(web):
    client = make_client(name="A")
    Pin.objects.create(user=web.user, client=client)
    assert sidebar(web) == []

    post(web, "client_pin", client)

    assert [name for name, _dot, _word in sidebar(web)] == ["A"]


def test_a_ninth_is_refused_in_words(web):
    for _ in range(8):
        post(web, "client_pin", make_client())

    answer = web.post(reverse("client_pin", args=[make_client(name="Ninth").public_id]), follow=True)

    assert Pin.objects.count() == 8
    *_others, said = answer.context["messages"]
    assert str(said) == "Eight clients are pinned already. Unpin one first, then pin Ninth."


def test_the_order_is_changed_by_buttons(web):
    clients = [make_client(name=name) for name in ("A", "B", "C")]
    for client in clients:
        post(web, "client_pin", client)

    post(web, "client_pin_move", clients[2], "up")
    assert names(web.user) == ["A", "C", "B"]
    post(web, "client_pin_move", clients[0], "down")
    assert names(web.user) == ["C", "A", "B"]
    post(web, "client_pin_move", clients[1], "down")
    assert names(web.user) == ["C", "A", "B"]
    assert post(web, "client_pin_move", clients[1], "sideways").status_code == 404


def test_what_its_reader_may_not_read_any_more_is_not_shown(web):
    client = make_client(name="Secret Holdings")
    post(web, "client_pin", client)
    client.visibility = "team_only"
    client.save()

    assert sidebar(web) == []
    assert "Secret Holdings" not in web.get(reverse("my_day")).content.decode()
    assert post(web, "client_unpin", client).status_code == 404
    outsider = browser_of(make_user())
    assert post(outsider, "client_pin", client).status_code == 404
    manager = browser_of(make_manager())
    post(manager, "client_pin", client)
    assert [name for name, _dot, _word in sidebar(manager)] == ["Secret Holdings"]


def test_an_archived_client_leaves_the_sidebar(web):
    client = make_client(owner=web.user)
    post(web, "client_pin", client)
    client.archive(by=web.user, now=NOW)

    assert sidebar(web) == []


def test_the_client_page_offers_to_pin_or_to_unpin(web):
    client = make_client(name="Tidewell Water", owner=web.user)
    assert "Pin Tidewell Water to the sidebar" in web.get(client.get_absolute_url()).content.decode()

    post(web, "client_pin", client)

    assert "Unpin Tidewell Water" in web.get(client.get_absolute_url()).content.decode()


def test_one_person_s_pins_are_nobody_else_s(web):
    post(web, "client_pin", make_client(name="Mine"))

    assert sidebar(browser_of(make_user())) == []


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_the_sidebar_costs_one_query_and_none_without_pins(web, count, django_assert_num_queries):
    for _ in range(count):
        pins.pin(web.user, make_client())
    web.get(reverse("pins"))

    with django_assert_num_queries(4 + bool(count)):
        web.get(reverse("pins"))
