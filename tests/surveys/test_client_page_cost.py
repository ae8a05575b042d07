"""The page of the busiest client: every section of it filled, and still few journeys to the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients import pins
from clients.files import store
from clients.follow_ups import verbs as follow_ups
from clients.models import Contact
from outbox.models import Email
from partnerships.models import Concern, Suggestion
from surveys import cases, results
from surveys.models import Belief, Invitation, SomebodyElse
from tests.conftest import NOW, browser_of
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_interaction,
    make_invitation,
    make_manager,
    make_promise,
    make_request,
    make_round,
    make_user,
)
from tests.surveys.test_cases import all_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOST, MOST_OF_A_TIMELINE = 16, 12  # well below the twenty that no page may need


@pytest.fixture
def busy(clock, web):
    """A client with everything, whose owner is `web`; three of most things."""
    colleagues = [make_user() for _ in range(3)]
    client = make_client(name="Tidewell Water", owner=web.user, team=colleagues, city="Hull", annual_value=420_000)
    people = [make_contact(client=client, name=f"Person {n:02}") for n in range(9)]
    Contact.objects.filter(pk=people[-1].pk).update(left_at=NOW - DAY)
    for user in (web.user, *colleagues):
        user.absences.create(starts_on=NOW.date(), ends_on=NOW.date())
    _years(client, people)
    for n in range(30):
        entry = make_interaction(client=client, contacts=people[n % 3 :][:2], happened_at=NOW - (n + 2) * DAY, mood=1)
        if n < 3:
            store.keep_bytes(b"words", "a.txt", by=web.user, now=NOW, interaction=entry)
            make_request(client=client, interaction=entry, text=f"When, {n}?", contact=people[n])
            make_promise(client=client, interaction=entry, contact=people[n], now=NOW)
    for n in range(9):
        make_promise(client=client, contact=people[n % 3], due_at=NOW + (n - 4) * DAY, ours=n % 2 == 0, now=NOW)
        make_request(client=client, contact=people[n % 3], asked_at=NOW - n * DAY)
    for n in range(4):
        concern = Concern.open(client, by=web.user, now=NOW, what_happened=f"Late, {n}.")
        Concern.objects.filter(pk=concern.pk).update(lead=colleagues[n % 3])
        Suggestion.record(client, by=web.user, now=NOW, words=f"Ring first, {n}", contact=people[n])
    make_interaction(
        client=client, kind="email", happened_at=NOW, contacts=people[:1]
    )  # to whom they have not answered
    return client


def _years(client, people):
    """Rounds before, with answers; the one that is open, where somebody wants a call; and the one being prepared."""
    for years in (3, 2, 1):
        before = make_round(state="open", name=f"Survey {2026 - years}", launched_at=NOW - years * 365 * DAY)
        make_belief(round=before, client=client, **all_of(8))
        for person in people[:3]:
            answer_survey(make_invitation(round=before, contact=person), **all_of(5, better="Call back."))
        make_invitation(round=before, contact=people[3])
        type(before).objects.filter(pk=before.pk).update(state="closed", closed_at=NOW - years * 300 * DAY)
    Invitation.objects.filter(contact=people[3]).update(overdue_flagged_at=NOW - 200 * DAY, overdue_reason="no_answer")
    now = make_round(state="open", name="Survey 2026")
    made = make_belief(round=now, client=client, **all_of(9))
    Belief.objects.filter(pk=made.pk).seal(now=NOW)
    for person in people[:3]:
        answer_survey(make_invitation(round=now, contact=person), **all_of(2, call=("0113", "mornings")))
    back = make_invitation(round=now, contact=people[4], state="undeliverable", with_mail=True)
    SomebodyElse.objects.create(invitation=back, name="Tom", said_at=NOW)
    results.recompute_stale(NOW)
    cases.open_due(NOW)
    planned = make_round(state="draft", name="Survey 2027")
    make_invitation(round=planned, contact=people[0], state="pending", send_at=NOW + 300 * DAY)


def asked_for(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(address)
    assert page.status_code == 200
    return page.text, len(asked)


@pytest.mark.parametrize("role", ["owner", "manager", "reader"])
def test_the_busiest_page_and_its_timeline_ask_little_of_the_database(busy, web, role):
    browser = {"owner": web, "manager": browser_of(make_manager()), "reader": browser_of(make_user())}[role]
    user = browser.user
    for n in range(3):
        pins.pin(user, make_client(owner=user))
        follow_ups.set_follow_up(client=busy, user=user, due_on=(NOW + n * DAY).date(), note=f"Ask {n}")
    Email.objects.filter(state="queued").update(state="failed")
    timeline = f"{busy.get_absolute_url()}timeline/"

    page, cost = asked_for(browser, busy.get_absolute_url())

    for anchor in ("requests", "promises", "follow-ups", "gap", "air", "suggestions", "timeline", "people"):
        assert f'id="{anchor}"' in page
    assert cost <= MOST
    contact = busy.contacts.first()
    places = ("", "?q=late", "?before=2026-03-01", "?kind=promises")
    for place in (*places, f"?person={contact.public_id}", f"?person={web.user.public_id}"):
        assert asked_for(browser, f"{timeline}{place}")[1] <= MOST_OF_A_TIMELINE
