"""`make bench`: how long the pages take, each beside a trivial signed-in view measured in the same run.

Runs in one process against its own database under DATA_DIR (SQLite), or the one DATABASE_URL names. `SCALE=N` is the
size of the firm: 286 makes about 10,000 clients and 200,000 interactions. The data is made once for each size and kept.
Prints medians in milliseconds, the ratio to the trivial view, and the queries a page asks.
"""

import os
import statistics
import sys
import time
import uuid

SCALE = int(os.environ.get("SCALE", "1"))
ROUNDS = int(os.environ.get("ROUNDS", "15"))

os.environ.setdefault("EMBEDDED", "1")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ["DATA_DIR"] = os.path.join(os.environ.get("DATA_DIR", "data"), f"bench-{SCALE}")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")


def prepare():
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ROOT_URLCONF = "bench.urls"
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    call_command("migrate", verbosity=0)
    from clients.models import Client

    if not Client.objects.exists():
        started = time.perf_counter()
        call_command("seed_demo", scale=SCALE)
        print(f"Seeded in {time.perf_counter() - started:.0f} s.")
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


class Subject:
    """Who looks at what: a signed-in account manager, a manager, and a client with a link."""

    def __init__(self):
        from django.test import Client as Browser
        from django.urls import reverse

        from accounts.models import User
        from clients.models import Client
        from outbox import links
        from surveys.models import InvitationMessage

        self.reverse = reverse
        self.owner = User.objects.get(email="priya@wrayburn.example")
        self.manager = User.objects.get(email="elaine@wrayburn.example")
        self.web, self.boss, self.guest = Browser(), Browser(), Browser()
        self.web.force_login(self.owner)
        self.boss.force_login(self.manager)
        self.client = Client.objects.filter(owner=self.owner, name="Tidewell Water").get()
        message = (
            InvitationMessage.objects.filter(invitation__state__in=["sent", "started"], invitation__round__state="open")
            .select_related("email")
            .first()
        )
        self.token = links.token(message.email)

    def pages(self):
        url = self.reverse
        return {
            "client list": lambda: self.web.get(url("clients")),
            "client list, page 100": lambda: self.web.get(url("clients"), {"page": 100}),
            "client search": lambda: self.web.get(url("clients"), {"q": "tidew"}),
            "client page": lambda: self.web.get(url("client", args=[self.client.public_id])),
            "my day": lambda: self.web.get(url("my_day")),
            "promises": lambda: self.web.get(url("promises")),
            "overview": lambda: self.boss.get(url("overview")),
            "gaps": lambda: self.boss.get(url("gaps")),
            "find": lambda: self.web.get(url("find"), {"q": "rosa"}),
            "logging an interaction": self.log,
            "survey page": lambda: self.guest.get(url("survey_answer", args=[self.token])),
            "saving an answer": self.answer,
        }

    def log(self):
        return self.web.post(
            self.reverse("log"),
            {
                "client": self.client.public_id,
                "kind": "call",
                "direction": "theirs",
                "body": "Rosa rang about the schedule.",
                "idempotency_key": str(uuid.uuid4()),
            },
        )

    def answer(self):
        path = self.reverse("survey_answer", args=[self.token]) + "answer/"
        return self.guest.post(path, {"key": "overall", "value": str(time.monotonic_ns() % 11)})


def measure(ask):
    """Median seconds and the number of queries, after two warm-up calls."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as queries:
        status = ask().status_code
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)
    return statistics.median(times), len(queries), status


def main():
    prepare()
    subject = Subject()

    def trivial():
        return subject.web.get("/_bench/trivial/")

    from django.db import connection

    from clients.models import Client, Interaction

    print(f"{connection.vendor}, {Client.objects.count():,} clients, {Interaction.objects.count():,} interactions.")
    print(f"{'page':26}{'median ms':>10}{'× trivial':>11}{'queries':>9}  status")
    worst = 0
    for name, ask in subject.pages().items():
        base, _, _ = measure(trivial)
        taken, queries, status = measure(ask)
        worst = max(worst, taken / base)
        print(f"{name:26}{taken * 1000:10.1f}{taken / base:11.1f}{queries:9}  {status}")
    print(
        f"{'trivial signed-in view':26}{base * 1000:10.1f}{1:11.1f}\nSlowest page: {worst:.1f} times the trivial view."
    )


if __name__ == "__main__":
    sys.exit(main())
