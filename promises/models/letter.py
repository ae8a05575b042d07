"""What we write to a client about promises. The mail is a row of the outbox; this row says what it is about."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id
from clients.models import Client, Contact
from outbox.models import Email
from promises.models.event import PromiseEvent


def new_letter_id():
    return new_public_id("l")


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self if user.is_manager else self.exclude(client__in=Client.objects.hidden_from(user))

    def writable_by(self, user):
        """Who may write the client, and for a letter about a promise that promise's owner."""
        if user.is_manager:
            return self
        writable = Q(client__in=Client.objects.writable_by(user)) | Q(promise__owner=user)
        return self.visible_to(user).filter(writable)

    def drafts(self):
        return self.filter(email=None, dropped_at=None)

    def worth_sending(self):
        """Drafts that would still say something to somebody who is still there."""
        states = {"nudge": "active", "move": "active", "moved": "active", "offer": "proposed", "done": "delivered"}
        stands = Q(promise=None)
        for kind, state in states.items():
            stands |= Q(kind=kind, promise__state=state)
        return self.drafts().filter(stands, contact__left_at=None)

    def to_send_by(self, user):
        """Drafts that wait for this person: about a promise they answer for, or at a client they own."""
        return self.worth_sending().filter(Q(promise__owner=user) | Q(promise=None, client__owner=user))

    def with_all(self):
        return self.select_related("client__owner", "contact__client", "promise__owner", "renegotiation", "email")


class Letter(models.Model):
    """One mail about promises to one person at a client, or the draft of one: no e-mail yet means it waits for us.

    Its personal link opens the page of promises between that person and us; it dies when they leave the client or
    when the letter is revoked.
    """

    class Kind(models.TextChoices):
        OFFER = "offer", _("Asks them to agree")
        MOVE = "move", _("Asks for another date")
        DONE = "done", _("Asks whether it is what was agreed")
        MOVED = "moved", _("Tells them the new date")
        NUDGE = "nudge", _("Asks after their promise")
        PAGE = "page", _("Shows what we promised each other")

    public_id = models.CharField(max_length=16, unique=True, default=new_letter_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    client = models.ForeignKey(Client, models.CASCADE, related_name="letters")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="letters")
    promise = models.ForeignKey("Promise", models.CASCADE, null=True, blank=True, related_name="letters")
    renegotiation = models.ForeignKey("Renegotiation", models.CASCADE, null=True, blank=True, related_name="letters")
    words = models.TextField(_("words"), max_length=4000, blank=True)  # as a person wrote them
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # null: the clock
    written_at = models.DateTimeField(default=timezone.now)
    email = models.OneToOneField(Email, models.CASCADE, null=True, blank=True, related_name="letter")
    dropped_at = models.DateTimeField(null=True, blank=True)  # a draft nobody wanted to send
    revoked_at = models.DateTimeField(null=True, blank=True)
    # What told one of us that it did not arrive.
    trouble = models.OneToOneField(Email, models.SET_NULL, null=True, blank=True, related_name="letter_trouble")

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["promise", "kind"], name="letter_about_promise")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.contact}"

    def get_absolute_url(self):
        return reverse("letter", args=[self.public_id])

    @property
    def is_draft(self):
        return self.email_id is None and self.dropped_at is None

    @cached_property
    def promises(self):
        """What it is about: one promise, or those of one person it asks after together, as their stories say."""
        if self.promise_id:
            return [self.promise]
        if self.kind != self.Kind.NUDGE:
            return []
        said = PromiseEvent.objects.filter(kind=PromiseEvent.Kind.NUDGED, data__letter=self.public_id)
        said = said.filter(promise__promisor_contact=self.contact_id).select_related("promise")
        return [event.promise for event in said.order_by("promise__due_at", "promise")]

    @property
    def sender(self):
        """Whose name stands on it and who reads the reply: who answers for the promise, else the client's owner.

        A letter about several promises is signed by who wrote it.
        """
        owner = self.promise.owner if self.promise_id else self.client.owner
        if self.kind == self.Kind.NUDGE and not self.promise_id and self.written_by_id:
            owner = self.written_by
        return owner if owner.is_active else self.client.owner
