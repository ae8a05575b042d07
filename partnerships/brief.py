"""The sheet to print before a talk: what they say, what each side promised, and how to begin."""

from django.utils.translation import gettext as _

from partnerships import ledgers, looks

OPEN_SHOWN, SETTLED_SHOWN, EARLIER_SHOWN = 4, 3, 4


def sheet(concern, *, user, now):
    found = looks.of(concern, user=user, now=now)
    ours, theirs = ledgers.both(concern.client, now=now)
    return {
        "concern": concern,
        "client": concern.client,
        "now": now,
        "people": list(concern.talk_with.all()),
        "looks": [look for look in found if look.brief],
        "sides": [(_("We promised them"), ours), (_("They promised us"), theirs)],
        "open_shown": OPEN_SHOWN,
        "settled_shown": SETTLED_SHOWN,
        "earlier": ledgers.earlier(concern, looks=found, now=now)[:EARLIER_SHOWN],
        "questions": questions(),
    }


def questions():
    """Neutral ways to begin: none of them holds an answer."""
    return [
        _("How has working with us been for you since we last spoke?"),
        _("Where did we make it harder for you than it had to be? Can you give me an example?"),
        _("What would you have us do differently, and how would you notice that we do?"),
    ]
