"""The quick log away from the client's page: whose it is, what goes along, and what a script gets back."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clients.files import store
from clients.models import FollowUp, Interaction, Request
from clients.whose import last_client, named_in
from promises.models import Promise
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_user

pytestmark = pytest.mark.django_db

BY_SCRIPT = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def tidewell(web, clock):
    return make_client(name="Tidewell Water", owner=web.user)


@pytest.fixture
def corbel(web, clock):
    return make_client(name="Corbel & Stone", owner=web.user)


# ------------------------------------------------------------------ whose it is
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Tidewell rang about the schedule", "Tidewell Water"),
        ("Rang Tidewell Water, quite cross", "Tidewell Water"),
        ("rang tidewell about it", "Tidewell Water"),
        ("Met Corbel & Stone’s board", "Corbel & Stone"),
        ("Rosa rang", "Tidewell Water"),
        ("Spoke to Zoë Ñandú", "Corbel & Stone"),
        ("Will call back on Monday", None),
        ("They rang", None),
        ("", None),
    ],
)
def test_a_sentence_names_its_client(web, tidewell, corbel, text, name):
    make_contact(client=tidewell, name="Rosa Delgado")
    make_contact(client=corbel, name="Zoë Ñandú")

    found, candidates = named_in(text, user=web.user)

    assert (found.name if found else None, candidates) == (name, [])


def test_between_two_nothing_is_guessed_but_both_are_offered(web, tidewell):
    other = make_client(name="Tidewell Gas", owner=web.user)

    assert named_in("Tidewell rang", user=web.user) == (None, [other, tidewell])
    assert named_in("Tidewell rang", user=web.user, prefer=other) == (other, [])
    assert named_in("Tidewell Gas rang", user=web.user) == (other, [])


def test_a_client_somebody_may_not_write_is_never_guessed(web, tidewell):
    make_contact(client=tidewell, name="Rosa Delgado")
    outsider = make_user()
    make_interaction(client=tidewell, author=outsider)

    assert named_in("Tidewell Water: Rosa Delgado rang", user=outsider) == (None, [])
    assert last_client(outsider) is None
    assert last_client(web.user) is None


def test_the_box_from_anywhere_begins_with_the_last_client_and_follows_the_text(web, tidewell, corbel):
    make_interaction(client=corbel, author=web.user)

    box = web.get("/log/?at=dlog")
    data = {"at": "dlog", "client_name": "Corbel & Stone", "guessed_client": corbel.public_id, "guessed_from": "text"}
    guessed = web.post("/log/guess/", {**data, "body": "Tidewell rang"})

    assert 'value="Corbel &amp; Stone"' in box.text
    assert "<html" not in box.text
    assert f'name="guessed_client" value="{tidewell.public_id}" data-name="Tidewell Water"' in guessed.text


def test_the_client_of_the_page_or_a_typed_one_stays_whatever_the_text_names(web, tidewell, corbel):
    data = {"body": "Rang about Tidewell Water", "client_name": "Corbel & Stone", "guessed_client": corbel.public_id}

    web.post("/log/", {**data, "guessed_from": "page"})
    web.post("/log/", {**data, "guessed_client": tidewell.public_id, "guessed_from": "text"})

    assert [entry.client for entry in Interaction.objects.all()] == [corbel, corbel]


def test_who_was_chosen_for_another_client_is_not_carried_over(web, tidewell, corbel):
    rosa = make_contact(client=tidewell, name="Rosa Delgado")
    data = {"client_name": "Corbel & Stone", "guessed_client": tidewell.public_id, "contacts": [rosa.public_id]}

    web.post("/log/", {**data, "body": "Rang", "guessed_contacts": ""})

    entry = Interaction.objects.get()
    assert (entry.client, list(entry.contacts.all())) == (corbel, [])


def test_without_a_client_the_field_asks_which(web, tidewell):
    make_client(name="Tidewell Gas", owner=web.user)

    answer = web.post("/log/", {"at": "dlog", "client_name": "", "body": "Tidewell rang"}, **BY_SCRIPT)

    assert answer.status_code == 422
    assert "Which client?" in answer.text
    assert "Tidewell Gas" in answer.text
    assert "Tidewell rang" in answer.text


def test_a_chosen_kind_stays_through_every_round_of_guessing(web, tidewell):
    data = {"client": tidewell.public_id, "body": "Tidewell rang", "kind": "visit"}

    first = web.post("/log/guess/", {**data, "guessed_kind": "call"}).text

    assert 'name="guessed_kind" value="call"' in first
    assert 'value="visit" data-send-label="Log visit" checked' in first


def test_on_the_page_of_a_client_i_only_read_no_other_is_taken_for_it(web, tidewell):
    make_interaction(client=tidewell, author=web.user)
    theirs = make_client(name="Corbel & Stone", owner=make_user())

    box = web.get(f"/log/?at=dlog&client={theirs.public_id}")

    assert 'name="client_name" value=""' in box.text


# ------------------------------------------------------------------ by script
def test_a_script_hears_what_was_logged_and_how_to_undo_it(web, tidewell):
    key = str(uuid.uuid4())
    data = {"client": tidewell.public_id, "body": "Rang", "idempotency_key": key, "writer": web.user.public_id}

    answers = [web.post("/log/", data, **BY_SCRIPT).json() for _ in range(2)]

    entry = Interaction.objects.get()
    expected = {"text": "Logged a call.", "undo": f"/log/{entry.public_id}/remove/", "client": tidewell.public_id}
    assert answers == [expected, expected]


def test_what_somebody_else_left_in_this_browser_is_not_logged_in_my_name(web, tidewell):
    data = {"client": tidewell.public_id, "body": "Rang", "writer": make_user().public_id}

    assert (web.post("/log/", data, **BY_SCRIPT).status_code, Interaction.objects.count()) == (409, 0)


def test_all_promises_found_are_added_at_once(web, tidewell):
    body = "Tidewell rang. We’ll send the plan by Friday. They’ll confirm the dates by 2 December."

    web.post("/log/", {"body": body, "add_all": "1"})

    assert sorted(Promise.objects.values_list("direction", flat=True)) == ["ours", "theirs"]


def test_looking_first_shows_what_is_in_it_and_saves_nothing(web, tidewell):
    answer = web.post("/log/", {"body": "Tidewell rang. We’ll send the plan by Friday.", "look": "1"})

    assert (answer.status_code, Interaction.objects.count()) == (200, 0)
    assert "Promise by us:" in answer.text
    assert 'value="Tidewell Water"' in answer.text


# ------------------------------------------------------------------ what goes along
def test_a_reminder_is_set_with_it(web, tidewell):
    web.post("/log/", {"client": tidewell.public_id, "body": "Rang Rosa\nand more", "remind": "tomorrow"})
    web.post("/log/", {"client": tidewell.public_id, "body": "Rang again", "remind_on": "2026-12-01"})
    refused = web.post("/log/", {"client": tidewell.public_id, "body": "Rang", "remind_on": "2026-11-01"})

    told = list(FollowUp.objects.order_by("due_on").values_list("user", "due_on", "note"))
    assert told == [
        (web.user.pk, NOW.date() + timedelta(days=1), "Rang Rosa"),
        (web.user.pk, date(2026, 12, 1), "Rang again"),
    ]
    assert "Choose a day that lies ahead." in refused.text


def test_a_waiting_request_is_answered_with_it(web, tidewell):
    asked = {"client": tidewell, "by": web.user, "now": NOW - timedelta(hours=3)}
    first = Request.objects.ask(**asked, text="When do the pumps come?")
    second = Request.objects.ask(**asked, text="Who signs?")

    page = web.get(f"/log/?client={tidewell.public_id}&answers={first.public_id}")
    web.post("/log/", {"client": tidewell.public_id, "body": "Rang", "answers": [first.public_id, "nobody", "q_x"]})

    first.refresh_from_db()
    second.refresh_from_db()
    assert "When do the pumps come?" in page.text
    assert f'value="{first.public_id}" checked' in page.text
    assert (first.closed_how, first.first_answer) == ("answered", Interaction.objects.get())
    assert second.waiting_since is not None


def test_a_colleague_of_the_team_may_have_been_the_one(web, tidewell):
    tom, stranger = make_user(name="Tom Okafor"), make_user()
    tidewell.team_members.create(user=tom)

    for wanted in (tom, stranger):
        web.post("/log/", {"client": tidewell.public_id, "body": "Rang", "author": wanted.public_id})

    assert [entry.author for entry in Interaction.objects.order_by("pk")] == [tom, web.user]


def test_files_go_along_and_those_of_a_refused_form_are_kept(web, tidewell):
    upload = {"client": tidewell.public_id, "body": "", "files": [SimpleUploadedFile("plan.txt", b"As agreed")]}

    refused = web.post("/log/", upload)
    kept = store.Attachment.objects.get()
    bad = {"client": tidewell.public_id, "body": "Rang", "attachment": [kept.public_id]}
    also = web.post("/log/", {**bad, "files": [SimpleUploadedFile("x.exe", b"MZ")]})
    web.post("/log/", bad)

    assert (refused.status_code, also.status_code) == (422, 422)
    assert f'name="attachment" value="{kept.public_id}" checked' in refused.text
    assert "“x.exe” is a program" in also.text
    assert [one.name for one in Interaction.objects.get().attachments.all()] == ["plan.txt"]


def test_nobody_logs_with_a_file_of_somebody_else_s_draft(web, tidewell):
    theirs = store.keep_bytes(b"x", "a.txt", by=make_user(), now=NOW)

    web.post("/log/", {"client": tidewell.public_id, "body": "Rang", "attachment": [theirs.public_id, "no\0pe"]})

    assert not Interaction.objects.get().attachments.exists()


def test_outsiders_learn_nothing_of_a_team_only_client(clock):
    owner = make_user()
    make_contact(client=make_client(name="Xyzzy Ltd", owner=owner, visibility="team_only"), name="Rosa Delgado")
    web = browser_of(make_user())

    for body in ("Xyzzy Ltd rang", "Rosa Delgado rang"):
        for url in ("/log/guess/", "/log/"):
            answer = web.post(url, {"body": body, "client_name": ""})
            assert 'value="Xyzzy' not in answer.text
            assert 'data-name="Xyzzy' not in answer.text
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("when", ["9999-99-99T99:99", "2026-02-30T10:00", "0001-01-01T00:00", "then"])
def test_a_moment_that_is_none_is_said_next_to_it(web, tidewell, when):
    data = {"client": tidewell.public_id, "body": "Rang", "happened_at": when}

    assert web.post("/log/guess/", data).status_code == 200
    answer = web.post("/log/", data)

    assert (answer.status_code, Interaction.objects.count()) in {(422, 0), (302, 1)}
    if when != "0001-01-01T00:00":
        assert "happened_at" in answer.context["log"].errors
