"""What this room adds to the client page."""

from django.utils.translation import gettext as _

from clients.standing import LATE, SOON, Reason

SHOWN = 3


def card(client, user, now):
    return {
        "client": client,
        "concerns": list(client.concerns.unresolved()[:SHOWN]),
        "writable": client.can_be_written_by(user) and not client.archived_at,
    }


def reasons(client, user, now):
    found = []
    for concern in client.concerns.unresolved()[:SHOWN]:
        if concern.talk_at:
            found.append(Reason(60, SOON, _("A talk to clear the air is planned"), concern.get_absolute_url()))
        else:
            found.append(Reason(80, LATE, _("A concern has no talk planned"), concern.get_absolute_url()))
    return found[:1]
