"""A person's promises in their own calendar program."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from outbox import links


class CalendarFeed(models.Model):
    """A private address under which calendar programs read one person's promises, until it is revoked.

    The token in it is an HMAC of the uuid: it can be shown again and nothing readable lies in the database.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds")
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    link_key = models.CharField(max_length=8)
    link_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="one_calendar_feed_each")
        ]

    def __str__(self):
        return f"{self.user}, {self.created_at:%Y-%m-%d}"

    @property
    def token(self):
        return links.make(self.uuid, self.link_key)
