"""How promises read on a page and in a mail: the words beside the marks, computed once for all of them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.quick import date_format
from promises.models import AgreedHow, Promise, PromiseEvent, Reason, Timing
from promises.outcomes import Outcome

State = Promise.State


def day_words(day, *, now):
    return date_format(day, "D j M" if day.year == timezone.localdate(now).year else "D j M Y")


@dataclass(frozen=True)
class Due:
    """When a promise is due, in the words of a row: `kind` is late, soon or nothing."""

    kind: str
    words: str
    title: str
    iso: str

    @property
    def mark(self):
        return {"late": "circle-alert", "soon": "clock"}.get(self.kind, "")


def due_of(promise, *, now):
    """The due day is a day where the promise is due, whatever the reader's clock says."""
    zone = ZoneInfo(promise.due_zone)
    there = promise.due_at.astimezone(zone)
    days = (promise.due_date - now.astimezone(zone).date()).days
    title = f"{date_format(there, 'l j F Y, H:i')} ({promise.due_zone.replace('_', ' ')})"
    iso = there.isoformat(timespec="minutes")
    if promise.due_at < now:
        return Due("late", _late_words(promise, now, days), title, iso)
    if days <= 0:
        return Due("soon", _by(promise) if promise.due_time else _("today"), title, iso)
    words = _("tomorrow") if days == 1 else day_words(promise.due_date, now=now)
    return Due("", f"{words}, {_by(promise)}" if promise.due_time and days == 1 else words, title, iso)


def _by(promise):
    here = timezone.get_current_timezone()
    text = promise.due_time.strftime("%H:%M")
    if promise.due_at.astimezone(here).utcoffset() != promise.due_at.astimezone(ZoneInfo(promise.due_zone)).utcoffset():
        text += f" {promise.due_zone.rpartition('/')[2].replace('_', ' ')}"
    return _("by %s") % text


