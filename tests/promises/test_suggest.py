"""Promises read out of a sentence."""

from datetime import date, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clients import composer
from promises.models import Promise
from promises.suggest import find, suggester
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_promise, make_user

LONDON = ZoneInfo("Europe/London")
NOV20 = date(2026, 11, 20)
GREG = SimpleNamespace(name="Greg Holm")


def read(text):
    return [(one.what, one.due_date, one.due_time, one.ours) for one in find(text, people=[GREG], now=NOW, zone=LONDON)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "We’ll send the final version by Friday noon.",
            ("Send the final version", date(2026, 11, 20), time(12), True),
        ),
        ("I'll ring Rosa on 24 November at 3pm", ("Ring Rosa", date(2026, 11, 24), time(15), True)),
        ("We will draft the note before 2026-12-01.", ("Draft the note", date(2026, 12, 1), None, True)),
        (
            "Greg will get the asset register over by Friday.",
            ("Get the asset register over", date(2026, 11, 20), None, False),
        ),
        ("They’ll sign by tomorrow 17:30", ("Sign", date(2026, 11, 20), time(17, 30), False)),
        ("We'll report back by next Tuesday", ("Report back", date(2026, 11, 24), None, True)),
        ("We'll close the books by the end of the month", ("Close the books", date(2026, 11, 30), None, True)),
        ("We'll file it by 3 March", ("File it", date(2027, 3, 3), None, True)),
        ("We're going to compare three lenders by Friday.", ("Compare three lenders", NOV20, None, True)),
        ("We agreed to review the fees by Friday.", ("Review the fees", NOV20, None, True)),
        ("I've promised to call back by tomorrow noon.", ("Call back", NOV20, time(12), True)),
        ("I told Rosa we'll compare three lenders by Friday.", ("Compare three lenders", NOV20, None, True)),
        ("Rosa says that they will pay on Friday.", ("Pay", NOV20, None, False)),
        ("Greg Holm has agreed to sign by Friday.", ("Sign", NOV20, None, False)),
        ("He will have the figures ready by Friday.", ("Have the figures ready", NOV20, None, False)),
        ("The client will pay by the end of the month", ("Pay", date(2026, 11, 30), None, False)),
        ("I said I'd send it by Friday.", ("Send it", NOV20, None, True)),
        ("Rosa told me she would pay by Friday.", ("Pay", NOV20, None, False)),
        ("Greg to send the numbers by Friday.", ("Send the numbers", NOV20, None, False)),
        ("Action: Greg to call the bank by Friday.", ("Call the bank", NOV20, None, False)),
        ("Greg promised the register by Friday.", ("The register", NOV20, None, False)),
        (
            "We will let them know by Friday whether we can do it.",
            ("Let them know whether we can do it", NOV20, None, True),
        ),
        ("By Friday we'll send the plan.", ("Send the plan", NOV20, None, True)),
        ("We'll send the plan Friday noon.", ("Send the plan", NOV20, time(12), True)),
        ("We will send the plan in two weeks.", ("Send the plan", date(2026, 12, 3), None, True)),
        ("We'll send the plan by Friday!", ("Send the plan", NOV20, None, True)),
        ("She was happy; we'll send the plan by Friday", ("Send the plan", NOV20, None, True)),
        ("They'll be ready with the data by Friday.", ("Be ready with the data", NOV20, None, False)),
    ],
)
def test_a_sentence_with_a_date_is_a_suggestion(text, found):
    assert read(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We’ll see.",
        "We talked about Friday.",
        "Will they send it by Friday?",
        "We’ll send it by 31 February.",
        "We’ll send it by 2020-01-01.",
        "If they sign, we'll send it by Friday.",
        "We'll send it by Friday if they sign.",
        "They asked whether we'll send it by Friday.",
        "Budget to follow by Friday.",
        "They asked us to send it by Friday.",
        "They said they'd like it by Friday.",
        "We'll probably send it by Friday.",
        "Maybe they'll sign by Friday.",
        "We won't send it by Friday.",
        "We will not send it by Friday.",
        "They'll never sign by Friday.",
        "We sent it on Friday.",
        "We promised to send it by last Friday.",
        "We'll see on Friday.",
        "We'll wait until Friday.",
        "We'll be on holiday until Monday.",
        "I'll be back on Monday.",
        "Greg will be away until Friday.",
        "They hope we'll send it by Friday.",
        "Nice talk about next week.",
        "Thanks!\n\nOn Tue, 17 Nov 2026 at 10:00, Rosa Delgado wrote:\nWe'll pay by Friday.",
        "Thanks!\n> We'll pay by Friday.",
        "Thanks!\n-- \nPriya\nWe'll be there by Friday.",
        "Thanks!\nSent from my phone. We'll pay by Friday.",
        "We’ll by Friday.",
        "‮🚀 we'll 🚀" * 1000,
    ],
)
def test_what_promises_nothing_suggests_nothing(text):
    assert read(text) == []


