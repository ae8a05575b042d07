"""A large import, done by a worker: all of it in one transaction or nothing, with word of how far it is.

import_jobs.register(ClientImporter())        # in the room’s AppConfig.ready
"""

from threading import Event, Thread

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.import_report import watching
from accounts.models import ImportFile, Job
from accounts.tables import read_table

WHAT = "imports.file"
LARGE = 2000  # rows: what has more is left to a worker
BEAT_SECONDS = 5

_importers = {}


def register(importer):
    _importers[importer.what] = importer


def register_job():
    jobs.register(WHAT, run, address=address, whole=True)


def address(job):
    return reverse(f"{_importers[job.data['what']].page}_file", args=[job.data["file"]])


def start(stored, importer, *, by, rows, now):
    """The job; None when the file has been begun already."""
    with transaction.atomic():
        if not ImportFile.objects.filter(pk=stored.pk, started_at=None).update(started_at=now):
            return None
        data = {"what": importer.what, "file": str(stored.uuid)}
        return jobs.start(WHAT, by=by, title=f"{importer.title}: {stored.name}", data=data, total=rows)


def job_of(stored):
    return Job.objects.filter(what=WHAT, by=stored.uploaded_by_id, data__file=str(stored.uuid)).first()


def run(job):
    """Two workers sent for one file wait for each other here, and the second finds that it is done."""
    with Beat(job) as beat, watching(beat.row):
        try:
            job.step(0, _("It is written all at once, at the end."))
            with transaction.atomic():
                stored = ImportFile.objects.select_for_update().get(uuid=job.data["file"])
                words = _imported(stored, _importers[job.data["what"]], by=job.by) if stored.report is None else ""
                job.step(job.total, words)
        except Exception:
            _free(job)
            raise


def _imported(stored, importer, *, by):
    now = timezone.now()
    if not (by.is_active and by.is_administrator):
        return _("Only administrators import. Nothing was written.")
    report = importer.run(read_table(bytes(stored.content)), by=by, now=now, dry_run=False, **stored.options)
    stored.report, stored.content, stored.started_at = report.as_json(), b"", stored.started_at or now
    stored.save(update_fields=["report", "content", "started_at"])
    return report.summary()


def _free(job):
    """Nothing was written, and the file can be tried again, unless another worker is at it by now."""
    others = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).exclude(started_at=job.started_at)
    if not others.exists():
        ImportFile.objects.filter(uuid=job.data["file"], report__isnull=True).update(started_at=None)


class Beat:
    """Says every few seconds, beside the transaction that is open, that somebody is at it and how many rows are read.

    SQLite lets one write at a time: there it is heard of again when it is done.
    """

    def __init__(self, job):
        self.job, self.rows, self.lost, self.over = job, 0, False, Event()
        self.thread = Thread(target=self._beat, name="import-beat", daemon=True)

    def __enter__(self):
        if connection.vendor != "sqlite":
            self.thread.start()
        return self

    def __exit__(self, *_problem):
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()

    def row(self):
        """One more row was judged; `Job.Lost` when somebody stopped the job meanwhile."""
        self.rows += 1
        if self.lost:
            raise Job.Lost(self.job)

    def _beat(self):
        mine = Job.objects.filter(pk=self.job.pk)
        try:
            while not self.over.wait(BEAT_SECONDS):
                running = mine.filter(state=Job.State.RUNNING, started_at=self.job.started_at)
                said = {"done": min(self.rows, self.job.total), "heard_at": timezone.now()}
                if not running.update(**said) and mine.exists():
                    self.lost = True
                    return
        finally:
            connection.close()
