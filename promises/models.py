"""Promises, what happened to them, and how their terms were moved."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id
from clients.models import Client, Contact, Interaction


def new_promise_id():
    return new_public_id("w")


class Reason(models.TextChoices):
    """Why a promise was late, broken or moved."""

    PROMISED_TOO_MUCH = "promised_too_much", _("We promised too much")
    WAITED_ON_CLIENT = "waited_on_client", _("Waited on the client")
    WAITED_ON_US = "waited_on_us", _("Waited on somebody of ours")
    THIRD_PARTY = "third_party", _("A third party")
    PRIORITIES = "priorities", _("Priorities changed")
    UNCLEAR = "unclear", _("Unclear what done means")
    FORGOT = "forgot", _("Forgot")
    ABSENCE = "absence", _("Absence")
    SCOPE_GREW = "scope_grew", _("The scope grew")


class AgreedHow(models.TextChoices):
    """How the other side said yes."""

    CALL = "call", _("In a call")
    MEETING = "meeting", _("In a meeting")
    WRITTEN = "written", _("In writing")
    CLICK = "click", _("On their page")


class PromiseQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(client__in=Client.objects.visible_to(user))

    def writable_by(self, user):
        return self.filter(client__in=Client.objects.writable_by(user))

    def active(self):
        return self.filter(state=Promise.State.ACTIVE)

    def ours(self):
        return self.filter(direction=Promise.Direction.OURS)

    def theirs(self):
        return self.filter(direction=Promise.Direction.THEIRS)

    def overdue(self, now):
        return self.active().filter(due_at__lt=now)

    def with_people(self):
        return self.select_related(
            "client", "owner", "promisor_user", "promisor_contact", "promisee_user", "promisee_contact"
        )


class Promise(models.Model):
    """What one side told the other it would do by a moment; one of us answers for it."""

    class Direction(models.TextChoices):
        OURS = "ours", _("We promised")
        THEIRS = "theirs", _("They promised")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("Open")
        DELIVERED = "delivered", _("Delivered, not yet accepted")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RELEASED = "released", _("Released")
        DECLINED = "declined", _("Declined")

    class Importance(models.TextChoices):
        NORMAL = "normal", _("Normal")
        CRITICAL = "critical", _("Critical")

    public_id = models.CharField(max_length=16, unique=True, default=new_promise_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="promises")
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices, default=Direction.OURS)
    # Exactly one promisor and one promisee, on opposite sides (held by a constraint).
    promisor_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="promises_made")
    promisor_contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="promises_made")
    promisee_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="promises_received")
    promisee_contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="promises_received")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="promises", verbose_name=_("owner"))
    what = models.CharField(_("what"), max_length=300)
    done_when = models.CharField(_("done when"), max_length=500, blank=True)
    importance = models.CharField(_("importance"), max_length=8, choices=Importance.choices, default=Importance.NORMAL)

    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    # The terms in force. The due date of an active promise moves only by an accepted renegotiation.
    due_date = models.DateField(_("due"))
    due_time = models.TimeField(_("time"), null=True, blank=True)
    due_zone = models.CharField(_("time zone"), max_length=64)
    due_at = models.DateTimeField(editable=False)
    agreed_at = models.DateTimeField(default=timezone.now)  # acceptance of the terms in force
    agreed_how = models.CharField(_("how it was agreed"), max_length=8, choices=AgreedHow.choices, default=AgreedHow.CALL)
    first_due_at = models.DateTimeField(editable=False)  # D0, the first agreed due

    done_at = models.DateTimeField(null=True, blank=True)  # of the delivery last claimed
    delivered_at = models.DateTimeField(null=True, blank=True)  # when that was said
    ended_at = models.DateTimeField(null=True, blank=True)
    unconfirmed = models.BooleanField(default=False)  # kept because nobody said otherwise
    withdrawn_timing = models.CharField(max_length=12, blank=True)  # early, last_minute or after_fact
    made_good_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)

    origin_interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, blank=True, related_name="promises")
    external_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    overdue_flagged_at = models.DateTimeField(null=True, blank=True, editable=False)  # claimed by the scan; the event tells
    version = models.PositiveIntegerField(default=1)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="active"), name="promise_active_due"),
            models.Index(fields=["due_at"], condition=Q(state="active", overdue_flagged_at=None), name="promise_to_flag"),
            models.Index(fields=["owner", "state", "due_at"], name="promise_by_owner"),
            models.Index(fields=["client", "state", "due_at"], name="promise_by_client"),
            models.Index(fields=["state", "due_at", "id"], name="promise_by_state"),
            models.Index(fields=["delivered_at"], condition=Q(state="delivered"), name="promise_awaiting_word"),
        ]
        constraints = [
            models.CheckConstraint(
                name="promise_two_sides",
                condition=Q(direction="ours", promisor_user__isnull=False, promisor_contact=None, promisee_user=None)
                | Q(direction="theirs", promisor_user=None, promisee_user__isnull=False, promisee_contact=None),
            ),
        ]

    def __str__(self):
        return self.what

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("promise", args=[self.public_id])


class PromiseEvent(models.Model):
    """One thing that happened to a promise; append-only, together they are its story."""

    class Kind(models.TextChoices):
        MADE = "made", _("made")
        CORRECTED = "corrected", _("corrected")
        DELIVERED = "delivered", _("delivered")
        ACCEPTED = "accepted", _("accepted")
        SILENCE = "silence", _("kept, nobody objected")
        DISPUTED = "disputed", _("disputed")
        MOVE_ASKED = "move_asked", _("asked to move")
        MOVED = "moved", _("moved")
        MOVE_REFUSED = "move_refused", _("move refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        RELEASED = "released", _("released")
        DECLINED = "declined", _("declined")
        BROKEN = "broken", _("broken")
        MADE_GOOD = "made_good", _("made good")
        REOPENED = "reopened", _("reopened")
        OVERDUE = "overdue", _("overdue flagged")
        HANDED_OVER = "handed_over", _("handed over")
        COMMENT = "comment", _("comment")

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")  # null: the clock
    by_contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, max_length=2000)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["promise", "at"], name="promise_event_story")]

    def __str__(self):
        return f"{self.promise}: {self.get_kind_display()}"


class Renegotiation(models.Model):
    """A request to move the terms of an active promise. The old terms bind until the other side accepts."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        TAKEN_BACK = "taken_back", _("Taken back")

    class Timing(models.TextChoices):
        EARLY = "early", _("early")
        LAST_MINUTE = "last_minute", _("last-minute")
        AFTER_FACT = "after_fact", _("after the fact")

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="renegotiations")
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
