"""What the daily digest says of follow-ups: the reminders somebody set for themself that are due by now."""

from collections import defaultdict

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.follow_ups.rows import Row
from clients.models import FollowUp
from promises.reminders.sections import Line, Section


def section():
    return Section(
        name="dashboard.follow_ups",
        title=gettext_lazy("You asked to be reminded"),
        lines=lines,
        counted=lambda found: ngettext("%d reminder", "%d reminders", len(found)) % len(found),
        deputies=False,
    )


def lines(readers, now):
    """{user pk: [Line…]}: each makes a digest go out on its day, and is said again while it waits."""
    found = defaultdict(list)
    zones = {reader.pk: reader.zone for reader in readers}
    latest = max((now.astimezone(zone).date() for zone in zones.values()), default=now.date())
    due = FollowUp.objects.filter(user__in=readers, done_at=None, due_on__lte=latest, client__archived_at=None)
    for one in due.select_related("client").order_by("due_on", "pk"):
        today = timezone.localtime(now, zones[one.user_id]).date()
        if one.due_on > today:
            continue
        row = Row(one, today)
        said = _("%(client)s: %(note)s") % {"client": one.client.name, "note": one.note} if one.note else row.title
        key = f"follow-up:{one.public_id}:{one.due_on:%Y%m%d}"
        found[one.user_id].append(
            Line(key, said, one.client.get_absolute_url(), one.client_id, due=row.due, stays=True)
        )
    return found
