"""One's own long work: how far it is, stopping it, taking it up again, and the files that came of it."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import jobs
from accounts.downloads import download
from accounts.jobs import files, work
from accounts.models import Job
from accounts.spreadsheets import XLSX

SHOWN = 50
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


def _mine(request, uuid):
    return get_object_or_404(Job, uuid=uuid, by=request.user)


def shown(job, *, now):
    """What a page says of a job."""
    kind = jobs.kind_of(job)
    heard = job.heard_at or job.created_at
    return {
        "job": job,
        "silent": not job.is_over and heard < now - work.SILENT,
        "left": _left(job, now=now),
        "has_file": files.path_of(job) is not None,
        "report": kind.address(job) if kind and job.is_over else "",
        "quarter": 25 * (4 * job.done // job.total) if job.total else 0,
    }


def _left(job, *, now):
    """“about 2 minutes left”, once some of it is done."""
    if job.state != Job.State.RUNNING or not job.started_at or not 0 < job.done < job.total:
        return ""
    gone = now - (job.started_at or now)
    minutes = round(gone * (job.total - job.done) / job.done / timedelta(minutes=1))
    if minutes < 1:
        return _("less than a minute left")
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}


@require_GET
def job(request, uuid):
    """The page; by itself the part that changes, which asks again while there is more to come."""
    context = shown(_mine(request, uuid), now=timezone.now())
    return render(request, "accounts/jobs/_job.html" if request.htmx else "accounts/jobs/job.html", context)


@require_GET
def job_list(request):
    now = timezone.now()
    found = Job.objects.filter(by=request.user)[:SHOWN]
    return render(request, "accounts/jobs/jobs.html", {"jobs": [shown(one, now=now) for one in found]})


@require_POST
def job_again(request, uuid):
    found = _mine(request, uuid)
    if jobs.again(found, now=timezone.now()):
        messages.success(request, _("It goes on from where it stopped."))
    else:
        messages.warning(request, _("It is being worked on, or done."))
    return redirect("job", found.uuid)


@require_POST
def job_stop(request, uuid):
    found = _mine(request, uuid)
    if jobs.stop(found, now=timezone.now()):
        kind = jobs.kind_of(found)
        messages.success(request, f"{_('Stopped.')} {kind.what_stands}" if kind else _("Stopped."))
    else:
        messages.warning(request, _("It had ended already."))
    return redirect("job", found.uuid)


@require_GET
def exports(request):
    """Files that were prepared for this person and are still there."""
    now = timezone.now()
    found = Job.objects.filter(by=request.user).exclude(file="")[:SHOWN]
    rows = [row for row in (shown(one, now=now) for one in found) if row["has_file"]]
    for row in rows:
        row["gone_on"] = (row["job"].ended_at or now) + files.KEPT
    return render(request, "accounts/jobs/exports.html", {"rows": rows})


@require_GET
def export_file(request, uuid):
    """The file, if what is in it is still this person's to see."""
    found = _mine(request, uuid)
    kind, path = jobs.kind_of(found), files.path_of(found)
    why = kind.refused(found, request.user) if kind else ""
    if path is None or why:
        messages.warning(request, why or _("That file is not kept any more. Export it again."))
        return redirect("exports")
    ending = path.suffix.lstrip(".")
    return download(
        lambda: path.open("rb"),
        name=found.result.get("name", path.name),
        kind=KINDS.get(ending, "application/octet-stream"),
        size=path.stat().st_size,
        headers={"Cache-Control": "no-store"},
    )
