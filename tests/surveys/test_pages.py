"""The staff pages: the five steps from nothing to an answer, who may see what, and what each list costs."""

import pytest
from django.urls import reverse
from django.utils import timezone

from outbox.models import Email
from surveys import launch, sending
from surveys.models import Belief, Invitation, Round
from surveys.progress import progress
from tests.conftest import NOW, browser_of
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db


def step(round, name):
    return reverse("survey_setup", args=[round.public_id, name])


def form_data(response):
    """What a browser would send back of the form on the page."""
    form = response.context["form"]
    return {field.html_name: field.value() for field in form if field.value() not in (None, False)}


def test_from_a_new_round_to_a_mail_in_five_steps(clock, manager_web, deliver_queued):
    owner = make_user(name="Priya Raman", email="priya@firm.example")
    make_contact(client=make_client(name="Tidewell Water", owner=owner), name="Rosa Delgado", email="rosa@t.example")
    make_contact(email="")

    page = manager_web.get(reverse("survey_new"))
    answer = manager_web.post(reverse("survey_new"), form_data(page))
    round = Round.objects.get()
    assert answer.url == step(round, "questions")

    answer = manager_web.post(answer.url, form_data(manager_web.get(answer.url)))
    assert answer.url == step(round, "people")
    manager_web.get(answer.url)
    answer = manager_web.post(answer.url + "?filter=1&stage=active", {"action": "add_all"}, follow=True)
    assert "1 person is on the list." in answer.content.decode()
    answer = manager_web.get(step(round, "beliefs"))
    answer = manager_web.post(step(round, "beliefs"), {**form_data(answer), "beliefs_due_on": "2026-11-24"})
    assert answer.url == step(round, "dates")
    answer = manager_web.post(step(round, "dates"), form_data(manager_web.get(step(round, "dates"))))
    assert answer.url == step(round, "check")
    sentence = manager_web.get(step(round, "check")).context["sentence"]
    assert sentence.startswith("On Thu 26 Nov at 09:00 we write to 1 person at 1 client. Priya signs the mail.")
    round.refresh_from_db()
    clock.move_to(round.opens_at)
    sentence = manager_web.get(step(round, "check")).context["sentence"]
    clock.move_to(NOW)
    assert sentence.startswith("As soon as you start it we write to 1 person at 1 client. Priya signs the mail.")

    manager_web.post(step(round, "check"))
    round.refresh_from_db()
    assert round.state == Round.State.BELIEFS
    assert Email.objects.count() == 0

    owners = browser_of(owner)
    belief = Belief.objects.get()
    assert owners.get(reverse("beliefs")).status_code == 200
    owners.post(belief.get_absolute_url(), {"q-overall": "9", "note": "They like us."})

    manager_web.post(step(round, "check"))
    round.refresh_from_db()
    belief.refresh_from_db()
    assert (round.state, belief.sealed_at, belief.values) == (Round.State.OPEN, NOW, {"overall": 9})
    (mail,) = deliver_queued()
    assert mail.to == ["Rosa Delgado <rosa@t.example>"]


def test_a_double_click_makes_one_round(manager_web):
    data = form_data(manager_web.get(reverse("survey_new")))

    answers = [manager_web.post(reverse("survey_new"), data) for _turn in range(2)]

    assert Round.objects.count() == 1
    assert answers[0].url == answers[1].url


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"opens_on": "2026-11-18"}, "opens_on", "Choose a day from today on."),
        ({"opens_on": "31.12"}, "opens_on", "Enter a valid date."),
        ({"due_on": "2026-11-20"}, "due_on", "Choose a day after the invitations go out."),
        ({"closes_on": "2026-11-27"}, "closes_on", "Choose the day answers are due, or a later one."),
        ({"reminders": "4, soon"}, "reminders", "Write whole numbers from 1 to 60, such as 4, 9, 13."),
        ({"reminders": "1,2,3,4"}, "reminders", "At most three reminders: nobody wants a fourth."),
        ({"wave_size": "0"}, "wave_size", "Ensure this value is greater than or equal to 1."),
    ],
)
def test_dates_that_cannot_be_are_refused_in_words(clock, manager_web, change, field, words):
    round = make_round(opens_at=None, due_on=None, closes_on=None)
    data = form_data(manager_web.get(step(round, "dates")))

    answer = manager_web.post(step(round, "dates"), {**data, **change})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field] == [words]


def test_a_weekend_or_holiday_is_pointed_out_and_nothing_moves(clock, manager_web):
    round = make_round(
        opens_at=NOW, due_on=NOW.date().replace(month=12, day=25), closes_on=NOW.date().replace(month=12, day=27)
    )

    page = manager_web.get(step(round, "dates")).content.decode()

    assert "Nobody works on this day: Christmas Day." in page
    assert "Nobody works on this day: weekend." in page


def test_somebody_elses_change_is_shown_and_not_overwritten(clock, manager_web):
    round = make_round(name="Mine")
    data = form_data(manager_web.get(step(round, "questions")))
    Round.objects.filter(pk=round.pk).update(name="Theirs", version=2)

    answer = manager_web.post(step(round, "questions"), {**data, "name": "My own"})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Theirs" in page
    assert "My own" in page
    assert Round.objects.get().name == "Theirs"


