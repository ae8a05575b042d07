"""A client that is for its team only does not exist for anybody else."""

import pytest
from django.urls import reverse

from clients.models import Client, Contact, Interaction
from tests.conftest import browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret():
    client = make_client(name="Secret Holdings", owner=make_user(), team=[make_user()], visibility="team_only")
    person = make_contact(client=client, name="Sybil Secret", email="sybil@secret.example")
    make_interaction(client=client, contacts=[person], body="Secret words")
    return client


def addresses_of(client):
    """Every address of this room that names the client, its people or an entry (tests/test_access.py walks all)."""
    person, entry, member = client.contacts.get(), client.interactions.get(), client.team_members.get()
    wanted = {
        ("public_id",): {"clients": client.public_id, "log": entry.public_id},
        ("public_id", "person_id"): [client.public_id, person.public_id],
        ("public_id", "user_id"): [client.public_id, member.user.public_id],
        ("public_id", "other_id"): [client.public_id, client.public_id],
    }
    import clients.urls

    found = []
    for pattern in clients.urls.urlpatterns:
        names = tuple(pattern.pattern.converters)
        values = wanted.get(names)
        if isinstance(values, dict):
            room = str(pattern.pattern).partition("/")[0]
            values = [values[room]] if room in values else None
        if values is None:
            continue
        found.append(reverse(pattern.name, args=values))
    return found


def test_every_address_answers_404_to_others_and_lets_the_team_in(web, secret):
    addresses = addresses_of(secret)
    assert len(addresses) >= 17

    for address in addresses:
        assert web.get(address).status_code in (404, 405), address
        assert web.post(address, {"user": "x", "owner": "x"}).status_code in (404, 405), address
        assert 404 in (web.get(address).status_code, web.post(address).status_code), address

    for person in (secret.owner, secret.team_members.get().user, make_manager()):
        browser = browser_of(person)
        assert {address for address in addresses if browser.get(address).status_code == 404} == set()


def test_lists_counts_exports_search_and_autocompletes_do_not_know_it(web, secret):
    make_client(name="Open House", owner=web.user)

    assert [line.client.name for line in web.get("/clients/").context["lines"]] == ["Open House"]
    assert web.get("/clients/").context["count"] == 1
    for address in (
        "/clients/?q=secret",
        "/clients/?q=sybil",
        "/clients/?archived=yes",
        "/clients/export.csv",
        "/log/clients/?client_name=secret",
        f"/log/?client={secret.public_id}",
        "/log/?client_name=secret",
    ):
        answer = web.get(address)
        text = answer.getvalue().decode() if answer.streaming else answer.text
        assert "Secret Holdings" not in text, address
        assert "Sybil" not in text, address
    owners = [public_id for public_id, _name in web.get("/clients/").context["listing"].owners]
    assert secret.owner.public_id not in owners


def test_the_composer_neither_guesses_nor_logs_for_it(web, secret):
    guessed = web.post("/log/guess/", {"client": secret.public_id, "body": "Sybil rang"})
    logged = web.post("/log/", {"client": secret.public_id, "body": "Sybil rang"})

    assert "Secret" not in guessed.text
    assert (logged.status_code, Interaction.objects.count()) == (422, 1)


def test_adding_the_same_name_does_not_give_it_away(web, secret):
    answer = web.post(
        "/clients/new/",
        {
            "name": "Secret Holdings Ltd", "kind": "client", "stage": "active", "visibility": "open",
            "owner": web.user.pk, "time_zone": "Europe/London",
        },
    )  # fmt: skip

    assert answer.status_code == 302


def test_querysets_agree(secret):
    stranger, manager = make_user(), make_manager()

    seen = {
        person: [
            Client.objects.visible_to(person).count(),
            Client.objects.writable_by(person).count(),
            Contact.objects.visible_to(person).search("sybil").count(),
            Interaction.objects.visible_to(person).count(),
        ]
        for person in (stranger, manager, secret.owner, secret.team_members.get().user)
    }

    assert list(seen.values()) == [[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]


def test_an_open_client_is_read_by_all_and_written_by_its_team(web):
    client = make_client(name="Open House")
    entry = make_interaction(client=client, contacts=[make_contact(client=client)], body="Said aloud")

    page = web.get(client.get_absolute_url()).text
    assert "Said aloud" in page
    assert entry.get_absolute_url() in page
    read = web.get(entry.get_absolute_url())
    assert read.status_code == 200
    assert "Said aloud" in read.text
    assert 'id="id_body"' not in read.text  # to read, not to correct
    assert web.post(entry.get_absolute_url(), {"body": "Not theirs", "version": 1}).status_code == 403
    entry.refresh_from_db()
    assert entry.body == "Said aloud"
    assert "Log a contact" not in page.partition("<main")[2].partition("</main>")[0]
    for page in ("edit/", "archive/", "hand-over/", "people/new/"):
        assert web.get(client.get_absolute_url() + page).status_code == 404


def test_nobody_signed_out_sees_anything(client, secret):
    assert {client.get(address).status_code for address in [*addresses_of(secret), "/clients/", "/log/"]} <= {302, 405}
