"""What stands between a client and us, and how it was put right."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id
from clients.models import Client, Contact
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
    prevention = models.TextField(_("how it will not happen again"), max_length=2000, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    talk_at = models.DateTimeField(_("when we talk"), null=True, blank=True)
    talk_where = models.CharField(_("where"), max_length=200, blank=True)
    talk_with = models.ManyToManyField(Contact, verbose_name=_("with whom"), blank=True, related_name="concerns")
    outcome = models.TextField(_("what came of it"), max_length=5000, blank=True)
    no_promise_because = models.CharField(_("why no promise was needed"), max_length=500, blank=True)
    promises = models.ManyToManyField(Promise, blank=True, related_name="concerns", verbose_name=_("promises made"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["client", "state"], name="concern_by_client")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="talking") | Q(talk_at__isnull=False), name="concern_talk_has_date"
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved") | ~Q(outcome=""), name="concern_resolved_has_outcome"
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

    concern = models.ForeignKey(Concern, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.TextField(blank=True, max_length=5000)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.concern}: {self.get_kind_display()}"
