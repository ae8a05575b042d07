"""Several rows at once: the effect said first, done as one, undone as one; more than fifty by a worker."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import jobs
from accounts.lists import acts
from accounts.models import Job, ListAct
from clients.models import Client, Contact, Interaction
from promises.models import Promise
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def address(page, act, records, **more):
    pairs = [("pick", record.public_id) for record in records] + list(more.items())
    return f"/lists/{page}/do/{act}/?{urlencode(pairs)}"


def send(web, page, act, records=(), *, follow=True, change=lambda: None, **more):
    """Look at the effect, then do it: (the page of the effect, what came of it)."""
    where = address(page, act, records, **more)
    effect = web.get(where)
    change()
    found = re.findall(r'name="(seal|idempotency_key)" value="([^"]*)"', effect.text)
    return effect, web.post(where, dict(found), follow=follow)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def undo(web, answer):
    [message] = answer.context["messages"]
    return web.post(message.extra_tags.removeprefix("undo:"), follow=True)


@pytest.fixture
def tom():
    return make_user(name="Tom Okafor")


def test_the_effect_is_said_before_and_the_toast_says_exactly_what_was_done(web, tom):
    mine = [make_client(owner=web.user) for _ in range(3)]
    toms = [make_client(owner=tom, team=[web.user]) for _ in range(2)]
    theirs = make_client()

    effect, answer = send(web, "clients", "hand-over", [*mine, *toms, theirs], to=tom.public_id)

    assert effect.context["sentences"] == ["3 go to Tom.", "2 were already Tom’s.", "1 you may not change."]
    assert told(answer) == ["Handed 3 to Tom. 2 were already Tom’s. 1 you may not change."]
    assert Client.objects.filter(owner=tom).count() == 5


def test_looking_at_the_effect_changes_nothing(web, tom):
    client = make_client(owner=web.user)
    web.get(address("clients", "hand-over", [client], to=tom.public_id))

    assert Client.objects.get().owner == web.user
    assert ListAct.objects.count() == 0


def test_undo_gives_back_exactly_what_went_along(web, tom):
    client = make_client(owner=web.user, team=[tom])
    mine = make_promise(client=client, owner=web.user, what="Mine")
    toms = make_promise(client=client, owner=tom, what="Tom’s all along")

    _effect, answer = send(web, "clients", "hand-over", [client], to=tom.public_id)
    went = Promise.objects.get(pk=mine.pk).owner
    back = undo(web, answer)

    assert went == tom
    assert told(back) == ["Undone: 1 is as it was."]
    assert Client.objects.get().owner == web.user
    assert (Promise.objects.get(pk=mine.pk).owner, Promise.objects.get(pk=toms.pk).owner) == (web.user, tom)
    assert client.team_members.get().user == tom


def test_undo_leaves_what_somebody_changed_since(web, tom):
    first, second = (make_client(owner=web.user) for _ in range(2))
    _effect, answer = send(web, "clients", "hand-over", [first, second], to=tom.public_id)
    ann = make_user(name="Ann Lee")
    Client.objects.get(pk=second.pk).hand_over(to=ann)

    back = undo(web, answer)

    assert told(back) == ["Undone: 1 is as it was. 1 was changed since and stays."]
    assert set(Client.objects.values_list("owner__name", flat=True)) == {"Priya Raman", "Ann Lee"}


def test_undo_is_for_a_day_once_and_for_who_did_it(web, tom, clock):
    client = make_client(owner=web.user)
    _effect, answer = send(web, "clients", "stage", [client], new_stage="dormant")
    where = f"/lists/acts/{ListAct.objects.get().uuid}/undo/"

    other = browser_of(make_manager()).post(where).status_code
    undo(web, answer)
    again = web.post(where, follow=True)
    _effect, answer = send(web, "clients", "stage", [client], new_stage="ended")
    clock.shift(timedelta(hours=24, minutes=1))
    late = undo(web, answer)

    assert other == 404
    assert "undone before, or more than a day ago" in again.text
    assert "undone before, or more than a day ago" in late.text
    assert Client.objects.get().stage == "ended"


def test_when_something_changed_meanwhile_the_effect_is_shown_again_and_nothing_done(web, tom):
    client = make_client(owner=web.user, team=[web.user])
    ann = make_user()

    _effect, answer = send(
        web, "clients", "hand-over", [client], to=tom.public_id,
        change=lambda: Client.objects.get().hand_over(to=ann),
    )  # fmt: skip

    assert answer.status_code == 409
    assert "Somebody changed one of these while you looked" in answer.text
    assert Client.objects.get().owner == ann


def test_the_same_form_twice_does_it_once(web):
    client = make_client(owner=web.user, tags=["a"])
    where = address("clients", "add-tag", [client], new_tag="b")
    fields = dict(re.findall(r'name="(seal|idempotency_key)" value="([^"]*)"', web.get(where).text))

    for _ in range(2):
        web.post(where, fields)

    assert Client.objects.get().tags == ["a", "b"]
    assert ListAct.objects.count() == 1
    assert browser_of(make_manager()).post(where, fields).status_code == 404


ACTS = [
    ("stage", {"new_stage": "dormant"}, "stage", "dormant", "Set 2 to “Dormant”."),
    ("add-tag", {"new_tag": "vip"}, "tags", ["old", "vip"], "Tagged 2 “vip”."),
    ("remove-tag", {"new_tag": "old"}, "tags", [], "Took “old” from 2."),
    ("archive", {}, "archived_at", NOW, "Archived 2."),
]


@pytest.mark.parametrize(("act", "choice", "field", "after", "words"), ACTS)
def test_every_act_on_clients_is_done_told_and_undone(web, act, choice, field, after, words):
    clients = [make_client(owner=web.user, tags=["old"]) for _ in range(2)]
    before = [getattr(client, field) for client in clients]

    _effect, answer = send(web, "clients", act, clients, **choice)
    done = [getattr(client, field) for client in Client.objects.all()]
    undo(web, answer)

    assert told(answer)[0] == words
    assert done == [after, after]
    assert [getattr(client, field) for client in Client.objects.all()] == before


def test_archived_ones_are_brought_back_together(web):
    client = make_client(owner=web.user)
    client.archive(by=web.user, now=NOW)

    _effect, answer = send(web, "clients", "bring-back", [client])

    assert told(answer) == ["Brought 1 back."]
    assert Client.objects.get().archived_at is None


def test_people_change_part_leave_and_come_back(web):
    client = make_client(owner=web.user)
    people = [make_contact(client=client) for _ in range(2)]
    foreign = make_contact()

    _effect, part = send(web, "contacts", "part", [*people, foreign], new_part="finance")
    _effect, left = send(web, "contacts", "left", people)
    gone = Contact.objects.exclude(left_at=None).count()
    undo(web, left)

    assert told(part) == ["Set 2 to “Finance”. 1 you may not change."]
    assert told(left) == ["2 no longer work there."]
    assert gone == 2
    assert Contact.objects.exclude(left_at=None).count() == 0
    assert Contact.objects.get(pk=foreign.pk).survey_part == "other"


def test_logged_contacts_are_removed_and_brought_back(web):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client)

    _effect, answer = send(web, "interactions", "remove", [entry])
    gone = Interaction.objects.kept().count(), Client.objects.get().last_interaction_at
    undo(web, answer)

    assert told(answer)[0] == "Removed 1."
    assert gone == (0, None)
    assert Interaction.objects.kept().count() == 1
    assert Client.objects.get().last_interaction_at is not None


def test_a_choice_that_is_none_is_refused_at_its_field(web, tom):
    client = make_client(owner=web.user)
    tom.is_active = False
    tom.save()

    answers = [
        web.get(address("clients", "hand-over", [client], to=tom.public_id)),
        web.get(address("clients", "stage", [client], new_stage="nothing")),
        web.get(address("clients", "add-tag", [client], new_tag="x" * 41)),
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert web.get("/lists/clients/do/nothing/").status_code == 404
    assert told(web.get("/lists/clients/do/archive/", follow=True)) == ["Tick at least one first."]


# -------------------------------------------------------------------- all that match, by a worker


def test_more_than_fifty_become_a_job_that_reports_and_is_undone_as_one(web, tom, monkeypatch):
    monkeypatch.setattr(acts, "MOST_NOW", 2)
    monkeypatch.setattr(acts, "PART", 2)
    clients = [make_client(owner=web.user, stage="dormant") for _ in range(5)]
    other = make_client(owner=web.user)
    for client in clients:
        make_promise(client=client, owner=web.user)

    effect, page = send(web, "clients", "hand-over", stage="dormant", all="1", to=tom.public_id)
    jobs.run_waiting()
    job = Job.objects.get()
    report = web.get(f"/jobs/{job.uuid}/")

    assert "done in the background" in effect.text
    assert job.title == "Hand over: 5 clients"
    assert page.context["job"] == job
    assert (job.state, job.done, job.message) == ("done", 5, "Handed 5 to Tom.")
    assert "Handed 5 to Tom." in report.text
    assert Client.objects.filter(owner=tom).count() == Promise.objects.filter(owner=tom).count() == 5

    web.post(f"/lists/acts/{ListAct.objects.get().uuid}/undo/")
    jobs.run_waiting()
    assert set(Client.objects.values_list("owner", flat=True)) == {web.user.pk}
    assert Client.objects.get(pk=other.pk).version == other.version


def test_a_job_that_broke_goes_on_without_doing_anything_twice(web, monkeypatch):
    monkeypatch.setattr(acts, "MOST_NOW", 2)
    monkeypatch.setattr(acts, "PART", 1)
    for _ in range(4):
        make_client(owner=web.user)
    send(web, "clients", "archive", all="1")
    real, calls = Client.archive, []

    def archive(self, **more):
        calls.append(self.pk)
        if len(calls) == 3:
            raise RuntimeError
        real(self, **more)

    monkeypatch.setattr(Client, "archive", archive)
    job = Job.objects.get()
    first = jobs.run(job.uuid)
    jobs.again(Job.objects.get(), now=NOW)
    second = jobs.run(job.uuid)

    assert (first, second) == ("failed", "done")
    assert len(ListAct.objects.get().data["entries"]) == 4
    assert Job.objects.get().message == "Archived 4."
    assert [client.history.count() for client in Client.objects.all()] == [2, 2, 2, 2]


# -------------------------------------------------------------------- who may


def test_rows_closed_to_the_reader_are_in_no_effect_act_or_report(web):
    closed = make_client(name="Xyzzy Holdings", visibility="team_only")
    person = make_contact(client=closed, name="Sybil Xyzzy")
    entry = make_interaction(client=closed, body="Of xyzzy.")
    outsider = browser_of(make_user())
    mine = make_client(owner=outsider.user)

    texts, picked = [], {"clients": closed, "contacts": person, "interactions": entry}
    for page, act in (("clients", "archive"), ("contacts", "left"), ("interactions", "remove")):
        effect, answer = send(outsider, page, act, [picked[page]])
        texts += [effect.content.decode(), answer.text]
    effect, _answer = send(outsider, "clients", "archive", [closed, mine])
    everything, _answer = send(outsider, "clients", "stage", all="1", new_stage="ended")

    assert not [text for text in texts if "xyzzy" in text.lower()]
    assert effect.context["sentences"] == ["1 is archived."]
    assert "xyzzy" not in everything.text.lower()
    closed.refresh_from_db()
    assert (closed.archived_at, closed.stage) == (None, "active")


def test_saying_the_effect_costs_the_same_for_any_number(web, tom):
    costs = []
    for count in (1, 3):
        clients = [make_client(owner=make_user(), team=[web.user]) for _ in range(count)]
        where = address("clients", "hand-over", clients, to=tom.public_id)
        web.get(where)
        with CaptureQueriesContext(connection) as asked:
            web.get(where)
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_what_was_done_is_listed_with_its_rows(web):
    client = make_client(name="Tidewell", owner=web.user)
    other = make_client(name="Corbel")
    send(web, "clients", "archive", [client, other])

    listed = web.get("/lists/acts/").text
    page = web.get(f"/lists/acts/{ListAct.objects.get().uuid}/").text

    assert "Archived 1. 1 you may not change." in listed
    assert "Tidewell" in page
    assert "Corbel" in page


@pytest.mark.parametrize("name", ["clients", "contacts", "interactions"])
def test_a_list_is_exported_from_a_phone_too(name, web):
    client = make_client(owner=web.user)
    make_interaction(client=client, contacts=[make_contact(client=client)])

    shown = web.get(reverse(name)).content.decode()

    [link] = re.findall(r'<a class="([^"]*)" href="/[^"]*export[^"]*"', shown)
    assert "wide" not in link.split()
