"""Two years of what happened: interactions, and promises both ways with their whole stories."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.worktime import due_moment
from clients.models import Client, Interaction
from dashboard.demo import words
from dashboard.demo.firm import BATCH
from promises.models import Promise, PromiseEvent, Renegotiation

DAYS = 730
KINDS = [
    ("call", words.CALLS, 0.45),
    ("email", words.EMAILS, 0.3),
    ("meeting", words.MEETINGS, 0.15),
    ("note", words.NOTES, 0.1),
]
QUIET = {"Brightloom Textiles", "Saltmarsh Brewery", "Foxglove Media"}  # nobody has spoken to them for a while

LATE = {"Tidewell Water": (2, 0), "Corbel & Stone": (6, 4), "Sable Logistics": (1, 5)}  # days late, which work


def workday_before(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days={5: 1, 6: 2}.get(day.weekday(), 0))


def workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


def at(day, hour, minute, zone):
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone))


def pick_kind(rng):
    point = rng.random()
    for kind, sentences, share in KINDS:
        if point < share:
            return kind, sentences
        point -= share
    return KINDS[0][:2]


def build_interactions(chance, clients, people_of, *, now):
    """About twenty a client, denser with those who matter more to us; returns them by client, oldest first."""
    rng = chance.rng
    rows, links, by_client = [], [], {}
    for client in clients:
        often = {"A": 30, "B": 22, "C": 15, "D": 9}[client.value_band]
        last = rng.randrange(24, 33) if client.name in QUIET else rng.randrange(0, 8)
        ages = [*sorted((rng.randrange(last, DAYS) for _ in range(often - 1)), reverse=True), last]
        for age in ages:
            kind, sentences = pick_kind(rng)
            if age == last and kind == "note":
                kind, sentences = "call", words.CALLS
            day = workday_before(now.date() - timedelta(days=age))
            person = rng.choice(people_of[client.pk])
            work = rng.choice(words.WORK)
            direction, sentence = rng.choice(sentences)
            moment = min(
                at(day, rng.randrange(8, 17), rng.randrange(0, 60), client.time_zone), now - timedelta(minutes=40)
            )
            row = Interaction(
                public_id=chance.public_id("i"),
                idempotency_key=chance.uuid(),
                client=client,
                kind=kind,
                direction=direction,
                happened_at=moment,
                created_at=moment,
                author=client.owner,
                body=sentence.format(p=person.first_name, t=work[0]),
                mood=None if kind == "note" else rng.choice([None, None, None, -1, 0, 1, 1, 2]),
            )
            row.work = work
            row.person = person
            rows.append(row)
            links.append((row, person))
            by_client.setdefault(client.pk, []).append(row)
            if kind != "note":
                client.last_interaction_at = max(client.last_interaction_at or moment, moment)
            if kind in ("call", "meeting", "visit") or (direction == "theirs" and kind in ("email", "message")):
                client.last_two_way_at = max(client.last_two_way_at or moment, moment)
    Interaction.objects.bulk_create(rows, BATCH)
    through = Interaction.contacts.through
    through.objects.bulk_create([through(interaction=row, contact=person) for row, person in links], BATCH)
    Client.objects.bulk_update(clients, ["last_interaction_at", "last_two_way_at"], BATCH)
    return by_client


class Ledger:
    """Collects promises with their events, so that a whole firm is written in a few statements."""

    def __init__(self, chance, *, now):
        self.chance, self.now = chance, now
        self.promises, self.events, self.moves = [], [], []

    def make(
        self, client, *, person, work, made_at, due, ours, what=None, due_time=None, importance="normal", origin=None
    ):
        zone = person.zone_name if ours else client.owner.time_zone
        due_at = due_moment(due, due_time, zone)
        promise = Promise(
            public_id=self.chance.public_id("w"),
            idempotency_key=self.chance.uuid(),
            client=client,
            direction="ours" if ours else "theirs",
            promisor_user=client.owner if ours else None,
            promisor_contact=None if ours else person,
            promisee_user=None if ours else client.owner,
            promisee_contact=person if ours else None,
            owner=client.owner,
            what=what or work[1 if ours else 2],
            done_when=work[3],
            importance=importance,
            due_date=due,
            due_time=due_time,
            due_zone=zone,
            due_at=due_at,
            first_due_at=due_at,
            agreed_at=made_at,
            created_at=made_at,
            created_by=client.owner,
            origin_interaction=origin,
        )
        self.promises.append(promise)
        self.tell(promise, "made", made_at)
        return promise

    def tell(self, promise, kind, when, note=""):
        self.events.append(PromiseEvent(promise=promise, kind=kind, at=when, by=promise.owner, note=note))

    def keep(self, promise, done_at):
        promise.state, promise.done_at, promise.delivered_at = "kept", done_at, done_at
        promise.ended_at = min(done_at + timedelta(hours=20), self.now)
        self.tell(promise, "delivered", done_at)
        self.tell(promise, "accepted", promise.ended_at)

    def move(self, promise, *, asked_at, to, timing):
        old = promise.due_at
        promise.due_date, promise.due_at = to, due_moment(to, promise.due_time, promise.due_zone)
        promise.agreed_at = asked_at
        promise.moves += 1
        promise.first_asked = promise.first_asked or timing
        promise.moved_not_early = promise.moved_not_early or timing != "early"
        self.moves.append(
            Renegotiation(
                promise=promise,
                state="accepted",
                timing=timing,
                asked_by=promise.owner,
                asked_at=asked_at,
                old_due_at=old,
                new_due_date=to,
                new_due_time=promise.due_time,
                new_due_zone=promise.due_zone,
                new_due_at=promise.due_at,
                reason=self.chance.rng.choice(["waited_on_client", "priorities", "scope_grew", "third_party"]),
                agreed_by_contact=promise.promisee_contact or promise.promisor_contact,
                agreed_how="call",
                decided_at=asked_at,
            )
        )
        self.tell(promise, "moved", asked_at)

    def end(self, promise, state, when, reason, kind=None):
        promise.state, promise.ended_at, promise.reason = state, when, reason
        self.tell(promise, kind or state, when)

    def write(self):
        Promise.objects.bulk_create(self.promises, BATCH)
        PromiseEvent.objects.bulk_create(self.events, BATCH)
        Renegotiation.objects.bulk_create(self.moves, BATCH)


def settle(ledger, promise, *, quality):
    """What became of a promise that fell due: mostly kept, more often where we do well."""
    chance, now = ledger.chance, ledger.now
    due, rng = promise.due_at, chance.rng
    point = rng.random()
    kept = 0.62 + 0.03 * quality
    if point < kept:
        ledger.keep(promise, max(due - timedelta(hours=rng.randrange(1, 50)), promise.agreed_at + timedelta(hours=1)))
    elif point < kept + 0.07 and (due - promise.agreed_at) > timedelta(days=9):
        ledger.move(
            promise, asked_at=due - timedelta(days=6), to=workday(promise.due_date + timedelta(days=5)), timing="early"
        )
        ledger.keep(promise, min(promise.due_at - timedelta(hours=4), now - timedelta(hours=2)))
    elif point < kept + 0.1:
        ledger.move(
            promise,
            asked_at=due - timedelta(hours=3),
            to=workday(promise.due_date + timedelta(days=4)),
            timing="last_minute",
        )
        ledger.keep(promise, min(promise.due_at - timedelta(hours=4), now - timedelta(hours=2)))
    elif point < kept + 0.16:
        promise.reason = rng.choice(["promised_too_much", "waited_on_us", "forgot"])
        ledger.keep(promise, min(due + timedelta(days=rng.randrange(1, 6)), now - timedelta(hours=2)))
    elif point < kept + 0.18:
        ledger.end(promise, "released", due - timedelta(days=1), "", kind="released")
    else:
        ledger.end(promise, "broken", min(due + timedelta(days=3), now - timedelta(hours=2)), "promised_too_much")


def build_promises(chance, clients, people_of, interactions, quality_of, *, now):
    """Some ten a client, two in three ours; nearly all of those due have ended, and a few are open or late."""
    rng, today = chance.rng, now.date()
    ledger = Ledger(chance, now=now)
    for client in clients:
        for row in interactions[client.pk]:
            if row.kind == "note" or not chance.happens(0.5):
                continue
            ours = chance.happens(0.66)
            due = workday(row.happened_at.date() + timedelta(days=rng.choice([3, 5, 7, 10, 14, 21])))
            promise = ledger.make(
                client, person=row.person, work=row.work, made_at=row.happened_at, due=due, ours=ours, origin=row
            )
            if promise.due_at < now - timedelta(days=3):
                settle(ledger, promise, quality=quality_of[client.pk] if ours else 7)
            elif promise.due_at < now:
                ledger.keep(promise, max(promise.agreed_at + timedelta(minutes=30), now - timedelta(hours=30)))
        for ours in (True, False) if client.value_band in "AB" else (True,):
            ledger.make(
                client,
                person=rng.choice(people_of[client.pk]),
                work=rng.choice(words.WORK),
                made_at=now - timedelta(days=rng.randrange(1, 9)),
                due=workday(today + timedelta(days=rng.randrange(0, 12))),
                due_time=rng.choice([None, None, time(12, 0), time(17, 30)]),
                ours=ours,
            )
        for name, (days, work) in LATE.items():
            if client.name.startswith(name):
                ledger.make(
                    client,
                    person=people_of[client.pk][0],
                    work=words.WORK[work],
                    made_at=now - timedelta(days=days + 16),
                    due=workday_before(today - timedelta(days=days)),
                    ours=True,
                )
    ledger.write()
    return ledger.promises
