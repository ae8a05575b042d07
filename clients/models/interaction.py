"""What happened between us and a client."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.conflict import Stale
from accounts.models import new_public_id
from accounts.quick import path_to
from accounts.remembered import Remembered
from clients.models.client import Client, NotAllowed
from clients.models.contact import Contact
from clients.names import searchable


def new_interaction_id():
    return new_public_id("i")


# Both sides spoke, or they wrote to us: what counts for the agreed rhythm. A mail of ours alone does not.
TWO_WAY = Q(kind__in=["call", "meeting", "visit"]) | Q(direction="theirs", kind__in=["email", "message"])


class InteractionQuerySet(Remembered, models.QuerySet):
    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for interaction in objs:
            interaction.make_findable()
        return super().bulk_create(objs, *args, **kwargs)

    def kept(self):
        return self.filter(deleted_at=None)

    def visible_to(self, user):
        return self if user.is_manager else self.exclude(client__in=Client.objects.hidden_from(user))

    def writable_by(self, user):
        return self if user.is_manager else self.filter(client__in=Client.objects.writable_by(user))

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

    class Mood(models.IntegerChoices):
        VERY_UNHAPPY = -2, _("Very unhappy")
        UNHAPPY = -1, _("Unhappy")
        NEUTRAL = 0, _("Neutral")
        HAPPY = 1, _("Happy")
        VERY_HAPPY = 2, _("Very happy")

    public_id = models.CharField(max_length=16, unique=True, default=new_interaction_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="interactions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CALL)
    direction = models.CharField(
        _("direction"), max_length=6, choices=Direction.choices, default=Direction.OURS, blank=True
    )
    happened_at = models.DateTimeField(_("when"))
    contacts = models.ManyToManyField(Contact, related_name="interactions", blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="interactions")
    summary = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("what happened"), max_length=20000)
    search_text = models.TextField(editable=False, default="")
    received = models.ForeignKey(
        "clients.ReceivedMail", models.SET_NULL, null=True, blank=True, editable=False, related_name="interactions"
    )
    mood = models.SmallIntegerField(
        _("mood of the client"),
        null=True,
        blank=True,
        choices=Mood.choices,
        validators=[MinValueValidator(-2), MaxValueValidator(2)],
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["search_text"])

    objects = InteractionQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(fields=["client", "-happened_at", "-id"], name="interaction_by_client"),
            models.Index(fields=["author", "-happened_at"], name="interaction_by_author"),
            models.Index(fields=["-happened_at", "-id"], name="interaction_by_time"),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="interaction_in_trash"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(mood=None) | Q(mood__range=(-2, 2)), name="interaction_mood_range"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.client}"

    def save(self, **kwargs):
        self.make_findable()
        super().save(**kwargs)

    def get_absolute_url(self):
        return path_to("interaction", self.public_id)

    def make_findable(self):
        self.search_text = searchable(f"{self.summary} {self.body}")

    @property
    def timeline_ref(self):
        """What stands for it in an address: when it happened may be corrected."""
        return self.public_id

    @property
    def files(self):
        """What is attached, without what was removed; read once where the timeline has read it."""
        return [one for one in self.attachments.all() if one.deleted_at is None]

    # ------------------------------------------------------------------ verbs
    @property
    def is_two_way(self):
        """`TWO_WAY` of one record."""
        Kind = self.Kind
        theirs = self.direction == self.Direction.THEIRS and self.kind in (Kind.EMAIL, Kind.MESSAGE)
        return theirs or self.kind in (Kind.CALL, Kind.MEETING, Kind.VISIT)

    @classmethod
    @transaction.atomic(savepoint=False)
    def log(
        cls,
        *,
        client,
        by,
        kind,
        direction,
        happened_at,
        body,
        contacts=(),
        mood=None,
        key=None,
        summary="",
        received=None,
    ):
        """Write down what happened. A second call with the same key answers the first one's record, and False."""
        key = key or uuid.uuid4()
        try:
            with transaction.atomic():
                interaction = cls.objects.create(
                    idempotency_key=key,
                    client=client,
                    author=by,
                    kind=kind,
                    direction="" if kind == cls.Kind.NOTE else direction,
                    happened_at=happened_at,
                    body=body,
                    mood=mood,
                    summary=summary,
                    received=received,
                )
        except IntegrityError:
            if known := cls.objects.filter(idempotency_key=key).first():
                return known, False
            raise
        interaction.contacts.add(*contacts)
        if kind != cls.Kind.NOTE:
            client.spoke_at(happened_at, two_way=interaction.is_two_way)
        return interaction, True

    @transaction.atomic
    def edit(self, *, contacts=None, **changes):
        """Correct the copy that was read; the earlier text stays in the history. `Stale` when it moved on."""
        for name, value in changes.items():
            setattr(self, name, value)
        if self.kind == self.Kind.NOTE:
            self.direction = self.Direction.NONE
        if not Interaction.objects.kept().filter(pk=self.pk, version=self.version).update(version=F("version") + 1):
            raise Stale(self)
        self.version += 1
        self.save()
        if contacts is not None:
            self.contacts.set(contacts)
        self.client.note_contact()

    @transaction.atomic
    def remove(self, *, now, by=None):
        """Take it out of every list, into the trash; `restore` undoes it. What it answered waits again, for a day."""
        from clients.requests.follow import entry_removed

        removed = {"deleted_at": now, "deleted_by": by, "version": F("version") + 1}
        if not Interaction.objects.kept().filter(pk=self.pk).update(**removed):
            raise NotAllowed(_("It was removed already."))
        self.refresh_from_db()
        self.save()
        self.client.note_contact()
        entry_removed(self, by=by, now=now)

    @transaction.atomic
    def restore(self):
        if (
            not Interaction.objects.filter(pk=self.pk)
            .exclude(deleted_at=None)
            .update(deleted_at=None, deleted_by=None, version=F("version") + 1)
        ):
            raise NotAllowed(_("It was not removed."))
        self.refresh_from_db()
        self.save()
        self.client.note_contact()
