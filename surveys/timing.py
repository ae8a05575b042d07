"""When a round's mails go out: in the morning where each person lives, on days both they and we work, so many a day.

Everybody of one place (time zone and country) shares their mornings, so a hundred thousand people are planned in as
many steps as there are places and days.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import time, timedelta

from django.db.models import CharField, Count, Q, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.places import holidays_at
from accounts.worktime import Calendar, due_moment
from surveys.days import DAY, MORNING, firm_calendar, start_of_day, zone_of
from surveys.models import Invitation

EARLIEST, LATEST = time(6), time(12)  # what counts as a morning
AWAKE = (time(7), time(18))  # when a mail that is late already may still go out
LATE = timedelta(hours=3)
CHUNK = 5000
PENDING = Q(state=Invitation.State.PENDING, queued_at=None)


@dataclass(frozen=True)
class Place:
    """Where people live: whose clock, whose holidays."""

    zone: str
    country: str


@dataclass(frozen=True)
class Slot:
    """So many people of one place, written to at one moment; `day` is the firm's."""

    place: Place
    at: object
    day: object
    count: int


def hour_of(round, calendar):
    """The time of day people get their mail at, on their own clocks."""
    chosen = round.opens_at.astimezone(calendar.zone).time() if round.opens_at else MORNING
    chosen = chosen.replace(second=0, microsecond=0)
    return chosen if EARLIEST <= chosen <= LATEST else MORNING


def mornings(place, *, start, hour, calendar):
    """(moment, day of the firm) of each morning from `start` on at which both they and we work."""
    zone = zone_of(place.zone)
    theirs = Calendar(zone=zone, country=holidays_at(place.country))
    day = theirs.local_date(start)
    while True:
        at = due_moment(day, hour, zone)
        ours = calendar.local_date(at)
        if at >= start and theirs.is_working_day(day) and calendar.is_working_day(ours):
            yield at, ours
        day += DAY


def morning_for(invitation, *, after, calendar):
    """The first such morning of one person after a moment."""
    place = Place(invitation.contact.zone_name, invitation.client.country)
    hour = hour_of(invitation.round, calendar)
    return next(mornings(place, start=after, hour=hour, calendar=calendar))[0]


def is_day_for(invitation, *, now, calendar):
    """Whether mail may still go out to this person now: it is day there, and both they and we work."""
    return _is_day(Place(invitation.contact.zone_name, invitation.client.country), now, calendar)


def slots(places, *, start, hour, calendar, most=None, taken=None):
    """The plan of {place: people}: who is written to when, at most `most` a day of the firm, counted with `taken`.

    Places whose morning comes first are filled first.
    """
    taken = Counter(taken or {})
    found = []
    first = {place: next(mornings(place, start=start, hour=hour, calendar=calendar))[0] for place in places}
    for place in sorted(places, key=lambda place: (first[place], place.zone, place.country)):
        left = places[place]
        for at, day in mornings(place, start=start, hour=hour, calendar=calendar):
            room = left if not most else min(left, most - taken[day])
            if room > 0:
                found.append(Slot(place, at, day, room))
                taken[day] += room
                left -= room
            if left <= 0:
                break
    return found


# -------------------------------------------------------------------- in the database


def with_places(rows):
    zone = Coalesce(NullIf("contact__time_zone", Value("")), "client__time_zone", output_field=CharField())
    return rows.annotate(zone=zone)


def places_of(rows):
    """{place: how many of these invitations}; one query."""
    found = with_places(rows.order_by()).values_list("zone", "client__country").annotate(n=Count("pk"))
    return {Place(zone, country): n for zone, country, n in found}


def schedule(round, *, now, at_once=False, start=None, rows=None):
    """Sets when waiting invitations may go out. `at_once`: now, as many as a day may have; the rest in the morning.

    `rows` are those to plan; otherwise all that wait for nothing but their turn. Who is held keeps the moment.
    """
    calendar = firm_calendar()
    waiting = round.invitations.filter(PENDING)
    rows = waiting.exclude(_held(now)) if rows is None else rows.filter(PENDING)
    start = start or max(now, round.opens_at or now)
    taken = taken_days(round, now=now, calendar=calendar, planned=waiting.exclude(pk__in=rows.order_by().values("pk")))
    if at_once:
        start = now
        rows = _first_now(round, rows, now=now, taken=taken, calendar=calendar)
    hour = hour_of(round, calendar)
    # All is decided before anything is written: an update changes what the next query would find.
    plan = slots(places_of(rows), start=start, hour=hour, calendar=calendar, most=round.wave_size, taken=taken)
    _write(rows, plan)


