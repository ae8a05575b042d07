"""This room's own source: calls, meetings, mails and notes."""

from django.db.models import Exists, F, OuterRef
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.prepared import prepared
from accounts.quick import within
from accounts.written import written
from clients.models import Attachment, Contact, Interaction, Request
from clients.timeline.asking import PAGE, Asked, key_of
from clients.timeline.entries import Entry, Tag

_acts = []


def register_act(act):
    """Let an upper room offer something under what was logged: `act(interaction) -> Tag`, its `url` set."""
    if act not in _acts:
        _acts.append(act)


def register_what_came(name, tags):
    """Let an upper room tag what was logged with what came of it: `name` is its reverse relation to interactions,

    `tags(ids)` yields (interaction pk, Tag). It is asked only for those that have any.
    """
    _came[name] = tags


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


def last_people(page):
    """Who was spoken to last, as far as a page of the timeline tells."""
    for entry in page.entries:
        if isinstance(entry.record, Interaction) and entry.record.contacts.all():
            return [person for person in entry.record.contacts.all() if not person.left_at][:1]
    return []


def contacts(client, user, asked):
    """Calls, meetings, mails and notes of this client."""
    if asked.is_plain_of_contact:
        found = _newest_with(client=client.pk, person=asked.contact.pk)
    else:
        found = _newest(client) if asked.is_plain else _asked(client, asked)
    _add_people(found)
    _add_files(found)
    _add_what_came(found)
    writable, entries = client.can_be_written_by(user), []
    for interaction in found:
        interaction.client = client
        entries.append(entry_of(interaction, writable=writable))
    return entries


@prepared
def _newest(client):
    return Asked(limit=PAGE + 1).rows(_kept(client), "happened_at", "i")


@written
def _newest_with(*, client, person):
    return Asked(limit=PAGE + 1).rows(_kept(client).filter(contacts=person), "happened_at", "i")


def _asked(client, asked):
    found = _kept(client)
    if asked.contact:
        found = found.filter(contacts=asked.contact)
    if asked.colleague:
        found = found.filter(author=asked.colleague)
    return list(asked.rows(asked.holding(found, "search_text"), "happened_at", "i"))


def _kept(client):
    """With whether there is more to read under each."""
    found = Interaction.objects.kept().filter(client=client).select_related("author")
    return found.only(*SHOWN_OF_CONTACTS).annotate(**{f"has_{name}": Exists(_of(name)) for name in ("files", *_came)})


def _of(name):
    """What hangs on an interaction by this name, for asking whether there is any before it is read."""
    if name == "files":
        return Attachment.objects.kept().filter(interaction=OuterRef("pk"))
    relation = Interaction._meta.get_field(name)
    return relation.related_model.objects.filter(**{relation.field.name: OuterRef("pk")})


def _add_people(interactions):
    """With whom each was, as `contacts.all()` reads them."""
    there = {one.pk: [] for one in interactions}
    for person in _people(entries=list(there)):
        there[person.with_whom].append(person)
    for one in interactions:
        people = Contact.objects.none()
        people._result_cache, people._prefetch_done = there[one.pk], True
        one.__dict__.setdefault("_prefetched_objects_cache", {})["contacts"] = people


@written
def _people(*, entries):
    met = Contact.objects.filter(interactions__in=entries).annotate(with_whom=F("interactions"))
    return met.only("public_id", "client_id", "name", "left_at")


def _add_files(interactions):
    with_files = {one.pk: one for one in interactions if one.has_files}
    if with_files:
        for file in _files(entries=list(with_files)):
            with_files[file.interaction_id].__dict__.setdefault("_files", []).append(file)


@written
def _files(*, entries):
    return Attachment.objects.kept().filter(interaction__in=entries)


def _add_what_came(interactions):
    for name, tags in _came.items():
        some = {one.pk: one for one in interactions if getattr(one, f"has_{name}")}
        for pk, tag in tags(list(some)) if some else ():
            some[pk].__dict__.setdefault("_came_of", []).append(tag)


@written
def _asked_then(*, entries):
    return Request.objects.kept().filter(origin_interaction__in=entries).defer("search_text")


def request_tags(ids):
    """Under what was logged: what they asked then."""
    for asked in _asked_then(entries=ids):
        words = _("Request: %s") % Truncator(asked.text).chars(60)
        yield asked.origin_interaction_id, Tag(words, "them", "inbox", asked.get_absolute_url())


_came = {"requests": request_tags}
