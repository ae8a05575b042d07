"""The lists of people at clients and of what was logged: filters, order, pages, and who sees what."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Contact, Interaction
from tests.conftest import NOW, browser_of
from tests.make import (
    make_client,
    make_contact,
    make_interaction,
    make_manager,
    make_promise,
    make_request,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def names(answer):
    return [row.name for row in answer.context["rows"]]


def said(web, query=""):
    ids = [row.id for row in web.get(f"/log/all/?{query}").context["rows"]]
    entries = Interaction.objects.in_bulk(ids, field_name="public_id")
    return [entries[public_id].body for public_id in ids]


@pytest.mark.parametrize(
    "address", ["/people/", "/log/all/", "/requests/", "/requests/?cols=due", "/promises/?cols=due"]
)
def test_every_list_costs_the_same_for_any_length(web, address):
    costs = []
    for count in (1, 3):
        while Contact.objects.count() < count:
            client = make_client(owner=make_user())
            contact = make_contact(client=client)
            make_interaction(client=client, contacts=[contact], mood=1)
            make_promise(client=client, contact=contact)
            make_request(client=client, contact=contact)
        web.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert web.get(address).status_code == 200
        costs.append(len(asked))

    assert costs[0] == costs[1] <= 20


def test_people_are_filtered_by_the_address(web):
    mine, theirs = make_client(name="Mine", owner=web.user), make_client(name="Theirs")
    make_contact(client=mine, name="Ann", survey_part="finance")
    make_contact(client=theirs, name="Bob", mail_state="bounced")
    make_contact(client=theirs, name="Cid", email="")
    make_contact(client=mine, name="Dora").leave(now=NOW)
    make_contact(client=mine, name="Erin", deleted_at=NOW, left_at=NOW)

    found = {
        query: names(web.get(f"/people/?{query}"))
        for query in (
            "", "owner=me", "part=finance", "mail=bounced", "mail=none", "left=yes", "q=ann",
            f"client={theirs.public_id}", "client=c_nobody", "part=nonsense", "sort=-name",
        )
    }  # fmt: skip

    assert found == {
        "": ["Ann", "Bob", "Cid"],
        "owner=me": ["Ann"],
        "part=finance": ["Ann"],
        "mail=bounced": ["Bob"],
        "mail=none": ["Cid"],
        "left=yes": ["Dora"],
        "q=ann": ["Ann"],
        f"client={theirs.public_id}": ["Bob", "Cid"],
        "client=c_nobody": [],
        "part=nonsense": ["Ann", "Bob", "Cid"],
        "sort=-name": ["Cid", "Bob", "Ann"],
    }


def test_last_spoken_to_counts_what_was_logged_with_them_and_no_notes(web):
    client = make_client(owner=web.user)
    person = make_contact(client=client)
    make_interaction(client=client, contacts=[person], happened_at=NOW - timedelta(days=4))
    make_interaction(client=client, contacts=[person], happened_at=NOW - timedelta(days=1), kind="note")
    make_interaction(client=client, contacts=[person]).remove(now=NOW)

    assert "4 days ago" in web.get("/people/").context["rows"][0].cells


def test_what_was_logged_is_filtered_by_the_address(web):
    client = make_client(name="Tidewell", owner=web.user)
    other = make_user()
    for body, days, fields in (
        ("Called about the fee", 0, {"author": web.user, "mood": -1}),
        ("Met for lunch", 5, {"author": other, "kind": "meeting", "mood": 2}),
        ("Wrote a note", 40, {"author": other, "kind": "note"}),
    ):
        make_interaction(client=client, body=body, happened_at=NOW - timedelta(days=days), **fields)
    make_interaction(body="Elsewhere", happened_at=NOW - timedelta(days=100))

    first, lunch, note, elsewhere = "Called about the fee", "Met for lunch", "Wrote a note", "Elsewhere"
    assert said(web) == [first, lunch, note, elsewhere]
    assert said(web, "sort=when") == [elsewhere, note, lunch, first]
    assert said(web, "author=me") == [first]
    assert said(web, f"author={other.public_id}&kind=note") == [note]
    assert said(web, "period=week") == [first, lunch]
    assert said(web, "since=2026-08-01&until=2026-10-31") == [note, elsewhere]
    assert said(web, "mood=bad") == [first]
    assert said(web, "mood=good") == [lunch]
    assert said(web, f"client={client.public_id}&q=LUNCH") == [lunch]
    assert said(web, "since=nonsense&kind=x&period=y") == [first, lunch, note, elsewhere]


def test_pages_go_by_what_stands_at_their_edge_to_the_end_and_back(web):
    client = make_client(owner=web.user)
    for number in range(120):
        make_interaction(client=client, body=str(number), happened_at=NOW - timedelta(minutes=number // 3))
    pages, answer = [], web.get("/log/all/")
    while True:
        pages.append([row.id for row in answer.context["rows"]])
        after = answer.context["page"].after
        if not after:
            break
        answer = web.get("/log/all/", {"after": after})

    back = web.get("/log/all/", {"before": answer.context["page"].before})

    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({row for page in pages for row in page}) == 120
    assert [row.id for row in back.context["rows"]] == pages[1]


@pytest.mark.parametrize("address", ["/people/", "/log/all/", "/clients/"])
def test_a_closed_client_is_in_no_list_count_or_search_of_others(web, address):
    mate = make_user(name="Team Mate")
    closed = make_client(name="Xyzzy Holdings", owner=web.user, visibility="team_only", team=[mate])
    make_interaction(client=closed, contacts=[make_contact(client=closed, name="Sybil Xyzzy")], body="Of xyzzy.")
    counts = {}

    for who in (web.user, mate, make_manager(), make_user(name="Outsider")):
        answers = [browser_of(who).get(address + query) for query in ("", "?q=xyzzy", f"?client={closed.public_id}")]
        counts[who.name] = [len(answer.context["rows"]) for answer in answers], "Xyzzy" in answers[0].text

    assert [seen for _rows, seen in counts.values()] == [True, True, True, False]
    assert counts["Outsider"][0] == [0, 0, 0]


def test_an_empty_filter_says_what_was_asked_for(web):
    assert "Nobody matches “Bristol”, Finance." in web.get("/people/?q=Bristol&part=finance").text
    assert "Nothing logged matches “Bristol”, Call." in web.get("/log/all/?q=Bristol&kind=call").text


@pytest.mark.parametrize("address", ["/clients/", "/people/", "/log/all/"])
def test_each_list_leads_to_the_two_others_on_every_width(web, address):
    page = web.get(address).content.decode()
    switch = page[page.index('<nav class="seg" aria-label="Lists">') :]
    switch = switch[: switch.index("</nav>")]

    assert [part.split('"')[0] for part in switch.split('href="')[1:]] == ["/clients/", "/people/", "/log/all/"]
    assert f'<a href="{address}" aria-current="page">' in switch
    assert "wide" not in switch
