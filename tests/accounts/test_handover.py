from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import handover
from accounts.models import SavedView
from clients.models import FollowUp, Request
from partnerships.models import Concern
from tests.conftest import NOW
from tests.make import (
    make_administrator,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_promise,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db


def ask(client, user, *, now=NOW):
    return Request.objects.ask(client=client, by=user, now=now, text="When?", assignee=user)


def test_everything_open_goes_with_whoever_takes_over(clock):
    ada, priya, tom = make_administrator(), make_user(), make_user()
    owned, helped = make_client(owner=priya), make_client(owner=ada, team=[priya])
    promise = make_promise(client=helped, owner=priya, now=NOW)
    asked = ask(helped, priya)
    follow_up = FollowUp.objects.create(client=helped, user=priya, due_on=NOW.date() + timedelta(days=1))
    done = FollowUp.objects.create(client=helped, user=priya, due_on=NOW.date(), done_at=NOW)
    concern = Concern.open(owned, by=priya, now=NOW, what_happened="It came late.")
    view = SavedView.objects.create(user=priya, page="clients", name="Leeds", shared=True)
    own = SavedView.objects.create(user=priya, page="clients", name="Mine")
    SavedView.objects.create(user=tom, page="clients", name="Leeds")

    handover.leave(priya, to=tom, by=ada, now=NOW)

    for record in (owned, promise, asked, follow_up, done, concern, view, own):
        record.refresh_from_db()
    assert (owned.owner, promise.owner, asked.assignee, follow_up.user) == (tom, tom, tom, tom)
    assert (done.user, own.user, (view.user, view.name)) == (priya, priya, (tom, "Leeds (2)"))
    assert concern.leader == tom
    assert handover.belongings(priya) == []


def test_each_client_may_have_a_new_owner_of_its_own(admin_web, clock):
    priya, tom, una = make_user(name="Priya Raman"), make_user(name="Tom Reed"), make_user(name="Una Byrne")
    one, other = make_client(owner=priya, name="Harbour"), make_client(owner=priya, name="Tidewell")
    promise = make_promise(client=other, owner=priya, now=NOW)
    asked = ask(other, priya)
    follow_up = FollowUp.objects.create(client=other, user=priya, due_on=NOW.date())
    address = reverse("person_leave", args=[priya.public_id])

    page = admin_web.get(address).content.decode()
    admin_web.post(address, {"to": tom.public_id, f"to_{other.public_id}": una.public_id})

    for record in (one, other, promise, asked, follow_up, priya):
        record.refresh_from_db()
    assert "Harbour" in page
    assert "Tidewell" in page
    assert (one.owner, other.owner, promise.owner, asked.assignee, follow_up.user) == (tom, una, una, una, una)
    assert priya.is_active is False


def test_nobody_leaves_while_something_has_no_successor(admin_web):
    priya, una = make_user(), make_user()
    one, other = make_client(owner=priya), make_client(owner=priya)
    address = reverse("person_leave", args=[priya.public_id])

    page = admin_web.post(address, {f"to_{other.public_id}": una.public_id})

    assert page.status_code == 422
    assert "Choose who takes over" in page.content.decode()
    for record in (one, other, priya):
        record.refresh_from_db()
    assert (one.owner, other.owner, priya.is_active) == (priya, priya, True)


def test_with_an_owner_for_each_client_nobody_else_is_needed(admin_web):
    priya, una = make_user(), make_user()
    only = make_client(owner=priya)

    admin_web.post(reverse("person_leave", args=[priya.public_id]), {f"to_{only.public_id}": una.public_id})

    only.refresh_from_db()
    priya.refresh_from_db()
    assert (only.owner, priya.is_active) == (una, False)


def test_the_belief_about_a_client_is_asked_of_its_new_owner(clock):
    ada, priya, tom = make_administrator(), make_user(), make_user()
    client = make_client(owner=priya)
    round = make_round(state="beliefs")
    make_invitation(round=round, contact=make_contact(client=client), state="pending")
    make_belief(round=round, client=client, user=priya)

    handover.leave(priya, to=tom, by=ada, now=NOW)

    assert list(round.beliefs.values_list("user", "required")) == [(tom.pk, True)]
