"""Files kept with what happened, outside the web root under random names."""

import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import new_public_id
from accounts.quick import path_to
from accounts.remembered import Remembered, note
from clients.models.client import Client
from clients.models.interaction import Interaction
from clients.models.received import ReceivedMail


def new_attachment_id():
    return new_public_id("f")


class AttachmentQuerySet(Remembered, models.QuerySet):
    def kept(self):
        return self.filter(deleted_at=None)

    def drafts_of(self, user):
        """What somebody uploaded and has not logged yet."""
        return self.kept().filter(interaction=None, received=None, uploaded_by=user)

    def writable_by(self, user):
        """Their own drafts, and files of entries they may write."""
        drafts = Q(interaction=None, received=None, uploaded_by=user)
        filed = Q(interaction__isnull=False, interaction__deleted_at=None)
        if not user.is_manager:
            filed &= Q(interaction__client__in=Client.objects.writable_by(user))
        return self.filter(drafts | filed)

    def visible_to(self, user):
        """Those of entries this person may read; their own while no entry has them yet."""
        drafts = Q(interaction=None, received=None, uploaded_by=user)
        trayed = Q(interaction=None, received__user=user)
        filed = Q(interaction__isnull=False, interaction__deleted_at=None)
        if not user.is_manager:
            filed &= ~Q(interaction__client__in=Client.objects.hidden_from(user))
        return self.filter(drafts | trayed | filed)


class Attachment(models.Model):
    """A file: of an entry, of a mail in the tray, or of a draft nobody has logged yet."""

    public_id = models.CharField(max_length=16, unique=True, default=new_attachment_id, editable=False)
    interaction = models.ForeignKey(Interaction, models.CASCADE, null=True, blank=True, related_name="attachments")
    received = models.ForeignKey(ReceivedMail, models.CASCADE, null=True, blank=True, related_name="attachments")
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(max_length=100)  # its type by content
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.UUIDField(default=uuid.uuid4, editable=False)  # several rows may share one file
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    history = HistoricalRecords(excluded_fields=["sha256", "stored_as"])

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["uploaded_at"], condition=Q(interaction=None, received=None), name="attachment_draft"),
            models.Index(fields=["stored_as"], name="attachment_by_file"),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="attachment_in_trash"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return path_to("attachment", self.public_id)

    @transaction.atomic
    def remove(self, *, now, by=None):
        """Take it from its entry; `restore` puts it back within 30 days."""
        return self._noted(Attachment.objects.kept().filter(pk=self.pk).update(deleted_at=now, deleted_by=by))

    @transaction.atomic
    def restore(self):
        removed = Attachment.objects.filter(pk=self.pk).exclude(deleted_at=None)
        return self._noted(removed.update(deleted_at=None, deleted_by=None))

    def _noted(self, changed):
        if changed:
            self.refresh_from_db(fields=["deleted_at", "deleted_by"])
            note(self)
        return changed
