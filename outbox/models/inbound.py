"""What others say about our mail after it went out, and the mailbox that is read for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outbox.models.emails import Email


class Returned(models.Model):
    """What came back about a mail a server had taken: one row for each report, however often it is brought."""

    class What(models.TextChoices):
        BOUNCED = "bounced", _("came back")
        DELAYED = "delayed", _("still waits at their server")
        DELIVERED = "delivered", _("arrived")
        COMPLAINED = "complained", _("was called spam")

    email = models.ForeignKey(Email, models.CASCADE, related_name="returned")
    key = models.CharField(max_length=64, unique=True)
    what = models.CharField(max_length=10, choices=What.choices)
    code = models.CharField(max_length=12, blank=True)  # as in RFC 3463: 5.1.1
    words = models.TextField(blank=True)
    source = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["what", "at"], name="outbox_returned_by_what")]

    def __str__(self):
        return f"{self.email_id}: {self.what} {self.code}"


class Inbox(models.Model):
    """How far one mailbox has been read, and whether it can be."""

    name = models.CharField(max_length=255, primary_key=True)  # person@host/folder, never the password
    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)  # when reading it last went well
    trouble = models.CharField(max_length=500, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return self.name


class Inbound(models.Model):
    """A mail from the mailbox that somebody here understood; the others leave no trace but the mailbox's last uid."""

    key = models.CharField(max_length=64, unique=True)  # of its bytes
    inbox = models.ForeignKey(Inbox, models.CASCADE, related_name="handled")
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    handler = models.CharField(max_length=80)
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True, blank=True)  # marked as read in the mailbox, or moved

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["inbox"], condition=Q(filed_at=None), name="outbox_inbound_unfiled")]

    def __str__(self):
        return f"{self.inbox_id} {self.uid}: {self.words}"
