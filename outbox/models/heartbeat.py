"""When each job last finished."""

from django.db import models

from outbox.words import one_line


class Heartbeat(models.Model):
    """When each job last finished; the status page and /readyz read it."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    def __str__(self):
        return f"{self.name}: {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def beat(cls, name, now, *, note=""):
        cls.objects.update_or_create(pk=name, defaults={"at": now, "note": one_line(note, limit=200)})
