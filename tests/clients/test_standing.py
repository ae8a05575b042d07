"""How a relationship stands: a word and its reasons, worst first."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from clients.models import Client
from clients.standing import KEPT, LATE, PLAIN, SOON, Reason, judge, own_reasons
from tests.conftest import NOW

FIRM = SimpleNamespace(rhythm_days=21)


def client(**fields):
    return Client(**{"created_at": NOW - timedelta(days=400), "stage": "active", **fields})


@pytest.mark.parametrize(
    ("levels", "word"),
    [
        ([KEPT], "Healthy"),
        ([PLAIN], "Healthy"),
        ([KEPT, SOON], "Keep an eye on it"),
        ([SOON, LATE, KEPT], "Needs attention"),
    ],
)
def test_the_worst_reason_gives_the_word(levels, word):
    reasons = [Reason(1, level, level) for level in levels]

    assert judge(client(last_interaction_at=NOW), reasons, now=NOW).word == word


def test_reasons_stand_worst_first_and_four_are_shown():
    reasons = [Reason(weight, level, f"{level}{weight}") for level in (KEPT, LATE, SOON) for weight in (1, 2)]

    found = judge(client(), reasons, now=NOW)

    assert [reason.text for reason in found.shown] == ["late2", "late1", "soon2", "soon1"]
    assert found.more == 2


def test_a_new_client_is_new_and_an_archived_one_archived():
    new = client(created_at=NOW - timedelta(days=3))
    archived = client(archived_at=NOW)

    words = [judge(one, own_reasons(one, workspace=FIRM, now=NOW), now=NOW).word for one in (new, archived)]

    assert words == ["New", "Archived"]


@pytest.mark.parametrize(
    ("days", "rhythm", "level"), [(21, None, KEPT), (22, None, SOON), (64, None, LATE), (11, 10, SOON), (10, 10, KEPT)]
)
def test_silence_past_the_rhythm_is_a_reason(days, rhythm, level):
    silent = client(last_interaction_at=NOW - timedelta(days=days), rhythm_days=rhythm)

    assert own_reasons(silent, workspace=FIRM, now=NOW)[0].level == level


def test_a_dormant_client_may_be_silent():
    silent = client(last_interaction_at=NOW - timedelta(days=300), stage="dormant")

    assert own_reasons(silent, workspace=FIRM, now=NOW)[0].level == KEPT
