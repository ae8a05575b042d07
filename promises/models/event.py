"""The story of a promise."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models import Contact


class PromiseEvent(models.Model):
    """One thing that happened to a promise; append-only, together they are its story.

    `at` is when it was said or recorded, `by` is empty when the clock did it. `data` keeps what the words leave
    out: the state before (`from`), dates old and new, the moment something was done.
    """

    class Kind(models.TextChoices):
        MADE = "made", _("made")
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed")
        COUNTERED = "countered", _("answered with other terms")
        ANSWER_BY = "answer_by", _("asked for an answer")
        CORRECTED = "corrected", _("corrected")
        DELIVERED = "delivered", _("delivered")
        ACCEPTED = "accepted", _("accepted")
        SILENCE = "silence", _("kept, nobody objected")
        DISPUTED = "disputed", _("disputed")
        MOVE_ASKED = "move_asked", _("asked to move")
        MOVED = "moved", _("moved")
        MOVE_REFUSED = "move_refused", _("move refused")
        MOVE_TAKEN_BACK = "move_back", _("request taken back")
        WITHDRAWN = "withdrawn", _("withdrawn")
        RELEASED = "released", _("released")
        DECLINED = "declined", _("declined")
        BROKEN = "broken", _("broken")
        MADE_GOOD = "made_good", _("made good")
        REOPENED = "reopened", _("reopened")
        OVERDUE = "overdue", _("overdue flagged")
        HANDED_OVER = "handed_over", _("handed over")
        COMMENT = "comment", _("comment")
        NUDGED = "nudged", _("nudged")
        SNOOZED = "snoozed", _("snoozed")

    promise = models.ForeignKey("Promise", models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # null: the clock
    by_contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, max_length=2000)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["promise", "at"], name="promise_event_story")]

    def __str__(self):
        return f"{self.promise}: {self.get_kind_display()}"

    @property
    def who(self):
        """The name to show: theirs when they said it, ours who wrote it down, "" for the clock."""
        person = self.by_contact or self.by
        return person.name if person else ""
