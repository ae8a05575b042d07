"""What this room adds to the client page: what stands between us, what they suggest, and facts for how it stands."""

from django.utils.translation import gettext as _

from clients.standing import LATE, SOON, Reason
from partnerships.wording import standing

SHOWN = 3


def _unresolved(client):
    """Read once for a page that shows both the card and the reasons."""
    if not hasattr(client, "_unresolved_concerns"):
        found = client.concerns.unresolved().select_related("lead").prefetch_related("lead__absences")
        client._unresolved_concerns = list(found[: SHOWN + 1])
        for concern in client._unresolved_concerns:
            concern.client = client  # its owner is known already
    return client._unresolved_concerns


def card(client, user, now):
    found = _unresolved(client)
    return {
        "client": client,
        "concerns": [(concern, standing(concern, now=now)) for concern in found[:SHOWN]],
        "more": len(found) > SHOWN,
        "writable": client.can_be_written_by(user) and not client.archived_at,
    }


def suggestions_card(client, user, now):
    found = list(client.suggestions.select_related("contact").order_by("-said_at", "-pk")[: SHOWN + 1])
    return {
        "client": client,
        "suggestions": found[:SHOWN],
        "more": len(found) > SHOWN,
        "writable": client.can_be_written_by(user) and not client.archived_at,
    }


def reasons(client, user, now):
    found = []
    for concern in _unresolved(client):
        here = concern.get_absolute_url()
        if concern.is_recurrence:
            found.append(Reason(85, LATE, _("It happened again: %s") % concern.get_cause_kind_display(), here))
        if concern.late(now):
            found.append(Reason(90, LATE, standing(concern, now=now).words, here))
        elif concern.talk_at and concern.state == concern.State.TALKING:
            found.append(Reason(60, SOON, _("A talk to clear the air is planned"), here))
        elif concern.state == concern.State.OPEN:
            found.append(Reason(80, LATE, _("A concern has no talk planned"), here))
    return sorted(found, key=lambda reason: -reason.weight)[:1]
