"""A firm that has made promises for four years: as many as asked for, put straight into the tables.

1 in 100 is open and ahead, 1 in 500 delivered, 1 in 1000 late and flagged, 1 in 10,000 turned late unseen; the others
have ended, most of them kept. They lie at 10,000 clients of 200 owners; the demo firm keeps its own.
"""

import contextlib
import csv
import io
import json
import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

CLIENTS, PEOPLE = 10_000, 200
DAYS = 4 * 365
PART = 50_000
ZONE = "Europe/London"
WORDS = ("Send the draft fee note", "Review the tariff model", "Return the marked-up contract", "Call about the audit")
ENDED = ["kept"] * 90 + ["kept late"] * 4 + ["broken"] * 4 + ["released"] * 2
STATES = {"ahead": "active", "late": "active", "unseen": "active", "kept late": "kept"}
TOLD = {"kept": "accepted"}


def fill(count, *, now):
    """Promises until there are `count`; returns how many were added."""
    from django.db import connection, transaction

    from promises.models import Promise, PromiseEvent

    first = (Promise.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    last = first + count - Promise.objects.count()
    rows = Rows(places(people()), now=now)
    with transaction.atomic(), quickly(connection, Promise, PromiseEvent):
        promises, events = Table(connection, Promise), Table(connection, PromiseEvent)
        for start in range(first, last, PART):
            made = [rows.promise(pk) for pk in range(start, min(start + PART, last))]
            promises.put(made)
            events.put([event for row in made for event in rows.events(row)])
    return max(0, last - first)


@contextlib.contextmanager
def quickly(connection, *models):
    """Without indexes, and where the database lets us, without looking up every foreign key."""
    from django.db import transaction
    from django.db.utils import ProgrammingError

    if connection.vendor == "postgresql":
        with contextlib.suppress(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        with connection.schema_editor() as editor:
            for model in models:
                for index in model._meta.indexes:
                    editor.remove_index(model, index)
    yield
    if connection.vendor == "postgresql":
        with connection.schema_editor() as editor:
            for model in models:
                for index in model._meta.indexes:
                    editor.add_index(model, index)


def people():
    from accounts.models import User

    there = list(User.objects.order_by("pk").values_list("pk", flat=True))
    new = [
        User(email=f"bench{n}@many.example", name=f"Bench Person {n}", password="!")  # noqa: S106 - nobody signs in
        for n in range(len(there), PEOPLE)
    ]
    return there + [user.pk for user in User.objects.bulk_create(new)]


def places(owners):
    """[(client, owner)]"""
    from clients.models import Client

    there = Client.objects.count()
    new = [Client(name=f"Bench Client {n}", owner_id=owners[n % len(owners)]) for n in range(there, CLIENTS)]
    Client.objects.bulk_create(new, batch_size=500)
    return list(Client.objects.order_by("pk").values_list("pk", "owner_id"))


def scattered(number, below):
    """A number below, always the same for this one and unlike its neighbours."""
    return (number * 2_654_435_761 % 2**32) * below >> 32


class Rows:
    """The rows of promise number `pk`, always the same; the moments lie around the afternoon of `now`."""

    def __init__(self, places, *, now):
        self.places, self.now = places, now
        self.noon = datetime.combine(now.date(), time(16), ZoneInfo(ZONE))

    @staticmethod
    def kind(pk):
        if pk % 10_000 == 50:
            return "unseen"
        if pk % 1000 == 50:
            return "late"
        if pk % 100 == 0:
            return "ahead"
        return "delivered" if pk % 500 == 1 else ENDED[scattered(pk, 100)]

    def due(self, pk, kind):
        chance = scattered(pk * 31 + 7, DAYS)
        if kind == "ahead":
            return self.noon + timedelta(days=1 + chance % 90)
        if kind in ("late", "unseen"):
            return self.noon - timedelta(days=1 + chance % 9)
        if kind == "delivered":
            return self.noon + timedelta(days=chance % 9)
        return self.noon - timedelta(days=15 + chance, minutes=pk % 300)

    def promise(self, pk):
        kind = self.kind(pk)
        due = self.due(pk, kind)
        client, owner = self.places[scattered(pk * 17 + 3, len(self.places))]
        ours = pk % 10 < 7
        what = f"{WORDS[pk % len(WORDS)]} {pk}"
        end = None
        if kind in ENDED:
            end = due + timedelta(days=3 if kind == "kept late" else -1)
        done = self.now - timedelta(hours=3) if kind == "delivered" else end if kind in ("kept", "kept late") else None
        made = due - timedelta(days=5 + pk % 30)
        return {
            "id": pk, "public_id": f"w_b{pk:08d}", "client_id": client, "direction": "ours" if ours else "theirs",
            "owner_id": owner, "promisor_user_id": owner if ours else None,
            "promisee_user_id": None if ours else owner, "what": what, "search_text": what.casefold(),
            "state": STATES.get(kind, kind), "due_date": due.date(), "due_at": due, "first_due_at": due,
            "agreed_at": made, "done_at": done, "delivered_at": done, "ended_at": end, "created_at": made,
            "created_by_id": owner, "idempotency_key": uuid.UUID(int=pk), "due_time": time(16), "due_zone": ZONE,
            "overdue_flagged_at": due if kind == "late" else None,
        }  # fmt: skip

    @staticmethod
    def events(row):
        told = {"promise_id": row["id"], "by_id": row["owner_id"]}
        yield {**told, "kind": "made", "at": row["agreed_at"]}
        if row["ended_at"]:
            yield {**told, "kind": TOLD.get(row["state"], row["state"]), "at": row["ended_at"]}


class Table:
    """Takes rows that name their varying columns alike; the others hold what a new record holds."""

    def __init__(self, connection, model):
        self.connection, self.model, self.name = connection, model, model._meta.db_table
        self.fields = {field.column: field for field in model._meta.concrete_fields if not field.generated}
        new = model()
        self.usual = {
            column: field.get_db_prep_save(getattr(new, field.attname), connection)
            for column, field in self.fields.items()
        }

    def put(self, rows):
        varying = list(rows[0])
        usual = {column: value for column, value in self.usual.items() if column not in varying}
        if "id" not in varying:
            del usual["id"]
        names = ", ".join(f'"{column}"' for column in (*varying, *usual))
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                self._copy(cursor, names, rows, usual)
            else:
                self._insert(cursor, names, rows, usual)

    def _copy(self, cursor, names, rows, usual):
        # The one JSON column is empty and comes wrapped for the driver.
        same = ["\\N" if value is None else getattr(value, "adapted", value) for value in usual.values()]
        same = [json.dumps(value) if isinstance(value, dict) else value for value in same]
        text = io.StringIO()
        write = csv.writer(text).writerow
        for row in rows:
            write(["\\N" if value is None else value for value in row.values()] + same)
        text.seek(0)
        cursor.cursor.copy_expert(f"COPY {self.name} ({names}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", text)
        newest = f"SELECT max(id) FROM {self.name}"  # noqa: S608 - our tables
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{self.name}', 'id'), ({newest}))")

    def _insert(self, cursor, names, rows, usual):
        prepare = [self.fields[column].get_db_prep_save for column in rows[0]]
        same = list(usual.values())
        marks = ", ".join(["%s"] * (len(prepare) + len(same)))
        everything = (
            [to_db(value, self.connection) for to_db, value in zip(prepare, row.values(), strict=True)] + same
            for row in rows
        )
        cursor.executemany(f"INSERT INTO {self.name} ({names}) VALUES ({marks})", everything)  # noqa: S608 - our tables
