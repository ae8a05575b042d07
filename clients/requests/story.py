"""What happened with a request, as its page tells it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from clients.models import RequestEvent

Kind = RequestEvent.Kind
MARKS = {
    Kind.ASKED: "inbox", Kind.ANSWERED: "check", Kind.ASKED_AGAIN: "repeat", Kind.NO_REPLY: "circle-slash",
    Kind.REOPENED: "undo-2", Kind.HANDED_OVER: "users", Kind.CHANGED: "pencil", Kind.SOON: "hourglass",
    Kind.OVERDUE: "circle-alert", Kind.ESCALATED: "bell",
}  # fmt: skip
TONES = {Kind.ASKED: "them", Kind.ASKED_AGAIN: "them", Kind.ANSWERED: "kept", Kind.OVERDUE: "late"}
WORDS = {
    Kind.ANSWERED: pgettext_lazy("actor first", "answered"),
    Kind.NO_REPLY: pgettext_lazy("actor first", "said that no reply is needed"),
    Kind.REOPENED: pgettext_lazy("actor first", "took that back"),
    Kind.CHANGED: pgettext_lazy("actor first", "corrected it"),
    Kind.SOON: gettext_lazy("The time to answer runs out soon"),
    Kind.OVERDUE: gettext_lazy("The answer is overdue"),
    Kind.ESCALATED: gettext_lazy("A manager was told"),
}


@dataclass(frozen=True)
class Told:
    at: Any
    mark: str
    tone: str
    actor: str
    words: str
    note: str = ""
    url: str = ""


def story(request):
    events = list(request.events.select_related("by", "interaction"))
    named = {event.data.get("new") for event in events} - {None}
    people = dict(User.objects.filter(public_id__in=named).values_list("public_id", "name")) if named else {}
    return [_told(event, request, people) for event in events]


def _told(event, request, people):
    actor, words = event.by.name if event.by else "", str(WORDS.get(event.kind, ""))
    if event.kind in (Kind.ASKED, Kind.ASKED_AGAIN):
        actor = request.contact.name if request.contact else request.client.name
        again = event.kind == Kind.ASKED_AGAIN
        if event.by:
            words = _("asked again, written down by %(name)s") if again else _("asked, written down by %(name)s")
            words %= {"name": event.by.name}
        else:
            words = _("asked again") if again else _("asked")
    elif event.kind == Kind.HANDED_OVER:
        words = _("handed it to %(name)s") % {"name": people.get(event.data.get("new"), "–")}
        if not actor:
            actor, words = "", _("Handed to %(name)s") % {"name": people.get(event.data.get("new"), "–")}
    entry = event.interaction if event.interaction_id and event.interaction.deleted_at is None else None
    return Told(
        at=event.at,
        mark=MARKS[event.kind],
        tone=TONES.get(event.kind, ""),
        actor=actor,
        words=words,
        note=event.note,
        url=entry.get_absolute_url() if entry else "",
    )
