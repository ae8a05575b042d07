"""Two people on one record: whoever saves later sees both versions and who was first, and nothing typed is lost.

Ticks and things added never collide: the slower of two reads who was faster.
"""

import html
from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import SavedView
from clients.follow_ups import verbs
from clients.models import Client, FollowUp, Interaction, Request
from promises.models import Promise
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_request, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tom(db):
    return browser_of(make_user(name="Tom Okafor", email="tom@firm.example"))


@pytest.fixture
def client(web, tom):
    return make_client(name="Tidewell Water", owner=web.user, team=[tom.user], city="Leeds", phone="1")


def typed(answer):
    """What a browser would send of a form as it was shown."""
    form = answer.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in shown.items() if value is not None and value is not False}
    choices = {field.choice_name: field.choice for field in (answer.context.get("conflict") or NOBODY).fields}
    return sent | {name: choice for name, choice in choices.items() if choice}


class NOBODY:
    fields = ()


def edited(name, client):
    """The page that corrects a record of that kind, two of its fields, and what each of two people types."""
    if name == "client":
        return client, reverse("client_edit", args=[client.public_id]), ("city", "Hull", "York"), ("phone", "22", "33")
    if name == "contact":
        person = make_contact(client=client, name="Rosa Delgado")
        address = reverse("contact_edit", args=[client.public_id, person.public_id])
        return person, address, ("job_title", "Finance", "Treasury"), ("phone", "22", "33")
    if name == "interaction":
        entry = make_interaction(client=client, body="We spoke.", happened_at=NOW - MINUTE)
        address = reverse("interaction", args=[entry.public_id])
        return entry, address, ("body", "They rang.", "We rang."), ("kind", "visit", "meeting")
    if name == "request":
        asked = make_request(client=client, text="What does it cost?", asked_at=NOW - MINUTE)
        address = reverse("request_edit", args=[asked.public_id])
        return asked, address, ("text", "What is the fee?", "What is the price?"), ("channel", "email", "visit")
    promise = make_promise(client=client, what="Send the note", now=NOW)
    address = reverse("promise_edit", args=[promise.public_id])
    return promise, address, ("what", "Send the fee note", "Send the free note"), ("done_when", "They have it", "Sent")


KINDS = ["client", "contact", "interaction", "request", "promise"]


def as_stored(record, *names):
    record.refresh_from_db()
    return tuple(getattr(record, name) for name in names)


@pytest.mark.parametrize("name", KINDS)
def test_the_later_sees_both_versions_and_who_was_first(web, tom, client, name, clock):
    record, address, (field, theirs, mine), (other, _theirs, also_mine) = edited(name, client)
    read = typed(web.get(address))
    assert tom.post(address, typed(tom.get(address)) | {field: theirs}).status_code == 302
    clock.shift(MINUTE)

    late = web.post(address, read | {field: mine, other: also_mine})

    assert late.status_code == 409
    assert as_stored(record, field) == (theirs,)
    page = html.unescape(late.text)
    assert "Tom Okafor changed this at" in page
    assert mine in page
    assert theirs in page
    found = {one.name: (one.choice, one.changed_by_me, one.changed_by_them) for one in late.context["conflict"].fields}
    assert found == {field: ("", True, True), other: ("mine", True, False)}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_what_is_chosen_is_saved_with_everything_else_that_was_typed(web, tom, client, name, choice):
    record, address, (field, theirs, mine), (other, _theirs, also_mine) = edited(name, client)
    read = typed(web.get(address))
    tom.post(address, typed(tom.get(address)) | {field: theirs})
    late = web.post(address, read | {field: mine, other: also_mine})

    saved = web.post(address, typed(late) | {f"keep_{field}": choice})

    assert saved.status_code == 302
    assert as_stored(record, field, other) == ({"mine": mine, "theirs": theirs}[choice], also_mine)


