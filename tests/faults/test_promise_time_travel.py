"""Sixty days with the real worker and beat, stopped and started at random: every word once, and only what stands."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.worktime import Calendar
from tests.services import ROOT, Redis, own_database

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SEED", "20270301"))
DIGEST_AT = time(7, 30)
PEOPLE = {"Tom Okafor": "Europe/London", "Ana Lopez": "America/New_York", "Martin Cole": "Europe/London"}
ESCALATED_AFTER = {True: 2, False: 5}  # working days, by critical


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """What sixty days left behind."""
    data = tmp_path_factory.mktemp("sixty-days")
    environment = {**os.environ, "EMBEDDED": "1", "DATA_DIR": str(data), "CLOCK_FILE": str(data / "clock")}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.faults.travelling", "DEMO": "0", "WEB_TICK_SECONDS": "0"}
    environment |= {"LOG_LEVEL": "ERROR", "C_FORCE_ROOT": "1", "OUTBOX_LEASE_SECONDS": "3", "EMAIL_TIMEOUT": "0.2"}
    name = f"sixty_days_{os.getpid()}"
    if url := os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = own_database(url, name)
    try:
        with Redis() as redis:
            environment["REDIS_URL"] = redis.url
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "tests.faults.sixty_days", str(SEED)],
                cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=400,
            )  # fmt: skip
    finally:
        if url:
            own_database(url, name, remove=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return Lived(json.loads(done.stdout))


class Lived:
    def __init__(self, found):
        self.promises = {row["pk"]: row | {"due": at(row["due"])} for row in found["promises"]}
        self.events = [(pk, kind, at(moment), due) for pk, kind, moment, due in found["events"]]
        self.words = [(pk, rule, to, at(about), at(said), mail) for pk, rule, to, about, said, mail in found["words"]]
        self.digests = found["digests"]
        self.emails = {int(pk): email for pk, email in found["emails"].items()}
        self.sent = found["sent"]
        self.steps = [(at(moment), state) for moment, state in found["lived"]]

    def of_fate(self, fate):
        return [row for row in self.promises.values() if row["fate"] == fate]

    def count(self, pk, kind):
        return sum(1 for of, what, _at, _due in self.events if (of, what) == (pk, kind))

    def said(self, pk, rule):
        return [(to, said) for of, name, to, _about, said, _mail in self.words if (of, name) == (pk, rule)]

    def settled_at(self, pk):
        """When it was first kept or broken; None while it is open."""
        return min(
            (moment for of, kind, moment, _due in self.events if of == pk and kind in ("delivered", "broken")),
            default=None,
        )

    def days_for(self, name, wanted):
        """(the first day something ran for this person on or after `wanted`, the first day all of it did)."""
        calendar = Calendar(zone=PEOPLE[name])
        first = {}
        for moment, state in self.steps:
            here = moment.astimezone(ZoneInfo(PEOPLE[name]))
            day = here.date()
            if day >= wanted and here.time() >= DIGEST_AT and calendar.is_working_day(day):
                if state != "down":
                    first.setdefault("partly", day)
                if state == "up":
                    first.setdefault("up", day)
        return first.get("partly"), first.get("up")


def at(text):
    return datetime.fromisoformat(text)


def test_the_days_were_full_of_stops(lived, capsys):
    states = Counter(state for _moment, state in lived.steps)
    with capsys.disabled():
        rules = Counter(rule for _pk, rule, *_rest in lived.words)
        mails = Counter(email["state"] for email in lived.emails.values())
        unknown = sum(bool(email["uncertain"]) for email in lived.emails.values())
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n60 days, {len(lived.promises)} promises, moments {dict(states)}: words {dict(rules)}, "
            f"flags {sum(kind == 'overdue' for _pk, kind, *_rest in lived.events)}, mails {dict(mails)}, "
            f"with an unknown outcome {unknown}"
        )

    assert states["up"] > states["down"] >= 10
    assert states["partly"] >= 2


def test_each_missed_due_is_flagged_once_and_nothing_else_is(lived):
    flags = Counter((pk, due) for pk, kind, _at, due in lived.events if kind == "overdue")

    assert set(flags.values()) == {1}
    assert {pk for pk, _due in flags} >= {
        row["pk"] for row in lived.of_fate("never") if row["due"] < lived.steps[-1][0]
    }
    assert [row["what"] for row in lived.of_fate("kept") if lived.count(row["pk"], "overdue")] == []


def test_each_word_is_said_once_to_each_person_and_arrived(lived):
    times = Counter((pk, rule, to, about) for pk, rule, to, about, _said, _mail in lived.words)

    assert set(times.values()) == {1}
    assert {lived.emails[mail]["state"] for *_word, mail in lived.words if mail} == {"sent"}


def test_the_owner_and_the_manager_hear_once_of_what_is_never_done(lived):
    """On the first working day on which the program ran after the word fell due."""
    wrong = []
    for row in lived.of_fate("never"):
        heard = [("choose", row["owner"], 1)]
        heard += [("escalated", "Martin Cole", ESCALATED_AFTER[row["critical"]])] if row["ours"] else []
        for rule, name, days in heard:
            if name not in PEOPLE:
                continue  # away for a week; her deputy hears
            calendar = Calendar(zone=PEOPLE[name])
            wanted = calendar.working_day_after(calendar.local_date(row["due"]), days)
            partly, up = lived.days_for(name, wanted)
            told = [calendar.local_date(said) for to, said in lived.said(row["pk"], rule) if to == name]
            ended = lived.settled_at(row["pk"])
            if (
                up
                and not (ended and calendar.local_date(ended) <= up)
                and not (len(told) == 1 and partly <= told[0] <= up)
            ):
                wrong.append((row["what"], rule, name, wanted, told, partly, up))

    assert wrong == []


def test_a_critical_promise_that_turns_late_is_said_at_once_and_once(lived):
    """What was found hours late, after the program stood still, is left to the digest."""
    found_after = {pk: moment - at(due) for pk, kind, moment, due in lived.events if kind == "overdue"}
    late = {pk for pk, hours in found_after.items() if hours <= timedelta(hours=6)}
    critical = {pk for pk in late if lived.promises[pk]["critical"] and lived.promises[pk]["ours"]}

    told = Counter(pk for pk, rule, *_rest in lived.words if rule == "late_at_once")

    assert told == dict.fromkeys(critical, 1)


def test_nothing_is_said_of_what_was_settled(lived):
    ended = {pk: lived.settled_at(pk) for pk in lived.promises}
    after = [word for word in lived.words if ended[word[0]] and word[4] > ended[word[0]] and word[1] != "no_word"]
    by_id = {email["id"]: at(email["sent"]) for email in lived.emails.values() if email["sent"]}
    listed = [
        (row["what"], by_id[message_id])
        for message_id, text in lived.sent
        for row in lived.promises.values()
        if row["what"] in text and ended[row["pk"]] and ended[row["pk"]] < by_id[message_id]
    ]

    assert after == []
    assert listed == []


def test_an_outage_ends_in_one_digest_a_person(lived):
    digests = [email for email in lived.emails.values() if email["kind"] == "promises.digest"]
    a_day = Counter((email["to"], at(email["at"]).date()) for email in digests if email["state"] == "sent")
    down = [moment for moment, state in lived.steps if state == "down"]

    assert set(a_day.values()) == {1}
    assert [
        email["to"] for email in digests if any(0 <= (at(email["at"]) - moment).total_seconds() < 60 for moment in down)
    ] == []
    days = [date.fromisoformat(day) for name, day, _mail in lived.digests if name == "Tom Okafor"]
    assert len(days) == len(set(days))


def test_no_mail_arrives_twice_unless_its_end_was_unknown(lived):
    arrived = Counter(message_id for message_id, _text in lived.sent)
    uncertain = {email["id"] for email in lived.emails.values() if email["uncertain"]}

    assert {message_id for message_id, times in arrived.items() if times > 1} <= uncertain
    assert {email["state"] for email in lived.emails.values()} <= {"sent", "cancelled"}


def test_what_nobody_does_is_broken_by_the_clock_once(lived):
    calendar = Calendar(zone="Europe/London")
    last = lived.steps[-1][0]
    old = [row for row in lived.of_fate("never") if calendar.working_days(row["due"], last) > 21]

    assert old
    assert {lived.count(row["pk"], "broken") for row in old} == {1}
    assert all(row["state"] == "broken" for row in old)
