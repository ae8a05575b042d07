"""What is asked: questionnaires, their questions, and the versions rounds have asked."""

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Origin


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


class Unchangeable(Exception):
    """What a round asked stands as it was asked."""


class QuestionnaireManager(models.Manager):
    def standard(self):
        """The standard questionnaire in its present version, written down at the first need."""
        from surveys.default_questionnaire import NAME, QUESTIONS

        questionnaire = self.filter(is_standard=True).first()
        if questionnaire is None:
            questionnaire, _created = self.get_or_create(name=NAME, defaults={"origin": Origin.BY_HAND})
            self.filter(pk=questionnaire.pk).update(is_standard=True)
            questionnaire.is_standard = True
        if not questionnaire.questions.exists():
            Question.objects.bulk_create(
                [Question(questionnaire=questionnaire, position=n, **q) for n, q in enumerate(QUESTIONS, 1)],
                ignore_conflicts=True,
            )
        return questionnaire

    def offered(self):
        """Those a new round may use."""
        return self.filter(retired_at=None)


class Questionnaire(models.Model):
    """A set of questions; what a launched round asked is its own immutable snapshot."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    is_standard = models.BooleanField(default=False, editable=False)  # whatever it is called
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="copies")
    retired_at = models.DateTimeField(null=True, blank=True)  # not offered to new rounds any more
    # Of its content: goes up with the first change after a round asked it.
    version = models.PositiveIntegerField(default=1)

    objects = QuestionnaireManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_standard"], condition=models.Q(is_standard=True), name="questionnaire_standard_once"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("questionnaire", args=[self.pk])

    @classmethod
    def standard(cls):
        return cls.objects.standard()

    def as_asked(self):
        """The questions as plain data, the form in which a round keeps them for ever."""
        return {
            "questionnaire": self.name,
            "version": self.version,
            "questions": [question.as_asked() for question in self.questions.asked()],
        }

    @transaction.atomic
    def freeze(self, *, by, now):
        """The version a round is about to ask, written down for ever; the same one as long as nothing changes."""
        locked = Questionnaire.objects.select_for_update().get(pk=self.pk)
        version, _created = QuestionnaireVersion.objects.get_or_create(
            questionnaire=locked,
            number=locked.version,
            defaults={"content": locked.as_asked(), "made_at": now, "made_by": by},
        )
        self.version = locked.version
        return version

    @transaction.atomic
    def before_change(self):
        """Called before its questions change: what a round has asked is left alone, and the next version begun."""
        locked = Questionnaire.objects.select_for_update().get(pk=self.pk)
        if locked.versions.filter(number=locked.version).exists():
            locked.version += 1
            locked.save(update_fields=["version"])
        self.version = locked.version

    def delete(self, *args, **kwargs):
        if self.versions.exists():
            raise Unchangeable(self)
        return super().delete(*args, **kwargs)


class QuestionQuerySet(models.QuerySet):
    def asked(self):
        """Those still asked, in their order."""
        return self.filter(removed_at=None).order_by("position", "pk")

    def removed(self):
        return self.exclude(removed_at=None).order_by("removed_at", "pk")


class Question(models.Model):
    """One question. Its key is permanent: trends over the years join on it."""

    class Kind(models.TextChoices):
        SCALE = "scale", _("0 to 10, with “can’t say”")
        CHOICE = "choice", _("One of several")
        PICK = "pick", _("Up to so many of several")
        YES_NO = "yes_no", _("Yes or no")
        TEXT = "text", _("In their own words")
        CALL = "call", _("May we call you")
        CONTACT = "contact", _("Contact details")
        SECTION = "section", _("A heading between questions")

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="questions")
    key = models.SlugField(_("key"), max_length=40)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    dimension = models.CharField(_("dimension"), max_length=16, choices=Dimension.choices, blank=True)
    reverse = models.BooleanField(_("reversed: 10 is bad"), default=False)
    required = models.BooleanField(_("required"), default=False)
    # By language code: text, hint, low, high, and options as {key: words} with their order; see questions.py.
    wording = models.JSONField(default=dict)
    pick_up_to = models.PositiveSmallIntegerField(null=True, blank=True)
    # Shown only after such an answer: {"key": question, "at_most": n} or "at_least": n or "is": option; one level deep.
    show_if = models.JSONField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # asked no more; its key stays taken
    version = models.PositiveIntegerField(default=1)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["questionnaire", "key"], name="question_key_once")]

    def __str__(self):
        return self.key

    @property
    def text(self):
        return self.wording.get(settings.LANGUAGE_CODE, {}).get("text", "")

    def as_asked(self):
        names = ("key", "kind", "dimension", "reverse", "required", "pick_up_to", "show_if", "wording")
        return {name: getattr(self, name) for name in names}


class QuestionnaireVersionQuerySet(models.QuerySet):
    """Rows are added and read, and nothing else."""

    def update(self, *args, **kwargs):
        raise Unchangeable

    def delete(self):
        raise Unchangeable

    bulk_update = update_or_create = update


class QuestionnaireVersion(models.Model):
    """A questionnaire as a round asked it; written once and never changed."""

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # as `as_asked()` gives it
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = QuestionnaireVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["questionnaire", "number"], name="questionnaire_version_once")]

    def __str__(self):
        return f"{self.questionnaire}, {self.number}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise Unchangeable(self)
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise Unchangeable(self)
