"""Who changed what on a client, its people and its team, and what was merged into it."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import changes
from accounts.changes import READ, SHOWN, Happening, Rows
from clients.merging import secrets
from clients.models import Client, Contact, Merge, TeamMember


def history_of(client, *, user, limit=SHOWN):
    """Newest first: the client itself, its people, its team, and merges.

    What belongs, after a merge was taken back, to a client this person does not see is not told.
    """
    hidden = Client.objects.hidden_from(user)
    secret = secrets.of_client(client, user)
    mine = secret.without(client.history.select_related("history_user"), label="clients.Client")
    kinds = [Rows(mine.order_by("-history_date", "-history_id")[:READ], Client, lambda row: _("Client"))]
    people = list(client.contacts.values_list("pk", flat=True))
    for model, label, mine in (
        (Contact, _("Person"), Q(client_id=client.pk) | Q(id__in=people)),  # also what they were before a merge
        (TeamMember, _("Team"), Q(client_id=client.pk)),
    ):
        elsewhere = model.objects.filter(client__in=hidden).values("pk")
        rows = (
            secret.without(model.history.filter(mine), label=model._meta.label)
            .exclude(id__in=elsewhere)
            .select_related("history_user", "user" if model is TeamMember else "client")
        )
        rows = rows.order_by("id", "-history_date", "-history_id")[:READ]
        kinds.append(Rows(rows, model, lambda row, label=label: f"{label}: {_name_of(row)}"))
    return changes.story(kinds, also=merges_of(client, hidden=hidden), limit=limit)


def merges_of(client, *, hidden):
    mine = Q(kept_client=client) | Q(kept_contact__client=client, part_of=None)
    told = []
    merges = Merge.objects.filter(mine).exclude(undone_at__isnull=False, gone_client__in=hidden)
    for merge in merges.select_related("by", "undone_by", "gone_client", "gone_contact")[:SHOWN]:
        name, url = str(merge.gone_client or merge.gone_contact), reverse("merge", args=[merge.uuid])
        told.append(Happening(merge.at, merge.by, name, _("merged into this one"), url=url))
        if merge.undone_at:
            told.append(Happening(merge.undone_at, merge.undone_by, name, _("taken apart again"), url=url))
    return told


def _name_of(row):
    return row.name if hasattr(row, "name") else str(row.user)
