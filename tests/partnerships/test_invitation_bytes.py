"""The invitation as a mail server receives it: read from the bytes on the wire, with nothing of ours in between."""

from datetime import timedelta

import icalendar
import pytest
from django.utils import timezone

from outbox.delivery import drain
from partnerships import talks
from partnerships.models import Concern
from tests.make import make_client, make_contact, make_user
from tests.outbox.conftest import sink  # noqa: F401 -- a fixture

pytestmark = pytest.mark.django_db


def test_the_bytes_on_the_wire_hold_one_entry_in_both_places(sink):  # noqa: F811 -- the fixture
    now = timezone.now()
    client = make_client(name="Tidewell Wässer", owner=make_user(name="Priya Raman", email="priya@firm.example"))
    rosa = make_contact(client=client, name="Rósa Delgado", email="rosa@tidewell.example")
    concern = Concern.open(client, by=client.owner, now=now, what_happened="x")
    where = "Haus 3, “Saal Ü”; " + "sehr lange Wegbeschreibung " * 6
    talks.book(
        concern, at=now + timedelta(days=3), minutes=60, where=where[:200], people=[rosa], by=client.owner, now=now,
        mail_them=True,
    )  # fmt: skip

    drain()

    assert len(sink.taken) == 2
    mail = next(message for to, _id, message in sink.taken if "rosa" in to)
    parts = {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    beside = parts["text/calendar"]
    assert (beside.get_param("method"), beside.get_content_charset()) == ("REQUEST", "utf-8")
    assert parts["application/ics"].get_filename() == "invite.ics"
    entries = [icalendar.Calendar.from_ical(part.get_payload(decode=True)) for part in (
        beside, parts["application/ics"],
    )]  # fmt: skip
    assert entries[0].to_ical() == entries[1].to_ical()
    [event] = entries[0].walk("VEVENT")
    assert str(event["location"]) == where[:200]
    assert {str(guest) for guest in event["attendee"]} == {"mailto:priya@firm.example", "mailto:rosa@tidewell.example"}
    raw = parts["application/ics"].get_payload(decode=True)
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
