"""What stands between a client and us, and how it was put right."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id
from clients.models import Client, Contact
from outbox.models import Email
from promises.models import Promise


def new_concern_id():
    return new_public_id("k")


class NotInThisState(Exception):
    """Somebody moved the concern on before."""


class ConcernQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(client__in=Client.objects.visible_to(user))

    def writable_by(self, user):
        return self.filter(client__in=Client.objects.writable_by(user))

    def unresolved(self):
        return self.filter(state__in=[Concern.State.OPEN, Concern.State.TALKING, Concern.State.AGREED])


class Concern(models.Model):
    """Something that stands between a client and us. One that a survey gap opened is a clear-the-air case."""

    class State(models.TextChoices):
        OPEN = "open", _("No talk planned yet")
        TALKING = "talking", _("Talk planned")
        AGREED = "agreed", _("Agreed what to do")
        RESOLVED = "resolved", _("Resolved")
        VERIFIED = "verified", _("Cleared up, they say")

    class Ended(models.TextChoices):
        BETTER = "better", _("Better")
        SAME = "same", _("The same")
        WORSE = "worse", _("Worse")

    class Cleared(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")

    class CauseKind(models.TextChoices):
        PROMISE = "promise", _("A promise not kept")
        SLOW = "slow", _("Slow answers")
        QUALITY = "quality", _("Quality of our work")
        TOLD_LATE = "told_late", _("Told too late or not at all")
        UNDERSTANDING = "understanding", _("A different picture of what was agreed")
        PEOPLE = "people", _("How we treated somebody")
        MONEY = "money", _("Price or invoice")
        OTHER = "other", _("Something else")

    class Origin(models.TextChoices):
        TOLD = "told", _("The client told us")
        NOTICED = "noticed", _("We noticed")
        SURVEY = "survey", _("The survey")

    class Severity(models.TextChoices):
        MINOR = "minor", _("A nuisance")
        SERIOUS = "serious", _("Serious")
        PARTNERSHIP = "partnership", _("The partnership is at stake")

    public_id = models.CharField(max_length=16, unique=True, default=new_concern_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="concerns")
    origin = models.CharField(_("how we know"), max_length=8, choices=Origin.choices, default=Origin.TOLD)
    severity = models.CharField(_("how serious"), max_length=12, choices=Severity.choices, default=Severity.SERIOUS)
    what_happened = models.TextField(_("what happened"), max_length=5000)
    our_part = models.TextField(_("our part in it"), max_length=5000, blank=True)
    right_for_them = models.TextField(_("what they would consider right"), max_length=5000, blank=True)
    cause = models.TextField(_("cause"), max_length=2000, blank=True)
    cause_kind = models.CharField(_("kind of cause"), max_length=14, choices=CauseKind.choices, blank=True)
    recurrence_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="recurrences")
    prevention = models.TextField(_("how it will not happen again"), max_length=2000, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    # Who takes it on: the client's owner unless somebody else does, and one more of us in the talk.
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who leads it"),
    )
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("and one more"),
    )
    # Targets, set in working time when it is opened; empty where there is none.
    contact_due_at = models.DateTimeField(null=True, blank=True)
    first_contact_at = models.DateTimeField(_("first spoken to"), null=True, blank=True)
    talk_due_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    talk_at = models.DateTimeField(_("when we talk"), null=True, blank=True)
    talk_minutes = models.PositiveSmallIntegerField(_("how long, in minutes"), default=60)
    talk_where = models.CharField(_("where"), max_length=200, blank=True)
    talk_sequence = models.PositiveIntegerField(default=0)  # of the calendar invitation: goes up with each change
    talk_held_at = models.DateTimeField(_("when it was held"), null=True, blank=True)
    they_said = models.TextField(_("what they said"), max_length=5000, blank=True)
    not_known = models.TextField(_("what we did not know"), max_length=5000, blank=True)
    ended = models.CharField(_("how it ended"), max_length=6, choices=Ended.choices, blank=True)
    next_check_on = models.DateField(_("next check"), null=True, blank=True)
    talk_with = models.ManyToManyField(Contact, verbose_name=_("with whom"), blank=True, related_name="concerns")
    outcome = models.TextField(_("what came of it"), max_length=5000, blank=True)
    no_promise_because = models.CharField(_("why no promise was needed"), max_length=500, blank=True)
    promises = models.ManyToManyField(Promise, blank=True, related_name="concerns", verbose_name=_("promises made"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    # “Have we cleared this up?”, asked some weeks after it was resolved.
    ask_on = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    cleared = models.CharField(max_length=6, choices=Cleared.choices, blank=True)
    cleared_words = models.TextField(max_length=2000, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["client", "state"], name="concern_by_client"),
            models.Index(fields=["talk_due_at"], condition=Q(talk_held_at=None), name="concern_talk_due"),
            models.Index(fields=["ask_on"], condition=Q(state="resolved", asked_at=None), name="concern_to_ask"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="talking") | Q(talk_at__isnull=False), name="concern_talk_has_date"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["resolved", "verified"]) | ~Q(outcome=""), name="concern_resolved_has_outcome"
            ),
        ]

    def __str__(self):
        return f"{self.client}: {self.what_happened[:60]}"

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("concern", args=[self.public_id])

    @classmethod
    @transaction.atomic
    def open(cls, client, *, by, now, **fields):
        concern = cls.objects.create(client=client, opened_by=by, opened_at=now, **fields)
        concern.tell(ConcernEvent.Kind.OPENED, by=by, now=now)
        return concern

    def _move(self, *, among, **fields):
        # A conditional UPDATE: when two people act at once, the second is told.
        if not Concern.objects.filter(pk=self.pk, state__in=among).update(version=models.F("version") + 1, **fields):
            raise NotInThisState(self)
        self.refresh_from_db()

    @transaction.atomic
    def plan_talk(self, *, at, where, people, by, now):
        """Set or move the day we talk."""
        self._move(
            among=[self.State.OPEN, self.State.TALKING, self.State.AGREED],
            state=self.State.TALKING,
            talk_at=at,
            talk_where=where,
        )
        self.talk_with.set(people)
        self.tell(ConcernEvent.Kind.TALK_PLANNED, by=by, now=now, note=where)

    @transaction.atomic
    def agree(self, *, outcome, by, now):
        """The talk was held: what we now understand and will do."""
        self._move(among=[self.State.OPEN, self.State.TALKING], state=self.State.AGREED, outcome=outcome)
        self.tell(ConcernEvent.Kind.AGREED, by=by, now=now, note=outcome)

    @transaction.atomic
    def resolve(self, *, outcome, promises, no_promise_because, by, now):
        """Resolved needs what came of it, and either a promise or the reason why none.

        Raises ValueError when neither is given: a form asks before.
        """
        promises = list(promises)
        if not outcome or not (promises or no_promise_because):
            raise ValueError("An outcome and a promise, or the reason why none, are needed.")
        self._move(
            among=[self.State.OPEN, self.State.TALKING, self.State.AGREED],
            state=self.State.RESOLVED,
            outcome=outcome,
            no_promise_because=no_promise_because,
            resolved_at=now,
        )
        self.promises.set(promises)
        self.tell(ConcernEvent.Kind.RESOLVED, by=by, now=now, note=outcome)

    @transaction.atomic
    def reopen(self, *, by, now, note):
        self._move(among=[self.State.RESOLVED], state=self.State.OPEN, resolved_at=None)
        self.tell(ConcernEvent.Kind.REOPENED, by=by, now=now, note=note)

    def tell(self, kind, *, by, now, note=""):
        self.events.create(kind=kind, by=by, at=now, note=note)


class ConcernEvent(models.Model):
    """One thing that happened to a concern; append-only."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened this concern")
        TALK_PLANNED = "talk_planned", _("planned a talk")
        AGREED = "agreed", _("noted what was agreed")
        RESOLVED = "resolved", _("resolved it")
        REOPENED = "reopened", _("opened it again")
        CONTACTED = "contacted", _("spoke with them first")
        TALK_OFF = "talk_off", _("took the talk back")
        HELD = "held", _("held the talk")
        ESCALATED = "escalated", _("told the managers it is overdue")
        ASKED = "asked", _("asked whether it is cleared up")
        ANSWERED = "answered", _("answered whether it is cleared up")
        VERIFIED = "verified", _("cleared up, they say")
        RECURRENCE = "recurrence", _("noticed that it came back")
        HANDED_OVER = "handed_over", _("handed it over")

    concern = models.ForeignKey(Concern, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    # One of us, or a person at the client; neither when the clock did it.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    by_contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, max_length=5000)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.concern}: {self.get_kind_display()}"


class ConcernMail(models.Model):
    """A mail about a concern: a calendar invitation, the question whether it is cleared up, a word to one of us."""

    class Kind(models.TextChoices):
        TALK = "talk", _("Invitation to the talk")
        TALK_OFF = "talk_off", _("The talk is off")
        CLEARED = "cleared", _("Have we cleared this up?")
        STAFF = "staff", _("A word to one of us")

    concern = models.ForeignKey(Concern, models.CASCADE, related_name="mails")
    email = models.OneToOneField(Email, models.PROTECT, related_name="concern_mail")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.concern}: {self.get_kind_display()}"
