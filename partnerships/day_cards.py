"""What this room adds to somebody's day: the concerns they lead, what is late first."""

from django.db.models import prefetch_related_objects

from accounts.prepared import prepared
from partnerships import celebrations
from partnerships.listing import NEXT
from partnerships.models import Concern
from partnerships.wording import standing

SHOWN = 4


@prepared
def _led(user):
    found = Concern.objects.visible_to(user).unresolved().led_by([user]).filter(client__archived_at=None)
    return found.select_related("client").order_by(NEXT.asc(), "pk")[: SHOWN + 1]


def talks(user, now):
    """None when nobody waits for a talk with them."""
    found = _led(user)
    if not found:
        return None
    prefetch_related_objects([user], "absences")
    for concern in found:  # nobody but this person leads them
        if concern.lead_id:
            concern.lead = user
        else:
            concern.client.owner = user
    rows = [(concern, standing(concern, now=now)) for concern in found[:SHOWN]]
    return "partnerships/_day_talks.html", {"rows": rows, "more": len(found) > SHOWN}


def worth_celebrating(user, now, team=False):
    """Occasions around today that nobody decided about; None when there are none."""
    found = celebrations.found(user, now=now, team=team)
    return ("partnerships/_day_celebrations.html", {"shown": found[:SHOWN]}) if found else None
