"""The list of clients page by page: every sort, down and up, each client once; a deep one costs what the first does."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.keyset import count_of
from clients import listing
from clients.models import Client
from clients.views import listing as list_views
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


@pytest.fixture
def many(web, monkeypatch):
    """Eleven clients, four to a page: equal names, owners, stages and days, and some to whom nobody ever spoke."""
    monkeypatch.setattr(listing, "PAGE", 4)
    monkeypatch.setattr(listing, "NEAR", 1)
    owners = [make_user(name="Ada"), make_user(name="Ada"), make_user(name="Zoë")]
    for n in range(11):
        client = make_client(
            name=f"Same {n // 4}", owner=owners[n % 3], stage=["active", "dormant"][n % 2], rhythm_days=[None, 5][n % 2]
        )
        spoke = None if n % 3 == 0 else NOW - (n % 4) * 10 * DAY
        Client.objects.filter(pk=client.pk).update(last_two_way_at=spoke, created_at=NOW - 90 * DAY)
    make_client(name="Same 1", owner=owners[0], visibility="team_only", team=[owners[1]])
    make_client(name="Same 2", owner=owners[2]).archive(by=owners[2], now=NOW)
    return owners


def expected(sort, user):
    """The same order, said in Python over what this person may see."""
    clients = Client.objects.visible_to(user).current().select_related("owner")
    keys = {
        "name": lambda one: (one.search_text, one.pk),
        "owner": lambda one: (one.owner.name, one.search_text, one.pk),
        "stage": lambda one: (one.stage, one.search_text, one.pk),
        "contact": lambda one: (one.last_two_way_at is not None, one.last_two_way_at or NOW, one.pk),
    }
    found = sorted(clients, key=keys[sort.lstrip("-")], reverse=sort.startswith("-"))
    return [one.public_id for one in found]


def ids(answer):
    return [row.id for row in answer.context["rows"]]


def walk(browser, query, way="after"):
    """[the ids of each page] from a query on in one direction, as its links lead."""
    pages = []
    while True:
        answer = browser.get("/clients/", query)
        pages.append(ids(answer))
        edge = getattr(answer.context["page"], way)
        if not edge:
            return pages, answer
        query = {**{name: value for name, value in query.items() if name not in ("after", "before")}, way: edge}


@pytest.mark.parametrize("sort", listing.SORTS)
@pytest.mark.parametrize("who", ["stranger", "team", "manager"])
def test_every_sort_shows_each_client_once_in_order_down_and_up(web, many, sort, who):
    browser = {"stranger": web, "team": browser_of(many[1]), "manager": browser_of(make_manager())}[who]
    wanted = expected(sort, browser.user if who == "stranger" else many[1] if who == "team" else make_manager())

    down, last = walk(browser, {"sort": sort})
    up, _first = walk(browser, {"sort": sort, "before": last.context["page"].before}, way="before")

    assert [one for page in down for one in page] == wanted
    assert [len(page) for page in down] == [4, 4, len(wanted) - 8]
    assert up[::-1] == down[:-1]
    assert len(wanted) == (11 if who == "stranger" else 12)


@pytest.mark.parametrize("query", ["quiet=yes", "stage=active", "q=same+1", "owner=me", "archived=yes"])
@pytest.mark.parametrize("sort", ["name", "-contact", "owner"])
def test_a_filter_goes_along_from_page_to_page(web, many, monkeypatch, query, sort):
    monkeypatch.setattr(listing, "PAGE", 2)
    Client.objects.filter(pk__in=Client.objects.order_by("pk").values("pk")[:3]).update(owner=web.user)
    name, _is, value = query.partition("=")
    asked = {"sort": sort, name: value.replace("+", " ")}

    pages, _last = walk(web, asked)
    monkeypatch.setattr(listing, "PAGE", 50)

    assert [one for page in pages for one in page] == ids(web.get("/clients/", asked))


def test_a_team_only_client_is_on_no_page_of_anybody_else(web, many):
    hidden = Client.objects.get(visibility="team_only")
    for sort in listing.SORTS:
        for filters in ({"quiet": "yes"}, {"q": "same"}):
            pages, last = walk(web, {"sort": sort, **filters})
            assert hidden.public_id not in {one for page in pages for one in page}
            assert f"/{hidden.public_id}/" not in last.text


def test_an_old_address_with_a_number_shows_the_first_page(web, many):
    first = ids(web.get("/clients/"))

    for old in ("3", "1000", "x", "-1", ""):
        assert ids(web.get("/clients/", {"page": old})) == first


def test_an_edge_of_another_sort_or_none_at_all_shows_a_page_all_the_same(web, many):
    sorts = ("name", "-owner", "contact")
    edges = [web.get("/clients/", {"sort": sort}).context["page"].after for sort in sorts]

    for sort in sorts:
        for edge in (*edges, "a" * 3000, "²"):
            for way in ("after", "before"):
                answer = web.get("/clients/", {"sort": sort, way: edge})
                assert answer.status_code == 200
                assert len(ids(answer)) in (3, 4)


def test_a_page_further_down_costs_no_more_than_the_first(web, many, monkeypatch):
    monkeypatch.setattr(listing, "NEAR", 50)

    def cost(query):
        web.get("/clients/", query)
        with CaptureQueriesContext(connection) as asked:
            answer = web.get("/clients/", query)
        return len(asked), answer

    for sort in listing.SORTS:
        first, answer = cost({"sort": sort})
        second, answer = cost({"sort": sort, "after": answer.context["page"].after})
        third, _answer = cost({"sort": sort, "after": answer.context["page"].after})
        assert max(second, third) <= first <= 20


def test_the_count_says_more_than_a_thousand_and_is_exact_below(web, many, monkeypatch):
    answer = web.get("/clients/")
    assert (answer.context["count"], answer.context["is_more"]) == (11, False)
    assert "<h2>11 clients</h2>" in answer.text

    monkeypatch.setattr(list_views, "count_of", lambda _rows: (1000, True))
    answer = web.get("/clients/")
    assert "<h2>More than 1000 clients</h2>" in answer.text
    assert "all that match, more than 1000" in answer.text
    assert count_of(Client.objects.all()) == (13, False)


def test_the_next_and_previous_client_follow_the_order_of_the_list(web, many):
    for sort in ("-name", "contact", "owner"):
        wanted = expected(sort, web.user)
        web.get(
            Client.objects.get(public_id=wanted[0]).get_absolute_url(),
            headers={"referer": f"http://x/clients/?sort={sort}"},
        )
        for here, there in pairwise(wanted):
            assert web.get(f"/clients/{here}/beside/next/").url == f"/clients/{there}/"
            assert web.get(f"/clients/{there}/beside/previous/").url == f"/clients/{here}/"


@pytest.mark.parametrize("sort", ["owner", "-owner"])
@pytest.mark.parametrize("near", [1, 2, 3, 50])
def test_sorted_by_owner_nobody_is_left_out_where_most_owners_have_nothing_that_matches(web, monkeypatch, sort, near):
    monkeypatch.setattr(listing, "PAGE", 3)
    monkeypatch.setattr(listing, "NEAR", near)
    for n in range(8):
        owner = make_user(name=f"Owner {n // 2}")
        make_client(owner=owner, name="Elsewhere", stage="ended")
        for _one in range(5 if n in (0, 1, 6, 7) else 0):
            make_client(owner=owner, name="Here", stage="active")

    down, last = walk(web, {"sort": sort, "stage": "active"})
    up, _first = walk(web, {"sort": sort, "stage": "active", "before": last.context["page"].before}, way="before")

    clients = Client.objects.filter(stage="active").select_related("owner")
    wanted = sorted(clients, key=lambda one: (one.owner.name, one.pk), reverse=sort.startswith("-"))
    assert [one for page in down for one in page] == [one.public_id for one in wanted]
    assert up[::-1] == down[:-1]


@pytest.mark.parametrize("few", [0, 2, 500])
def test_a_search_finds_the_same_whether_the_word_is_rare_or_not(web, many, monkeypatch, few):
    monkeypatch.setattr(listing, "FEW", few)
    person = make_contact(client=Client.objects.filter(visibility="open").first(), name="Rosa Delgado")
    make_contact(client=Client.objects.get(visibility="team_only"), name="Rosa Hidden")

    found = {
        words: [one for page in walk(web, {"q": words})[0] for one in page]
        for words in ("rosa", "same", "rosa same", "nobody", "hidden")
    }

    everybody = Client.objects.visible_to(web.user).current().order_by("search_text", "pk")
    assert found == {words: [one.public_id for one in everybody.search(words)] for words in found}
    assert found["rosa"] == found["rosa same"] == [person.client.public_id]
    assert (len(found["same"]), found["nobody"], found["hidden"]) == (11, [], [])