def _held(now):
    return Q(send_at__gt=now) & ~Q(hold_reason="")


def _first_now(round, rows, *, now, taken, calendar):
    """As many as today has room for go now; returns the others."""
    if not round.wave_size:
        rows.order_by().update(send_at=now)
        return rows.none()
    today = calendar.local_date(now)
    room = max(0, round.wave_size - taken[today])
    ids = list(rows.order_by("client_id", "pk").values_list("pk", flat=True)[:room])
    _update(rows, ids, now)
    taken[today] += len(ids)
    return rows.exclude(send_at=now)


def _write(rows, plan):
    by_place = {}
    for slot in plan:
        by_place.setdefault(slot.place, []).append(slot)
    for place, there in by_place.items():
        mine = with_places(rows).filter(zone=place.zone, client__country=place.country)
        if len(there) == 1:
            mine.order_by().update(send_at=there[0].at)
            continue
        ids = list(mine.order_by("client_id", "pk").values_list("pk", flat=True))
        for slot in there:
            _update(rows, ids[: slot.count], slot.at)
            ids = ids[slot.count :]


def _update(rows, ids, at):
    for begin in range(0, len(ids), CHUNK):
        rows.model.objects.filter(pk__in=ids[begin : begin + CHUNK]).filter(PENDING).update(send_at=at)


def put_off_late(round, *, now):
    """Mail that should have gone out hours ago waits for the next morning where it is night, or no working day, by now.

    Somebody whose morning was missed by a worker that was away still gets it that day.
    """
    calendar = firm_calendar()
    late = round.invitations.filter(PENDING, send_at__lt=now - LATE)
    asleep = [place for place in places_of(late) if not _is_day(place, now, calendar)]
    for place in asleep:
        there = with_places(late).filter(zone=place.zone, client__country=place.country)
        schedule(round, now=now, start=now, rows=late.filter(pk__in=there.order_by().values("pk")))


def _is_day(place, now, calendar):
    theirs = Calendar(zone=zone_of(place.zone), country=holidays_at(place.country))
    local = now.astimezone(theirs.zone)
    awake = AWAKE[0] <= local.time() < AWAKE[1]
    return awake and theirs.is_working_day(local.date()) and calendar.is_working_day(calendar.local_date(now))


def taken_days(round, *, now, calendar, planned=None):
    """{day of the firm: how many of the round's mails it has already}: those written today, and those `planned`."""
    today = calendar.local_date(now)
    taken = Counter({today: round.invitations.filter(queued_at__gte=start_of_day(today, calendar)).count()})
    if planned is not None:
        moments = planned.filter(send_at__gt=now).order_by().values_list("send_at").annotate(n=Count("pk"))
        for at, n in moments:
            taken[calendar.local_date(at)] += n
    return taken


def forecast(round, *, calendar, now, places=None):
    """[(day of the firm, how many mails)] of the invitations: as planned in a draft, as it stands once it is open."""
    if not round.opens_at:
        return []
    days = Counter()
    if round.launched_at:
        since = start_of_day(calendar.local_date(round.launched_at), calendar)
        rows = round.invitations.order_by()
        for field in ("queued_at", "send_at"):
            found = rows.filter(**{f"{field}__gte": since})
            found = found.filter(PENDING) if field == "send_at" else found
            for at, n in found.values_list(field).annotate(n=Count("pk")):
                days[calendar.local_date(at)] += n
    else:
        start = max(round.opens_at, now)
        places = places_of(round.invitations.all()) if places is None else places
        for slot in slots(places, start=start, hour=hour_of(round, calendar), calendar=calendar, most=round.wave_size):
            days[slot.day] += slot.count
    return sorted(days.items())
