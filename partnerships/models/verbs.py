"""What can be done about a concern. Each verb is a conditional UPDATE and an event, in one transaction.

The mails that go with some of them are written by the rooms' own functions around these (talks.py, cleared.py).
"""

from django.db import models, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from accounts import changes
from accounts.models import Workspace
from partnerships import targets
from partnerships.models.events import ConcernEvent

Kind = ConcernEvent.Kind


class NotInThisState(Exception):
    """Somebody moved it on before."""


class Verbs:
    """The verbs of a concern."""

    @classmethod
    @transaction.atomic
    def open(cls, client, *, by, now, asked_for_call=False, **fields):
        """Write it down. `by` is None when the clock did; then the lead stands for who opened it.

        Its targets are set in the working time of whoever leads it; a nuisance has none.
        """
        leader = fields.get("lead") or client.owner
        if fields.get("severity") != cls.Severity.MINOR:
            contact, talk = targets.due_dates(leader, now=now, asked_for_call=asked_for_call)
            fields = {"contact_due_at": contact, "talk_due_at": talk, **fields}
        concern = cls.objects.create(client=client, opened_by=by or leader, opened_at=now, **fields)
        concern.tell(Kind.OPENED, by=by, now=now)
        concern.note_recurrence(now=now)
        return concern

    def _move(self, *, among, seen=None, **fields):
        """A conditional UPDATE: when two people act at once, the second is told. `seen` is the version they read."""
        rows = type(self).objects.filter(pk=self.pk, state__in=among)
        if seen:
            rows = rows.filter(version=seen)
        changes.begin(self)
        if not rows.update(version=F("version") + 1, **fields):
            raise NotInThisState(self)
        self.refresh_from_db()
        changes.note(self)

    # ---------------------------------------------------------------- book

    @transaction.atomic
    def plan_talk(self, *, at, where, people, by, now, minutes=60, lead=None, second=None, seen=None):
        """Set or move the day we talk. Whoever plans a talk with them has spoken with them."""
        before = self.leader
        self._move(
            among=[self.State.OPEN, self.State.TALKING, self.State.AGREED],
            seen=seen,
            state=self.State.TALKING,
            talk_at=at,
            talk_minutes=minutes,
            talk_where=where,
            talk_sequence=Case(When(talk_at=None, talk_sequence=0, then=Value(0)), default=F("talk_sequence") + 1),
            first_contact_at=Coalesce("first_contact_at", Value(now), output_field=models.DateTimeField()),
            escalated_at=self._escalated_still(),
            **({"lead": lead} if lead else {}),
            second=second,
        )
        self.talk_with.set(people)
        self.tell(Kind.TALK_PLANNED, by=by, now=now, note=where)
        self.tell_handover(before, by=by, now=now)

    @transaction.atomic
    def take_talk_back(self, *, by, now, seen=None):
        """The talk is off. It goes back to where it was before."""
        state, at = self.State.AGREED if self.talk_held_at else self.State.OPEN, self.talk_at
        self._move(
            among=[self.State.TALKING], seen=seen, state=state, talk_at=None, talk_sequence=F("talk_sequence") + 1
        )
        self.tell(Kind.TALK_OFF, by=by, now=now, note=at.isoformat() if at else "")

    @transaction.atomic
    def note_contact(self, *, at, by, now):
        """Somebody spoke with them. False when that was known."""
        rows = type(self).objects.unresolved().filter(pk=self.pk, first_contact_at=None)
        if not rows.update(first_contact_at=at, escalated_at=None, version=F("version") + 1):
            return False
        self.refresh_from_db()
        changes.note(self)
        self.tell(Kind.CONTACTED, by=by, now=at)
        return True

    @staticmethod
    def _escalated_still():
        """The first contact answers what was escalated for want of it; a late talk is escalated by itself."""
        return Case(When(first_contact_at=None, then=Value(None)), default=F("escalated_at"))

    # ---------------------------------------------------------------- hold

    @transaction.atomic
    def hold(self, *, held_at, they_said, by, now, not_known="", ended="", next_check_on=None, promises=(), seen=None):
        """The talk was held: what they said, what is promised now, and how it ended."""
        self._move(
            among=[self.State.OPEN, self.State.TALKING, self.State.AGREED],
            seen=seen,
            state=self.State.AGREED,
            talk_held_at=held_at,
            first_contact_at=Coalesce("first_contact_at", Value(held_at), output_field=models.DateTimeField()),
            they_said=they_said,
            not_known=not_known,
            ended=ended,
            next_check_on=next_check_on,
        )
        self.promises.add(*promises)
        self.tell(Kind.HELD, by=by, now=held_at, note=they_said)

    # ---------------------------------------------------------------- follow

    @transaction.atomic
    def resolve(self, *, outcome, promises, no_promise_because, by, now, seen=None, **why):
        """Resolved needs what came of it, and either a promise or the reason why none.

        `why`: cause_kind, cause and prevention, where they are said now. Raises ValueError when neither a promise nor
        a reason is given: a form asks before.
        """
        promises = list(promises)
        if not outcome or not (promises or no_promise_because):
            raise ValueError("An outcome and a promise, or the reason why none, are needed.")
        self._move(
            among=[self.State.OPEN, self.State.TALKING, self.State.AGREED],
            seen=seen,
            state=self.State.RESOLVED,
            outcome=outcome,
            no_promise_because=no_promise_because,
            resolved_at=now,
            ask_on=targets.ask_on(self.leader, now=now),
            asked_at=None,
            cleared="",
            cleared_words="",
            cleared_at=None,
            cleared_by=None,
            **why,
        )
        self.promises.set(promises)
        self.tell(Kind.RESOLVED, by=by, now=now, note=outcome)
        self.note_recurrence(now=now)

    @transaction.atomic
    def reopen(self, *, by, now, note, contact=None):
        """It is not cleared up after all: it needs another talk, with targets of its own."""
        contact_due, talk_due = targets.due_dates(self.leader, now=now, asked_for_call=False)
        self._move(
            among=[self.State.RESOLVED, self.State.VERIFIED],
            state=self.State.OPEN,
            resolved_at=None,
            ask_on=None,
            talk_at=None,
            talk_held_at=None,
            first_contact_at=None,
            escalated_at=None,
            contact_due_at=contact_due,
            talk_due_at=talk_due,
        )
        self.tell(Kind.REOPENED, by=by, now=now, note=note, contact=contact)

    @transaction.atomic
    def answer(self, cleared, *, words, contact, now):
        """They say whether it is cleared up. True when that is news.

        Yes closes it for good, anything else opens it again; where we have moved on since, only their words are kept.
        """
        rows = type(self).objects.filter(pk=self.pk, asked_at__isnull=False)
        same = rows.filter(cleared=cleared, cleared_words=words)
        if same.exists() or not rows.update(
            cleared=cleared, cleared_words=words, cleared_at=now, cleared_by=contact, version=F("version") + 1
        ):
            return False
        self.refresh_from_db()
        changes.note(self)
        self.tell(Kind.ANSWERED, by=None, now=now, note=words, contact=contact)
        try:
            if cleared == self.Cleared.YES:
                self._verify(contact=contact, now=now)
            else:
                self.reopen(by=None, now=now, note=words, contact=contact)
        except NotInThisState:
            pass
        return True

    def _verify(self, *, contact, now):
        resolved_at = Coalesce("resolved_at", Value(now), output_field=models.DateTimeField())
        self._move(among=[self.State.OPEN, self.State.RESOLVED], state=self.State.VERIFIED, resolved_at=resolved_at)
        self.tell(Kind.VERIFIED, by=None, now=now, contact=contact)

    # ---------------------------------------------------------------- beside the state

    @transaction.atomic
    def hand_over(self, *, to, by, now):
        """Another of us leads it from now on."""
        before = self.leader
        self._move(among=self.State.values, lead=to)
        self.tell_handover(before, by=by, now=now)

    def tell_handover(self, before, *, by, now):
        if self.leader.pk != before.pk:
            self.tell(Kind.HANDED_OVER, by=by, now=now, note=self.leader.name)

    @transaction.atomic
    def escalate(self, *, now):
        """It is out of time for long: the managers hear of it. False when they did."""
        if not type(self).objects.overdue(now).filter(pk=self.pk, escalated_at=None).update(escalated_at=now):
            return False
        self.escalated_at = now
        self.tell(Kind.ESCALATED, by=None, now=now)
        return True

    def note_recurrence(self, *, now):
        """Link it to the last one with the same kind of cause at this client; anew whenever the cause is told."""
        earlier = None
        if self.cause_kind and self.cause_kind != self.CauseKind.OTHER:
            since = targets.months_before(self.opened_at, Workspace.current().recurrence_months)
            found = self.client.concerns.filter(cause_kind=self.cause_kind, opened_at__gte=since)
            before = models.Q(opened_at__lt=self.opened_at) | models.Q(opened_at=self.opened_at, pk__lt=self.pk)
            earlier = found.filter(before).order_by("-opened_at", "-pk").first()
        if earlier == self.recurrence_of:
            return
        type(self).objects.filter(pk=self.pk).update(recurrence_of=earlier)
        self.refresh_from_db(fields=["recurrence_of"])
        changes.note(self)
        if earlier:
            self.tell(Kind.RECURRENCE, by=None, now=now, note=earlier.public_id)

    def tell(self, kind, *, by, now, note="", contact=None):
        return self.events.create(kind=kind, by=by, by_contact=contact, at=now, note=note)
