"""What fills an account manager's day besides promises: questions of clients, follow-ups, pinned clients."""

from datetime import timedelta

from accounts.models import User
from clients.models import Client, FollowUp, Pin, Request, RequestEvent
from clients.requests import clock
from dashboard.demo.firm import BATCH

HOURS, URGENT_HOURS = 8, 2
LOOK_BACK = 300  # days
QUESTIONS = [
    ("email", "Can we see {t} before the board meets?"),
    ("call", "Who is our contact for {t} while you are away?"),
    ("email", "Does {t} still have to be signed by both directors?"),
    ("call", "How sure are we of the date for {t}?"),
    ("message", "Could you send {t} once more, as one file?"),
    ("meeting", "What would {t} cost us if we waited until spring?"),
    ("email", "Which figures in {t} may we show the bank?"),
]
ANNIVERSARY = ("Northgate Foods", 5)  # in so many days
WAITING = {  # working hours since they asked, urgency
    "Tidewell Water": (7, "normal"),
    "Corbel & Stone": (11, "normal"),
    "Northgate Foods": (1, "urgent"),
    "Sable Logistics": (3, "normal"),
}
FOLLOW_UPS = [
    "Ask how the first week went",
    "See whether the new person has settled in",
    "Ring about next year’s plans",
]
PINNED = 3


def build_day(chance, clients, people_of, interactions, *, now):
    """Two or three answered questions a client, a few that wait, follow-ups and pins for every owner."""
    calendars = {client.owner_id: client.owner.calendar() for client in clients}
    requests, events = [], []
    for client in clients:
        calendar, person = calendars[client.owner_id], people_of[client.pk][0]
        for logged in chance.rng.sample(interactions[client.pk], min(3, len(interactions[client.pk]))):
            if logged.happened_at > now - timedelta(days=LOOK_BACK):
                requests.append(_answered(chance, client, calendar, logged))
        hours, urgency = WAITING.get(client.name, (0, ""))
        if hours:
            requests.append(_waiting(chance, client, calendar, person, hours, urgency, now=now))
    Request.objects.bulk_create(requests, BATCH)
    for request in requests:
        events.append(_event(request, RequestEvent.Kind.ASKED, request.asked_at))
        if request.closed_at:
            events.append(_event(request, RequestEvent.Kind.ANSWERED, request.closed_at))
        if request.overdue_flagged_at:
            events.append(_event(request, RequestEvent.Kind.OVERDUE, request.answer_due_at, by=None))
    RequestEvent.objects.bulk_create(events, BATCH)
    _follow_ups_and_pins(chance, clients, now=now)
    _near_an_anniversary(clients, now=now)
    return requests


def _event(request, kind, at, **by):
    return RequestEvent(request=request, kind=kind, at=at, **{"by": request.assignee, **by})


def _request(chance, client, *, asked_at, due, urgency="normal", work=None, channel="", **more):
    how, question = chance.rng.choice(QUESTIONS)
    return Request(
        public_id=chance.public_id("q"),
        idempotency_key=chance.uuid(),
        client=client,
        channel=channel or how,
        urgency=urgency,
        text=question.format(t=work),
        assignee=client.owner,
        created_by=client.owner,
        created_at=asked_at,
        asked_at=asked_at,
        first_due_at=due,
        **more,
    )


def _answered(chance, client, calendar, logged):
    """Most within the day, one in six late."""
    hours = HOURS + chance.rng.randrange(1, 9) if chance.happens(1 / 6) else chance.rng.randrange(1, HOURS)
    asked = calendar.add(logged.happened_at, hours=-hours) if hours else logged.happened_at
    answered_at = logged.happened_at
    return _request(
        chance,
        client,
        asked_at=asked,
        due=clock.due_at(calendar, asked, HOURS),
        work=logged.work[0],
        contact=logged.person,
        first_answered_at=answered_at,
        first_answer=logged,
        answer_minutes=clock.minutes_between(calendar, asked, answered_at),
        closed_at=answered_at,
        closed_how=Request.Closed.ANSWERED,
    )


def _waiting(chance, client, calendar, person, hours, urgency, *, now):
    """What is over by now was flagged in its time, so that nobody is written to about the past."""
    asked = calendar.add(now, hours=-hours)
    due = clock.due_at(calendar, asked, URGENT_HOURS if urgency == "urgent" else HOURS)
    flagged = now if due < now else None
    return _request(
        chance,
        client,
        asked_at=asked,
        due=due,
        urgency=urgency,
        work="the board paper" if urgency == "normal" else "the grant claim",
        contact=person,
        waiting_since=asked,
        answer_due_at=due,
        soon_flagged_at=now,
        overdue_flagged_at=flagged,
        escalated_at=flagged,
    )


def _follow_ups_and_pins(chance, clients, *, now):
    by_owner = {}
    for client in clients:
        by_owner.setdefault(client.owner, []).append(client)
    follow_ups, pins = [], []
    for owner, theirs in by_owner.items():
        chosen = chance.rng.sample(theirs, min(len(theirs), PINNED))
        pins += [Pin(user=owner, client=client, position=place + 1) for place, client in enumerate(chosen)]
        follow_ups += [
            FollowUp(
                public_id=chance.public_id("r"),
                idempotency_key=chance.uuid(),
                client=client,
                user=owner,
                due_on=now.date() + timedelta(days=3 * place),
                note=FOLLOW_UPS[place % len(FOLLOW_UPS)],
                made_at=now - timedelta(days=7),
            )
            for place, client in enumerate(chosen[:2])
        ]
    FollowUp.objects.bulk_create(follow_ups, BATCH)
    Pin.objects.bulk_create(pins, BATCH)
    User.objects.filter(pk__in=[owner.pk for owner in by_owner]).update(has_pins=True)


def _near_an_anniversary(clients, *, now):
    """One client has been with us for a round number of years in a few days."""
    name, days = ANNIVERSARY
    for client in clients:
        if client.name == name:
            day = now.date() + timedelta(days=days)
            client.partner_since = day.replace(year=day.year - 5, day=min(day.day, 28))
            Client.objects.bulk_update([client], ["partner_since"])
