"""Files that were prepared for somebody: in a private folder, theirs alone, and gone after a week."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings

from accounts.models import Job

KEPT = timedelta(days=7)


def folder():
    path = Path(settings.DATA_DIR) / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(job):
    """Where the job's file lies; None when it has none, or has none any more."""
    if not job.file:
        return None
    path = folder() / Path(job.file).name
    return path if path.is_file() else None


def keep(job, pieces, *, ending):
    """Write the file, whole or not at all; `pieces` are bytes. Gives the name to put into `job.file`."""
    name = f"{job.uuid}.{ending}"
    unfinished = folder() / f"{name}.part"
    with unfinished.open("wb") as file:
        unfinished.chmod(0o600)
        for piece in pieces:
            file.write(piece)
    unfinished.replace(folder() / name)
    return name


def clear(now):
    """Remove the files of jobs that ended a week ago, and what was never finished."""
    for job in Job.objects.exclude(file="").filter(ended_at__lt=now - KEPT)[:100]:
        if path := path_of(job):
            path.unlink(missing_ok=True)
        Job.objects.filter(pk=job.pk).update(file="")
    oldest = (now - KEPT).timestamp()
    for path in folder().iterdir():
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
