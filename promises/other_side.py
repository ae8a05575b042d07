"""What one person at a client reads about promises: theirs to us and ours to them, and nothing else of the client.

No reason, no remark of ours, no comment and nobody else's promise is said here; both the mails and the page behind
their link read promises through this module only.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.days import clock, day_month, full_day
from accounts.worktime import due_moment
from promises.models import Letter, Promise, Renegotiation

LATELY = timedelta(days=30)
MOST = 100  # open ones shown; nobody has so many with one person
MOST_SETTLED = 8

State = Promise.State


def between(contact):
    """The promises of this very person and to them."""
    mine = Q(promisor_contact=contact) | Q(promisee_contact=contact)
    return Promise.objects.filter(mine, client=contact.client_id)


def when(day, at, zone, *, contact, now):
    """“Friday 27 November, 17:00”; whose clock is meant where it is not theirs."""
    words = full_day(day, today=now)
    if at:
        words = pgettext("client", "%(day)s, %(time)s") % {"day": words, "time": clock(at)}
    moment = due_moment(day, at, zone)
    if moment.astimezone(zone_of(zone)).utcoffset() != moment.astimezone(zone_of(contact.zone_name)).utcoffset():
        words = _("%(when)s (%(place)s time)") % {"when": words, "place": zone.rpartition("/")[2].replace("_", " ")}
    return words


def zone_of(name):
    """The zone of that name, UTC where it is not one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


@dataclass
class Shown:
    """One promise as that person reads it. `request` is the open request to move it, if any."""

    promise: Promise
    contact: object
    now: datetime
    request: Renegotiation | None = None
    words: str = ""  # what one of us wrote to them with the request

    # ---------------------------------------------------------------- by when

    @cached_property
    def due(self):
        promise = self.promise
        return when(promise.due_date, promise.due_time, promise.due_zone, contact=self.contact, now=self.now)

    @cached_property
    def new_due(self):
        """The day that is asked for."""
        move = self.request
        return when(move.new_due_date, move.new_due_time, move.new_due_zone, contact=self.contact, now=self.now)

    @property
    def done_on(self):
        done = timezone.localtime(self.promise.done_at, zone_of(self.contact.zone_name))
        return full_day(done.date())

    @property
    def answer_by(self):
        return full_day(self.promise.answer_by) if self.promise.answer_by else ""

    @property
    def is_late(self):
        return self.promise.is_overdue(self.now)

    # ---------------------------------------------------------------- who, and whose turn it is

    @property
    def colleague(self):
        """Which of us they can ask."""
        who = self.promise.colleague
        return who if who and who.is_active else self.promise.owner

    @property
    def offered_to_them(self):
        return self.promise.state == State.PROPOSED and self.promise.offered_by == "ours"

    @property
    def offer_is_over(self):
        """The day on offer has passed while it lay there."""
        return self.offered_to_them and self.promise.due_at <= self.now

    @property
    def offered_by_them(self):
        return self.promise.state == State.PROPOSED and self.promise.offered_by == "theirs"

    @property
    def asked_by_us(self):
        return bool(self.promise.is_active and self.request and not self.request.asked_by_them)

    @property
    def asked_by_them(self):
        return bool(self.promise.is_active and self.request and self.request.asked_by_them)

    @property
    def to_confirm(self):
        return self.promise.is_delivered and self.promise.is_ours

    @property
    def waits_for_them(self):
        return self.offered_to_them or self.asked_by_us or self.to_confirm

    @property
    def acts(self):
        """What they can do now: the main one first."""
        if self.offered_to_them:
            return ("counter", "decline") if self.offer_is_over else ("agree", "counter", "decline")
        if self.asked_by_us:
            gone = self.request.new_due_at <= self.now
            return ("move-other", "move-no") if gone else ("move-yes", "move-other", "move-no")
        if self.to_confirm:
            return ("confirm", "dispute")
        if not self.promise.is_active or self.asked_by_them:
            return ()
        return ("release",) if self.promise.is_ours else ("done", "move")

    @property
    def seen(self):
        """What stands on their page, as a word: an answer to anything else answers something they never read."""
        promise, move = self.promise, self.request
        parts = (
            promise.state, promise.offered_by, promise.what, promise.done_when, promise.due_at, promise.delivered_at,
            move and (move.pk, move.new_due_at),
        )  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    # ---------------------------------------------------------------- how it ended

    @property
    def ended(self):
        """(tone, mark, words) of one that is settled."""
        promise = self.promise
        if promise.state == State.KEPT:
            if promise.done_at and promise.done_at > promise.due_at:
                return ("", "check", _("Done, later than agreed"))
            return ("kept", "check", pgettext("client", "Kept"))
        if promise.state == State.BROKEN and promise.made_good_at:
            return ("late", "check", _("Not kept, and made good since"))
        return {
            State.BROKEN: ("late", "x", _("Not kept")),
            State.WITHDRAWN: ("", "undo-2", pgettext("client", "Taken back")),
            State.RELEASED: ("", "circle", pgettext("client", "No longer needed")),
            State.DECLINED: ("", "circle-x", _("Not agreed")),
        }[promise.state]

    @property
    def ended_on(self):
        ended = timezone.localtime(self.promise.ended_at, zone_of(self.contact.zone_name))
        return day_month(ended.date())


def shown(promise, contact, *, now):
    """One promise with its open request."""
    return _with_requests([promise], contact, now=now)[0]


def open_between(contact, *, now):
    """What is open both ways, the next due first."""
    rows = between(contact).open().with_people().order_by("due_at", "pk")[:MOST]
    return _with_requests(rows, contact, now=now)


def settled_between(contact, *, now):
    """What ended lately, the last first."""
    rows = between(contact).ended().filter(ended_at__gt=now - LATELY, ended_at__lte=now).with_people()
    return [Shown(promise, contact, now) for promise in rows.order_by("-ended_at", "-pk")[:MOST_SETTLED]]


def _with_requests(promises, contact, *, now):
    promises = list(promises)
    moves = Renegotiation.objects.filter(
        promise__in=[promise.pk for promise in promises], state="asked"
    ).select_related("answers")
    asked = {move.promise_id: move for move in moves.select_related("answers")}
    sent = Letter.objects.filter(renegotiation__in=list(asked.values()), contact=contact, email__state="sent")
    words = {letter.renegotiation_id: letter.words for letter in sent.exclude(words="").order_by("written_at")}
    return [
        Shown(promise, contact, now, asked.get(promise.pk), words.get(getattr(asked.get(promise.pk), "pk", None), ""))
        for promise in promises
    ]
