"""Starting long work: a row, and word to a worker after commit. Losing that word costs a minute."""

import logging
import threading
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from accounts.jobs import files, work
from accounts.models import Job

log = logging.getLogger(__name__)

WAITS = timedelta(seconds=45)  # then word is sent again
ALONE = timedelta(minutes=5)  # then no worker seems to come, and whoever plans does it
State = Job.State


def start(what, *, by, title, data=None, total=0):
    """A job for this person. It begins when the transaction it was started in is committed."""
    job = Job.objects.create(what=what, by=by, title=str(title)[:200], data=data or {}, total=total)
    transaction.on_commit(partial(send, job.uuid))
    return job


def again(job, *, now):
    """Take a job that failed, was stopped or is not heard of any more up where it stopped; whether that was so."""
    silent = Q(state=State.RUNNING, heard_at__lt=now - work.SILENT)
    ended = Q(state__in=[State.FAILED, State.STOPPED])
    waits = Q(state=State.WAITING, created_at__lt=now - work.SILENT)
    found = Job.objects.filter(silent | ended | waits, pk=job.pk)
    if not found.update(state=State.WAITING, ended_at=None, heard_at=now):
        return False
    transaction.on_commit(partial(send, job.uuid))
    return True


def stop(job, *, now):
    """What is done stands; nothing more is begun."""
    going = Job.objects.filter(pk=job.pk, state__in=[State.WAITING, State.RUNNING])
    return bool(going.update(state=State.STOPPED, ended_at=now))


def send(uuid):
    """Word to a worker, from a thread of its own: a broker that swallows packets would hold up the page."""
    threading.Thread(target=_send, args=[str(uuid)], name="job-start", daemon=True).start()


def _send(uuid):
    from accounts.tasks import run_job

    app = run_job.app
    options = {**(app.conf.broker_transport_options or {}), "socket_timeout": 1, "socket_connect_timeout": 1}
    try:
        with app.connection_for_write(connect_timeout=1, transport_options=options) as connection:
            run_job.apply_async([uuid], connection=connection, retry=False, ignore_result=True)
    except Exception as problem:
        log.info("The broker did not answer; the job waits for the next beat. %s", type(problem).__name__)


def plan(now):
    """Send word again for what still waits, do what nobody comes for, and clear old files away."""
    waiting = Job.objects.filter(state=State.WAITING, created_at__lt=now - WAITS)
    for job in waiting.order_by("created_at")[:50]:
        if (job.heard_at or job.created_at) < now - ALONE:
            work.run(job.uuid)
        else:
            send(job.uuid)
    silent = Job.objects.filter(state=State.RUNNING, heard_at__lt=now - ALONE)
    for uuid in silent.values_list("uuid", flat=True)[:5]:
        send(uuid)
    files.clear(now)
