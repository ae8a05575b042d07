"""Who has still to say what they believe reads nothing of what the client said, wherever they look."""

from datetime import timedelta

import pytest

from clients.models import TeamMember
from promises import reminders
from surveys import news, results
from surveys.models import Answer, Belief, Response, Result
from tests.conftest import NOW, browser_of
from tests.firm import Firm, routes
from tests.make import make_manager, make_user
from tests.test_access import OPEN_TO_ALL, PERSONAL, SEARCHES, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SECRETS = ("feathers", "0555 987", "any hour")
MORE = (
    "/gaps/?level=wide", "/gaps/?sort=first", "/gaps/?sort=-worst", "/gaps/export.csv", "/overview/", "/",
    "/find/?q=quetzal", "/find/?q=quetzal&palette=1", "/clients/?q=quetzal", "/suggestions/?q=quetzal",
    *SEARCHES,
)  # fmt: skip
# What stands on the pages of those who have said theirs, so that this test looks where the answers are.
SHOWN = {"gap", "survey_words", "client"}


@pytest.fixture
def firm():
    """A client that has answered; its owner owes a belief."""
    firm = Firm(owner=make_user(name="Priya Raman"))
    Answer.objects.filter(key="better").update(words="quetzal feathers")
    Response.objects.update(wants_call=True, call_phone="0555 987 654", call_when="at any hour")
    Belief.objects.update(recorded_at=None, values={}, sealed_at=NOW)
    Result.objects.mark_stale(round_id=firm.round.pk, client_ids=[firm.client.pk])
    results.recompute(firm.round, now=NOW)
    return firm


def told(browser, firm):
    """{address: the secrets a page of the program tells this reader}."""
    found = {}
    for route in routes():
        if route.name in PERSONAL or route.name in OPEN_TO_ALL:
            continue  # the client's own pages, by their own key
        answer = browser.get(firm.address(route, user=browser.user))
        if answer.status_code == 200 and (said := told_by(answer)):
            found[route.name] = said
    for address in MORE:
        answer = browser.get(address)
        if answer.status_code == 200 and (said := told_by(answer)):
            found[address] = said
    return found


def told_by(answer):
    text = text_of(answer)
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("who", ["owner", "team", "manager"])
def test_nothing_is_told_before_ones_own_belief_is_said(firm, who):
    reader = {"owner": firm.owner}.get(who) or (make_manager() if who == "manager" else make_user())
    if who != "owner":
        TeamMember.objects.create(client=firm.client, user=reader)
        Belief.objects.create(round=firm.round, client=firm.client, user=reader, required=False, sealed_at=NOW)

    assert told(browser_of(reader), firm) == {}


def test_once_it_is_said_they_are_read(firm):
    firm.belief.refresh_from_db()
    firm.belief.record(values={"overall": 8}, note="", now=NOW)

    found = told(browser_of(firm.owner), firm)

    assert set(found) >= SHOWN


def test_no_mail_tells_it_either(firm, clock, deliver_queued, mailoutbox):
    for day in range(4):
        now = NOW + timedelta(days=day)
        clock.move_to(now)
        reminders.plan(now)
        news.plan(now)
        deliver_queued(faults_are_fine=True)

    told_to_owner = [mail.body for mail in mailoutbox if firm.owner.email in mail.to[0]]

    assert [secret for body in told_to_owner for secret in SECRETS if secret in body] == []


def test_the_news_comes_when_the_belief_is_said(firm, deliver_queued, mailoutbox):
    firm.belief.refresh_from_db()
    firm.belief.record(values={"overall": 8}, note="", now=NOW)

    news.plan(NOW)
    deliver_queued(faults_are_fine=True)

    assert [mail.subject for mail in mailoutbox if "feathers" in mail.body and firm.owner.email in mail.to[0]] != []
