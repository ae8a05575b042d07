"""This room's own source: calls, meetings, mails and notes."""

from typing import NamedTuple

from django.db.models import OuterRef
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.prepared import Question, prepared
from accounts.quick import path_to, within
from accounts.together import Within
from clients.models import Attachment, Interaction, Request
from clients.timeline.asking import PAGE, Asked, key_of
from clients.timeline.entries import Entry, Later, Tag

_acts = []


def register_act(act):
    """Let an upper room offer something under what was logged: `act(interaction) -> Tag`, its `url` set."""
    if act not in _acts:
        _acts.append(act)


def register_what_came(name, columns, tag):
    """Let an upper room tag what was logged with what came of it: `name` is its reverse relation to interactions,

    `columns()` a `values_list` of texts, numbers and dates (as text), and `tag(*values)` answers a Tag.
    """
    _came[name] = (columns, tag)


class File(NamedTuple):
    """What an entry shows of a file."""

    public_id: str
    name: str


class Person(NamedTuple):
    """What an entry knows of somebody who was there."""

    pk: int
    name: str


SHOWN_OF_CONTACTS = (
    "public_id",
    "client_id",
    "kind",
    "direction",
    "happened_at",
    "summary",
    "body",
    "mood",
    "author__name",
)
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
    theirs = names_of(people_of(interaction)) or interaction.client.name
    if kind == Interaction.Kind.NOTE:
        actor, words = ours, _("wrote a note")
    elif interaction.direction == Interaction.Direction.THEIRS and kind in THEIR_VERBS:
        actor, words = theirs, f"{THEIR_VERBS[kind]} {ours}"
    else:
        verb = VERBS.get((kind, interaction.direction)) or VERBS.get((kind, "ours")) or VERBS[(kind, "")]
        actor, words = ours, f"{verb} {theirs}"
    tags = ()
    if interaction.mood is not None:
        tags = (Tag(_("Mood: %s") % within(interaction.get_mood_display()), "", "smile"),)
    return Entry(
        at=interaction.happened_at,
        key=key_of("i", interaction.pk),
        mark=MARKS.get(kind, "sticky-note"),
        actor=actor,
        words=f"{words}:" if interaction.summary else words,
        body=interaction.body,
        url=interaction.get_absolute_url(),
        tone="them" if interaction.direction == Interaction.Direction.THEIRS else "",
        tags=(*tags, *interaction.__dict__.get("_came_of", ())),
        thing=interaction.summary,
        files=tuple(interaction.__dict__.get("_files", ())),
        acts=tuple(act(interaction) for act in _acts) if writable and not interaction.client.archived_at else (),
        record=interaction,
    )


def people_of(interaction):
    """Who of them was there, read with the entry where many are."""
    return interaction._people if "_people" in interaction.__dict__ else interaction.contacts.all()


def last_people(page, people):
    """Who of these people was spoken to last, as far as a page of the timeline tells."""
    for entry in page.entries:
        if isinstance(entry.record, Interaction) and (there := people_of(entry.record)):
            ids = [person.pk for person in there]
            return [person for pk in ids for person in people if person.pk == pk][:1]
    return []


def contacts(client, user, asked):
    """Calls, meetings, mails and notes of this client."""
    writable = client.can_be_written_by(user)

    def entry(interaction):
        interaction.client = client
        _add_what_hangs_on(interaction)
        return entry_of(interaction, writable=writable)

    if asked.is_plain_of_contact:
        return Later.of(entry, _newest_with.question(client, person=asked.contact))
    return Later.of(entry, _newest.question(client) if asked.is_plain else _asked(client, asked))


@prepared
def _newest(client):
    """Of a client with ten thousand as fast as of one with ten: a plan for any client expects few of each, and sorts

    them all. Asked for a span of clients, it reads them in the order of the index instead.
    """
    found = _kept().filter(client__gte=client.pk, client__lte=client.pk)
    return found.order_by("client_id", "-happened_at", "-pk")[: PAGE + 1]


@prepared
def _newest_with(client, *, person):
    return Asked(limit=PAGE + 1).rows(_kept().filter(client=client, contacts=person), "happened_at", "i")


def _asked(client, asked):
    found = _kept().filter(client=client)
    if asked.contact:
        found = found.filter(contacts=asked.contact)
    if asked.colleague:
        found = found.filter(author=asked.colleague)
    return Question.of(asked.rows(asked.holding(found, "search_text"), "happened_at", "i"))


def _kept():
    """With who was there, the files and what came of each."""
    found = Interaction.objects.kept().select_related("author")
    there = Interaction.contacts.through.objects.filter(interaction=OuterRef("pk"))
    files = Attachment.objects.kept().filter(interaction=OuterRef("pk"))
    return found.only(*SHOWN_OF_CONTACTS).annotate(
        with_people=Within(there.order_by("contact__name", "contact").values_list("contact", "contact__name")),
        with_files=Within(files.values_list("public_id", "name")),
        **{f"with_{name}": Within(_that_came(name)) for name in _came},
    )


def _that_came(name):
    columns, _tag = _came[name]
    return columns().filter(**{Interaction._meta.get_field(name).field.name: OuterRef("pk")})


def _add_what_hangs_on(interaction):
    """What was read within the row, as the entry shows it."""
    interaction._people = [Person(*row) for row in interaction.with_people or ()]
    interaction._files = [File(*row) for row in interaction.with_files or ()]
    interaction._came_of = [
        tag(*row) for name, (_columns, tag) in _came.items() for row in getattr(interaction, f"with_{name}") or ()
    ]


def _requests():
    return Request.objects.kept().values_list("public_id", "text")


def _request_tag(public_id, text):
    """Under what was logged: what they asked then."""
    words = _("Request: %s") % Truncator(text).chars(60)
    return Tag(words, "them", "inbox", path_to("request", public_id))


_came = {"requests": (_requests, _request_tag)}
