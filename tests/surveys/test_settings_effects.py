"""The weights of whom to call first are the firm's: within bounds, said in words, in effect at once."""

import pytest
from django.urls import reverse

from accounts.models import Workspace
from surveys import results
from surveys.models import Belief, Result
from surveys.settings_effects import effects
from tests.accounts.test_conflict import settings_of
from tests.conftest import NOW
from tests.make import answer_survey, make_belief, make_client, make_contact, make_invitation, make_round

pytestmark = pytest.mark.django_db

WEIGHTS = {"bias": 60, "low": 10, "worst": 10, "promises": 10, "silence": 10}
OTHERS = {f"priority_{name}": weight for name, weight in WEIGHTS.items()}


def scored():
    survey, client = make_round(state="open"), make_client(value_band="A")
    make_belief(round=survey, client=client, overall=9, respect=10, promises_kept=10)
    Belief.objects.update(sealed_at=NOW)
    invitation = make_invitation(round=survey, contact=make_contact(client=client))
    answer_survey(invitation, overall=7, respect=6, promises_kept=6)
    results.recompute(survey, now=NOW)
    return Result.objects.get(round=survey, client=client)


def test_other_weights_place_the_clients_of_the_newest_round_anew(admin_web, clock):
    before = scored()
    answer = admin_web.post(reverse("settings"), settings_of(admin_web) | {k: str(v) for k, v in OTHERS.items()})
    assert answer.status_code == 302

    results.recompute_stale(NOW)

    after = Result.objects.get(pk=before.pk)
    assert [part["weight"] for part in before.priority_parts] == [0.30, 0.25, 0.15, 0.15, 0.15]
    assert [part["weight"] for part in after.priority_parts] == [0.6, 0.1, 0.1, 0.1, 0.1]
    assert after.priority == pytest.approx(sum(part["points"] for part in after.priority_parts))


def test_weights_that_are_not_a_hundred_together_are_refused_with_their_sum(admin_web):
    answer = admin_web.post(reverse("settings"), settings_of(admin_web) | {"priority_bias": "40"})

    assert (answer.status_code, answer.context["form"].errors) == (
        422,
        {"priority_bias": ["The five parts make 110 % together; they have to make 100 %."]},
    )


def test_a_setting_that_has_nothing_to_do_with_it_recomputes_nothing(admin_web, clock):
    result = scored()

    admin_web.post(reverse("settings"), settings_of(admin_web) | {"rhythm_days": "30"})

    result.refresh_from_db()
    assert result.stale is False


def test_the_effect_of_the_weights_is_said_by_an_example():
    words = effects(Workspace(**OTHERS), NOW)["priority_bias"]

    # 100·(0.6·2/4 + 0.1·2/6 + 0.1·3/5) and 100·0.1·2/4
    assert words.endswith(
        "rating us 6.0 where we thought 8.0, with 3.0 in one dimension, makes 39.3 points; "
        "rating us as we thought, with two of four promises broken, makes 5.0."
    )
