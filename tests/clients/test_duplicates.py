import pytest
from django.urls import reverse

from clients import duplicates
from clients.models import NotTheSame
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_user

pytestmark = pytest.mark.django_db


def told(user, **asked):
    return [(alike.record.name, alike.reasons) for alike in duplicates.clients_like(user, **asked)]


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        ({"name": "TIDEWELL WÁTER Ltd."}, ["same name"]),
        ({"name": "Tidewel Water"}, ["nearly the same name"]),
        ({"name": "Something", "website": "www.tidewell.example/about"}, ["same web address, tidewell.example"]),
        ({"email": "rosa@tidewell.example"}, ["same web address, tidewell.example"]),
        (
            {"name": "Tidewell Water", "website": "tidewell.example"},
            ["same web address, tidewell.example", "same name"],
        ),
    ],
)
def test_what_is_alike_is_said(asked, reasons):
    make_client(name="Tidewell Water Ltd", website="https://tidewell.example")
    make_client(name="Harbour & Sons", website="harbour.example")

    assert told(make_user(), **asked) == [("Tidewell Water Ltd", reasons)]


@pytest.mark.parametrize("asked", [{}, {"name": "Ti"}, {"name": "Wholly Other"}, {"email": "a@gmail.com"}])
def test_what_is_not_alike_is_not_said(asked):
    make_client(name="Tidewell Water", website="gmail.com")

    assert told(make_user(), **asked) == []


def test_of_a_client_one_may_not_see_nothing_at_all_is_said():
    owner, outsider = make_user(), make_user()
    hidden = make_client(name="Tidewell Water", website="tidewell.example", owner=owner, visibility="team_only")
    make_contact(client=hidden, name="Rosa Delgado", email="rosa@tidewell.example")
    mine = make_client(owner=outsider)
    page = browser_of(outsider)
    asked = {"name": "Tidewell Water", "website": "tidewell.example", "email": "rosa@tidewell.example"}

    assert page.get(reverse("clients_alike"), asked).content.strip() == b""
    asked["name"] = "Rosa Delgado"
    assert page.get(reverse("contact_alike", args=[mine.public_id]), asked).content.strip() == b""
    assert told(owner, name="Tidewell Water") == [("Tidewell Water", ["same name"])]
    assert told(make_manager(), name="Tidewell Water") == [("Tidewell Water", ["same name"])]


def test_while_typing_a_person_it_is_said_who_has_that_address_already(web):
    client = make_client(owner=web.user)
    other = make_client(name="Harbour")
    make_contact(client=other, name="Rosa Delgado", email="rosa@x.example")
    make_contact(client=client, name="Sam Okoro")

    page = web.get(
        reverse("contact_alike", args=[client.public_id]), {"name": "Sam Okoró", "email": "ROSA@x.example"}
    ).content.decode()

    assert "Rosa Delgado" in page
    assert "same e-mail address" in page
    assert "Harbour" in page
    assert "Sam Okoro" in page
    assert "same name" in page


def test_adding_it_anyway_is_remembered(web):
    known = make_client(name="Tidewell Water")
    fields = {"name": "Tidewell Water", "kind": "client", "stage": "active", "owner": web.user.pk}
    fields |= {"visibility": "open", "time_zone": "Europe/London"}

    refused = web.post(reverse("client_new"), fields)
    web.post(reverse("client_new"), {**fields, "anyway": "1"})

    assert refused.status_code == 422
    assert "same name" in refused.content.decode()
    assert [(pair.one, pair.other.name) for pair in NotTheSame.objects.all()] == [(known, "Tidewell Water")]


def test_likely_doubles_are_for_managers(web, manager_web):
    one = make_client(name="Tidewell Water", owner=web.user)
    other = make_client(name="Tidewell Water Ltd", owner=web.user)
    make_client(name="Harbour", website="harbour.example")
    make_client(name="Quay Street", website="www.harbour.example")
    make_client(name="Wholly Other")

    found = [{pair.one.name, pair.other.name} for pair in duplicates.likely_doubles(manager_web.user)]

    assert found == [{"Harbour", "Quay Street"}, {"Tidewell Water", "Tidewell Water Ltd"}]
    assert web.get(reverse("doubles")).status_code == 404
    assert "Tidewell Water Ltd" in manager_web.get(reverse("doubles")).content.decode()

    manager_web.post(reverse("client_different", args=[one.public_id, other.public_id]), {"from": "doubles"})
    assert "Tidewell Water Ltd" not in manager_web.get(reverse("doubles")).content.decode().split("stand")[0].split(
        "<main"
    )[1].replace("Tidewell Water and Tidewell Water Ltd are two", "")


def test_neighbours_in_the_alphabet_that_are_nearly_the_same_are_likely_doubles():
    make_client(name="Brightwater Housing")
    make_client(name="Brightwater Housings")
    make_client(name="Carrow")

    (pair,) = duplicates.likely_doubles(make_manager())

    assert ({pair.one.name, pair.other.name}, pair.reasons) == (
        {"Brightwater Housing", "Brightwater Housings"},
        ["nearly the same name"],
    )


def test_two_said_to_be_different_are_not_offered_again():
    one, other = make_client(name="Tidewell"), make_client(name="Tidewell Ltd")
    manager = make_manager()
    duplicates.are_different(other, one, by=manager, now=NOW)
    duplicates.are_different(one, other, by=manager, now=NOW)

    assert duplicates.clients_like(manager, name="Tidewell", besides=one) == []
    assert duplicates.likely_doubles(manager) == []
