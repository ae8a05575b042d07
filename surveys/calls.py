"""“May we call you?” of a named answer becomes a request by itself, once, with the firm's usual time to answer.

Not of an answer in confidence: that somebody asked is then for managers, who read it in the results and the case. And
not before the owner of the client has said what they believe: until then they read nothing of an answer.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Origin
from clients.models import Request, RequestError
from promises.reminders.scans import each
from surveys.models import Belief, Response

LATELY = timedelta(days=7)  # what was sent in before that has been told by other ways
SPACE = uuid.UUID("1f6f36a2-94a5-4b55-9f4b-6d0c4a4cf0b5")


def plan(now):
    """Make the requests that are due; how many."""
    return each(waiting(now), lambda response: make(response, now=now))


def waiting(now):
    owes = Belief.objects.filter(
        user=OuterRef("invitation__client__owner"),
        recorded_at=None,
        round=OuterRef("invitation__round"),
        client=OuterRef("invitation__client"),
    )
    found = Response.objects.filter(
        wants_call=True,
        in_confidence=False,
        call_request=None,
        submitted_at__range=(now - LATELY, now),
        invitation__client__archived_at=None,
    )
    found = found.filter(~Exists(owes)).exclude(invitation__round__origin=Origin.IMPORT)
    return found.select_related("invitation__client__owner__deputy", "invitation__contact")


@transaction.atomic
def make(response, *, now):
    """The request of one answer; the row of the answer decides between two workers."""
    client, contact = response.invitation.client, response.invitation.contact
    try:
        request = Request.objects.ask(
            client=client,
            by=None,
            now=now,
            text=words_of(response, client.owner),
            contact=contact,
            channel=Request.Channel.SURVEY,
            asked_at=response.submitted_at,
            key=uuid.uuid5(SPACE, str(response.uuid)),
        )
    except RequestError:
        return False
    return bool(Response.objects.filter(pk=response.pk, call_request=None).update(call_request=request))


def words_of(response, owner):
    with override(owner.language):
        parts = [part for part in (response.call_phone, response.call_when) if part]
        if parts:
            return _("Asks for a call: %(how)s") % {"how": ", ".join(parts)}
        return _("Asks for a call")
