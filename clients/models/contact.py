"""People at a client."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import new_public_id
from accounts.quick import path_to
from accounts.remembered import Remembered
from clients.models.client import Client, NotAllowed
from clients.names import initials, searchable


def new_contact_id():
    return new_public_id("p")


class ContactQuerySet(Remembered, models.QuerySet):
    def current(self):
        return self.filter(left_at=None)

    def there(self):
        """Not in the trash, and not part of another."""
        return self.filter(deleted_at=None, merged_into=None)

    def visible_to(self, user):
        found = self.there()
        return found if user.is_manager else found.exclude(client__in=Client.objects.hidden_from(user))

    def writable_by(self, user):
        found = self.there()
        return found if user.is_manager else found.filter(client__in=Client.objects.writable_by(user))

    def search(self, words):
        """People whose name or e-mail holds every word; accents and case do not matter."""
        found = self
        for word in searchable(words).split()[:8]:
            found = found.filter(search_text__contains=word)
        return found


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
    survey_part = models.CharField(
        _("part in surveys"), max_length=16, choices=SurveyPart.choices, default=SurveyPart.OTHER
    )
    mail_state = models.CharField(_("mail"), max_length=14, choices=MailState.choices, default=MailState.OK)
    mail_state_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(_("left the client"), null=True, blank=True)
    # In the trash, or merged with another: they count as having left as well, so that no list shows them.
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="merged_from"
    )
    external_id = models.CharField(max_length=100, null=True, blank=True)
    imported = models.JSONField(default=dict, blank=True, editable=False)  # the cells as the last import read them
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["search_text", "imported"])

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="contact_by_email"),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="contact_in_trash"),
        ]
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

    def get_absolute_url(self):
        return path_to("contact", self.public_id)

    @property
    def first_name(self):
        return self.name.split(" ")[0]

    @property
    def initials(self):
        return initials(self.name)

    @property
    def zone_name(self):
        return self.time_zone or self.client.time_zone

    @transaction.atomic
    def leave(self, *, now):
        """They work elsewhere now: kept with all that was said, no longer asked or written to."""
        self._set_left(now)

    @transaction.atomic
    def come_back(self):
        self._set_left(None)

    @transaction.atomic
    def remove(self, *, now, by=None):
        """Into the trash: somebody added by mistake. `clients.trash` asks first whether anything names them."""
        removed = {"deleted_at": now, "deleted_by": by, "version": F("version") + 1}
        if not Contact.objects.filter(pk=self.pk, deleted_at=None).update(**removed):
            raise NotAllowed(__("They were removed already."))
        self.refresh_from_db()
        self.left_at = self.left_at or now
        self.save()

    @transaction.atomic
    def restore(self):
        removed_at = self.deleted_at
        removed = Contact.objects.filter(pk=self.pk).exclude(deleted_at=None)
        if not removed.update(deleted_at=None, deleted_by=None, version=F("version") + 1):
            raise NotAllowed(__("They were not removed."))
        self.refresh_from_db()
        self.left_at = None if self.left_at == removed_at else self.left_at
        self.save()

    def has_another_address(self, *, now):
        """What came back spoke of their old address. Who asked us to stop is still left alone."""
        if self.mail_state == self.MailState.BOUNCED:
            self.mail_state, self.mail_state_at = self.MailState.OK, now
            return True
        return False

    @transaction.atomic
    def correct_address(self, to, *, now):
        """One of us says where mail to them goes; the same address again says that it is right. "", or why not."""
        to = to.strip().lower()
        if Contact.objects.filter(client=self.client_id, email=to).exclude(pk=self.pk).exists():
            return __("Somebody else at this client has the address %(address)s.") % {"address": to}
        Contact.objects.filter(pk=self.pk).update(version=F("version") + 1)
        self.refresh_from_db()
        self.email = to
        self.has_another_address(now=now)
        self.save()
        return ""

    def _set_left(self, moment):
        Contact.objects.filter(pk=self.pk).update(left_at=moment, version=F("version") + 1)
        self.refresh_from_db()
        self.save()
