"""What came of an answer: promises and suggestions, a case to clear the air, and what we tell the client next year."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Request
from partnerships.models import Concern, Suggestion
from promises.models import Promise
from surveys.models.responses import Answer
from surveys.models.rounds import Round


class TakenUp(models.Model):
    """Words of an answer that became a promise, a suggestion or a request."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="taken_up")
    promise = models.ForeignKey(Promise, models.CASCADE, null=True, blank=True, related_name="from_answers")
    suggestion = models.ForeignKey(Suggestion, models.CASCADE, null=True, blank=True, related_name="from_answers")
    request = models.ForeignKey(Request, models.CASCADE, null=True, blank=True, related_name="from_answers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(promise__isnull=False, suggestion=None, request=None)
                | Q(promise=None, suggestion__isnull=False, request=None)
                | Q(promise=None, suggestion=None, request__isnull=False),
                name="taken_up_as_one_thing",
            ),
        ]

    def __str__(self):
        return f"{self.answer}"


class Case(models.Model):
    """A clear-the-air case: the concern a round's answers opened at one client, and why."""

    class Why(models.TextChoices):
        CALL = "call", _("they asked for a call")
        ALARM = "alarm", _("a mark that cannot wait")
        SERIOUS = "serious", _("a serious gap")
        BLIND_SPOT = "blind_spot", _("a detractor where we saw none")
        PERSON = "person", _("one of us wanted it")

    concern = models.OneToOneField(Concern, models.CASCADE, related_name="case")
    round = models.ForeignKey(Round, models.CASCADE, related_name="cases")
    client = models.ForeignKey(Client, models.CASCADE, related_name="cases")
    why = models.CharField(max_length=10, choices=Why.choices)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "client"], name="case_once")]

    def __str__(self):
        return f"{self.client}, {self.round}"


class YouSaid(models.Model):
    """“You said, we did”: one line the owner chose for this round's invitation to a client."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="you_said")
    client = models.ForeignKey(Client, models.CASCADE, related_name="you_said")
    you_said = models.CharField(_("you said"), max_length=300, blank=True)
    we_did = models.CharField(_("we did"), max_length=300)
    position = models.PositiveSmallIntegerField(default=1)
    promise = models.ForeignKey(Promise, models.SET_NULL, null=True, blank=True, related_name="+")
    suggestion = models.ForeignKey(Suggestion, models.SET_NULL, null=True, blank=True, related_name="+")
    concern = models.ForeignKey(Concern, models.SET_NULL, null=True, blank=True, related_name="+")
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["round", "client"], name="you_said_by_client")]

    def __str__(self):
        return self.we_did
