"""What promises add to the page of a person at a client: what is open between them and us."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def card(browser, person):
    """[(direction, what, when)…] as the page shows them."""
    parts = [
        part for part in browser.get(person.get_absolute_url()).context["parts"] if "promises/" in part["template"]
    ]
    return [(promise.direction, promise.what, due.words) for part in parts for promise, due in part["known"]["lines"]]


def test_the_card_shows_what_is_open_both_ways_with_the_first_due_on_top(web):
    rosa = make_contact(client=make_client(owner=web.user), name="Rosa Delgado")
    known = {"client": rosa.client, "now": NOW}
    make_promise(contact=rosa, what="Send the plan", due_at=NOW + 9 * DAY, **known)
    make_promise(contact=rosa, what="Name an auditor", ours=False, due_at=NOW - 2 * DAY, **known)
    make_promise(contact=rosa, what="Kept by now", **known).keep(by=web.user, now=NOW)
    make_promise(contact=make_contact(client=rosa.client), what="To somebody else", **known)
    make_promise(what="To nobody by name", **known)

    html = web.get(rosa.get_absolute_url()).content.decode()

    assert card(web, rosa) == [("theirs", "Name an auditor", "2 days late"), ("ours", "Send the plan", "Sat 28 Nov")]
    assert [words in html for words in ("Kept by now", "To somebody else", "To nobody by name")] == [True, False, False]


def test_its_link_lists_them_and_others_keep_the_filter(web):
    rosa = make_contact(client=make_client(owner=web.user), name="Rosa Delgado")
    for number in range(8):
        make_promise(client=rosa.client, contact=rosa, what=f"Plan {number}", now=NOW, due_at=NOW + (1 + number) * DAY)
    make_promise(client=rosa.client, what="To nobody by name", now=NOW)
    url = f"{reverse('promises')}?contact={rosa.public_id}"

    shown = web.get(url)

    assert f'href="{url}"' in unescape(web.get(rosa.get_absolute_url()).content.decode())
    assert [what for _side, what, _when in card(web, rosa)] == [f"Plan {number}" for number in range(6)]
    assert [row.promise.what for row in shown.context["rows"]] == [f"Plan {number}" for number in range(8)]
    assert [(str(words), url) for words, url in shown.context["chips"]] == [("Rosa Delgado", f"{reverse('promises')}?")]
    assert shown.context["hidden_pairs"] == [("contact", rosa.public_id)]
    assert web.get(url + "&state=kept").context["filters"].in_words == "Rosa Delgado, Kept"


def test_somebody_with_nothing_open_has_no_card(web):
    rosa = make_contact(client=make_client(owner=web.user))
    make_promise(client=rosa.client, contact=rosa, now=NOW).keep(by=web.user, now=NOW)

    assert "promised-t" not in web.get(rosa.get_absolute_url()).content.decode()


def test_people_of_a_hidden_client_are_nobody_for_the_list(web):
    hush = make_client(name="Hush Holdings", visibility="team_only")
    rosa = make_contact(client=hush, name="Rosa Delgado")
    make_promise(client=hush, contact=rosa, what="Secret plan", now=NOW)
    url = f"{reverse('promises')}?contact={rosa.public_id}"

    outside, inside, manager = web.get(url), browser_of(hush.owner).get(url), browser_of(make_manager()).get(url)

    assert [len(page.context["rows"]) for page in (outside, inside, manager)] == [0, 1, 1]
    assert [words in outside.content.decode() for words in ("Rosa", "Secret plan", "Hush")] == [False, False, False]
    assert "somebody who is not here" in outside.content.decode()
    assert web.get(rosa.get_absolute_url()).status_code == 404
    for browser in (browser_of(hush.owner), browser_of(make_manager())):
        assert [what for _side, what, _when in card(browser, rosa)] == ["Secret plan"]


def test_the_page_of_a_person_costs_the_same_for_any_number(web):
    def queries(number, owner):
        rosa = make_contact(client=make_client(owner=owner))
        for _ in range(number):
            make_promise(client=rosa.client, contact=rosa, now=NOW)
        web.get(rosa.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            web.get(rosa.get_absolute_url())
        return len(asked)

    counts = {queries(number, owner) for number in (1, 3, 9) for owner in (web.user,)}
    others = {queries(number, make_user()) for number in (1, 3)}
    assert (len(counts), len(others)) == (1, 1)
    assert max(counts | others) <= 12
