"""What one of us keeps for themself about clients: follow-ups they set, and clients they pinned."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import new_public_id
from accounts.remembered import Remembered
from clients.models.client import Client
from clients.models.interaction import Interaction


def new_follow_up_id():
    return new_public_id("r")


class FollowUp(models.Model):
    """A reminder somebody sets for themself, most often when logging: come back to this client on that day."""

    public_id = models.CharField(max_length=16, unique=True, default=new_follow_up_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="follow_ups")
    interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, blank=True, related_name="follow_ups")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follow_ups")
    due_on = models.DateField(_("on"))
    note = models.CharField(_("about"), max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    history = HistoricalRecords()

    objects = Remembered.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["user", "due_on"], condition=Q(done_at=None), name="follow_up_open"),
            models.Index(fields=["client", "due_on"], condition=Q(done_at=None), name="follow_up_at_client"),
        ]

    def __str__(self):
        return self.note or str(self.client)


class Pin(models.Model):
    """A client somebody keeps in their sidebar: eight at most, in their own order."""

    MOST = 8

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pins")
    client = models.ForeignKey(Client, models.CASCADE, related_name="pins")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="pin_once")]

    def __str__(self):
        return f"{self.user}: {self.client}"
