"""Several planners at the same moment, as two beats or an impatient person make them: everything is said once."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.services import ROOT, own_database

pytestmark = pytest.mark.faults

PLANNERS, DUE = 4, 60

TICK = """
import time
from datetime import datetime
from dashboard import planners
from django.db import connection
connection.ensure_connection()
while time.time() < {start}:
    time.sleep(0.002)
print(planners.run(datetime.fromisoformat("{moment}")))
"""
COUNT = """
import json
from collections import Counter
from accounts.models import User
from outbox.models import Email
from promises.models import DigestMail, Promise, PromiseMail, PromiseEvent
from surveys.models import Invitation, InvitationMessage
late = Promise.objects.filter(overdue_flagged_at__isnull=False, state="active")
flags = Counter(PromiseEvent.objects.filter(kind="overdue", promise__in=late).values_list("promise", flat=True))
told = Counter(PromiseMail.objects.values_list("promise", flat=True))
steps = Counter(InvitationMessage.objects.filter(step__gt=0).values_list("invitation", "step"))
print(json.dumps({
    "flagged": late.count(), "flags": sorted(set(flags.values())), "told": sorted(set(told.values())),
    "critical": PromiseMail.objects.filter(promise__what__contains=", part ").count(),
    "digests": Email.objects.filter(kind="promises.digest").count(),
    "people_with_digest": DigestMail.objects.exclude(email=None).values("user").distinct().count(),
    "people": User.objects.active().count(), "looked_at": DigestMail.objects.count(),
    "surveys_twice": [key for key, times in steps.items() if times > 1],
}))
"""
MONDAY_NOON = """
from datetime import datetime, timedelta, UTC
day = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=3)
while day.weekday() != 0:
    day += timedelta(days=1)
print(day.isoformat())
"""
DUE_UNTIL_THEN = """
from datetime import datetime, timedelta
from promises.models import Promise
due_at = datetime.fromisoformat("{moment}") - timedelta(minutes=1)
print(Promise.objects.filter(what__contains=", part ").update(due_at=due_at))
"""


@pytest.fixture
def environment(tmp_path):
    environment = {**os.environ, "EMBEDDED": "1", "DATA_DIR": str(tmp_path / "data"), "LOG_LEVEL": "ERROR"}
    environment.pop("REDIS_URL", None)
    name = f"ticks_{os.getpid()}"
    if os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = own_database(os.environ["DATABASE_URL"], name)
    yield environment
    if os.environ.get("DATABASE_URL"):
        own_database(os.environ["DATABASE_URL"], name, remove=True)


def start(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def manage(environment, *arguments):
    process = start(environment, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def shell(environment, code):
    return manage(environment, "shell", "-v0", "-c", code).strip()


def test_four_planners_at_once_say_everything_once(environment, capsys):
    manage(environment, "migrate", "-v0")
    manage(environment, "seed_demo")
    manage(environment, "seed_demo", "--due-now", str(DUE))
    moment = shell(environment, MONDAY_NOON)
    assert shell(environment, DUE_UNTIL_THEN.format(moment=moment)) == str(DUE)

    for _ in range(2):  # the second time there is nothing left to say
        tick = TICK.format(start=time.time() + 8, moment=moment)
        planners = [start(environment, "shell", "-v0", "-c", tick) for _ in range(PLANNERS)]
        answers = [process.communicate(timeout=120) for process in planners]
        assert [(out.strip(), err) for out, err in answers] == [("[]", "")] * PLANNERS
    counted = json.loads(shell(environment, COUNT))

    with capsys.disabled():
        where = "PostgreSQL" if "DATABASE_URL" in environment else "SQLite"
        print(f"\n{where}: {PLANNERS} planners at once, twice: {counted}")  # noqa: T201 -- what this test is for
    assert counted["flagged"] >= DUE
    assert (counted["flags"], counted["told"], counted["critical"]) == ([1], [1], DUE)
    assert counted["digests"] == counted["people_with_digest"] > 0
    assert counted["looked_at"] == counted["people"]
    assert counted["surveys_twice"] == []
