"""Who was told what about a promise, under which rule. A row is written once; that it exists says it was said."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outbox.models import Email


class Reminder(models.Model):
    """One word to one person about one promise, in a digest or in a mail of its own.

    `about_at` is the moment it speaks of: the due in force, the delivery, the offer. The same word about the same
    moment is never said twice. `acted_at`: when somebody first did something about the promise afterwards.
    """

    class Rule(models.TextChoices):
        ON_TRACK = "on_track", _("On track, or move it")
        DUE = "due", _("Due")
        CHOOSE = "choose", _("Late: choose")
        ESCALATED = "escalated", _("Late: speak with its owner")
        LATE_AT_ONCE = "late_at_once", _("A critical one turned late")
        NO_WORD = "no_word", _("Delivered, no word yet")
        ANSWER_BY = "answer_by", _("Offered, no answer yet")
        THEIR_ANSWER = "their_answer", _("They answered")
        THEIRS_DUE = "theirs_due", _("Reminder to the client")

    promise = models.ForeignKey("Promise", models.CASCADE, related_name="reminders")
    rule = models.CharField(max_length=12, choices=Rule.choices)
    # Whom: one of us, or for a reminder to the client nobody of us.
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    about_at = models.DateTimeField()
    said_at = models.DateTimeField()
    email = models.ForeignKey(Email, models.SET_NULL, null=True, blank=True, related_name="promise_reminders")
    acted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-said_at", "-pk"]
        indexes = [
            models.Index(fields=["rule", "said_at"], name="reminder_by_rule"),
            models.Index(fields=["promise"], condition=Q(acted_at=None), name="reminder_not_acted_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["promise", "rule", "to", "about_at"], condition=Q(to__isnull=False), name="reminder_said_once"
            ),
            models.UniqueConstraint(
                fields=["promise", "rule", "about_at"], condition=Q(to=None), name="reminder_to_client_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_rule_display()}: {self.promise}"
