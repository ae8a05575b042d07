"""What clients suggest, and our answer: a promise, the reason why not, or what we did."""

import pytest
from django.urls import reverse

from partnerships.models import NotInThisState, Suggestion
from promises.models import Promise
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(web, clock):
    return make_client(name="Tidewell Water", owner=web.user)


def suggested(client, **fields):
    return Suggestion.record(client, by=client.owner, now=NOW, **{"words": "Send the agenda earlier.", **fields})


def post(web, route, suggestion, **data):
    return web.post(reverse(route, args=[suggestion.public_id]), data)


def test_a_suggestion_is_written_down_accepted_as_a_promise_and_done(web, client):
    rosa = make_contact(client=client, name="Rosa Delgado")

    web.post(reverse("suggestion_new", args=[client.public_id]), {
        "words": "Send the agenda earlier.", "source": "talk", "contact": rosa.public_id, "said_on": "2026-11-18",
    })  # fmt: skip
    suggestion = client.suggestions.get()
    post(web, "suggestion_accept", suggestion, what="Agenda two days before", due="2026-12-01",
         owner=web.user.public_id, promise="")  # fmt: skip
    post(web, "suggestion_done", suggestion, reply="The agenda comes two days before.")

    suggestion.refresh_from_db()
    promise = Promise.objects.get()
    assert (promise.what, promise.promisee_contact, promise.owner) == ("Agenda two days before", rosa, web.user)
    assert (suggestion.state, suggestion.promise, suggestion.contact) == ("done", promise, rosa)
    assert suggestion.reply == "The agenda comes two days before."


def test_a_promise_that_is_there_already_answers_it(web, client):
    promise = make_promise(client=client, now=NOW)
    suggestion = suggested(client)

    post(web, "suggestion_accept", suggestion, promise=promise.public_id)

    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.promise) == ("accepted", promise)
    assert Promise.objects.count() == 1


def test_declining_needs_the_reason(web, client):
    suggestion = suggested(client)

    assert post(web, "suggestion_decline", suggestion, reason="").status_code == 422
    post(web, "suggestion_decline", suggestion, reason="It would tell others’ secrets.")

    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.reason) == ("declined", "It would tell others’ secrets.")
    with pytest.raises(ValueError, match="reason"):
        suggestion.decline("", by=web.user, now=NOW)


def test_the_second_of_two_is_told_and_keeps_their_words(web, client):
    suggestion = suggested(client)
    suggestion.decline("No.", by=web.user, now=NOW)

    page = post(web, "suggestion_done", suggestion, reply="We did it")

    assert page.status_code == 409
    assert "Somebody changed this before you" in page.content.decode()
    with pytest.raises(NotInThisState):
        suggestion.accept(make_promise(client=client), by=web.user, now=NOW)


def test_undo_goes_back_by_one_step(web, client):
    suggestion = suggested(client)
    suggestion.accept(make_promise(client=client), by=web.user, now=NOW)
    suggestion.done("We did", by=web.user, now=NOW)

    for state, promised in (("accepted", True), ("new", False)):
        post(web, "suggestion_undo", suggestion)
        suggestion.refresh_from_db()
        assert (suggestion.state, bool(suggestion.promise), suggestion.reply) == (state, promised, "")
    post(web, "suggestion_undo", suggestion)
    suggestion.refresh_from_db()
    assert suggestion.state == "new"


def test_accepting_without_a_day_says_so_and_promises_nothing(web, client):
    page = post(web, "suggestion_accept", suggested(client), what="Agenda two days before")

    assert page.status_code == 422
    assert "Say by when" in page.content.decode()
    assert "Agenda two days before" in page.content.decode()
    assert not Promise.objects.exists()


def test_suggestions_of_a_team_only_client_do_not_exist_for_others(web):
    hidden = make_client(name="Secret Harbour", owner=make_user(), visibility="team_only")
    suggestion = suggested(hidden, words="A secret wish")

    assert "A secret wish" not in web.get(reverse("suggestions"), {"state": "all"}).content.decode()
    assert web.get(suggestion.get_absolute_url()).status_code == 404
    assert web.get(reverse("suggestion_new", args=[hidden.public_id])).status_code == 404
    for route in ("suggestion_accept", "suggestion_decline", "suggestion_done", "suggestion_undo"):
        assert post(web, route, suggestion, reason="x").status_code == 404


def test_whoever_may_only_read_cannot_answer(web):
    suggestion = suggested(make_client(owner=make_user()))

    assert "Accept and promise it" not in web.get(suggestion.get_absolute_url()).content.decode()
    assert post(web, "suggestion_decline", suggestion, reason="x").status_code == 404


def test_the_list_filters_by_state_source_owner_and_words(web, client):
    mine = suggested(client)
    other = suggested(make_client(owner=make_user()), words="Shorter reports", source="survey")
    other.decline("No", by=web.user, now=NOW)

    def found(**query):
        text = web.get(reverse("suggestions"), query).content.decode()
        return [one for one in (mine, other) if one.words in text]

    assert found() == [mine]
    assert found(state="all") == [mine, other]
    assert found(state="all", source="survey") == [other]
    assert found(state="all", owner="me") == [mine]
    assert found(state="all", q="shorter") == [other]
    assert found(state="all", client=client.public_id) == [mine]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(web, client, count, django_assert_max_num_queries):
    for _ in range(count):
        suggested(make_client(owner=make_user()), contact=make_contact())

    with django_assert_max_num_queries(9):
        assert web.get(reverse("suggestions")).status_code == 200


@pytest.mark.parametrize("words", ["\0", "x" * 6000, "<script>alert(1)</script>"])
def test_hostile_words_are_refused_or_shown_as_words(web, client, words):
    page = web.post(reverse("suggestion_new", args=[client.public_id]), {"words": words, "source": "talk"}, follow=True)

    assert page.status_code in (200, 422)
    assert "<script>alert(1)" not in page.content.decode()


def test_the_client_page_shows_them(web, client):
    suggested(client)

    assert "Send the agenda earlier." in web.get(client.get_absolute_url()).content.decode()
