"""What this room adds to the client page: promises both ways, reasons, the timeline, suggestions in the composer."""

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients import standing, timeline
from promises.filters import outcome_q
from promises.models import Promise, PromiseEvent
from promises.wording import TOLD, Row, told_of

SHOWN = 6
Kind = PromiseEvent.Kind
TOLD_ON_THE_TIMELINE = (
    Kind.MADE, Kind.ACCEPTED, Kind.SILENCE, Kind.DISPUTED, Kind.MOVED, Kind.WITHDRAWN, Kind.RELEASED, Kind.BROKEN,
    Kind.MADE_GOOD, Kind.DELIVERED, Kind.AGREED, Kind.DECLINED,
)  # fmt: skip
SHOWN_OF_PROMISES = (
    "public_id", "client_id", "owner_id", "what", "direction", "state", "due_date", "due_time", "due_zone", "due_at",
    "done_at", "ended_at", "promisor_user__name", "promisor_contact__name",
)  # fmt: skip
SHOWN_OF_EVENTS = (
    "kind", "at", "note", "data", "by__name", "by_contact__name",
    "promise__public_id", "promise__what", "promise__direction", "promise__state", "promise__due_zone",
)  # fmt: skip


def both_ways(client, user, now):
    """Two equal halves: open ones by date, then the last that ended; and the whole record in one line."""
    promises = Promise.objects.filter(client=client).select_related("promisor_user", "promisor_contact")
    promises = promises.only(*SHOWN_OF_PROMISES)
    can_write = client.can_be_written_by(user)
    open_ones = list(promises.open().order_by("due_at", "pk")[:100])
    ended = list(promises.ended().exclude(state="declined").order_by("-ended_at", "-pk")[:20])
    halves = [_half(side, open_ones, ended, now=now, user=user, can_write=can_write) for side in ("ours", "theirs")]
    return {"halves": halves, "client": client, "record": record_of(client, now), "can_write": can_write, "now": now}


def _half(side, open_ones, ended, *, now, user, can_write):
    mine = [promise for promise in open_ones if promise.direction == side]
    last = [promise for promise in ended if promise.direction == side][:1]
    rows = [
        Row(promise, now=now, user=user, can_write=can_write or promise.owner_id == user.pk)
        for promise in mine[:SHOWN] + last
    ]
    return {"side": side, "rows": rows, "count": len(mine), "more": max(0, len(mine) - SHOWN)}


def record_of(client, now):
    """“41 kept, 3 moved early, 2 broken” of our own promises, in one query; "" while there is none."""
    ours = Promise.objects.filter(client=client).ours()
    counts = ours.aggregate(
        kept=Count("pk", filter=outcome_q("kept", now)),
        moved=Count("pk", filter=outcome_q("moved_early", now)),
        broken=Count("pk", filter=Q(state=Promise.State.BROKEN)),
    )
    if not any(counts.values()):
        return ""
    words = [ngettext("%d kept", "%d kept", counts["kept"]) % counts["kept"]]
    if counts["moved"]:
        words.append(ngettext("%d moved early", "%d moved early", counts["moved"]) % counts["moved"])
    if counts["broken"]:
        words.append(ngettext("%d broken", "%d broken", counts["broken"]) % counts["broken"])
    return ", ".join(words)


def reasons(client, user, now):
    """What promises say about how a relationship stands."""
    found = []
    here = f"{reverse('promises')}?client={client.public_id}"
    late = list(Promise.objects.filter(client=client).overdue(now).order_by("due_at").only("direction", "due_at")[:50])
    ours = [promise for promise in late if promise.is_ours]
    theirs = [promise for promise in late if not promise.is_ours]
    if ours:
        days = (timezone.localdate(now) - timezone.localdate(ours[0].due_at)).days
        if len(ours) == 1 and days:
            text = ngettext("1 promise %d day late", "1 promise %d days late", days) % days
        else:
            text = ngettext("%d promise late", "%d promises late", len(ours)) % len(ours)
        found.append(standing.Reason(90 + min(len(ours), 9), standing.LATE, text, f"{here}&by=ours&due=late"))
    if theirs:
        text = ngettext("%d promise of theirs late", "%d promises of theirs late", len(theirs)) % len(theirs)
        found.append(standing.Reason(40, standing.SOON, text, f"{here}&by=theirs&due=late"))
    return found + _record_reason(client, now, here, clean=not late)


def _record_reason(client, now, here, *, clean):
    figures = Promise.objects.filter(client=client).ours().filter(first_due_at__gte=now - timedelta(days=365))
    figures = figures.figures(now=now, since=now - timedelta(days=365)) if clean else None
    if not figures or not figures.word_kept.whole:
        return []
    share = figures.word_kept
    text = _("%(part)d of %(whole)d promises kept this year") % {"part": share.part, "whole": share.whole}
    if share.part == share.whole or (share.rate or 0) >= 0.85:
        return [standing.Reason(30, standing.KEPT, text, f"{here}&by=ours&state=all")]
    return [standing.Reason(60, standing.SOON, text, f"{here}&by=ours&state=all")]


def story_source(client, user, before, kind, limit):
    """Entries of the client's timeline: what became of promises, not every word about them."""
    if kind not in ("", "promises"):
        return []
    events = PromiseEvent.objects.filter(promise__client=client, kind__in=TOLD_ON_THE_TIMELINE)
    # A delivery is news only until they have answered.
    events = events.exclude(Q(kind=Kind.DELIVERED) & ~Q(promise__state=Promise.State.DELIVERED))
    if before:
        events = events.filter(at__lt=before)
    events = events.select_related("promise", "by", "by_contact").order_by("-at", "-pk").only(*SHOWN_OF_EVENTS)[:limit]
    return [_entry(event) for event in events]


def _entry(event):
    told = told_of(event, event.promise, brief=True)
    tag = ()
    if event.kind == Kind.MADE:
        theirs = not event.promise.is_ours
        words = _("Promise by them") if theirs else _("Promise by us")
        mark = "arrow-down-left" if theirs else "arrow-up-right"
        tag = (timeline.Tag(words, "them" if theirs else "us", mark, event.promise.get_absolute_url()),)
    return timeline.Entry(
        at=event.at,
        key=f"w{event.pk:012d}",
        mark=TOLD[event.kind][0],
        actor=told.actor,
        words=f"{told.words}:",
        thing=event.promise.what,
        url=event.promise.get_absolute_url(),
        body="" if told.quote else event.note,
        quote=event.note if told.quote else "",
        tone=told.tone,
        tags=tag,
        record=event.promise,
    )


def make_this_a_promise(interaction):
    """Under what was logged: a promise with its words, and where it was said."""
    url = f"{reverse('promise_new')}?interaction={interaction.public_id}"
    return timeline.Tag(_("Make this a promise"), "", "handshake", url)
