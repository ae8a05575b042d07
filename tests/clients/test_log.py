"""Logging a contact: three moves, corrected in place, undone, never twice."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from clients.models import Interaction
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(web, clock):
    return make_client(name="Tidewell Water", owner=web.user)


def test_one_sentence_is_enough(web, client):
    rosa = make_contact(client=client, name="Rosa Delgado")

    answer = web.post("/log/", {"client": client.public_id, "body": "Rosa rang yesterday at 16:00"}, follow=True)

    entry = Interaction.objects.get()
    assert (entry.kind, entry.direction, entry.author) == ("call", "theirs", web.user)
    assert list(entry.contacts.all()) == [rosa]
    assert entry.happened_at == NOW.replace(day=18, hour=16, minute=0)
    assert [str(message) for message in answer.context["messages"]] == ["Logged a call with Rosa."]
    client.refresh_from_db()
    assert client.last_interaction_at == entry.happened_at


def test_a_double_click_logs_once(web, client):
    data = {"client": client.public_id, "body": "Rang", "idempotency_key": str(uuid.uuid4())}

    for _ in range(2):
        web.post("/log/", data)

    assert Interaction.objects.count() == 1


def test_what_somebody_corrected_stays_corrected(web, client):
    rosa, martin = make_contact(client=client, name="Rosa Delgado"), make_contact(client=client, name="Martin Yeo")

    web.post(
        "/log/",
        {
            "client": client.public_id,
            "body": "Rosa rang yesterday",
            "kind": "meeting",
            "guessed_kind": "call",
            "direction": "ours",
            "guessed_direction": "theirs",
            "contacts": [martin.public_id],
            "guessed_contacts": rosa.public_id,
            "happened_at": "2026-11-17T11:00",
            "guessed_at": "2026-11-18T12:00",
        },
    )

    entry = Interaction.objects.get()
    assert (entry.kind, entry.direction, list(entry.contacts.all())) == ("meeting", "ours", [martin])
    assert entry.happened_at == NOW.replace(day=17, hour=11, minute=0)


def test_the_guess_answers_chips_and_writes_nothing(web, client):
    make_contact(client=client, name="Rosa Delgado")

    answer = web.post("/log/guess/", {"client": client.public_id, "body": "Met Rosa on Tuesday"})

    assert 'value="meeting" data-send-label="Log meeting" checked' in answer.text
    assert "Rosa Delgado" in answer.text
    assert not Interaction.objects.exists()


def test_undo_takes_it_back_and_restores_when_we_were_in_touch(web, client):
    make_interaction(client=client, happened_at=NOW - timedelta(days=9))
    entry = make_interaction(client=client, happened_at=NOW)

    web.post(f"/log/{entry.public_id}/remove/")
    client.refresh_from_db()
    removed = client.last_interaction_at
    web.post(f"/log/{entry.public_id}/restore/")
    client.refresh_from_db()

    assert (removed, client.last_interaction_at) == (NOW - timedelta(days=9), NOW)


def test_a_note_is_no_contact(web, client):
    web.post("/log/", {"client": client.public_id, "body": "Note: year end moves"})

    client.refresh_from_db()
    assert (Interaction.objects.get().kind, client.last_interaction_at) == ("note", None)


def test_a_typed_name_finds_the_client_and_an_unclear_one_asks(web, client):
    make_client(name="Tidewater", owner=web.user)

    clear = web.post("/log/", {"client_name": "tidewell", "body": "Rang"})
    unclear = web.post("/log/", {"client_name": "tide", "body": "Rang them again"})

    assert clear.status_code == 302
    assert clear.url.endswith("#what")
    assert unclear.status_code == 422
    assert "Which client?" in unclear.text
    assert "Rang them again" in unclear.text
    assert Interaction.objects.count() == 1


def test_what_lies_ahead_is_refused_with_everything_kept(web, client):
    answer = web.post("/log/", {"client": client.public_id, "body": "Rang Rosa", "happened_at": "2026-12-01T10:00"})

    assert answer.status_code == 422
    assert "This lies ahead" in answer.text
    assert "Rang Rosa" in answer.text


@pytest.mark.parametrize("body", ["", "x\0y", "x" * 20001, "   "])
def test_bad_text_is_refused_in_words(web, client, body):
    answer = web.post("/log/", {"client": client.public_id, "body": body})

    assert (answer.status_code, Interaction.objects.count()) == (422, 0)


@pytest.mark.parametrize("body", ["🎉 rang", "אבג rang", "<script>alert(1)</script>"])
def test_unusual_text_is_text(web, client, body):
    web.post("/log/", {"client": client.public_id, "body": body})

    page = web.get(client.get_absolute_url()).text
    assert Interaction.objects.get().body == body
    assert "<script>alert" not in page


def test_an_edit_on_a_stale_copy_is_refused_with_both_versions(web, client):
    entry = make_interaction(client=client, body="First words")
    page = web.get(entry.get_absolute_url())
    form = page.context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, [])}
    typed |= {"body": "My words", "happened_at": "2026-11-19T09:30", "contacts": []}
    entry.edit(body="Their words")

    answer = web.post(entry.get_absolute_url(), typed)

    entry.refresh_from_db()
    assert (answer.status_code, entry.body) == (409, "Their words")
    assert "My words" in answer.text
    assert "Their words" in answer.text


def test_an_edit_keeps_how_it_read_before(web, client):
    entry = make_interaction(client=client, body="First words")

    entry.edit(body="Second words")

    assert "First words" in web.get(entry.get_absolute_url()).text


def test_only_those_who_work_for_a_client_log(web, clock):
    other = make_client(owner=make_user())

    answer = web.post("/log/", {"client": other.public_id, "body": "Rang"})

    assert (answer.status_code, Interaction.objects.count()) == (422, 0)


def test_logging_a_contact_stays_within_so_many_queries(web, django_assert_max_num_queries):
    contact = make_contact(client=make_client(owner=web.user, team=[make_user()]), name="Rosa Delgado")
    for n in range(20):
        make_interaction(client=contact.client, contacts=[contact], happened_at=NOW - timedelta(days=n + 1))
    typed = {"client": contact.client.public_id, "body": "Rosa rang about the schedule."}
    web.post(reverse("log"), {**typed, "idempotency_key": str(uuid.uuid4())})

    with django_assert_max_num_queries(12):  # four of them are the transaction's
        web.post(reverse("log"), {**typed, "idempotency_key": str(uuid.uuid4())})

    assert Interaction.objects.filter(client=contact.client, contacts=contact).count() == 22


@pytest.mark.parametrize(
    ("kind", "direction", "days", "then"),
    [
        ("call", "ours", 1, (1, 1)),
        ("email", "ours", 1, (1, 5)),
        ("email", "theirs", 1, (1, 1)),
        ("message", "theirs", 1, (1, 1)),
        ("note", "", 1, (3, 5)),
        ("call", "ours", 9, (3, 5)),
        ("visit", "", 4, (3, 4)),
    ],
)
def test_a_contact_more_says_when_we_were_last_in_touch(db, clock, kind, direction, days, then):
    client = make_client()
    make_interaction(client=client, kind="email", direction="ours", happened_at=NOW - timedelta(days=3))
    make_interaction(client=client, kind="meeting", happened_at=NOW - timedelta(days=5))

    make_interaction(client=client, kind=kind, direction=direction, happened_at=NOW - timedelta(days=days))

    expected = [NOW - timedelta(days=n) for n in then]
    assert [client.last_interaction_at, client.last_two_way_at] == expected
    client.refresh_from_db()
    assert [client.last_interaction_at, client.last_two_way_at] == expected
    client.note_contact()
    assert [client.last_interaction_at, client.last_two_way_at] == expected
