"""Two clients, or two people at one client, become one."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.conflict import Stale
from clients.merging import fields
from clients.merging.mover import Mover, plain_values
from clients.merging.registry import STAYS, afters, relations
from clients.models import Client, Contact, Merge, NotAllowed

UNDO_FOR = timedelta(days=30)


class CannotMerge(NotAllowed):
    """These two cannot become one; the words say why."""


class MergedAlready(CannotMerge):
    """Somebody was faster; `into` is where it went."""

    def __init__(self, words, into):
        super().__init__(words)
        self.into = into


def merge_clients(kept, gone, *, by, now, values=None, versions=None):
    """Everything of `gone` belongs to `kept` from now on, whose fields become `values`; `gone` is put away.

    `versions` are what the person looking at both had read, by pk: `Stale` when either has moved on.
    """
    with transaction.atomic():
        kept, gone = _locked(Client.objects, kept, gone)
        _refuse(kept, gone, versions)
        for client in (kept, gone):
            if client.archived_at:
                raise CannotMerge(_("%(name)s is archived. Bring it back first.") % {"name": client.name})
        if Client.objects.writable_by(by).filter(pk__in=[kept.pk, gone.pk]).count() < 2:
            raise CannotMerge(_("Merging needs the right to change both."))
        merge = _start(kept, gone, by=by, now=now, names=fields.CLIENT, kept_client=kept, gone_client=gone)
        mover = Mover(merge, kept=kept, gone=gone, by=by, now=now, values=values)
        mover.run()
        _merge_twins(mover, part_of=merge)
        _keep(merge, kept, values or {})
        gone.archived_at, gone.archived_by, gone.merged_into = now, by, kept
        gone.version += 1
        gone.save()
        _finish(merge, mover, clients=[kept, gone], now=now)
        return merge


def merge_people(kept, gone, *, by, now, values=None, versions=None):
    """The same for two people at one client."""
    with transaction.atomic():
        Client.objects.select_for_update().filter(pk=kept.client_id).first()  # a merge of clients goes first or waits
        kept, gone = _locked(Contact.objects.select_related("client"), kept, gone)
        _refuse(kept, gone, versions)
        if kept.client_id != gone.client_id:
            raise CannotMerge(_("They work at two clients. Merge the clients, and then the people."))
        if kept.deleted_at or gone.deleted_at:
            raise CannotMerge(_("One of them is in the trash. Bring them back first."))
        if not Contact.objects.writable_by(by).filter(pk=kept.pk).exists():
            raise CannotMerge(_("Merging needs the right to change both."))
        values = fields.filled(kept, gone) if values is None else values
        merge = _merge_people(kept, gone, by=by, now=now, values=values, part_of=None)
        for follow in afters:
            follow([kept.client], now)
        return merge


def _merge_twins(mover, *, part_of):
    """People of both clients with one address are one person."""
    for person, twin in mover.people:
        values = fields.filled(twin, person)
        _merge_people(twin, person, by=mover.by, now=mover.now, values=values, part_of=part_of)


def _merge_people(kept, gone, *, by, now, values, part_of):
    merge = _start(
        kept, gone, by=by, now=now, names=fields.CONTACT, kept_contact=kept, gone_contact=gone, part_of=part_of
    )
    mover = Mover(merge, kept=kept, gone=gone, by=by, now=now, values=values)
    mover.run()
    gone.left_at, gone.merged_into = gone.left_at or now, kept
    if values.get("email") and values["email"] == gone.email and kept.client_id == gone.client_id:
        gone.email = ""  # an address belongs to one person of a client
    gone.version += 1
    gone.save()
    _keep(merge, kept, values)
    merge.moved = mover.record
    merge.save()
    return merge


def sweep(now):
    """What was written to a merged client by somebody who had its page open meanwhile goes where it belongs."""
    lately = Merge.objects.filter(at__gte=now - timedelta(hours=1), undone_at=None, kept_client__isnull=False)
    for pk in list(lately.values_list("pk", flat=True)):
        with transaction.atomic():
            merge = Merge.objects.select_for_update().get(pk=pk)
            if not merge.undone_at and _has_latecomers(merge):
                kept, gone = merge.kept_client, merge.gone_client
                mover = Mover(merge, kept=kept, gone=gone, by=merge.by, now=now, again=True)
                mover.run()
                _merge_twins(mover, part_of=merge)
                _finish(merge, mover, clients=[merge.kept_client, merge.gone_client], now=now)


def _has_latecomers(merge):
    for relation in relations(Client):
        stayed = merge.moved.get("stayed", {}).get(relation.label, ())
        if relation.key in STAYS:
            continue
        if relation.rows.filter(**{relation.field: merge.gone_client_id}).exclude(pk__in=stayed).exists():
            return True
    return False


# ---------------------------------------------------------------------- the steps
def _locked(rows, kept, gone):
    """Both as they stand now, held in one order, so that two merges at once wait for each other and not for ever."""
    if kept.pk == gone.pk:
        raise CannotMerge(_("That is the same record twice. Choose another one."))
    found = {
        row.pk: row for row in rows.select_for_update(of=("self",)).filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    }
    if len(found) < 2:
        raise CannotMerge(_("One of the two is no longer there."))
    return found[kept.pk], found[gone.pk]


def _refuse(kept, gone, versions):
    for record in (gone, kept):
        if record.merged_into_id:
            words = _("%(name)s was merged into %(kept)s already.")
            into = record.merged_into
            raise MergedAlready(words % {"name": record.name, "kept": into.name}, into)
    for record in (kept, gone):
        if versions and versions.get(record.pk) != record.version:
            raise Stale(record)


def _start(kept, gone, *, by, now, names, **about):
    before = {
        "kept": {name: plain_values(kept)[kept._meta.get_field(name).attname] for name in names},
        "gone": {name: plain_values(gone)[gone._meta.get_field(name).attname] for name in (*names, "merged_into")},
        # What is newer than this was added after the merge.
        "last": {
            relation.key: relation.rows.aggregate(last=Max("pk"))["last"] or 0
            for relation in relations(type(kept))
            if relation.key not in STAYS
        },
    }
    return Merge.objects.create(by=by, at=now, before=before, **about)


def _keep(merge, kept, values):
    """The kept record takes the values that were chosen."""
    changed = [name for name, value in values.items() if getattr(kept, name) != value]
    for name in changed:
        setattr(kept, name, values[name])
    kept.version += 1
    kept.save()
    now_plain = plain_values(kept)
    merge.after = {name: now_plain[kept._meta.get_field(name).attname] for name in changed}
    merge.save(update_fields=["after"])


def _finish(merge, mover, *, clients, now):
    merge.moved = mover.record
    merge.save()
    for client in clients:
        client.note_contact()
    for follow in afters:
        follow(clients, now)
