"""What a person keeps of lists and of long work: views under a name, columns, acts on several rows, jobs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.remembered import Remembered


class SavedView(models.Model):
    """A list as one person likes to see it: its filters under a name of their own."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    page = models.CharField(max_length=40)  # the URL name of the list
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000, blank=True)
    shared = models.BooleanField(_("shown to everybody here"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    history = HistoricalRecords()

    objects = Remembered.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_once")]

    def __str__(self):
        return self.name


class ListChoice(models.Model):
    """The columns one person wants to see in a list, until the address says otherwise."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_choices")
    page = models.CharField(max_length=40)  # the URL name of the list
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="list_choice_once")]

    def __str__(self):
        return f"{self.user}: {self.page}"


class ListAct(models.Model):
    """One act on several rows of a list, with how each stood before and after, so that it is undone as one."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_acts")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="list_act_by_person")]

    def __str__(self):
        return self.words or self.what


class Job(models.Model):
    """Long work a worker does for somebody: how far it is, what came of it, and whether it is still heard of."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs")
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    problems = models.JSONField(default=list)
    result = models.JSONField(default=dict)
    file = models.CharField(max_length=200, blank=True)  # its name in the private folder of prepared files
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["by", "-created_at"], name="job_by_person"),
            models.Index(fields=["created_at"], condition=models.Q(state__in=["waiting", "running"]), name="job_to_do"),
        ]

    def __str__(self):
        return self.title

    class Lost(Exception):
        """Somebody stopped this job, or another worker took it over: what was begun must not be kept."""

    @property
    def is_over(self):
        return self.state in (self.State.DONE, self.State.FAILED, self.State.STOPPED)

    @property
    def can_be_stopped(self):
        return not self.is_over

    def step(self, done, message="", *, total=None):
        """How far the work is. Said in the transaction that did the work, both are kept or neither; raises Lost."""
        now = timezone.now()
        fields = {"done": done, "message": str(message)[:300], "heard_at": now}
        if total is not None:
            fields["total"] = total
        held = Job.objects.filter(pk=self.pk, state=self.State.RUNNING, started_at=self.started_at)
        if not held.update(**fields):
            raise self.Lost(self)
        for name, value in fields.items():
            setattr(self, name, value)
