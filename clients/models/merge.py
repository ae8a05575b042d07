"""Two records of one organisation or person become one, and can be taken apart again."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.models.client import Client
from clients.models.contact import Contact


class Merge(models.Model):
    """What was merged into what: every row that moved, and the fields as they were, for undoing within thirty days."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kept_client = models.ForeignKey(Client, models.CASCADE, null=True, related_name="merges_kept")
    gone_client = models.ForeignKey(Client, models.CASCADE, null=True, related_name="merges_gone")
    kept_contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="merges_kept")
    gone_contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="merges_gone")
    part_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")  # people of merged clients
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)  # {"app.Model.field": [pk, …]}
    before = models.JSONField(default=dict)  # the fields of both as they were
    after = models.JSONField(default=dict)  # the fields of the kept one as the merge left them
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="merge_of_two",
                condition=(
                    Q(kept_client__isnull=False, gone_client__isnull=False, kept_contact=None, gone_contact=None)
                    & ~Q(kept_client=models.F("gone_client"))
                )
                | (
                    Q(kept_contact__isnull=False, gone_contact__isnull=False, kept_client=None, gone_client=None)
                    & ~Q(kept_contact=models.F("gone_contact"))
                ),
            ),
        ]

    def __str__(self):
        return f"{self.gone_client or self.gone_contact} → {self.kept_client or self.kept_contact}"


class NotTheSame(models.Model):
    """Somebody looked at two clients that are alike and said that they are two."""

    one = models.ForeignKey(Client, models.CASCADE, related_name="+")  # the one with the lower pk
    other = models.ForeignKey(Client, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="not_the_same_once")]

    def __str__(self):
        return f"{self.one} ≠ {self.other}"
