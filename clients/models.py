"""Clients, their people, and what happened with them."""

import re
import unicodedata
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Origin, new_public_id


def new_client_id():
    return new_public_id("c")


def new_contact_id():
    return new_public_id("p")


def new_interaction_id():
    return new_public_id("i")


def searchable(text):
    """Text as it is searched: no accents, no case, single spaces ("Königlich  Essen" → "koniglich essen")."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "o").replace("ł", "l"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", plain).strip().casefold()


class StaleRecord(Exception):
    """Somebody saved the record after it was read."""


class ClientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The one door: what this person may read. Everything that shows a client, or counts one, comes through here."""
        if user.is_manager:
            return self
        return self.filter(
            Q(visibility=Client.Visibility.OPEN) | Q(owner=user) | Q(pk__in=TeamMember.objects.filter(user=user).values("client"))
        )

    def writable_by(self, user):
        if user.is_manager:
            return self
        return self.filter(Q(owner=user) | Q(pk__in=TeamMember.objects.filter(user=user).values("client")))

    def current(self):
        return self.filter(archived_at=None)

    def archived(self):
        return self.exclude(archived_at=None)

    def search(self, words):
        """Clients whose name, or a person of theirs, holds every word; accents and case do not matter."""
        found = self
        for word in searchable(words).split():
            people = Contact.objects.filter(search_text__contains=word, left_at=None).values("client")
            found = found.filter(Q(search_text__contains=word) | Q(pk__in=people))
        return found


