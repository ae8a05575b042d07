"""Adding, editing, archiving and handing over a client; its team, people and history."""

import uuid

import pytest

from clients import page, timeline
from clients.models import Client, Contact
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_promise, make_user

pytestmark = pytest.mark.django_db


def filled(user, **fields):
    return {
        "name": "Tidewell Water",
        "kind": "client",
        "stage": "active",
        "visibility": "open",
        "owner": user.pk,
        "time_zone": "Europe/London",
        **fields,
    }


def typed(answer):
    """What a browser would send of a form as it was shown."""
    form = answer.context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


def test_adding_a_client_keeps_all_fields(web):
    web.post(
        "/clients/new/",
        filled(web.user, tags="audit, utility ,audit", website="https://www.tidewell.example/x", annual_value="420000",
               currency="gbp", value_band="A", rhythm_days="10", partner_since="2019-03-01", time_zone="berlin"),
    )  # fmt: skip

    client = Client.objects.get()
    assert client.tags == ["audit", "utility"]
    assert (client.web_domain, client.currency, client.time_zone) == ("tidewell.example", "GBP", "Europe/Berlin")
    assert client.history.get().history_user == web.user


def test_a_double_click_adds_one(web):
    data = filled(web.user, idempotency_key=str(uuid.uuid4()), anyway="1")

    answers = [web.post("/clients/new/", data) for _ in range(2)]

    assert Client.objects.count() == 1
    assert [answer.headers["Location"] for answer in answers] == [Client.objects.get().get_absolute_url()] * 2


def test_a_double_click_adds_one_person_even_without_an_address(web):
    client = make_client(owner=web.user)
    data = {"name": "Rosa", "survey_part": "other", "language": "en-gb", "idempotency_key": str(uuid.uuid4())}

    for _ in range(2):
        web.post(client.get_absolute_url() + "people/new/", data)

    assert Contact.objects.get().name == "Rosa"


