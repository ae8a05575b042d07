"""A person's open promises as a calendar (RFC 5545) for the program they keep their days in.

A promise due at a time is an event on the clock it was meant on; one due on a day is a whole day. Tasks (VTODO) would
say more and are shown by no program that subscribes.
"""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.quick import date_format
from outbox import links
from promises.models import CalendarFeed, Promise, PromiseEvent
from promises.vtimezone import vtimezone

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
MOST = 1000
LASTS = timedelta(minutes=15)  # programs draw an event without length in many ways


# -------------------------------------------------------------------- the address


def address_of(user):
    """The address that works, or None."""
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


def make_address(user, *, now):
    """A new address, or the one there is."""
    feed = CalendarFeed(user=user, link_key=links.newest_key_id(), created_at=now)
    feed.link_sha256 = links.fingerprint(feed.token)
    try:
        with transaction.atomic():
            feed.save(force_insert=True)
    except IntegrityError:  # one each: a second click made none
        return address_of(user)
    return feed


def revoke_address(user, *, now):
    """Whoever has it reads nothing from now on. Gives whether there was one."""
    return bool(CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=now))


def by_token(token):
    """Whose address it is; None for unknown, revoked, of a key that was removed and of somebody who has left."""
    if len(token) > 64 or not token.isascii():
        return None
    living = CalendarFeed.objects.filter(revoked_at=None, user__is_active=True).select_related("user")
    feed = living.filter(link_sha256=links.fingerprint(token)).first()
    return feed if feed and links.is_known(feed.link_key) else None


# -------------------------------------------------------------------- what it says


def promises_of(user, *, now):
    """What they answer for and may see at this moment, each with when it was last changed."""
    newest = PromiseEvent.objects.filter(promise=OuterRef("pk")).order_by("-at").values("at")[:1]
    found = Promise.objects.visible_to(user).of(user).active().due_between(now - BACK, now + AHEAD)
    return found.annotate(changed_at=Subquery(newest)).with_calendars().order_by("due_at", "pk")[:MOST]


def calendar_of(user, *, now):
    """The calendar as bytes; the same promises give the same bytes."""
    promises = list(promises_of(user, now=now))
    calendar = Calendar()
    calendar.add("prodid", "-//Partnership CRM//Promises//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, _("Promises of %s") % user.name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for name in sorted({promise.due_zone for promise in promises if _needs_zone(promise)}):
        calendar.add_component(vtimezone(name, now.year))
    for promise in promises:
        calendar.add_component(event_of(promise, now=now))
    return calendar.to_ical()


def _needs_zone(promise):
    """Whether the moment is told on a wall clock: an hour that comes twice, and UTC itself, are told in UTC."""
    there = promise.due_at.astimezone(ZoneInfo(promise.due_zone))
    return bool(promise.due_time) and not there.fold and promise.due_zone != "UTC"


def event_of(promise, *, now):
    changed = promise.changed_at or promise.created_at
    event = Event()
    event.add("uid", f"{promise.public_id}@partnership-crm")
    event.add("sequence", promise.moves + promise.version - 1)
    event.add("dtstamp", changed.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", changed.astimezone(UTC).replace(microsecond=0))
    event.add("created", promise.created_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", _summary(promise))
    event.add("description", "\n".join(_description(promise, now=now)))
    event.add("url", links.absolute(promise.get_absolute_url()))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # it takes none of the day's free time
    if not promise.due_time:
        event.add("dtstart", promise.due_date)
        event.add("dtend", promise.due_date + timedelta(days=1))
        return event
    zone = ZoneInfo(promise.due_zone) if _needs_zone(promise) else UTC
    event.add("dtstart", promise.due_at.astimezone(zone))
    event.add("dtend", (promise.due_at.astimezone(UTC) + LASTS).astimezone(zone))
    return event


def _summary(promise):
    if promise.is_ours:
        return f"{promise.what} · {promise.client.name}"
    return f"{promise.other_side}: {promise.what}"


def _description(promise, *, now):
    whom = ", ".join(dict.fromkeys([promise.other_side, promise.client.name]))
    yield (_("Promised to %s.") if promise.is_ours else _("Promised to us by %s.")) % whom
    if promise.done_when:
        yield _("Done when: %s") % promise.done_when
    if promise.is_overdue(now):
        yield _("Late.")
    elif promise.is_ours and promise.last_early_moment > now:
        there = promise.last_early_moment.astimezone(ZoneInfo(promise.due_zone))
        yield _("A new date is early until %(day)s (%(zone)s).") % {
            "day": date_format(there, "D j M, H:i"),
            "zone": promise.due_zone.replace("_", " "),
        }
    yield links.absolute(promise.get_absolute_url())
