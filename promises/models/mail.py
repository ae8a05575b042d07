"""Which mail a promise or a person's day caused. The outbox knows nothing of promises; these rows know both."""

from django.conf import settings
from django.db import models

from outbox.models import Email


class DigestMail(models.Model):
    """One person's digest of one day: it covers what fell due for a word after `since` and until `date`.

    No e-mail: their day was looked at and there was nothing to say.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    date = models.DateField()  # in the person's own zone
    since = models.DateField(null=True)  # the digest before this one; null: none yet
    email = models.OneToOneField(Email, models.CASCADE, null=True, blank=True, related_name="digest")

    class Meta:
        ordering = ["-date", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "date"], name="one_digest_a_day")]

    def __str__(self):
        return f"{self.user}, {self.date}"


class PromiseMail(models.Model):
    """A mail about one promise, sent at once."""

    promise = models.ForeignKey("Promise", models.CASCADE, related_name="mails")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    email = models.OneToOneField(Email, models.CASCADE, related_name="promise_mail")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.promise}, {self.to}"
