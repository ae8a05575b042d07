"""What the daily digest says of requests: who waits for an answer today, and for managers what nobody answered."""

from collections import defaultdict
from datetime import timedelta

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Role
from clients.models import Request
from clients.requests.rows import whole
from promises.reminders import sections
from promises.reminders.sections import Line, Section

AHEAD = timedelta(days=2)
MOST = 2000


def register():
    sections.register(Section("requests", gettext_lazy("Waiting for an answer from you"), own_lines, counted=counted))
    sections.register(
        Section(
            "requests_team", gettext_lazy("Nobody has answered, and a manager should know"), team_lines, deputies=False
        )
    )


def counted(lines):
    return ngettext("%d client waits", "%d clients wait", len(lines)) % len(lines)


def own_lines(readers, now):
    """What is overdue or due on the reader's day: each makes one digest go out, and stays in it while it waits."""
    found = defaultdict(list)
    zones = {reader.pk: reader.zone for reader in readers}
    due = Request.objects.waiting().filter(
        assignee__in=readers, answer_due_at__lt=now + AHEAD, client__archived_at=None
    )
    for it in whole(due).order_by("answer_due_at", "pk")[:MOST]:
        zone = zones[it.assignee_id]
        over = it.is_over(now)
        if over or it.answer_due_at.astimezone(zone).date() <= now.astimezone(zone).date():
            found[it.assignee_id].append(_line(it, now, "over" if over else "due"))
    return found


def team_lines(readers, now):
    """To managers: what they were told of and still waits."""
    hearing = [reader for reader in readers if reader.role == Role.MANAGER]
    if not hearing:
        return {}
    told = Request.objects.overdue(now).filter(escalated_at__isnull=False, client__archived_at=None)
    lines = [
        (it, _line(it, now, "escalated", with_name=True)) for it in whole(told).order_by("answer_due_at", "pk")[:MOST]
    ]
    return {reader.pk: [line for it, line in lines if it.assignee_id != reader.pk] for reader in hearing}


def _line(it, now, what, *, with_name=False):
    clock = it.clock(now)
    who = f"{it.contact.name}, {it.client.name}" if it.contact else it.client.name
    if with_name:
        who = _("%(who)s; %(name)s answers") % {"who": who, "name": it.assignee.name}
    return Line(
        key=f"request:{it.public_id}:{it.answer_due_at:%Y%m%d%H%M}:{what}",
        text=Truncator(it.text).chars(160),
        href=it.get_absolute_url(),
        client_id=it.client_id,
        who=who,
        due=clock.words,
        tone="late" if clock.is_over else "soon" if clock.level else "",
        stays=True,
    )