@pytest.mark.parametrize("known", [{"name": "TIDEWELL WATER Ltd."}, {"name": "Other", "website": "tidewell.example"}])
def test_a_likely_double_is_shown_first_and_can_be_added_anyway(web, known):
    make_client(**known)
    data = filled(web.user, website="http://www.tidewell.example")

    asked = web.post("/clients/new/", data)
    added = web.post("/clients/new/", {**data, "anyway": "1"})

    assert (asked.status_code, added.status_code) == (422, 302)
    assert "Is it one of these?" in asked.text
    assert Client.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a\0b"}, "NUL character"),
        ({"name": "x" * 201}, "At most 200 characters"),
        ({"website": "javascript:alert(1)"}, "Type a web address"),
        ({"partner_since": "2024-13-45"}, "Enter a valid date"),
        ({"partner_since": "0024-01-01"}, "between 1900 and 2200"),
        ({"annual_value": "5"}, "Say in which currency"),
        ({"rhythm_days": "0"}, "greater than or equal to 1"),
        ({"time_zone": "Atlantis"}, "We know no time zone"),
        ({"owner": "999999"}, "Select a valid choice"),
        ({"tags": ",".join(map(str, range(30)))}, "Keep it to 20 tags"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(web, fields, words):
    answer = web.post("/clients/new/", filled(web.user, city="Leeds", **fields))

    assert answer.status_code == 422
    assert words in answer.text.replace("&#x27;", "'")
    assert 'value="Leeds"' in answer.text
    assert not Client.objects.exists()


@pytest.mark.parametrize("name", ["🎉 & Söhne", "שלום", "<b>x</b>", "O’Neill"])
def test_any_name_people_have_is_a_name(web, name):
    web.post("/clients/new/", filled(web.user, name=name))

    assert Client.objects.get().name == name
    assert web.get(Client.objects.get().get_absolute_url()).status_code == 200


def test_a_stale_save_shows_both_versions_and_saves_neither(web):
    client = make_client(name="Tidewell", owner=web.user, city="Leeds")
    address = client.get_absolute_url() + "edit/"
    data = {**typed(web.get(address)), "city": "York"}
    web.post(address, {**typed(web.get(address)), "city": "Hull"})

    answer = web.post(address, data)

    client.refresh_from_db()
    assert (answer.status_code, client.city, client.version) == (409, "Hull", 2)
    assert "York" in answer.text
    assert "Hull" in answer.text


def test_the_history_says_who_changed_what(web):
    client = make_client(name="Tidewell", owner=web.user, city="Leeds")
    address = client.get_absolute_url() + "edit/"
    web.post(address, {**typed(web.get(address)), "city": "Hull"})
    tom = make_user(name="Tom Okafor")
    web.post(client.get_absolute_url() + "hand-over/", {"owner": tom.public_id})
    client.refresh_from_db()
    client.owner = web.user
    client.save()

    story = web.get(client.get_absolute_url() + "history/").context["happenings"]

    told = [(h.who, d.label, d.old, d.new) for h in story for d in h.differences]
    assert (web.user, "Owner", "Priya Raman", "Tom Okafor") in told
    assert (web.user, "City", "Leeds", "Hull") in told


def test_archive_and_bring_back(web, clock):
    client = make_client(name="Tidewell", owner=web.user)

    web.post(client.get_absolute_url() + "archive/")
    archived = web.get(client.get_absolute_url())
    web.post(client.get_absolute_url() + "bring-back/")

    assert "Archived on 19 November by Priya. Nothing here sends e-mail." in archived.text
    assert "What happened?" not in archived.text
    client.refresh_from_db()
    assert client.archived_at is None


def test_archiving_with_open_promises_is_asked_first(web, clock):
    client = make_client(name="Tidewell", owner=web.user)
    make_promise(client=client, owner=web.user)

    asked = web.post(client.get_absolute_url() + "archive/")
    web.post(client.get_absolute_url() + "archive/", {"sure": "1"})

    assert asked.status_code == 422
    assert "One promise is still open." in asked.text
    client.refresh_from_db()
    assert client.archived_at == NOW


def test_the_team_comes_and_goes(web):
    client = make_client(owner=web.user)
    tom = make_user(name="Tom Okafor")

    web.post(client.get_absolute_url() + "team/", {"user": tom.public_id, "part": "deputy"})
    joined = [(member.user, member.part) for member in client.team_members.all()]
    web.post(client.get_absolute_url() + f"team/{tom.public_id}/leave/")

    assert joined == [(tom, "deputy")]
    assert not client.team_members.exists()


def test_a_new_owner_plays_no_second_part(web):
    tom = make_user()
    client = make_client(owner=web.user, team=[tom], visibility="team_only")

    answer = web.post(client.get_absolute_url() + "hand-over/", {"owner": tom.public_id})

    client.refresh_from_db()
    assert (client.owner, list(client.team_members.all())) == (tom, [])
    assert answer.headers["Location"] == "/clients/"  # by this act it stopped being visible to who did it


def test_people_are_added_once_per_address(web):
    client = make_client(owner=web.user)
    address = client.get_absolute_url() + "people/new/"
    data = {
        "name": "Rosa Delgado",
        "email": "ROSA@tidewell.example",
        "survey_part": "decision_maker",
        "language": "en-gb",
    }

    first, second = web.post(address, data), web.post(address, data)

    assert (first.status_code, second.status_code) == (302, 422)
    assert "Somebody at this client has this address already." in second.text
    assert Contact.objects.get().email == "rosa@tidewell.example"


def test_somebody_who_left_is_kept_but_not_offered(web):
    client = make_client(owner=web.user)
    rosa = make_contact(client=client, name="Rosa Delgado")

    web.post(client.get_absolute_url() + f"people/{rosa.public_id}/left/")
    page_text = web.get(client.get_absolute_url()).text
    people_text = web.get(client.get_absolute_url() + "people/").text
    web.post(client.get_absolute_url() + f"people/{rosa.public_id}/back/")

    assert "Rosa Delgado" not in page_text.partition('id="people"')[2].partition("</section>")[0]
    assert "Works there again" in people_text
    rosa.refresh_from_db()
    assert rosa.left_at is None


def test_somebody_who_asked_us_to_stop_cannot_be_written_to_from_here(web):
    client = make_client(owner=web.user)
    make_contact(client=client, email="rosa@tidewell.example", mail_state="unsubscribed")

    text = web.get(client.get_absolute_url()).text

    assert "Asked us to stop" in text
    assert "mailto:" not in text


def test_the_timeline_pages_without_losing_or_repeating(web, clock):
    client = make_client(owner=web.user)
    for number in range(70):
        make_interaction(client=client, body=f"Entry {number}", happened_at=NOW.replace(minute=number % 3))

    seen, before = [], None
    while True:
        told = timeline.page(client, user=web.user, before=before, size=10)
        seen += [entry.key for entry in told.entries]
        if not told.older:
            break
        before = timeline.Place.read(told.older)

    assert len(seen) == len(set(seen)) == 70


@pytest.mark.parametrize("before", ["", "yesterday", "2026-13-01", "9" * 40, "2026-11-19T09:30:00"])
def test_a_made_up_place_in_the_timeline_is_no_error(web, before):
    client = make_client(owner=web.user)

    assert web.get(client.get_absolute_url() + "timeline/", {"before": before, "kind": "x"}).status_code == 200


def test_an_upper_room_hangs_its_section_in_the_page(web, monkeypatch):
    monkeypatch.setattr(page, "_sections", [])
    page.register_section(
        slot="side", order=1, template="components/_tag.html", context=lambda client, user, now: {"words": client.name}
    )
    page.register_section(slot="main", order=1, template="components/_tag.html", context=lambda *known: None)
    client = make_client(name="Tidewell", owner=web.user)

    assert '<span class="tag">Tidewell</span>' in web.get(client.get_absolute_url()).text


def test_clients_made_in_one_go_are_found_like_those_saved_one_by_one():
    owner = make_user()
    Client.objects.bulk_create([Client(name="Tidewell Water Ltd", website="https://www.tidewell.example", owner=owner)])

    assert [client.name for client in Client.objects.like(name="TIDEWELL WATER")] == ["Tidewell Water Ltd"]
    assert [client.name for client in Client.objects.like(name="Other", website="tidewell.example")] == [
        "Tidewell Water Ltd"
    ]
