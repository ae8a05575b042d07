"""What came of the surveys: talks to clear the air in different steps, and what clients suggest."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.demo.history import workday
from partnerships.models import Concern, Suggestion
from promises.models import Promise
from surveys.models import Case, Result

BOOKED, HELD, CLEARED = "Aldous Freight", "Tidewell Water", "Tidewell Water"
SUGGESTIONS = [
    ("Tidewell Water", "Send the agenda two days before we meet, so that we can bring the right people.", "accepted"),
    ("Corbel & Stone", "One page at the start of each report: what changed, and what we have to decide.", "done"),
    ("Pemberton Schools", "A shared list of what each of us is waiting for.", "new"),
    ("Linden Housing", "Let us see the drafts in your own system.", "declined"),
]


def build_talks(chance, clients, people_of, rounds, *, now):
    """One talk of last year that cleared something up, one held lately, one booked; the rules open the others."""
    named = {client.name: client for client in clients}
    last, this = rounds
    _cleared(chance, named[CLEARED], people_of, last, now=now)
    _held(chance, named[HELD], people_of, this, now=now)
    _booked(chance, named[BOOKED], people_of, this, now=now)
    for name, words, state in SUGGESTIONS:
        _suggest(chance, named[name], people_of, words, state, now=now)


def _case(chance, client, survey, *, why, now, what, **fields):
    concern = Concern.open(
        client,
        by=client.owner,
        now=now,
        public_id=chance.public_id("k"),
        origin=Concern.Origin.SURVEY,
        what_happened=what,
        asked_for_call=why == Case.Why.CALL,
        **fields,
    )
    if Result.objects.filter(round=survey, client=client).exists():
        Case.objects.create(concern=concern, round=survey, client=client, why=why, opened_at=now)
    return concern


def _at(day, hour):
    return datetime.combine(workday(day), time(hour), tzinfo=ZoneInfo("Europe/London"))


def _promise(chance, client, what, *, days, now, ours=True, contact=None):
    promise = Promise.objects.make(
        by=client.owner,
        client=client,
        what=what,
        due_date=workday((now + timedelta(days=days)).date()),
        now=now,
        direction="ours" if ours else "theirs",
        contact=contact,
        idempotency_key=chance.uuid(),
    )
    promise.public_id = chance.public_id("w")  # the same seed makes the same firm
    promise.save(update_fields=["public_id"])
    return promise


def _cleared(chance, client, people_of, survey, *, now):
    opened = now - timedelta(days=340)
    concern = _case(
        chance, client, survey, why=Case.Why.SERIOUS, now=opened,
        what="The quarterly figures came late three times, and they heard it from us only when they asked.",
        cause_kind=Concern.CauseKind.TOLD_LATE, our_part="We knew a week before, and hoped to catch up.",
    )  # fmt: skip
    person = people_of[client.pk][0]
    concern.plan_talk(at=opened + timedelta(days=6), where="", people=[person], by=client.owner, now=opened)
    held = opened + timedelta(days=6)
    concern.hold(
        held_at=held, they_said="A date that moves is fine. Hearing it from my own team is not.", ended="better",
        by=client.owner, now=held,
    )  # fmt: skip
    promise = _promise(chance, client, "Say by Wednesday when Friday is in doubt", days=30, now=held, contact=person)
    promise.deliver(by=client.owner, now=held + timedelta(days=20), done_at=held + timedelta(days=20))
    promise.accept(by=client.owner, now=held + timedelta(days=21))
    concern.resolve(
        outcome="They plan with our Wednesday message now.", promises=[promise], no_promise_because="",
        by=client.owner, now=held + timedelta(days=25), prevention="A reminder on Tuesdays for whoever has a Friday.",
    )  # fmt: skip
    asked = held + timedelta(days=56)
    Concern.objects.filter(pk=concern.pk).update(asked_at=asked)
    concern.tell("asked", by=None, now=asked, note=person.name)
    concern.answer("yes", words="It has been much better since.", contact=person, now=asked + timedelta(days=1))


def _held(chance, client, people_of, survey, *, now):
    opened = now - timedelta(days=6)
    concern = _case(
        chance, client, survey, why=Case.Why.SERIOUS, now=opened,
        what="They hear of a slip when the date has gone, and plan around us.",
        cause_kind=Concern.CauseKind.TOLD_LATE, our_part="We wait until we are sure, and then it is too late for them.",
    )  # fmt: skip
    people = people_of[client.pk][:2]
    held = _at((now - timedelta(days=2)).date(), 10)
    held = min(held, now - timedelta(hours=3))
    concern.plan_talk(at=held, where="At their office", people=people, by=client.owner, now=opened + timedelta(days=1))
    promises = [
        _promise(chance, client, "A call whenever a date is in doubt, three days before", days=14, now=held,
                 contact=people[0]),
        _promise(chance, client, "Name one person for urgent questions", days=7, now=held, ours=False,
                 contact=people[0]),
    ]  # fmt: skip
    concern.hold(
        held_at=held,
        they_said="The work is good. What hurts is finding out on the day.",
        not_known="They book outside people around our dates, and pay them either way.",
        ended="better",
        next_check_on=workday((now + timedelta(days=21)).date()),
        promises=promises,
        by=client.owner,
        now=held,
    )


def _booked(chance, client, people_of, survey, *, now):
    opened = now - timedelta(days=2)
    concern = _case(
        chance, client, survey, why=Case.Why.CALL, now=opened,
        what="They asked for a call: answers take us too long.",
    )  # fmt: skip
    people = people_of[client.pk][:1]
    at = _at((now + timedelta(days=3)).date(), 14)
    concern.plan_talk(
        at=at, where="By video", people=people, second=client.owner.deputy, by=client.owner,
        now=now - timedelta(hours=20), minutes=45,
    )  # fmt: skip


def _suggest(chance, client, people_of, words, state, *, now):
    said = now - timedelta(days=chance.rng.randrange(3, 40))
    suggestion = Suggestion.record(
        client, by=client.owner, now=said, words=words, contact=people_of[client.pk][0], source="talk"
    )
    Suggestion.objects.filter(pk=suggestion.pk).update(public_id=chance.public_id("g"))
    if state == "accepted":
        contact = people_of[client.pk][0]
        promise = _promise(
            chance, client, "Send agendas two days ahead", days=(now - said).days + 10, now=said, contact=contact
        )
        suggestion.accept(promise, by=client.owner, now=said + timedelta(days=1))
    elif state == "declined":
        suggestion.decline(
            "Drafts live with notes about other clients. We send them on Mondays instead.", by=client.owner, now=now
        )
    elif state == "done":
        suggestion.done("Each report begins with one page: what changed, what to decide.", by=client.owner, now=now)
