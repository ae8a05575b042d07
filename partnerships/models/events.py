"""What happened to a concern, and the mails about it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models import Contact
from outbox.models import Email


class ConcernEvent(models.Model):
    """One thing that happened to a concern; append-only."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened this concern")
        TALK_PLANNED = "talk_planned", _("planned a talk")
        AGREED = "agreed", _("noted what was agreed")
        RESOLVED = "resolved", _("resolved it")
        REOPENED = "reopened", _("opened it again")
        CONTACTED = "contacted", _("spoke with them first")
        TALK_OFF = "talk_off", _("took the talk back")
        HELD = "held", _("held the talk")
        ESCALATED = "escalated", _("told the managers it is overdue")
        ASKED = "asked", _("asked whether it is cleared up")
        ANSWERED = "answered", _("answered whether it is cleared up")
        VERIFIED = "verified", _("cleared up, they say")
        RECURRENCE = "recurrence", _("noticed that it came back")
        HANDED_OVER = "handed_over", _("handed it over")

    concern = models.ForeignKey("Concern", models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    # One of us, or a person at the client; neither when the clock did it.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    by_contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, max_length=5000)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.concern}: {self.get_kind_display()}"


class ConcernMail(models.Model):
    """A mail about a concern: a calendar invitation, the question whether it is cleared up, a word to one of us."""

    class Kind(models.TextChoices):
        TALK = "talk", _("Invitation to the talk")
        TALK_OFF = "talk_off", _("The talk is off")
        CLEARED = "cleared", _("Have we cleared this up?")
        STAFF = "staff", _("A word to one of us")

    concern = models.ForeignKey("Concern", models.CASCADE, related_name="mails")
    email = models.OneToOneField(Email, models.PROTECT, related_name="concern_mail")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.concern}: {self.get_kind_display()}"
