"""My day: what needs a person today."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard import my_day
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def day_of(web, **query):
    return web.get(reverse("my_day"), query).context["day"]


def whats(rows):
    return [row.promise.what for row in rows]


def text(response):
    return response.content.decode()


def test_promises_stand_where_they_need_somebody(web):
    client = make_client(owner=web.user)
    make_promise(client=client, what="Late", now=NOW, due_at=NOW - DAY)
    make_promise(client=client, what="At noon", now=NOW, due_at=NOW + 2 * HOUR)
    make_promise(client=client, what="Theirs today", now=NOW, due_at=NOW + 3 * HOUR, ours=False)
    make_promise(client=client, what="On Monday", now=NOW, due_at=NOW + 4 * DAY)
    make_promise(client=client, what="Next month", now=NOW, due_at=NOW + 40 * DAY)
    make_promise(what="Somebody else’s", now=NOW, due_at=NOW - DAY)

    day = day_of(web)

    assert (whats(day.late), whats(day.today), whats(day.week)) == (
        ["Late"],
        ["At noon", "Theirs today"],
        ["On Monday"],
    )
    assert day.sentence == "<b>One promise is late</b> and two fall due today."


def test_a_promise_due_at_the_end_of_the_day_elsewhere_is_due_today(web):
    client = make_client(owner=web.user)
    make_promise(
        client=client,
        what="New York, today",
        now=NOW,
        due_at=NOW,
        due_time=None,
        due_zone="America/New_York",
        made_at=NOW,
    )

    assert whats(day_of(web).today) == ["New York, today"]


def test_the_word_this_quarter_counts_what_came_due(web):
    client = make_client(owner=web.user)
    for days in range(1, 6):
        promise = make_promise(client=client, now=NOW - 20 * DAY, due_at=NOW - days * DAY)
        if days > 1:
            promise.keep(by=web.user, now=NOW - (days + 1) * DAY)
    make_promise(client=client, now=NOW)

    word = day_of(web).word

    assert (str(word.share), word.kept, word.moved, word.failed) == ("80%, 4 of 5", 4, 0, 1)
    assert word.strip.count("s-kept") == 4


def test_every_figure_opens_the_list_it_counts(web):
    client = make_client(owner=web.user)
    kept = make_promise(client=client, what="Kept", now=NOW - 9 * DAY, due_at=NOW - 3 * DAY)
    kept.keep(by=web.user, now=NOW - 4 * DAY)
    make_promise(client=client, what="Missed", now=NOW - 9 * DAY, due_at=NOW - 2 * DAY)
    make_promise(client=client, what="Not yet due", now=NOW)

    def listed(**query):
        response = web.get(reverse("promises"), {"by": "ours", "due": "quarter", "owner": "me", **query})
        return whats(response.context["rows"])

    assert listed(state="all") == ["Kept", "Missed"]
    assert (listed(outcome="kept"), listed(outcome="missed")) == (["Kept"], ["Missed"])


def test_only_a_manager_sees_the_day_of_the_team(web):
    make_promise(what="Somebody else’s", now=NOW, due_at=NOW - DAY)

    assert whats(day_of(web, who="team").late) == []
    manager = browser_of(make_manager())
    assert whats(day_of(manager).late) == []
    assert whats(day_of(manager, who="team").late) == ["Somebody else’s"]


def test_clients_past_their_rhythm_are_listed_longest_silent_first(web):
    for name, days in [("Brightloom", 40), ("Saltmarsh", 30), ("Northgate", 3)]:
        make_client(name=name, owner=web.user, last_interaction_at=NOW - days * DAY)
    make_client(name="Not mine", last_interaction_at=NOW - 90 * DAY)

    assert [one["client"].name for one in day_of(web).quiet] == ["Brightloom", "Saltmarsh"]


def test_the_first_day_welcomes(web):
    page = text(web.get(reverse("my_day")))

    assert "Welcome, Priya" in page
    assert "Start with the client you will speak to next." in page


def test_a_free_day_names_the_client_spoken_to_longest_ago(web):
    make_client(name="Brightloom Textiles", owner=web.user, last_interaction_at=NOW - 9 * DAY)

    page = text(web.get(reverse("my_day")))

    assert "Good morning, Priya" in page
    assert "Brightloom Textiles</a> is the one you have not spoken to longest." in page


def test_another_room_can_add_a_card(web, monkeypatch):
    monkeypatch.setattr(my_day, "_cards", [])
    my_day.register_card(lambda user, now: ("components/_empty.html", {"title": "x"}) if user == web.user else None)

    assert [card.template for card in day_of(web).cards] == ["components/_empty.html"]
    assert day_of(browser_of(make_user())).cards == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_day_costs_the_same_for_any_length(web, count, django_assert_num_queries):
    for _ in range(count):
        contact = make_contact(client=make_client(owner=web.user, last_interaction_at=NOW - 60 * DAY))
        for days in (-3, 0.1, 4):
            make_promise(client=contact.client, contact=contact, now=NOW, due_at=NOW + days * DAY)
        make_promise(client=contact.client, contact=contact, now=NOW - 9 * DAY, due_at=NOW - DAY).keep(
            by=web.user, now=NOW - 2 * DAY
        )
    web.get(reverse("my_day"))

    with django_assert_num_queries(15):
        web.get(reverse("my_day"))
