"""The list of promises: pages, chips, what a row says, and what a filter leaves."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils.html import escape

from promises import list_views
from promises.models import Promise
from promises.models.promise import Terms
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def show(web, **query):
    return web.get(reverse("promises"), query)


def whats(response):
    return [row.promise.what for row in response.context["rows"]]


def links(response, rel):
    return re.findall(rf'rel="{rel}" href="([^"]*)"', response.text)


@pytest.fixture
def client(web):
    return make_client(name="Tidewell Water", owner=web.user)


# -------------------------------------------------------------------- pages


@pytest.mark.parametrize("sort", ["", "-due", "client", "-client", "owner", "-owner", "what"])
def test_walking_on_and_back_shows_every_promise_once(web, monkeypatch, sort):
    monkeypatch.setattr(list_views, "PAGE", 3)
    for n in range(8):
        make_promise(client=make_client(name=f"C{n % 3}", owner=web.user), what=f"P{n}", due_at=NOW + (n % 2 + 1) * DAY)
    expected = Promise.objects.count()

    page, seen = show(web, sort=sort), []
    while True:
        seen.append(whats(page))
        if not (following := links(page, "next")):
            break
        page = web.get(reverse("promises") + following[0].replace("&amp;", "&"))
    before = web.get(reverse("promises") + links(page, "prev")[0].replace("&amp;", "&"))

    assert [len(part) for part in seen] == [3, 3, 2]
    assert len({what for part in seen for what in part}) == expected
    assert whats(before) == seen[1]


def test_sorting_or_filtering_begins_at_the_first_page(web, client, monkeypatch):
    monkeypatch.setattr(list_views, "PAGE", 1)
    for n in range(3):
        make_promise(client=client, what=f"P{n}", due_at=NOW + (n + 1) * DAY)
    second = web.get(reverse("promises") + links(show(web), "next")[0].replace("&amp;", "&"))

    sorts = [href for href in re.findall(r'href="(\?[^"]*sort=[^"]*)"', second.text) if "after=" not in href]

    assert whats(second) == ["P1"]
    assert len(sorts) >= 3


def test_the_count_is_of_all_that_match(web, client, monkeypatch):
    monkeypatch.setattr(list_views, "PAGE", 2)
    for _ in range(5):
        make_promise(client=client)

    assert "5 promises" in show(web).text
    assert "all 5 that match" in show(web).text


def test_an_edge_that_means_nothing_is_the_first_page(web, client):
    make_promise(client=client, what="There")

    for odd in ("x", "²", "a" * 3000, "WyJhIiwxXQ"):
        assert whats(show(web, after=odd)) == ["There"]
        assert whats(show(web, before=odd)) == ["There"]


# -------------------------------------------------------------------- what it says


def test_filters_without_a_field_are_chips_that_can_be_taken_away(web, client):
    make_promise(client=client)
    query = {
        "client": client.public_id,
        "outcome": "not_due",
        "since": "2026-11-01",
        "until": "2026-12-31",
        "by": "ours",
    }

    chips = show(web, **query).context["chips"]

    assert [str(words) for words, _url in chips] == [
        "Tidewell Water",
        "not yet due",
        "first due 1 Nov 2026 to 31 Dec 2026",
    ]
    left = [set(parse_qs(urlsplit(url).query)) for _words, url in chips]
    assert "client" not in left[0]
    assert {"outcome", "since", "until", "by"} <= left[0]
    assert left[2] & {"since", "until"} == set()


def test_an_offered_and_a_put_off_promise_say_so(web, client):
    make_promise(client=client, what="We offer", proposed=True)
    make_promise(client=client, what="They offer", ours=False, proposed=True, answer_by=date(2026, 12, 1))
    make_promise(client=client, what="Put off", due_at=NOW + 9 * DAY).snooze(by=web.user, now=NOW, until=NOW + 5 * DAY)

    text = show(web).text

    assert "waits for their answer" in text
    assert "waits for our answer by Tue 1 Dec" in text
    assert "put off until Tue 24 Nov" in text


def test_moved_lately_is_what_was_moved_in_a_fortnight(web, client, clock):
    old = make_promise(client=client, what="Moved long ago", due_at=NOW + 60 * DAY)
    old.move(
        by=web.user, terms=Terms(date(2027, 2, 1), None, "Europe/London"), reason="priorities", now=NOW, how="call"
    )
    later = NOW + 20 * DAY
    clock.move_to(later)
    new = make_promise(client=client, what="Moved now", due_at=later + 60 * DAY)
    new.move(
        by=web.user, terms=Terms(date(2027, 3, 1), None, "Europe/London"), reason="priorities", now=later, how="call"
    )
    make_promise(client=client, what="Never moved")

    assert whats(show(browser_of(web.user), moved="yes")) == ["Moved now"]


def test_a_row_that_was_ticked_by_htmx_keeps_its_box(web, client):
    promise = make_promise(client=client)

    answer = web.post(
        reverse("promise_keep", args=[promise.public_id]), {"tick": "1", "picks": "1"}, headers={"HX-Request": "true"}
    )

    assert f'name="pick" value="{promise.public_id}"' in answer.text


def test_what_a_reader_may_not_see_is_in_no_list_and_no_count(web, client):
    hidden = make_client(name="Hush Holdings", visibility="team_only")
    make_promise(client=hidden, what="Secret")
    make_promise(client=client, what="Open")

    assert whats(show(web)) == ["Open"]
    assert "1 promise<" in show(web).text
    assert whats(show(web, client=hidden.public_id)) == []
    assert escape("Hush") not in show(web, client=hidden.public_id).text
    assert len(whats(show(browser_of(make_manager())))) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(web, count, django_assert_num_queries):
    for n in range(count):
        contact = make_contact(client=make_client(owner=web.user if n else make_user()))
        make_promise(client=contact.client, contact=contact, proposed=n == 1)
        make_promise(client=contact.client, contact=contact, ours=False)
    show(web)

    with django_assert_num_queries(13):
        show(web)
