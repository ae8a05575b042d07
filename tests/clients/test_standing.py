"""How a relationship stands: a word and its reasons, worst first."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from clients import listing
from clients.models import Client
from clients.standing import (
    KEPT,
    LATE,
    PLAIN,
    SOON,
    Reason,
    is_quiet,
    judge,
    own_reasons,
    standing,
    unanswered_of,
)
from tests.conftest import NOW
from tests.make import make_client, make_interaction

FIRM = SimpleNamespace(rhythm_days=21)


def client(**fields):
    fields.setdefault("last_two_way_at", fields.get("last_interaction_at"))
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


DAY = timedelta(days=1)


def wrote(client, *days, direction="ours", kind="email"):
    return [
        make_interaction(client=client, kind=kind, direction=direction, happened_at=NOW - n * DAY, body=f"{n} days ago")
        for n in days
    ]


@pytest.fixture
def three(db):
    """Nobody spoke, we wrote and they did not, and both spoke a few days ago."""
    added = {"created_at": NOW - 400 * DAY}
    silent, unanswered, well = (make_client(name=name, **added) for name in ("Silent", "Unanswered", "Well"))
    wrote(silent, 40, kind="call")
    wrote(unanswered, 60, kind="meeting")
    wrote(unanswered, 48, 20, 3)
    wrote(well, 48)
    wrote(well, 5, direction="theirs")
    return silent, unanswered, well


def test_gone_quiet_is_told_apart_from_their_not_answering(three, clock):
    said = [standing(one, user=one.owner, workspace=FIRM, now=NOW).first for one in three]

    assert [(reason.level, reason.text) for reason in said] == [
        (SOON, "Quiet for 40 days, we agreed every 21"),
        (SOON, "We wrote 3 times since Fri 2 Oct, they have not answered"),
        (KEPT, "Last spoke 5 days ago"),
    ]


def test_the_list_filters_both_silences_and_each(three):
    everybody = Client.objects.all()

    def names(filtered):
        return sorted(one.name for one in filtered(everybody, workspace=FIRM, now=NOW))

    assert names(listing.quiet) == ["Silent", "Unanswered"]
    assert names(listing.nobody_spoke) == ["Silent"]
    assert names(listing.they_did_not_answer) == ["Unanswered"]


def test_a_call_of_ours_is_two_way_and_a_note_or_a_removed_mail_is_nothing(db, clock):
    one = make_client(created_at=NOW - 400 * DAY)
    make_interaction(client=one, kind="note", happened_at=NOW)
    [mail, _kept] = wrote(one, 9, 8)
    mail.remove(now=NOW)
    one.refresh_from_db()

    assert [(found.times, found.since) for found in unanswered_of([one]).values()] == [(1, NOW - 8 * DAY)]
    make_interaction(client=one, kind="call", happened_at=NOW - DAY)
    one.refresh_from_db()
    assert unanswered_of([one]) == {}


def test_those_we_never_spoke_to_count_from_when_they_were_added(db, clock):
    never = make_client(created_at=NOW - 30 * DAY)
    written_to = make_client(created_at=NOW - 10 * DAY)
    wrote(written_to, 2)

    said = [standing(one, user=one.owner, workspace=FIRM, now=NOW).first for one in (never, written_to)]

    assert [(reason.level, reason.text) for reason in said] == [
        (SOON, "Quiet for 30 days, we agreed every 21"),
        (PLAIN, "We wrote once on Tue 17 Nov, they have not answered"),
    ]


@pytest.mark.parametrize("rhythm", [None, 1, 5, 40])
def test_the_list_and_the_word_for_each_client_agree_to_the_minute(db, clock, rhythm):
    days, minute = rhythm or FIRM.rhythm_days, timedelta(minutes=1)
    silences = {"just": (days + 1) * DAY, "not yet": (days + 1) * DAY - minute, "long": 200 * DAY, "today": minute}
    for name, silence in silences.items():
        for never in (True, False):
            client = make_client(name=f"{name}, {never}", rhythm_days=rhythm, created_at=NOW - silence)
            spoke = None if never else NOW - silence
            Client.objects.filter(pk=client.pk).update(last_two_way_at=spoke, created_at=NOW - silence)
    ended = make_client(name="Ended", rhythm_days=rhythm, stage="ended", created_at=NOW - 300 * DAY)

    found = listing.quiet(Client.objects.all(), workspace=FIRM, now=NOW)

    everybody = Client.objects.all()
    assert set(found) == {one for one in everybody if is_quiet(one, workspace=FIRM, now=NOW)}
    assert sorted(one.name for one in found) == ["just, False", "just, True", "long, False", "long, True"]
    assert ended not in found


def test_one_to_whom_nobody_ever_spoke_or_wrote_is_among_those_nobody_spoke_to(db, clock):
    never = make_client(name="Never", created_at=NOW - 90 * DAY)
    written = make_client(name="Written to", created_at=NOW - 90 * DAY)
    wrote(written, 40)

    everybody = Client.objects.all()
    known = {"workspace": FIRM, "now": NOW}

    assert list(listing.nobody_spoke(everybody, **known)) == [never]
    assert list(listing.they_did_not_answer(everybody, **known)) == [written]
    assert list(everybody.order_by(*listing.LONGEST_SILENT)) == [never, written]