@pytest.mark.parametrize("name", KINDS)
def test_each_changing_another_field_both_changes_stand(web, tom, client, name):
    record, address, (field, theirs, _mine), (other, _theirs, mine) = edited(name, client)
    read = typed(web.get(address))
    tom.post(address, typed(tom.get(address)) | {field: theirs})
    late = web.post(address, read | {other: mine})
    assert late.status_code == 409

    assert web.post(address, typed(late)).status_code == 302

    assert as_stored(record, field, other) == (theirs, mine)


STEPS = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["read", "save"])), min_size=4, max_size=9)


@pytest.mark.parametrize("name", ["client", "interaction"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_any_order_a_save_is_either_on_top_of_what_was_read_or_refused(web, tom, client, name, steps):
    record, address, (field, *_words), _other = edited(name, client)
    people, held = (web, tom), {}
    record.refresh_from_db()
    stored, version = getattr(record, field), record.version
    for number, (who, what) in enumerate(steps):
        if what == "read":
            held[who] = typed(people[who].get(address)), version
            continue
        if who not in held:
            continue
        data, read_at = held[who]
        words = f"Words {number}"
        answer = people[who].post(address, data | {field: words})
        if read_at == version:
            assert answer.status_code == 302
            stored, version = words, version + 1
            held.pop(who)
        else:
            assert answer.status_code == 409
            assert words in html.unescape(answer.text)
            held[who] = typed(answer) | {f"keep_{field}": "mine"}, version
        assert as_stored(record, field, "version") == (stored, version)


# -------------------------------------------------------------------- what is one person's own, in two windows


def test_a_reminder_moved_in_another_window_is_not_moved_over(web, client):
    made = verbs.set_follow_up(client=client, user=web.user, due_on=date(2026, 11, 23), note="Ask about the lease")
    address = reverse("follow_up", args=[made.public_id])
    read = typed(web.get(address))
    web.post(address, typed(web.get(address)) | {"note": "Ask about the roof"})

    late = web.post(address, read | {"due_on": "2026-11-30"})

    assert late.status_code == 409
    assert FollowUp.objects.get().note == "Ask about the roof"
    assert "Ask about the lease" in late.text
    assert "Ask about the roof" in late.text
    assert web.post(address, typed(late)).status_code == 302  # each kept what only one of them changed
    assert (FollowUp.objects.get().due_on, FollowUp.objects.get().note) == (date(2026, 11, 30), "Ask about the roof")


def test_a_shared_view_that_a_manager_renamed_is_not_renamed_over(web, manager_web):
    view = SavedView.objects.create(user=web.user, page="clients", name="Mine", query="owner=me", shared=True)
    address = reverse("saved_view", args=["clients", view.pk])
    read = typed(web.get(address))
    manager_web.post(address, typed(manager_web.get(address)) | {"name": "Priya’s"})

    late = web.post(address, read | {"name": "My clients"})

    assert late.status_code == 409
    assert SavedView.objects.get().name == "Priya’s"
    assert "Priya’s" in late.text
    assert "My clients" in late.text
    assert web.post(address, typed(late)).status_code == 422
    assert web.post(address, typed(late) | {"keep_name": "mine"}).status_code == 302
    assert SavedView.objects.get().name == "My clients"


# -------------------------------------------------------------------- ticks, and things added


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def test_of_two_who_answer_a_request_the_slower_reads_who_was_faster(web, tom, client):
    asked = make_request(client=client, asked_at=NOW - MINUTE)
    address = reverse("request_answered", args=[asked.public_id])
    tom.post(address)

    answer = web.post(address, follow=True)

    assert answer.status_code == 200
    assert [words for words in told(answer) if words.startswith("Tom Okafor has already answered, on ")]
    assert [event.by for event in asked.events.filter(kind="answered")] == [tom.user]


def test_of_two_who_keep_a_promise_the_slower_reads_who_was_faster(web, tom, client):
    promise = make_promise(client=client, now=NOW)
    address = reverse("promise_keep", args=[promise.public_id])
    tom.post(address, {"tick": "1"})

    answer = web.post(address, {"tick": "1"}, follow=True)

    assert answer.status_code == 200
    assert [words for words in told(answer) if words.startswith("Tom changed this promise at ")]
    assert Promise.objects.get().events.filter(kind="delivered").count() == 1


def test_a_reminder_done_in_another_window_says_so(web, client):
    made = verbs.set_follow_up(client=client, user=web.user, due_on=NOW.date(), note="")
    address = reverse("follow_up_done", args=[made.public_id])
    web.post(address)

    assert told(web.post(address, follow=True))[-1] == "That was done already."


def test_both_log_write_down_and_add_and_everything_stands(web, tom, client):
    for browser, words in [(web, "Mine"), (tom, "Theirs")]:
        browser.post(
            reverse("log"),
            {"client": client.public_id, "body": words, "kind": "call", "direction": "theirs"},
        )
        asks = typed(browser.get(reverse("request_new"), {"client": client.public_id}))
        browser.post(reverse("request_new"), asks | {"client": client.public_id, "text": words})
        person = typed(browser.get(reverse("contact_new", args=[client.public_id])))
        browser.post(reverse("contact_new", args=[client.public_id]), person | {"name": words})

    assert sorted(Interaction.objects.values_list("body", flat=True)) == ["Mine", "Theirs"]
    assert sorted(Request.objects.values_list("text", flat=True)) == ["Mine", "Theirs"]
    assert sorted(client.contacts.values_list("name", flat=True)) == ["Mine", "Theirs"]


# -------------------------------------------------------------------- one edits what the other has put away


def test_words_typed_on_an_entry_that_was_removed_meanwhile_are_shown_again(web, tom, client):
    entry = make_interaction(client=client, happened_at=NOW - MINUTE)
    address = reverse("interaction", args=[entry.public_id])
    read = typed(web.get(address))
    tom.post(reverse("interaction_remove", args=[entry.public_id]))

    answer = web.post(address, read | {"body": "What I typed for ten minutes"})

    assert answer.status_code == 409
    assert "Tom Okafor removed this while you were editing." in answer.text
    assert "What I typed for ten minutes" in answer.text
    assert Interaction.objects.get().body == "We spoke."


def test_words_typed_on_a_request_that_was_removed_meanwhile_are_shown_again(web, tom, client):
    asked = make_request(client=client, asked_at=NOW - MINUTE)
    address = reverse("request_edit", args=[asked.public_id])
    read = typed(web.get(address))
    tom.post(reverse("request_remove", args=[asked.public_id]))

    answer = web.post(address, read | {"text": "What I typed for ten minutes"})

    assert answer.status_code == 409
    assert "Tom Okafor removed this while you were editing." in answer.text
    assert "What I typed for ten minutes" in answer.text
    assert web.get(address).status_code == 404


def test_what_was_typed_of_a_person_who_was_removed_meanwhile_is_shown_again(web, tom, client):
    person = make_contact(client=client, name="Rosa Delgado")
    address = reverse("contact_edit", args=[client.public_id, person.public_id])
    read = typed(web.get(address))
    tom.post(reverse("contact_remove", args=[client.public_id, person.public_id]))

    answer = web.post(address, read | {"job_title": "Head of treasury"})

    assert answer.status_code == 409
    assert "Head of treasury" in answer.text
    assert f"{tom.user.name} removed this while you were editing." in answer.text
    assert as_stored(person, "job_title") == ("",)
    assert web.get(address).status_code == 404


def test_a_correction_of_a_client_that_was_archived_meanwhile_is_shown_again(web, client):
    manager = browser_of(make_manager(name="Martin Cole", email="cole@firm.example"))
    address = reverse("client_edit", args=[client.public_id])
    read = typed(web.get(address))
    manager.post(reverse("client_archive", args=[client.public_id]))

    answer = web.post(address, read | {"city": "York"})

    assert (answer.status_code, Client.objects.get().city) in [(302, "York"), (409, "Leeds"), (422, "Leeds")]
    if answer.status_code != 302:
        assert "York" in answer.text
