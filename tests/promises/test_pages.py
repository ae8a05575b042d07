"""The pages of promises, as a browser without scripts sees them."""

import csv
import io
from datetime import time, timedelta

import pytest
from django.urls import reverse

from accounts.models import Workspace
from promises.models import Promise
from promises.models.promise import Terms
from promises.outcomes import Outcome
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def page(web, name, *args, **query):
    return web.get(reverse(name, args=args), query)


def text(response):
    return response.getvalue().decode()


@pytest.fixture
def client(web):
    return make_client(name="Tidewell Water", owner=web.user)


@pytest.fixture
def rosa(client):
    return make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example", phone="+44 113 496 0101")


def new_promise(rosa, **changes):
    fields = {
        "client": rosa.client.public_id,
        "direction": "ours",
        "what": "Send the allowances schedule",
        "due_date": "2026-11-27",
        "due_time": "17:00",
        "due_zone": "",
        "contact": rosa.public_id,
        "owner": rosa.client.owner.public_id,
        "agreed_how": "call",
        "idempotency_key": "0b6f3c1e-6f0b-4c0e-9f7e-0d3a7b0f5a11",
    }
    return fields | changes


# -------------------------------------------------------------------- making


def test_a_promise_is_written_down_once_however_often_the_button_is_pressed(web, rosa):
    for _ in range(2):
        response = web.post(reverse("promise_details"), new_promise(rosa))

    promise = Promise.objects.get()
    assert response.status_code == 302
    assert (promise.what, promise.promisee_contact, promise.owner) == ("Send the allowances schedule", rosa, web.user)


def test_another_promise_from_a_page_gone_back_to_is_made_too_and_nobody_gets_somebody_elses(web, rosa):
    make_promise(what="A merger nobody knows of", idempotency_key=new_promise(rosa)["idempotency_key"])

    for what in ("Send the schedule", "Send the fee note"):
        web.post(reverse("promise_details"), new_promise(rosa, what=what))

    assert [promise.what for promise in rosa.client.promises.order_by("pk")] == [
        "Send the schedule",
        "Send the fee note",
    ]


def test_without_a_client_the_page_asks_for_one_by_name(web, client):
    make_client(name="Tidewell Water")  # somebody else's, and not to be guessed

    asked = page(web, "promise_details")
    found = page(web, "promise_details", client_name="tidewell")
    nothing = page(web, "promise_details", client_name="Brightloom")

    assert asked.status_code == 200
    assert found.url == f"/promises/new/details/?client={client.public_id}"
    assert nothing.status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"what": ""},
        {"what": "a\0b"},
        {"what": "x" * 1_000_000},
        {"due_date": ""},
        {"due_date": "yesterday"},
        {"due_date": "2026-11-18"},
        {"due_date": "9999-12-31"},
        {"due_date": "0001-01-01"},
        {"due_time": "25:00"},
        {"due_zone": "Mars/Olympus"},
        {"contact": "p_nobody99"},
        {"owner": "u_nobody99"},
        {"agreed_how": "click"},
        {"idempotency_key": "no"},
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_made(web, rosa, changes):
    response = web.post(reverse("promise_details"), new_promise(rosa, **changes))

    assert response.status_code == 422
    assert "There is a problem" in text(response)
    assert Promise.objects.count() == 0


def test_hostile_words_stay_words(web, rosa):
    what = "<script>alert(1)</script> 🚀 ‮right to left {{ 7*7 }} =1+1"

    web.post(reverse("promise_details"), new_promise(rosa, what=what))
    promise = Promise.objects.get()
    shown = text(page(web, "promise", promise.public_id))

    assert promise.what == what
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown


def test_a_weekend_is_pointed_out_and_nothing_moves(web, rosa):
    response = web.post(reverse("promise_details"), new_promise(rosa, due_date="2026-11-28"), follow=True)

    assert Promise.objects.get().due_date.isoformat() == "2026-11-28"
    assert "is not a working day for" in text(response)


