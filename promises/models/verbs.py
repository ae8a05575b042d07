"""What can be done to a promise. Each verb is one conditional UPDATE, one event and one transaction.

When two people press at once, the second gets `NotActive` (or its sibling) and the page says so in words.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts.conflict import Stale
from accounts.models import Workspace
from clients.models import searchable
from promises.models.event import PromiseEvent
from promises.models.words import (
    AlreadyAsked,
    DateInThePast,
    NotActive,
    NotAllowed,
    NotDelivered,
    NotNow,
    ReasonMissing,
    SameTerms,
    TooFarBack,
    TooLateToCorrect,
)
from promises.notice import timing

CORRECTION = timedelta(hours=1)
UNDO = timedelta(hours=24)
DONE_AT_MOST_BACK = 3  # working days
REOPEN_WITHIN = 5  # working days

Kind = PromiseEvent.Kind
ENDINGS = (Kind.DELIVERED, Kind.ACCEPTED, Kind.WITHDRAWN, Kind.RELEASED, Kind.BROKEN)


class Verbs:
    """The verbs of a promise. `by` is one of us and None for the clock; `now` comes from the edge."""

    def tell(self, kind, *, by, at, note="", contact=None, **data):
        """Add to the story. Nothing is ever taken out of it."""
        return self.events.create(kind=kind, by=by, by_contact=contact, at=at, note=note, data=data)

    def _change(self, *states, refuse=NotActive, where=None, **fields):
        changed = type(self).objects.filter(pk=self.pk, state__in=states, **(where or {})).update(**fields)
        if not changed:
            raise refuse(self)
        for name in ("calendar",):
            self.__dict__.pop(name, None)
        self.refresh_from_db(fields=list(fields))

    # ---------------------------------------------------------------- the terms

    def can_be_corrected(self, now):
        return self.is_active and now - self.created_at <= CORRECTION and not self.moves and not self.first_asked

    @transaction.atomic
    def correct(self, *, by, now, version, terms=None, **fields):
        """Mend a typing mistake within an hour of writing it down; `fields` among what, done_when, importance.

        Stale when somebody saved in between.
        """
        if not self.can_be_corrected(now):
            raise TooLateToCorrect(self)
        before = {"what": self.what, "due": self.due_at.isoformat()}
        if terms:
            if terms.at <= self.agreed_at:
                raise DateInThePast(self)
            fields |= {"due_date": terms.date, "due_time": terms.time, "due_zone": terms.zone}
            fields |= {"due_at": terms.at, "first_due_at": terms.at, "overdue_flagged_at": None}
        if "what" in fields:
            fields["search_text"] = searchable(fields["what"])[:300]
        if not self._same_version(version):
            raise Stale(self)
        self._change("active", where={"version": version}, version=version + 1, **fields)
        self.tell(Kind.CORRECTED, by=by, at=now, before=before)

    def _same_version(self, version):
        return type(self).objects.filter(pk=self.pk, version=version).exists()

    @transaction.atomic
    def ask_to_move(self, *, by, terms, reason, now, words="", contact=None):
        """Ask for other terms. The old ones bind until the other side accepts. Gives the Renegotiation.

        Its timing is measured now, against the terms in force and the promisor's calendar.
        """
        if not reason:
            raise ReasonMissing(self)
        if terms.at <= now:
            raise DateInThePast(self)
        self._lock()
        if not self.is_active:
            raise NotActive(self)
        if terms.at == self.due_at:
            raise SameTerms(self)
        how_early = self.timing_of(now)
        try:
            with transaction.atomic():
                move = self.renegotiations.create(
                    timing=how_early, asked_by=by, asked_by_contact=contact, asked_at=now, old_due_at=self.due_at,
                    new_due_date=terms.date, new_due_time=terms.time, new_due_zone=terms.zone, new_due_at=terms.at,
                    reason=reason, words=words,
                )  # fmt: skip
        except IntegrityError as error:
            raise AlreadyAsked(self) from error
        if not self.first_asked:
            self._change("active", first_asked=how_early)
        self.tell(
            Kind.MOVE_ASKED, by=by, contact=contact, at=now, note=words, reason=reason, timing=how_early,
            old=self.due_at.isoformat(), new=terms.at.isoformat(),
        )  # fmt: skip
        return move

    @transaction.atomic
    def move(self, *, by, terms, reason, now, how, words="", contact=None):
        """Ask and record their yes in one step: they were asked, and who said yes, and how, is known."""
        renegotiation = self.ask_to_move(by=by, terms=terms, reason=reason, now=now, words=words)
        renegotiation.accept(by=by, how=how, now=now, contact=contact)
        self.refresh_from_db()
        return renegotiation

    def timing_of(self, moment):
        """Early, last-minute or after the fact: how a word given at this moment stands to the terms in force."""
        return timing(self.agreed_at, self.due_at, moment, self.calendar)

    def _lock(self):
        """Read the row again and hold it, where the database can."""
        fresh = (
            type(self).objects.select_for_update().only("state", "due_at", "agreed_at", "first_asked").get(pk=self.pk)
        )
        self.state, self.due_at, self.agreed_at, self.first_asked = (
            fresh.state, fresh.due_at, fresh.agreed_at, fresh.first_asked,
        )  # fmt: skip

    # ---------------------------------------------------------------- done

    @transaction.atomic
    def deliver(self, *, by, now, done_at=None, note="", reason=""):
        """The promisor says it is done. Late asks for a reason; `done_at` may be three working days back."""
        done_at = done_at or now
        self._check_done_at(done_at, now)
        if done_at > self.due_at and not reason:
            raise ReasonMissing(self)
        where = {"due_at": self.due_at}  # a move accepted meanwhile may have changed what "late" means
        self._change(
            "active",
            where=where,
            state=self.State.DELIVERED,
            done_at=done_at,
            delivered_at=now,
            reason=reason or self.reason,
        )
        self._drop_open_request(now)
        self.tell(Kind.DELIVERED, by=by, at=now, note=note, done_at=done_at.isoformat(), **{"from": "active"})

    @transaction.atomic
    def accept(self, *, by, now, contact=None, how="", note=""):
        """The promisee says that it is what was agreed."""
        self._change("delivered", refuse=NotDelivered, state=self.State.KEPT, ended_at=now, unconfirmed=False)
        self.tell(Kind.ACCEPTED, by=by, contact=contact, at=now, note=note, how=how, **{"from": "delivered"})

    @transaction.atomic
    def keep(self, *, by, now, done_at=None, note="", reason="", contact=None, how=""):
        """Delivered and accepted in one step: they said so, or it was promised to us and we have it."""
        self.deliver(by=by, now=now, done_at=done_at, note=note, reason=reason)
        self._change("delivered", refuse=NotDelivered, state=self.State.KEPT, ended_at=now, unconfirmed=False)
        self.tell(Kind.ACCEPTED, by=by, contact=contact, at=now, how=how, **{"from": "active"})

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
        done_at = self.done_at
        self._change("delivered", refuse=NotDelivered, state=self.State.ACTIVE, done_at=None, delivered_at=None)
        self.tell(
            Kind.DISPUTED, by=by, contact=contact, at=now, note=words, done_at=done_at and done_at.isoformat(),
            **{"from": "delivered"},
        )  # fmt: skip

    def _check_done_at(self, done_at, now):
        if done_at > now or self.calendar.working_days(done_at, now) > DONE_AT_MOST_BACK:
            raise TooFarBack(self)
        if done_at < self.agreed_at and not self.moves:
            raise TooFarBack(self)
        # What was disputed was not done: the new delivery is later than the dispute.
        disputed = self.events.filter(kind=Kind.DISPUTED).order_by("-at").values_list("at", flat=True).first()
        if disputed and done_at < disputed:
            raise TooFarBack(self)

    # ---------------------------------------------------------------- not done

    @transaction.atomic
    def withdraw(self, *, by, now, reason, note="", contact=None):
        """The promisor takes it back and has told the promisee; how early is measured like a move."""
        if not reason:
            raise ReasonMissing(self)
        how_early = self.timing_of(now)
        self._end(self.State.WITHDRAWN, now, withdrawn_timing=how_early, reason=reason)
        self.tell(
            Kind.WITHDRAWN,
            by=by,
            contact=contact,
            at=now,
            note=note,
            reason=reason,
            timing=how_early,
            **{"from": "active"},
        )

    @transaction.atomic
    def release(self, *, by, now, note="", contact=None):
        """The promisee no longer needs it."""
        self._end(self.State.RELEASED, now)
        self.tell(Kind.RELEASED, by=by, contact=contact, at=now, note=note, **{"from": "active"})

    @transaction.atomic
    def break_(self, *, by, now, reason, note=""):
        """It will not be done, and nobody was told in time. `by` None: so late that the clock says so."""
        if by and not reason:
            raise ReasonMissing(self)
        where = {} if by else {"due_at": self.due_at}
        self._end(self.State.BROKEN, now, where=where, reason=reason or self.reason)
        late = {} if by else {"days": self.calendar.working_days(self.due_at, now)}
        self.tell(Kind.BROKEN, by=by, at=now, note=note, reason=reason, **late, **{"from": "active"})

    @transaction.atomic
    def make_good(self, *, by, now, note=""):
        """Done after all. It stays broken."""
        self._change("broken", refuse=NotNow, where={"made_good_at": None}, made_good_at=now)
        self.tell(Kind.MADE_GOOD, by=by, at=now, note=note)

    def _end(self, state, now, where=None, **fields):
        self._change("active", where=where, state=state, ended_at=now, **fields)
        self._drop_open_request(now)

    def _drop_open_request(self, now):
        self.renegotiations.filter(state="asked").update(state="taken_back", decided_at=now)

    # ---------------------------------------------------------------- back again

    def can_be_reopened(self, user, now):
        ended = self.ended_at and not self.is_open
        return bool(user.is_manager and ended and self.calendar.working_days(self.ended_at, now) <= REOPEN_WITHIN)

    @transaction.atomic
    def reopen(self, *, by, now, note=""):
        """A manager opens an ended promise again, within five working days."""
        if not by.is_manager:
            raise NotAllowed(self)
        if not self.can_be_reopened(by, now):
            raise NotNow(self)
        self._back_to("active", by=by, now=now, note=note)

    def last_act(self):
        """The newest event that changed the state, if undoing it makes sense."""
        event = (
            self.events.filter(kind__in=[*ENDINGS, Kind.REOPENED, Kind.SILENCE, Kind.DISPUTED])
            .order_by("-at", "-pk")
            .first()
        )
        return event if event and event.kind in ENDINGS else None

    def can_be_undone(self, user, now):
        event = None if self.is_active else self.last_act()
        return bool(event and event.by_id == user.pk and now - event.at <= UNDO)

    @transaction.atomic
    def undo(self, *, by, now):
        """Take back one's own last act, within a day. The story keeps both."""
        event = self.last_act()
        if self.is_active or not event or event.by_id != by.pk or now - event.at > UNDO:
            raise NotNow(self)
        self._back_to(event.data.get("from", "active"), by=by, now=now, undo=event.pk)

    def _back_to(self, state, *, by, now, note="", **data):
        was = self.state
        fields = {"state": state, "ended_at": None, "unconfirmed": False, "withdrawn_timing": "", "made_good_at": None}
        if state == "active":
            fields |= {"done_at": None, "delivered_at": None, "reason": ""}
        self._change(was, refuse=NotNow, **fields)
        self.tell(Kind.REOPENED, by=by, at=now, note=note, was=was, **data)

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
        self.tell(Kind.HANDED_OVER, by=by, at=now, note=note, was=old.public_id, to=to.public_id, name=to.name)

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
        limit = 2 * (workspace or Workspace.current()).broken_after_days
        return self.is_overdue(now) and self.calendar.working_days(self.due_at, now) >= limit

    def silence_is_over(self, now, workspace=None):
        limit = (workspace or Workspace.current()).silence_days
        return self.is_delivered and self.owner.calendar().working_days(self.delivered_at, now) > limit

    def silence_ends_on(self, workspace=None):
        """The last day on which the other side can still object before silence makes it kept."""
        calendar = self.owner.calendar()
        limit = (workspace or Workspace.current()).silence_days
        return calendar.working_day_after(calendar.local_date(self.delivered_at), limit)
