"""A row of a request or a reminder filled into its shape is the row its template draws."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from clients.follow_ups.rows import Row as Reminder
from clients.models import FollowUp, Request
from clients.requests.rows import Row
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_request, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUR = timedelta(hours=1)
NASTY = "<b>zz-what-zz & zz-0_zz zz-path zz “%s” é̃"
PATH = "/requests/?q=a b&“x”=<zz-text-zz>"
NO_WAIT = {"waiting_since": None, "answer_due_at": None}
CHANGES = [
    {},
    {"waiting_since": NOW - 90 * HOUR, "asked_at": NOW - 90 * HOUR, "answer_due_at": NOW - 80 * HOUR},
    {"waiting_since": NOW - 9 * HOUR, "answer_due_at": NOW + HOUR / 9},
    {"urgency": "urgent", "first_answered_at": NOW - HOUR},
    {"text": NASTY * 9},
    {"text": "A plain question. " * 9},
    {**NO_WAIT, "closed_at": NOW, "closed_how": Request.Closed.NO_REPLY},
    {**NO_WAIT, "closed_at": NOW, "closed_how": Request.Closed.ANSWERED, "answer_minutes": 75},
    {**NO_WAIT, "first_answered_at": NOW, "first_due_at": NOW - HOUR, "answer_minutes": 75},
    {"deleted_at": NOW},
]


def drawn(text, **known):
    request = RequestFactory().get(PATH)
    return Template(text).render(Context({**known, "request": request, "csrf_token": "t0ken"}))


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("named", [True, False])
def test_a_filled_request_is_the_row_as_drawn(change, named):
    owner = make_user(name="Ann <zz-assignee-zz>")
    client = make_client(owner=owner, name=f"Co {NASTY}")
    contact = make_contact(client=client, name=NASTY[:60]) if named else None
    request = make_request(client=client, contact=contact, text=NASTY, now=NOW, asked_at=NOW - HOUR)
    for name, value in change.items():
        setattr(request, name, value)

    for reader, can_write in [(owner, True), (make_user(), True), (make_user(), False)]:
        for known in ("", "picks=True show_owner=True", "hide_client=True"):
            row = Row(request, now=NOW, user=reader, can_write=can_write)
            filled = drawn(f"{{% load request_rows %}}{{% request_row row {known} %}}", row=row)
            whole = f'{{% include "clients/requests/_row.html" with {known or "row=row"} %}}'
            assert filled == drawn(whole, row=row)


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 5, 400])
@pytest.mark.parametrize("note", ["", NASTY])
def test_a_filled_reminder_is_the_row_as_drawn(days, note):
    client = make_client(name=f"Co {NASTY}")
    today = NOW.date()
    it = FollowUp(client=client, user=client.owner, note=note, due_on=today + timedelta(days=days))

    for known in ("", "hide_client=True"):
        rows = [Reminder(it, today)]
        filled = drawn(f"{{% load follow_up_rows %}}{{% follow_up_rows rows {known} %}}", rows=rows)
        whole = f'{{% include "clients/follow_ups/_row.html" with {known or "row=row"} %}}'
        assert filled == drawn(whole, row=rows[0])


def test_rows_that_were_just_finished_are_drawn_whole():
    client = make_client()
    request, it = make_request(client=client), FollowUp(client=client, user=client.owner, due_on=NOW.date())
    rows = [Row(request, now=NOW, user=client.owner, can_write=True, just_done=n == 1) for n in range(2)]
    reminders = [Reminder(it, NOW.date(), just_done=n == 1) for n in range(2)]

    page = drawn("{% load request_rows %}{% for row in rows %}{% request_row row %}{% endfor %}", rows=rows)
    others = drawn("{% load follow_up_rows %}{% follow_up_rows rows %}", rows=reminders)

    assert [(text.count("<li"), text.count(" is-done")) for text in (page, others)] == [(2, 1), (2, 1)]
