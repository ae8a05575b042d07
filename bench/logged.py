"""A firm that has logged for four years: a million contacts at 50,000 clients, put straight into the tables.

Ten thousand of them happened with one client, whose page is asked for; its owner is the demo firm's account manager.
"""

import contextlib
import uuid
from datetime import timedelta

from bench.many import DAYS, PART, Table, people, quickly, scattered


def words(text):
    return text.split()


CLIENTS, AT_ONE = 50_000, 10_000
BUSIEST = "Tidewell Water"
FIRST = words(
    "Ash Birch Cedar Drift Elm Fern Glen Hazel Iron Juniper Kestrel Larch Maple North Oak Pine Quarry River "
    "Stone Thorn Upland Vale West Yarrow Zenith Amber Bright Clear Dawn East"
)
SECOND = words(
    "bridge brook bury croft dale field ford gate ham haven hill holm hurst land ley mead mere mill port ridge "
    "shaw side stead thorpe ton wick wood worth yard"
)
TRADE = words(
    "Water Foods Textiles Energy Logistics Timber Printing Brewing Dairy Motors Steel Papers Housing Legal "
    "Dental Systems Seeds Glass Marine Rail"
)
NAMES = words("Rosa Helen Omar Ingrid Marek Chloe Dmitri Farah Gustav Hana Ivo Jana Keiko Liam Mira Nils")
SURNAMES = words("Delgado Ward Haddad Larsen Nowak Dubois Petrov Khan Berg Sato Novak Weiss Ito Byrne Costa Holm")
BODIES = (
    "Rang about the schedule; they are content so far and want the next draft a week earlier than last year.",
    "Met on site. The new plant manager asked how we count overtime, and wants it in writing.",
    "Wrote with the figures for the quarter. Allowances are still to be agreed with finance.",
    "They sent the signed order and a question about insurance for the second depot.",
    "Short call: invoice received, one line was unclear, explained and settled.",
    "Workshop on the tariff model. Good mood, three open points, next one in spring.",
)
KINDS = ("call", "meeting", "email", "email", "call", "visit")
REQUESTS, WAITING = 20_000, 500
TRIGRAMS = {"interaction_search_trigrams": "clients_interaction", "request_search_trigrams": "clients_request"}


