"""What this room adds to the client page: promises both ways, reasons, the timeline, suggestions in the composer."""

from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, F, Min, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.prepared import Question, prepared
from accounts.quick import path_to
from accounts.readers import for_readers
from accounts.templatetags.look import day
from clients import ahead, standing, timeline
from promises.filters import outcome_q
from promises.models import Promise, PromiseEvent
from promises.outcomes import Share
from promises.wording import TOLD, Row, due_of, told_of

SHOWN = 6
READ = 120  # promises of a client, open and ended
Kind = PromiseEvent.Kind
TOLD_ON_THE_TIMELINE = (
    Kind.MADE, Kind.ACCEPTED, Kind.SILENCE, Kind.DISPUTED, Kind.MOVED, Kind.WITHDRAWN, Kind.RELEASED, Kind.BROKEN,
    Kind.MADE_GOOD, Kind.DELIVERED, Kind.AGREED, Kind.DECLINED,
)  # fmt: skip
SHOWN_OF_PROMISES = (
    "public_id", "client_id", "owner_id", "what", "direction", "state", "due_date", "due_time", "due_zone", "due_at",
    "done_at", "ended_at", "promisor_user__name", "promisor_contact__name",
)  # fmt: skip
SHOWN_OF_THE_OPEN = ("public_id", "what", "direction", "due_date", "due_time", "due_zone", "due_at")
SIDES_OF_CONTACTS = ("promise__promisor_contact", "promise__promisee_contact", "by_contact")
SHOWN_OF_EVENTS = (
    "kind", "at", "note", "data", "by__name", "by_contact__name",
    "promise__public_id", "promise__what", "promise__direction", "promise__state", "promise__due_zone",
)  # fmt: skip


@prepared
def shown_of(client):
    """The open ones, and those that ended last: in the order of an index."""
    promises = _shown_at(client).exclude(state="declined")
    return promises.order_by(F("ended_at").desc(nulls_first=True), "-pk")[:READ]


def _shown_at(client):
    promises = Promise.objects.filter(client=client).select_related("promisor_user", "promisor_contact")
    return promises.only(*SHOWN_OF_PROMISES)


def both_ways(client, user, now):
    """Two equal halves: open ones by date, then the last that ended; and the whole record in one line."""
    can_write = client.can_be_written_by(user)
    shown = ahead.rows(client, shown_of.question(client))
    open_ones = sorted((one for one in shown if one.is_open), key=lambda one: (one.due_at, one.pk))
    ended = [one for one in shown if not one.is_open]
    halves = [_half(side, open_ones, ended, now=now, user=user, can_write=can_write) for side in ("ours", "theirs")]
    return {"halves": halves, "client": client, "record": record_of(client, now), "can_write": can_write, "now": now}


def person_part(person, user, now):
    """On the page of a person: what is open between them and us, what is due first on top."""
    found = _open_with(user, client=person.client_id, person=person.pk)
    return {"lines": [(promise, due_of(promise, now=now)) for promise in found], "person": person} if found else None


@for_readers
def _open_with(reader, *, client, person):
    found = Promise.objects.visible_to(reader).open().filter(client=client)
    found = found.filter(Q(promisor_contact=person) | Q(promisee_contact=person)).order_by("due_at", "pk")
    return found.only(*SHOWN_OF_THE_OPEN)[:SHOWN]


@prepared
def _counts(client, *, now, since):
    """One row: what became of our promises, ever and since, and what is late on either side."""
    ours, late = Q(direction="ours"), Q(state=Promise.State.ACTIVE, due_at__lt=now)
    lately = ours & Q(first_due_at__gte=since, first_due_at__lt=now)
    return (
        Promise.objects.filter(client=client)
        .order_by()
        .values(one=Value(1))
        .annotate(
            kept=Count("pk", filter=ours & outcome_q("kept", now)),
            moved=Count("pk", filter=ours & outcome_q("moved_early", now)),
            broken=Count("pk", filter=ours & Q(state=Promise.State.BROKEN)),
            word_kept=Count("pk", filter=lately & outcome_q("word_kept", now)),
            word_due=Count("pk", filter=lately & outcome_q("word_due", now)),
            late=Count("pk", filter=ours & late),
            late_since=Min("due_at", filter=ours & late),
            their_late=Count("pk", filter=Q(direction="theirs") & late),
        )
    )


def counts_of(client, now):
    """Record and reasons ask for the same page: counted once for a client and a moment."""
    known = client.__dict__.setdefault("_promise_counts", {})
    if now not in known:
        [known[now]] = ahead.rows(client, counting(client, now))
    return known[now]


def counting(client, now):
    return _counts.question(client, now=now, since=now - timedelta(days=365))


def _half(side, open_ones, ended, *, now, user, can_write):
    mine = [promise for promise in open_ones if promise.direction == side]
    last = [promise for promise in ended if promise.direction == side][:1]
    rows = [
        Row(promise, now=now, user=user, can_write=can_write or promise.owner_id == user.pk)
        for promise in mine[:SHOWN] + last
    ]
    return {"side": side, "rows": rows, "count": len(mine), "more": max(0, len(mine) - SHOWN)}


