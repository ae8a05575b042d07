"""One year's survey and its states."""

import json
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Origin, new_public_id
from outbox.models import Email
from surveys.models.questionnaires import Questionnaire, Unchangeable
from surveys.questions import FALLBACK, languages_of, questions_of


def new_round_id():
    return new_public_id("r")


OPEN = {"state": "open"}
LONGEST_PAUSE = timedelta(days=3650)
ANSWERING_SOMEBODY = ["surveys.thanks", "surveys.fresh_link"]


class NotPossibleNow(Exception):
    """The round was in another state by the time somebody asked for this."""


@lru_cache(maxsize=64)
def _decoded(text):
    return json.loads(text)


class FrozenJSONField(models.JSONField):
    """JSON that is written once and never changed: the same text is decoded once in a process. Only to be read."""

    def from_db_value(self, value, expression, connection):
        return _decoded(value) if isinstance(value, str) else super().from_db_value(value, expression, connection)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class RoundQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Round.State.OPEN)

    def update(self, **sets):
        if "snapshot" in sets and self.filter(snapshot__isnull=False).exists():
            raise Unchangeable
        return super().update(**sets)

    def sending(self):
        return self.open().filter(paused_at=None)

    def visible_to(self, user):
        """Managers see every round that was not thrown away; everybody else those that have begun."""
        kept = self.filter(discarded_at=None)
        return kept if user.is_manager else kept.exclude(state=Round.State.DRAFT)


