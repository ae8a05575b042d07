"""What this room adds to the client page."""

from django.utils.translation import gettext as _

from clients.standing import LATE, SOON, Reason

SHOWN = 3


def _unresolved(client):
    """Read once for a page that shows both the card and the reasons."""
    if not hasattr(client, "_unresolved_concerns"):
        client._unresolved_concerns = list(client.concerns.unresolved()[:SHOWN])
    return client._unresolved_concerns


def card(client, user, now):
    return {
        "client": client,
        "concerns": _unresolved(client),
        "writable": client.can_be_written_by(user) and not client.archived_at,
    }


def reasons(client, user, now):
    found = []
    for concern in _unresolved(client):
        if concern.talk_at:
            found.append(Reason(60, SOON, _("A talk to clear the air is planned"), concern.get_absolute_url()))
        else:
            found.append(Reason(80, LATE, _("A concern has no talk planned"), concern.get_absolute_url()))
    return found[:1]