def test_an_owner_who_may_not_see_the_client_cannot_be_chosen(web, rosa):
    rosa.client.visibility = "team_only"
    rosa.client.save()
    stranger = make_user()

    response = web.post(reverse("promise_details"), new_promise(rosa, owner=stranger.public_id))

    assert response.status_code == 422


# -------------------------------------------------------------------- who sees and does what


def test_a_promise_of_a_team_only_client_does_not_exist_for_others(web):
    hidden = make_promise(client=make_client(visibility="team_only", name="Secret Ltd"), what="Hidden work", now=NOW)

    pages = [
        reverse(name, args=[hidden.public_id])
        for name in ("promise", "promise_keep", "promise_renegotiate", "promise_edit", "promise_break", "promise_line")
    ]

    assert [web.get(path).status_code for path in pages] == [404] * 6
    assert web.post(reverse("promise_undo", args=[hidden.public_id])).status_code == 404
    assert "Hidden work" not in text(page(web, "promises", state="all"))
    assert "Hidden work" not in text(page(web, "promises_export", state="all"))


def test_a_colleague_reads_but_does_not_write(web):
    promise = make_promise(now=NOW)

    assert page(web, "promise", promise.public_id).status_code == 200
    assert web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"}).status_code == 404
    assert "Mark delivered" not in text(page(web, "promises"))


def test_whoever_answers_for_a_promise_may_act_on_it(web):
    promise = make_promise(client=make_client(), owner=web.user, now=NOW)

    web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"})

    promise.refresh_from_db()
    assert promise.state == "delivered"


# -------------------------------------------------------------------- ticking


def test_a_tick_of_ours_says_honestly_what_it_is(web, client):
    promise = make_promise(client=client, now=NOW)

    response = web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"}, follow=True)

    promise.refresh_from_db()
    assert promise.state == "delivered"
    assert "Delivered. Kept once they agree or stay silent for 5 working days." in text(response)
    assert f"/promises/{promise.public_id}/undo/" in text(response)


def test_a_tick_of_theirs_is_kept_because_we_are_the_ones_to_say_so(web, client):
    promise = make_promise(client=client, ours=False, now=NOW)

    web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"})

    promise.refresh_from_db()
    assert promise.state == "kept"


def test_htmx_gets_the_row_and_a_toast_with_undo(web, client):
    promise = make_promise(client=client, now=NOW)

    response = web.post(
        reverse("promise_keep", args=[promise.public_id]), {"tick": "1"}, headers={"HX-Request": "true"}
    )

    assert response.status_code == 200
    assert "<html" not in text(response)
    assert f'"undo": "/promises/{promise.public_id}/undo/"' in response["HX-Trigger"]


def test_ticking_what_somebody_has_just_ticked_says_so(web, client):
    promise = make_promise(client=client, now=NOW)
    promise.keep(by=client.owner, now=NOW)

    response = web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        f"{client.owner.first_name} changed this promise at 09:30, before you. This is how it stands now."
    ]


def test_a_late_tick_asks_why_first(web, client):
    promise = make_promise(client=client, now=NOW, due_at=NOW - DAY)
    path = reverse("promise_keep", args=[promise.public_id])

    asked = web.post(path, {"tick": "1"})
    refused = web.post(path, {"done_on": "2026-11-19"})
    done = web.post(path, {"done_on": "2026-11-19", "reason": "forgot", "confirmed": "on"})

    promise.refresh_from_db()
    assert (asked.status_code, refused.status_code, done.status_code) == (422, 422, 302)
    assert (promise.state, promise.reason) == ("kept", "forgot")


def test_a_row_that_turned_late_before_its_tick_leads_to_the_form(web, client):
    promise = make_promise(client=client, now=NOW, due_at=NOW - DAY)
    path = reverse("promise_keep", args=[promise.public_id])

    response = web.post(path, {"tick": "1"}, headers={"HX-Request": "true"})

    assert (response["HX-Redirect"], response.content) == (path, b"")


