"""`manage.py promise_figures` prints the figures of the page, counted here by hand."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Workspace
from promises.models import Promise
from promises.outcomes import wilson_lower
from tests.conftest import NOW
from tests.make import make_client, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = timedelta(days=1)
KEYS = [
    "outcomes", "due", "word_kept", "kept_as_first_promised_rate", "early_warning", "reliability", "slip_median_days",
    "slip_p90_days",
]  # fmt: skip
OUTCOMES = [
    "kept_as_first_promised", "kept_renegotiated_early", "kept_renegotiated_late", "late", "broken", "open_overdue",
    "withdrawn_early", "released", "declined",
]  # fmt: skip


def printed(*args, **options):
    out = io.StringIO()
    call_command("promise_figures", *args, stdout=out, **options)
    return out.getvalue()


def told(*args):
    return json.loads(printed("--format", "json", *args))


def promised(owner, client, *, due=None, first=None, done=None, state="kept", **fields):
    """`due`, `first` and `done` in days before now; the first due is the last one unless given."""
    promise = make_promise(owner=owner, client=client, due_at=NOW - due * DAY, now=NOW, ours=fields.pop("ours", True))
    moved = {"first_due_at": NOW - first * DAY, "moves": 1} if first else {}
    done_at = None if done is None else NOW - done * DAY
    Promise.objects.filter(pk=promise.pk).update(state=state, done_at=done_at, **moved, **fields)


@pytest.fixture
def firm():
    """Ann: 6 kept, 1 moved early and kept, 1 moved late and kept, 1 late, 1 broken, 1 overdue, and one of each beside.

    Bob: 2 kept. They (at Ann’s client): 1 kept.
    """
    ann, bob = make_user(name="Ann", email="ann@firm.example"), make_user(name="Bob", email="bob@firm.example")
    quick, other = make_client(name="Quick-Stop", owner=ann), make_client(name="Other", owner=bob)
    for days in range(20, 26):
        promised(ann, quick, due=days, done=days)
    promised(ann, quick, due=20, first=27, done=21, first_asked="early")
    promised(ann, quick, due=20, first=27, done=20, first_asked="last_minute", moved_not_early=True)
    promised(ann, quick, due=30, done=16)  # ten working days
    promised(ann, quick, due=30, state="broken")
    promised(ann, quick, due=3, state="active")
    promised(ann, quick, due=9, state="withdrawn", withdrawn_timing="early")
    promised(ann, quick, due=9, state="released")
    promised(ann, quick, due=9, state="declined")
    promised(bob, other, due=40, done=45)
    promised(bob, other, due=60, done=65)
    promised(ann, quick, due=8, done=9, ours=False)
    make_promise(owner=ann, client=quick, due_at=NOW + DAY, now=NOW)


def test_the_figures_are_those_counted_by_hand(firm):
    figures = told()

    assert list(figures) == KEYS
    assert list(figures["outcomes"]) == OUTCOMES
    assert list(figures["outcomes"].values()) == [8, 1, 1, 1, 1, 1, 1, 1, 1]
    assert figures["due"] == 13
    assert figures["word_kept"] == 9 / 13
    assert figures["kept_as_first_promised_rate"] == 8 / 14
    assert figures["early_warning"] == 2 / 6  # asked or withdrawn early; of two moved, late, broken, overdue, that one
    assert figures["reliability"] == pytest.approx(wilson_lower(9, 13))
    assert (figures["slip_median_days"], figures["slip_p90_days"]) == (5, 9)


def test_persons_and_clients_add_up_to_the_whole(firm):
    whole = told()["outcomes"]

    for one, other in [("--owner", ("ann@firm.example", "BOB@firm.example")), ("--client", ("Quick-Stop", "other"))]:
        parts = [told(one, name)["outcomes"] for name in other]
        assert {key: sum(part[key] for part in parts) for key in OUTCOMES} == whole


def test_below_the_minimum_there_is_no_reliability(firm):
    figures = told("--owner", "bob@firm.example")

    assert (figures["due"], figures["word_kept"], figures["reliability"]) == (2, 1, None)
    assert (figures["early_warning"], figures["slip_median_days"], figures["slip_p90_days"]) == (None, None, None)


def test_the_days_of_a_period_are_both_included(firm):
    day = str((NOW - 20 * DAY).date())

    assert told("--since", day, "--until", day)["outcomes"]["kept_as_first_promised"] == 1
    assert told("--until", str((NOW - 21 * DAY).date()), "--owner", "ann@firm.example")["due"] == 5 + 4
    assert told("--since", str((NOW - 19 * DAY).date()))["due"] == 1


def test_a_period_ends_when_the_day_ends_where_the_firm_is():
    Workspace.current()
    Workspace.objects.update(time_zone="America/New_York")
    owner = make_user()
    late_in_the_evening = datetime(2026, 10, 1, 3, 30, tzinfo=UTC)  # 30 September there
    make_promise(owner=owner, now=NOW, due_at=late_in_the_evening, due_zone="America/New_York")

    assert told("--until", "2026-09-30")["outcomes"]["broken"] == 1
    assert told("--since", "2026-10-01")["outcomes"]["broken"] == 0


def test_what_they_promised_is_counted_apart(firm):
    assert told("--theirs")["outcomes"]["kept_as_first_promised"] == 1
    assert told("--theirs")["due"] == 1


def test_nothing_promised_is_no_zero():
    figures = told()

    assert set(figures["outcomes"].values()) == {0}
    assert [figures[key] for key in KEYS[1:]] == [0, None, None, None, None, None, None]


def test_the_table_says_the_same_in_words(firm):
    lines = [" ".join(line.split()) for line in printed().splitlines()]

    assert "kept as first promised 8" in lines
    assert "word kept 69.2 % (9 of 13)" in lines
    assert "slip in working days, median 5" in lines
    assert "reliability too few to score" in " ".join(" ".join(printed("--theirs").split()).split())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--owner", "nobody@firm.example"], "We know nobody with the e-mail “nobody@firm.example”."),
        (["--client", "Nobody Ltd"], "We know no client called “Nobody Ltd”."),
        (["--since", "yesterday"], "“yesterday” is no day for --since. Write it as 2026-01-31."),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "The day of --until is before the day of --since."),
    ],
)
def test_what_is_not_known_is_said_in_words(firm, args, words):
    with pytest.raises(CommandError, match=words.replace(".", r"\.")):
        printed(*args)


def test_of_two_clients_of_one_name_it_asks_which():
    ann, bob = make_user(name="Ann"), make_user(name="Bob")
    first = make_client(name="Twin", owner=ann)
    second = make_client(name="TWIN", owner=bob, external_id="T-2")
    promised(bob, second, due=3, done=4)

    with pytest.raises(CommandError) as error:
        printed("--client", "twin")

    assert f"{first.public_id} (of Ann), T-2 (of Bob)" in str(error.value)
    assert told("--client", "T-2")["due"] == 1
    assert told("--client", first.public_id)["due"] == 0
