"""What they said."""

import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clients.models import Client, Request
from surveys.models.beliefs import Belief
from surveys.models.invitations import Invitation
from surveys.models.rounds import Round


class ResponseQuerySet(models.QuerySet):
    def readable_by(self, user):
        """Single answers this person may read.

        In confidence: managers only, and until it is sent nobody knows whether it will be: people choose at the end.
        And nobody who is still to record a belief about the client in that round.
        """
        owes = Belief.objects.owed_by(user).filter(
            round=OuterRef("invitation__round"),
            client=OuterRef("invitation__client"),
        )
        found = self.filter(~Exists(owes))
        if user.is_manager:
            return found
        chosen = Q(submitted_at__isnull=False) | Q(invitation__round__state=Round.State.CLOSED)
        found = found.filter(chosen, in_confidence=False)
        return found.exclude(invitation__client__in=Client.objects.hidden_from(user))

    def to_tell(self):
        """Submitted, the owner not told yet, and no belief of the owner's outstanding."""
        owes = Belief.objects.filter(
            user=OuterRef("invitation__client__owner"),
            recorded_at=None,
            round=OuterRef("invitation__round"),
            client=OuterRef("invitation__client"),
        )
        return self.filter(~Exists(owes), owner_told_at=None, submitted_at__isnull=False)


class Response(models.Model):
    """What one person said in one round."""

    invitation = models.OneToOneField(Invitation, models.CASCADE, related_name="response")
    in_confidence = models.BooleanField(default=False)  # then only managers read the single answers
    language = models.CharField(max_length=10, default="en-gb")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()  # the last change
    submitted_at = models.DateTimeField(null=True, blank=True)
    wants_call = models.BooleanField(default=False)
    call_phone = models.CharField(max_length=60, blank=True)
    call_when = models.CharField(max_length=200, blank=True)
    call_request = models.OneToOneField(
        Request, models.SET_NULL, null=True, blank=True, editable=False, related_name="asked_in"
    )  # the request their wish for a call became
    owner_told_at = models.DateTimeField(null=True, blank=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-submitted_at"], name="response_newest"),
            models.Index(
                fields=["id"], condition=Q(owner_told_at=None, submitted_at__isnull=False), name="response_to_tell"
            ),
        ]

    def __str__(self):
        return f"{self.invitation}"


class AnswerManager(models.Manager):
    """Answers that count: those to a question that is not shown any more are kept, and stay out of everything."""

    def get_queryset(self):
        return super().get_queryset().filter(set_aside=False)


class Answer(models.Model):
    """The answer to one question in force now: a number or “can’t say”, words, or choices; and what was added to it.

    Of contact details `choices` holds name, e-mail and phone. A joined query says `set_aside=False` itself.
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    key = models.SlugField(max_length=40)
    number = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(10)])
    cant_say = models.BooleanField(default=False)
    words = models.TextField(blank=True, max_length=10000)
    choices = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True, max_length=5000)
    saved_at = models.DateTimeField()
    # Its question is shown only after another answer, and is hidden since that one was changed: kept, not counted.
    set_aside = models.BooleanField(default=False)

    objects = AnswerManager()
    kept = models.Manager()  # noqa: DJ012 - not the default one

    VALUE = ("number", "cant_say", "words", "choices", "comment")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "key"], name="answer_once"),
            models.CheckConstraint(condition=Q(number=None) | Q(number__lte=10), name="answer_range"),
            models.CheckConstraint(condition=Q(number=None) | Q(cant_say=False), name="answer_number_or_cant_say"),
        ]
        indexes = [models.Index(fields=["-id"], condition=~Q(words="") | ~Q(comment=""), name="answer_in_words")]

    def __str__(self):
        return f"{self.key}"

    @property
    def is_given(self):
        return self.number is not None or self.cant_say or bool(self.words or self.choices)


class EarlierAnswer(models.Model):
    """An answer that was changed; kept as it was."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="earlier")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    cant_say = models.BooleanField(default=False)
    words = models.TextField(blank=True)
    choices = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at"]

    def __str__(self):
        return f"{self.answer}, {self.saved_at}"
