from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clients import trash
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

    found = [(one.kind, one.record, one.client, one.who) for one in trash.trash(web.user)]
    assert found == [
        ("contact", person, client_of, web.user),
        ("request", asked, client_of, web.user),
        ("entry", entry, client_of, web.user),
    ]

    page = web.get(reverse("trash")).content.decode()
    assert "We spoke of xyzzy." in page
    for kind, record in (("entry", entry), ("request", asked), ("contact", person)):
        web.post(reverse("trash_restore", args=[kind, record.public_id]))
    assert trash.trash(web.user) == []
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
