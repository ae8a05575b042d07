"""Which results open a case, that each opens one only, and that a case gives nothing away."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.urls import reverse

from partnerships.models import Concern
from surveys import cases, results
from surveys.models import Belief, Case, Result
from tests.conftest import NOW, browser_of
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_promise,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db

SCALES = [
    "overall", "promises_kept", "promises_warning", "responsiveness", "respect", "trust_honest", "trust_interest",
    "transparency", "cooperation", "understanding", "same_page", "value_results", "value_price", "continue",
    "recommend",
]  # fmt: skip


def all_of(value, **others):
    return dict.fromkeys(SCALES, value) | others


def answered(round, *, belief=None, submit=True, in_confidence=False, owner=None, **answers):
    client = make_client(owner=owner or make_user())
    invitation = make_invitation(round=round, contact=make_contact(client=client, name="Rosa Delgado"))
    if belief is not None:
        made = make_belief(round=round, client=client, **all_of(belief))
        Belief.objects.filter(pk=made.pk).seal(now=NOW)
    answer_survey(invitation, submit=submit, in_confidence=in_confidence, **answers)
    results.recompute_stale(NOW)
    return client


def opened(client):
    cases.open_due(NOW)
    case = Case.objects.filter(client=client).first()
    return case and case.why


@pytest.fixture
def round(clock):
    return make_round(state="open", name="Survey 2026")


def test_a_call_they_asked_for_opens_a_case_due_in_a_day(round):
    client = answered(round, **all_of(9), call=("0113", "mornings"))

    assert opened(client) == "call"
    concern = client.concerns.get()
    assert (concern.origin, concern.contact_due_at - NOW) == ("survey", timedelta(days=1))
    assert [event.by for event in concern.events.all()] == [None]


@pytest.mark.parametrize(
    ("answers", "belief", "why"),
    [
        (all_of(9, respect=3), 9, "alarm"),
        (all_of(9, trust_honest=2), None, "alarm"),
        (all_of(9, promises_kept=3), 9, "alarm"),
        (all_of(9, respect=4), 9, None),
        (all_of(5), 9, "serious"),
        (all_of(9), 5, None),  # they think more of us than we do
        (all_of(6, recommend=6), 7, "blind_spot"),
        (all_of(6, recommend=7), 7, None),
        (all_of(6, recommend=6), 6, None),  # we knew
        (all_of(8, recommend=2), 8, None),  # says the rule: a detractor is one where we saw none
    ],
)
def test_the_rules_one_by_one(round, answers, belief, why):
    assert opened(answered(round, belief=belief, **answers)) == why


def test_an_answer_that_is_not_handed_in_opens_nothing(round):
    client = answered(round, submit=False, respect=1)

    assert opened(client) is None


def test_a_case_opens_once_however_often_the_rules_are_asked(round):
    client = answered(round, respect=1)

    for _ in range(3):
        cases.open_due(NOW)
    result = Result.objects.get(client=client)
    assert cases.open_case(result, why="serious", by=None, now=NOW) is None

    assert (client.cases.count(), client.concerns.count()) == (1, 1)


def test_a_resolved_case_is_not_opened_anew_by_the_same_round(round):
    client = answered(round, respect=1)
    opened(client)
    concern = client.concerns.get()
    concern.resolve(outcome="x", promises=[], no_promise_because="x", by=client.owner, now=NOW)

    cases.open_due(NOW + timedelta(days=2))

    assert client.concerns.count() == 1


def test_a_round_closed_long_ago_opens_nothing(round):
    client = answered(round, respect=1)
    round.state, round.closed_at = "closed", NOW - timedelta(days=15)
    round.save()

    assert opened(client) is None

    round.closed_at = NOW - timedelta(days=2)
    round.save()
    assert opened(client) == "alarm"


def test_opened_by_hand_it_is_the_case_of_the_round(round):
    client = answered(round, **all_of(9))
    web = browser_of(client.owner)

    web.post(
        reverse("concern_new", args=[client.public_id]),
        {"what_happened": "Let us talk", "origin": "survey", "severity": "serious"},
    )

    case = cases.case_of(client, round)
    assert (case.why, case.concern.what_happened) == ("person", "Let us talk")
    assert (
        reverse("concern", args=[case.concern.public_id])
        in web.get(reverse("gap", args=[client.public_id])).content.decode()
    )
    assert web.get(reverse("concern_new", args=[client.public_id]) + "?from=survey").status_code == 302


def test_what_was_said_in_confidence_reaches_only_managers_through_the_case(round):
    client = answered(round, in_confidence=True, **all_of(2), better="They lied to me", call=("0113 555", "mornings"))
    opened(client)
    concern, boss = client.concerns.get(), make_manager()

    for address in (concern.get_absolute_url(), reverse("concern_brief", args=[concern.public_id])):
        team = browser_of(client.owner).get(address, {"step": "look"}).content.decode()
        manager = browser_of(boss).get(address, {"step": "look"}).content.decode()
        for secret in ("They lied to me", "0113 555", "asked for a call", "lower than", "cannot wait"):
            assert secret not in team, secret
        assert "only managers read what this client said" in team
        assert "They lied to me" in manager
        assert "in confidence" in manager
    assert "call" not in concern.what_happened


def test_how_soon_tells_nothing_of_what_was_said_in_confidence(round):
    called = answered(round, in_confidence=True, **all_of(9), call=("0113", "x"))
    angry = answered(round, in_confidence=True, **all_of(9, respect=1))
    cases.open_due(NOW)

    one, other = called.concerns.get(), angry.concerns.get()
    assert (one.contact_due_at, one.severity, one.what_happened) == (
        other.contact_due_at, other.severity, other.what_happened,
    )  # fmt: skip


def test_who_owes_a_belief_reads_no_answer_through_the_case(round):
    client = answered(round, respect=1, better="Never again")
    make_belief(round=round, client=client)
    opened(client)

    page = browser_of(client.owner).get(client.concerns.get().get_absolute_url(), {"step": "look"}).content.decode()

    assert "Never again" not in page
    assert "Say what you believe first" in page


def test_the_look_shows_the_largest_gaps_their_words_and_both_judges(round):
    client = answered(round, belief=9, **all_of(5, respect=2), better="Tell us earlier")
    second = make_belief(round=round, client=client, user=make_user(name="Elaine Marsh"), **all_of(6))
    Belief.objects.filter(pk=second.pk).seal(now=NOW)
    opened(client)
    concern = client.concerns.get()

    page = browser_of(client.owner).get(concern.get_absolute_url(), {"step": "look"}).content.decode()

    assert "Tell us earlier" in page
    assert "Respect" in page
    assert "Elaine Marsh" in page
    assert "we did not agree among ourselves" in page


def test_promises_of_the_last_case_stand_on_the_sheet_with_what_became_of_them(round):
    client = answered(round, belief=9, **all_of(5))
    before = Concern.open(client, by=client.owner, now=NOW - timedelta(days=300), what_happened="x")
    promise = make_promise(client=client, what="Warn three days before", due_at=NOW - timedelta(days=200), now=NOW)
    before.promises.add(promise)
    opened(client)
    concern = client.concerns.latest("opened_at")

    page = browser_of(client.owner).get(reverse("concern_brief", args=[concern.public_id])).content.decode()

    assert "Warn three days before" in page
    assert "broken" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time, so nobody can cross")
def test_two_workers_at_once_open_one_case(clock):
    round = make_round(state="open", name="Survey 2026")
    client = answered(round, respect=1)
    start = Barrier(3)

    def work():
        try:
            start.wait()
            cases.open_due(NOW)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (client.cases.count(), client.concerns.count()) == (1, 1)


def test_a_result_that_is_computed_between_two_looks_at_all_is_found_too(round, clock):
    assert cases.open_due(NOW) == 0
    client = answered(round, respect=1)
    results.recompute(round, now=NOW + timedelta(minutes=10), client_ids=[client.pk])

    assert cases.open_due(NOW + timedelta(minutes=11)) == 1