def test_ticking_one_page_says_exactly_who_of_it_is_asked(manager_web):
    one, two, three = (make_contact() for _n in range(3))
    round = make_round()
    make_invitation(round=round, contact=two, state="pending")
    make_invitation(round=round, contact=three, state="pending")

    manager_web.post(step(round, "people"), {"shown": [one.public_id, two.public_id], "ticked": [one.public_id]})

    assert sorted(round.invitations.values_list("contact", flat=True)) == [one.pk, three.pk]


def test_the_list_stays_once_the_round_is_open(manager_web):
    round = make_round(state="open")
    invitation = make_invitation(round=round)

    answer = manager_web.post(step(round, "people"), {"action": "remove_all"})

    assert answer.url == round.get_absolute_url()
    assert list(round.invitations.all()) == [invitation]


def test_a_blocked_round_stays_a_draft_and_says_why(manager_web):
    round = make_round()

    answer = manager_web.post(step(round, "check"))

    assert answer.status_code == 409
    assert "Nobody is on the list yet." in answer.content.decode()
    round.refresh_from_db()
    assert round.state == Round.State.DRAFT


def test_the_test_mail_goes_to_oneself_and_its_links_to_the_preview(manager_web, deliver_queued):
    round = make_round()
    make_invitation(round=round, state="pending")

    manager_web.post(reverse("survey_test_mail", args=[round.public_id]))

    (mail,) = deliver_queued()
    assert mail.to == ["Martin Cole <martin@firm.example>"]
    assert reverse("survey_preview", args=[round.public_id]) in mail.body
    assert "/s/" not in mail.body


def test_the_preview_saves_nothing_and_says_so(manager_web):
    round = make_round()

    page = manager_web.get(reverse("survey_preview", args=[round.public_id])).content.decode()

    assert "Preview, nothing is saved" in page
    assert "data-save-url" not in page


# -------------------------------------------------------------------- who may see what


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("survey_preview", "get"),
        ("survey_progress", "get"),
        ("survey_pause", "post"),
        ("survey_resume", "post"),
        ("survey_close", "get"),
        ("survey_close", "post"),
        ("survey_test_mail", "post"),
    ],
)
def test_what_managers_do_does_not_exist_for_others(web, name, method):
    round = make_round(state="open")

    assert getattr(web, method)(reverse(name, args=[round.public_id])).status_code == 404
    round.refresh_from_db()
    assert (round.state, round.paused_at) == ("open", None)


def test_a_draft_does_not_exist_for_account_managers(web):
    round = make_round(name="Secret draft")

    assert web.get(round.get_absolute_url()).status_code == 404
    assert web.get(step(round, "people")).status_code == 404
    assert web.get(reverse("survey_new")).status_code == 404
    assert "Secret draft" not in web.get(reverse("surveys")).content.decode()


def test_a_team_only_client_is_in_no_list_and_no_count_of_others(web):
    round = make_round(state="open", due_on=NOW.date())
    make_invitation(round=round, contact=make_contact(client=make_client(name="Open Client")))
    hidden = make_client(name="Hidden Client", visibility="team_only")
    make_invitation(round=round, contact=make_contact(client=hidden))
    Invitation.objects.update(overdue_flagged_at=NOW, overdue_reason="no_answer")

    for query in ("", "?by=client", "?overdue=any", "?words=Client"):
        answer = web.get(round.get_absolute_url() + query)
        page = answer.content.decode()
        assert "Open Client" in page
        assert "Hidden" not in page
        assert answer.context["figures"]["people"] == 1
        assert answer.context["figures"]["overdue"] == 1
    assert web.get(reverse("surveys")).context["page"][0].people == 1


