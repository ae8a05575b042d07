"""One act on many promises at once, kept so that it can be undone as one."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BulkAct(models.Model):
    """What somebody did to several promises in one go. `done` holds, for each, what undoing it needs."""

    class Act(models.TextChoices):
        HAND_OVER = "hand_over", _("handed over")
        NUDGE = "nudge", _("nudged")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    act = models.CharField(max_length=10, choices=Act.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    done = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.by}: {self.get_act_display()}, {len(self.done)}"
