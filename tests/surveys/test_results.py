"""What is kept of answers and beliefs, against values worked out by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from surveys import answering, results
from surveys.models import Belief, Invitation, Result, Round
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
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


def asked(round, client, people=1, **fields):
    return [make_invitation(round=round, contact=make_contact(client=client), **fields) for _n in range(people)]


def believed(round, client, user=None, **values):
    belief = make_belief(round=round, client=client, user=user, **values)
    Belief.objects.filter(pk=belief.pk).seal(now=timezone.now())
    return belief


def computed(round, client):
    results.recompute_stale(timezone.now())
    return Result.objects.get(round=round, client=client)


def rounded(numbers, *names):
    return {name: round(numbers[name], 2) for name in names}


def test_the_worked_example_of_the_domain_comes_out_of_the_database(clock):
    survey, client = make_round(state="open"), make_client()
    first, second, third, _silent = asked(survey, client, 4)
    Invitation.objects.filter(pk=first.pk).update(weight=2)
    believed(survey, client, respect=8)
    believed(survey, client, user=make_user(), respect=9)
    for invitation, mark in ((first, 5), (second, 7), (third, 8)):
        answer_survey(invitation, respect=mark)

    result = computed(survey, client)

    numbers = result.dimensions["respect"]
    assert rounded(numbers, "c", "f", "gap", "n_eff", "se", "low", "high") == {
        "c": 6.25, "f": 8.5, "gap": 2.25, "n_eff": 2.67, "se": 0.67, "low": 0.93, "high": 3.57,
    }  # fmt: skip
    assert (numbers["n"], numbers["invited"], numbers["level"], numbers["confirmed"]) == (3, 4, "serious", True)
    assert (result.answered, result.invited) == (3, 4)


def test_nothing_is_imputed(clock):
    survey = make_round(state="open")
    silent, unknown = make_client(), make_client()
    asked(survey, silent)
    believed(survey, silent, **all_of(8))
    [invitation] = asked(survey, unknown)
    answer_survey(invitation, **all_of(6))
    Result.objects.mark_stale(round_id=survey.pk, client_ids=[silent.pk, unknown.pk])

    without_answer, without_belief = computed(survey, silent), computed(survey, unknown)

    assert (without_answer.they_say, without_answer.we_believe, without_answer.gap) == (None, 8, None)
    assert (without_belief.they_say, without_belief.we_believe, without_belief.gap) == (6, None, None)
    assert (without_answer.level, without_belief.level) == ("", "")


def test_beliefs_after_the_fact_and_unsealed_ones_are_not_counted(clock):
    survey, client = make_round(state="open"), make_client()
    [invitation] = asked(survey, client)
    believed(survey, client, **all_of(8))
    make_belief(round=survey, client=client, user=make_user(), **all_of(2))
    late = Belief.objects.create(round=survey, client=client, user=make_user(), sealed_at=timezone.now())
    late.record(values=all_of(0), note="", now=timezone.now())

    answer_survey(invitation, **all_of(7))

    assert computed(survey, client).we_believe == 8


def test_who_could_not_be_reached_is_not_counted_as_asked(clock):
    survey, client = make_round(state="open"), make_client()
    [invitation] = asked(survey, client)
    asked(survey, client, state="undeliverable")
    asked(survey, client, state="pending")

    answer_survey(invitation, **all_of(7))

    result = computed(survey, client)
    assert (result.answered, result.invited) == (1, 1)


def test_a_second_run_equals_the_first(clock):
    survey, client = make_round(state="open"), make_client()
    [invitation] = asked(survey, client)
    believed(survey, client, **all_of(8))
    answer_survey(invitation, **all_of(5))

    def kept():
        return list(Result.objects.order_by("pk").values())

    results.recompute(survey, now=timezone.now())
    first = kept()
    results.recompute(survey, now=timezone.now())

    assert kept() == first


def test_an_answer_marks_its_client_and_only_the_clock_takes_the_mark_off(clock):
    survey, client, other = make_round(state="open"), make_client(), make_client()
    [invitation] = asked(survey, client)
    asked(survey, other)
    results.recompute(survey, now=timezone.now())

    answer_survey(invitation, submit=False, respect=7)

    assert list(Result.objects.filter(stale=True).values_list("client", flat=True)) == [client.pk]
    results.recompute_stale(timezone.now())
    assert not Result.objects.filter(stale=True).exists()
    assert Result.objects.get(client=client).dimensions["respect"]["c"] == 7


def test_an_answer_that_comes_while_results_are_computed_is_not_lost(clock, monkeypatch):
    survey, client = make_round(state="open"), make_client()
    first, second = asked(survey, client, 2)
    answer_survey(first, respect=4)
    compute = results._compute

    def and_somebody_answers(*args, **kwargs):
        compute(*args, **kwargs)
        monkeypatch.setattr(results, "_compute", compute)
        answer_survey(second, respect=8)

    monkeypatch.setattr(results, "_compute", and_somebody_answers)

    results.recompute_stale(timezone.now())
    results.recompute_stale(timezone.now())

    assert Result.objects.get(client=client).dimensions["respect"]["c"] == 6


def test_submitting_computes_that_client_at_once(clock, django_capture_on_commit_callbacks):
    survey, client = make_round(state="open"), make_client()
    [invitation] = asked(survey, client)
    believed(survey, client, **all_of(9))

    with django_capture_on_commit_callbacks(execute=True):
        answer_survey(invitation, **all_of(6))

    result = Result.objects.get(client=client)
    assert (result.they_say, result.gap, result.level, result.stale) == (6, 3, "serious", False)


def test_a_submission_stands_even_when_computing_fails(clock, monkeypatch, django_capture_on_commit_callbacks, caplog):
    [invitation] = asked(make_round(state="open"), make_client())
    monkeypatch.setattr(answering.results, "recompute_one", lambda *args, **kwargs: 1 / 0)

    with django_capture_on_commit_callbacks(execute=True):
        response = answer_survey(invitation, **all_of(6))

    assert response.submitted_at is not None
    assert Result.objects.get().stale


def test_sealing_shows_what_we_believe_of_a_client_before_anybody_answers(clock):
    from surveys import sending

    survey, client = make_round(state="open"), make_client()
    make_invitation(round=survey, contact=make_contact(client=client), state="pending", send_at=timezone.now())
    make_belief(round=survey, client=client, **all_of(8))

    sending.send_due(timezone.now())

    assert computed(survey, client).we_believe == 8


def test_thresholds_are_measured_in_the_last_closed_round_and_stay(clock):
    last, this = make_round(state="closed", year=2025), make_round(state="beliefs")
    for mark in (2, 10) * 5:
        client = make_client()
        Result.objects.create(round=last, client=client, dimensions={"respect": {"c": mark}, "trust": {"c": 8}})

    thresholds = results.thresholds_for(this)

    assert thresholds["respect"] == 2.0  # half of 4.2, and at most 2
    assert thresholds["trust"] == 1.0  # no spread, and at least 1
    assert thresholds["promises"] == 1.0  # nothing known


def test_without_a_closed_round_every_threshold_is_one(clock):
    assert set(results.thresholds_for(make_round(state="beliefs")).values()) == {1.0}


def test_the_order_of_calls_comes_from_the_formula_and_says_why(clock):
    survey = make_round(state="open")
    caller, angry, quiet = make_client(), make_client(), make_client()
    for client, answers in (
        (caller, all_of(8, call=("0113", "mornings"))),
        (angry, all_of(8, trust_honest=3)),
        (quiet, all_of(8)),
    ):
        [invitation] = asked(survey, client)
        believed(survey, client, **all_of(9))
        answer_survey(invitation, **answers)

    results.recompute_stale(timezone.now())

    order = Result.objects.order_by("priority_tier", "-priority").select_related("client")
    assert [result.client for result in order] == [caller, angry, quiet]
    assert [result.priority_tier for result in order] == [1, 2, 3]
    assert order[1].why.startswith("Trust: 3 of 10.")
    # 100 × (0.5 + 0.5 × 0.5) × 0.30 × 1/4 for the bias of 1, and 0.15 × 1/5 for the widest gap of 1
    assert round(order[2].priority, 2) == round(75 * (0.30 * 0.25 + 0.15 * 0.2), 2)


def test_broken_promises_count_from_three_due_on(clock):
    survey, client = make_round(state="open"), make_client()
    [invitation] = asked(survey, client)
    answer_survey(invitation, **all_of(8))
    late = timezone.now() - timedelta(days=3)
    for _n in range(2):
        make_promise(client=client, due_at=late)
    few = computed(survey, client).priority

    make_promise(client=client, due_at=late)
    Result.objects.mark_stale(round_id=survey.pk, client_ids=[client.pk])

    assert (few, computed(survey, client).priority) == (0, pytest.approx(75 * 0.15))


def test_the_means_of_a_round_are_those_of_its_clients(clock):
    survey = make_round(state="open")
    for mark in (5, 7):
        client = make_client()
        [invitation] = asked(survey, client)
        believed(survey, client, respect=8)
        answer_survey(invitation, respect=mark)

    results.recompute_stale(timezone.now())

    mean = Round.objects.get(pk=survey.pk).means["respect"]
    assert rounded(mean, "c", "f", "gap", "low", "high") == {"c": 6, "f": 8, "gap": 2, "low": -10.71, "high": 14.71}
    assert mean["n"] == 2
