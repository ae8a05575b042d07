"""E-mail in with real servers and real Celery workers that are killed again and again: each mail is filed once."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

import pytest
from celery import Celery
from django.db import connection

from clients.models import Attachment, Interaction, ReceivedMail
from outbox.models import Inbound
from tests import mail_servers
from tests.clients.mails import mail
from tests.make import make_client, make_contact, make_user
from tests.services import ROOT, Redis, wait_for

LACKING = mail_servers.missing()
pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="several processes: PostgreSQL's pass does this"),
    pytest.mark.skipif(bool(LACKING), reason=f"Debian's {LACKING} would be needed"),
]

MAILS, KILLS = 60, 5
MINE = "crm+priyaskey@in.firm.example"


def test_mails_read_by_killed_workers_are_filed_once_each(capsys, tmp_path):
    priya = make_user(name="Priya Raman", email="priya@firm.example", mail_in_key="priyaskey")
    client = make_client(name="Tidewell", owner=priya)
    make_contact(client=client, email="rosa@tidewell.example")
    with mail_servers.MailServers() as servers, Redis() as redis:
        for n in range(MAILS):
            files = [(f"plan{n}.pdf", "application/pdf", b"%PDF-1.4 a plan")] if n % 2 else []
            to = "rosa@tidewell.example" if n % 5 else "nobody@elsewhere.example"
            raw = mail(to=to, subject=f"Mail {n}", message_id=f"<{n}@firm.example>", files=files)
            servers.send(raw, sender="priya@firm.example", to=[to, MINE])
            if n % 10 == 0:
                servers.send(raw, sender="priya@firm.example", to=[to, MINE])  # the same again
        servers.wait_for(MAILS + MAILS // 10)
        parts = urlsplit(os.environ["DATABASE_URL"])
        environment = os.environ | {
            "DATABASE_URL": urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"])),
            "DATA_DIR": str(tmp_path),
            "REDIS_URL": redis.url,
            "MAIL_IN": "crm@in.firm.example",
            "MAIL_IN_INBOX": servers.url(done="Handled"),
            "WEB_TICK_SECONDS": "0",
        }
        command = [sys.executable, "-m", "celery", "-A", "partnership_crm", "worker", "-c", "1", "-l", "ERROR"]
        with asked_every_second(redis.url):
            for kill in range(1, KILLS + 1):
                worker = subprocess.Popen(
                    command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )  # fmt: skip
                try:
                    wanted = ReceivedMail.objects.count() + random.randint(3, 10) if kill < KILLS else None
                    wait_for(
                        lambda wanted=wanted: (
                            not servers.arrived() or (wanted and ReceivedMail.objects.count() >= wanted)
                        ),
                        seconds=150,
                        what="the next mails",
                    )
                finally:
                    os.killpg(worker.pid, signal.SIGKILL)
                    worker.wait()
        moved, left = servers.arrived("Handled"), servers.arrived()

    states = Counter(ReceivedMail.objects.values_list("state", flat=True))
    entries, files = Interaction.objects.count(), Attachment.objects.filter(interaction=None).count()
    with capsys.disabled():
        print(  # noqa: T201 -- the counts are what this test is for
            f"\n{connection.vendor}: {MAILS} mails through Exim and Dovecot, {KILLS} kills: {dict(states)}; "
            f"{entries} entries, {files} files, moved {moved}, left in the mailbox {left}"
        )
    assert states == {"filed": MAILS * 4 // 5, "unmatched": MAILS // 5}
    assert entries == Interaction.objects.values("summary").distinct().count() == MAILS * 4 // 5
    assert (files, moved, left) == (MAILS // 2, MAILS + MAILS // 10, 0)
    assert Inbound.objects.count() <= MAILS + MAILS // 10


class asked_every_second:
    """What beat does, only more often."""

    def __init__(self, url):
        self.app, self.stop = Celery(broker=url), threading.Event()
        self.app.conf.update(broker_transport_options={"socket_timeout": 5}, task_ignore_result=True)
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stop.wait(1):
            self.app.send_task("outbox.tasks.read_inbox", expires=15, retry=False)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_unused):
        self.stop.set()
        self.thread.join()
        self.app.close()
