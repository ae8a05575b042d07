"""What can be done to several logged contacts at once."""

from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.lists.acts import Act, Left
from clients.models import Interaction, NotAllowed


class Remove(Act):
    name, label, mark = "remove", __("Remove"), "trash-2"

    def records(self, found):
        return found.select_related("client")

    def looked(self, records, *, by, choice):
        keys = [record.pk for record in records]
        return set(Interaction.objects.writable_by(by).filter(pk__in=keys).values_list("pk", flat=True))

    def why_left(self, record, looked, choice):
        if record.deleted_at:
            return "same"
        return "" if record.pk in looked else "locked"

    def state(self, record):
        return record.deleted_at.isoformat() if record.deleted_at else ""

    def apply(self, record, *, by, choice, now):
        try:
            record.remove(by=by, now=now)
        except NotAllowed:
            raise Left("same") from None

    def restore(self, record, *, was, more, by, now):
        try:
            record.restore()
        except NotAllowed:
            raise Left("changed") from None

    def going(self, n, choice):
        return ngettext("%(n)d is taken out of every list.", "%(n)d are taken out of every list.", n) % {"n": n}

    def notes(self, records, *, choice):
        if not records:
            return []
        return [__("What came of them stays: promises, requests, reminders. They lie in the trash for 30 days.")]

    def left(self, why, n, choice):
        if why == "same":
            return ngettext("%(n)d was removed already.", "%(n)d were removed already.", n) % {"n": n}
        return super().left(why, n, choice)

    def done(self, n, choice):
        return ngettext("Removed %(n)d.", "Removed %(n)d.", n) % {"n": n}


ACTS = (Remove(),)
