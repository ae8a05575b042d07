"""A row filled into its shape is the row its template draws."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from promises.models import Promise
from promises.wording import Row
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = pytest.mark.django_db
NASTY = "<b>zz-what-zz & zz-0_zz zz-path zz “%s”"
State = Promise.State
CHANGES = [
    {},
    {"due_at": NOW - timedelta(days=3)},
    {"due_at": NOW + timedelta(hours=2)},
    {"importance": "critical", "snoozes": 3},
    {"snoozed_until": NOW + timedelta(days=1), "snoozes": 1},
    {"state": State.PROPOSED, "offered_by": "ours"},
    {"state": State.DELIVERED},
    {"state": State.KEPT, "done_at": NOW - timedelta(days=1)},
    {"state": State.KEPT, "done_at": NOW + timedelta(days=99)},
    {"state": State.BROKEN},
    {"state": State.BROKEN, "made_good_at": NOW},
]  # fmt: skip


def drawn(how, row, path, **known):
    request = RequestFactory().get(path)
    names = " ".join(f"{name}={value}" for name, value in known.items())
    text = {
        "filled": f"{{% load rows %}}{{% promise_row row {names} %}}",
        "template": f'{{% include "promises/_row.html" with {names or "row=row"} %}}',
    }[how]
    return Template(text).render(Context({"row": row, "request": request, "csrf_token": "t0ken"}))


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("named", [True, False])
def test_a_filled_row_is_the_row_as_drawn(clock, change, ours, named):
    owner = make_user(name="Ann <zz-owner-zz>")
    client = make_client(owner=owner, name=f"Co {NASTY}", phone="+44 20")
    contact = make_contact(client=client, name=NASTY[:60], phone="+44 1") if named else None
    promise = make_promise(client=client, contact=contact, what=NASTY, ours=ours, now=NOW)
    for name, value in change.items():
        setattr(promise, name, value)
    path = "/promises/?q=a b&“x”=<zz-what-zz>"

    for reader, can_write in [(owner, True), (make_user(), True), (make_user(), False)]:
        for known in ({}, {"picks": True, "show_owner": True}):
            row = Row(promise, now=NOW, user=reader, can_write=can_write)
            assert drawn("filled", row, path, **known) == drawn("template", row, path, **known)
