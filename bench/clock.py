"""What the clock and an import cost in a firm with many promises; everything is taken back afterwards."""

import time
from datetime import timedelta

IMPORTED = 10_000


def scans(now):
    """{name: query} of what the clock asks of all promises every minute."""
    from promises.models import Promise

    ages = now - timedelta(days=20)
    return {
        "overdue, to announce": Promise.objects.to_flag(now).order_by("due_at"),
        "overdue for long, to break": Promise.objects.overdue(ages),
        "delivered, silent for long": Promise.objects.delivered().filter(delivered_at__lt=now - timedelta(days=5)),
    }


def explain(query):
    """(index, rows the scan touched, rows found, ms) on PostgreSQL; the plan in words elsewhere."""
    import json

    from django.db import connection

    if connection.vendor != "postgresql":
        return query.explain().replace("\n", "; ")
    [plan] = json.loads(query.explain(analyze=True, format="json"))
    nodes = list(_nodes(plan["Plan"]))
    names = [node["Index Name"] for node in nodes if "Index Name" in node]
    leaf = nodes[-1]
    touched = leaf["Actual Rows"] + leaf.get("Rows Removed by Filter", 0)
    found = plan["Plan"]["Actual Rows"]
    how = ", ".join(names) or leaf["Node Type"]
    return f"{how}: {touched:,} rows touched, {found:,} found, {plan['Execution Time']:.2f} ms"


def _nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def tick(now):
    """(seconds, what was done) of working out everything that is due, twice: the first finds the news."""
    from promises import reminders

    for _turn in range(2):
        started = time.perf_counter()
        done = reminders.plan(now)
        yield time.perf_counter() - started, {name: count for name, count in done.items() if count}


def import_many(now):
    """Seconds to import a file of IMPORTED promises, and to find nothing new in it."""
    from accounts.tables import read_table
    from clients.models import Client
    from promises.importing import CLIENTS_OWNER, import_promises

    names = list(Client.objects.order_by("pk").values_list("name", flat=True)[:500])
    made = (now - timedelta(days=90)).date()
    rows = [
        f"X{n},{names[n % len(names)]},Send the report {n},{made},{made + timedelta(days=30)},"
        + (f"{made + timedelta(days=28)}" if n % 20 else "")
        for n in range(IMPORTED)
    ]
    table = read_table("\n".join(["Promise ID,Client,Promise,Made on,Due,Done on", *rows]).encode())
    for _turn in range(2):
        started = time.perf_counter()
        report = import_promises(table, now=now, owner=CLIENTS_OWNER)
        yield time.perf_counter() - started, report.summary()


def show(now):
    """Print all of it."""
    from django.db import transaction

    print("\nWhat the clock asks every minute:")
    for name, query in scans(now).items():
        print(f"  {name:30}{explain(query)}")
    with transaction.atomic():
        for turn, (seconds, done) in zip(("first", "next"), tick(now), strict=True):
            print(f"  {turn + ' tick':30}{seconds * 1000:,.0f} ms, {done or 'nothing to do'}")
        transaction.set_rollback(True)
    print(f"\nImport of {IMPORTED:,} rows:")
    with transaction.atomic():
        for turn, (seconds, words) in zip(("first time", "again"), import_many(now), strict=True):
            print(f"  {turn:30}{seconds:.1f} s, {words}")
        transaction.set_rollback(True)
