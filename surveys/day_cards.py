"""What this room adds to somebody's day: beliefs they are asked for, and answers that came in."""

from datetime import timedelta

from django.db.models import Count, Window

from accounts.prepared import prepared
from surveys.models import Belief, Response

SHOWN = 4
SHOWN_OF_ANSWERS = (
    "submitted_at", "wants_call", "invitation__contact__name", "invitation__client__name",
    "invitation__client__public_id", "invitation__round__public_id",
)  # fmt: skip
NEW_FOR = timedelta(days=7)


@prepared
def _asked(user):
    mine = Belief.objects.asked_of(user).missing().filter(sealed_at=None)
    mine = mine.annotate(count=Window(Count("pk"))).select_related("client", "round")
    return mine.order_by("-required", "client__search_text", "pk")[:SHOWN]


@prepared
def _answered(user, *, since, now):
    found = Response.objects.readable_by(user).filter(
        submitted_at__gt=since, submitted_at__lte=now, invitation__client__owner=user
    )
    found = found.select_related("invitation__contact", "invitation__client", "invitation__round").only(
        *SHOWN_OF_ANSWERS
    )
    return found.order_by("-submitted_at", "-pk")[: SHOWN + 1]


def beliefs(user, now):
    """Clients whose answers this person is asked to foresee; None when nothing is left."""
    found = _asked(user)
    if not found:
        return None
    counted = found[0].count
    due_on = min((one.round.beliefs_due_on for one in found if one.round.beliefs_due_on), default=None)
    return "surveys/_day_beliefs.html", {
        "shown": found,
        "count": counted,
        "more": counted - len(found),
        "due_on": due_on,
    }


def answers(user, now):
    """Who of one's own clients has answered in the last seven days; only what this person may read."""
    found = _answered(user, since=now - NEW_FOR, now=now)
    if not found:
        return None
    return "surveys/_day_answers.html", {"shown": found[:SHOWN], "more": len(found) > SHOWN}
