"""What stands between a client and us, and how it was put right."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import new_public_id
from accounts.remembered import Remembered
from clients.models import Client, Contact
from partnerships.models.verbs import Verbs
from promises.models import Promise


def new_concern_id():
    return new_public_id("k")


UNRESOLVED = ("open", "talking", "agreed")


class ConcernQuerySet(Remembered, models.QuerySet):
    def visible_to(self, user):
        return self.filter(client__in=Client.objects.visible_to(user))

    def writable_by(self, user):
        return self.filter(client__in=Client.objects.writable_by(user))

    def unresolved(self):
        return self.filter(state__in=UNRESOLVED)

    def led_by(self, users):
        """Who takes it on: the lead, or the client's owner where nobody else leads."""
        return self.filter(Q(lead__in=users) | Q(lead=None, client__owner__in=users))

    def overdue(self, now):
        """Out of time: nobody spoke with them, or no talk was held, when it was due."""
        late_contact = Q(first_contact_at=None, contact_due_at__lt=now)
        late_talk = Q(talk_held_at=None, talk_due_at__lt=now)
        return self.unresolved().filter(late_contact | late_talk)

    def to_ask(self, today):
        """Resolved long enough: the day of “have we cleared this up?” has come."""
        return self.filter(state=Concern.State.RESOLVED, asked_at=None, ask_on__lte=today)

    def with_people(self):
        return self.select_related("client__owner", "lead", "second")


class Concern(Verbs, models.Model):
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
    history = HistoricalRecords()

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

    @property
    def leader(self):
        return self.lead or self.client.owner

    @property
    def is_unresolved(self):
        return self.state in UNRESOLVED

    def late(self, now):
        """“contact” or “talk”: what is out of time; "" when nothing is."""
        if not self.is_unresolved:
            return ""
        if self.first_contact_at is None and self.contact_due_at and self.contact_due_at < now:
            return "contact"
        if self.talk_held_at is None and self.talk_due_at and self.talk_due_at < now:
            return "talk"
        return ""

    def is_ahead(self, now):
        """A talk is planned, and its hour has not come."""
        return bool(self.state == self.State.TALKING and self.talk_at > now)

    def wants_words(self, now):
        """The day of the talk has passed, and nobody has said how it went."""
        return bool(self.state == self.State.TALKING and self.talk_at < now)

    @property
    def is_recurrence(self):
        return self.recurrence_of_id is not None