def test_they_told_me_records_their_word_in_the_same_step(web, rosa):
    promise = make_promise(client=rosa.client, contact=rosa, now=NOW)

    web.post(
        reverse("promise_keep", args=[promise.public_id]),
        {"done_on": "2026-11-19", "confirmed": "on", "contact": rosa.public_id, "how": "call"},
    )

    promise.refresh_from_db()
    assert (promise.state, promise.unconfirmed) == ("kept", False)
    assert promise.events.last().by_contact == rosa


def test_undo_brings_it_back(web, client):
    promise = make_promise(client=client, now=NOW)
    web.post(reverse("promise_keep", args=[promise.public_id]), {"tick": "1"})

    response = web.post(reverse("promise_undo", args=[promise.public_id]), {"next": "https://evil.example/"})

    promise.refresh_from_db()
    assert promise.state == "active"
    assert response.url == promise.get_absolute_url()


# -------------------------------------------------------------------- moving


def move(web, promise, **changes):
    fields = {"due_date": "2026-12-04", "due_time": "", "agreed_how": "call", "reason": "priorities", "words": ""}
    return web.post(reverse("promise_renegotiate", args=[promise.public_id]), fields | changes)


def test_the_page_says_on_which_side_of_the_line_a_new_date_falls(web, client, clock):
    promise = make_promise(client=client, now=NOW)

    early = text(page(web, "promise_renegotiate", promise.public_id))
    clock.move_to(promise.due_at - HOUR)
    last_minute = text(page(web, "promise_renegotiate", promise.public_id))
    clock.move_to(promise.due_at + DAY)
    late = text(page(web, "promise_renegotiate", promise.public_id))

    assert "This stays a kept word." in early
    assert "At the last minute." in last_minute
    assert "Already late:" in late


def test_the_line_points_out_a_weekend_while_the_date_is_typed(web, client):
    promise = make_promise(client=client, now=NOW)

    assert "is not a working day" in text(page(web, "promise_line", promise.public_id, due_date="2026-11-28"))
    assert page(web, "promise_line", promise.public_id, due_date="nonsense").status_code == 200


def test_moving_with_their_word_moves_it_and_without_it_does_not(web, rosa):
    agreed, asked = (make_promise(client=rosa.client, contact=rosa, now=NOW) for _ in range(2))

    move(web, agreed, contact=rosa.public_id)
    move(web, asked, agreed_how="not_yet")

    agreed.refresh_from_db()
    asked.refresh_from_db()
    assert (agreed.due_date.isoformat(), agreed.moves) == ("2026-12-04", 1)
    assert (asked.due_date.isoformat(), asked.open_request().new_due_date.isoformat()) == ("2026-11-26", "2026-12-04")
    assert "It stays due on the old date until they agree." in text(page(web, "promise", asked.public_id))


def test_who_agreed_must_be_said(web, rosa):
    promise = make_promise(client=rosa.client, contact=rosa, now=NOW)

    response = move(web, promise)

    assert response.status_code == 422
    assert "Say who agreed it." in text(response)


def test_their_answer_is_recorded(web, rosa):
    promise = make_promise(client=rosa.client, contact=rosa, now=NOW)
    promise.ask_to_move(
        by=web.user, terms=Terms(NOW.date() + 15 * DAY, time(17), "Europe/London"), reason="forgot", now=NOW
    )

    web.post(
        reverse("promise_answer", args=[promise.public_id]),
        {"answer": "yes", "contact": rosa.public_id, "how": "written", "note": "Fine with us."},
    )

    promise.refresh_from_db()
    assert (promise.due_date.isoformat(), promise.agreed_how) == ("2026-12-04", "written")


# -------------------------------------------------------------------- the other acts


@pytest.mark.parametrize(
    ("name", "fields", "state"),
    [
        ("promise_break", {"reason": "forgot"}, "broken"),
        ("promise_withdraw", {"reason": "scope_grew", "told": "on"}, "withdrawn"),
        ("promise_release", {}, "released"),
    ],
)
def test_an_act_shows_its_form_and_does_it(web, client, name, fields, state):
    promise = make_promise(client=client, now=NOW)
    path = reverse(name, args=[promise.public_id])

    assert web.get(path).status_code == 200
    assert web.post(path, fields).status_code == 302
    promise.refresh_from_db()
    assert promise.state == state
    assert text(page(web, "promise", promise.public_id)).count("Undo") >= 1


