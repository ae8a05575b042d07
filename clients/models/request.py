"""A client's question: who asked what and when, who is to answer by when, and how it was answered."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import new_public_id
from accounts.quick import path_to
from accounts.remembered import Remembered
from clients.models.client import Client
from clients.models.contact import Contact
from clients.models.interaction import Interaction
from clients.models.request_verbs import Answering, Asking
from clients.names import searchable


def new_request_id():
    return new_public_id("q")


class RequestQuerySet(Asking, Remembered, models.QuerySet):
    def visible_to(self, user):
        return self if user.is_manager else self.exclude(client__in=Client.objects.hidden_from(user))

    def writable_by(self, user):
        return self if user.is_manager else self.filter(client__in=Client.objects.writable_by(user))

    def kept(self):
        return self.filter(deleted_at=None)

    def waiting(self):
        """They spoke last and nobody of us has answered."""
        return self.kept().filter(waiting_since__isnull=False)

    def overdue(self, now):
        return self.waiting().filter(answer_due_at__lt=now)


class Request(Answering, models.Model):
    """A question of a client. The clock runs while they spoke last: `waiting_since` is when they did.

    Waiting, due soon and overdue are computed; what is stored is that we flagged it (an event).
    """

    class Channel(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        EMAIL = "email", _("E-mail")
        MESSAGE = "message", _("Message")
        SURVEY = "survey", _("Survey")
        OTHER = "other", _("Another way")

    class Urgency(models.TextChoices):
        NORMAL = "normal", _("Normal")
        URGENT = "urgent", _("Urgent")

    class Closed(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        NO_REPLY = "no_reply", _("No reply needed")

    public_id = models.CharField(max_length=16, unique=True, default=new_request_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="requests")
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="requests", verbose_name=_("who asked")
    )
    channel = models.CharField(_("how they asked"), max_length=8, choices=Channel.choices, default=Channel.CALL)
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency.choices, default=Urgency.NORMAL)
    text = models.TextField(_("what they ask"), max_length=5000)
    search_text = models.TextField(editable=False, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="requests", verbose_name=_("who answers")
    )
    asked_at = models.DateTimeField(_("asked at"))
    first_due_at = models.DateTimeField(editable=False)  # by the target in force when it was asked
    waiting_since = models.DateTimeField(null=True, blank=True, editable=False)
    answer_due_at = models.DateTimeField(null=True, blank=True, editable=False)  # of the wait that goes on now
    first_answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_answer = models.ForeignKey(
        Interaction, models.SET_NULL, null=True, blank=True, editable=False, related_name="answers"
    )
    answer_minutes = models.PositiveIntegerField(null=True, blank=True, editable=False)  # working time, first answer
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_how = models.CharField(max_length=8, choices=Closed.choices, blank=True, editable=False)
    closed_why = models.CharField(_("why no reply is needed"), max_length=300, blank=True)
    origin_interaction = models.ForeignKey(
        Interaction, models.SET_NULL, null=True, blank=True, editable=False, related_name="requests"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Claimed by the scans; the events tell. Of the wait that goes on now.
    soon_flagged_at = models.DateTimeField(null=True, blank=True, editable=False)
    overdue_flagged_at = models.DateTimeField(null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["search_text"])

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(
                fields=["answer_due_at", "id"],
                condition=Q(waiting_since__isnull=False, deleted_at=None),
                name="request_waiting_by_due",
            ),
            models.Index(
                fields=["assignee", "answer_due_at"],
                condition=Q(waiting_since__isnull=False, deleted_at=None),
                name="request_waiting_of",
            ),
            models.Index(fields=["client", "-asked_at", "-id"], name="request_by_client"),
            models.Index(fields=["assignee", "-asked_at", "-id"], name="request_by_assignee"),
            models.Index(fields=["-asked_at", "-id"], name="request_by_time"),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="request_in_trash"),
        ]
        constraints = [
            models.CheckConstraint(
                name="request_waits_with_a_due",
                condition=Q(waiting_since=None, answer_due_at=None)
                | Q(waiting_since__isnull=False, answer_due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_closed_waits_not", condition=Q(closed_at=None) | Q(waiting_since=None)
            ),
        ]

    def __str__(self):
        return self.text[:80]

    def save(self, **kwargs):
        self.make_findable()
        super().save(**kwargs)

    def get_absolute_url(self):
        return path_to("request", self.public_id)

    def make_findable(self):
        self.search_text = searchable(self.text)


class RequestEvent(models.Model):
    """Append-only: the whole story of a request; the state on its row is the result."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked")
        ANSWERED = "answered", _("Answered")
        ASKED_AGAIN = "asked_again", _("Asked again")
        NO_REPLY = "no_reply", _("No reply needed")
        REOPENED = "reopened", _("Reopened")
        HANDED_OVER = "handed_over", _("Handed over")
        CHANGED = "changed", _("Changed")
        SOON = "soon", _("Runs out soon")
        OVERDUE = "overdue", _("Overdue")
        ESCALATED = "escalated", _("Manager told")

    request = models.ForeignKey(Request, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.request_id}: {self.kind}"


class RequestMail(models.Model):
    """Which mail said what about a request to whom; one mail may speak of several."""

    email = models.ForeignKey("outbox.Email", models.CASCADE, related_name="request_mails")
    request = models.ForeignKey(Request, models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=RequestEvent.Kind.choices)

    def __str__(self):
        return f"{self.request_id}: {self.kind}"
