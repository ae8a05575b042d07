from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partnerships.models import Concern, NotInThisState
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_user

pytestmark = pytest.mark.django_db

STEPS = (
    "concern_edit", "concern_talk", "concern_talk_off", "concern_contacted", "concern_hold", "concern_resolve",
    "concern_reopen",
)  # fmt: skip


def make_concern(client, **fields):
    return Concern.open(client, by=client.owner, now=timezone.now(), **{"what_happened": "A late report.", **fields})


@pytest.fixture
def client(web):
    return make_client(name="Tidewell Water", owner=web.user)


def post(web, route, concern, **data):
    return web.post(reverse(route, args=[concern.public_id]), data)


def test_a_concern_is_written_down_talked_about_agreed_and_resolved(web, client, clock):
    rosa = make_contact(client=client, name="Rosa Delgado")

    web.post(reverse("concern_new", args=[client.public_id]), {
        "what_happened": "The schedule came two days late.", "origin": "survey", "severity": "serious",
    })  # fmt: skip
    concern = client.concerns.get()
    post(web, "concern_talk", concern, talk_on="2026-11-24", talk_time="10:00", people=[rosa.pk])
    clock.move_to(NOW + timedelta(days=6))
    post(web, "concern_hold", concern, held_on="2026-11-24", they_said="A day’s warning.", ended="better",
         people=[rosa.pk])  # fmt: skip
    post(web, "concern_resolve", concern, outcome="We warn early now.", no_promise_because="It is how we work now")

    concern.refresh_from_db()
    assert concern.state == Concern.State.RESOLVED
    assert [event.kind for event in concern.events.all()] == ["opened", "talk_planned", "held", "resolved"]
    assert list(concern.talk_with.all()) == [rosa]


def test_resolving_needs_a_promise_or_the_reason_why_none(web, client):
    concern = make_concern(client)

    refused = post(web, "concern_resolve", concern, outcome="All well again")

    assert refused.status_code == 422
    assert "say why none was needed" in refused.content.decode()
    assert "All well again" in refused.content.decode()
    concern.refresh_from_db()
    assert concern.state == Concern.State.OPEN


def test_the_second_of_two_who_resolve_is_told(web, client):
    concern = make_concern(client)
    concern.resolve(outcome="Done", promises=[], no_promise_because="None needed", by=web.user, now=timezone.now())

    with pytest.raises(NotInThisState):
        concern.hold(held_at=timezone.now(), they_said="Too late", by=web.user, now=timezone.now())
    page = post(web, "concern_resolve", concern, outcome="Too late", no_promise_because="None")

    assert page.status_code == 409
    assert "Somebody changed this before you" in page.content.decode()
    concern.refresh_from_db()
    assert concern.outcome == "Done"


def test_a_resolved_concern_can_be_opened_again(web, client):
    concern = make_concern(client)
    concern.resolve(outcome="Done", promises=[], no_promise_because="None needed", by=web.user, now=timezone.now())

    post(web, "concern_reopen", concern)

    concern.refresh_from_db()
    assert concern.state == Concern.State.OPEN
    assert concern.resolved_at is None


def test_concerns_of_a_team_only_client_do_not_exist_for_others(web):
    hidden = make_client(name="Secret Harbour", owner=make_user(), visibility="team_only")
    concern = make_concern(hidden, what_happened="A secret quarrel")

    assert "A secret quarrel" not in web.get(reverse("concerns")).content.decode()
    assert web.get(concern.get_absolute_url()).status_code == 404
    assert web.get(reverse("concern_new", args=[hidden.public_id])).status_code == 404
    for route in STEPS:
        assert post(web, route, concern, outcome="x").status_code == 404


def test_whoever_may_only_read_cannot_write(web):
    open_client = make_client(owner=make_user())
    concern = make_concern(open_client)

    assert web.get(concern.get_absolute_url()).status_code == 200
    for route in STEPS:
        assert post(web, route, concern, outcome="x").status_code == 404


@pytest.mark.parametrize("words", ["%00", "x" * 1_000_000])
def test_text_that_breaks_databases_is_a_form_error(web, client, words):
    page = web.post(
        reverse("concern_new", args=[client.public_id]),
        f"what_happened={words}&origin=told&severity=minor",
        content_type="application/x-www-form-urlencoded",
    )

    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()
    assert client.concerns.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(web, client, count, django_assert_max_num_queries):
    for _ in range(count):
        make_concern(client)

    with django_assert_max_num_queries(12):
        assert web.get(reverse("concerns")).status_code == 200
