"""The annual survey: what is asked, whom, what we believed beforehand, what they said."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Origin, new_public_id
from clients.models import Client, Contact
from outbox.models import Email


def new_round_id():
    return new_public_id("r")


def new_belief_id():
    return new_public_id("b")


def new_invitation_id():
    return new_public_id("n")


class Dimension(models.TextChoices):
    RESPECT = "respect", _("Respect")
    TRUST = "trust", _("Trust")
    COOPERATION = "cooperation", _("Cooperation")
    TRANSPARENCY = "transparency", _("Transparency")
    PROMISES = "promises", _("Keeps promises")
    RESPONSIVENESS = "responsiveness", _("Answers quickly")
    VALUE = "value", _("Results and value")
    SAME_PAGE = "same_page", _("Same page")
    UNDERSTANDING = "understanding", _("Understands us")
    CONTINUE = "continue", _("Wish to continue")
    OVERALL = "overall", _("Overall")  # outside the index
    RECOMMEND = "recommend", _("Would recommend")  # outside the index


class Questionnaire(models.Model):
    """A set of questions; what a launched round asked is its own immutable snapshot."""

    name = models.CharField(_("name"), max_length=120)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Question(models.Model):
    """One question. Its key is permanent: trends over the years join on it."""

    class Kind(models.TextChoices):
        SCALE = "scale", _("0 to 10, with “can’t say”")
        CHOICE = "choice", _("One of several")
        PICK = "pick", _("Up to so many of several")
        YES_NO = "yes_no", _("Yes or no")
        TEXT = "text", _("In their own words")
        CALL = "call", _("May we call you")

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="questions")
    key = models.SlugField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    dimension = models.CharField(_("dimension"), max_length=16, choices=Dimension.choices, blank=True)
    reverse = models.BooleanField(_("reversed: 10 is bad"), default=False)
    required = models.BooleanField(_("required"), default=False)
    # {"en-gb": {"text": "…", "hint": "…", "low": "…", "high": "…", "options": {"key": "words"}}}
    wording = models.JSONField(default=dict)
    pick_up_to = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["questionnaire", "key"], name="question_key_once")]

    def __str__(self):
        return self.key


class RoundQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Round.State.OPEN)


class Round(models.Model):
    """One year's survey: draft, then beliefs are asked for, then open to clients, then closed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        BELIEFS = "beliefs", _("Recording what we believe")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    public_id = models.CharField(max_length=16, unique=True, default=new_round_id, editable=False)
    name = models.CharField(_("name"), max_length=120)
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="rounds")
    snapshot = models.JSONField(null=True, blank=True)  # the questions as asked; set once, when beliefs are asked for
    thresholds = models.JSONField(null=True, blank=True)  # T per dimension, frozen at launch
    opens_at = models.DateTimeField(_("invitations go out"), null=True, blank=True)
    due_on = models.DateField(_("answers due"), null=True, blank=True)
    closes_on = models.DateField(_("closes"), null=True, blank=True)
    reminder_days = models.JSONField(_("reminders, working days after the invitation"), default=list, blank=True)
    wave_size = models.PositiveIntegerField(_("mails a day"), null=True, blank=True, validators=[MinValueValidator(1)])
    paused_at = models.DateTimeField(null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    version = models.PositiveIntegerField(default=1)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("survey_round", args=[self.public_id])


class Belief(models.Model):
    """What one of us thinks a client will answer; sealed when that client's first invitation goes out."""

    public_id = models.CharField(max_length=16, unique=True, default=new_belief_id, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="beliefs")
    client = models.ForeignKey(Client, models.CASCADE, related_name="beliefs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="beliefs")
    required = models.BooleanField(default=False)  # the owner's is
    values = models.JSONField(default=dict, blank=True)  # {question key: 0…10}
    note = models.TextField(_("why we think so"), blank=True, max_length=2000)
    recorded_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    after_the_fact = models.BooleanField(default=False)  # recorded after sealing: kept, never counted

    class Meta:
        ordering = ["client__search_text", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "client", "user"], name="belief_once")]

    def __str__(self):
        return f"{self.user} on {self.client}"


