"""What requests add to the client page: those that wait and the last answered, a reason, and the timeline."""

from functools import partial

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.prepared import Question, prepared
from clients import ahead, standing, there, timeline
from clients.models import Request, RequestEvent
from clients.requests import rows
from clients.requests.clock import rough

READ = 30
WAITING_SHOWN, ENDED_SHOWN = 8, 2
Kind = RequestEvent.Kind
TOLD = (Kind.ASKED, Kind.ASKED_AGAIN, Kind.ANSWERED, Kind.NO_REPLY)
MARKS = {Kind.ASKED: "inbox", Kind.ASKED_AGAIN: "repeat", Kind.ANSWERED: "check", Kind.NO_REPLY: "circle-slash"}
LETTER = "r"
SHOWN_OF_EVENTS = (
    "kind", "at", "note", "by__name", "request__public_id", "request__client_id", "request__text",
    "request__contact__name",
)  # fmt: skip


def _of(client):
    """The client's requests, those that wait first; read once for everything its page says of them."""
    if "_requests_shown" not in client.__dict__:
        found = ahead.rows(client, shown_of.question(client)) if there.are(client, "requests") else []
        for one in found:
            one.client = client
        client._requests_shown = found
    return client._requests_shown


@prepared
def shown_of(client):
    found = Request.objects.kept().filter(client=client).select_related("contact", "assignee")
    found = found.defer("search_text", "contact__search_text", "contact__imported")
    return found.order_by(F("answer_due_at").asc(nulls_last=True), "-asked_at", "-pk")[:READ]


def section(client, user, now):
    found = _of(client)
    if not found:
        return None
    waiting = [one for one in found if one.is_waiting]
    ended = [one for one in found if not one.is_waiting]
    shown = waiting[:WAITING_SHOWN] + ended[:ENDED_SHOWN]
    writable = client.can_be_written_by(user)
    return {
        "rows": [rows.row(one, now=now, user=user, can_write=writable) for one in shown],
        "waiting": len(waiting),
        "more": len(found) > len(shown),
    }


def button(client, user, now):
    """“Request” beside “Promise”, for whoever may write here."""
    return {} if client.can_be_written_by(user) and not client.archived_at else None


@standing.rules(
    late=gettext_lazy("A request of theirs waits longer than agreed"),
    soon=gettext_lazy("A request of theirs has to be answered soon"),
)
def reasons(client, user, now):
    """“2 requests wait, one 1 h over”."""
    waiting = [one for one in _of(client) if one.is_waiting]
    if not waiting or client.archived_at:
        return []
    here = f"{reverse('requests')}?client={client.public_id}"
    n = len(waiting)
    over = [one for one in waiting if one.is_over(now)]
    if not over:
        words = ngettext("%(n)d request waits for an answer", "%(n)d requests wait for an answer", n) % {"n": n}
        first = waiting[0].clock(now)
        return [standing.Reason(30 + n, standing.SOON if first.level else standing.PLAIN, words, here)]
    worst = rough(-over[0].clock(now).left, over[0].hours.day_length)
    if n == 1:
        words = _("A request waits, %(time)s over") % {"time": worst}
    elif len(over) == 1:
        words = _("%(n)d requests wait, one %(time)s over") % {"n": n, "time": worst}
    else:
        words = _("%(n)d requests wait, %(over)d over, the first by %(time)s") % {
            "n": n, "over": len(over), "time": worst,
        }  # fmt: skip
    return [standing.Reason(55 + len(over), standing.LATE, words, here)]


def story_source(client, user, asked):
    """What was asked and how it was answered."""
    if asked.is_plain:
        return timeline.Later.of(partial(_entry, client), _newest.question(client))
    if asked.is_plain_of_contact:
        return timeline.Later.of(partial(_entry, client), _newest_of.question(client, person=asked.contact))
    found = _told_at(client)
    if asked.contact:
        found = found.filter(request__contact=asked.contact)
    if asked.colleague:
        found = found.filter(by=asked.colleague)
    found = asked.holding(found, "request__search_text")
    return timeline.Later.of(partial(_entry, client), Question.of(asked.rows(found, "at", LETTER)))


def _told_at(client):
    found = RequestEvent.objects.filter(request__client=client, request__deleted_at=None, kind__in=TOLD)
    return found.select_related("by", "request__contact").only(*SHOWN_OF_EVENTS)


@prepared
def _newest(client):
    return timeline.Asked(limit=timeline.PAGE + 1).rows(_told_at(client), "at", LETTER)


@prepared
def _newest_of(client, *, person):
    """What one person there asked."""
    return timeline.Asked(limit=timeline.PAGE + 1).rows(_told_at(client).filter(request__contact=person), "at", LETTER)


def _entry(client, event):
    it = event.request
    theirs = event.kind in (Kind.ASKED, Kind.ASKED_AGAIN)
    actor = (it.contact.name if it.contact else client.name) if theirs else event.by.name if event.by else ""
    words = {
        Kind.ASKED: _("asked"),
        Kind.ASKED_AGAIN: _("asked again"),
        Kind.ANSWERED: _("answered:") if actor else _("Answered:"),
        Kind.NO_REPLY: _("said that no reply is needed to:") if actor else _("No reply needed to:"),
    }[event.kind]
    return timeline.Entry(
        at=event.at,
        key=timeline.key_of(LETTER, event.pk),
        mark=MARKS[event.kind],
        actor=actor,
        words=words,
        thing="" if event.kind == Kind.ASKED else it.text[:160],
        url=it.get_absolute_url(),
        quote=it.text if event.kind == Kind.ASKED else "",
        body=event.note,
        tone="them" if theirs else "kept" if event.kind == Kind.ANSWERED else "",
    )