def _late_words(promise, now, days):
    if days < 0:
        return ngettext("%d day late", "%d days late", -days) % -days
    minutes = int((now - promise.due_at).total_seconds() // 60)
    return _("%d h late") % (minutes // 60) if minutes >= 60 else _("%d min late") % minutes


ENDED = {
    State.KEPT: ("kept", "check", gettext_lazy("Kept")),
    State.BROKEN: ("late", "x", gettext_lazy("Broken")),
    State.WITHDRAWN: ("", "undo-2", gettext_lazy("Withdrawn")),
    State.RELEASED: ("", "circle", gettext_lazy("Released")),
    State.DECLINED: ("", "x", gettext_lazy("Declined")),
    State.DELIVERED: ("", "hourglass", gettext_lazy("Delivered")),
    State.PROPOSED: ("", "hourglass", gettext_lazy("Proposed")),
}


@dataclass
class Row:
    """One promise in a list, for one reader."""

    promise: Promise
    now: datetime
    user: object
    can_write: bool = False
    just_done: bool = False

    @cached_property
    def late(self):
        return self.promise.is_overdue(self.now)

    @cached_property
    def due(self):
        return due_of(self.promise, now=self.now)

    @property
    def mark(self):
        return "arrow-up-right" if self.promise.is_ours else "arrow-down-left"

    @property
    def side(self):
        return "us" if self.promise.is_ours else "them"

    @property
    def whom(self):
        name = self.promise.contact.name if self.promise.contact else ""
        if self.promise.is_ours:
            return _("To %s") % name if name else _("We promised")
        return _("From %s") % name if name else _("They promised")

    @property
    def shows_owner(self):
        return self.promise.owner_id != self.user.pk

    @property
    def ended(self):
        """(kind, mark, word) of a promise that is not open; None while it is."""
        if self.promise.is_active:
            return None
        if self.promise.state == State.KEPT and self.promise.done_at and self.promise.done_at > self.promise.due_at:
            return ("late", "check", _("Kept late"))
        return ENDED[self.promise.state]

    @property
    def waits_for(self):
        """Whose answer an offered promise waits for; "" for every other one."""
        if self.promise.state != State.PROPOSED:
            return ""
        theirs = self.promise.offered_by == "ours"
        if self.promise.answer_by is None:
            return _("waits for their answer") if theirs else _("waits for our answer")
        said = {"day": day_words(self.promise.answer_by, now=self.now)}
        return (_("waits for their answer by %(day)s") if theirs else _("waits for our answer by %(day)s")) % said

    @property
    def put_off(self):
        """Until when somebody put it out of sight; "" once that is over."""
        until = self.promise.snoozed_until
        if not (self.promise.is_active and until and until > self.now):
            return ""
        return _("put off until %s") % day_words(timezone.localdate(until), now=self.now)

    @property
    def outcome(self):
        """What it counts as, in words; "" while nothing is decided."""
        outcome = self.promise.outcome(self.now)
        return "" if outcome == Outcome.NOT_DUE else outcome.label

    @property
    def ticks_at_once(self):
        return self.can_write and self.promise.is_active and not self.late

    @property
    def asks_why(self):
        return self.can_write and self.promise.is_active and self.late

    @property
    def act(self):
        """The one thing offered on the row: renegotiate, call or nudge."""
        if not (self.can_write and self.promise.is_active):
            return ""
        if not self.promise.is_ours:
            return "nudge" if self.promise.contact else ""
        if not self.late:
            return "renegotiate"
        return "call" if self.phone else ""

    @property
    def phone(self):
        contact = self.promise.contact
        return (contact.phone if contact else "") or self.promise.client.phone

    @property
    def phone_url(self):
        return "tel:" + "".join(c for c in self.phone if c.isdigit() or c == "+")

    @property
    def call_name(self):
        contact = self.promise.contact
        return contact.first_name if contact else self.promise.client.name

    @property
    def nudge_url(self):
        """The page with the letter that asks after it: shown whole, and sent from there."""
        return reverse("promise_letter", args=[self.promise.public_id, "nudge"])

    @property
    def early_line(self):
        """Until when a new date is still early, in words; "" once that has passed."""
        moment = self.promise.last_early_moment
        if not self.promise.is_active or moment <= self.now:
            return ""
        return moment

    @property
    def undo_url(self):
        return reverse("promise_undo", args=[self.promise.public_id])


# -------------------------------------------------------------------- the story


@dataclass(frozen=True)
class Told:
    """One line of the story."""

    at: datetime
    mark: str
    tone: str
    actor: str
    words: str
    note: str
    quote: bool


Kind = PromiseEvent.Kind
TOLD = {
    Kind.MADE: ("handshake", "", gettext_lazy("wrote this down")),
    Kind.PROPOSED: ("handshake", "", gettext_lazy("offered this")),
    Kind.AGREED: ("handshake", "kept", gettext_lazy("agreed")),
    Kind.COUNTERED: ("calendar-clock", "", gettext_lazy("offered other terms")),
    Kind.ANSWER_BY: ("hourglass", "", gettext_lazy("asked for an answer")),
    Kind.NUDGED: ("mail", "", gettext_lazy("asked after it")),
    Kind.SNOOZED: ("clock", "", gettext_lazy("put it off")),
    Kind.CORRECTED: ("pencil", "", gettext_lazy("corrected a typing mistake")),
    Kind.DELIVERED: ("check", "", gettext_lazy("said it is done")),
    Kind.ACCEPTED: ("check-check", "kept", gettext_lazy("said it is what was promised")),
    Kind.SILENCE: ("check", "kept", gettext_lazy("Kept: nobody objected in time")),
    Kind.DISPUTED: ("message-square", "them", gettext_lazy("said it is not what was agreed")),
    Kind.MOVE_ASKED: ("calendar-clock", "", gettext_lazy("asked to move it")),
    Kind.MOVED: ("calendar-check", "moved", gettext_lazy("agreed to the new date")),
    Kind.MOVE_REFUSED: ("calendar", "", gettext_lazy("said no to the new date")),
    Kind.MOVE_TAKEN_BACK: ("undo-2", "", gettext_lazy("took the request back")),
    Kind.WITHDRAWN: ("undo-2", "", gettext_lazy("took the promise back")),
    Kind.RELEASED: ("circle", "", gettext_lazy("let it go")),
    Kind.DECLINED: ("x", "", gettext_lazy("declined")),
    Kind.BROKEN: ("x", "late", gettext_lazy("recorded it as broken")),
    Kind.MADE_GOOD: ("heart", "", gettext_lazy("made it good")),
    Kind.REOPENED: ("undo-2", "", gettext_lazy("opened it again")),
    Kind.OVERDUE: ("circle-alert", "late", gettext_lazy("The due moment passed")),
    Kind.HANDED_OVER: ("users", "", gettext_lazy("handed it over")),
    Kind.COMMENT: ("message-square", "", gettext_lazy("commented")),
}

# What one of us wrote down without saying which of them said it.
WRITTEN_DOWN = {
    Kind.AGREED: gettext_lazy("wrote down that it is agreed"),
    Kind.COUNTERED: gettext_lazy("wrote down the other terms they offered"),
    Kind.DECLINED: gettext_lazy("wrote down their no"),
    Kind.ACCEPTED: gettext_lazy("Kept"),
    Kind.DISPUTED: gettext_lazy("wrote down that it is not what was agreed"),
    Kind.MOVED: gettext_lazy("moved it"),
    Kind.MOVE_REFUSED: gettext_lazy("wrote down their no to the new date"),
    Kind.RELEASED: gettext_lazy("wrote down that it is no longer needed"),
}


# What one of us said to what they asked for.
OUR_ANSWERS = {
    Kind.AGREED: gettext_lazy("agreed"),
    Kind.DECLINED: gettext_lazy("declined"),
    Kind.MOVED: gettext_lazy("agreed to the new date"),
    Kind.MOVE_REFUSED: gettext_lazy("said no to the new date"),
    Kind.COUNTERED: gettext_lazy("offered other terms"),
}


def story(promise, *, newest_first=True):
    """Everything that happened to a promise; its events are read with who said and who wrote them down."""
    prefetch_related_objects([promise], Prefetch("events", PromiseEvent.objects.select_related("by", "by_contact")))
    told = [told_of(event, promise) for event in promise.events.all()]
    return told[::-1] if newest_first else told


def told_of(event, promise, *, brief=False):
    """One event in words; `brief` leaves out by whom and how a word of theirs was written down."""
    mark, tone, words = TOLD[event.kind]
    words = str(words)
    if event.kind == Kind.BROKEN and event.by_id is None:
        words = _broken_by_itself(event)
    if event.kind == Kind.REOPENED and "undo" in event.data:
        words = _("took that back")
    if event.kind == Kind.SNOOZED and "until" not in event.data:
        words = _("took it up again")
    extra = _extra(event, promise, brief=brief)
    actor = event.who
    if event.data.get("ours") and event.kind in OUR_ANSWERS:
        words = str(OUR_ANSWERS[event.kind])
    elif event.kind == Kind.PROPOSED and not promise.is_ours:
        words = _("wrote down what they offer")
    elif event.data.get("taken_back"):
        words = _("took the offer back")
    elif not event.by_contact_id and event.kind in WRITTEN_DOWN:
        words = str(WRITTEN_DOWN[event.kind])
    if event.kind == Kind.ACCEPTED and not event.by_contact_id:
        actor = ""
    if event.kind == Kind.DECLINED and "slip" in event.data:
        words = _("took it back: it was written down by mistake")
    if event.by_contact_id and event.by_id and event.kind != Kind.MADE and not brief:
        extra = [*extra, _("written down by %s") % event.by.name]
    return Told(
        at=event.at,
        mark=mark,
        tone=_tone(event, tone),
        actor=actor,
        words=", ".join([words, *extra]),
        note=event.note,
        quote=event.kind in (Kind.DISPUTED,) or bool(event.by_contact_id and event.note),
    )


def _broken_by_itself(event):
    days = event.data.get("days")
    if not days:
        return _("Broken: too long past its due")
    return ngettext("Broken: %d working day late", "Broken: %d working days late", days) % days


def kept_when(days):
    """What follows a delivery, by the firm's own patience."""
    return (
        ngettext(
            "Kept once they agree or stay silent for %d working day.",
            "Kept once they agree or stay silent for %d working days.",
            days,
        )
        % days
    )


def _tone(event, tone):
    if event.kind == Kind.MOVED and event.data.get("timing") not in (None, "", Timing.EARLY):
        return ""
    return tone


def _extra(event, promise, *, brief=False):
    data, extra = event.data, []
    if data.get("new") and data.get("old"):
        extra.append(f"{_day(data['old'], promise)} → {_day(data['new'], promise)}")
    if event.kind == Kind.HANDED_OVER and data.get("name"):
        extra.append(_("to %s") % data["name"])
    if data.get("timing"):
        extra.append(str(Timing(data["timing"]).label))
    if data.get("reason") in Reason.values:
        extra.append(str(Reason(data["reason"]).label).lower())
    if data.get("file"):
        extra.append(_("from a file"))
    if data.get("how") in AgreedHow.values and not brief:
        extra.append(str(AgreedHow(data["how"]).label).lower())
    if data.get("late"):
        extra.append(_("after its due: it counts as broken"))
    if data.get("answer_by"):
        extra.append(_("by %s") % date_format(datetime.fromisoformat(data["answer_by"]), "j M"))
    if data.get("dropped") and event.kind != Kind.ACCEPTED:
        extra.append(_("with that the open request for another date fell away"))
    if event.kind == Kind.SNOOZED and data.get("until"):
        extra.append(_("until %s") % _day(data["until"], promise))
    if event.kind == Kind.DELIVERED and data.get("done_at") and data["done_at"][:16] != event.at.isoformat()[:16]:
        extra.append(_("done on %s") % _day(data["done_at"], promise))
    return extra


def _day(text, promise):
    moment = datetime.fromisoformat(text).astimezone(ZoneInfo(promise.due_zone))
    return date_format(moment, "j M")