class Client(models.Model):
    """An organisation we are in a partnership with, or hope to be. One of us always owns the relationship."""

    class Kind(models.TextChoices):
        CLIENT = "client", _("Client")
        PARTNER = "partner", _("Partner")
        PROSPECT = "prospect", _("Prospect")

    class Stage(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        ONBOARDING = "onboarding", _("Onboarding")
        ACTIVE = "active", _("Active")
        DORMANT = "dormant", _("Dormant")
        ENDED = "ended", _("Ended")

    class Visibility(models.TextChoices):
        OPEN = "open", _("Open to everyone here")
        TEAM_ONLY = "team_only", _("Owner, client team and managers only")

    class Band(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"
        D = "D", "D"

    public_id = models.CharField(max_length=16, unique=True, default=new_client_id, editable=False)
    name = models.CharField(_("name"), max_length=200)
    search_text = models.CharField(max_length=200, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CLIENT)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.ACTIVE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="clients", verbose_name=_("owner"))
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, through="TeamMember", related_name="team_clients")
    visibility = models.CharField(_("who may see it"), max_length=10, choices=Visibility.choices, default=Visibility.OPEN)
    partner_since = models.DateField(_("partner since"), null=True, blank=True)
    value_band = models.CharField(_("value band"), max_length=1, choices=Band.choices, blank=True)
    annual_value = models.DecimalField(_("annual value"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    whats_in_it = models.TextField(_("what’s in it for them"), blank=True, max_length=5000)
    rhythm_days = models.PositiveSmallIntegerField(
        _("days between contacts"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    # Kept by the verbs that log, edit and remove interactions, so that lists sort by it from an index.
    last_interaction_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    external_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["last_interaction_at", "search_text"])

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["search_text", "pk"]
        indexes = [
            models.Index(fields=["archived_at", "search_text", "id"], name="client_by_name"),
            models.Index(fields=["archived_at", "last_interaction_at", "id"], name="client_by_contact"),
            models.Index(fields=["owner", "archived_at", "search_text"], name="client_by_owner"),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.search_text = searchable(self.name)[:200]
        super().save(**kwargs)

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("client", args=[self.public_id])

    def can_be_written_by(self, user):
        return user.is_manager or self.owner_id == user.pk or self.team_members.filter(user=user).exists()


class TeamMember(models.Model):
    """One of us who works for a client, and the part they play."""

    class Part(models.TextChoices):
        DEPUTY = "deputy", _("Deputy")
        PARTNER = "partner", _("Partner")
        SPECIALIST = "specialist", _("Specialist")
        SUPPORT = "support", _("Support")

    client = models.ForeignKey(Client, models.CASCADE, related_name="team_members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="team_parts")
    part = models.CharField(_("part played"), max_length=12, choices=Part.choices, default=Part.SPECIALIST)

    class Meta:
        ordering = ["part", "user__name"]
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="team_member_once")]

    def __str__(self):
        return f"{self.user}, {self.get_part_display()}"


class ContactQuerySet(models.QuerySet):
    def current(self):
        return self.filter(left_at=None)

    def visible_to(self, user):
        return self.filter(client__in=Client.objects.visible_to(user))

    def writable_by(self, user):
        return self.filter(client__in=Client.objects.writable_by(user))


class Contact(models.Model):
    """A person at a client."""

    class SurveyPart(models.TextChoices):
        DECISION_MAKER = "decision_maker", _("Decision maker")
        DAY_TO_DAY = "day_to_day", _("Day to day")
        FINANCE = "finance", _("Finance")
        OTHER = "other", _("Other")
        NOT_SURVEYED = "not_surveyed", _("Not asked in surveys")

    class MailState(models.TextChoices):
        OK = "ok", _("Receives mail")
        UNSUBSCRIBED = "unsubscribed", _("Asked us to stop")
        BOUNCED = "bounced", _("Mail comes back")

    public_id = models.CharField(max_length=16, unique=True, default=new_contact_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    search_text = models.CharField(max_length=400, editable=False, db_index=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en-gb")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)  # empty: the client's
    survey_part = models.CharField(_("part in surveys"), max_length=16, choices=SurveyPart.choices, default=SurveyPart.OTHER)
    mail_state = models.CharField(_("mail"), max_length=14, choices=MailState.choices, default=MailState.OK)
    mail_state_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(_("left the client"), null=True, blank=True)
    external_id = models.CharField(max_length=100, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["search_text"])

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "email"], condition=~Q(email=""), name="contact_email_once"),
            models.UniqueConstraint(fields=["client", "external_id"], name="contact_external_id_once"),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.email = self.email.strip().lower()
        self.search_text = searchable(f"{self.name} {self.email}")[:400]
        super().save(**kwargs)

    @property
    def first_name(self):
        return self.name.split(" ")[0]

    @property
    def initials(self):
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"

    @property
    def zone_name(self):
        return self.time_zone or self.client.time_zone


class InteractionQuerySet(models.QuerySet):
    def kept(self):
        return self.filter(deleted_at=None)

    def visible_to(self, user):
        return self.filter(client__in=Client.objects.visible_to(user))

    def writable_by(self, user):
        return self.filter(client__in=Client.objects.writable_by(user))

    def with_people(self):
        return self.select_related("client", "author").prefetch_related("contacts")


class Interaction(models.Model):
    """Something that happened between us and a client: a call, a meeting, a mail, a note."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        EMAIL = "email", _("E-mail")
        MESSAGE = "message", _("Message")
        NOTE = "note", _("Note")

    class Direction(models.TextChoices):
        OURS = "ours", _("We reached out")
        THEIRS = "theirs", _("They reached out")
        NONE = "", _("Neither")

    public_id = models.CharField(max_length=16, unique=True, default=new_interaction_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="interactions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CALL)
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices, default=Direction.OURS, blank=True)
    happened_at = models.DateTimeField(_("when"))
    contacts = models.ManyToManyField(Contact, related_name="interactions", blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="interactions")
    body = models.TextField(_("what happened"), max_length=20000)
    mood = models.SmallIntegerField(
        _("mood of the client"), null=True, blank=True, validators=[MinValueValidator(-2), MaxValueValidator(2)]
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords()

    objects = InteractionQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(fields=["client", "-happened_at", "-id"], name="interaction_by_client"),
            models.Index(fields=["author", "-happened_at"], name="interaction_by_author"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(mood=None) | Q(mood__range=(-2, 2)), name="interaction_mood_range"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.client}"
