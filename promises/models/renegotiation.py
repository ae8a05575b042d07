"""How the terms of a promise are moved."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models import Contact
from promises.models import words
from promises.models.event import PromiseEvent
from promises.models.words import AgreedHow, NotActive, NotNow, Reason


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

    def _decide(self, state, *, now, **fields):
        changed = Renegotiation.objects.filter(pk=self.pk, state=self.State.ASKED).update(
            state=state, decided_at=now, **fields
        )
        if not changed:
            raise NotNow(self.promise)
        self.refresh_from_db(fields=["state", "decided_at", *fields])

    @transaction.atomic
    def accept(self, *, by, now, how, contact=None, note=""):
        """The other side said yes: who, how and when. The new terms bind from this moment; the first due stays."""
        self._decide(self.State.ACCEPTED, now=now, agreed_by=by, agreed_by_contact=contact, agreed_how=how)
        fields = {"agreed_at": now, "agreed_how": how, "overdue_flagged_at": None}
        if not self.is_early:
            fields["moved_not_early"] = True
        changed = type(self.promise).objects.filter(pk=self.promise_id, state="active", due_at=self.old_due_at).update(
            due_date=self.new_due_date, due_time=self.new_due_time, due_zone=self.new_due_zone, due_at=self.new_due_at,
            moves=F("moves") + 1, version=F("version") + 1, **fields,
        )  # fmt: skip
        if not changed:
            raise NotActive(self.promise)
        self.promise.tell(
            PromiseEvent.Kind.MOVED, by=by, contact=contact, at=now, note=note, how=how, timing=self.timing,
            reason=self.reason, old=self.old_due_at.isoformat(), new=self.new_due_at.isoformat(),
        )  # fmt: skip
        self.promise.refresh_from_db()

    @transaction.atomic
    def refuse(self, *, by, now, contact=None, note=""):
        """The other side said no: the old terms bind on."""
        self._decide(self.State.REFUSED, now=now, agreed_by=by, agreed_by_contact=contact)
        self.promise.tell(PromiseEvent.Kind.MOVE_REFUSED, by=by, contact=contact, at=now, note=note)

    @transaction.atomic
    def take_back(self, *, by, now):
        self._decide(self.State.TAKEN_BACK, now=now)
        self.promise.tell(PromiseEvent.Kind.MOVE_TAKEN_BACK, by=by, at=now)
