"""The organisation we are in a partnership with, and who of us works for it."""

from collections import defaultdict
from datetime import UTC, datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Origin, new_public_id
from accounts.quick import path_to
from accounts.remembered import Remembered
from clients.names import initials, name_key, searchable, web_domain

# When both sides last spoke; those who never did come before all others. Lists sort by it from an index.
NEVER = datetime(1900, 1, 1, tzinfo=UTC)
LAST_SPOKE = Coalesce("last_two_way_at", Value(NEVER))
LIVE = Q(archived_at=None, merged_into=None)


def new_client_id():
    return new_public_id("c")


class NotAllowed(Exception):
    """The record is in no state for that."""


class ClientQuerySet(Remembered, models.QuerySet):
    def visible_to(self, user):
        """The one door: what this person may read. Whatever shows or counts a client comes through here.

        One that was merged into another is no client any more; its address leads to the other.
        """
        if user.is_manager:
            return self.filter(merged_into=None)
        ours = Q(owner=user) | Q(pk__in=TeamMember.objects.filter(user=user).values("client"))
        return self.filter(Q(visibility=Client.Visibility.OPEN) | ours, merged_into=None)

    def writable_by(self, user):
        if user.is_manager:
            return self.filter(merged_into=None)
        # The two together first: asked of every client whether it is either, the database would look at all of them.
        team = TeamMember.objects.filter(user=user).order_by().values("client")
        ours = Client.objects.filter(owner=user).order_by().values("pk").union(team)
        return self.filter(pk__in=ours, merged_into=None)

    def hidden_from(self, user):
        """The others: what this person may not read. They are few, so long lists leave them out instead."""
        if user.is_manager:
            return self.none()
        return self.filter(visibility=Client.Visibility.TEAM_ONLY).exclude(
            Q(owner=user) | Q(pk__in=TeamMember.objects.filter(user=user).values("client"))
        )

    def hidden_among(self, users):
        """The same for many people in two queries: {user pk: the pks of those of these clients they may not read}."""
        closed = dict(self.filter(visibility=Client.Visibility.TEAM_ONLY).order_by().values_list("pk", "owner"))
        users = [user for user in users if not user.is_manager] if closed else []
        team = (
            TeamMember.objects.filter(client__in=list(closed), user__in=users) if users else TeamMember.objects.none()
        )
        inside = set(closed.items()) | set(team.values_list("client", "user"))
        hidden = {user.pk: {pk for pk in closed if (pk, user.pk) not in inside} for user in users}
        return defaultdict(set, hidden)

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for client in objs:
            client.make_findable()
        return super().bulk_create(objs, *args, **kwargs)

    def current(self):
        return self.filter(archived_at=None)

    def archived(self):
        return self.exclude(archived_at=None)

    def search(self, words):
        """Clients whose name, or a person of theirs, holds every word; accents and case do not matter."""
        from clients.models.contact import Contact

        found = self
        for word in searchable(words).split()[:8]:
            people = Contact.objects.filter(search_text__contains=word, left_at=None).values("client")
            found = found.filter(Q(search_text__contains=word) | Q(pk__in=people))
        return found

    def like(self, *, name, website=""):
        """Clients that may be the same organisation: same web domain, or same name but for accents and legal form."""
        same = Q(name_key=name_key(name)[:200])
        if domain := web_domain(website):
            same |= Q(web_domain=domain)
        return self.filter(same)

    def with_people(self):
        return self.select_related("owner", "archived_by").prefetch_related("team_members__user")


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
    search_text = models.CharField(max_length=300, editable=False, db_index=True)
    name_key = models.CharField(max_length=200, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CLIENT)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.ACTIVE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="clients", verbose_name=_("owner"))
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, through="TeamMember", related_name="team_clients")
    visibility = models.CharField(
        _("who may see it"), max_length=10, choices=Visibility.choices, default=Visibility.OPEN
    )
    partner_since = models.DateField(_("partner since"), null=True, blank=True)
    value_band = models.CharField(_("value band"), max_length=1, choices=Band.choices, blank=True)
    annual_value = models.DecimalField(_("annual value"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    web_domain = models.CharField(max_length=200, editable=False, db_index=True, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    whats_in_it = models.TextField(_("what’s in it for them"), blank=True, max_length=5000)
    rhythm_days = models.PositiveSmallIntegerField(
        _("days between contacts"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("working hours until they have an answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(400)],
    )
    renewal_on = models.DateField(_("renewal on"), null=True, blank=True)
    # Kept by the verbs that log, edit and remove interactions, so that lists sort by them from an index: the last
    # contact of any kind, and the last in which both sides spoke or they wrote to us.
    last_interaction_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_two_way_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="merged_from"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    external_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND)
    imported = models.JSONField(default=dict, blank=True, editable=False)  # the cells as the last import read them
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(
        excluded_fields=["last_interaction_at", "last_two_way_at", "search_text", "name_key", "web_domain", "imported"]
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["search_text", "pk"]
        indexes = [
            # An order is read from an index only where what is listed is what the index holds.
            models.Index(fields=["search_text", "id"], condition=LIVE, name="client_live_by_name"),
            models.Index(fields=["stage", "search_text", "id"], condition=LIVE, name="client_live_by_stage"),
            models.Index(LAST_SPOKE, F("id"), condition=LIVE, name="client_live_by_last_spoke"),
            models.Index(
                fields=["search_text", "id"], condition=Q(archived_at__isnull=False), name="client_archived_by_name"
            ),
            models.Index(fields=["owner", "archived_at", "search_text"], name="client_by_owner"),
            models.Index(fields=["visibility", "owner"], name="client_by_visibility"),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.make_findable()
        super().save(**kwargs)

    def get_absolute_url(self):
        return path_to("client", self.public_id)

    def make_findable(self):
        """What search, imports and the look for doubles go by, out of the name and the website."""
        self.search_text = searchable(self.name)[:300]
        self.name_key = name_key(self.name)[:200]
        self.web_domain = web_domain(self.website)[:200]

    @property
    def initials(self):
        return initials(self.name)

    @property
    def is_archived(self):
        return self.archived_at is not None

    @property
    def website_url(self):
        """The website as a link, or nothing when what was typed is no web address."""
        if not self.web_domain:
            return ""
        return self.website if self.website.lower().startswith(("http://", "https://")) else f"https://{self.website}"

    def can_be_written_by(self, user):
        if user.is_manager or self.owner_id == user.pk:
            return True
        return any(member.user_id == user.pk for member in self.team_members.all())  # read once where prefetched

    def rhythm(self, workspace):
        """Agreed days between contacts: the client's own, else the firm's."""
        return self.rhythm_days or workspace.rhythm_days

    # ------------------------------------------------------------------ verbs
    @transaction.atomic
    def archive(self, *, by, now):
        if not Client.objects.filter(pk=self.pk, archived_at=None).update(archived_at=now, version=F("version") + 1):
            raise NotAllowed(_("It was archived already."))
        self.refresh_from_db()
        self.archived_by = by
        self.save()

    @transaction.atomic
    def bring_back(self):
        if (
            not Client.objects.filter(pk=self.pk, merged_into=None)
            .exclude(archived_at=None)
            .update(archived_at=None, version=F("version") + 1)
        ):
            raise NotAllowed(_("It is not archived."))
        self.refresh_from_db()
        self.archived_by = None
        self.save()

    @transaction.atomic
    def hand_over(self, *, to):
        """Give the relationship to another owner; the history says from whom."""
        if not to.is_active:
            raise NotAllowed(_("That person no longer works here."))
        Client.objects.filter(pk=self.pk).update(owner=to, version=F("version") + 1)
        self.refresh_from_db()
        self.team_members.filter(user=to).delete()  # an owner plays no second part
        self.save()

    def note_contact(self):
        """Set when we were last in touch, and when both sides last were; notes are not contact."""
        from clients.models.interaction import TWO_WAY, Interaction

        last = (
            Interaction.objects.kept()
            .filter(client=self)
            .exclude(kind=Interaction.Kind.NOTE)
            .aggregate(last=models.Max("happened_at"), two_way=models.Max("happened_at", filter=TWO_WAY))
        )
        self.last_interaction_at, self.last_two_way_at = last["last"], last["two_way"]
        Client.objects.filter(pk=self.pk).update(last_interaction_at=last["last"], last_two_way_at=last["two_way"])

    def spoke_at(self, moment, *, two_way):
        """The same for one contact more: only later moments change anything."""
        names = ("last_interaction_at", "last_two_way_at") if two_way else ("last_interaction_at",)
        at = Value(moment, models.DateTimeField())
        Client.objects.filter(pk=self.pk).update(**{name: Greatest(Coalesce(name, at), at) for name in names})
        for name in names:
            setattr(self, name, max(getattr(self, name) or moment, moment))


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
    history = HistoricalRecords()

    objects = Remembered.as_manager()

    class Meta:
        ordering = ["part", "user__name"]
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="team_member_once")]

    def __str__(self):
        return f"{self.user}, {self.get_part_display()}"
