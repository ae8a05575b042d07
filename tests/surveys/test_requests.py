"""Requests out of survey answers: the wish for a call by itself, written words by hand; nothing said in confidence."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from clients.models import Request
from dashboard import planners
from surveys import calls
from surveys.models import Response, TakenUp
from tests.conftest import NOW, browser_of
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CALL = ("0117 496 0000", "mornings")


def answered(*, client=None, now=NOW, in_confidence=False, call=CALL, **more):
    client = client or make_client()
    rosa = make_contact(client=client, name="Rosa Delgado")
    invitation = make_invitation(round=make_round(state="open"), contact=rosa)
    return answer_survey(invitation, now=now, in_confidence=in_confidence, overall=6, call=call, **more)


def test_the_wish_for_a_call_becomes_a_request_with_the_usual_time_once():
    response = answered()
    for _tick in range(2):
        assert planners.run(NOW + timedelta(minutes=1)) == []
    one = Request.objects.get()
    assert (one.client, one.contact) == (response.invitation.client, response.invitation.contact)
    assert (one.text, one.channel, one.created_by) == ("Asks for a call: 0117 496 0000, mornings", "survey", None)
    assert (one.asked_at, one.answer_due_at) == (NOW, datetime(2026, 11, 19, 17, 30, tzinfo=UTC))
    assert Response.objects.get().call_request == one
    assert list(one.events.values_list("kind", flat=True)) == ["asked"]


def test_two_workers_at_once_make_one():
    response = answered()
    again = Response.objects.select_related("invitation__client__owner", "invitation__contact").get()
    assert (calls.make(response, now=NOW), calls.make(again, now=NOW)) == (True, False)
    assert Request.objects.count() == 1


def test_in_confidence_the_account_team_gets_no_request():
    answered(in_confidence=True)
    assert (calls.plan(NOW), Request.objects.count()) == (0, 0)


def test_who_wants_no_call_gets_no_request():
    answered(call="no")
    assert calls.plan(NOW) == 0


def test_it_waits_until_the_owner_has_said_what_they_believe():
    response = answered()
    invitation = response.invitation
    belief = make_belief(round=invitation.round, client=invitation.client, user=invitation.client.owner)
    assert calls.plan(NOW) == 0
    belief.recorded_at = NOW
    belief.save()
    assert calls.plan(NOW + timedelta(hours=1)) == 1
    assert Request.objects.get().asked_at == NOW


def test_answers_of_long_ago_make_none_when_the_program_is_updated():
    answered(now=NOW - timedelta(days=8))
    assert calls.plan(NOW) == 0


def test_a_removed_request_for_a_call_does_not_come_again():
    answered()
    calls.plan(NOW)
    Request.objects.get().remove(by=make_user(), now=NOW)
    assert calls.plan(NOW) == 0


# -------------------------------------------------------------------- by hand


def words(answer):
    return f"/surveys/{answer.response.invitation.round.public_id}/words/{answer.pk}/request/"


def written(owner, **more):
    return answered(client=make_client(owner=owner), call="no", better="Which forms do we need?", **more).answers.get(
        key="better"
    )


def test_written_words_become_a_request_that_runs_from_now(web):
    answer = written(web.user, now=NOW - timedelta(days=3))
    html = web.get(words(answer)).content.decode()
    assert "Which forms do we need?" in html
    contact = answer.response.invitation.contact
    data = {"text": "Which forms?", "contact": contact.public_id, "channel": "survey", "urgency": "normal"}
    web.post(words(answer), {**data, "assignee": web.user.public_id})
    one = Request.objects.get()
    assert (one.text, one.contact, one.channel, one.asked_at) == ("Which forms?", contact, "survey", NOW)
    assert list(TakenUp.objects.values_list("answer", "request", "by")) == [(answer.pk, one.pk, web.user.pk)]
    page = web.get(f"/surveys/{answer.response.invitation.round.public_id}/words/").content.decode()
    assert one.get_absolute_url() in page
    one.remove(by=web.user, now=timezone.now())
    page = web.get(f"/surveys/{answer.response.invitation.round.public_id}/words/").content.decode()
    assert one.get_absolute_url() not in page


def test_from_words_in_confidence_a_manager_writes_the_request_anew():
    owner = make_user()
    answer = written(owner, in_confidence=True)
    assert browser_of(owner).get(words(answer)).status_code == 404
    html = browser_of(make_manager()).get(words(answer)).content.decode()
    assert "This was said in confidence" in html
    assert html.count("Which forms do we need?") == 1  # quoted, and not filled in
    assert "selected>Rosa Delgado" not in html


def test_who_may_not_write_about_the_client_makes_no_request(web):
    answer = written(make_user())
    assert web.get(words(answer)).status_code == 404
    assert web.post(words(answer), {"text": "Mine"}).status_code == 404
    assert not Request.objects.exists()
