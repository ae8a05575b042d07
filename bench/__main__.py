"""`make bench`: how long the pages take, each beside a trivial signed-in view measured in the same run.

The pages are asked of the real web server over HTTP, turn and turn about with the trivial view: a session, a user and
10 KB of text. Queries are counted in this process. `python -m bench overview` asks only the pages so named. Runs on
its own database under DATA_DIR (SQLite), or the one DATABASE_URL names, or with DATABASE=postgres on a PostgreSQL that
is thrown away afterwards. The data is made once and kept.

SCALE=N is the size of the firm: 286 makes about 10,000 clients and 200,000 interactions. PROMISES=N makes that many
promises at 10,000 clients of 200 owners, and says too what the clock asks of them, what a tick costs, and an import.
INTERACTIONS=N logs that many contacts at 50,000 clients, 10,000 of them at one.
INVITATIONS=N asks that many people in one round, six in ten of whom have answered, and says what launching costs.
ROUNDS=N is how often each page is asked. Exits with 1 when a page answers anything but 200, 302 or 303.

    PROMISES=1000000 DATABASE=postgres make bench
    INVITATIONS=100000 DATABASE=postgres make bench
    INTERACTIONS=1000000 DATABASE=postgres make bench
"""

import os
import statistics
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench import asked, clock, logged, many

SCALE = int(os.environ.get("SCALE", "1"))
PROMISES = int(os.environ.get("PROMISES", "0"))
INVITATIONS = int(os.environ.get("INVITATIONS", "0"))
INTERACTIONS = int(os.environ.get("INTERACTIONS", "0"))
ROUNDS = int(os.environ.get("ROUNDS", "25"))
MOST_TIMES, MOST_QUERIES = 10, 20  # no page may take more
FINE = {200, 302, 303}

SIZES = [SCALE, PROMISES, INVITATIONS] if INVITATIONS else [SCALE, PROMISES] if PROMISES else [SCALE]
SIZES = [*SIZES, f"logged-{INTERACTIONS}"] if INTERACTIONS else SIZES
FOLDER = Path(os.environ.get("DATA_DIR", "data")).resolve() / "-".join(["bench", *map(str, SIZES)])
os.environ["DATA_DIR"] = str(FOLDER)
os.environ.setdefault("EMBEDDED", "1")
os.environ["LOG_LEVEL"] = "ERROR"
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


def prepare():
    """Tables and data; both are there already when the bench ran before."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User

    call_command("migrate", verbosity=0)
    started, new = time.perf_counter(), not User.objects.exists()
    if new:
        call_command("seed_demo", scale=SCALE)
    if PROMISES:
        new |= bool(many.fill(PROMISES, now=timezone.now()))
    if INTERACTIONS:
        new |= bool(logged.fill(INTERACTIONS, now=timezone.now()))
    if INVITATIONS:
        new |= bool(asked.fill(INVITATIONS, now=timezone.now()))
    if new:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
        print(f"Made in {time.perf_counter() - started:.0f} s.")


@dataclass(frozen=True)
class Page:
    """What is asked, and by whom: owner (an account manager), manager or guest (a client with a link)."""

    name: str
    path: str
    who: str = "owner"
    data: object = None  # () -> dict of what is posted

    def ask(self, browsers):
        if self.data is None:
            return browsers[self.who].ask("GET", self.path)
        return browsers[self.who].ask("POST", self.path, self.data())

    def count(self, clients):
        """(status, queries) in this process."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client = clients[self.who]
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(self.path) if self.data is None else client.post(self.path, self.data())
            count = len(connection.queries_log)
        return answer.status_code, count - queries.initial_queries


TRIVIAL = Page("trivial signed-in view", "/_bench/trivial/")


def people():
    """Who looks: an account manager and a manager of the first demo firm."""
    from accounts.models import User

    return {
        "owner": User.objects.get(email="priya@wrayburn.example"),
        "manager": User.objects.get(email="elaine@wrayburn.example"),
    }


