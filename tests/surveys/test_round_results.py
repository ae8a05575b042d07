"""What a round has come to: measured in the worker, shown with intervals and counts, and closed where it must be."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from surveys import results
from surveys.models import Belief, Invitation, Result, Round
from surveys.round_results import RoundResults
from tests.conftest import browser_of
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
from tests.surveys.test_results import all_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(clock):
    return make_round(state="open", name="Survey 2026")


def told(survey, *, client=None, they=5, we=8, in_confidence=False, part="decision_maker", **answers):
    client = client or make_client()
    invitation = make_invitation(round=survey, contact=make_contact(client=client, survey_part=part))
    if we is not None and not Belief.objects.filter(round=survey, client=client).exists():
        belief = make_belief(round=survey, client=client, **all_of(we))
        Belief.objects.filter(pk=belief.pk).seal(now=timezone.now())
    answer_survey(invitation, in_confidence=in_confidence, **all_of(they, **answers))
    return client


def measured(survey):
    results.recompute_stale(timezone.now())
    return Round.objects.get(pk=survey.pk).summary


def page(browser, survey, query=""):
    answer = browser.get(f"/surveys/{survey.public_id}/results/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def queries(browser, address):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


# -------------------------------------------------------------------- who answered


def test_the_rate_leaves_out_who_bounced_opted_out_in_time_or_was_never_asked(survey):
    told(survey)
    client = make_client()
    for state in ("sent", "started", "undeliverable", "withdrawn", "pending", "declined"):
        make_invitation(round=survey, contact=make_contact(client=client), state=state)
    early = make_invitation(round=survey, contact=make_contact(client=client), state="declined")
    Invitation.objects.filter(pk=early.pk).update(invited_at=None)
    Result.objects.mark_stale(round_id=survey.pk, client_ids=[client.pk])

    asked = measured(survey)["asked"][""]

    assert asked == {
        "people": 4, "people_done": 1, "begun": 1, "clients": 2, "clients_done": 1,
        "left_out": {"undeliverable": 1, "opted_out": 1, "not_sent": 1, "withdrawn": 1},
    }  # fmt: skip
    assert Result.objects.get(client=client).invited == 3


def test_bounces_are_counted_within_a_minute_though_nobody_answered_anew(survey, manager_web):
    told(survey)
    silent = make_invitation(round=survey, contact=make_contact())
    measured(survey)
    Invitation.objects.filter(pk=silent.pk).update(state="undeliverable")

    results.recompute_stale(timezone.now())

    shown = page(manager_web, survey)
    assert "1 could not be reached" in shown
    assert f"/surveys/{survey.public_id}/?state=undeliverable" in shown


def test_answers_are_counted_by_the_day_in_the_firm_s_zone(survey, clock):
    told(survey)
    clock.move_to(timezone.now() + timedelta(days=2))
    told(survey)
    told(survey)

    days = measured(survey)["days"]

    assert [number for _day, number in days] == [1, 2]


def test_a_large_round_is_measured_again_only_after_some_minutes(survey, clock, monkeypatch):
    monkeypatch.setattr("surveys.summary.LARGE", 0)
    monkeypatch.setattr("surveys.results.SMALL_ROUND", 0)
    told(survey)
    assert measured(survey)["all"]["clients"] == 1
    clock.move_to(timezone.now() + timedelta(minutes=1))
    told(survey)

    assert measured(survey)["all"]["clients"] == 1
    clock.move_to(timezone.now() + timedelta(minutes=5))
    assert measured(survey)["all"]["clients"] == 2


def test_results_of_before_there_were_summaries_are_brought_up_to_date(survey):
    told(survey, recommend=9)
    measured(survey)
    Result.objects.update(voices={})
    Round.objects.update(summary=None, summary_at=None)

    measured(survey)

    assert measured(survey)["all"]["recommend"][9] == 1


def test_promises_that_came_due_without_an_answer_are_looked_at_again_after_a_day(survey, clock):
    client = told(survey)
    measured(survey)
    make_promise(client=client, due_at=timezone.now() + timedelta(hours=2))
    clock.move_to(timezone.now() + timedelta(days=2))

    results.recompute_stale(timezone.now())

    assert Result.objects.get(client=client).word_due == 1


# -------------------------------------------------------------------- how they rate us


def test_without_an_answer_the_page_says_so(survey, manager_web):
    make_invitation(round=survey, contact=make_contact())
    results.recompute(survey, now=timezone.now())

    assert "No answer yet. Results appear here with the first one." in page(manager_web, survey)


@pytest.mark.parametrize("number", [1, 3])
def test_few_clients_are_a_diamond_each_and_no_mean(survey, manager_web, number):
    for _n in range(number):
        told(survey, they=7)
    measured(survey)

    shown = page(manager_web, survey)

    assert f"{number} client{'s' if number > 1 else ''}: too few for a mean" in shown
    assert ">7.0</b>" not in shown
    assert "%" not in shown.partition('id="results-h"')[2].partition("</dl>")[0]


def test_five_clients_have_a_mean_with_its_interval(survey, manager_web):
    for they in (5, 6, 7, 8, 9):
        told(survey, they=they)
    measured(survey)

    shown = page(manager_web, survey)

    assert "<b>7.0</b>" in shown
    assert "5.0 to 9.0, 5 clients" in shown


def test_a_manager_who_owes_a_belief_reads_no_figure_over_so_few(survey):
    boss = make_manager()
    client = told(survey, they=3)
    make_belief(round=survey, client=client, user=boss, required=False)
    measured(survey)

    shown = page(browser_of(boss), survey)

    assert "a figure over all of them would tell you" in shown
    assert 'class="db-them"' not in shown


def test_what_was_said_in_confidence_is_in_no_figure_for_the_account_team(survey, web):
    for _n in range(6):
        told(survey, client=make_client(owner=web.user), they=2, in_confidence=True)
    measured(survey)

    shown = page(web, survey)

    assert "Managers read the results over all clients." in shown
    assert "How near you came" not in shown
    assert "2.0" not in shown


def test_the_figures_of_a_part_are_of_the_people_who_play_it(survey, manager_web):
    for _n in range(5):
        client = told(survey, they=9)
        told(survey, client=client, they=3, part="finance")
    measured(survey)

    shown = page(manager_web, survey, "?part=finance")

    assert "Only Finance." in shown
    assert "<b>3.0</b>" in shown
    assert "<b>9.0</b>" not in shown


def test_the_figures_of_an_owner_and_a_band_are_of_their_clients(survey, manager_web):
    owner = make_user(name="Olga Owner")
    for _n in range(5):
        told(survey, client=make_client(owner=owner, value_band="A"), they=9)
        told(survey, client=make_client(value_band="B"), they=3)
    measured(survey)

    theirs, band, both = (
        page(manager_web, survey, query)
        for query in (f"?owner={owner.public_id}", "?band=B", f"?owner={owner.public_id}&band=B")
    )

    assert ("<b>9.0</b>" in theirs, "<b>3.0</b>" in theirs) == (True, False)
    assert ("<b>9.0</b>" in band, "<b>3.0</b>" in band) == (False, True)
    assert "No answer yet." in both
    assert "5 of 5" in theirs


def test_an_owner_added_up_equals_the_whole_where_they_own_everything(survey):
    boss, owner = make_manager(), make_user()
    for they in (4, 5, 6, 7, 8):
        told(survey, client=make_client(owner=owner), they=they, matters_most=["trust", "promises"])
    measured(survey)
    survey.refresh_from_db()

    whole, part = RoundResults(survey, boss), RoundResults(survey, boss, query={"owner": owner.public_id})

    assert part.numbers == whole.numbers
    assert part.scope.asked == whole.scope.asked


# -------------------------------------------------------------------- year over year


def last_year(*, they, clients, reworded=()):
    before = timezone.now() - timedelta(days=365)
    last = make_round(state="open", name="Survey 2025", year=2025, launched_at=before)
    if reworded:
        snapshot = {**last.snapshot, "questions": [dict(q) for q in last.snapshot["questions"]]}
        for question in snapshot["questions"]:
            if question["key"] in reworded:
                words = question["wording"]["en-gb"]
                question["wording"] = {"en-gb": {**words, "text": "Otherwise?"}}
        last.delete()
        last = make_round(state="open", name="Survey 2025", year=2025, launched_at=before, snapshot=snapshot)
    for client in clients:
        told(last, client=client, they=they)
    results.recompute(last, now=timezone.now())
    Round.objects.filter(pk=last.pk).update(state="closed", closed_at=before)
    return last


def test_an_arrow_is_drawn_only_where_the_interval_leaves_0_out(survey, manager_web):
    clients = [make_client() for _n in range(6)]
    last_year(they=5, clients=clients)
    for number, client in enumerate(clients):
        told(survey, client=client, they=7, trust_honest=2 if number % 2 else 9, trust_interest=2 if number % 2 else 9)
    change = measured(survey)["change"]

    shown = page(manager_web, survey)

    assert change["dimensions"]["respect"]["mean"] == 2
    assert "no clear change" in shown
    assert "+2.0" in shown
    assert "icons.svg#arrow-up" in shown
    trust = change["dimensions"]["trust"]
    assert trust["low"] < 0 < trust["high"]


def test_a_changed_wording_breaks_the_line_and_says_since_when(survey, manager_web):
    clients = [make_client() for _n in range(6)]
    last_year(they=5, clients=clients, reworded=["respect"])
    for client in clients:
        told(survey, client=client, they=7)
    change = measured(survey)["change"]

    shown = page(manager_web, survey)

    assert change["broken"] == ["respect"]
    assert "respect" not in change["dimensions"]
    assert "index" not in change["dimensions"]  # made of another set of questions, it is another number
    assert "asked in other words since Survey 2026" in shown


def test_four_clients_who_answered_twice_are_no_change(survey, manager_web):
    clients = [make_client() for _n in range(4)]
    last_year(they=5, clients=clients)
    for client in [*clients, make_client()]:
        told(survey, client=client, they=9)

    assert measured(survey)["change"]["dimensions"] == {}
    assert "+4.0" not in page(manager_web, survey)


# -------------------------------------------------------------------- what matters, how near we came, what is missing


def test_what_matters_most_stands_beside_where_we_are(survey, manager_web):
    for number in range(5):
        ticked = ["promises", "trust"] if number else ["trust"]
        told(survey, they=8, we=8, promises_kept=3, promises_warning=3, matters_most=ticked)
    measured(survey)

    shown = page(manager_web, survey)

    assert "they rate us lower than we think for: Keeps promises." in shown
    assert '80% <span class="muted tiny">4</span>' in shown
    assert '100% <span class="muted tiny">5</span>' in shown


def test_each_of_us_is_held_against_the_answers_and_few_clients_are_no_mean(survey, manager_web):
    near, far = make_user(name="Nora Near"), make_user(name="Frank Far")
    for _n in range(5):
        told(survey, client=make_client(owner=far), they=5, we=8)
    told(survey, client=make_client(owner=near), they=7, we=7)
    measured(survey)

    shown = page(manager_web, survey)

    assert "3.0 too high" in shown
    assert "too few for a mean; see them one by one" in shown
    assert f"/gaps/?round={survey.public_id}&amp;owner={far.public_id}" in shown


def test_everybody_reads_only_how_near_they_came_themselves_without_what_was_in_confidence(survey, web):
    other = make_user(name="Frank Far")
    for number in range(6):
        told(survey, client=make_client(owner=web.user), they=5, we=6, in_confidence=number == 5)
        told(survey, client=make_client(owner=other), they=5, we=9)
    found = measured(survey)["calibration"][str(web.user.pk)]

    shown = page(web, survey)

    assert (found["all"]["n"], found["open"]["n"]) == (6, 5)
    assert "1.0 too high" in shown
    assert "Frank Far" not in shown
    assert "4.0 too high" not in shown


def test_silence_unverified_beliefs_and_answers_without_one_are_lists(survey, manager_web):
    told(survey, we=None)
    silent = make_client(name="Silent & Sons")
    make_invitation(round=survey, contact=make_contact(client=silent))
    belief = make_belief(round=survey, client=silent, **all_of(8))
    Belief.objects.filter(pk=belief.pk).seal(now=timezone.now())
    Result.objects.mark_stale(round_id=survey.pk, client_ids=[silent.pk])
    tallies = measured(survey)["tallies"]

    unverified = manager_web.get(f"/gaps/?round={survey.public_id}&level=unverified").content.decode()

    assert (tallies["silent"], tallies["unverified"], tallies["no_opinion"]) == (1, 1, 1)
    assert "Silent &amp; Sons" in unverified
    assert unverified.count("data-row") == 1


def test_the_list_is_read_by_one_dimension(survey, manager_web):
    told(survey, client=make_client(name="Wide"), they=7, we=8, respect=1)
    told(survey, client=make_client(name="Narrow"), they=2, we=8, respect=8)
    measured(survey)

    shown = manager_web.get(f"/gaps/?round={survey.public_id}&by=respect").content.decode()

    assert shown.index(">Wide<") < shown.index(">Narrow<")
    assert "They rate us 7.0 lower than we think." in shown


# -------------------------------------------------------------------- the word triangle


def test_a_good_record_and_a_low_rating_ask_what_was_not_written_down(survey, manager_web):
    good, bad = make_client(name="Good record"), make_client(name="Bad record")
    past = timezone.now() - timedelta(days=20)
    for client in (good, bad):
        for _n in range(3):
            promise = make_promise(client=client, due_at=past)
            if client is good:
                type(promise).objects.filter(pk=promise.pk).update(state="kept", done_at=past, ended_at=past)
        told(survey, client=client, they=4)
    measured(survey)

    every, asks = (
        manager_web.get(f"/surveys/{survey.public_id}/our-word/{query}").content.decode() for query in ("", "?asks=yes")
    )

    assert every.index(">Good record<") < every.index(">Bad record<")
    assert every.count("What did we promise that is not written down here?</td>") == 1
    assert (">Good record<" in asks, ">Bad record<" in asks) == (True, False)
    assert "rate our word lower than our own records do" in page(manager_web, survey)


def test_the_triangle_is_closed_where_a_belief_is_owed_or_somebody_spoke_in_confidence(survey, web):
    past = timezone.now() - timedelta(days=20)
    owed, secret = make_client(name="Owed", team=[web.user]), make_client(name="Secret", owner=web.user)
    for client in (owed, secret):
        make_promise(client=client, due_at=past)
        told(survey, client=client, they=4, in_confidence=client is secret)
    make_belief(round=survey, client=owed, user=web.user, required=False)
    measured(survey)

    shown = web.get(f"/surveys/{survey.public_id}/our-word/").content.decode()

    assert ("Owed" in shown, "Secret" in shown) == (False, False)


# -------------------------------------------------------------------- what it costs


@pytest.mark.parametrize("query", ["", "?band=A", "?owner=me"])
def test_the_page_asks_as_much_for_three_as_for_one(survey, manager_web, query):
    address = f"/surveys/{survey.public_id}/results/{query}"
    told(survey, client=make_client(owner=manager_web.user, value_band="A"), better="Quicker.")
    measured(survey)
    manager_web.get(address)
    one = queries(manager_web, address)
    for _n in range(2):
        told(survey, client=make_client(owner=manager_web.user, value_band="A"), better="Quicker.")
    measured(survey)

    assert queries(manager_web, address) == one <= 20


def test_no_answer_is_counted_on_the_page(survey, manager_web):
    told(survey)
    measured(survey)

    with CaptureQueriesContext(connection) as asked:
        page(manager_web, survey)

    counting = [q["sql"] for q in asked if "surveys_answer" in q["sql"] and "COUNT(" in q["sql"].upper()]
    assert counting == []


@pytest.mark.parametrize("query", ["?owner=x&band=Z&part=not_surveyed", "?owner=u_nobody&judges=all", "?band=AA"])
def test_odd_addresses_are_no_fault(survey, manager_web, query):
    told(survey)
    measured(survey)

    page(manager_web, survey, query)
