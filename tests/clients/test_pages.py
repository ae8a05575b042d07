"""Every page of the room opens for the person it is for."""

import pytest

from tests.make import make_client, make_contact, make_interaction

pytestmark = pytest.mark.django_db


def test_every_page_opens(web):
    client = make_client(name="Tidewell Water", owner=web.user, city="Leeds", website="tidewell.example")
    rosa = make_contact(client=client, name="Rosa Delgado", phone="0113 496 0101")
    entry = make_interaction(client=client, contacts=[rosa])
    root = f"/clients/{client.public_id}/"

    addresses = [
        "/clients/",
        "/clients/?q=tide&owner=me&stage=active&sort=-contact&page=9",
        "/clients/new/",
        root,
        root + "?kind=contacts",
        *(root + page for page in ("edit/", "archive/", "history/", "timeline/", "hand-over/", "team/", "people/")),
        root + "people/new/",
        f"{root}people/{rosa.public_id}/",
        "/log/",
        f"/log/?client={client.public_id}",
        f"/log/{entry.public_id}/",
        "/log/clients/?client_name=tide",
        "/clients/export.csv",
    ]

    assert {address: web.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)
