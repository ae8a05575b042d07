"""What one typed sentence says."""

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from clients.composer import guess

NOW = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)  # a Thursday
LONDON = ZoneInfo("Europe/London")
PEOPLE = [SimpleNamespace(name=name) for name in ("Rosa Delgado", "Martin Yeo", "Greg Holm", "Greg Ash", "Zoë Ñandú")]


def read(text, **options):
    return guess(text, people=PEOPLE, now=NOW, zone=LONDON, **options)


@pytest.mark.parametrize(
    ("text", "kind", "direction"),
    [
        ("Rosa rang about the schedule", "call", "theirs"),
        ("Called Rosa about the schedule", "call", "ours"),
        ("They called, quite cross", "call", "theirs"),
        ("Rang us twice", "call", "theirs"),
        ("I called, she will call back", "call", "ours"),
        ("A call from Rosa", "call", "theirs"),
        ("Met Rosa and Martin at their office", "meeting", ""),
        ("E-mailed the plan", "email", "ours"),
        ("Rosa wrote that the plan is fine", "email", "theirs"),
        ("Visited the Wharfe site", "visit", "ours"),
        ("Texted Greg Holm", "message", "ours"),
        ("Note: year end moves to March", "note", ""),
        ("Nothing about a verb here", "meeting", ""),
        ("Mit Rosa telefoniert", "call", "ours"),
        ("Rosa hat angerufen", "call", "theirs"),
        ("Ich habe Rosa angerufen", "call", "ours"),
        ("Rosa rief an", "call", "theirs"),
        ("Anruf von Rosa", "call", "theirs"),
        ("Rosa hat uns geschrieben", "email", "theirs"),
        ("Rosa und Martin getroffen", "meeting", ""),
        ("Rosa in Leeds besucht", "visit", "ours"),
    ],
)
def test_kind_and_direction_follow_from_the_first_words(text, kind, direction):
    found = read(text, last_kind="meeting")

    assert (found.kind, found.direction) == (kind, direction)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Rosa rang", ["Rosa Delgado"]),
        ("Met rosa delgado and Yeo", ["Rosa Delgado", "Martin Yeo"]),
        ("Greg rang", []),
        ("Greg Ash rang", ["Greg Ash"]),
        ("zoe rang", ["Zoë Ñandú"]),
        ("Prosaic matters", []),
    ],
)
def test_people_are_found_by_a_name_only_they_have(text, names):
    assert [person.name for person in read(text).contacts] == names


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Rosa rang", None),
        ("Rosa rang yesterday", "2026-11-18 12:00"),
        ("Met Rosa yesterday at 16:30", "2026-11-18 16:30"),
        ("Met Rosa Tue 14:00", "2026-11-17 14:00"),
        ("Met Rosa on Thursday", "2026-11-12 12:00"),
        ("Rang this morning", "2026-11-19 09:00"),
        ("Rang at 8:15", "2026-11-19 08:15"),
        ("Rang at 3pm", None),
        ("Met on 12 November", "2026-11-12 12:00"),
        ("Met on 2026-11-03 at 10:00", "2026-11-03 10:00"),
        ("We’ll send it by Friday noon", None),
        ("She needs it before her board on the 25th", None),
        ("Met on 31 February", None),
        ("Gestern um 16:30 telefoniert", "2026-11-18 16:30"),
        ("Vorgestern getroffen", "2026-11-17 12:00"),
        ("Am Montag um 14 Uhr telefoniert", "2026-11-16 14:00"),
        ("Heute morgen telefoniert", "2026-11-19 09:00"),
        ("Am 12. November getroffen", "2026-11-12 12:00"),
        ("Am 3.11.2026 getroffen", "2026-11-03 12:00"),
        ("Wir werden es bis Freitag schicken", None),
    ],
)
def test_the_moment_is_a_past_one_and_never_the_promise_s(text, moment):
    found = read(text).happened_at

    assert (found.astimezone(LONDON).strftime("%Y-%m-%d %H:%M") if found else None) == moment


def test_who_was_spoken_to_last_stands_in_when_nobody_is_named():
    assert read("Rang about the plan", last_people=[PEOPLE[1]]).contacts == [PEOPLE[1]]


def test_the_client_may_be_the_one_who_rang():
    assert read("Tidewell rang", client="Tidewell Water").direction == "theirs"
    assert read("Rang Tidewell", client="Tidewell Water").direction == "ours"