def test_a_dispute_shows_their_words(web, rosa):
    promise = make_promise(client=rosa.client, contact=rosa, now=NOW)
    promise.deliver(by=web.user, now=NOW)

    assert web.post(reverse("promise_dispute", args=[promise.public_id]), {"words": ""}).status_code == 422
    web.post(reverse("promise_dispute", args=[promise.public_id]), {"words": "The annex is missing."})

    promise.refresh_from_db()
    assert promise.state == "active"
    assert "The annex is missing." in text(page(web, "promise", promise.public_id))


def test_handing_over_and_commenting(web, client):
    promise, heir = make_promise(client=client, now=NOW), make_user(name="Tom Okafor")

    web.post(reverse("promise_comment", args=[promise.public_id]), {"text": "Half done."})
    web.post(reverse("promise_hand_over", args=[promise.public_id]), {"to": heir.public_id})

    promise.refresh_from_db()
    assert promise.owner == heir
    assert "Half done." in text(page(web, "promise", promise.public_id))


def test_only_a_manager_opens_it_again(web, client):
    promise = make_promise(client=client, now=NOW)
    promise.break_(by=web.user, now=NOW, reason="forgot")
    manager = browser_of(make_manager())
    path = reverse("promise_reopen", args=[promise.public_id])

    refused = web.post(path, {"note": "Please."}, follow=True)
    assert "This is for managers." in text(refused)
    manager.post(path, {"note": "It was another one."})

    promise.refresh_from_db()
    assert promise.state == "active"


def test_a_stale_correction_shows_both_versions(web, client):
    promise = make_promise(client=client, now=NOW, what="Send the fe note")
    form = page(web, "promise_edit", promise.public_id).context["form"]
    read = {name: form[name].value() or "" for name in form.fields}
    promise.correct(by=client.owner, now=NOW, version=1, what="Send the fee note")

    stale = web.post(reverse("promise_edit", args=[promise.public_id]), read | {"what": "Send the free note"})

    assert stale.status_code == 409
    assert "Send the free note" in text(stale)
    assert "Send the fee note" in text(stale)
    promise.refresh_from_db()
    assert promise.what == "Send the fee note"


@pytest.mark.parametrize("name", ["promise_undo", "promise_comment"])
def test_a_get_changes_nothing(web, client, name):
    promise = make_promise(client=client, now=NOW)

    web.get(reverse(name, args=[promise.public_id]))

    assert [event.kind for event in promise.events.all()] == ["made"]


# -------------------------------------------------------------------- the list


def whats(response):
    return [row.promise.what for row in response.context["rows"]]


def test_filters_live_in_the_address(web, client):
    other = make_user(name="Tom Okafor")
    make_promise(client=client, what="Ours, late", now=NOW, due_at=NOW - DAY)
    make_promise(client=client, what="Ours, today", now=NOW, due_at=NOW + HOUR)
    make_promise(client=client, what="Theirs", now=NOW, ours=False)
    make_promise(owner=other, what="Tom’s fee note", now=NOW, due_at=NOW + 20 * DAY)
    kept = make_promise(client=client, what="Kept", now=NOW)
    kept.keep(by=web.user, now=NOW)

    assert whats(page(web, "promises")) == ["Ours, late", "Ours, today", "Theirs", "Tom’s fee note"]
    assert whats(page(web, "promises", due="late")) == ["Ours, late"]
    assert whats(page(web, "promises", due="today")) == ["Ours, today"]
    assert whats(page(web, "promises", by="theirs")) == ["Theirs"]
    assert whats(page(web, "promises", owner=other.public_id)) == ["Tom’s fee note"]
    assert whats(page(web, "promises", owner="me", due="week")) == ["Ours, today", "Theirs"]
    assert whats(page(web, "promises", state="kept")) == ["Kept"]
    assert whats(page(web, "promises", outcome="open_overdue")) == ["Ours, late"]
    assert whats(page(web, "promises", outcome="failed")) == ["Ours, late"]
    assert whats(page(web, "promises", q="FEE")) == ["Tom’s fee note"]
    assert whats(page(web, "promises", sort="-due"))[0] == "Tom’s fee note"