def test_anothers_belief_does_not_exist(web):
    round = make_round(state="beliefs")
    theirs = make_belief(round=round, client=make_client(), overall=8)

    assert web.get(theirs.get_absolute_url()).status_code == 404
    assert web.post(theirs.get_absolute_url(), {"q-overall": "1"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.values == {"overall": 8}


# -------------------------------------------------------------------- beliefs


def test_a_draft_is_kept_and_the_next_client_follows(web):
    round = make_round(state="beliefs")
    first, second = (
        make_belief(round=round, client=make_client(name=n, owner=web.user)) for n in ("Aldous", "Brightloom")
    )

    answer = web.post(first.get_absolute_url(), {"q-overall": "7", "action": "keep", "next": "1"}, follow=True)
    first.refresh_from_db()
    assert (first.values, first.recorded_at) == ({"overall": 7}, None)
    assert 'name="q-overall" value="7" checked' in answer.content.decode()

    answer = web.post(first.get_absolute_url(), {"q-overall": "8", "note": "Calm year.", "next": "1"})
    first.refresh_from_db()
    assert answer.url == second.get_absolute_url()
    assert first.recorded_at is not None


@pytest.mark.parametrize("data", [{}, {"q-overall": "na"}, {"q-overall": "11"}, {"q-overall": "1", "note": "a\0b"}])
def test_a_belief_without_a_number_is_refused_and_nothing_is_lost(web, data):
    mine = make_belief(round=make_round(state="beliefs"), client=make_client(owner=web.user))

    answer = web.post(mine.get_absolute_url(), {**data, "q-respect": data.get("q-respect", "")})

    assert answer.status_code == 422
    mine.refresh_from_db()
    assert mine.recorded_at is None


def test_a_sealed_belief_is_shown_and_no_longer_taken(web, clock):
    mine = make_belief(round=make_round(state="open"), client=make_client(owner=web.user), overall=8)
    Belief.objects.seal(now=timezone.now())

    page = web.get(mine.get_absolute_url()).content.decode()
    web.post(mine.get_absolute_url(), {"q-overall": "1"})

    assert "Sealed." in page
    mine.refresh_from_db()
    assert mine.values == {"overall": 8}


# -------------------------------------------------------------------- the round page


def test_pausing_resuming_and_closing(manager_web):
    round = make_round(state="open")
    make_invitation(round=round, state="pending")

    manager_web.post(reverse("survey_pause", args=[round.public_id]))
    assert "Sending is paused" in manager_web.get(round.get_absolute_url()).content.decode()
    manager_web.post(reverse("survey_resume", args=[round.public_id]))
    assert manager_web.get(reverse("survey_close", args=[round.public_id])).status_code == 200
    manager_web.post(reverse("survey_close", args=[round.public_id]))
    page = manager_web.get(round.get_absolute_url()).content.decode()

    assert "Silent clients" in page
    round.refresh_from_db()
    assert round.state == "closed"


def test_the_progress_piece_stops_asking_when_all_is_out(manager_web):
    round = make_round(state="open")
    invitation = make_invitation(round=round, state="pending", send_at=timezone.now())
    url = reverse("survey_progress", args=[round.public_id])

    assert "hx-trigger" in manager_web.get(url).content.decode()
    invitation.state = "sent"
    invitation.save()
    assert "hx-trigger" not in manager_web.get(url).content.decode()


def test_progress_counts_what_went_out_a_moment_ago(manager_web, deliver_queued):
    round = make_round(state="beliefs")
    for _n in range(2):
        make_invitation(round=round, state="pending")
    launch.launch(round, by=manager_web.user, now=timezone.now())
    sending.send_due(timezone.now())

    before = progress(round, NOW)
    deliver_queued()

    after = progress(round, NOW)
    assert (before.done, before.total, before.in_hand) == (0, 2, 2)
    assert (after.done, after.total, after.over) == (2, 2, True)
    assert "Going out" not in manager_web.get(round.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=submitted",
        "?overdue=no_answer",
        "?whose=mine",
        "?words=konigl",
        "?state=nonsense&page=99&by=x",
        "?words=" + "x" * 900,
    ],
)
def test_any_filter_gives_a_page(manager_web, query):
    round = make_round(state="open")
    answer_survey(make_invitation(round=round), overall=5)

    assert manager_web.get(round.get_absolute_url() + query).status_code == 200


# -------------------------------------------------------------------- what lists cost


@pytest.fixture(params=[1, 3])
def size(request):
    return request.param


COSTS = {}


def costs_the_same(name, browser, url, most=20):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    assert len(queries) <= most
    assert COSTS.setdefault(name, len(queries)) == len(queries)


@pytest.mark.parametrize("state", ["beliefs", "open", "closed"])
@pytest.mark.parametrize("query", ["", "?by=client", "?overdue=any&words=c"])
def test_the_round_page_costs_the_same_for_any_length(manager_web, clock, size, state, query):
    round = make_round(state=state)
    for _n in range(size):
        invitation = make_invitation(round=round)
        make_belief(round=round, client=invitation.client)
    Invitation.objects.update(overdue_flagged_at=NOW)

    costs_the_same(f"round {state} {query}", manager_web, round.get_absolute_url() + query)


@pytest.mark.parametrize("name", ["questions", "people", "beliefs", "dates", "check"])
def test_each_step_costs_the_same_for_any_length(manager_web, clock, size, name):
    round = make_round()
    for _n in range(size):
        make_invitation(round=round, contact=make_contact(email=f"{_n}@same.example"), state="pending")

    # Each thing the last step looks for is a question of its own.
    costs_the_same(f"step {name}", manager_web, step(round, name), most=27 if name == "check" else 20)


def test_the_lists_of_rounds_and_beliefs_cost_the_same_for_any_length(manager_web, size):
    for _n in range(size):
        round = make_round(state="beliefs")
        make_belief(round=round, client=make_client(owner=manager_web.user))

    costs_the_same("rounds", manager_web, reverse("surveys"))
    costs_the_same("beliefs", manager_web, reverse("beliefs"))


def test_launching_writes_no_mail_itself(clock):
    round = make_round(state="beliefs")
    make_invitation(round=round, state="pending")

    launch.launch(round, by=make_manager(), now=NOW)

    assert Email.objects.count() == 0
