"""What we believe a client will answer, written down before they do."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import new_public_id
from clients.models import Client, TeamMember
from surveys.models.results import Result
from surveys.models.rounds import Round


def new_belief_id():
    return new_public_id("b")


class BeliefQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Nobody sees another's belief before it is sealed; a person's own are always theirs."""
        return self.filter(Q(user=user) | Q(sealed_at__isnull=False, client__in=Client.objects.visible_to(user)))

    def asked_of(self, user):
        """What this person is asked to record: clients they may still see, in rounds that are not over."""
        return self.filter(
            user=user,
            round__state__in=[Round.State.BELIEFS, Round.State.OPEN],
            client__in=Client.objects.visible_to(user).current(),
        )

    def missing(self):
        return self.filter(recorded_at=None)

    def owed_by(self, user):
        """What this person has still to say; until then the answers of those clients are closed to them.

        Once a round is over, or the client archived, nothing can be recorded any more, so nothing is owed.
        """
        found = self.missing().filter(user=user, client__archived_at=None)
        return found.exclude(round__state=Round.State.CLOSED)

    def holding(self):
        """Owners' beliefs still to come that a round may wait for: nobody let their client go without."""
        return self.filter(required=True, recorded_at=None, let_go_at=None)

    def to_judge(self):
        """Asked for and still of use: not recorded, the client not written to yet, and still theirs to say."""
        part = TeamMember.objects.filter(client=OuterRef("client"), user=OuterRef("user"))
        theirs = Q(user=F("client__owner")) | Exists(part)
        return self.missing().filter(
            theirs,
            sealed_at=None,
            round__state__in=[Round.State.BELIEFS, Round.State.OPEN],
            client__archived_at=None,
            user__is_active=True,
        )

    def unsealed(self):
        return self.filter(sealed_at=None)

    def counted(self):
        """Recorded before the client's first invitation went out: the only beliefs a gap is measured against."""
        return self.filter(recorded_at__isnull=False, sealed_at__isnull=False, after_the_fact=False)

    def seal(self, *, now):
        """Closes these beliefs; called in the transaction that writes the client's first invitation."""
        return self.unsealed().update(sealed_at=now)


class Belief(models.Model):
    """What one of us thinks a client will answer; sealed when that client's first invitation goes out."""

    public_id = models.CharField(max_length=16, unique=True, default=new_belief_id, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="beliefs")
    client = models.ForeignKey(Client, models.CASCADE, related_name="beliefs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="beliefs")
    required = models.BooleanField(default=False)  # the owner's is
    values = models.JSONField(default=dict, blank=True)  # {question key: 0…10}; a key left out means “can't say”
    note = models.TextField(_("why we think so"), blank=True, max_length=2000)
    recorded_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    after_the_fact = models.BooleanField(default=False)  # recorded after sealing: kept, never counted
    # A manager let the client be written to without this belief, in a round that waits for them.
    let_go_at = models.DateTimeField(null=True, blank=True)
    let_go_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = BeliefQuerySet.as_manager()

    class Meta:
        ordering = ["client__search_text", "pk"]
        indexes = [models.Index(fields=["user", "recorded_at"], name="belief_by_user")]
        constraints = [models.UniqueConstraint(fields=["round", "client", "user"], name="belief_once")]

    def __str__(self):
        return f"{self.user} on {self.client}"

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("belief", args=[self.public_id])

    @property
    def is_final(self):
        """Recorded and sealed, or recorded late: no longer to be changed."""
        return bool(self.recorded_at and (self.sealed_at or self.after_the_fact))

    @transaction.atomic
    def keep_draft(self, *, values, note):
        """Keeps what was typed so far without recording it. True unless it is no longer to be changed."""
        return bool(self._open().filter(recorded_at=None).update(values=values, note=note))

    @transaction.atomic
    def record(self, *, values, note, now):
        """Records the belief. After sealing it is kept as *after the fact*, once, and never counted.

        False when it had already been recorded and sealed.
        """
        row = self._open().select_for_update(of=("self",)).first()
        if row is None:
            return False
        if row.sealed_at is None and row._was_asked():
            row.sealed_at = now  # asked for so late that nobody could seal it
        row.values, row.note, row.recorded_at = values, note, now
        row.after_the_fact = row.sealed_at is not None
        row.save(update_fields=["values", "note", "recorded_at", "sealed_at", "after_the_fact"])
        Result.objects.mark_stale(round_id=row.round_id, client_ids=[row.client_id])
        return True

    def _was_asked(self):
        from surveys.models.invitations import Invitation

        return Invitation.objects.filter(round=self.round_id, client=self.client_id, queued_at__isnull=False).exists()

    def _open(self):
        return Belief.objects.filter(pk=self.pk).filter(Q(sealed_at=None) | Q(recorded_at=None))
