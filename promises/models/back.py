"""Back again: what a manager opens, and what an author takes back within a day."""

from datetime import date, datetime, timedelta

from django.db import transaction

from promises.models.event import PromiseEvent
from promises.models.telling import Telling
from promises.models.words import NotAllowed, NotNow

UNDO = timedelta(hours=24)
REOPEN_WITHIN = 5  # working days

Kind = PromiseEvent.Kind
ENDINGS = (Kind.DELIVERED, Kind.ACCEPTED, Kind.WITHDRAWN, Kind.RELEASED, Kind.BROKEN, Kind.DECLINED)
UNDONE = (*ENDINGS, Kind.DISPUTED)
TURNS = (*UNDONE, Kind.REOPENED, Kind.SILENCE, Kind.AGREED, Kind.MOVED)


class BackAgain(Telling):
    """An undo says the act was a mistake and restores what was; a reopening says the end was one, and keeps it."""

    def can_be_reopened(self, user, now):
        ended = self.ended_at and not self.is_open
        return bool(user.is_manager and ended and self.calendar.working_days(self.ended_at, now) <= REOPEN_WITHIN)

    @transaction.atomic
    def reopen(self, *, by, now, note=""):
        """A manager opens an ended promise again, within five working days. What was never agreed is an offer again.

        What is opened again was not done: a new delivery is later than this moment.
        """
        if not by.is_manager:
            raise NotAllowed(self)
        if not self.can_be_reopened(by, now):
            raise NotNow(self)
        event = self.last_act()
        agreed = event and event.data.get("from") == self.State.ACTIVE  # a slip, taken back
        offered = self.state == self.State.DECLINED and not agreed
        self._back_to(self.State.PROPOSED if offered else self.State.ACTIVE, event=event, by=by, now=now, note=note)

    def last_act(self):
        """The newest event that changed the state, if undoing it makes sense."""
        turns = self.told(TURNS)
        return turns[-1] if turns and turns[-1].kind in UNDONE else None

    def can_be_undone(self, user, now):
        return bool(self._own_last_act(user, now))

    def _own_last_act(self, user, now):
        """What this person did last, a day ago at most, and the promise still stands as it left it."""
        event = None if self.is_proposed else self.last_act()
        if not event or event.by_id != user.pk or now - event.at > UNDO:
            return None
        return event if self.is_active == (event.kind == Kind.DISPUTED) else None

    @transaction.atomic
    def undo(self, *, by, now):
        """Take back one's own last act, within a day. The story keeps both."""
        event = self._own_last_act(by, now)
        if not event:
            raise NotNow(self)
        self._back_to(event.data.get("from", "active"), event=event, by=by, now=now, undo=event.pk)
        if dropped := event.data.get("dropped"):
            self.renegotiations.filter(pk=dropped, state="taken_back").update(state="asked", decided_at=None)

    def _back_to(self, state, *, event, by, now, note="", **data):
        was = self.state
        fields = {"state": state, "ended_at": None, "unconfirmed": False, "withdrawn_timing": "", "made_good_at": None}
        if state == self.State.ACTIVE:
            fields |= {"done_at": None, "delivered_at": None, "reason": ""}
        if event and event.kind == Kind.DISPUTED:
            self._drop_open_request(now)
            fields |= {name: datetime.fromisoformat(event.data[name]) for name in ("done_at", "delivered_at")}
        if state == self.State.PROPOSED:
            told = event.data if event else {}
            fields["offered_by"] = told.get("offered_by") or self.direction
            day = told.get("answer_was_by")
            fields["answer_by"] = date.fromisoformat(day) if day else None
        where = {"ended_at": self.ended_at, "delivered_at": self.delivered_at}
        self._change(was, refuse=NotNow, where=where, **fields)
        self.tell(Kind.REOPENED, by=by, at=now, note=note, was=was, **data)