@pytest.mark.parametrize(
    "query", [{"page": "x"}, {"state": "odd"}, {"sort": "';--"}, {"owner": "nobody"}, {"q": "é🚀" * 300}]
)
def test_an_odd_address_is_no_error(web, client, query):
    make_promise(client=client, now=NOW)

    assert page(web, "promises", **query).status_code == 200


def test_the_empty_list_says_what_to_do(web):
    assert "Either it is a good day or nobody writes them down." in text(page(web, "promises"))
    assert "No promise matches “unicorn”." in text(page(web, "promises", q="unicorn"))


def test_the_export_is_the_list_as_filtered_and_runs_nothing(web, client):
    make_promise(client=client, what="=HYPERLINK(1)", now=NOW)
    make_promise(client=client, what="Not this one", now=NOW, ours=False)

    response = page(web, "promises_export", by="ours")

    rows = list(csv.DictReader(io.StringIO(text(response).removeprefix("\ufeff"))))
    assert [row["What"] for row in rows] == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(web, client, count, django_assert_num_queries):
    for _ in range(count):
        contact = make_contact(client=make_client(owner=web.user))
        make_promise(client=contact.client, contact=contact, now=NOW)
        make_promise(client=contact.client, contact=contact, now=NOW, ours=False)
    page(web, "promises")

    with django_assert_num_queries(13):
        page(web, "promises")


@pytest.mark.parametrize("count", [1, 3])
def test_a_promise_costs_the_same_however_long_its_story(web, client, count, django_assert_num_queries):
    promise = make_promise(client=client, now=NOW)
    for _ in range(count):
        promise.comment(by=client.owner, now=NOW, text="Still on it.")
    page(web, "promise", promise.public_id)

    with django_assert_num_queries(11):
        page(web, "promise", promise.public_id)


def test_a_dispute_written_down_by_mistake_is_taken_back_on_its_page(web, client):
    promise = make_promise(client=client, owner=web.user, now=NOW)
    promise.deliver(by=web.user, now=NOW)
    promise.dispute(by=web.user, now=NOW, words="The wrong one.")

    offered = reverse("promise_undo", args=[promise.public_id]) in text(page(web, "promise", promise.public_id))
    web.post(reverse("promise_undo", args=[promise.public_id]))

    assert (offered, Promise.objects.get(pk=promise.pk).state) == (True, "delivered")


# -------------------------------------------------------------------- the firm's own patience


def test_the_limits_in_the_settings_are_the_limits_everywhere(web, rosa):
    Workspace.objects.update_or_create(pk=1, defaults={"silence_days": 3, "broken_after_days": 2})
    ahead = make_promise(client=rosa.client, owner=web.user, contact=rosa, now=NOW, due_at=NOW + 5 * DAY)
    overdue = make_promise(client=rosa.client, owner=web.user, contact=rosa, now=NOW, due_at=NOW - 7 * DAY)

    asked = text(page(web, "promise_keep", ahead.public_id))
    told = web.post(reverse("promise_keep", args=[ahead.public_id]), {"tick": "1"}, follow=True)

    words = "Kept once they agree or stay silent for 3 working days."
    assert words in asked
    assert [str(message) for message in told.context["messages"]] == [f"Delivered. {words}"]
    assert overdue.outcome(NOW) == Outcome.BROKEN
    assert [judged.outcome for judged in Promise.objects.filter(pk=overdue.pk).judged(NOW)] == [Outcome.BROKEN]
    assert "broken" in text(page(web, "promises_export", state="active"))
