"""The mailbox is read by processes that are killed in the middle, on both sides of the mark they leave there."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.utils import timezone

from outbox.models import Email, Inbound, Inbox, Returned
from tests.outbox import samples
from tests.outbox.imap_server import ImapServer
from tests.services import ROOT, wait_for

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="several processes: PostgreSQL's pass does this"),
]

REPORTS, KILLS = 200, 5


def test_reports_read_by_killed_processes_count_once_each(capsys, tmp_path):
    mails = [
        Email.objects.queue(kind="surveys.thanks", key=f"mail {n}", to=f"person{n}@x.example", subject="Thank you")[0]
        for n in range(REPORTS)
    ]
    Email.objects.update(state="sent", sent_at=timezone.now(), next_try_at=None)
    with ImapServer() as server:
        for mail in mails:
            server.put(random.choice(list(samples.DEAD.values()))(mail.message_id, mail.to_email))
        server.folders["Gone"] = type(server.inbox)()
        parts = urlsplit(os.environ["DATABASE_URL"])
        environment = os.environ | {
            "DATABASE_URL": urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"])),
            "DATA_DIR": str(tmp_path),
            "MAIL_INBOX": server.url(query="?done=Gone"),
        }
        command = [sys.executable, "manage.py", "run_dispatcher", "--every", "0.2"]
        for kill in range(1, KILLS + 1):
            reader = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                wanted = len(server.commands) + random.randint(30, 100) if kill < KILLS else None
                wait_for(
                    lambda wanted=wanted: not server.inbox.mails or (wanted and len(server.commands) >= wanted),
                    seconds=90,
                    what="the next mails",
                )
            finally:
                reader.send_signal(signal.SIGKILL)
                reader.wait()

    states = Counter(Email.objects.values_list("state", flat=True))
    moved, left = len(server.folders["Gone"].mails), len(server.inbox.mails)
    with capsys.disabled():
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n{connection.vendor}: {REPORTS} reports, {KILLS} kills: {dict(states)}; counted "
            f"{Returned.objects.count()}, moved {moved}, left in the mailbox {left}"
        )
    assert states == {"bounced": REPORTS}
    assert (Returned.objects.count(), Inbound.objects.count()) == (REPORTS, REPORTS)
    assert (moved, left) == (REPORTS, 0)
    assert Inbox.objects.get().last_uid == REPORTS
