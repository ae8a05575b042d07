"""The page of a client: who owns it, its dates, its neighbours in the list, the rules; the pages of its people."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.dates import anniversary, dates_of
from clients.models import Client, TeamMember
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# ------------------------------------------------------------------ header
def test_the_header_names_owner_and_deputy(web):
    client = make_client(owner=web.user)
    TeamMember.objects.create(client=client, user=make_user(name="Tom Okafor"), part="deputy")

    page = web.get(client.get_absolute_url()).text

    assert "owns this relationship" in page
    assert "deputy: Tom Okafor" in page


def test_a_client_of_somebody_who_left_can_be_taken(web):
    gone = make_user(name="Gone Away", is_active=False)
    client = make_client(owner=gone, team=[web.user])

    page = web.get(client.get_absolute_url()).text

    assert "Nobody owns this relationship" in page
    assert "Take it" in page
    assert "Take it" not in browser_of(make_user()).get(client.get_absolute_url()).text


def test_fees_are_for_those_who_work_for_the_client(web):
    client = make_client(owner=web.user, annual_value=420_000, currency="GBP")

    def shown(browser):
        return "£420k a year" in browser.get(client.get_absolute_url()).text

    assert (shown(web), shown(browser_of(make_manager())), shown(browser_of(make_user()))) == (True, True, False)


# ------------------------------------------------------------------ dates
@pytest.mark.parametrize(
    ("since", "today", "on"),
    [
        (date(2019, 3, 1), date(2026, 11, 19), date(2027, 3, 1)),
        (date(2019, 11, 19), date(2026, 11, 19), date(2026, 11, 19)),
        (date(2020, 2, 29), date(2026, 11, 19), date(2027, 2, 28)),
        (date(2020, 2, 29), date(2027, 11, 19), date(2028, 2, 29)),
    ],
)
def test_the_anniversary_comes_round(since, today, on):
    assert anniversary(since, today) == on


def test_dates_stand_in_their_order_with_what_is_left(clock):
    client = Client(renewal_on=date(2026, 12, 1), partner_since=date(2019, 3, 1))
    gone_by = Client(renewal_on=date(2026, 11, 18))

    told = [[(day.what, day.words, day.level) for day in dates_of(one, now=NOW)] for one in (client, gone_by, Client())]

    assert told == [
        [("Renewal", "in 12 days", "soon"), ("Anniversary", "8 years together", "")],
        [("Renewal", "1 day ago", "late")],
        [],
    ]


def test_renewal_rhythm_and_answer_hours_are_set_in_the_form(web):
    client = make_client(owner=web.user)
    data = {
        "name": "Tidewell", "kind": "client", "stage": "active", "visibility": "open", "time_zone": "UTC",
        "version": client.version, "renewal_on": "2027-01-31", "rhythm_days": "10", "answer_hours": "4",
    }  # fmt: skip

    web.post(client.get_absolute_url() + "edit/", data)
    refused = web.post(client.get_absolute_url() + "edit/", {**data, "version": 2, "answer_hours": "0"})

    client.refresh_from_db()
    assert (client.renewal_on, client.rhythm_days, client.answer_hours) == (date(2027, 1, 31), 10, 4)
    assert refused.status_code == 422
    assert "31 Jan 2027" in web.get(client.get_absolute_url()).text


# ------------------------------------------------------------------ neighbours
def test_the_keys_walk_the_list_somebody_came_from(web):
    for name in ("Alpha", "Beta", "Gamma"):
        make_client(name=name, owner=web.user)
    make_client(name="Another’s", owner=make_user())
    make_client(name="Between", visibility="team_only")
    beta = Client.objects.get(name="Beta")
    web.get(beta.get_absolute_url(), headers={"referer": "http://testserver/clients/?owner=me&sort=-name"})

    def beside(name, way):
        address = Client.objects.get(name=name).get_absolute_url()
        return web.get(f"{address}beside/{way}/", follow=True).context["client"].name

    assert [beside(name, "next") for name in ("Gamma", "Beta", "Alpha")] == ["Beta", "Alpha", "Alpha"]
    assert [beside(name, "previous") for name in ("Gamma", "Beta", "Alpha")] == ["Gamma", "Gamma", "Beta"]
    assert beside("Another’s", "next") == "Gamma"


def test_without_a_list_they_walk_all_clients_one_may_see(web):
    alpha, _hidden, gamma = (
        make_client(name="Alpha", owner=web.user),
        make_client(name="Beta", visibility="team_only"),
        make_client(name="Gamma"),
    )

    assert web.get(alpha.get_absolute_url() + "beside/next/").headers["Location"] == gamma.get_absolute_url()
    assert web.get(alpha.get_absolute_url() + "beside/sideways/").status_code == 404


# ------------------------------------------------------------------ rules
def test_the_rules_say_which_of_them_fire(web, clock):
    client = make_client(owner=web.user, last_interaction_at=NOW - 30 * DAY)
    make_promise(client=client, now=NOW - 9 * DAY, due_at=NOW - 2 * DAY)

    rules = web.get(client.get_absolute_url() + "state/").context["rules"]

    firing = [(rule.words, [reason.text for reason in rule.reasons]) for rule in rules if rule.reasons]
    assert firing == [
        ("A promise of ours is late", ["1 promise 2 days late"]),
        (
            "Both sides last spoke longer ago than agreed: nobody did, or we wrote and they did not answer",
            ["Quiet for 30 days, we agreed every 21"],
        ),
    ]
    assert len(rules) > 6


# ------------------------------------------------------------------ one entry
def test_an_entry_is_read_by_all_who_see_the_client_and_corrected_by_those_who_work_for_it(web, clock):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client, body="First words")
    reader = browser_of(make_user())
    address = entry.get_absolute_url()

    assert ("<form" in web.get(address).text.partition("<main")[2], reader.get(address).status_code) == (True, 200)
    assert "First words" in reader.get(address).text
    assert "Save" not in reader.get(address).text.partition("<main")[2].partition("</main")[0]
    assert reader.post(address, {"body": "Mine"}).status_code == 403
    entry.refresh_from_db()
    assert entry.body == "First words"
    entry.remove(now=NOW)
    assert (reader.get(address).status_code, web.get(address).status_code) == (404, 200)


def test_an_entry_says_how_it_read_before_who_changed_it_and_when(web, clock):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client, body="We spoke on Monday", happened_at=NOW - DAY)
    shown = {
        "body": "We spoke on Tuesday", "kind": "meeting", "direction": "", "happened_at": "2026-11-18T09:00",
        "version": entry.version,
    }  # fmt: skip
    web.post(entry.get_absolute_url(), shown)

    for browser in (web, browser_of(make_user())):
        text = browser.get(entry.get_absolute_url()).text
        before = text.partition("How it read before")[2]
        assert "We spoke on Monday" in before
        assert "changed by Priya Raman" in before
        assert "<del>Call</del> → <ins>Meeting</ins>" in before


def test_an_entry_of_a_team_only_client_does_not_exist_for_others():
    client = make_client(visibility="team_only")
    entry = make_interaction(client=client)

    assert browser_of(make_user()).get(entry.get_absolute_url()).status_code == 404


# ------------------------------------------------------------------ a person
def test_the_page_of_a_person_tells_what_happened_with_them_only(web, clock):
    client = make_client(name="Tidewell", owner=web.user)
    rosa = make_contact(client=client, name="Rosa Delgado", job_title="Finance director", phone="0113 496 0101")
    greg = make_contact(client=client, name="Greg Holm")
    for n in range(25):
        make_interaction(client=client, contacts=[rosa], body=f"With Rosa {n}", happened_at=NOW - n * DAY)
    make_interaction(client=client, contacts=[greg], body="With Greg")

    page = web.get(rosa.get_absolute_url())
    older = web.get(f"{client.get_absolute_url()}timeline/{page.context['older_query']}")

    assert "Finance director" in page.text
    assert "With Greg" not in page.text
    assert [entry.body for entry in older.context["told"].entries] == [f"With Rosa {n}" for n in range(20, 25)]
    assert "With Greg" not in older.text


def test_a_person_of_a_team_only_client_does_not_exist_for_others():
    tom = make_user()
    client = make_client(visibility="team_only", team=[tom])
    rosa = make_contact(client=client)
    people = (make_user(), tom, client.owner, make_manager())

    answers = [browser_of(user).get(rosa.get_absolute_url()).status_code for user in people]

    assert answers == [404, 200, 200, 200]


# ------------------------------------------------------------------ the file
def test_a_timeline_is_exported_whole_as_it_is_filtered_and_runs_nothing(web, clock):
    client = make_client(owner=web.user)
    for n in range(3):
        make_interaction(client=client, body=f"=HYPERLINK({n})", happened_at=NOW - n * DAY)
    make_interaction(client=client, body="Other")

    answer = web.get(client.get_absolute_url() + "timeline.csv?q=hyperlink")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert len(lines) == 4
    assert all("'=HYPERLINK" in line for line in lines[1:])
    closed = make_client(visibility="team_only")
    assert web.get(closed.get_absolute_url() + "timeline.csv").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_length(web, clock, count):
    client = make_client(owner=web.user)
    for n in range(count):
        rosa = make_contact(client=client)
        make_interaction(client=client, contacts=[rosa])
        make_promise(client=client, contact=rosa, now=NOW, due_at=NOW + n * DAY)
    web.get(client.get_absolute_url())

    with CaptureQueriesContext(connection) as asked:
        web.get(client.get_absolute_url())

    assert len(asked) <= 20
