"""How the terms of a promise are moved."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clients.models import Contact
from promises.models import words
from promises.models.event import PromiseEvent
from promises.models.terms import Terms
from promises.models.words import (
    AgreedHow,
    DateGone,
    DateInThePast,
    HowMissing,
    NotActive,
    NotAsked,
    NotYours,
    Reason,
    SameTerms,
)


class Renegotiation(models.Model):
    """A request to move the terms of an active promise. The old terms bind until the other side accepts."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        TAKEN_BACK = "taken_back", _("Taken back")
        COUNTERED = "countered", _("Answered with another offer")

    Timing = words.Timing

    promise = models.ForeignKey("Promise", models.CASCADE, related_name="renegotiations")
    # The request this one answers with other terms.
    answers = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="counter_offer")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    timing = models.CharField(max_length=12, choices=Timing.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by_contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    old_due_at = models.DateTimeField()
    new_due_date = models.DateField(_("new date"))
    new_due_time = models.TimeField(_("time"), null=True, blank=True)
    new_due_zone = models.CharField(max_length=64)
    new_due_at = models.DateTimeField()
    reason = models.CharField(_("why"), max_length=20, choices=Reason.choices)
    words = models.CharField(_("in a few words"), max_length=500, blank=True)
    # Who decided it: their person, and which of us wrote it down.
    agreed_by_contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_how = models.CharField(max_length=8, choices=AgreedHow.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["promise"], condition=Q(state="asked"), name="one_open_renegotiation"),
            models.CheckConstraint(condition=~Q(new_due_at=F("old_due_at")), name="renegotiation_moves"),
        ]

    def __str__(self):
        return f"{self.promise}: {self.old_due_at} → {self.new_due_at}"

    @property
    def is_early(self):
        return self.timing == self.Timing.EARLY

    @property
    def asked_by_them(self):
        """By a click, or in words one of us wrote down; a counter-offer comes from the side that answered."""
        if self.answers_id:
            return not self.answers.asked_by_them
        return self.asked_by_id is None or self.asked_by_contact_id is not None

    @property
    def waits_for_us(self):
        return self.state == self.State.ASKED and self.asked_by_them

    @property
    def asker(self):
        person = self.asked_by_contact if self.asked_by_them else self.asked_by
        return person.name if person else self.promise.client.name

    @property
    def new_terms(self):
        return Terms(self.new_due_date, self.new_due_time, self.new_due_zone)

    @transaction.atomic
    def accept(self, *, by, now, how="", contact=None, note=""):
        """The other side said yes: who, how and when. The new terms bind from this moment; the first due stays.

        Their yes is a click (`by` None, the contact) or their word one of us wrote down, with how. A due that has
        passed by now stays on the record: see `Promise.missed_at`.
        """
        self._only_the_other_side(by=by, contact=contact)
        contact = None if self.asked_by_them else contact
        if by and not how and not self.asked_by_them:
            raise HowMissing(self.promise)
        if self.new_due_at <= now:
            raise DateGone(self.promise)
        how = how or (AgreedHow.CLICK if by is None or self.asked_by_id is None else AgreedHow.WRITTEN)
        self._decide(self.State.ACCEPTED, now=now, agreed_by=by, agreed_by_contact=contact, agreed_how=how)
        fields = {**self.new_terms.fields, "agreed_at": now, "agreed_how": how, "overdue_flagged_at": None}
        fields |= {"snoozed_until": None}
        if not self.is_early:
            fields["moved_not_early"] = True
        promises = type(self.promise).objects.filter(pk=self.promise_id, state="active", due_at=self.old_due_at)
        if self.old_due_at < now:
            fields["missed_at"] = Coalesce("missed_at", "due_at")
        if not promises.update(moves=F("moves") + 1, version=F("version") + 1, **fields):
            raise NotActive(self.promise)
        self.promise.tell(
            PromiseEvent.Kind.MOVED, by=by, contact=contact, at=now, note=note, how=how, timing=self.timing,
            reason=self.reason, old=self.old_due_at.isoformat(), new=self.new_due_at.isoformat(),
            **self._whose_answer(),
        )  # fmt: skip
        self._read_promise_again()

    @transaction.atomic
    def refuse(self, *, by, now, contact=None, note="", how=""):
        """The other side said no: the old terms bind on."""
        self._only_the_other_side(by=by, contact=contact)
        self._decide(self.State.REFUSED, now=now, agreed_by=by, agreed_by_contact=contact, agreed_how=how)
        self.promise.tell(
            PromiseEvent.Kind.MOVE_REFUSED, by=by, contact=contact, at=now, note=note, how=how, **self._whose_answer()
        )

    @transaction.atomic
    def counter(self, *, by, now, terms, words="", contact=None, how=""):
        """Not that date, but this one. Gives the new request, asked by the side that answered.

        The old terms bind on, and what the first request of the chain was, early or not, the answer is too: who asked
        in time does not lose that because the other side took its time.
        """
        self._only_the_other_side(by=by, contact=contact)
        promise = self.promise
        if terms.at <= now:
            raise DateInThePast(promise)
        if terms.at == self.old_due_at:
            raise SameTerms(promise)
        if terms.at == self.new_due_at:
            raise SameTerms(promise, _("That is the date they asked for. Accept it, or offer another one."))
        self._decide(self.State.COUNTERED, now=now, agreed_by=by, agreed_by_contact=contact, agreed_how=how)
        if not promise.is_active or promise.due_at != self.old_due_at:
            raise NotActive(promise)
        answer = promise._ask(
            terms, self.timing, asked_by=by, asked_by_contact=contact, asked_at=now, reason=self.reason, words=words,
            answers=self,
        )  # fmt: skip
        promise.tell(
            PromiseEvent.Kind.COUNTERED, by=by, contact=contact, at=now, note=words, how=how,
            old=self.new_due_at.isoformat(), new=terms.at.isoformat(), **self._whose_answer(),
        )  # fmt: skip
        return answer

    @transaction.atomic
    def take_back(self, *, by, now, contact=None, note=""):
        """The side that asked asks no longer."""
        if by is None and (contact is None or not self.asked_by_them):
            raise NotYours(self.promise)
        self._decide(self.State.TAKEN_BACK, now=now)
        self.promise.tell(PromiseEvent.Kind.MOVE_TAKEN_BACK, by=by, contact=contact, at=now, note=note)

    def _whose_answer(self):
        return {"ours": True} if self.asked_by_them else {}

    def _only_the_other_side(self, *, by, contact):
        """Nobody answers what they asked themselves."""
        is_click = by is None
        if is_click and (contact is None or self.asked_by_them or contact.client_id != self.promise.client_id):
            raise NotYours(self.promise)

    def _decide(self, state, *, now, **fields):
        self.promise._lock()  # first the promise, as every verb does: two who lock crosswise wait for each other
        changed = Renegotiation.objects.filter(pk=self.pk, state=self.State.ASKED).update(
            state=state, decided_at=now, **fields
        )
        if not changed:
            raise NotAsked(self.promise)
        self.refresh_from_db(fields=["state", "decided_at", *fields])

    def _read_promise_again(self):
        self.promise.__dict__.pop("calendar", None)
        self.promise.refresh_from_db()