def pages(owner):
    from urllib.parse import quote

    from django.db.models import Count
    from django.urls import reverse

    from clients.models import Client
    from outbox import links
    from surveys.models import InvitationMessage

    client = Client.objects.get(owner=owner, name="Tidewell Water")
    moments = client.interactions.order_by("-happened_at").values_list("happened_at", flat=True)
    before, deep = moments[20], moments[moments.count() - 25]
    message = (
        InvitationMessage.objects.filter(invitation__state__in=["sent", "started"], invitation__round__state="open")
        .select_related("email")
        .order_by("pk")
        .first()
    )
    survey = reverse("survey_answer", args=[links.token(message.email)])
    story = reverse("client_timeline", args=[client.public_id])
    find = reverse("find")
    clients, promises, figures = reverse("clients"), reverse("promises"), reverse("promise_figures")
    busiest = Client.objects.annotate(count=Count("promises")).order_by("-count", "pk").first()

    def contact():
        words = {"client": client.public_id, "kind": "call", "direction": "theirs"}
        return {**words, "body": "Rosa rang about the schedule.", "idempotency_key": str(uuid.uuid4())}

    def answer():
        return {"question": "overall", "q-overall": str(time.monotonic_ns() // 1000 % 11)}

    return [
        Page("client list", clients),
        Page("client list, last page", f"{clients}?after={down_the_clients(owner, 0.998)}"),
        Page("client list, page in the middle", f"{clients}?after={down_the_clients(owner, 0.5)}"),
        Page("client list by last contact", f"{clients}?sort=-contact"),
        Page("client list, longest silent", f"{clients}?sort=contact&after={down_the_clients(owner, 0.5, 'contact')}"),
        Page("client list by owner", f"{clients}?sort=owner&after={down_the_clients(owner, 0.5, 'owner')}"),
        Page("client list, gone quiet", f"{clients}?quiet=yes"),
        Page("client search", f"{clients}?q=tidew"),
        Page("client page", client.get_absolute_url()),
        Page("client page, most promises", busiest.get_absolute_url(), "manager"),
        Page("timeline, older", f"{story}?before={quote(before.isoformat())}"),
        Page("timeline, its deepest page", f"{story}?before={quote(deep.isoformat())}"),
        Page("timeline, searched", f"{story}?q=overtime"),
        Page("person", reverse("contact", args=[client.contacts.first().public_id])),
        Page("people at clients", reverse("contacts")),
        Page("everything logged", reverse("interactions")),
        Page("everything logged, searched", f"{reverse('interactions')}?q=overtime"),
        Page("requests", f"{reverse('requests')}?assignee="),
        Page("requests, all of them", f"{reverse('requests')}?assignee=&state=all"),
        Page("answer times", reverse("request_figures"), "manager"),
        Page("my day", reverse("my_day")),
        Page("the team’s day", f"{reverse('my_day')}?who=team", "manager"),
        Page("promises", promises),
        Page("promises, everybody’s", f"{promises}?owner=all&state=all"),
        Page("promises, far down", f"{promises}?owner=all&state=all&after={far_down(owner)}"),
        Page("promises, search", f"{promises}?owner=all&q=tariff+tidew"),
        Page("promises, late in the team", f"{promises}?owner=all&due=late", "manager"),
        Page("figures, one’s own", f"{figures}?owner=me"),
        Page("figures, the firm’s", figures, "manager"),
        Page("overview", reverse("overview"), "manager"),
        Page("gaps", reverse("gaps"), "manager"),
        Page("round", survey_of(message).get_absolute_url(), "manager"),
        Page("round, by client", f"{survey_of(message).get_absolute_url()}?by=client", "manager"),
        Page("round, its results", reverse("survey_results", args=[survey_of(message).public_id]), "manager"),
        Page("find", f"{find}?q=rosa"),
        Page("palette, a client", f"{find}?palette=1&q=tidew"),
        Page("palette, two words", f"{find}?palette=1&q=rosa+delgado"),
        Page("palette, typed wrongly", f"{find}?palette=1&q=tidewel+watr"),
        Page("palette, what was said", f"{find}?palette=1&said=1&q=overtime"),
        Page("logging an interaction", reverse("log"), data=contact),
        Page("survey page", survey, "guest"),
        Page("saving an answer", f"{survey}answer/", "guest", data=answer),
    ]


def survey_of(message):
    """The newest round: the one asked for, or the demo firm's."""
    from surveys.models import Round

    return Round.objects.filter(state="open").order_by("-pk").first() or message.invitation.round


def down_the_clients(owner, share, sort="name"):
    """The cursor of a page so far down the list of clients."""
    from urllib.parse import quote

    from django.http import QueryDict
    from django.utils import timezone

    from accounts.keyset import page_of
    from accounts.models import Workspace
    from clients.listing import Listing

    listing = Listing(QueryDict(f"sort={sort}"), user=owner, workspace=Workspace.current(), now=timezone.now())
    keys = list(listing.found.values_list("pk", flat=True))
    here = keys[max(0, int(len(keys) * share) - 1)]
    rows = listing.with_edges.filter(pk__in=[here, listing.beside(here) or here])
    return quote(page_of(rows, listing.order, size=1).after)


def far_down(owner):
    """The cursor of a page in the middle of everybody’s promises."""
    from urllib.parse import quote

    from accounts.keyset import page_of
    from promises.filters import SORTS
    from promises.models import Promise

    rows = Promise.objects.visible_to(owner)
    middle = rows.order_by("due_at", "pk").values_list("due_at", flat=True)[rows.count() // 2]
    return quote(page_of(rows.filter(due_at__gte=middle), SORTS["due"], size=1).after)


def measure(page, browsers):
    """(median seconds, median seconds of the trivial view, statuses), asked turn and turn about."""
    times, base, statuses = [], [], set()
    for turn in range(ROUNDS + 3):
        trivial, _status = TRIVIAL.ask(browsers)
        taken, status = page.ask(browsers)
        statuses.add(status)
        if turn >= 3:  # the first ones warm up
            base.append(trivial)
            times.append(taken)
    return statistics.median(times), statistics.median(base), statuses


def sign_in(user):
    from django.test import Client as Browser

    browser = Browser()
    browser.force_login(user)
    return browser


def report(page, taken, base, queries, statuses):
    """Print one line of the table; returns what is wrong with the page."""
    times = taken / base
    wrong = sorted(str(status) for status in statuses - FINE)
    marks = [f"answered {', '.join(wrong)}"] if wrong else []
    marks += [f"over {MOST_TIMES} ×"] if times > MOST_TIMES else []
    marks += [f"over {MOST_QUERIES} queries"] if queries > MOST_QUERIES else []
    print(f"{page.name:34}{taken * 1000:9.1f}{base * 1000:9.1f}{times:8.1f}{queries:9}  {'; '.join(marks)}".rstrip())
    return marks, bool(wrong)


def main():
    prepare()
    from django.conf import settings
    from django.db import connection
    from django.test import Client as Browser
    from django.utils import timezone

    from bench.browser import Browser as Line
    from bench.browser import Web
    from clients.models import Client, Interaction
    from promises.models import Promise

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    who = {name: sign_in(user) for name, user in people().items()} | {"guest": Browser()}
    named = " ".join(sys.argv[1:])
    chosen = [page for page in pages(people()["owner"]) if named in page.name]
    counts = [(Client, "clients"), (Interaction, "interactions"), (Promise, "promises")]
    print(", ".join([connection.vendor, *(f"{model.objects.count():,} {words}" for model, words in counts)]) + ".\n")
    print(f"{'page':34}{'ms':>9}{'trivial':>9}{'times':>8}{'queries':>9}")
    over, failed = [], False
    with Web(FOLDER / "bench-web.log") as web:
        sessions = {name: client.session.session_key for name, client in who.items() if name != "guest"}
        lines = {name: Line(web.port, sessions.get(name, "")) for name in who}
        for page in chosen:
            page.count(who)
            status, queries = page.count(who)
            lines[page.who].carry(who[page.who].cookies)
            taken, base, statuses = measure(page, lines)
            marks, wrong = report(page, taken, base, queries, statuses | {status})
            failed |= wrong
            over += [f"  {page.name}: {'; '.join(marks)}"] if marks else []
    print(f"\nAt most {MOST_TIMES} times the trivial view and {MOST_QUERIES} queries:", end=" ")
    print("all pages." if not over else f"all but\n{chr(10).join(over)}")
    if PROMISES and not named:
        clock.show(timezone.now())
    if INVITATIONS and not named:
        print("\nLaunching a round:")
        asked.launch(now=timezone.now())
    return int(failed)


def on_its_own_database():
    """On the database that is asked for."""
    if os.environ.get("DATABASE") != "postgres" or os.environ.get("DATABASE_URL"):
        return main()
    from tests.services import NotHere, Postgres

    try:
        with Postgres() as postgres:
            os.environ["DATABASE_URL"] = postgres.url
            return main()
    except NotHere as problem:
        sys.exit(f"Partnership CRM: {problem}.")


if __name__ == "__main__":
    sys.exit(on_its_own_database())
