"""What can be done to a promise. Each verb is one conditional UPDATE, one event and one transaction.

When two people press at once, the second gets `NotActive` (or its sibling) and the page says so in words.
"""

from datetime import timedelta

from django.db import transaction

from accounts.conflict import Stale
from accounts.models import Workspace
from clients.models import searchable
from outbox.models import Email
from promises.models.back import BackAgain
from promises.models.event import PromiseEvent
from promises.models.moving import Moving
from promises.models.offers import Offers
from promises.models.reminder import Reminder
from promises.models.slips import Slips
from promises.models.words import (
    DateInThePast,
    DoneBefore,
    NotDelivered,
    NotNow,
    ReasonMissing,
    SnoozeRefused,
    Timing,
    TooFarBack,
    TooLateToCorrect,
)

DONE_AT_MOST_BACK = 3  # working days
SNOOZES = 3

Kind = PromiseEvent.Kind


class Verbs(Offers, Moving, BackAgain, Slips):
    """The verbs of a promise. `by` is one of us, None for the clock or a click by `contact`; `now` from the edge."""

    # ---------------------------------------------------------------- the terms

    def can_be_corrected(self, now):
        """A typing mistake, for a while (Workspace.correction_minutes), and only before the other side answered.

        A due that passed meanwhile is missed and no mistake any more; nor is what was disputed or opened again.
        """
        if not (self.is_active or self.is_proposed) or self.moves or self.first_asked:
            return False
        mending = timedelta(minutes=Workspace.remembered().correction_minutes)
        if now - self.created_at > mending or self.agreed_at > self.created_at:
            return False
        return not self.created_at < self.due_at <= now and not any(self._not_done_at())

    @transaction.atomic
    def correct(self, *, by, now, version, terms=None, **fields):
        """Mend a typing mistake soon after writing it down; `fields` among what, done_when, importance.

        Stale when somebody saved in between.
        """
        if not self.can_be_corrected(now):
            raise TooLateToCorrect(self)
        before = {"what": self.what, "due": self.due_at.isoformat()}
        before |= {name: getattr(self, name) for name in ("done_when", "importance") if name in fields}
        if terms:
            if terms.at <= self.agreed_at:
                raise DateInThePast(self)
            fields |= {"due_date": terms.date, "due_time": terms.time, "due_zone": terms.zone}
            fields |= {"due_at": terms.at, "first_due_at": terms.at, "overdue_flagged_at": None}
            fields["snoozed_until"] = None
        if "what" in fields:
            fields["search_text"] = searchable(fields["what"])[:300]
        if not self._same_version(version):
            raise Stale(self)
        self._change("active", "proposed", where={"version": version}, version=version + 1, **fields)
        self.tell(Kind.CORRECTED, by=by, at=now, before=before)

    def last_change(self):
        """Who changed it last, and when; words beside it change nothing."""
        beside = (Kind.COMMENT, Kind.NUDGED, Kind.SNOOZED)
        told = self.events.exclude(kind__in=beside).select_related("by", "by_contact").order_by("-at", "-pk").first()
        return (told.who, told.at) if told and told.who else (None, None)

    def _same_version(self, version):
        return type(self).objects.filter(pk=self.pk, version=version).exists()

    # ---------------------------------------------------------------- done

    @transaction.atomic
    def deliver(self, *, by, now, done_at=None, note="", reason="", contact=None):
        """The promisor says it is done. Late asks us for a reason; `done_at` may be three working days back."""
        self._deliver(by=by, now=now, done_at=done_at, note=note, reason=reason, contact=contact)

    def _deliver(self, *, by, now, done_at=None, note="", reason="", contact=None):
        self._only_if(not self.is_ours, by=by, contact=contact)
        done_at = done_at or now
        self._check_done_at(done_at, now)
        if done_at > self.due_at and not reason and by:
            raise ReasonMissing(self)
        # A move accepted meanwhile may have changed what "late" means.
        self._change(
            "active", where={"due_at": self.due_at}, state=self.State.DELIVERED, done_at=done_at, delivered_at=now,
            reason=reason or self.reason,
        )  # fmt: skip
        dropped = self._drop_open_request(now)
        self.tell(
            Kind.DELIVERED, by=by, contact=contact, at=now, note=note, done_at=done_at.isoformat(), **dropped,
            **{"from": "active"},
        )  # fmt: skip
        return dropped

    @transaction.atomic
    def accept(self, *, by, now, contact=None, how="", note=""):
        """The promisee says that it is what was agreed."""
        self._only_if(self.is_ours, by=by, contact=contact)
        where = {"delivered_at": self.delivered_at}
        self._change(
            "delivered", refuse=NotDelivered, where=where, state=self.State.KEPT, ended_at=now, unconfirmed=False
        )
        self.tell(Kind.ACCEPTED, by=by, contact=contact, at=now, note=note, how=how, **{"from": "delivered"})

    @transaction.atomic
    def keep(self, *, by, now, done_at=None, note="", reason="", contact=None, how=""):
        """Delivered and accepted in one step: they said so, or it was promised to us and we have it."""
        dropped = self._deliver(by=by, now=now, done_at=done_at, note=note, reason=reason)
        self._change("delivered", refuse=NotDelivered, state=self.State.KEPT, ended_at=now, unconfirmed=False)
        self.tell(Kind.ACCEPTED, by=by, contact=contact, at=now, how=how, **dropped, **{"from": "active"})

    def tick(self, *, by, now, reason=""):
        """The round mark of a row: ours is delivered; theirs is kept, for we are the ones to say so."""
        if self.is_ours:
            self.deliver(by=by, now=now, reason=reason)
        else:
            self.keep(by=by, now=now, reason=reason)

    @transaction.atomic
    def keep_unconfirmed(self, *, now):
        """Silence for long enough after the delivery."""
        where = {"delivered_at": self.delivered_at}
        self._change(
            "delivered", refuse=NotDelivered, where=where, state=self.State.KEPT, ended_at=now, unconfirmed=True
        )
        self.tell(Kind.SILENCE, by=None, at=now, **{"from": "delivered"})

    @transaction.atomic
    def dispute(self, *, by, now, words, contact=None):
        """Not what was agreed: it is open again, with their words."""
        self._only_if(self.is_ours, by=by, contact=contact)
        done_at = self.done_at
        where = {"delivered_at": self.delivered_at}
        self._change(
            "delivered", refuse=NotDelivered, where=where, state=self.State.ACTIVE, done_at=None, delivered_at=None
        )
        self.tell(
            Kind.DISPUTED, by=by, contact=contact, at=now, note=words, done_at=done_at.isoformat(),
            delivered_at=where["delivered_at"].isoformat(), **{"from": "delivered"},
        )  # fmt: skip

    def _check_done_at(self, done_at, now):
        """At most three working days back, and never before a moment at which the story says it was not done."""
        if done_at > now or self.calendar.working_days(done_at, now) > DONE_AT_MOST_BACK:
            raise TooFarBack(self)
        if done_at < self.agreed_at and not self.moves:
            raise TooFarBack(self)
        if done_at < max(self._not_done_at(), default=done_at):
            raise DoneBefore(self)

    def _not_done_at(self):
        """Moments at which it was not done: disputed, opened again by a manager, or moved when its due had passed."""
        if self.missed_at:
            yield self.missed_at
        said = self.told([Kind.DISPUTED, Kind.REOPENED])
        mistaken = {event.data["undo"] for event in said if "undo" in event.data}
        for event in said:
            if "undo" not in event.data and event.pk not in mistaken:
                yield event.at

    # ---------------------------------------------------------------- not done

    def timing_of_end(self, now):
        """A promise that missed a due and was moved afterwards cannot be left early any more."""
        return Timing.AFTER if self.missed_at else self.timing_of(now)

    @transaction.atomic
    def withdraw(self, *, by, now, reason, note="", contact=None):
        """The promisor takes it back and has told the promisee; how early is measured like a move."""
        if not reason and by:
            raise ReasonMissing(self)
        self._only_if(not self.is_ours, by=by, contact=contact)
        how_early = self.timing_of_end(now)
        self._end(
            self.State.WITHDRAWN, Kind.WITHDRAWN, now, by=by, contact=contact, note=note, reason=reason,
            withdrawn_timing=how_early, told={"timing": how_early},
        )  # fmt: skip

    @transaction.atomic
    def release(self, *, by, now, note="", contact=None):
        """The promisee no longer needs it. After its due that says nothing about the word: it counts as broken."""
        self._only_if(self.is_ours, by=by, contact=contact)
        how_early = self.timing_of_end(now)
        self._end(
            self.State.RELEASED, Kind.RELEASED, now, by=by, contact=contact, note=note, withdrawn_timing=how_early,
            told={"late": True} if how_early == Timing.AFTER else {},
        )  # fmt: skip

    @transaction.atomic
    def break_(self, *, by, now, reason, note=""):
        """It will not be done, and nobody was told in time. `by` None: so late that the clock says so."""
        if by and not reason:
            raise ReasonMissing(self)
        late = {} if by else {"days": self.calendar.working_days(self.due_at, now)}
        self._end(self.State.BROKEN, Kind.BROKEN, now, by=by, note=note, reason=reason, told=late)

    @transaction.atomic
    def make_good(self, *, by, now, note="", contact=None):
        """Done after all. It stays broken."""
        self._only_if(not self.is_ours, by=by, contact=contact)
        self._change("broken", refuse=NotNow, where={"made_good_at": None}, made_good_at=now)
        self.tell(Kind.MADE_GOOD, by=by, contact=contact, at=now, note=note)

    def _end(self, state, kind, now, *, by, told, contact=None, note="", reason="", **fields):
        # What an end counts as hangs on the due: a move accepted meanwhile is not overlooked.
        where = {"due_at": self.due_at, "missed_at": self.missed_at}
        if reason:
            fields["reason"] = reason
        self._change("active", where=where, state=state, ended_at=now, **fields)
        dropped = self._drop_open_request(now)
        told = told | ({"reason": reason} if reason else {}) | dropped | {"from": "active"}
        self.tell(kind, by=by, contact=contact, at=now, note=note, **told)

    # ---------------------------------------------------------------- beside the state

    def comment(self, *, by, now, text):
        return self.tell(Kind.COMMENT, by=by, at=now, note=text)

    @transaction.atomic
    def hand_over(self, *, to, by, now, note=""):
        """Another of us answers for it from now on, and stands where the owner stood."""
        fields = {"owner": to}
        if self.promisor_user_id == self.owner_id:
            fields["promisor_user"] = to
        if self.promisee_user_id == self.owner_id:
            fields["promisee_user"] = to
        old = self.owner
        self._change(*self.OPEN, where={"owner": old}, **fields)
        self._pass_on_answers(old, to)
        self.tell(Kind.HANDED_OVER, by=by, at=now, note=note, was=old.public_id, to=to.public_id, name=to.name)

    def _pass_on_answers(self, old, to):
        """What the other side answered, and nobody was mailed yet, is mailed to who answers for it now."""
        waiting = self.reminders.filter(rule=Reminder.Rule.THEIR_ANSWER, to=old, email__state__in=Email.WAITING)
        for word in waiting.select_related("email"):
            if word.email.readdress(to=to.email, to_name=to.name):
                self.mails.filter(email=word.email).update(to=to)
                self.reminders.filter(pk=word.pk).update(to=to)

    @transaction.atomic
    def snooze(self, *, by, now, until):
        """Out of sight until then: three times at most, never beyond the due, and no figure knows of it."""
        if until <= now:
            raise DateInThePast(self)
        where = {"snoozes": self.snoozes, "snoozes__lt": SNOOZES, "due_at": self.due_at, "due_at__gte": until}
        self._change("active", refuse=SnoozeRefused, where=where, snoozed_until=until, snoozes=self.snoozes + 1)
        self.tell(Kind.SNOOZED, by=by, at=now, until=until.isoformat(), times=self.snoozes)

    def can_be_snoozed(self, now):
        return self.is_active and self.due_at > now and self.snoozes < SNOOZES

    @transaction.atomic
    def wake(self, *, by, now):
        """Back in sight before its time; that time does not count."""
        if not (self.snoozed_until and self.snoozed_until > now):
            raise NotNow(self)
        where = {"snoozed_until": self.snoozed_until, "snoozes__gt": 0}
        self._change("active", refuse=NotNow, where=where, snoozed_until=None, snoozes=self.snoozes - 1)
        self.tell(Kind.SNOOZED, by=by, at=now, times=self.snoozes)

    # ---------------------------------------------------------------- the clock's view

    @transaction.atomic
    def flag_overdue(self, *, now):
        """Announce that the due moment has passed: once for each due moment. False when somebody else just did."""
        claim = type(self).objects.overdue(now).not_flagged().filter(pk=self.pk)
        if not claim.update(overdue_flagged_at=now):
            return False
        self.overdue_flagged_at = now
        self.tell(Kind.OVERDUE, by=None, at=now, due=self.due_at.isoformat())
        return True

    def breaks_by_itself(self, now, workspace=None):
        """Twice the time after which it counts as broken has passed."""
        limit = 2 * (workspace or Workspace.remembered()).broken_after_days
        return self.is_overdue(now) and self.calendar.working_days(self.due_at, now) >= limit

    def silence_is_over(self, now, workspace=None):
        limit = (workspace or Workspace.remembered()).silence_days
        return self.is_delivered and self.owner.calendar().working_days(self.delivered_at, now) > limit

    def silence_ends_on(self, workspace=None):
        """The last day on which the other side can still object before silence makes it kept."""
        calendar = self.owner.calendar()
        limit = (workspace or Workspace.remembered()).silence_days
        return calendar.working_day_after(calendar.local_date(self.delivered_at), limit)
