"""What one typed sentence says: kind, people, when, direction. Plain rules; every guess can be corrected.

Upper rooms find more in the text (promises): `register_suggester(suggester)` in their `AppConfig.ready`, with

    suggester(text, client, user, now) -> list[Suggestion]
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from clients.models import Interaction
from clients.names import searchable

Kind, Direction = Interaction.Kind, Interaction.Direction

_suggesters = []
_remainders = []


@dataclass(frozen=True)
class Suggestion:
    """Something found in the text that is saved with it only when it is ticked.

    `label` is shown (may be safe HTML with `<b>`); `hidden_fields` tell two suggestions apart and travel as one key;
    `save(interaction, *, by, now)` makes the record, in the transaction of the log; `direction` is ours or theirs.
    """

    label: str
    hidden_fields: Mapping[str, str]
    save: Callable[..., Any]
    direction: str = ""
    edit_url: str = ""

    @property
    def key(self):
        content = json.dumps(dict(self.hidden_fields), sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def register_suggester(suggester):
    if suggester not in _suggesters:
        _suggesters.append(suggester)


def register_remainder(remainder):
    """Let an upper room say what stays when an entry is removed: `remainder(interaction) -> str`, "" for nothing."""
    if remainder not in _remainders:
        _remainders.append(remainder)


def what_stays(interaction):
    return [words for remainder in _remainders if (words := remainder(interaction))]


def suggestions(text, *, client, user, now):
    if not text.strip() or client is None:
        return []
    return [found for suggester in _suggesters for found in suggester(text, client, user, now)]


# ------------------------------------------------------------------ kind and direction
VERBS = {
    Kind.CALL: "rang ring called phoned call spoke telephoned rung"
    " angerufen telefoniert gesprochen rief anruf telefonat",
    Kind.MEETING: "met meeting meet workshop lunch getroffen traf trafen treffen termin besprechung",
    Kind.EMAIL: "mailed emailed e-mailed wrote mail email e-mail replied"
    " gemailt geschrieben schrieb schrieben geantwortet",
    Kind.VISIT: "visited visit besucht besuch",
    Kind.MESSAGE: "texted messaged message text whatsapped pinged nachricht sms",
    Kind.NOTE: "note notiz",
}
KIND_OF = {word: kind for kind, words in VERBS.items() for word in words.split()}
NOUNS = {"call", "mail", "email", "e-mail", "message", "text", "visit"}
NOUNS |= {"anruf", "telefonat", "besuch", "nachricht", "sms"}
# German puts these after whom it was done to: “Rosa angerufen” was us, “Rosa hat angerufen” was her.
PARTICIPLES = {"angerufen", "telefoniert", "gesprochen", "gemailt", "geschrieben", "geantwortet", "besucht"}
THEY = {"they", "he", "she", "client", "er", "sie", "kunde", "kundin"}
WE = {"i", "we", "ich", "wir"}
US = {"us", "me", "back", "uns", "mich", "mir", "zuruck"}
WITHIN = 6  # the verb stands among the first words: “Rosa rang about …”, “Had a call with …”


@dataclass(frozen=True)
class Guess:
    kind: str
    direction: str
    contacts: list = field(default_factory=list)
    happened_at: datetime | None = None  # None: just now


def guess(text, *, people=(), now, zone, last_kind=Kind.CALL, last_people=(), kind="", client=""):
    """Everything the text says; what it does not say falls back to what was used last, which is not looked at before.
    A `kind` given is kept.
    """
    words = re.findall(r"[\w'’-]+", searchable(text.replace("E-mail", "e-mail")))
    said, at = _kind(words)
    kind = kind or said or last_kind
    named = named_in(text, people)
    return Guess(
        kind=kind,
        direction=_direction(words, at, kind, named, client),
        contacts=named or list(last_people),
        happened_at=when_in(text, now=now, zone=zone),
    )


def _kind(words):
    for at, word in enumerate(words[:WITHIN]):
        if word in KIND_OF:
            return KIND_OF[word], at
    return None, None


def _direction(words, at, kind, named, client):
    if kind in (Kind.NOTE, Kind.MEETING):
        return Direction.NONE
    if at is None:
        return Direction.OURS
    names = {part for person in named for part in searchable(person.name).split()} | set(searchable(client).split())
    before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
    if words[at] in NOUNS:  # “a call from Rosa”
        return Direction.THEIRS if after in ("from", "von") else Direction.OURS
    if words[at] in PARTICIPLES:
        told = set(words[:at])
        theirs = not told & WE and (told & US or (before in ("hat", "haben") and told & (names | THEY)))
        return Direction.THEIRS if theirs else Direction.OURS
    return Direction.THEIRS if before in names | THEY or (after in US and before not in WE) else Direction.OURS


def named_in(text, people):
    """The people named in a text, by full name, or by a first or last name that only one of them has."""
    plain = " " + " ".join(_words(text)) + " "
    shares = {}
    for person in people:
        for part in set(_parts(person)):
            shares[part] = shares.get(part, 0) + 1
    found = []
    for person in people:
        parts = _parts(person)
        full = f" {' '.join(parts)} " in plain
        alone = any(shares[part] == 1 and len(part) > 1 and f" {part} " in plain for part in {parts[0], parts[-1]})
        if full or alone:
            found.append(person)
    return found


def _parts(person):
    return _words(person.name) or [" "]


def _words(text):
    return re.findall(r"[^\W_]+", searchable(text))


# ------------------------------------------------------------------ when
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAY_OF = {name[:length]: i for i, name in enumerate(DAYS) for length in range(3, len(name) + 1)}
TAGE = ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"]
DAY_OF |= {name: i for i, name in enumerate(TAGE)}
# What comes after these words lies ahead: a promise, not the moment of the call.
AHEAD = re.compile(
    r"[’']ll\b|\b(will|by|before|until|till|next|needs?|wants?|due|for|tomorrow|must|should|going to"
    r"|wird|werden|werde|bis|nachsten?|muss|mussen|soll|sollen|ubermorgen)\b"
)
CLOCK = (
    r"(?:\s*,?\s*(?:(?:at|um)\s+)?(?P<hour>\d{1,2})"
    r"(?:(?:[:.](?P<minute>\d{2}))\s*(?P<half>am|pm|uhr)?|\s*(?P<half2>am|pm|uhr))\b)"
)
PARTS = {"morning": 9, "noon": 12, "lunchtime": 12, "afternoon": 15, "evening": 18, "night": 18}
PARTS |= {"morgen": 9, "vormittag": 10, "mittag": 12, "nachmittag": 15, "abend": 18}
RELATIVE = re.compile(
    r"\b(?:(?P<word>yesterday|today|this|vorgestern|gestern|heute)"
    rf"|(?:on |last |am |letzten )?(?P<day>{'|'.join(sorted(DAY_OF, key=len, reverse=True))}))\b"
    rf"(?:\s+(?P<part>{'|'.join(PARTS)}))?{CLOCK}?"
)
BACK = {"yesterday": 1, "gestern": 1, "vorgestern": 2}
ONLY_CLOCK = re.compile(rf"\b(?:at|um){CLOCK}")
ON_DATE = re.compile(
    r"\b(?:(?:on|am)\s+)?(?P<date>\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*"
    r"(?:\s+\d{4})?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})" + CLOCK + "?"
)


def when_in(text, *, now, zone):
    """The past moment a text names, such as “yesterday”, “Tue 14:00” or “on 12 November”; None for just now."""
    plain = searchable(text)
    if ahead := AHEAD.search(plain):
        plain = plain[: ahead.start()]
    local = now.astimezone(zone)
    for rule, read in ((ON_DATE, _on_date), (RELATIVE, _relative), (ONLY_CLOCK, _today_at)):
        if match := rule.search(plain):
            moment = read(match, local)
            if moment and moment <= now:
                return moment
    return None


def _clock(match, part=None):
    found = match.groupdict()
    if found.get("hour") is None:
        return (PARTS[part], 0) if part else None
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"] or found["half2"]
    hour = hour % 12 + (12 if half == "pm" else 0) if half in ("am", "pm") else hour
    return (hour, minute) if hour < 24 and minute < 60 else None


def _at(day, clock):
    hour, minute = clock or (12, 0)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _relative(match, local):
    clock = _clock(match, match["part"])
    if match["word"] in BACK:
        return _at(local - timedelta(days=BACK[match["word"]]), clock)
    if match["word"]:
        return _at(local, clock) if clock else None
    back = (local.weekday() - DAY_OF[match["day"]]) % 7
    moment = _at(local - timedelta(days=back), clock)
    return moment if moment <= local else moment - timedelta(days=7)


def _today_at(match, local):
    clock = _clock(match)
    return _at(local, clock) if clock else None


def _on_date(match, local):
    import dateparser  # slow to load, and few sentences name a date

    settings = {
        "DATE_ORDER": "DMY",
        "PREFER_DATES_FROM": "past",
        "RELATIVE_BASE": local.replace(tzinfo=None),
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    text = match["date"]
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        settings["DATE_ORDER"] = "YMD"
    found = dateparser.parse(text.replace("marz", "march"), languages=["en", "de"], settings=settings)
    if not found:
        return None
    return _at(local.replace(year=found.year, month=found.month, day=found.day), _clock(match))
