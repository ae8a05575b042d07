"""The list of gaps, one gap, the card on the client page, a round's results: what is shown, and to whom it is not."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnerships.models import Concern
from surveys import results, summary
from surveys.models import Belief, Questionnaire, Result
from tests.make import answer_survey, make_belief, make_client, make_contact, make_invitation, make_round, make_user
from tests.surveys.test_results import SCALES, all_of

pytestmark = pytest.mark.django_db

SECRET = "They talk behind our back"


@pytest.fixture
def survey(clock):
    return make_round(state="open", name="Survey 2026")


def told(survey, client, *, they=5, we=8, in_confidence=False, by="Rosa Delgado", **answers):
    """A client who has answered, and whose owner had said what they believed."""
    invitation = make_invitation(round=survey, contact=make_contact(client=client, name=by))
    if we is not None:
        belief = make_belief(round=survey, client=client, **all_of(we))
        Belief.objects.filter(pk=belief.pk).seal(now=timezone.now())
    answer_survey(invitation, in_confidence=in_confidence, **all_of(they, **answers))
    results.recompute_stale(timezone.now())
    return invitation


def text(browser, address, status=200):
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def gap_of(client):
    return f"/gaps/{client.public_id}/"


# -------------------------------------------------------------------- one gap


def test_a_gap_is_told_in_words_with_what_they_wrote(web, survey):
    client = make_client(name="Tidewell Water", owner=web.user)
    told(survey, client, they=5, we=8, better="Tell me earlier.")

    page = text(web, gap_of(client))

    assert "They rate us 3.0 lower than we think." in page
    assert "we believe 8.0, they say 5.0" in page
    assert "one voice of 1" in page
    assert '<blockquote class="quote">Tell me earlier.</blockquote>' in page
    assert f"/clients/{client.public_id}/concern/?from=survey" in page


def test_an_indicative_gap_is_said_with_may(web, survey):
    client = make_client(owner=web.user)
    for _n in range(3):
        make_invitation(round=survey, contact=make_contact(client=client))
    told(survey, client, they=7, we=8)

    page = text(web, gap_of(client))

    assert "They may rate us 1.0 lower than we think." in page
    assert "maybe 1.0 lower" in page
    assert "may be notable" in page


def test_what_one_side_has_not_said_is_said_to_be_missing(web, survey):
    unknown, silent = make_client(owner=web.user), make_client(owner=web.user)
    told(survey, unknown, they=6, we=None)
    make_invitation(round=survey, contact=make_contact(client=silent))
    belief = make_belief(round=survey, client=silent, **all_of(8))
    Belief.objects.filter(pk=belief.pk).seal(now=timezone.now())
    results.recompute(survey, now=timezone.now())

    assert "no opinion on record" in text(web, gap_of(unknown))
    assert "unverified belief" in text(web, gap_of(silent))


def test_people_four_points_apart_disagree_among_themselves(web, survey):
    client = make_client(owner=web.user)
    told(survey, client, they=3)
    answer_survey(make_invitation(round=survey, contact=make_contact(client=client)), **all_of(9))
    results.recompute_stale(timezone.now())

    assert "they disagree among themselves" in text(web, gap_of(client))


def test_what_was_written_cannot_become_markup(web, survey):
    client = make_client(name="<b>Bold</b> & Co", owner=web.user)
    told(survey, client, better="<script>alert(1)</script> ‮ عبد 🎈", by='"><img src=x>')

    for address in (gap_of(client), "/gaps/", f"/clients/{client.public_id}/"):
        page = text(web, address)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>Bold" not in page


def test_the_year_before_is_drawn_where_the_very_same_was_asked(web, survey):
    client = make_client(owner=web.user)
    before = timezone.now() - timedelta(days=365)
    questions = Questionnaire.standard().as_asked()["questions"]
    changed = [
        {**q, "wording": {"en-gb": {**q["wording"]["en-gb"], "text": "Otherwise?"}}} if q["key"] == "respect" else q
        for q in questions
    ]
    last = make_round(
        state="closed",
        name="Survey 2025",
        year=2025,
        launched_at=before,
        closed_at=before,
        snapshot={"questionnaire": "Standard", "version": 1, "questions": changed},
    )
    Result.objects.create(
        round=last, client=client, answered=1, dimensions={"respect": {"c": 4}, "cooperation": {"c": 4}}
    )
    told(survey, client, they=6)

    page = text(web, gap_of(client))

    assert page.count('class="db-before"') == 1
    assert "a year before they said 4.0" in page


def test_a_gap_of_another_round_is_opened_by_its_name(web, survey):
    client = make_client(owner=web.user)
    told(survey, client, they=5)
    last = make_round(state="closed", name="Survey 2025", year=2025, launched_at=timezone.now() - timedelta(days=365))
    Result.objects.create(round=last, client=client)

    assert "Survey 2026</li>" in text(web, gap_of(client))
    assert "Survey 2025</li>" in text(web, f"{gap_of(client)}?round={last.public_id}")
    assert web.get(f"{gap_of(client)}?round=r_nothing").status_code == 404


def test_a_client_who_was_never_asked_has_no_gap(web, survey):
    assert web.get(gap_of(make_client(owner=web.user))).status_code == 404
    assert web.get("/gaps/c_nobody/").status_code == 404


def test_an_open_concern_is_opened_rather_than_begun_twice(web, survey):
    client = make_client(owner=web.user)
    told(survey, client)
    concern = Concern.open(client, by=web.user, now=timezone.now(), what_happened="A late report.")

    page = text(web, gap_of(client))

    assert concern.get_absolute_url() in page
    assert "?from=survey" not in page


# -------------------------------------------------------------------- who may not see


def every_page(client, survey):
    return [
        gap_of(client),
        "/gaps/",
        "/gaps/?level=wide",
        "/gaps/?level=lower&sort=first",
        "/gaps/export.csv",
        f"/clients/{client.public_id}/",
        f"/surveys/{survey.public_id}/results/",
    ]


def body(browser, address):
    answer = browser.get(address)
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_what_was_said_in_confidence_is_read_by_managers_only(web, manager_web, survey):
    client = make_client(name="Tidewell Water", owner=web.user)
    told(survey, client, they=2, we=9, in_confidence=True, better=SECRET)

    for address in every_page(client, survey):
        page = body(web, address)
        assert SECRET not in page, address
        assert "7.0" not in page, address
        assert "lower than we think" not in page, address

    assert "Somebody there answered in confidence, so only managers read what this client said." in body(
        web, gap_of(client)
    )
    assert SECRET in body(manager_web, gap_of(client))
    assert "They rate us 7.0 lower than we think." in body(manager_web, "/gaps/")


def test_one_voice_in_confidence_closes_the_scores_but_not_the_words_of_another(web, survey):
    client = make_client(owner=web.user)
    told(survey, client, in_confidence=True, better=SECRET)
    answer_survey(
        make_invitation(round=survey, contact=make_contact(client=client, name="Martin Yeo")),
        **all_of(6, better="I say it openly."),
    )
    results.recompute_stale(timezone.now())

    page = body(web, f"/clients/{client.public_id}/")

    assert "I say it openly." in page
    assert SECRET not in page


@pytest.mark.parametrize("role", ["web", "manager_web"])
def test_who_owes_a_belief_sees_no_answer_first(role, request, survey):
    browser = request.getfixturevalue(role)
    client = make_client(owner=make_user())
    told(survey, client, they=2, we=9, better=SECRET)
    owed = make_belief(round=survey, client=client, user=browser.user, required=False)

    for address in every_page(client, survey):
        page = body(browser, address)
        assert SECRET not in page, address
        assert "They rate us 7.0" not in page, address

    page = body(browser, gap_of(client))
    assert "Say what you believe first" in page
    assert owed.get_absolute_url() in page


def test_nothing_is_owed_any_more_once_a_round_is_over(web, survey):
    client = make_client(owner=make_user())
    told(survey, client, they=2, we=9, better=SECRET)
    make_belief(round=survey, client=client, user=web.user, required=False)
    survey.state = "closed"
    survey.save()

    assert SECRET in body(web, gap_of(client))


def test_a_client_of_a_closed_team_does_not_exist_for_others(web, survey):
    client = make_client(name="Hidden Ltd", owner=make_user(), visibility="team_only")
    told(survey, client, better=SECRET)

    assert web.get(gap_of(client)).status_code == 404
    for address in ("/gaps/", "/gaps/export.csv", f"/surveys/{survey.public_id}/results/"):
        page = body(web, address)
        assert "Hidden Ltd" not in page
        assert SECRET not in page


def test_the_order_does_not_tell_what_the_reader_may_not_know(web, survey):
    low = make_client(name="Zeta", owner=web.user)
    told(survey, low, they=1, we=9, in_confidence=True)
    told(survey, make_client(name="Beta", owner=web.user), they=5, we=8)
    told(survey, make_client(name="Alpha", owner=web.user), they=8, we=8, in_confidence=True)

    for sort in ("-gap", "gap", "worst", "first"):
        rows = list(csv.reader(io.StringIO(body(web, f"/gaps/export.csv?sort={sort}"))))
        assert [row[0] for row in rows[1:]] == ["Beta", "Alpha", "Zeta"], sort


def test_beliefs_of_others_are_shown_once_they_are_sealed(web, survey):
    client = make_client(owner=web.user)
    told(survey, client)
    make_belief(round=survey, client=client, user=make_user(name="Tom Okafor"), required=False, **all_of(3))

    before = body(web, gap_of(client))
    Belief.objects.all().seal(now=timezone.now())

    assert "Tom Okafor" not in before
    assert "Tom Okafor" in body(web, gap_of(client))


# -------------------------------------------------------------------- the list


def test_the_list_begins_with_those_who_rate_us_lowest(manager_web, survey):
    for name, they in (("About", 8), ("Lowest", 2), ("Higher", 10), ("Lower", 5)):
        told(survey, make_client(name=name), they=they, we=8)

    page = text(manager_web, "/gaps/")

    assert "4 of 4 clients have answered." in page
    assert "Two think less of us than we believe." in page
    places = [page.index(f">{name}</a>") for name in ("Lowest", "Lower", "About", "Higher")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("level", "names"),
    [
        ("wide", ["Lowest", "Higher"]),
        ("lower", ["Lowest"]),
        ("higher", ["Higher"]),
        ("serious", ["Lowest", "Higher"]),
        ("aligned", ["About"]),
        ("silent", ["Silent"]),
        ("nonsense", ["Lowest", "About", "Higher", "Silent"]),
    ],
)
def test_the_list_is_narrowed_by_level(level, names, manager_web, survey):
    for name, they in (("About", 8), ("Lowest", 2), ("Higher", 10)):
        told(survey, make_client(name=name), they=they, we=8)
    make_invitation(round=survey, contact=make_contact(client=make_client(name="Silent")))
    results.recompute(survey, now=timezone.now())

    rows = list(csv.reader(io.StringIO(body(manager_web, f"/gaps/export.csv?level={level}"))))

    assert [row[0] for row in rows[1:]] == names


def test_the_list_is_narrowed_by_owner_and_an_unknown_one_owns_nothing(manager_web, survey):
    mine, other = make_user(name="Priya Raman"), make_user()
    told(survey, make_client(name="Hers", owner=mine))
    told(survey, make_client(name="His", owner=other))

    page = text(manager_web, f"/gaps/?owner={mine.public_id}")

    assert "Hers</a>" in page
    assert "His</a>" not in page
    assert "No client matches these filters." in text(manager_web, "/gaps/?owner=u_nobody")


def test_the_export_runs_no_formula(manager_web, survey):
    told(survey, make_client(name="=HYPERLINK(1)"), they=10, we=8)

    rows = list(csv.reader(io.StringIO(body(manager_web, "/gaps/export.csv").lstrip("\ufeff"))))

    assert rows[1][0] == "'=HYPERLINK(1)"
    assert rows[1][2:5] == ["8.0", "10.0", "-2.0"]  # numbers stay numbers


def test_before_any_round_the_list_says_what_it_will_show(web, manager_web):
    assert "No survey has begun yet." in text(web, "/gaps/")
    assert "Start a round" in text(manager_web, "/gaps/")
    assert web.get("/gaps/export.csv").status_code == 404


@pytest.mark.parametrize("odd", ["ü" * 3000, "%ff", "' OR 1=1", "-1", "9" * 40])
def test_odd_addresses_are_no_fault(odd, manager_web, survey):
    told(survey, make_client())

    answers = [
        manager_web.get("/gaps/", {name: odd}).status_code for name in ("round", "level", "owner", "sort", "page")
    ]

    assert answers == [200] * 5


# -------------------------------------------------------------------- a round's results


def test_few_answers_are_shown_as_few(manager_web, survey):
    for _n in range(4):
        told(survey, make_client(), they=9)

    page = text(manager_web, f"/surveys/{survey.public_id}/results/")

    assert "said 9 or 10; too few for a score" in page
    assert "%</p>" not in page
    assert "from −100 to 100" not in page
    assert "4 clients: too few for a mean" in page
    # a diamond for each client and rating, and one for each who would recommend us
    assert page.count('class="db-them"') == 4 * 13 + 4


def test_from_ten_answers_there_is_a_score_with_its_interval(manager_web, survey):
    for number in range(10):
        told(survey, make_client(), they=8, recommend=10 if number < 6 else 3 if number == 6 else 8)

    page = text(manager_web, f"/surveys/{survey.public_id}/results/")

    assert "50</a> <small>from −100 to 100</small>" in page
    assert "10 answers, between 0 and 77" in page
    assert "100% <small>10 of 10</small>" in page


def test_means_over_all_clients_are_for_managers(web, survey):
    for _n in range(6):
        told(survey, make_client(owner=web.user), they=4, we=9)

    page = text(web, f"/surveys/{survey.public_id}/results/")

    assert "Managers read the results over all clients." in page
    assert "5.0 lower" not in page


# -------------------------------------------------------------------- the client page


def test_the_client_page_shows_the_gap_the_reason_and_the_answer_in_the_timeline(web, survey):
    client = make_client(owner=web.user)
    told(survey, client, they=4, we=9, better="Tell me earlier.", call=("0113", "mornings"))

    page = text(web, f"/clients/{client.public_id}/")

    assert "They rate us 5.0 lower than we think." in page
    assert "Asked for a call in the survey" in page
    assert "Wish to continue rated 5.0 below our view" in page or "rated 5.0 below our view" in page
    assert "answered Survey 2026: 4.0 all in all, we believed 9.0" in page


def test_a_client_page_without_a_survey_has_no_gap_card(web, clock):
    client = make_client(owner=web.user)

    assert "Survey gap" not in text(web, f"/clients/{client.public_id}/")


# -------------------------------------------------------------------- queries


@pytest.mark.parametrize("address", ["/gaps/", "/gaps/?level=wide&sort=first", "/gaps/export.csv"])
@pytest.mark.parametrize("role", ["web", "manager_web"])
def test_the_list_asks_as_much_for_three_as_for_one(address, role, request, survey):
    browser = request.getfixturevalue(role)
    told(survey, make_client(owner=browser.user))
    one = queries(browser, address)
    for _n in range(2):
        told(survey, make_client())

    assert queries(browser, address) == one <= 20


def test_who_answered_too_little_for_the_index_is_not_said_to_be_silent(manager_web, survey):
    client = make_client(name="Tidewell Water", owner=manager_web.user)
    invitation = make_invitation(round=survey, contact=make_contact(client=client))
    answer_survey(invitation, overall=6)
    results.recompute_stale(timezone.now())

    page = text(manager_web, "/gaps/")

    assert "answered in part" in page
    assert "nobody of 1 has answered" not in page


def test_a_gap_asks_as_much_for_three_voices_as_for_one(web, survey):
    client = make_client(owner=web.user)
    told(survey, client, better="One.")
    one = queries(web, gap_of(client))
    for _n in range(2):
        invitation = make_invitation(round=survey, contact=make_contact(client=client))
        answer_survey(invitation, **all_of(5, better="More."))
    results.recompute_stale(timezone.now())

    assert queries(web, gap_of(client)) == one <= 20


def queries(browser, address):
    body(browser, address)
    with CaptureQueriesContext(connection) as caught:
        body(browser, address)
    return len(caught)


def test_the_scales_of_these_tests_are_those_of_the_questionnaire(survey):
    assert [q.key for q in survey.asked if q.is_scale] == SCALES


def test_what_is_not_sent_yet_is_for_managers_as_it_may_still_be_in_confidence(web, manager_web, survey):
    client = make_client(name="Tidewell Water", owner=web.user)
    invitation = make_invitation(round=survey, contact=make_contact(client=client))
    answer_survey(invitation, submit=False, better=SECRET, **all_of(4))
    results.recompute_stale(timezone.now())

    half_way = [SECRET in text(browser, gap_of(client)) for browser in (web, manager_web)]
    answer_survey(invitation, better=SECRET, **all_of(4))
    results.recompute_stale(timezone.now())
    sent = [SECRET in text(browser, gap_of(client)) for browser in (web, manager_web)]

    assert (half_way, sent) == ([False, True], [True, True])


def test_no_sentence_tells_a_manager_the_gap_of_the_one_client_they_still_owe_a_belief(manager_web, survey):
    client = make_client(name="Tidewell Water", owner=manager_web.user)
    colleague = make_belief(round=survey, client=client, user=make_user(), **all_of(9))
    Belief.objects.filter(pk=colleague.pk).seal(now=timezone.now())
    told(survey, client, they=2, we=None)
    owed = make_belief(round=survey, client=client, user=manager_web.user)
    summary.measure_summary(survey, timezone.now())
    addresses = ["/gaps/", "/gaps/?owner=me", "/overview/", f"/surveys/{survey.public_id}/results/"]

    before = ["thinks less of us" in text(manager_web, address) for address in addresses]
    owed.record(values=all_of(8), note="", now=timezone.now())
    results.recompute_stale(timezone.now())
    summary.measure_summary(survey, timezone.now())
    after = ["thinks less of us" in text(manager_web, address) for address in addresses]

    assert (before, after) == ([False] * 4, [True] * 4)
