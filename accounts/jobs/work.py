"""The worker's side of a job: taking it, doing it, ending it. Right if two workers are sent for one job."""

import inspect
import logging
import time
from datetime import timedelta

from billiard.exceptions import SoftTimeLimitExceeded
from django.db import close_old_connections, connection
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.jobs.words import kind_of
from accounts.models import Job, Workspace
from accounts.remembered import acting

log = logging.getLogger(__name__)

SILENT = timedelta(seconds=60)  # a job not heard of for this long may be taken up by somebody else
TURN_SECONDS = 120  # then other work has its turn
State = Job.State


def take(uuid, *, now):
    """The job, if it is ours to do now: nobody has begun, or whoever did is not heard of any more."""
    silent = Q(state=State.RUNNING) & (Q(heard_at=None) | Q(heard_at__lt=now - SILENT))
    free = Job.objects.filter(Q(state=State.WAITING) | silent, uuid=uuid)
    if not free.update(state=State.RUNNING, started_at=now, heard_at=now):
        return None
    return Job.objects.select_related("by").get(uuid=uuid)


def run(uuid):
    """Do it, or go on where it stopped. Gives the state it is left in; None when it is not ours to do."""
    job = take(uuid, now=timezone.now())
    if job is None:
        return None
    theirs = translation.override(job.by.language), timezone.override(job.by.time_zone)
    with theirs[0], theirs[1], Workspace.remembering(), acting(job.by):
        return _ended(job, *_tried(job))


def run_waiting():
    """Everything that waits, one after the other, here and now; for tests and where no worker can be reached."""
    for uuid in Job.objects.filter(state=State.WAITING).order_by("created_at").values_list("uuid", flat=True):
        while run(uuid) == State.WAITING:
            pass


def _tried(job):
    """(state, what to say)."""
    kind = kind_of(job)
    if kind is None:
        return State.FAILED, _("This version of the program does not know this kind of work.")
    try:
        enough = not _done(kind.run(job))
    except Job.Lost:
        return "", ""
    except SoftTimeLimitExceeded:
        if kind.whole:  # it would begin anew, and take as long again
            return State.FAILED, f"{_('It took too long.')} {kind.what_stands}"
        return State.WAITING, job.message
    except Exception:
        log.exception("The job %s (%s) failed", job.uuid, job.what)
        if not connection.in_atomic_block:
            close_old_connections()
        return State.FAILED, f"{_('Something went wrong here.')} {kind.what_stands}"
    return (State.WAITING, job.message) if enough else (State.DONE, job.message)


def _done(work):
    """Whether it is finished; a generator is put down after its turn and goes on in another."""
    if not inspect.isgenerator(work):
        return True
    begun = time.monotonic()
    for _part in work:
        if time.monotonic() - begun > TURN_SECONDS:
            work.close()
            return False
    return True


def _ended(job, state, message):
    if not state:
        return state
    now = timezone.now()
    fields = {"state": state, "message": message[:300], "heard_at": now}
    if state != State.WAITING:
        fields |= {"ended_at": now}
    if state == State.DONE:
        fields |= {"done": F("total")}
    Job.objects.filter(pk=job.pk, state=State.RUNNING, started_at=job.started_at).update(**fields)
    if state == State.WAITING:
        from accounts.jobs.starting import send

        send(job.uuid)
    return state
