"""Follow-ups as rows of My day and of the client page."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.prepared import prepared
from accounts.quick import date_format
from accounts.templatetags.look import full
from clients import ahead, there
from clients.follow_ups import verbs
from clients.models import FollowUp

READ = 100  # open ones of one person, the first first
AHEAD = 7  # days My day looks ahead
SHOWN = 20
OF_A_ROW = ("id", "public_id", "due_on", "note", "done_at", "user", "client", "client__name", "client__public_id")


@dataclass
class Row:
    follow_up: FollowUp
    today: date
    just_done: bool = False

    @property
    def days(self):
        return (self.follow_up.due_on - self.today).days

    @property
    def is_due(self):
        return self.days <= 0

    @property
    def title(self):
        if self.follow_up.note:
            return self.follow_up.note
        return _("Get back to %(client)s") % {"client": self.follow_up.client.name}

    @property
    def due(self):
        """When, in a word or two: “today”, “2 days ago”, “Fri 20 Nov”."""
        if self.days in (0, 1):
            return _("tomorrow") if self.days else _("today")
        if self.days < 0:
            return ngettext("%d day ago", "%d days ago", -self.days) % -self.days
        day = self.follow_up.due_on
        return date_format(day, "D j M" if day.year == self.today.year else "D j M Y")

    @property
    def due_iso(self):
        return self.follow_up.due_on.isoformat()

    @property
    def due_title(self):
        return full(self.follow_up.due_on)

    @property
    def undo_url(self):
        return reverse("follow_up_undo", args=[self.follow_up.public_id])


@prepared
def _open(user):
    return verbs.open_of(user).select_related("client").only(*OF_A_ROW).order_by("due_on", "pk")[:READ]


def due_for(user, *, now):
    """(rows shown, how many there are) of what is due until a week from now, the first day first."""
    today = timezone.localdate(now)
    found = [one for one in _open(user) if one.due_on <= today + timedelta(days=AHEAD)]
    return [Row(one, today) for one in found[:SHOWN]], len(found)


@prepared
def open_at(client, *, user):
    return verbs.open_of(user).filter(client=client).only(*OF_A_ROW[:7])[:SHOWN]


def at_client(client, user, now):
    """What this person wants to be reminded of here, for the client page; None when there is nothing."""
    if not there.are(client, "follow_ups"):
        return None
    today = timezone.localdate(now)
    found = ahead.rows(client, open_at.question(client, user=user))
    for one in found:
        one.client = client
    return {"rows": [Row(one, today) for one in found]} if found else None
