"""What clients suggest, and what we answered: “you said, we did”."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts import changes
from accounts.models import new_public_id
from accounts.remembered import Remembered
from clients.models import Client, Contact
from partnerships.models.verbs import NotInThisState
from promises.models import Promise


def new_suggestion_id():
    return new_public_id("g")


class SuggestionQuerySet(Remembered, models.QuerySet):
    def visible_to(self, user):
        return self.filter(client__in=Client.objects.visible_to(user))

    def writable_by(self, user):
        return self.filter(client__in=Client.objects.writable_by(user))

    def waiting(self):
        """Nobody has answered them yet."""
        return self.filter(state=Suggestion.State.NEW)


class Suggestion(models.Model):
    """How we could get better, in a client's words, and our answer to them."""

    class State(models.TextChoices):
        NEW = "new", _("No answer yet")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        DONE = "done", _("Done")

    class Source(models.TextChoices):
        SURVEY = "survey", _("The survey")
        TALK = "talk", _("A conversation")
        MAIL = "mail", _("A mail or message")
        OTHER = "other", _("Elsewhere")

    public_id = models.CharField(max_length=16, unique=True, default=new_suggestion_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="suggestions")
    # Empty where it was said in confidence, or by nobody in particular.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="suggestions", verbose_name=_("who said it")
    )
    words = models.TextField(_("their words"), max_length=5000)
    source = models.CharField(_("where from"), max_length=8, choices=Source.choices, default=Source.TALK)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    promise = models.ForeignKey(Promise, models.SET_NULL, null=True, blank=True, related_name="suggestions")
    reason = models.TextField(_("why not"), max_length=2000, blank=True)
    reply = models.TextField(_("what we told them"), max_length=2000, blank=True)
    said_at = models.DateTimeField(_("when they said it"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords()

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-said_at", "-pk"]
        indexes = [
            models.Index(fields=["client", "state"], name="suggestion_by_client"),
            models.Index(fields=["state", "-said_at", "-id"], name="suggestion_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="suggestion_declined_has_reason"
            ),
        ]

    def __str__(self):
        return f"{self.client}: {self.words[:60]}"

    def get_absolute_url(self):
        from django.urls import reverse

        return reverse("suggestion", args=[self.public_id])

    # ------------------------------------------------------------------ verbs

    @classmethod
    def record(cls, client, *, by, now, words, contact=None, source=Source.TALK, said_at=None):
        """Write down what they suggest."""
        return cls.objects.create(
            client=client, contact=contact, words=words, source=source, said_at=said_at or now, recorded_by=by,
            recorded_at=now,
        )  # fmt: skip

    def accept(self, promise, *, by, now):
        """We will do it: the promise says what and by when."""
        self._settle([self.State.NEW], state=self.State.ACCEPTED, promise=promise, by=by, now=now)

    def decline(self, reason, *, by, now):
        """We will not, and say why. ValueError without a reason: a form asks before."""
        if not reason:
            raise ValueError("Declining needs the reason why.")
        self._settle([self.State.NEW], state=self.State.DECLINED, reason=reason, by=by, now=now)

    def done(self, reply, *, by, now):
        """We did it: “you said, we did”. ValueError without our reply."""
        if not reply:
            raise ValueError("What we told them is needed.")
        self._settle([self.State.NEW, self.State.ACCEPTED], state=self.State.DONE, reply=reply, by=by, now=now)

    def undo(self, *, by, now):
        """Back by one step: what was done is accepted where there is a promise, anything else waits again."""
        if self.state == self.State.DONE and self.promise_id:
            self._settle([self.State.DONE], state=self.State.ACCEPTED, reply="", by=by, now=now)
            return
        among = [self.state] if self.state != self.State.NEW else []
        fields = {"state": self.State.NEW, "promise": None, "reason": "", "reply": ""}
        self._settle(among, by=by, now=now, **fields)

    @transaction.atomic
    def _settle(self, among, *, by, now, **fields):
        # A conditional UPDATE: when two people act at once, the second is told.
        settled = {"settled_at": now, "settled_by": by}
        if fields.get("state") == self.State.NEW:
            settled = {"settled_at": None, "settled_by": None}
        rows = Suggestion.objects.filter(pk=self.pk, state__in=among)
        changes.begin(self)
        if not rows.update(version=F("version") + 1, **fields, **settled):
            raise NotInThisState(self)
        self.refresh_from_db()
        changes.note(self)
