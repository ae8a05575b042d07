"""What this room adds to the client page: what stands between us, what they suggest, and facts for how it stands."""

from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.prepared import Question, prepared
from clients import ahead, there
from clients.standing import LATE, SOON, Reason, rules
from clients.timeline import PAGE, Asked, Entry, Later, key_of
from partnerships.models import Concern, ConcernEvent, Suggestion
from partnerships.wording import standing

SHOWN = 3
Kind = ConcernEvent.Kind
TOLD = {
    Kind.OPENED: "flag", Kind.TALK_PLANNED: "calendar-clock", Kind.HELD: "users", Kind.AGREED: "handshake",
    Kind.RESOLVED: "check", Kind.REOPENED: "rotate-ccw", Kind.RECURRENCE: "repeat", Kind.VERIFIED: "check-check",
}  # fmt: skip
TONES = {Kind.RESOLVED: "kept", Kind.VERIFIED: "kept", Kind.REOPENED: "late", Kind.RECURRENCE: "late"}


def _unresolved(client):
    """Read once for a page that shows both the card and the reasons."""
    if not there.are(client, "concerns"):
        return []
    if not hasattr(client, "_unresolved_concerns"):
        client._unresolved_concerns = ahead.rows(client, unresolved_of.question(client))
        for concern in client._unresolved_concerns:
            concern.client = client  # its owner is known already
    return client._unresolved_concerns


@prepared
def unresolved_of(client):
    found = Concern.objects.filter(client=client).unresolved()
    return found.select_related("lead").prefetch_related("lead__absences")[: SHOWN + 1]


@prepared
def suggestions_of(client):
    found = Suggestion.objects.filter(client=client).select_related("contact")
    return found.defer("contact__search_text", "contact__imported").order_by("-said_at", "-pk")[: SHOWN + 1]


def card(client, user, now):
    found = _unresolved(client)
    return {
        "client": client,
        "concerns": [(concern, standing(concern, now=now)) for concern in found[:SHOWN]],
        "more": len(found) > SHOWN,
        "writable": client.can_be_written_by(user) and not client.archived_at,
    }


def suggestions_card(client, user, now):
    found = []
    if there.are(client, "suggestions"):
        found = ahead.rows(client, suggestions_of.question(client))
        for suggestion in found:
            suggestion.client = client
    return {
        "client": client,
        "suggestions": found[:SHOWN],
        "more": len(found) > SHOWN,
        "writable": client.can_be_written_by(user) and not client.archived_at,
    }


@rules(
    late=gettext_lazy("A concern happened again, is out of time, or has no talk planned"),
    soon=gettext_lazy("A talk to clear the air is planned"),
)
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


def story_source(client, user, asked):
    """Entries of the client's timeline: what stood between us and how it was put right."""
    if asked.is_plain:
        return Later.of(_entry, _newest_told.question(client))
    if asked.is_plain_of_contact:
        return Later.of(_entry, _newest_by.question(client, person=asked.contact))
    found = _told_at(client)
    if asked.contact:
        found = found.filter(by_contact=asked.contact)
    if asked.colleague:
        found = found.filter(_one_of(("by", "concern__lead", "concern__second"), asked.colleague))
    found = asked.holding(found, "concern__what_happened", "note")
    return Later.of(_entry, Question.of(asked.rows(found, "at", "k")))


def _told_at(client):
    events = ConcernEvent.objects.filter(concern__client=client, kind__in=list(TOLD))
    return events.select_related("concern", "by", "by_contact")


@prepared
def _newest_told(client):
    return Asked(limit=PAGE + 1).rows(_told_at(client), "at", "k")


@prepared
def _newest_by(client, *, person):
    return Asked(limit=PAGE + 1).rows(_told_at(client).filter(by_contact=person), "at", "k")


def _one_of(names, person):
    return reduce(or_, (Q(**{name: person}) for name in names))


def _entry(event):
    theirs = event.by_contact is not None
    said = event.note if event.kind in (Kind.HELD, Kind.RESOLVED, Kind.REOPENED) else ""
    return Entry(
        at=event.at,
        key=key_of("k", event.pk),
        mark=TOLD[event.kind],
        actor=str(event.by_contact or event.by or _("The program")),
        words=f"{event.get_kind_display()}:",
        thing=event.concern.what_happened[:60],
        url=event.concern.get_absolute_url(),
        body="" if theirs or event.kind == Kind.HELD else said,
        quote=said if theirs or event.kind == Kind.HELD else "",
        tone=TONES.get(event.kind, "them" if theirs else ""),
        record=event,
    )
