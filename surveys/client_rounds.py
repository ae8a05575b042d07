"""The rounds one client was asked in, with what the pieces of its page want to know of them: read once a page."""

from django.db.models import Exists, OuterRef

from accounts.prepared import prepared
from clients import ahead, there
from surveys.models import Invitation, Response, Round, SomebodyElse

State = Invitation.State
NOT_SHOWN = (
    "thresholds",
    "spreads",
    "means",
    "summary",
    "audience",
    "steps_done",
)  # large, and of the round as a whole


def rounds_of(client):
    """The client's rounds, the newest first, remembered with this client. Each says of this client whether

    `asked_here` anybody was asked and not withdrawn
    `written`    a first mail was written
    `heard`      anybody has begun to answer, `sent_in` handed their answers in
    `overdue`    an answer was flagged
    `came_back`  an invitation could not be delivered
    `elsewhere`  somebody said who should answer, and nobody has settled it
    """
    if not there.are(client, "invitations"):
        return []
    if "_rounds_asked" not in client.__dict__:
        client._rounds_asked = ahead.rows(client, asked_of.question(client))
    return client._rounds_asked


@prepared
def asked_of(client):
    mine = Invitation.objects.filter(client=client, round=OuterRef("pk"))
    given = Response.objects.filter(invitation__client=client, invitation__round=OuterRef("pk"))
    said = SomebodyElse.objects.filter(invitation__client=client, invitation__round=OuterRef("pk"), settled_at=None)
    found = Round.objects.filter(Exists(mine)).annotate(
        asked_here=Exists(mine.exclude(state=State.WITHDRAWN)),
        written=Exists(mine.filter(queued_at__isnull=False)),
        heard=Exists(given),
        sent_in=Exists(given.filter(submitted_at__isnull=False)),
        overdue=Exists(mine.filter(overdue_flagged_at__isnull=False).exclude(state=State.WITHDRAWN)),
        came_back=Exists(mine.filter(state=State.UNDELIVERABLE)),
        elsewhere=Exists(said),
    )
    return found.select_related("questionnaire").defer(*NOT_SHOWN).order_by("-pk")


def silent_among(rounds):
    """Closed rounds in which nobody there answered, the last closed first."""
    closed = [one for one in rounds if one.state == Round.State.CLOSED and one.asked_here]
    return sorted((one for one in closed if not one.heard), key=_closed, reverse=True)


def last_closed(client):
    closed = [one for one in rounds_of(client) if one.state == Round.State.CLOSED and one.asked_here]
    return max(closed, key=_closed, default=None)


def _closed(round):
    return (round.closed_at, round.pk)
