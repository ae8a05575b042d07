"""Takes a merge back: what still stands as the merge left it returns, what was added since stays and is said."""

from collections import Counter
from dataclasses import dataclass, field

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clients.merging.mover import in_parts, plain_values, set_column
from clients.merging.registry import STAYS, Relation, afters, counts, relations
from clients.merging.verbs import UNDO_FOR, CannotMerge
from clients.models import Client, Contact, Merge


@dataclass
class Undone:
    """What came of it, by kind of record."""

    back: Counter = field(default_factory=Counter)
    not_back: Counter = field(default_factory=Counter)  # moved on since, or gone for good
    added: Counter = field(default_factory=Counter)  # since the merge; stays with the kept one
    along: Counter = field(default_factory=Counter)  # since the merge, about somebody who went back
    changed: list = field(default_factory=list)  # fields somebody set since


def why_not(merge, *, now):
    """ "" while it can be taken back, else the reason in words."""
    if merge.undone_at:
        return _("This merge was taken back already.")
    if merge.part_of_id:
        return _("It was part of merging two clients, and comes back with them.")
    if now - merge.at > UNDO_FOR:
        return _("A merge can be taken back for 30 days.")
    kept = merge.kept_client or merge.kept_contact
    if kept.merged_into_id:
        words = _("%(name)s was merged into %(into)s since. Take that back first.")
        return words % {"name": kept.name, "into": kept.merged_into.name}
    return ""


@transaction.atomic
def undo(merge, *, by, now):
    """Give back to the one that went what was its own. Twice at once: the second hears that it is done."""
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    clients = [merge.kept_client_id, merge.gone_client_id]
    if merge.kept_contact:
        clients = [merge.kept_contact.client_id, merge.gone_contact.client_id]
    # whoever has it now, and so may have been given it when its former owner left
    owner = (merge.kept_client or merge.kept_contact.client).owner
    held = Client.objects.select_for_update().filter(pk__in=clients).order_by("pk")
    clients = {client.pk: client for client in held}
    if reason := why_not(merge, now=now):
        raise CannotMerge(reason)
    told = Undone()
    for part in merge.parts.select_for_update():
        _take_back(part, told, by=by, now=now)
    _take_back(merge, told, by=by, now=now)
    for client in clients.values():
        _owned_by_somebody(client, owner if owner.is_active else by)
        client.note_contact()
    for follow in afters:
        follow(list(clients.values()), now)
    return told


def _owned_by_somebody(client, heir):
    """Who owned it may have left since the merge, and what they had went on without this one."""
    client.refresh_from_db()
    if not client.owner.is_active:
        client.owner = heir
        client.version += 1
        client.save()


def _take_back(merge, told, *, by, now):
    model = Client if merge.kept_client_id else Contact
    kept_pk, gone_pk = merge.kept_client_id or merge.kept_contact_id, merge.gone_client_id or merge.gone_contact_id
    kept, gone = model.objects.select_for_update().get(pk=kept_pk), model.objects.select_for_update().get(pk=gone_pk)
    _fields_back(merge, kept, told)
    _set(gone, merge.before["gone"])
    gone.version += 1
    gone.save()
    moved = merge.moved
    for label, pk in moved["made"]:
        for row in apps.get_model(label)._base_manager.filter(pk=pk):
            row.delete()
    for key, pks in moved["rows"].items():
        _rows_back(_relation(key), pks, kept, gone, told, by=by, now=now)
    for label, pk, old, new in reversed(moved["changed"]):
        _values_back(apps.get_model(label), pk, old, new)
    for label, values in reversed(moved["dropped"]):
        _write_again(apps.get_model(label), values)
    if model is Client:
        _along(kept, gone, told, by=by, now=now)
    _count_added(merge, kept, told)
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])


def _relation(key):
    label, _dot, name = key.rpartition(".")
    return Relation(apps.get_model(label), name)


def _fields_back(merge, kept, told):
    """The fields the merge changed and nobody since."""
    standing = plain_values(kept)
    back = {}
    for name, left in merge.after.items():
        column = kept._meta.get_field(name)
        if standing[column.attname] == left:
            back[name] = merge.before["kept"][name]
        else:
            told.changed.append(str(column.verbose_name))
    _set(kept, back)
    kept.version += 1
    kept.save()


def _set(record, values):
    for name, value in values.items():
        column = record._meta.get_field(name)
        setattr(record, column.attname, column.to_python(value))


def _rows_back(relation, pks, kept, gone, told, *, by, now):
    there = []
    for some in in_parts(pks):
        rows = relation.rows.filter(pk__in=some, **{relation.field: kept})
        if relation.has("merged_into"):  # became somebody else since, and stays with them
            rows = rows.filter(merged_into=None)
        there += rows.values_list("pk", flat=True)
    for some in in_parts(there):
        try:
            with transaction.atomic():
                set_column(relation, some, gone, by=by, now=now)
        except IntegrityError:
            some = [pk for pk in some if _one_back(relation, pk, gone, by=by, now=now)]
        told.back[relation.label] += len(some)
    told.not_back[relation.label] += len(pks) - len(there)


def _one_back(relation, pk, gone, *, by, now):
    try:
        with transaction.atomic():
            set_column(relation, [pk], gone, by=by, now=now)
    except IntegrityError:
        return False
    return True


def _values_back(model, pk, old, new):
    row = model._base_manager.filter(pk=pk).first()
    if row is None:
        return
    standing = plain_values(row)
    back = {name: value for name, value in old.items() if standing[model._meta.get_field(name).attname] == new[name]}
    if back:
        _set(row, back)
        row.save(update_fields=list(back))


def _write_again(model, values):
    row = model(**{name: model._meta.get_field(name).to_python(value) for name, value in values.items()})
    try:
        with transaction.atomic():
            if not model._base_manager.filter(pk=row.pk).exists():
                row.save(force_insert=True)
    except IntegrityError:  # somebody wrote the same since, or what it spoke of is gone
        return


def _along(kept, gone, told, *, by, now):
    """What was added since about somebody who went back goes with them: it cannot name a person of another client."""
    of_client = {relation.model for relation in relations(Client) if relation.field == "client"}
    for relation in relations(Contact):
        if relation.key in STAYS or relation.model not in of_client:
            continue
        rows = relation.rows.filter(client=kept, **{f"{relation.field}__client": gone})
        pks = list(rows.values_list("pk", flat=True))
        for some in in_parts(pks):
            set_column(Relation(relation.model, "client"), some, gone, by=by, now=now)
        told.along[relation.label] += len(pks)


def _count_added(merge, kept, told):
    for key, last in merge.before["last"].items():
        relation = _relation(key)
        if relation.label in counts:
            told.added[relation.label] += relation.rows.filter(pk__gt=last, **{relation.field: kept}).count()
