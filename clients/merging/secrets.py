"""What a merge that was taken back mixed together, and who may not see both must not read out of the history."""

from dataclasses import dataclass, field

from django.db.models import Q

from clients.models import Client, Merge


@dataclass(frozen=True)
class Secrets:
    """The times a record was one with something this person may not see, and whose rows only passed through it."""

    spans: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)  # {label: {pk, …}}

    def without(self, history, *, label):
        """These rows of a history, but for what belongs to the other one."""
        for begun, ended in self.spans:
            history = history.exclude(history_date__gte=begun, history_date__lte=ended)
        return history.exclude(id__in=self.rows[label]) if self.rows.get(label) else history

    def hides(self, at):
        return any(begun <= at <= ended for begun, ended in self.spans)


def of_client(client, user):
    hidden = Client.objects.hidden_from(user)
    return _of(Q(kept_client=client, gone_client__in=hidden), Q(gone_client=client, kept_client__in=hidden), user)


def of_contact(contact, user):
    hidden = Client.objects.hidden_from(user)
    return _of(
        Q(kept_contact=contact, gone_contact__client__in=hidden),
        Q(gone_contact=contact, kept_contact__client__in=hidden),
        user,
    )


def _of(took, went, user):
    if user.is_manager:
        return Secrets()
    found = Secrets()
    for merge in Merge.objects.filter(took | went, undone_at__isnull=False):
        found.spans.append((merge.at, merge.undone_at))
    for moved in Merge.objects.filter(took, undone_at__isnull=False).values_list("moved", flat=True):
        for key, pks in moved.get("rows", {}).items():
            found.rows.setdefault(key.rpartition(".")[0], set()).update(pks)
        for label, pk in moved.get("made", []):
            found.rows.setdefault(label, set()).add(pk)
    return found