class Invitation(models.Model):
    """One person asked in one round."""

    class State(models.TextChoices):
        PENDING = "pending", _("Not yet sent")
        SENT = "sent", _("Sent")
        STARTED = "started", _("Part answered")
        SUBMITTED = "submitted", _("Answered")
        DECLINED = "declined", _("Asked us to stop")
        UNDELIVERABLE = "undeliverable", _("Could not be delivered")
        CLOSED = "closed", _("Closed without an answer")

    class OverdueReason(models.TextChoices):
        NOT_INVITED = "not_invited", _("not invited")
        NO_ANSWER = "no_answer", _("no answer")
        UNDELIVERABLE = "undeliverable", _("undeliverable")
        OPTED_OUT = "opted_out", _("opted out")
        ON_HOLD = "on_hold", _("on hold")
        NO_CONTACT = "no_contact", _("no contact")
        BELIEF_MISSING = "belief_missing", _("belief missing")

    public_id = models.CharField(max_length=16, unique=True, default=new_invitation_id, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="invitations")
    client = models.ForeignKey(Client, models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="invitations")
    state = models.CharField(max_length=14, choices=State.choices, default=State.PENDING)
    weight = models.DecimalField(max_digits=4, decimal_places=2, default=1)  # fixed before sending
    send_at = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=200, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    overdue_flagged_at = models.DateTimeField(null=True, blank=True)
    overdue_reason = models.CharField(max_length=14, choices=OverdueReason.choices, blank=True)

    class Meta:
        ordering = ["client__search_text", "contact__name"]
        indexes = [
            models.Index(fields=["round", "state", "send_at"], name="invitation_by_state"),
            models.Index(fields=["client", "round"], name="invitation_by_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "contact"], name="invitation_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="invitation_weight_positive"),
        ]

    def __str__(self):
        return f"{self.contact}, {self.round}"


class InvitationMessage(models.Model):
    """One mail of an invitation: step 0 invites, 1 to 3 remind. Each carries a link of its own."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="messages")
    email = models.OneToOneField(Email, models.PROTECT, related_name="invitation_message")
    step = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["step"]
        constraints = [models.UniqueConstraint(fields=["invitation", "step"], name="invitation_message_once")]

    def __str__(self):
        return f"{self.invitation}, {self.step}"


class Response(models.Model):
    """What one person said in one round."""

    invitation = models.OneToOneField(Invitation, models.CASCADE, related_name="response")
    in_confidence = models.BooleanField(default=False)  # then only managers read the single answers
    language = models.CharField(max_length=10, default="en-gb")
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    wants_call = models.BooleanField(default=False)
    call_phone = models.CharField(max_length=60, blank=True)
    call_when = models.CharField(max_length=200, blank=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["-submitted_at"], name="response_newest")]

    def __str__(self):
        return f"{self.invitation}"


class Answer(models.Model):
    """The answer to one question in force now; exactly one of number, words, choices or “can’t say”."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    key = models.SlugField(max_length=40)
    number = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(10)])
    cant_say = models.BooleanField(default=False)
    words = models.TextField(blank=True, max_length=10000)
    choices = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True, max_length=5000)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "key"], name="answer_once"),
            models.CheckConstraint(condition=Q(number=None) | Q(number__lte=10), name="answer_range"),
            models.CheckConstraint(condition=Q(number=None) | Q(cant_say=False), name="answer_number_or_cant_say"),
        ]

    def __str__(self):
        return f"{self.key}"


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


class Result(models.Model):
    """One client in one round, computed from answers and sealed beliefs whenever either changes.

    A cache of `surveys.gap`, never typed in: lists and the overview read it, so that they cost the same for any number
    of answers. All scores are on 0–10; null means not known.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="results")
    client = models.ForeignKey(Client, models.CASCADE, related_name="results")
    invited = models.PositiveIntegerField(default=0)  # N: invited and deliverable
    answered = models.PositiveIntegerField(default=0)  # n
    they_say = models.FloatField(null=True, blank=True)  # C of the client index
    we_believe = models.FloatField(null=True, blank=True)  # F
    gap = models.FloatField(null=True, blank=True)  # G = F − C, positive: we think better than they do
    se = models.FloatField(null=True, blank=True)
    level = models.CharField(max_length=8, blank=True)  # aligned, notable, serious
    confirmed = models.BooleanField(default=False)
    distance = models.FloatField(null=True, blank=True)  # mean |G_d|
    worst = models.FloatField(null=True, blank=True)
    dimensions = models.JSONField(default=dict, blank=True)  # {dimension: {c, f, gap, se, low, high, level, confirmed, n}}
    lowest_recommend = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_for_call = models.BooleanField(default=False)
    priority_tier = models.PositiveSmallIntegerField(default=9)
    priority = models.FloatField(default=0)
    priority_parts = models.JSONField(default=list, blank=True)
    why = models.CharField(max_length=400, blank=True)
    stale = models.BooleanField(default=False)  # something changed since it was computed
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "client"], name="result_once")]
        indexes = [
            models.Index(fields=["round", "priority_tier", "-priority"], name="result_call_first"),
            models.Index(fields=["round", "-gap"], name="result_by_gap"),
            models.Index(fields=["round"], condition=Q(stale=True), name="result_stale"),
        ]

    def __str__(self):
        return f"{self.client}, {self.round}"
