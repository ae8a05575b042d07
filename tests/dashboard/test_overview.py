"""Where we stand: every figure against what was made, each with its list, and nothing that few answers cannot carry."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.overview import Overview
from partnerships.models import Concern
from promises.models import Promise
from promises.outcomes import Share
from surveys import results
from surveys.models import Belief, Result
from tests.conftest import NOW
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_interaction,
    make_invitation,
    make_promise,
    make_round,
    make_user,
)
from tests.surveys.test_results import all_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


@pytest.fixture
def survey():
    return make_round(state="open", name="Survey 2026")


def told(survey, *, name=None, they=5, we=8, owner=None, **answers):
    client = make_client(name=name, owner=owner)
    invitation = make_invitation(round=survey, contact=make_contact(client=client))
    if we is not None:
        belief = make_belief(round=survey, client=client, **all_of(we))
        Belief.objects.filter(pk=belief.pk).seal(now=NOW)
    if they is not None:
        answer_survey(invitation, **all_of(they, **answers))
    results.recompute(survey, now=NOW)
    return client


def text(browser, query="", status=200):
    answer = browser.get(f"/overview/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def overview_of(browser, **asked):
    from accounts.models import Workspace

    return Overview(user=browser.user, workspace=Workspace.current(), now=NOW, **asked)


def kept(client, *, due_at, done_at=None):
    promise = make_promise(client=client, due_at=due_at)
    Promise.objects.filter(pk=promise.pk).update(state="kept", done_at=done_at or due_at - DAY, ended_at=due_at)
    return promise


# -------------------------------------------------------------------- who


def test_it_does_not_exist_for_account_managers(web, survey):
    assert web.get("/overview/").status_code == 404


# -------------------------------------------------------------------- the sentence


def test_the_first_sentence_says_how_many_answered_and_how_many_think_less_of_us(manager_web, survey):
    for they in (2, 4, 8, 10):
        told(survey, they=they, we=8)
    told(survey, they=None, we=8)

    page = text(manager_web)

    assert "4 of 5 clients have answered." in page
    assert "Two think less of us than we believe." in page


def test_an_indicative_gap_only_may_be(manager_web, survey):
    client = told(survey, they=7, we=8)
    for _n in range(3):
        make_invitation(round=survey, contact=make_contact(client=client))
    results.recompute(survey, now=NOW)

    assert "One may think less of us than we believe." in text(manager_web)


def test_nobody_thinking_less_of_us_is_said_as_well(manager_web, survey):
    told(survey, they=8, we=8)

    assert "Nobody thinks less of us than we believe." in text(manager_web)


# -------------------------------------------------------------------- the figures


def test_word_kept_is_counted_over_twelve_weeks_by_the_day_first_promised(manager_web):
    client = make_client()
    for n in range(4):
        kept(client, due_at=NOW - timedelta(days=7 * n + 2))
    kept(client, due_at=NOW - 20 * DAY, done_at=NOW - 15 * DAY)  # late
    make_promise(client=client, due_at=NOW - DAY)  # overdue
    kept(client, due_at=NOW - 100 * DAY)  # before the period
    make_promise(client=client, due_at=NOW + DAY)  # not due
    make_promise(client=client, due_at=NOW - DAY, ours=False)  # theirs
    released = make_promise(client=client, due_at=NOW - 3 * DAY)
    Promise.objects.filter(pk=released.pk).update(state="released")

    shown = overview_of(manager_web)

    assert shown.word_kept == Share(4, 6)
    assert shown.word_kept_before == Share(1, 1)
    assert sum(week.kept for week in shown.weeks) == 4
    assert sum(week.failed for week in shown.weeks) == 2
    assert "67% <small>4 of 6</small>" in text(manager_web)


def test_it_counts_as_the_pure_figures_do(manager_web):
    client = make_client()
    states = ["kept", "broken", "withdrawn", "released", "declined", "delivered", "active", "proposed"]
    for index, state in enumerate(states * 3):
        due = NOW - timedelta(days=index % 5 + 1, hours=index)
        promise = make_promise(client=client, due_at=due)
        Promise.objects.filter(pk=promise.pk).update(
            state=state,
            offered_by="ours" if state == "proposed" else "",
            due_at=due + DAY * (index % 2) * 3,
            done_at=due + timedelta(days=index % 4 - 1),
            moved_not_early=bool(index % 3 == 0),
            withdrawn_timing="early" if index % 2 else "last_minute",
        )

    shown = overview_of(manager_web)

    since = timezone.make_aware(datetime.combine(shown.first_week, datetime.min.time()))
    assert shown.word_kept == Promise.objects.ours().figures(now=NOW, since=since).word_kept


def test_below_five_promises_nothing_is_a_percentage(manager_web):
    kept(make_client(), due_at=NOW - 2 * DAY)

    page = text(manager_web)

    assert "1 <small>of 1</small>" in page
    assert overview_of(manager_web).word_change is None


def test_late_promises_are_ours_the_oldest_first_with_their_number(manager_web):
    client = make_client(name="Corbel & Stone")
    for days in (1, 6, 3, 2, 4, 5):
        make_promise(client=client, what=f"Late by {days}", due_at=NOW - days * DAY)
    make_promise(client=client, what="Theirs", due_at=NOW - 9 * DAY, ours=False)

    shown, page = overview_of(manager_web), text(manager_web)

    assert [promise.what for promise, _days in shown.late_shown] == [f"Late by {n}" for n in (6, 5, 4, 3, 2)]
    assert shown.late_count == 6
    assert "oldest 6 days</span>, Corbel &amp; Stone" in page
    assert "All 6" in page


def test_response_counts_whole_answers_of_clients_that_could_be_reached(manager_web, survey):
    for _n in range(3):
        told(survey)
    told(survey, they=None)
    make_invitation(round=survey, contact=make_contact(), state="undeliverable")
    begun = make_invitation(round=survey, contact=make_contact())
    answer_survey(begun, submit=False, respect=7)
    results.recompute_stale(NOW)

    assert "60% <small>3 of 5</small>" in text(manager_web)


def test_talks_to_be_held_are_counted_with_those_without_a_date(manager_web):
    Concern.open(make_client(), by=manager_web.user, now=NOW, what_happened="A late report.")
    planned = Concern.open(make_client(), by=manager_web.user, now=NOW, what_happened="A wrong bill.")
    planned.plan_talk(at=NOW + DAY, where="", people=[], by=manager_web.user, now=NOW)

    assert overview_of(manager_web).concerns == {"open": 2, "no_date": 1}
    assert "1 without a date" in text(manager_web)


def test_every_figure_leads_to_its_list(manager_web, survey):
    told(survey)

    shown = overview_of(manager_web)

    assert {name: manager_web.get(address).status_code for name, address in shown.links.items()} == dict.fromkeys(
        shown.links, 200
    )


def test_the_list_behind_word_kept_is_of_the_same_period(manager_web):
    client = make_client()
    kept(client, due_at=NOW - 2 * DAY)
    kept(client, due_at=NOW - 80 * DAY)
    kept(client, due_at=NOW - 90 * DAY)
    shown = overview_of(manager_web)

    listed = manager_web.get(shown.links["kept"]).context["count"]

    assert (listed, shown.word_kept.whole) == (2, 2)  # the third was due before 31 August


# -------------------------------------------------------------------- call first


def test_call_first_says_why_and_what_to_do(manager_web, survey):
    told(survey, name="Quiet & Co", they=8, we=9)
    angry = told(survey, name="Aldous Freight", they=5, we=8, trust_honest=2)
    concern = Concern.open(angry, by=manager_web.user, now=NOW, what_happened="A late report.")

    shown, page = overview_of(manager_web), text(manager_web)

    assert [call.client.name for call in shown.calls] == ["Aldous Freight", "Quiet & Co"]
    assert "Trust: 2 of 10." in page
    assert concern.get_absolute_url() in page
    assert f"/clients/{shown.calls[1].client.public_id}/concern/?from=survey" in page
    assert page.count("Why this place") == 2
    assert "the widest gap in one dimension" in page


def test_a_manager_who_owes_a_belief_is_asked_for_it_first(manager_web, survey):
    client = told(survey, name="Aldous Freight", they=1, we=9)
    told(survey, name="Beacon", they=2, we=9)
    owed = make_belief(round=survey, client=client, user=manager_web.user, required=False)

    shown, page = overview_of(manager_web), text(manager_web)

    assert owed.get_absolute_url() in page
    assert "They rate us 8.0 lower" not in page
    assert [point.name for point in shown.scatter.points] == ["Beacon"]
    assert "1 client waits for what you believe." in page


def test_the_silent_are_counted_with_those_who_have_gone_quiet(manager_web, survey):
    told(survey)
    told(survey, they=None)
    quiet = told(survey, they=None)
    make_interaction(client=quiet, happened_at=NOW - timedelta(days=90))

    assert overview_of(manager_web).silent == (2, 1)
    assert "2 have not answered, 1 of them has also gone quiet." in text(manager_web)


# -------------------------------------------------------------------- drawings and their tables


def test_the_scatter_has_a_twin_in_numbers(manager_web, survey):
    told(survey, name="Tidewell Water", they=5, we=8)

    shown, page = overview_of(manager_web), text(manager_web)

    assert [(row["name"], row["we"], row["they"], row["words"]) for row in shown.scatter.table] == [
        ("Tidewell Water", "8.0", "5.0", "3.0 lower")
    ]
    assert page.count('class="pt pt-low') == 2  # once wide, once narrow


def test_many_clients_are_drawn_by_the_widest_gaps_and_the_page_says_so(manager_web, survey, monkeypatch):
    monkeypatch.setattr("dashboard.overview_survey.MOST_POINTS", 4)
    for they in (1, 3, 7, 8, 9, 10, 10):
        told(survey, they=they, we=6)

    shown = overview_of(manager_web)

    assert sorted(point.them for point in shown.scatter.points) == [1, 3, 7, 10]
    assert "Shown are the 4 clients with the widest gaps." in text(manager_web)


def test_below_five_clients_there_is_no_mean(manager_web, survey):
    for _n in range(4):
        told(survey, they=4, we=8)

    assert overview_of(manager_web).dimensions == []
    assert "A mean over clients is shown from five clients on" in text(manager_web)


def test_from_five_clients_on_the_means_begin_with_the_widest_gap(manager_web, survey):
    for _n in range(5):
        told(survey, they=7, we=8, responsiveness=3)

    shown, page = overview_of(manager_web), text(manager_web)

    first = shown.dimensions[0]
    assert (first.label, first.short, first.gap.answered) == ("Answers quickly", "5.0 lower", 5)
    assert "Answers quickly is the widest gap." in page


def test_who_has_answered_is_told_per_owner_the_lowest_share_first(manager_web, survey):
    priya, tom = make_user(name="Priya Raman"), make_user(name="Tom Okafor")
    told(survey, owner=priya)
    told(survey, owner=tom)
    told(survey, owner=tom, they=None)

    assert [(row["name"], row["heard"], row["asked"]) for row in overview_of(manager_web).rates_shown] == [
        ("Tom Okafor", 1, 2),
        ("Priya Raman", 1, 1),
    ]


# -------------------------------------------------------------------- choices and states


def test_an_owner_s_part_is_cut_out_of_every_figure(manager_web, survey):
    priya = make_user(name="Priya Raman")
    hers = told(survey, owner=priya, they=2)
    told(survey, they=2)
    make_promise(client=hers, due_at=NOW - DAY)
    make_promise(client=make_client(), due_at=NOW - DAY)

    shown = overview_of(manager_web, owner_id=priya.public_id)

    assert (shown.counted["clients"], shown.late_count, len(shown.calls), len(shown.scatter.points)) == (1, 1, 1, 1)
    assert "1 of 1 clients has answered." in text(manager_web, f"?owner={priya.public_id}")


def test_a_round_of_the_past_is_opened_by_its_name(manager_web, survey):
    before = NOW - timedelta(days=365)
    last = make_round(state="closed", name="Survey 2025", year=2025, launched_at=before, closed_at=before)
    Result.objects.create(round=last, client=make_client(), answered=1, invited=1)

    page = text(manager_web, f"?round={last.public_id}")

    assert "Survey 2025, closed." in page
    assert "1 of 1 clients has answered." in page


def test_without_any_round_there_is_one_card_to_start_one(manager_web):
    page = text(manager_web)

    assert "Start a round" in page
    assert "Call first" not in page
    assert "Promises by the week they fell due" in page


def test_while_we_write_down_what_we_believe_nothing_is_shown_of_it(manager_web):
    survey = make_round(state="beliefs")
    make_belief(round=survey, client=make_client(), **all_of(8))

    page = text(manager_web)

    assert "clients have not been asked yet" in page
    assert "Nothing is known yet. Beliefs appear when the first invitations go out." in page


def test_before_the_first_answer_only_beliefs_are_drawn(manager_web, survey):
    told(survey, they=None, we=8)

    page = text(manager_web)

    assert "1 client has been asked, no answer yet." in page
    assert page.count('class="pt pt-one') == 2
    assert "a tick for each client on the lower edge" in page


@pytest.mark.parametrize("odd", ["ü" * 3000, "%ff", "' OR 1=1", "-1"])
def test_odd_addresses_are_no_fault(odd, manager_web, survey):
    told(survey)

    assert [manager_web.get("/overview/", {name: odd}).status_code for name in ("round", "owner")] == [200, 200]


def test_it_asks_as_much_for_three_clients_as_for_one(manager_web, survey):
    def one_more():
        client = told(survey, they=3)
        told(survey, they=None)
        make_promise(client=client, due_at=NOW - DAY)
        Concern.open(client, by=manager_web.user, now=NOW, what_happened="A late report.")

    def queries():
        text(manager_web)
        with CaptureQueriesContext(connection) as caught:
            text(manager_web)
        return len(caught)

    one_more()
    one = queries()
    one_more()
    one_more()

    assert queries() == one <= 20


# -------------------------------------------------------------------- my day


def test_my_day_asks_for_beliefs_and_tells_of_answers(web):
    asked = make_round(state="beliefs", name="Survey 2027")
    belief = make_belief(round=asked, client=make_client(name="Harbour Trust", owner=web.user))
    survey = make_round(state="open")
    told(survey, name="Tidewell Water", owner=web.user)
    told(survey, name="Somebody else’s")

    page = web.get("/").content.decode()

    assert belief.get_absolute_url() in page
    assert "New survey answers" in page
    assert "Tidewell Water" in page
    assert "Somebody else’s" not in page


def test_my_day_tells_nothing_of_answers_in_confidence(web):
    survey = make_round(state="open")
    client = make_client(owner=web.user)
    answer_survey(make_invitation(round=survey, contact=make_contact(client=client)), in_confidence=True, **all_of(3))

    assert "New survey answers" not in web.get("/").content.decode()
