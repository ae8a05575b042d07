"""What somebody removed: thirty days to bring it back, then it goes for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.files import store
from clients.merging.registry import STAYS, counts, relations
from clients.models import Attachment, Client, Contact, Interaction, NotAllowed, Request

KEPT = timedelta(days=30)
SHOWN = 200
AT_ONCE = 200

KINDS = {"entry": Interaction, "request": Request, "contact": Contact, "file": Attachment}
LABELS = {
    "entry": gettext_lazy("Entry of the timeline"),
    "request": gettext_lazy("Request"),
    "contact": gettext_lazy("Person"),
    "file": gettext_lazy("File"),
}


@dataclass(frozen=True)
class Removed:
    """One thing in the trash."""

    kind: str
    record: Any
    title: str
    client: Client
    who: Any
    at: datetime

    @property
    def label(self):
        return LABELS[self.kind]

    @property
    def goes_at(self):
        return self.at + KEPT


def rows_of(kind, user):
    """What lies there of one kind that this person may bring back, newest first."""
    model = KINDS[kind]
    rows = model.objects.exclude(deleted_at=None).order_by("-deleted_at", "-pk")
    if kind == "file":
        rows = rows.filter(interaction__isnull=False, interaction__deleted_at=None)
        mine = {"interaction__client__in": Client.objects.writable_by(user)}
        return rows.filter(**mine).select_related("interaction__client", "deleted_by")
    return rows.filter(client__in=Client.objects.writable_by(user)).select_related("client", "deleted_by")


def trash(user):
    """[Removed], newest first."""
    found = []
    for kind in KINDS:
        rows = list(rows_of(kind, user)[:SHOWN])
        by = _who_removed(rows) if kind == "contact" else {}
        for record in rows:
            client = record.interaction.client if kind == "file" else record.client
            who = by.get(record.pk) if kind == "contact" else getattr(record, "deleted_by", None)
            found.append(Removed(kind, record, _title(record), client, who, record.deleted_at))
    return sorted(found, key=lambda removed: removed.at, reverse=True)[:SHOWN]


def _who_removed(people):
    """{pk: who}, out of the history: the saving that removed them."""
    moments = {person.pk: person.deleted_at for person in people}
    rows = Contact.history.filter(id__in=moments).exclude(deleted_at=None).select_related("history_user")
    return {row.id: row.history_user for row in rows.order_by("-history_date") if row.deleted_at == moments[row.id]}


def _title(record):
    if isinstance(record, Interaction):
        return record.summary or record.body
    return record.text if isinstance(record, Request) else record.name


# ---------------------------------------------------------------------- people
def what_hangs_on(person):
    """In words, what would lose its person: then they left, and were no mistake."""
    numbers, others = {}, 0
    for relation in relations(Contact):
        if relation.key in STAYS:
            continue
        n = relation.rows.filter(**{relation.field: person}).count()
        if n and relation.label in counts:
            numbers[relation.label] = numbers.get(relation.label, 0) + n
        elif n and relation.label == "clients.Interaction_contacts":
            numbers["clients.Interaction"] = numbers.get("clients.Interaction", 0) + n
        else:
            others += n
    words = [counts[label](n) for label, n in sorted(numbers.items())]
    if others and not words:
        words.append(ngettext("%(n)d other record", "%(n)d other records", others) % {"n": others})
    return words


@transaction.atomic
def remove_person(person, *, now, by=None):
    """Into the trash, for somebody added by mistake."""
    Client.objects.select_for_update().filter(pk=person.client_id).first()
    if hanging := what_hangs_on(person):
        words = _("%(name)s has %(list)s here. Say that they have left instead, and nothing is lost.")
        raise NotAllowed(words % {"name": person.name, "list": ", ".join(hanging)})
    person.remove(now=now, by=by)


# ---------------------------------------------------------------------- for good
def purge(now):
    """Everything that has lain there for thirty days goes, with how it read before. Returns how many did."""
    gone = 0
    for kind in ("entry", "request", "contact"):
        for record in KINDS[kind].objects.filter(deleted_at__lt=now - KEPT).order_by("deleted_at")[:AT_ONCE]:
            gone += _purge(record)
    return gone


@transaction.atomic
def _purge(record):
    held = type(record).objects.select_for_update().filter(pk=record.pk, deleted_at=record.deleted_at).first()
    if held is None:  # brought back a moment ago
        return 0
    if isinstance(held, Contact) and what_hangs_on(held):  # something names them by now: they left
        held.deleted_at = None
        held.save(update_fields=["deleted_at"])
        return 0
    if isinstance(held, Interaction):
        for attachment in held.attachments.all():
            store.discard(attachment)
    pk = held.pk
    held.delete()
    type(record).history.filter(id=pk).delete()
    return 1
