"""The list of clients."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_promise, make_user

pytestmark = pytest.mark.django_db


def names(answer):
    return [line.client.name for line in answer.context["lines"]]


def cost(browser, address):
    browser.get(address)  # what is asked once and kept
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def test_the_list_costs_the_same_for_any_length(web):
    costs = []
    for rows in (1, 3):
        while len(names(web.get("/clients/"))) < rows:
            client = make_client(owner=make_user())
            make_interaction(client=client, contacts=[make_contact(client=client)])
            make_promise(client=client, owner=client.owner)
        costs.append(cost(web, "/clients/"))

    assert costs[0] == costs[1] <= 18


def test_the_page_of_a_client_costs_the_same_however_much_happened(web):
    client = make_client(owner=web.user, team=[make_user()])
    costs = []
    for rows in (1, 3):
        while client.interactions.count() < rows:
            make_interaction(client=client, contacts=[make_contact(client=client)])
            client.team_members.create(user=make_user())
        costs.append([cost(web, client.get_absolute_url() + page) for page in ("", "timeline/", "people/", "team/")])

    assert costs[0] == costs[1]
    assert max(costs[1]) <= 30


@pytest.mark.parametrize("words", ["konigl", "KÖNIGL", "essen konig", "philip", "cramer@essen", "straße"])
def test_search_ignores_accents_and_case_and_finds_people(web, words):
    found = make_client(name="Königlich Essen Strasse")
    make_contact(client=found, name="Philíp Cramer", email="cramer@essen.example")
    make_client(name="Kings & Co")

    assert names(web.get("/clients/", {"q": words})) == ["Königlich Essen Strasse"]


def test_filters_live_in_the_address(web, clock):
    mine = make_client(name="Mine", owner=web.user, stage="onboarding", kind="partner", value_band="A")
    make_client(name="Theirs", stage="dormant")
    quiet = make_client(name="Quiet", rhythm_days=5, created_at=NOW - timedelta(days=90))
    make_interaction(client=quiet, happened_at=NOW - timedelta(days=6, hours=1))
    make_interaction(client=mine, happened_at=NOW)
    make_client(name="Gone").archive(by=web.user, now=NOW)

    found = {
        query: names(web.get(f"/clients/?{query}"))
        for query in (
            "owner=me", "stage=dormant", "kind=partner", "band=A", "quiet=yes", "archived=yes", "stage=nonsense",
        )
    }  # fmt: skip

    assert found == {
        "owner=me": ["Mine"],
        "stage=dormant": ["Theirs"],
        "kind=partner": ["Mine"],
        "band=A": ["Mine"],
        "quiet=yes": ["Quiet"],
        "archived=yes": ["Gone"],
        "stage=nonsense": ["Mine", "Quiet", "Theirs"],
    }


def test_the_quiet_filter_and_the_state_agree(web, clock):
    for days in (4, 5, 6, 7):
        client = make_client(name=f"Silent {days}", rhythm_days=5, created_at=NOW - timedelta(days=90))
        make_interaction(client=client, happened_at=NOW - timedelta(days=days, hours=1))

    listed = web.get("/clients/").context["lines"]
    quiet = names(web.get("/clients/?quiet=yes"))

    assert quiet == [line.client.name for line in listed if line.standing.level in ("soon", "late")]


def test_sorting_by_last_contact_puts_the_longest_silence_first(web, clock):
    for name, days in (("Long", 30), ("Short", 1)):
        make_interaction(client=make_client(name=name), happened_at=NOW - timedelta(days=days))
    make_client(name="Never")

    assert names(web.get("/clients/?sort=contact")) == ["Never", "Long", "Short"]
    assert names(web.get("/clients/?sort=-contact")) == ["Short", "Long", "Never"]


def test_fifty_to_a_page(web):
    owner = make_user()
    for number in range(51):
        make_client(name=f"Client {number:03}", owner=owner)

    assert [len(names(web.get(f"/clients/?page={page}"))) for page in (1, 2, 99, "x")] == [50, 50, 50, 50]


def test_an_empty_filter_says_what_was_asked_for(web):
    answer = web.get("/clients/?q=Bristol&stage=dormant")

    assert "No client matches “Bristol”, dormant." in answer.text


def test_the_export_is_the_filtered_list_with_formulas_defused(web):
    make_client(name='=HYPERLINK("x")', owner=web.user, city="@here", tags=["a", "b"])
    make_client(name="Elsewhere")

    answer = web.get("/clients/export.csv?owner=me")

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row["Name"], row["City"], row["Tags"]) for row in rows] == [('\'=HYPERLINK("x")', "'@here", "a, b")]
