"""What we know of a mail server."""

from django.db import models
from django.db.models import F


class Circuit(models.Model):
    """What we know of one mail server: whether it is worth trying now. Closed when `failures` is 0."""

    server = models.CharField(max_length=255, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_words = models.TextField(blank=True)

    def __str__(self):
        return f"{self.server}: {'open' if self.failures else 'closed'}"

    @classmethod
    def may_try(cls, server, *, now, trial):
        """True when the server is well, or when it is this caller's turn to see whether it is back."""
        circuit = cls.objects.filter(pk=server).first()
        if circuit is None or not circuit.failures:
            return True
        return bool(cls.objects.filter(pk=server, failures__gt=0, open_until__lte=now).update(open_until=now + trial))

    @classmethod
    def broke(cls, server, *, now, pause, code, words):
        """Leave the server alone for `pause(failures so far)`."""
        circuit, created = cls.objects.get_or_create(
            pk=server,
            defaults={
                "failures": 1,
                "since": now,
                "open_until": now + pause(1),
                "last_code": code,
                "last_words": words,
            },
        )
        if not created:
            cls.objects.filter(pk=server).update(
                failures=F("failures") + 1,
                since=circuit.since or now,
                open_until=now + pause(circuit.failures + 1),
                last_code=code,
                last_words=words,
            )

    @classmethod
    def works(cls, server):
        cls.objects.filter(pk=server, failures__gt=0).update(failures=0, since=None, open_until=None)

    @classmethod
    def broken(cls):
        """The servers that do not answer at the moment."""
        return cls.objects.filter(failures__gt=0).order_by("server")