def fill(count, *, now):
    """Contacts until there are `count`, and requests; returns how many contacts were added."""
    from django.db import connection, transaction

    from clients.models import Interaction, Request

    owners = people()
    places = clients(owners, now=now)
    first = (Interaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    added = max(0, count - Interaction.objects.count())
    if not added:
        return 0
    people_of = contacts(places)
    busiest = next(pk for pk, _owner, name in places if name == BUSIEST)
    with transaction.atomic(), quickly(connection, Interaction), without_trigrams(connection):
        table, between = Table(connection, Interaction), Table(connection, Interaction.contacts.through)
        for start in range(first, first + added, PART):
            made = [contact(pk, places, now=now) for pk in range(start, min(start + PART, first + added))]
            for row in made[: AT_ONE * PART // count]:
                row["client_id"] = busiest
            table.put(made)
            with_whom = [
                {"interaction_id": row["id"], "contact_id": people_of[row["client_id"]][row["id"] % 2]} for row in made
            ]
            between.put([row for row in with_whom if row["contact_id"]])
        Table(connection, Request).put([request(n, places, now=now) for n in range(1, REQUESTS + 1)])
    recount(connection)
    return added


def clients(owners, *, now):
    """[(pk, owner, name)] of all, with names as varied as in a firm of that size."""
    from clients.models import Client

    there = Client.objects.count()
    new = []
    for n in range(there, CLIENTS):
        first, second = FIRST[scattered(n, len(FIRST))], SECOND[scattered(n * 13 + 5, len(SECOND))]
        name = f"{first}{second} {TRADE[scattered(n * 7 + 1, len(TRADE))]} {n}"
        new.append(Client(name=name, owner_id=owners[n % len(owners)], created_at=now - timedelta(days=DAYS)))
    Client.objects.bulk_create(new, batch_size=2000)
    return list(Client.objects.order_by("pk").values_list("pk", "owner_id", "name"))


def contacts(places):
    """{client: two of its people}; made where there are none."""
    from clients.models import Contact

    known = {}
    for client, person in Contact.objects.order_by("-pk").values_list("client_id", "pk"):
        known.setdefault(client, []).append(person)
    new = []
    for client, _owner, _name in places:
        for n in range(2 - len(known.get(client, [])) if client not in known else 0):
            number = client * 2 + n
            name = f"{NAMES[scattered(number, len(NAMES))]} {SURNAMES[scattered(number * 11 + 3, len(SURNAMES))]}"
            email = f"person{number}@many.example"
            new.append(Contact(client_id=client, name=name, email=email, search_text=f"{name} {email}".casefold()))
    for person in Contact.objects.bulk_create(new, batch_size=2000):
        known.setdefault(person.client_id, []).append(person.pk)
    return {client: (people * 2)[:2] for client, people in known.items()}


def contact(pk, places, *, now):
    client, owner, name = places[scattered(pk * 17 + 3, len(places))]
    at = now - timedelta(days=scattered(pk * 31 + 7, DAYS), minutes=1 + pk % 600)
    body = f"{BODIES[pk % len(BODIES)]} {name}, {pk}."
    return {
        "id": pk, "public_id": f"i_b{pk:08d}", "client_id": client, "kind": KINDS[pk % len(KINDS)],
        "direction": "theirs" if pk % 3 == 0 else "ours", "happened_at": at, "author_id": owner, "body": body,
        "search_text": body.casefold(), "idempotency_key": uuid.UUID(int=pk), "created_at": at,
        "mood": pk % 5 - 2 if pk % 4 == 0 else None,
    }  # fmt: skip


def request(number, places, *, now):
    client, owner, _name = places[scattered(number * 19 + 11, len(places))]
    waits = number <= WAITING
    asked = now - timedelta(hours=number % 40 + 1) if waits else now - timedelta(days=3 + number % DAYS)
    due = asked + timedelta(hours=8)
    answered = None if waits else asked + timedelta(minutes=30 + number % 900)
    text = f"How do you count overtime in month {number}?"
    return {
        "public_id": f"q_b{number:08d}", "client_id": client, "assignee_id": owner, "text": text,
        "search_text": text.casefold(), "asked_at": asked, "first_due_at": due,
        "waiting_since": asked if waits else None, "answer_due_at": due if waits else None,
        "first_answered_at": answered, "answer_minutes": None if waits else 30 + number % 900, "closed_at": answered,
        "closed_how": "" if waits else "answered", "created_by_id": owner, "idempotency_key": uuid.UUID(int=number),
    }  # fmt: skip


@contextlib.contextmanager
def without_trigrams(connection):
    """Rows go in faster than an index of their words grows; it is made once, at the end."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname = ANY(%s)", [list(TRIGRAMS)])
        there = [name for (name,) in cursor.fetchall()]
        for name in there:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for name in there:
            cursor.execute(f"CREATE INDEX {name} ON {TRIGRAMS[name]} USING gin (search_text gin_trgm_ops)")


def recount(connection):
    """When each client was last in touch, as the verbs that log keep it."""
    from django.db.models import Max, OuterRef, Subquery

    from clients.models import TWO_WAY, Client, Interaction

    def newest(**only):
        rows = Interaction.objects.filter(client=OuterRef("pk"), deleted_at=None).exclude(kind="note").order_by()
        rows = rows.filter(TWO_WAY) if only else rows
        return Subquery(rows.values("client").annotate(last=Max("happened_at")).values("last"))

    Client.objects.update(last_interaction_at=newest(), last_two_way_at=newest(two_way=True))
