"""What other rooms say in a digest: a word is said to one person once."""

from django.conf import settings
from django.db import models

from outbox.models import Email


class DigestWord(models.Model):
    """One word of another room to one person; `key` names what it is about. That it exists says it was said."""

    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    said_at = models.DateTimeField()
    email = models.ForeignKey(Email, models.SET_NULL, null=True, blank=True, related_name="digest_words")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["to", "key"], name="digest_word_once")]

    def __str__(self):
        return self.key
