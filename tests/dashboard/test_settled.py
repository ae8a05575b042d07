"""Who settled what left My day while it was looked at."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.follow_ups.verbs import set_follow_up
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_promise, make_request, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def said(browser, *rows):
    response = browser.get(reverse("my_day_settled"), {"id": [row.public_id for row in rows]})
    assert response.status_code == 200
    return response.json()


def test_it_is_said_who_settled_it_and_plainly_when_it_was_oneself(web):
    tom = make_user(name="Tom Okafor")
    client = make_client(owner=web.user)
    mine, his, handed, open_one = (make_request(client=client, assignee=web.user) for _n in range(4))
    mine.answer(by=web.user, now=NOW)
    his.answer(by=tom, now=NOW + timedelta(minutes=1))
    handed.hand_over(to=tom, by=tom, now=NOW + timedelta(minutes=2))
    promise = make_promise(client=client, owner=web.user)
    promise.deliver(by=web.user, done_at=NOW, now=NOW)
    reminder = set_follow_up(client=client, user=web.user, due_on=NOW.date())
    type(reminder).objects.update(done_at=NOW)

    words = said(web, mine, his, handed, promise, reminder)

    assert words == {
        mine.public_id: "You answered, 09:30",
        his.public_id: "Tom Okafor answered, 09:31",
        handed.public_id: "Tom Okafor handed it over, 09:32",
        promise.public_id: "You settled this, 09:30",
        reminder.public_id: "You did this, 09:30",
    }
    assert open_one.is_waiting


def test_nothing_is_said_of_a_closed_client_or_of_another_person_s_reminder(web):
    closed = make_client(owner=make_user(), visibility="team_only")
    request = make_request(client=closed)
    request.answer(by=closed.owner, now=NOW)
    reminder = set_follow_up(client=make_client(), user=make_user(), due_on=NOW.date())
    type(reminder).objects.update(done_at=NOW)

    assert said(web, request, reminder) == {}
    assert said(browser_of(closed.owner), request) == {request.public_id: "You answered, 09:30"}


def test_it_costs_the_same_for_any_number(web):
    client = make_client(owner=web.user)
    rows = [make_request(client=client, assignee=web.user) for _n in range(3)]
    for row in rows:
        row.answer(by=web.user, now=NOW)

    costs = []
    for shown in (rows[:1], rows):
        with CaptureQueriesContext(connection) as queries:
            said(web, *shown)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_who_answered_themselves_in_another_tab_reads_so(web):
    request = make_request(client=make_client(owner=web.user), assignee=web.user, asked_at=NOW - timedelta(hours=1))
    request.answer(by=web.user, now=NOW - timedelta(minutes=5))

    response = web.post(reverse("request_answered", args=[request.public_id]), follow=True)

    assert "You have already answered this yourself, on Thu 19 Nov, 09:25." in response.content.decode()
