"""What somebody removed: thirty days to bring it back, then it goes for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.keyset import page_of
from clients.files import store
from clients.merging.registry import STAYS, counts, relations
from clients.models import Attachment, Client, Contact, Interaction, NotAllowed, Request

KEPT = timedelta(days=30)
PAGE = 50
AT_ONCE = 200

KINDS = {"entry": Interaction, "request": Request, "contact": Contact, "file": Attachment}
LABELS = {
    "entry": gettext_lazy("Entry of the timeline"),
    "request": gettext_lazy("Request"),
    "contact": gettext_lazy("Person"),
    "file": gettext_lazy("File"),
}
MANY = {
    "entry": gettext_lazy("Entries"),
    "request": gettext_lazy("Requests"),
    "contact": gettext_lazy("People"),
    "file": gettext_lazy("Files"),
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


class Together:
    """Rows of several kinds as one list, for `page_of`: each kind is read no further than the page needs."""

    def __init__(self, parts, order=(), read=None):
        self.parts, self.order = parts, order
        self.read = {} if read is None else read  # the records, by place

    def filter(self, condition):
        return Together([rows.filter(condition) for rows in self.parts], self.order, self.read)

    def order_by(self, *order):
        return Together([rows.order_by(*order) for rows in self.parts], order, self.read)

    def values_list(self, *fields):
        return self

    def __getitem__(self, some):
        found = [record for rows in self.parts for record in rows[some]]
        self.read |= {record.place: record for record in found}
        found.sort(key=lambda record: (record.deleted_at, record.place), reverse=self.order[0].startswith("-"))
        return [(record.deleted_at, record.place) for record in found[some]]


def trash(user, *, only="", after="", before="", size=PAGE):
    """A page of it, newest first: ([Removed], the page with its cursors). `only` is one kind."""
    kinds = [only] if only in KINDS else list(KINDS)
    rows = Together([rows_of(kind, user).annotate(place=_place_of(kind)) for kind in kinds])
    page = page_of(rows, ["-deleted_at", "-place"], size=size, after=after, before=before)
    return [_removed(rows.read[place]) for place in page.ids], page


def _place_of(kind):
    """A number of its own for each thing, whatever kind it is."""
    return F("pk") * len(KINDS) + list(KINDS).index(kind)


def _removed(record):
    kind = next(kind for kind, model in KINDS.items() if isinstance(record, model))
    client = record.interaction.client if kind == "file" else record.client
    return Removed(kind, record, _title(record), client, record.deleted_by, record.deleted_at)


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
        held.deleted_at = held.deleted_by = None
        held.save(update_fields=["deleted_at", "deleted_by"])
        return 0
    if isinstance(held, Interaction):
        for attachment in held.attachments.all():
            store.discard(attachment)
    pk = held.pk
    held.delete()
    type(record).history.filter(id=pk).delete()
    return 1
