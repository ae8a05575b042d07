"""Mail that was sent to somebody's personal address here, to be kept with the client it belongs to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id


def new_received_id():
    return new_public_id("m")


class ReceivedMail(models.Model):
    """One mail, for each of us once by its Message-ID. Filed: each client it belongs to has an interaction of it.

    Two of us may send in the same mail; a client has one entry of it (its key follows from Message-ID and client).
    """

    class State(models.TextChoices):
        FILED = "filed", _("Filed")
        UNMATCHED = "unmatched", _("Belongs to nobody yet")
        DISMISSED = "dismissed", _("Put away")

    public_id = models.CharField(max_length=16, unique=True, default=new_received_id, editable=False)
    message_id = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="received_mails")
    state = models.CharField(max_length=10, choices=State.choices)
    why = models.CharField(max_length=200, blank=True)  # it is unmatched
    direction = models.CharField(max_length=6)  # ours or theirs
    forwarded = models.BooleanField(default=False)
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=254)
    others = models.JSONField(default=list)  # [[name, address], …] of To and Cc, without ourselves
    subject = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField()
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)  # sanitised
    thread = models.CharField(max_length=255, db_index=True)  # the first Message-ID of its conversation
    references = models.JSONField(default=list)
    note = models.TextField(blank=True)  # what the forwarder wrote above it
    left_out = models.JSONField(default=list)  # why files of it were not kept, in words
    received_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(
                fields=["user", "-received_at", "-id"], condition=Q(state="unmatched"), name="received_unmatched"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["message_id", "user"], name="received_once")]

    def __str__(self):
        return self.subject or self.from_address

    @property
    def is_ours(self):
        return self.direction == "ours"

    @property
    def quoted(self):
        """What stands quoted below the new words."""
        from clients.mail_in import quotes

        return quotes.split(self.text)[1]


class NeverLog(models.Model):
    """An address or a whole domain whose mail is never kept: one person's own wish, or the firm's."""

    pattern = models.CharField(_("address or domain"), max_length=254)  # rosa@x.example, or x.example
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="never_log"
    )  # empty: for everybody
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pattern", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["pattern", "user"], name="never_log_once"),
            models.UniqueConstraint(fields=["pattern"], condition=Q(user=None), name="never_log_once_for_all"),
        ]

    def __str__(self):
        return self.pattern
