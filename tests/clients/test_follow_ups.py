"""Follow-ups: what somebody asked to be reminded of, theirs alone."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from clients.follow_ups import rows, verbs
from clients.models import FollowUp
from dashboard import follow_ups_digest
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_interaction, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = date(2026, 11, 19)
DAY = timedelta(days=1)


def remind(web, *, client=None, **fields):
    client = client or make_client(owner=web.user)
    return verbs.set_follow_up(
        client=client, user=web.user, **{"due_on": TODAY, "note": "Ask about the lease", **fields}
    )


def post(web, name, follow_up, **data):
    return web.post(reverse(name, args=[follow_up.public_id]), data)


def test_the_same_key_makes_one_reminder():
    client, user, key = make_client(), make_user(), uuid.uuid4()

    first, second = (verbs.set_follow_up(client=client, user=user, due_on=TODAY, key=key) for _ in range(2))

    assert first == second
    assert FollowUp.objects.count() == 1


def test_a_reminder_is_set_by_form_and_stands_on_the_client_page_of_who_set_it(web):
    client = make_client(owner=web.user)

    answer = web.post(
        reverse("follow_up_new", args=[client.public_id]), {"due_on": "2026-11-25", "note": "Ask about the lease"}
    )

    assert answer.url == client.get_absolute_url()
    made = FollowUp.objects.get()
    assert (made.client, made.user, made.due_on, made.note) == (
        client,
        web.user,
        date(2026, 11, 25),
        "Ask about the lease",
    )
    assert "Ask about the lease" in web.get(client.get_absolute_url()).content.decode()
    colleague = browser_of(make_manager())
    assert "Ask about the lease" not in colleague.get(client.get_absolute_url()).content.decode()


def test_a_quick_day_takes_the_place_of_the_typed_one(web):
    client = make_client(owner=web.user)

    web.post(reverse("follow_up_new", args=[client.public_id]), {"due_on": "", "note": "", "quick": "2026-11-20"})

    assert FollowUp.objects.get().due_on == TODAY + DAY


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Choose a day."),
        ("tomorrow-ish", "Enter a valid date."),
        ("2026-11-18", "Choose today or a day after it."),
        ("2199-01-01", "Choose a day within the next five years."),
    ],
)
def test_a_day_that_is_none_is_refused_beside_the_field(web, typed, words):
    answer = web.post(reverse("follow_up_new", args=[make_client(owner=web.user).public_id]), {"due_on": typed})

    assert answer.status_code == 422
    assert answer.context["form"].errors["due_on"] == [words]


def test_done_once_and_back_by_undo(web):
    follow_up = remind(web)

    done = post(web, "follow_up_done", follow_up)
    follow_up.refresh_from_db()
    assert (done.status_code, follow_up.done_at) == (302, NOW)
    assert list(verbs.open_of(web.user)) == []

    post(web, "follow_up_undo", follow_up)
    assert list(verbs.open_of(web.user)) == [follow_up]


def test_ticked_in_place_it_answers_its_row_with_undo(web):
    follow_up = remind(web)

    answer = web.post(reverse("follow_up_done", args=[follow_up.public_id]), headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert (f'id="{follow_up.public_id}"' in page, "is-done" in page) == (True, True)
    assert reverse("follow_up_undo", args=[follow_up.public_id]) in answer["HX-Trigger"]


def test_moved_to_another_day_with_other_words(web):
    follow_up = remind(web, due_on=TODAY - 3 * DAY)

    post(web, "follow_up", follow_up, due_on="2026-11-30", note="Ask about the roof")

    follow_up.refresh_from_db()
    assert (follow_up.due_on, follow_up.note) == (date(2026, 11, 30), "Ask about the roof")


def test_removed_and_brought_back_as_it_was(web):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client)
    follow_up = remind(web, client=client, interaction=entry)

    answer = web.post(reverse("follow_up_remove", args=[follow_up.public_id]), follow=True)
    assert FollowUp.objects.count() == 0
    [message] = answer.context["messages"]
    undo = message.extra_tags.removeprefix("undo:")

    assert browser_of(make_user()).post(undo).status_code == 404
    for _ in range(2):
        web.post(undo)
    back = FollowUp.objects.get()
    assert (back.note, back.due_on, back.interaction, back.user) == ("Ask about the lease", TODAY, entry, web.user)
    assert web.post(undo.replace("=", "=x")).status_code == 404


@pytest.mark.parametrize("name", ["follow_up", "follow_up_done", "follow_up_undo", "follow_up_remove"])
def test_nobody_else_reaches_a_reminder_not_even_a_manager(web, name):
    follow_up = remind(web)

    assert post(browser_of(make_manager()), name, follow_up, due_on="2026-11-30").status_code == 404
    follow_up.refresh_from_db()
    assert (follow_up.due_on, follow_up.done_at) == (TODAY, None)


def test_a_client_that_became_team_only_takes_its_reminders_out_of_sight(web):
    client = make_client()
    follow_up = remind(web, client=client)

    client.visibility = "team_only"
    client.save()

    assert rows.due_for(web.user, now=NOW) == ([], 0)
    assert post(web, "follow_up_done", follow_up).status_code == 404
    assert web.get(reverse("follow_up_new", args=[client.public_id])).status_code == 404


def test_a_client_that_was_put_away_reminds_nobody(web):
    client = make_client(owner=web.user)
    remind(web, client=client)
    client.archive(by=web.user, now=NOW)

    assert rows.due_for(web.user, now=NOW) == ([], 0)


def test_my_day_looks_a_week_ahead_and_says_the_day(web):
    for days in (-2, 0, 1, 5, 8):
        remind(web, due_on=TODAY + days * DAY, note=f"In {days}")

    shown, count = rows.due_for(web.user, now=NOW)

    assert [(row.title, row.due) for row in shown] == [
        ("In -2", "2 days ago"),
        ("In 0", "today"),
        ("In 1", "tomorrow"),
        ("In 5", "Tue 24 Nov"),
    ]
    assert count == 4


@pytest.mark.parametrize("count", [1, 3])
def test_the_client_page_asks_one_query_for_any_number(web, count, django_assert_num_queries):
    client = make_client(owner=web.user)
    for _ in range(count):
        remind(web, client=client)

    with django_assert_num_queries(1):
        found = rows.at_client(client, web.user, NOW)
        assert [row.title for row in found["rows"]] == ["Ask about the lease"] * count


def test_the_digest_says_what_is_due_to_its_own_reader_only(web):
    client = make_client(owner=web.user, name="Tidewell Water")
    due = remind(web, client=client)
    remind(web, client=client, due_on=TODAY + DAY, note="Tomorrow")
    remind(web, client=client, note="Done").client.follow_ups.filter(note="Done").update(done_at=NOW)
    colleague = make_user()

    found = follow_ups_digest.lines([web.user, colleague], NOW)

    assert [(line.text, line.due, line.href) for line in found[web.user.pk]] == [
        ("Tidewell Water: Ask about the lease", "today", client.get_absolute_url())
    ]
    assert found[web.user.pk][0].key == f"follow-up:{due.public_id}:20261119"
    assert colleague.pk not in found
