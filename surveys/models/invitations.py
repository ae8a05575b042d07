"""Who is asked, and the mails that ask them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, new_public_id
from clients.models import Client, Contact
from outbox.models import Email
from surveys.models.rounds import Round


def new_invitation_id():
    return new_public_id("n")


class InvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.is_manager:
            return self
        return self.exclude(client__in=Client.objects.hidden_from(user))

    def unanswered(self):
        """Asked, or to be asked, and neither answered nor settled in another way."""
        return self.filter(state__in=Invitation.UNANSWERED)

    def to_queue(self, now):
        """Whose first mail is to be written by now."""
        return self.filter(
            state=Invitation.State.PENDING,
            queued_at=None,
            send_at__lte=now,
            round__state=Round.State.OPEN,
            round__paused_at=None,
        )

    def overdue(self):
        return self.filter(overdue_flagged_at__isnull=False).exclude(state=Invitation.State.SUBMITTED)

    def with_people(self):
        """With whom and in which round; of the round without what is heavy."""
        heavy = [f"round__{name}" for name in Round.HEAVY]
        return self.select_related("contact", "client__owner", "round").defer(*heavy)

    def batch(self, round):
        """These invitations of one round as a list, the round and each owner loaded once and not with every row."""
        heavy = ("contact__imported", "client__whats_in_it", "client__imported", "client__tags")
        rows = list(self.select_related("contact", "client").defer(*heavy))
        owners = User.objects.in_bulk({row.client.owner_id for row in rows})
        for row in rows:
            row.round, row.client.owner = round, owners[row.client.owner_id]
            row.contact.client = row.client
        return rows


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
        WITHDRAWN = "withdrawn", _("Not asked any more")

    UNANSWERED = (State.PENDING, State.SENT, State.STARTED)

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
    send_at = models.DateTimeField(null=True, blank=True)  # not before; empty until the round opens
    queued_at = models.DateTimeField(null=True, blank=True)  # its first mail was written into the outbox
    hold_reason = models.CharField(max_length=200, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)  # its first mail went out
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    overdue_flagged_at = models.DateTimeField(null=True, blank=True)
    overdue_reason = models.CharField(max_length=14, choices=OverdueReason.choices, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["client__search_text", "contact__name", "pk"]
        indexes = [
            models.Index(fields=["round", "state", "send_at"], name="invitation_by_state"),
            models.Index(fields=["client", "round"], name="invitation_by_client"),
            models.Index(
                fields=["send_at", "id"], condition=Q(state="pending", queued_at=None), name="invitation_to_queue"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "contact"], name="invitation_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="invitation_weight_positive"),
        ]

    def __str__(self):
        return f"{self.contact}, {self.round}"

    @property
    def waits_in_outbox(self):
        return self.state == self.State.PENDING and self.queued_at is not None


class InvitationMessage(models.Model):
    """One mail of an invitation. Each carries a link of its own, and every one of them opens the same page."""

    INVITES = 0  # 1 to 3 remind
    THANKS = 9
    FRESH = 10  # a fresh link somebody asked for, and those after it

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="messages")
    email = models.OneToOneField(Email, models.PROTECT, related_name="invitation_message")
    step = models.PositiveSmallIntegerField()
    # The first browser that saved an answer through this link: only there does the link show answers again.
    browser_sha256 = models.CharField(max_length=64, blank=True)
    browser_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["step"]
        constraints = [models.UniqueConstraint(fields=["invitation", "step"], name="invitation_message_once")]

    def __str__(self):
        return f"{self.invitation}, {self.step}"


class RoundMail(models.Model):
    """Another mail a round caused: to whom it belongs is found from here when it is written at sending."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="mails")
    email = models.OneToOneField(Email, models.PROTECT, related_name="round_mail")
    invitation = models.ForeignKey(Invitation, models.CASCADE, null=True, blank=True, related_name="staff_mails")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, blank=True)  # of a test mail; empty: the person's own

    def __str__(self):
        return f"{self.email}"


class SomebodyElse(models.Model):
    """“Not Rosa? Tell us who should answer”: what a reader wrote, until one of us has settled it."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="somebody_else")
    name = models.CharField(_("who should answer"), max_length=120, blank=True)
    address = models.EmailField(_("their e-mail address"), max_length=254, blank=True)
    words = models.TextField(_("anything we should know"), max_length=1000, blank=True)
    said_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    became = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-said_at", "-pk"]
        indexes = [models.Index(fields=["invitation"], condition=Q(settled_at=None), name="somebody_else_unsettled")]

    def __str__(self):
        return f"{self.invitation}: {self.name}"
