"""Asking for other terms of a promise that is agreed."""

from django.db import IntegrityError, transaction

from promises.models.event import PromiseEvent
from promises.models.telling import Telling
from promises.models.words import AlreadyAsked, DateInThePast, NotActive, ReasonMissing, SameTerms
from promises.notice import timing

Kind = PromiseEvent.Kind


class Moving(Telling):
    """The due of an active promise moves only by a Renegotiation the other side accepts."""

    @transaction.atomic
    def ask_to_move(self, *, by, terms, reason, now, words="", contact=None):
        """Ask for other terms. The old ones bind until the other side accepts. Gives the Renegotiation.

        `contact`: it was they who asked, by a click (`by` None) or in words one of us wrote down. Its timing is
        measured now, against the terms in force and the promisor's calendar.
        """
        if not reason:
            raise ReasonMissing(self)
        if terms.at <= now:
            raise DateInThePast(self)
        self._only_if(True, by=by, contact=contact)
        self._lock()
        if not self.is_active:
            raise NotActive(self)
        if terms.at == self.due_at:
            raise SameTerms(self)
        how_early = self.timing_of(now)
        move = self._ask(
            terms, how_early, asked_by=by, asked_by_contact=contact, asked_at=now, reason=reason, words=words
        )
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
        return timing(self.agreed_at, self.due_at, moment, self.calendar, **self.early_rule)

    def open_request(self):
        """The request to move that waits for an answer, or None."""
        return self.renegotiations.filter(state="asked").select_related("answers").first()

    def _ask(self, terms, how_early, **asked):
        try:
            with transaction.atomic():
                return self.renegotiations.create(
                    timing=how_early, old_due_at=self.due_at, new_due_date=terms.date, new_due_time=terms.time,
                    new_due_zone=terms.zone, new_due_at=terms.at, **asked,
                )  # fmt: skip
        except IntegrityError as error:
            raise AlreadyAsked(self) from error

    def _drop_open_request(self, now):
        """What ends takes the open request with it. Gives its id, so that undoing brings it back."""
        dropped = self.renegotiations.filter(state="asked").values_list("pk", flat=True).first()
        if dropped:
            self.renegotiations.filter(pk=dropped, state="asked").update(state="taken_back", decided_at=now)
        return {"dropped": dropped} if dropped else {}

    def _lock(self):
        """Read the row again and hold it, where the database can. Others may still add to its story meanwhile."""
        names = ("state", "due_at", "agreed_at", "first_asked", "missed_at")
        fresh = type(self).objects.select_for_update(no_key=True).only(*names).get(pk=self.pk)
        for name in names:
            setattr(self, name, getattr(fresh, name))