class Round(models.Model):
    """One year's survey: draft, then beliefs are asked for, then open to clients, then closed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        BELIEFS = "beliefs", _("Recording what we believe")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    # What lists do not need: large, or costly to read with every row.
    HEAVY = ("snapshot", "thresholds", "spreads", "means", "summary", "audience", "languages", "steps_done")

    public_id = models.CharField(max_length=16, unique=True, default=new_round_id, editable=False)
    name = models.CharField(_("name"), max_length=120)
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="rounds")
    snapshot = FrozenJSONField(null=True, blank=True)  # the questions as asked; set once, when beliefs are asked for
    thresholds = models.JSONField(null=True, blank=True)  # T per dimension, frozen at launch
    spreads = models.JSONField(default=dict, blank=True, editable=False)  # s per dimension, as last measured
    spreads_at = models.DateTimeField(null=True, blank=True, editable=False)
    means = models.JSONField(default=dict, blank=True, editable=False)  # per dimension over all clients, see results.py
    audience = models.JSONField(default=dict, blank=True)  # the filter last used to choose whom to ask
    ask_team = models.BooleanField(_("ask the client team as well"), default=True)
    wait_for_beliefs = models.BooleanField(_("wait with a client until its owner has recorded a belief"), default=False)
    beliefs_due_on = models.DateField(_("beliefs recorded by"), null=True, blank=True)
    beliefs_asked_at = models.DateTimeField(null=True, blank=True)
    opens_at = models.DateTimeField(_("invitations go out"), null=True, blank=True)
    due_on = models.DateField(_("answers due"), null=True, blank=True)
    closes_on = models.DateField(_("closes"), null=True, blank=True)
    reminder_days = models.JSONField(_("reminders, working days after the invitation"), default=list, blank=True)
    wave_size = models.PositiveIntegerField(_("mails a day"), null=True, blank=True, validators=[MinValueValidator(1)])
    languages = models.JSONField(_("languages"), default=list, blank=True)  # empty: all the questionnaire is written in
    summary = models.JSONField(null=True, blank=True, editable=False)  # counts and means of the round, see results.py
    summary_at = models.DateTimeField(null=True, blank=True, editable=False)
    steps_done = models.JSONField(default=list, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)  # a draft thrown away, to be taken back
    launched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    idempotency_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    version = models.PositiveIntegerField(default=1)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-pk"]
        indexes = [models.Index(fields=["state"], name="round_by_state")]

    def __str__(self):
        return self.name

    def save(self, *args, update_fields=None, **kwargs):
        """What was asked stands: a snapshot that is stored is never written over."""
        if self.pk and not self._state.adding and (update_fields is None or "snapshot" in update_fields):
            stored = Round.objects.filter(pk=self.pk).values_list("snapshot", flat=True).first()
            if stored is not None and stored != self.snapshot:
                raise Unchangeable(self)
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("survey_round", args=[self.public_id])

    @property
    def asked(self):
        """The questions of this round in English: as frozen, or as the questionnaire stands while nothing is frozen."""
        return self.asked_in()

    def asked_in(self, language=FALLBACK):
        """The questions in one of the languages the round is offered in; in English for any other."""
        content = self._content
        if self.__dict__.get("_read", (None, None))[0] is not content:
            self._read = (content, {})
        read = self._read[1]
        if language not in read:
            offered = language == FALLBACK or language in self.languages_offered
            read[language] = questions_of(content, language) if offered else self.asked_in()
        return read[language]

    @property
    def languages_offered(self):
        """Language codes: those chosen that everything is written in, or simply all of these; English always."""
        written = languages_of(self._content)
        return [code for code in written if not self.languages or code in self.languages or code == FALLBACK]

    @property
    def _content(self):
        if self.snapshot:
            return self.snapshot
        if "_draft" not in self.__dict__:
            self._draft = self.questionnaire.as_asked()
        return self._draft

    @property
    def takes_answers(self):
        return self.state == self.State.OPEN

    @transaction.atomic
    def pause(self, *, by, now):
        """Nothing more is written, and what waits in the outbox stays there."""
        self.change(RoundEvent.Kind.PAUSED, by=by, now=now, sets={"paused_at": now}, **OPEN, paused_at=None)
        self.waiting_mails().put_off(now + LONGEST_PAUSE)

    @transaction.atomic
    def resume(self, *, by, now):
        self.change(RoundEvent.Kind.RESUMED, by=by, now=now, sets={"paused_at": None}, **OPEN, paused_at__isnull=False)
        self.waiting_mails().take_up(now)

    def waiting_mails(self):
        """Invitations and reminders that have not begun to go out; thanks and links somebody asked for go on."""
        asks = Email.objects.filter(invitation_message__invitation__round=self).exclude(kind__in=ANSWERING_SOMEBODY)
        return asks.waiting().order_by()

    @transaction.atomic
    def discard(self, *, by, now):
        """Throws a draft away; nothing has been asked of anybody yet. `keep` takes it back."""
        draft = {"state": self.State.DRAFT, "discarded_at": None}
        self.change(RoundEvent.Kind.DISCARDED, by=by, now=now, sets={"discarded_at": now}, **draft)

    @transaction.atomic
    def keep(self, *, by, now):
        gone = {"state": self.State.DRAFT, "discarded_at__isnull": False}
        self.change(RoundEvent.Kind.KEPT, by=by, now=now, sets={"discarded_at": None}, **gone)

    def change(self, kind, *, by, now, sets, note="", **must_be):
        """One conditional UPDATE and its event, in the caller's transaction; who comes second gets NotPossibleNow."""
        if not Round.objects.filter(pk=self.pk, **must_be).update(**sets):
            raise NotPossibleNow(self)
        self.events.create(kind=kind, by=by, at=now, note=note)
        self.refresh_from_db()


class RoundEvent(models.Model):
    """What somebody, or the clock, did to a round."""

    class Kind(models.TextChoices):
        CREATED = "created", _("Drafted")
        BELIEFS = "beliefs", _("Asked us what we believe")
        LAUNCHED = "launched", _("Opened to clients")
        PAUSED = "paused", _("Paused sending")
        RESUMED = "resumed", _("Resumed sending")
        CLOSED = "closed", _("Closed")
        DATES = "dates", _("Changed the dates")
        PEOPLE = "people", _("Changed whom to ask")
        DISCARDED = "discarded", _("Threw the draft away")
        KEPT = "kept", _("Took the draft back")

    round = models.ForeignKey(Round, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.round}: {self.get_kind_display()}"
