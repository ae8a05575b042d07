"""What people wrote: who reads it, how it is searched, and what one of us makes of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnerships.models import Suggestion
from promises.models import Promise
from surveys import results, written
from surveys.models import Belief, TakenUp
from tests.conftest import browser_of
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db

SECRET = "They laugh at us in the corridor"


@pytest.fixture
def survey(clock):
    return make_round(state="open", name="Survey 2026")


def wrote(
    survey, client=None, *, by="Rosa Delgado", in_confidence=False, key="better", words="Tell me earlier.", **more
):
    client = client or make_client()
    invitation = make_invitation(round=survey, contact=make_contact(client=client, name=by))
    response = answer_survey(invitation, in_confidence=in_confidence, overall=6, **{key: words}, **more)
    results.recompute_stale(timezone.now())
    return response.answers.get(key=key)


def words_of(survey, query=""):
    return f"/surveys/{survey.public_id}/words/{query}"


def text(browser, address, status=200):
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def act(survey, answer, name):
    return f"/surveys/{survey.public_id}/words/{answer.pk}/{name}/"


def promise_data(answer, **fields):
    client = answer.response.invitation.client
    due = timezone.localdate() + timedelta(days=10)
    return {
        "direction": "ours", "what": "Ring on Mondays", "due_date": due.isoformat(), "owner": client.owner.public_id,
        "agreed_how": "call", "idempotency_key": "6f0f4bb0-6a3d-4c1e-8e5c-0d1a5f0f9b11", **fields,
    }  # fmt: skip


# -------------------------------------------------------------------- who reads it


def test_it_is_read_word_for_word_with_who_said_it_and_to_which_question(web, survey):
    client = make_client(name="Tidewell Water", owner=web.user)
    wrote(survey, client, words="Tell me earlier.\nPlease.")

    shown = text(web, words_of(survey))

    assert "Tell me earlier.<br>Please." in shown
    assert "Tidewell Water" in shown
    assert "Rosa Delgado" in shown
    assert "What should we do better?" in shown


def test_in_confidence_is_for_managers_and_says_so(web, manager_web, survey):
    client = make_client(owner=web.user)
    wrote(survey, client, in_confidence=True, words=SECRET)

    assert SECRET not in text(web, words_of(survey))
    theirs = text(manager_web, words_of(survey))
    assert SECRET in theirs
    assert "in confidence</span>" in theirs


def test_nothing_is_read_of_a_client_of_whom_a_belief_is_owed(survey):
    boss = make_manager()
    client = make_client(name="Tidewell Water")
    wrote(survey, client, words=SECRET)
    make_belief(round=survey, client=client, user=boss, required=False)

    shown = text(browser_of(boss), words_of(survey))

    assert SECRET not in shown
    assert "1 client waits for what you believe" in shown


def test_a_client_for_its_team_only_is_not_there_for_others(web, survey):
    answer = wrote(survey, make_client(visibility="team_only"), words=SECRET)

    assert SECRET not in text(web, words_of(survey))
    assert web.get(act(survey, answer, "promise")).status_code == 404
    assert web.post(act(survey, answer, "suggestion")).status_code == 404


def test_telephone_numbers_and_what_was_not_sent_are_no_comments(manager_web, survey):
    invitation = make_invitation(round=survey, contact=make_contact())
    answer_survey(invitation, call=("0113 496 0000", "mornings"), overall=3)
    begun = make_invitation(round=survey, contact=make_contact())
    answer_survey(begun, submit=False, better="Half a thought")

    shown = text(manager_web, words_of(survey))

    assert ("0113" in shown, "Half a thought" in shown) == (False, False)
    assert "Nobody has written anything yet." in shown


def test_what_was_written_cannot_become_markup(manager_web, survey):
    wrote(survey, make_client(name="<b>Bold</b>"), words="<script>alert(1)</script> ‮ عبد 🎈")

    shown = text(manager_web, words_of(survey))

    assert ("<script>alert" in shown, "<b>Bold" in shown) == (False, False)


# -------------------------------------------------------------------- how it is found


def test_it_is_found_by_words_question_client_owner_and_what_came_of_it(manager_web, survey):
    mine, other = make_client(owner=manager_web.user), make_client()
    taken = wrote(survey, mine, words="Alpha beta")
    wrote(survey, other, words="Gamma delta")
    wrote(survey, other, key="not_done", words="Epsilon")
    written.suggest(taken, words="Alpha", by=manager_web.user, now=timezone.now())

    def found(query):
        shown = text(manager_web, words_of(survey, query))
        return [word for word in ("Alpha beta", "Gamma delta", "Epsilon") if f">{word}<" in shown]

    assert found("?q=beta+alpha") == ["Alpha beta"]
    assert found("?question=not_done") == ["Epsilon"]
    assert found(f"?client={other.public_id}") == ["Gamma delta", "Epsilon"]
    assert found("?owner=me") == ["Alpha beta"]
    assert found("?came=taken") == ["Alpha beta"]
    assert found("?came=open") == ["Gamma delta", "Epsilon"]
    assert found("?client=c_nobody") == []
    assert found("?owner=u_nobody") == []


def test_a_page_goes_on_after_the_last_answer_shown_and_none_is_shown_twice(manager_web, survey, monkeypatch):
    monkeypatch.setattr(written, "PAGE", 2)
    for number in range(5):
        wrote(survey, words=f"Word {number}!")
    seen, address = [], words_of(survey)
    while address:
        answer = manager_web.get(address)
        seen += [one.text for one in answer.context["shown"]]
        after = answer.context["after"]
        address = words_of(survey, f"?before={after}") if after else None

    assert seen == [f"Word {number}!" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "query", ["?before=x", "?before=-1", "?before=9" * 30, "?q=%27%22&question=no&came=x", "?owner=x"]
)
def test_odd_addresses_are_no_fault(manager_web, survey, query):
    wrote(survey)

    text(manager_web, words_of(survey, query))


def test_what_we_promised_and_have_not_done_comes_first_and_once(manager_web, survey):
    wrote(survey, key="not_done", words="The map of the site")
    wrote(survey, key="not_done", words="No.")
    wrote(survey, words="Newer, and about something else")

    shown = text(manager_web, words_of(survey))

    assert shown.index("They say we promised this") < shown.index("The map of the site") < shown.index("Newer, and")
    assert shown.count("The map of the site") == 1
    assert shown.index("Newer, and") < shown.index(">No.<")


# -------------------------------------------------------------------- what one makes of it


def test_a_promise_begins_with_their_words_and_is_noted_with_the_answer(web, survey):
    client = make_client(owner=web.user)
    answer = wrote(survey, client, words="Ring me on Mondays")

    form = text(web, act(survey, answer, "promise"))
    done = web.post(act(survey, answer, "promise"), promise_data(answer))

    assert 'value="Ring me on Mondays"' in form
    assert done.status_code == 302
    promise = Promise.objects.get()
    assert list(TakenUp.objects.values_list("answer", "promise", "by")) == [(answer.pk, promise.pk, web.user.pk)]
    shown = text(web, words_of(survey))
    assert promise.get_absolute_url() in shown
    assert "Ring on Mondays" in shown


def test_the_gap_of_a_client_leads_to_their_words_only(web, survey):
    client = make_client(owner=web.user)
    wrote(survey, client)
    wrote(survey, words="Somebody else’s words")

    assert f"/words/?client={client.public_id}" in text(web, f"/gaps/{client.public_id}/")
    assert "Somebody else’s words" not in text(web, words_of(survey, f"?client={client.public_id}"))


def test_pressing_twice_makes_one_promise(web, survey):
    answer = wrote(survey, make_client(owner=web.user))

    for _n in range(2):
        web.post(act(survey, answer, "promise"), promise_data(answer))

    assert (Promise.objects.count(), TakenUp.objects.count()) == (1, 1)


def test_a_promise_that_is_refused_keeps_what_was_typed_and_is_not_noted(web, survey):
    answer = wrote(survey, make_client(owner=web.user))

    refused = web.post(act(survey, answer, "promise"), promise_data(answer, due_date="", what="Ring on Mondays"))

    assert refused.status_code == 422
    assert 'value="Ring on Mondays"' in refused.content.decode()
    assert (Promise.objects.count(), TakenUp.objects.count()) == (0, 0)


def test_a_promise_taken_back_as_a_slip_leaves_the_answer_open_again(web, survey):
    answer = wrote(survey, make_client(owner=web.user))
    web.post(act(survey, answer, "promise"), promise_data(answer))

    web.post(f"/promises/{Promise.objects.get().public_id}/slip/")

    assert "Tell me earlier." in text(web, words_of(survey, "?came=open"))
    assert "Tell me earlier." not in text(web, words_of(survey, "?came=taken"))


def test_a_promise_out_of_confidence_says_nothing_of_who_said_it_or_how(manager_web, survey):
    answer = wrote(survey, in_confidence=True, words=SECRET, by="Rosa Delgado")

    answered = manager_web.get(act(survey, answer, "promise"))
    form = answered.context["form"]

    assert ("what" in form.initial, "contact" in form.initial) == (False, False)
    assert "the account team reads the promise" in answered.content.decode()


def test_a_suggestion_takes_one_press_and_can_be_taken_back(web, survey):
    client = make_client(owner=web.user)
    answer = wrote(survey, client, words="Send it as a table", by="Rosa Delgado")

    for _n in range(2):
        web.post(act(survey, answer, "suggestion"))

    suggestion = Suggestion.objects.get()
    assert (suggestion.words, suggestion.contact.name, suggestion.source) == (
        "Send it as a table", "Rosa Delgado", "survey",
    )  # fmt: skip
    assert suggestion.said_at == answer.response.submitted_at
    web.post(act(survey, answer, "back"))
    assert (Suggestion.objects.count(), TakenUp.objects.count()) == (0, 0)


def test_a_suggestion_somebody_has_answered_is_not_taken_back(web, survey):
    answer = wrote(survey, make_client(owner=web.user))
    web.post(act(survey, answer, "suggestion"))
    Suggestion.objects.get().decline("Too dear.", by=web.user, now=timezone.now())

    web.post(act(survey, answer, "back"))

    assert Suggestion.objects.count() == 1


def test_a_suggestion_out_of_confidence_is_for_managers_names_nobody_and_waits_for_other_words(
    web, manager_web, survey
):
    client = make_client(owner=web.user)
    answer = wrote(survey, client, in_confidence=True, words=SECRET)

    assert web.post(act(survey, answer, "suggestion")).status_code == 404
    assert manager_web.post(act(survey, answer, "suggestion")).status_code == 422
    manager_web.post(act(survey, answer, "suggestion"), {"words": "Speak of clients as if they were there."})

    suggestion = Suggestion.objects.get()
    assert (suggestion.contact, suggestion.words) == (None, "Speak of clients as if they were there.")


def test_who_may_not_write_about_a_client_reads_and_makes_nothing_of_it(web, survey):
    answer = wrote(survey, make_client(name="Somebody else’s"))

    shown = text(web, words_of(survey))

    assert "Tell me earlier." in shown
    assert "Make this a promise" not in shown
    assert web.get(act(survey, answer, "promise")).status_code == 404
    assert web.post(act(survey, answer, "suggestion")).status_code == 404
    assert Suggestion.objects.count() == 0


def test_an_answer_of_another_round_is_not_found_here(manager_web, survey):
    answer = wrote(make_round(state="open", name="Another"))

    assert manager_web.get(act(survey, answer, "promise")).status_code == 404


def test_looking_changes_nothing(web, survey):
    answer = wrote(survey, make_client(owner=web.user))

    for name in ("promise", "suggestion"):
        web.get(act(survey, answer, name))

    assert (Promise.objects.count(), Suggestion.objects.count(), TakenUp.objects.count()) == (0, 0, 0)


def test_the_list_asks_as_much_for_three_as_for_one(web, survey):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            text(web, words_of(survey))
        return len(queries)

    def one():
        client = make_client(owner=make_user(), team=[web.user])
        belief = make_belief(round=survey, client=client, user=web.user, overall=7)
        Belief.objects.filter(pk=belief.pk).seal(now=timezone.now())
        answer = wrote(survey, client)
        wrote(survey, client, key="not_done", words="The map")
        web.post(act(survey, answer, "suggestion"))

    one()
    asked()
    first = asked()
    for _n in range(2):
        one()

    assert asked() == first <= 20