def test_two_promises_in_one_text_are_two_suggestions():
    text = "Rosa rang. We’ll send the final version by Friday noon. Greg will send the register by Monday."

    assert [one[0] for one in read(text)] == ["Send the final version", "Send the register"]


def test_two_promises_in_one_sentence_are_two_suggestions():
    text = "We’ll send the plan by Friday, and Greg will sign it by Monday."

    assert read(text) == [
        ("Send the plan", NOV20, None, True),
        ("Sign it", date(2026, 11, 23), None, False),
    ]


_PIECES = "we’ll they’ll Greg will I’ve promised to agreed by Friday, on Monday. if not see ? > -- wrote: until and"
PIECES = st.sampled_from([*_PIECES.split(), "\n"])


@given(text=st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=16).map(" ".join)))
def test_no_text_breaks_it_and_everything_found_is_ahead_and_says_what(text):
    for what, day, _at, _ours in read(text):
        assert what
        assert day >= NOW.date()


def test_what_stands_above_a_quoted_mail_still_counts():
    text = "We’ll send the plan by Friday.\n\nOn Tue, 17 Nov 2026, Rosa wrote:\n> We'll pay by Monday."

    assert [one[0] for one in read(text)] == ["Send the plan"]


@pytest.mark.django_db
def test_a_colleague_named_in_the_text_will_answer_for_it(web, clock):
    client = make_client(owner=web.user)
    tom = make_user(name="Tom Okafor")
    interaction = make_interaction(client=client, author=web.user)

    (suggestion,) = suggester("Tom will send the plan by Friday.", client, web.user, NOW)
    suggestion.save(interaction, by=web.user, now=NOW)

    promise = Promise.objects.get()
    assert (promise.what, promise.direction, promise.owner) == ("Send the plan", "ours", tom)


@pytest.mark.django_db
def test_a_suggestion_becomes_a_promise_only_when_it_is_saved(web, clock):
    client = make_client(owner=web.user)
    greg = make_contact(client=client, name="Greg Holm")
    interaction = make_interaction(client=client, author=web.user, contacts=[greg])

    (suggestion,) = composer.suggestions("Greg will send <b>it</b> by Friday.", client=client, user=web.user, now=NOW)
    assert Promise.objects.count() == 0
    assert "<b>Send &lt;b&gt;it&lt;/b&gt;</b>, Fri 20 Nov, Greg" in suggestion.label
    suggestion.save(interaction, by=web.user, now=NOW)

    promise = Promise.objects.get()
    assert (promise.what, promise.direction, promise.contact) == ("Send <b>it</b>", "theirs", greg)
    assert (promise.origin_interaction, promise.due_zone) == (interaction, web.user.time_zone)
    assert web.get(suggestion.edit_url).status_code == 200


@pytest.mark.django_db
def test_logging_with_an_added_suggestion_makes_the_promise(web, clock):
    client = make_client(owner=web.user)
    text = "We’ll send the final version by Friday noon."
    (suggestion,) = suggester(text, client, web.user, NOW)
    page = web.get(reverse("client", args=[client.public_id]))

    assert page.status_code == 200
    assert suggestion.hidden_fields["due_time"] == "12:00"


@pytest.mark.django_db
def test_taking_a_log_back_says_that_the_promise_made_in_it_stays(web):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client)
    make_promise(client=client, now=NOW, interaction=entry)

    answer = web.post(f"/log/{entry.public_id}/remove/", follow=True)

    words = [str(message) for message in answer.context["messages"]]
    assert words == ["Removed from the timeline. The promise made in it stays."]
