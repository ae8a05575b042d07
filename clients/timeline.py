"""What happened with a client, newest first, from every room that knows something.

In an upper room's `AppConfig.ready`: `timeline.register_source(source)` with

    source(client, user, before, kind, limit) -> list[Entry]

newest first, at most `limit`, only entries with `at < before` (all when `before` is None). `kind` is "" for everything,
"contacts" or "promises"; a source answers [] for a kind that is not its own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.quick import date_format
from clients.models import Interaction

KINDS = {"": gettext_lazy("All"), "contacts": gettext_lazy("Contacts"), "promises": gettext_lazy("Promises")}
PAGE = 20
SPARE = 10

_sources = []
_acts = []


@dataclass(frozen=True)
class Tag:
    """A word with a mark under an entry: `kind` is late, soon, kept, moved, them, us or nothing; `mark` an icon."""

    words: str
    kind: str = ""
    mark: str = ""
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. It reads “**actor** words **thing**”, with text or the client's own words beneath."""

    at: datetime
    key: str  # unique and stable, such as "i_7k2m9qx4"; breaks ties
    mark: str  # icon
    words: str
    actor: str = ""
    thing: str = ""
    url: str = ""  # opens the thing itself
    body: str = ""
    quote: str = ""  # the client's own words
    tone: str = ""  # them, kept, moved or late: colour of the circle
    tags: tuple = ()
    acts: tuple = ()  # what its reader may make of it: Tags with a url
    system: bool = False  # one grey line
    record: Any = None


@dataclass(frozen=True)
class Page:
    entries: list
    older: str  # the `before` of the next page, empty at the end

    def groups(self, *, now):
        """Entries under “This week”, “Last week”, then the month."""
        grouped = {}
        for entry in self.entries:
            grouped.setdefault(period_of(timezone.localdate(entry.at), timezone.localdate(now)), []).append(entry)
        return list(grouped.items())


def register_source(source):
    if source not in _sources:
        _sources.append(source)


def register_act(act):
    """Let an upper room offer something under what was logged: `act(interaction) -> Tag`, its `url` set."""
    if act not in _acts:
        _acts.append(act)


def period_of(day: date, today: date):
    monday = today - timedelta(days=today.weekday())
    if day >= monday + timedelta(days=7):
        return _("Ahead")
    if day >= monday:
        return _("This week")
    if day >= monday - timedelta(days=7):
        return _("Last week")
    return date_format(day, "F" if day.year == today.year else "F Y")


def read_before(text):
    """The moment in a “Show older” link, or None for the newest page."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def page(client, *, user, before=None, kind="", size=PAGE):
    """One page of the merged timeline. It never ends between two entries of the same moment, so none is lost."""
    if kind not in KINDS:
        kind = ""
    limit = size + SPARE
    while True:
        answers = [source(client, user, before, kind, limit) for source in [contacts, *_sources]]
        merged = sorted((e for answer in answers for e in answer), key=lambda e: (e.at, e.key), reverse=True)
        # What lies beyond the last entry of a source that was cut short is not known to be complete.
        floor = max((answer[-1].at for answer in answers if len(answer) >= limit), default=None)
        known = merged if floor is None else [entry for entry in merged if entry.at > floor]
        if floor is None or len(known) >= size:
            break
        limit *= 2
    shown = known[:size]
    if shown:
        shown += [entry for entry in known[size:] if entry.at == shown[-1].at]
    more = len(shown) < len(merged)
    return Page(shown, shown[-1].at.astimezone(UTC).isoformat() if more and shown else "")


# ------------------------------------------------------------------ this room's own source
SHOWN_OF_CONTACTS = ("public_id", "client_id", "kind", "direction", "happened_at", "body", "mood", "author__name")
VERBS = {
    (Interaction.Kind.CALL, "ours"): gettext_lazy("rang"),
    (Interaction.Kind.CALL, "theirs"): gettext_lazy("was rung by"),
    (Interaction.Kind.MEETING, ""): gettext_lazy("met"),
    (Interaction.Kind.VISIT, "ours"): gettext_lazy("visited"),
    (Interaction.Kind.VISIT, "theirs"): gettext_lazy("was visited by"),
    (Interaction.Kind.EMAIL, "ours"): gettext_lazy("e-mailed"),
    (Interaction.Kind.EMAIL, "theirs"): gettext_lazy("had an e-mail from"),
    (Interaction.Kind.MESSAGE, "ours"): gettext_lazy("sent a message to"),
    (Interaction.Kind.MESSAGE, "theirs"): gettext_lazy("had a message from"),
}
THEIR_VERBS = {
    Interaction.Kind.CALL: gettext_lazy("rang"),
    Interaction.Kind.VISIT: gettext_lazy("visited"),
    Interaction.Kind.EMAIL: gettext_lazy("e-mailed"),
    Interaction.Kind.MESSAGE: gettext_lazy("sent a message to"),
    Interaction.Kind.MEETING: gettext_lazy("met"),
}
MARKS = {
    Interaction.Kind.CALL: "phone",
    Interaction.Kind.MEETING: "video",
    Interaction.Kind.VISIT: "map-pin",
    Interaction.Kind.EMAIL: "mail",
    Interaction.Kind.MESSAGE: "message-square",
    Interaction.Kind.NOTE: "sticky-note",
}


def names_of(people):
    names = [person.name for person in people]
    if len(names) < 2:
        return names[0] if names else ""
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}


def entry_of(interaction, *, writable=True):
    """“**Priya Raman** rang Rosa Delgado”, “**Rosa Delgado** rang Priya Raman”, “**Tom Okafor** wrote a note”."""
    kind, ours = interaction.kind, interaction.author.name
    theirs = names_of(interaction.contacts.all()) or interaction.client.name
    if kind == Interaction.Kind.NOTE:
        actor, words = ours, _("wrote a note")
    elif interaction.direction == Interaction.Direction.THEIRS and kind in THEIR_VERBS:
        actor, words = theirs, f"{THEIR_VERBS[kind]} {ours}"
    else:
        verb = VERBS.get((kind, interaction.direction)) or VERBS.get((kind, "ours")) or VERBS[(kind, "")]
        actor, words = ours, f"{verb} {theirs}"
    tags = ()
    if interaction.mood is not None:
        tags = (Tag(_("Mood: %s") % interaction.get_mood_display().lower(), "", "smile"),)
    return Entry(
        at=interaction.happened_at,
        key=interaction.public_id,
        mark=MARKS.get(kind, "sticky-note"),
        actor=actor,
        words=words,
        body=interaction.body,
        url=interaction.get_absolute_url() if writable else "",
        tone="them" if interaction.direction == Interaction.Direction.THEIRS else "",
        tags=tags,
        acts=tuple(act(interaction) for act in _acts) if writable and not interaction.client.archived_at else (),
        record=interaction,
    )


def last_people(page):
    """Who was spoken to last, as far as a page of the timeline tells."""
    for entry in page.entries:
        if isinstance(entry.record, Interaction) and entry.record.contacts.all():
            return [person for person in entry.record.contacts.all() if not person.left_at][:1]
    return []


def contacts(client, user, before, kind, limit):
    """Calls, meetings, mails and notes of this client."""
    if kind not in ("", "contacts"):
        return []
    found = Interaction.objects.kept().filter(client=client).select_related("author").prefetch_related("contacts")
    found = found.only(*SHOWN_OF_CONTACTS)
    if before:
        found = found.filter(happened_at__lt=before)
    writable, entries = client.can_be_written_by(user), []
    for interaction in found[:limit]:
        interaction.client = client
        entries.append(entry_of(interaction, writable=writable))
    return entries
