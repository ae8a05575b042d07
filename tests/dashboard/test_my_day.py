"""My day: what needs a person today."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from clients.follow_ups.verbs import set_follow_up
from clients.models import Pin, Request
from dashboard import my_day
from partnerships.models import Celebration
from promises import letters
from promises.models import Letter, Promise
from tests.conftest import NOW, browser_of
from tests.make import (
    make_belief,
    make_client,
    make_contact,
    make_interaction,
    make_manager,
    make_promise,
    make_round,
    make_user,
)
from tests.partnerships.test_concerns import make_concern

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


def test_the_team_is_everybody_for_a_manager_and_one_s_own_clients_for_everybody_else(web):
    make_promise(what="Somebody else’s", now=NOW, due_at=NOW - DAY)
    owned, joined = make_client(owner=web.user), make_client(team=[web.user])
    for client in (owned, joined):
        make_promise(client=client, owner=make_user(), what="A colleague’s", now=NOW, due_at=NOW - DAY)

    assert whats(day_of(web).late) == []
    assert whats(day_of(web, who="team").late) == ["A colleague’s", "A colleague’s"]
    for promise in Promise.objects.filter(what="A colleague’s"):
        promise.tick(by=web.user, now=NOW, reason="forgot")
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


# ------------------------------------------------------------------ requests, follow-ups, gone quiet
def ask(client, user, *, text="When is the audit?", hours=1, **fields):
    return Request.objects.ask(client=client, by=user, now=NOW - hours * HOUR, text=text, assignee=user, **fields)


def asked(rows):
    return [row.it.text for row in rows]


def test_requests_wait_with_the_least_time_left_first(web):
    client = make_client(owner=web.user)
    ask(client, web.user, text="Asked now")
    ask(client, web.user, text="Asked two days ago", hours=48)
    ask(make_client(owner=web.user), web.user, text="Urgent", urgency="urgent")
    ask(client, web.user, text="Answered").answer(by=web.user, now=NOW)
    ask(client, make_user(), text="A colleague’s")

    day = day_of(web)

    assert asked(day.requests) == ["Asked two days ago", "Urgent", "Asked now"]
    assert day.sentence == "<b>Two clients are waiting</b> for an answer."
    assert "Agreed answer time: 8 working hours" in text(web.get(reverse("my_day")))


def test_the_sentence_counts_what_is_late_due_and_asked(web):
    client = make_client(owner=web.user)
    make_promise(client=client, now=NOW, due_at=NOW - DAY)
    make_promise(client=client, now=NOW, due_at=NOW + HOUR)
    ask(client, web.user)

    assert day_of(web).sentence == (
        "<b>One promise is late</b>, one falls due today and <b>one client is waiting</b> for an answer."
    )


def test_the_team_s_requests_are_those_at_one_s_clients(web):
    colleague = make_user()
    ask(make_client(team=[web.user], owner=colleague), colleague, text="At a client of my team")
    ask(make_client(owner=colleague), colleague, text="Elsewhere")
    ask(make_client(owner=colleague, visibility="team_only"), colleague, text="Secret")

    assert asked(day_of(web).requests) == []
    assert asked(day_of(web, who="team").requests) == ["At a client of my team"]
    assert len(day_of(browser_of(make_manager()), who="team").requests) == 3


def test_follow_ups_stand_on_the_day_of_who_set_them(web):
    client = make_client(owner=web.user)
    set_follow_up(client=client, user=web.user, due_on=NOW.date(), note="Ask about the lease")
    set_follow_up(client=client, user=make_user(), due_on=NOW.date(), note="A colleague’s")

    day = day_of(web)

    assert ([row.title for row in day.follow_ups], day.follow_ups_count) == (["Ask about the lease"], 1)
    assert day_of(web, who="team").follow_ups == []


def test_gone_quiet_says_where_we_wrote_and_they_did_not(web):
    _silent, written = (
        make_client(name=name, owner=web.user, created_at=NOW - 40 * DAY) for name in ("Silent", "Written")
    )
    make_interaction(client=written, kind="email", direction="ours", happened_at=NOW - 3 * DAY)

    found = {one["client"].name: one["wrote"] for one in day_of(web).quiet}

    assert found == {"Silent": None, "Written": NOW - 3 * DAY}
    assert "You wrote 3 days ago, they have not answered" in text(web.get(reverse("my_day")))


def test_what_is_worth_celebrating_stands_beside_and_is_let_go_without_leaving(web):
    client = make_client(name="Northgate Foods", owner=web.user, partner_since=date(2021, 11, 23))
    page = text(web.get(reverse("my_day")))
    assert "Five years with Northgate Foods" in page

    let_go = reverse("celebration_let_go", args=[client.public_id, "anniversary-2026"])
    answer = web.post(let_go, {"next": "/"})

    assert answer.url == "/"
    assert Celebration.objects.get().decided == "let_go"
    assert "Five years with Northgate Foods" not in text(web.get(reverse("my_day")))


def test_a_manager_s_team_celebrates_with_every_client(web):
    make_client(name="Northgate Foods", partner_since=date(2021, 11, 23))
    manager = browser_of(make_manager())

    assert "Northgate Foods" not in text(manager.get(reverse("my_day")))
    assert "Five years with Northgate Foods" in text(manager.get(reverse("my_day"), {"who": "team"}))


# ------------------------------------------------------------------ asked for again
def test_the_page_asks_for_itself_again_and_gets_the_day_alone(web):
    make_promise(client=make_client(owner=web.user), what="Send the note", now=NOW, due_at=NOW + HOUR)

    answer = web.get(reverse("my_day"), headers={"HX-Request": "true"})

    part = text(answer)
    assert part.strip().startswith('<div id="day"')
    assert ("Send the note" in part, 'class="side"' in part) == (True, False)
    assert "HX-Request" in answer["Vary"]
    assert "This is from 09:30. We could not reach the server." in part


def test_every_row_can_be_finished_moved_and_opened_from_the_page(web):
    client = make_client(owner=web.user)
    promise = make_promise(client=client, now=NOW, due_at=NOW + HOUR)
    late = make_promise(client=client, now=NOW - 9 * DAY, due_at=NOW - DAY)
    request = ask(client, web.user)
    follow_up = set_follow_up(client=client, user=web.user, due_on=NOW.date())

    page = text(web.get(reverse("my_day")))

    for name, record in [
        ("promise_keep", promise),
        ("promise_renegotiate", promise),
        ("promise_keep", late),
        ("request_answered", request),
        ("request_no_reply", request),
        ("follow_up_done", follow_up),
        ("follow_up", follow_up),
    ]:
        assert reverse(name, args=[record.public_id]) in page, name


def test_a_rich_day_stays_within_twenty_queries(web, django_assert_max_num_queries):
    for number in range(3):
        since = date(2016, 11, 20 + number)
        contact = make_contact(client=make_client(owner=web.user, partner_since=since, created_at=NOW - 90 * DAY))
        client = contact.client
        for days in (-3, 0.1, 4):
            make_promise(client=client, contact=contact, now=NOW, due_at=NOW + days * DAY)
        ask(client, web.user, contact=contact)
        set_follow_up(client=client, user=web.user, due_on=NOW.date())
        make_interaction(client=client, kind="email", direction="ours", happened_at=NOW - 3 * DAY)
        web.post(reverse("client_pin", args=[client.public_id]))
    for query in ({}, {"who": "team"}):
        web.get(reverse("my_day"), query)

    with django_assert_max_num_queries(20):
        page = text(web.get(reverse("my_day")))
    assert (page.count('<li class="row-i'), page.count("dot-late")) == (15, 6)


def _fill(owner, *, of=2):
    """A day with more of everything than is shown: the owner’s, with a beginning, a draft, a belief, an answer."""
    contact = make_contact(client=make_client(owner=owner, partner_since=date(2016, 11, 20)))
    client = contact.client
    for n in range(40):
        make_promise(client=client, contact=contact, what=f"Late {n}", now=NOW, due_at=NOW - (n + 1) * DAY)
        make_promise(client=client, contact=contact, what=f"Ahead {n}", now=NOW, due_at=NOW + (n + 25) * HOUR)
    make_promise(client=client, contact=contact, what="At noon", now=NOW, due_at=NOW + 2 * HOUR)
    theirs = make_promise(client=client, contact=contact, ours=False, now=NOW, due_at=NOW + 90 * DAY)
    letters.draft(Letter.Kind.NUDGE, promise=theirs, by=owner, now=NOW)
    make_promise(client=client, contact=contact, now=NOW).deliver(by=owner, now=NOW)
    for _ in range(12):
        make_promise(client=client, now=NOW - 20 * DAY, due_at=NOW - DAY).keep(by=owner, now=NOW - 2 * DAY)
    for n in range(35):
        ask(client, owner, text=f"Question {n}", contact=contact)
    for _ in range(of * my_day.QUIET_SHOWN):
        make_client(owner=owner, created_at=NOW - 90 * DAY)
    round = make_round(state="open")
    for _ in range(6):
        make_belief(round=round, client=make_client(owner=owner))
        set_follow_up(client=client, user=owner, due_on=NOW.date())
        make_concern(client)
    Pin.objects.create(user=owner, client=client, position=1)
    User.objects.filter(pk=owner.pk).update(has_pins=True)
    owner.absences.create(starts_on=NOW.date() + 30 * DAY, ends_on=NOW.date() + 31 * DAY)


@pytest.mark.parametrize("make", [make_user, make_manager])
@pytest.mark.parametrize("who", ["mine", "team"])
def test_a_full_day_stays_within_twenty_queries(make, who, django_assert_max_num_queries):
    owner = make()
    _fill(owner)
    reader = browser_of(User.objects.get(pk=owner.pk))
    reader.get(reverse("my_day"), {"who": who})

    with django_assert_max_num_queries(20):
        answer = reader.get(reverse("my_day"), {"who": who})

    day = answer.context["day"]
    assert (len(day.late), day.late_count, whats(day.today)) == (30, 40, ["At noon"])
    assert (len(day.week), day.week_count, len(day.requests), day.requests_count) == (7, 40, 30, 35)
    assert (len(day.quiet), day.delivered_count, str(day.word.share)) == (4, 1, "23%, 12 of 52")
    assert {card.template.rpartition("_day_")[2] for card in day.cards} == {
        "celebrations.html", "letters.html", "talks.html", "beliefs.html",
    }  # fmt: skip


def test_very_many_late_promises_leave_room_for_what_is_due_today(web):
    client = make_client(owner=web.user)
    for n in range(my_day.FIRST_READ + 5):
        make_promise(client=client, what=f"Late {n}", now=NOW, due_at=NOW - (n + 1) * HOUR)
    assert whats(day_of(web).today) == []
    late = day_of(web)
    make_promise(client=client, what="At noon", now=NOW, due_at=NOW + 2 * HOUR)

    for query in ({}, {"who": "team"}):
        day = day_of(web, **query)
        assert (len(day.late), day.late_count, whats(day.today)) == (30, my_day.FIRST_READ + 5, ["At noon"])
        assert day.sentence == "<b>65 promises are late</b> and one falls due today."
    assert (late.late_count, late.week_count) == (65, 0)


def test_the_team_s_day_says_of_whom_each_row_is_and_which_may_be_answered(web):
    colleague = make_user(name="Cleo Marsh")
    shared, others = make_client(owner=colleague, team=[web.user]), make_client(owner=colleague)
    make_promise(client=shared, what="Shared", now=NOW, due_at=NOW + HOUR)
    make_promise(client=others, what="Not ours", now=NOW, due_at=NOW + HOUR)
    own = make_promise(client=others, owner=web.user, what="Own", now=NOW, due_at=NOW + 2 * HOUR)
    ask(shared, colleague, text="Of the team?")
    ask(others, colleague, text="Of others?")
    Request.objects.ask(client=others, by=colleague, now=NOW, text="Mine, elsewhere?", assignee=web.user)

    answer = web.get(reverse("my_day"), {"who": "team"})
    day = answer.context["day"]

    assert whats(day.today) == ["Shared", own.what]
    assert [(row.it.text, row.can_write) for row in day.requests] == [
        ("Of the team?", True),
        ("Mine, elsewhere?", False),
    ]
    assert text(answer).count("Cleo Marsh") == 2
    assert "Not ours" not in text(answer)
