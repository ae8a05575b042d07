"""What promises add to the page of a client."""

from datetime import timedelta

import pytest

from accounts import handover as leaving
from clients import standing, timeline
from promises import client_page, handover
from promises.models import Promise
from tests.conftest import NOW
from tests.make import make_administrator, make_client, make_contact, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def test_both_halves_show_open_ones_by_date_and_the_last_that_ended(web):
    client = make_client(owner=web.user)
    make_promise(client=client, what="Later", now=NOW, due_at=NOW + 9 * DAY)
    make_promise(client=client, what="Sooner", now=NOW)
    make_promise(client=client, what="Kept", now=NOW).keep(by=web.user, now=NOW)
    make_promise(client=client, what="Theirs", now=NOW, ours=False)
    make_promise(what="Another client’s", now=NOW)

    ours, theirs = client_page.both_ways(client, web.user, NOW)["halves"]

    assert [row.promise.what for row in ours["rows"]] == ["Sooner", "Later", "Kept"]
    assert [row.promise.what for row in theirs["rows"]] == ["Theirs"]
    assert (ours["count"], theirs["count"]) == (2, 1)


def test_the_page_shows_them(web):
    client = make_client(owner=web.user)
    make_promise(client=client, what="Fixed fee for the audit", now=NOW, due_at=NOW - 2 * DAY)

    page = web.get(client.get_absolute_url()).content.decode()

    assert "Promises, both ways" in page
    assert "Fixed fee for the audit" in page
    assert "1 promise 2 days late" in page


def test_reasons_name_what_is_late_and_what_was_kept():
    clean, late = make_client(), make_client()
    make_promise(client=clean, now=NOW - 9 * DAY, due_at=NOW - 5 * DAY).keep(by=clean.owner, now=NOW - 6 * DAY)
    make_promise(client=late, now=NOW, due_at=NOW - 2 * DAY)
    make_promise(client=late, now=NOW, due_at=NOW - DAY, ours=False)

    def said(client):
        return [(reason.level, reason.text) for reason in client_page.reasons(client, client.owner, NOW)]

    assert said(clean) == [(standing.KEPT, "1 of 1 promises kept this year")]
    assert said(late) == [(standing.LATE, "1 promise 2 days late"), (standing.SOON, "1 promise of theirs late")]


def told(*asked):
    later = client_page.story_source(*asked)
    return later.entries(*(question.rows() for question in later.questions))


def test_the_timeline_tells_what_became_of_a_promise():
    contact = make_contact(name="Rosa Delgado")
    promise = make_promise(client=contact.client, contact=contact, what="Send the note", now=NOW)
    promise.keep(by=promise.owner, now=NOW + DAY, contact=contact, how="call")
    promise.comment(by=promise.owner, now=NOW + DAY, text="Not news.")

    entries = told(contact.client, promise.owner, timeline.Asked(30))

    assert [(entry.actor, entry.words, entry.thing) for entry in entries] == [
        ("Rosa Delgado", "said it is what was promised:", "Send the note"),
        (promise.owner.name, "wrote this down:", "Send the note"),
    ]
    later = timeline.Asked(30, before=timeline.Place(NOW + timedelta(hours=1)))
    assert told(contact.client, promise.owner, later) == entries[1:]
    assert timeline.page(contact.client, user=promise.owner, kind="contacts").entries == []
    assert timeline.page(contact.client, user=promise.owner).entries == entries


def test_open_promises_go_with_the_person_who_leaves():
    leaver, heir, boss = make_user(), make_user(), make_administrator()
    client = make_client(owner=heir)
    mine = make_promise(client=client, owner=leaver, now=NOW)
    kept = make_promise(client=client, owner=leaver, now=NOW)
    kept.keep(by=leaver, now=NOW)
    assert [number for _label, number in leaving.belongings(leaver)] == [1]

    leaving.leave(leaver, to=heir, by=boss, now=NOW)

    mine.refresh_from_db()
    kept.refresh_from_db()
    assert (mine.owner, kept.owner) == (heir, leaver)
    assert mine.events.last().kind == "handed_over"


def test_open_promises_go_with_the_client():
    client, heir = make_client(), make_user()
    stays = make_promise(client=client, owner=make_user(), now=NOW)
    goes = make_promise(client=client, now=NOW)

    handover.move_with_client(client, old=client.owner, to=heir, by=client.owner, now=NOW)

    assert set(Promise.objects.of(heir)) == {goes}
    assert stays.owner != heir


@pytest.mark.parametrize("count", [1, 3])
def test_the_section_costs_the_same_for_any_length(count, django_assert_num_queries):
    client = make_client()
    for _ in range(count):
        contact = make_contact(client=client)
        make_promise(client=client, contact=contact, now=NOW)
        make_promise(client=client, contact=contact, now=NOW, ours=False).keep(by=client.owner, now=NOW)

    with django_assert_num_queries(2):
        for half in client_page.both_ways(client, client.owner, NOW)["halves"]:
            [(row.due, row.ended, row.promise.promisor_contact) for row in half["rows"]]


def test_handing_the_client_over_on_its_page_takes_the_open_promises_along(web):
    client, heir = make_client(owner=web.user), make_user()
    promise = make_promise(client=client, now=NOW)

    web.post(f"/clients/{client.public_id}/hand-over/", {"owner": heir.public_id})

    promise.refresh_from_db()
    client.refresh_from_db()
    assert (client.owner, promise.owner) == (heir, heir)