def record_of(client, now):
    """“41 kept, 3 moved early, 2 broken” of our own promises; "" while there is none."""
    counts = counts_of(client, now)
    if not (counts["kept"] or counts["moved"] or counts["broken"]):
        return ""
    words = [ngettext("%d kept", "%d kept", counts["kept"]) % counts["kept"]]
    if counts["moved"]:
        words.append(ngettext("%d moved early", "%d moved early", counts["moved"]) % counts["moved"])
    if counts["broken"]:
        words.append(ngettext("%d broken", "%d broken", counts["broken"]) % counts["broken"])
    return ", ".join(words)


@standing.rules(
    late=gettext_lazy("A promise of ours is late"),
    soon=gettext_lazy("A promise of theirs is late, or we kept fewer than 85 of 100 promises due this year"),
    kept=gettext_lazy("We kept at least 85 of 100 promises due this year"),
)
def reasons(client, user, now):
    """What promises say about how a relationship stands."""
    found = []
    here = f"{reverse('promises')}?client={client.public_id}"
    counts = counts_of(client, now)
    ours, theirs = counts["late"], counts["their_late"]
    if ours:
        days = (timezone.localdate(now) - timezone.localdate(counts["late_since"])).days
        if ours == 1 and days:
            text = ngettext("1 promise %d day late", "1 promise %d days late", days) % days
        else:
            text = ngettext("%d promise late", "%d promises late", ours) % ours
        found.append(standing.Reason(90 + min(ours, 9), standing.LATE, text, f"{here}&by=ours&due=late"))
    if theirs:
        text = ngettext("%d promise of theirs late", "%d promises of theirs late", theirs) % theirs
        found.append(standing.Reason(40, standing.SOON, text, f"{here}&by=theirs&due=late"))
    return found if ours or theirs else found + _record_reason(counts, here)


def _record_reason(counts, here):
    share = Share(counts["word_kept"], counts["word_due"])
    if not share.whole:
        return []
    text = _("%(part)d of %(whole)d promises kept this year") % {"part": share.part, "whole": share.whole}
    if share.part == share.whole or (share.rate or 0) >= 0.85:
        return [standing.Reason(30, standing.KEPT, text, f"{here}&by=ours&state=all")]
    return [standing.Reason(60, standing.SOON, text, f"{here}&by=ours&state=all")]


def story_source(client, user, asked):
    """Entries of the client's timeline: what became of promises, not every word about them."""
    if asked.is_plain and not asked.alone:
        return timeline.Later.of(_entry, _newest_told.question(client))
    if asked.is_plain_of_contact:
        return timeline.Later.of(_entry, _newest_with.question(client, person=asked.contact))
    events = _told_at(client)
    if not (asked.alone or asked.person or asked.terms):
        events = _without_tagged(events)
    if asked.contact:
        events = events.filter(_one_of(SIDES_OF_CONTACTS, asked.contact))
    if asked.colleague:
        sides = ("promise__promisor_user", "promise__promisee_user", "promise__owner", "by")
        events = events.filter(_one_of(sides, asked.colleague))
    events = asked.holding(events, "promise__search_text", "note")
    return timeline.Later.of(_entry, Question.of(asked.rows(events, "at", "w")))


@prepared
def _newest_with(client, *, person):
    events = _told_at(client).filter(_one_of(SIDES_OF_CONTACTS, person))
    return events.order_by("-at", "-pk")[: timeline.PAGE + 1]


def _one_of(names, person):
    return reduce(or_, (Q(**{name: person}) for name in names))


@prepared
def _newest_told(client):
    return _without_tagged(_told_at(client)).order_by("-at", "-pk")[: timeline.PAGE + 1]


def _without_tagged(events):
    """Among everything, a promise made in something that was logged stands there as its tag, and not once more."""
    origin = "promise__origin_interaction"
    return events.exclude(**{"kind": Kind.MADE, f"{origin}__isnull": False, f"{origin}__deleted_at": None})


def _told_at(client):
    events = PromiseEvent.objects.filter(promise__client=client, kind__in=TOLD_ON_THE_TIMELINE)
    # A delivery is news only until they have answered.
    events = events.exclude(Q(kind=Kind.DELIVERED) & ~Q(promise__state=Promise.State.DELIVERED))
    events = events.select_related("promise", "by", "by_contact")
    return events.only(*SHOWN_OF_EVENTS)


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
        key=timeline.key_of("w", event.pk),
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


def made_then():
    """For what was logged: the promises made then."""
    found = Promise.objects.exclude(state=Promise.State.DECLINED)
    return found.values_list("public_id", "what", "direction", "due_date")


def tag_of(public_id, what, direction, due_date):
    known = {"what": Truncator(what).chars(60), "day": day(date.fromisoformat(due_date))}
    words = _("%(what)s, %(day)s") % known
    side, mark = ("us", "arrow-up-right") if direction == "ours" else ("them", "arrow-down-left")
    return timeline.Tag(words, side, mark, path_to("promise", public_id))


def make_this_a_promise(interaction):
    """Under what was logged: a promise with its words, and where it was said."""
    url = f"{reverse('promise_new')}?interaction={interaction.public_id}"
    return timeline.Tag(_("Make this a promise"), "", "handshake", url)
