"""The talk as a calendar entry: an iTIP message (RFC 5546) in UTC, with one UID for the life of the talk."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from outbox.kinds import Invite

REQUEST, CANCEL = "REQUEST", "CANCEL"


def uid_of(concern):
    return f"{concern.public_id}-talk@partnership-crm"


def invite(concern, *, method, at, sequence, organizer, guests, summary, description, stamp):
    """The entry. `guests` are [(name, address, whether they have said yes)…]; `stamp` is when this was written."""
    calendar = Calendar()
    calendar.add("prodid", "-//Partnership CRM//Talks//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", uid_of(concern))
    event.add("sequence", sequence)
    event.add("dtstamp", _utc(stamp))
    event.add("dtstart", _utc(at))
    event.add("dtend", _utc(at + timedelta(minutes=concern.talk_minutes)))
    event.add("summary", summary)
    if description:
        event.add("description", description)
    if concern.talk_where:
        event.add("location", concern.talk_where)
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    event["organizer"] = _address(*organizer)
    for name, address, accepted in guests:
        guest = _address(name, address)
        guest.params["cutype"] = vText("INDIVIDUAL")
        guest.params["role"] = vText("REQ-PARTICIPANT")
        guest.params["partstat"] = vText("ACCEPTED" if accepted else "NEEDS-ACTION")
        guest.params["rsvp"] = vText("FALSE" if accepted else "TRUE")
        event.add("attendee", guest, encode=0)
    calendar.add_component(event)
    return Invite(calendar.to_ical(), method)


def _address(name, address):
    found = vCalAddress(f"mailto:{address}")
    found.params["cn"] = vText(name.replace('"', "’"))  # a quote cannot stand in a parameter
    return found


def _utc(moment):
    return datetime.astimezone(moment, UTC).replace(microsecond=0)
