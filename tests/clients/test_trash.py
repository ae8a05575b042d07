from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients import trash
from clients.files import store
from clients.models import Client, Contact, Interaction, Request
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(web):
    return make_client(name="Tidewell Water", owner=web.user)


def ask(client, *, text="When?"):
    return Request.objects.ask(client=client, by=client.owner, now=timezone.now(), text=text)


def removed(web, client):
    """One of each kind in the trash."""
    entry = make_interaction(client=client, body="We spoke of xyzzy.")
    web.post(reverse("interaction_remove", args=[entry.public_id]))
    asked = ask(client)
    asked.remove(by=web.user, now=timezone.now())
    person = make_contact(client=client, name="Rosa Delgado")
    web.post(reverse("contact_remove", args=[client.public_id, person.public_id]))
    return entry, asked, person


def test_what_was_removed_lies_there_with_who_did_it_and_comes_back(web, client_of):
    entry, asked, person = removed(web, client_of)

    found = [(one.kind, one.record, one.client, one.who) for one in trash.trash(web.user)[0]]
    assert found == [
        ("contact", person, client_of, web.user),
        ("request", asked, client_of, web.user),
        ("entry", entry, client_of, web.user),
    ]

    page = web.get(reverse("trash")).content.decode()
    assert "We spoke of xyzzy." in page
    for kind, record in (("entry", entry), ("request", asked), ("contact", person)):
        web.post(reverse("trash_restore", args=[kind, record.public_id]))
    assert trash.trash(web.user)[0] == []
    person.refresh_from_db()
    assert (person.left_at, person.deleted_at) == (None, None)


def test_only_who_may_write_the_client_finds_it_there(web, client_of):
    entry, _asked, _person = removed(web, client_of)
    outsider = browser_of(make_user())

    assert "xyzzy" not in outsider.get(reverse("trash")).content.decode()
    assert outsider.post(reverse("trash_restore", args=["entry", entry.public_id])).status_code == 404
    assert outsider.post(reverse("trash_restore", args=["nothing", entry.public_id])).status_code == 404
    Client.objects.filter(pk=client_of.pk).update(visibility="team_only")
    assert "xyzzy" not in outsider.get(reverse("trash")).content.decode()
    assert "xyzzy" in browser_of(make_manager()).get(reverse("trash")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_often_for_many_as_for_one(web, client_of, rows, django_assert_max_num_queries):
    for _ in range(rows):
        removed(web, client_of)

    with django_assert_max_num_queries(21):
        web.get(reverse("trash"))


def test_who_has_a_history_with_us_has_left_and_is_not_removed(web, client_of):
    person = make_contact(client=client_of, name="Rosa Delgado")
    make_promise(client=client_of, contact=person)

    page = web.post(reverse("contact_remove", args=[client_of.public_id, person.public_id]), follow=True)

    assert "Rosa Delgado has 1 promise here. Say that they have left instead" in page.content.decode()
    person.refresh_from_db()
    assert person.deleted_at is None


def test_who_is_in_the_trash_is_nowhere_else(web, client_of):
    _entry, _asked, person = removed(web, client_of)
    web.get(reverse("trash"))

    assert person.name not in web.get(reverse("client_people", args=[client_of.public_id])).content.decode()
    assert web.get(reverse("contact_edit", args=[client_of.public_id, person.public_id])).status_code == 404


def test_after_thirty_days_it_goes_for_good_with_how_it_read(clock, web, client_of):
    entry, asked, person = removed(web, client_of)

    assert trash.purge(NOW + timedelta(days=29)) == 0
    assert trash.purge(NOW + timedelta(days=31)) == 3

    for model, record in ((Interaction, entry), (Request, asked), (Contact, person)):
        assert not model.objects.filter(pk=record.pk).exists()
        assert not model.history.filter(id=record.pk).exists()


def test_somebody_named_since_has_left_and_stays(clock, web, client_of):
    person = make_contact(client=client_of)
    person.remove(now=NOW)
    make_promise(client=client_of, contact=person)

    trash.purge(NOW + timedelta(days=31))

    person.refresh_from_db()
    assert (person.deleted_at, person.left_at) == (None, NOW)


def test_how_something_removed_read_is_for_who_may_bring_it_back(web, client_of):
    entry, asked, _person = removed(web, client_of)
    reader = browser_of(make_user())

    for kind, record in (("entry", entry), ("request", asked)):
        address = reverse("history", args=[kind, record.public_id])
        assert [one.get(address).status_code for one in (reader, web, browser_of(make_manager()))] == [404, 200, 200]
        record.refresh_from_db()
        record.restore()
        assert reader.get(address).status_code == 200


def test_every_removed_thing_is_found_page_by_page_and_back_again(clock, web, client_of):
    gone = {"entry": [], "request": [], "contact": [], "file": []}
    entry = make_interaction(client=client_of)
    for minute in range(3):
        at = NOW + timedelta(minutes=minute // 2)  # two of each kind in the same moment
        gone["entry"].append(make_interaction(client=client_of, body=f"Entry {minute}"))
        gone["request"].append(ask(client_of, text=f"Request {minute}"))
        gone["contact"].append(make_contact(client=client_of, name=f"Person {minute}"))
        content = ContentFile(b"%PDF-1.4 x", name=f"File {minute}.pdf")
        gone["file"].append(store.keep(content, by=web.user, now=NOW, interaction=entry))
        for records in gone.values():
            records[-1].remove(by=web.user, now=at)
    elsewhere = make_interaction(client=make_client(visibility="team_only"))
    elsewhere.remove(by=elsewhere.author, now=NOW)

    pages, edges = [], {}
    for _page in range(5):
        found, page = trash.trash(web.user, size=5, **edges)
        pages.append([(one.kind, one.record.pk) for one in found])
        edges = {"after": page.after}
        if not page.after:
            break
    back = trash.trash(web.user, size=5, before=page.before)[0]

    there = {(kind, record.pk) for kind, records in gone.items() for record in records}
    assert [len(page) for page in pages] == [5, 5, 2]
    assert {one for page in pages for one in page} == there
    assert [(one.kind, one.record.pk) for one in back] == pages[1]
    for kind, records in gone.items():
        assert {one.record for one in trash.trash(web.user, only=kind)[0]} == set(records)


@pytest.mark.parametrize("only", ["", "entry", "request", "contact", "file"])
def test_a_page_of_one_kind_asks_no_more_for_fifty_than_for_one(web, client_of, only):
    counted = []
    for _ in range(2):
        for _more in range(3):
            removed(web, client_of)
        with CaptureQueriesContext(connection) as asked:
            answer = web.get(reverse("trash"), {"only": only})
        counted.append(len(asked))

    assert answer.status_code == 200
    assert counted[0] == counted[1]
    assert counted[0] <= 20


def test_bringing_back_leads_to_the_same_kind_and_words_that_are_no_page_to_the_first(web, client_of):
    entry, _asked, _person = removed(web, client_of)
    address = reverse("trash_restore", args=["entry", entry.public_id])

    assert f"{address}?only=entry" in web.get(reverse("trash"), {"only": "entry"}).content.decode()
    assert web.post(f"{address}?only=entry").url == f"{reverse('trash')}?only=entry"
    for query in ({"after": "nonsense"}, {"only": "nonsense"}, {"before": "W10"}):
        answer = web.get(reverse("trash"), query)
        assert [one.kind for one in answer.context["removed"]] == ["contact", "request"]
