"""What is worth celebrating with a client. Found by itself, said by a person; nothing is ever sent by it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id
from clients.models import Client


def new_celebration_id():
    return new_public_id("b")


class Celebration(models.Model):
    """What a person decided about an occasion: they said something, or let it go this time."""

    class Kind(models.TextChoices):
        ANNIVERSARY = "anniversary", _("Anniversary")
        STREAK = "streak", _("Kept word")
        PRAISE = "praise", _("Praise")
        OTHER = "other", _("Something else")

    class Decided(models.TextChoices):
        SAID = "said", _("Said")
        LET_GO = "let_go", _("Let go")

    public_id = models.CharField(max_length=16, unique=True, default=new_celebration_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="celebrations")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=80)  # the occasion: anniversary:2026, streak:10
    on = models.DateField()
    words = models.CharField(max_length=300, blank=True)
    decided = models.CharField(max_length=8, choices=Decided.choices)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="celebration_once")]

    def __str__(self):
        return f"{self.client}: {self.get_kind_display()}"
