"""This room's own source: calls, meetings, mails and notes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Interaction
from clients.timeline.asking import key_of
from clients.timeline.entries import Entry, Tag

_acts = []


def register_act(act):
    """Let an upper room offer something under what was logged: `act(interaction) -> Tag`, its `url` set."""
    if act not in _acts:
        _acts.append(act)


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
        key=key_of("i", interaction.pk),
        mark=MARKS.get(kind, "sticky-note"),
        actor=actor,
        words=words,
        body=interaction.body,
        url=interaction.get_absolute_url(),
        tone="them" if interaction.direction == Interaction.Direction.THEIRS else "",
        tags=tags,
        acts=tuple(act(interaction) for act in _acts) if writable and not interaction.client.archived_at else (),
        files=tuple(interaction.files),
        record=interaction,
    )


def last_people(page):
    """Who was spoken to last, as far as a page of the timeline tells."""
    for entry in page.entries:
        if isinstance(entry.record, Interaction) and entry.record.contacts.all():
            return [person for person in entry.record.contacts.all() if not person.left_at][:1]
    return []


def contacts(client, user, asked):
    """Calls, meetings, mails and notes of this client."""
    found = Interaction.objects.kept().filter(client=client).select_related("author")
    found = found.prefetch_related("contacts", "attachments")
    found = found.only(*SHOWN_OF_CONTACTS)
    if asked.contact:
        found = found.filter(contacts=asked.contact)
    if asked.colleague:
        found = found.filter(author=asked.colleague)
    found = asked.holding(found, "search_text")
    writable, entries = client.can_be_written_by(user), []
    for interaction in asked.rows(found, "happened_at", "i"):
        interaction.client = client
        entries.append(entry_of(interaction, writable=writable))
    return entries
