"""What this room adds to somebody's day: the concerns they lead, what is late first."""

from partnerships import celebrations
from partnerships.listing import ABSENCES, NEXT
from partnerships.models import Concern
from partnerships.wording import standing

SHOWN = 4


def _led(user):
    found = Concern.objects.visible_to(user).unresolved().led_by([user]).filter(client__archived_at=None)
    return found.with_people().prefetch_related(*ABSENCES).order_by(NEXT.asc(), "pk")[: SHOWN + 1]


def talks(user, now):
    """None when nobody waits for a talk with them."""
    found = list(_led(user))
    if not found:
        return None
    rows = [(concern, standing(concern, now=now)) for concern in found[:SHOWN]]
    return "partnerships/_day_talks.html", {"rows": rows, "more": len(found) > SHOWN}


def worth_celebrating(user, now, clients=None):
    """Occasions around today that nobody decided about; None when there are none."""
    found = celebrations.found(user, now=now, clients=clients)
    return ("partnerships/_day_celebrations.html", {"shown": found[:SHOWN]}) if found else None
