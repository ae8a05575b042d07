"""Requests found in what is logged: what they asked, and nothing else."""

from datetime import timedelta

import pytest

from clients import composer
from clients.models import Request
from clients.requests import suggest
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_request, make_user


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("They asked: can fieldwork move to January?", ["Can fieldwork move to January?"]),
        ("Rosa rang. She asked whether the fee covers travel.", ["Whether the fee covers travel"]),
        ("They asked what year two costs? And they asked who signs.", ["What year two costs?", "Who signs"]),
        ("Greg wants to know when the audit starts", ["When the audit starts"]),
        ("Rosa asked us “who signs off the return?”", ["Who signs off the return?"]),
        ("Sie fragten, ob der Termin steht.", ["Ob der Termin steht"]),
        ("She has asked for the slides", ["For the slides"]),
        ("I asked them for the figures.", []),
        ("We asked whether they are happy.", []),
        ("They asked nothing.", []),
        ("Nobody asked about the price.", []),
        ("Good call. All is well?", []),
        ("", []),
    ],
)
def test_what_they_asked_is_found(text, asked):
    found = [one.text for one in suggest.find(text)]
    assert [text.rstrip("?") for text in found] == [text.rstrip("?") for text in asked]


@pytest.mark.parametrize("text", ["They asked ASAP: who signs?", "Dringend! Sie fragte dringend nach dem Preis"])
def test_what_is_urgent_is_urgent(text):
    assert suggest.find(text)[-1].urgent


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_suggestion_that_is_ticked_is_written_down_once_with_its_entry():
    client = make_client()
    rosa = make_contact(client=client, name="Rosa Delgado")
    text = "Rosa Delgado asked whether the fee covers travel."
    [found] = [
        one for one in composer.suggestions(text, client=client, user=client.owner, now=NOW) if "Request" in one.label
    ]
    assert "<b>Whether the fee covers travel</b>, today 17:30" in found.label
    entry = make_interaction(client=client, kind="email", body=text, happened_at=NOW - timedelta(minutes=5))
    for _click in range(2):
        found.save(entry, by=client.owner, now=NOW)
    one = Request.objects.get()
    assert (one.contact, one.channel, one.origin_interaction, one.asked_at) == (rosa, "email", entry, entry.happened_at)
    assert suggest.remainder(entry) == "The request asked in it stays."


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_what_waits_at_a_client_is_offered_the_first_due_first_and_to_nobody_outside():
    client = make_client(visibility="team_only")
    later, sooner = make_request(client=client), make_request(client=client, urgency="urgent")
    make_request(client=client).answer(by=client.owner, now=NOW)
    assert suggest.waiting_of(client, client.owner) == [sooner, later]
    assert suggest.waiting_of(client, make_user()) == []
