"""A large file is imported by a worker: all of it or nothing, once, with word of how far it is."""

import threading
import time

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from accounts import import_jobs, jobs
from accounts.import_report import Report
from accounts.models import ImportFile, Job, User
from clients.models import Client
from promises.models import Promise
from tests.make import make_administrator, make_client

FILES = {
    "people": "name,email\nAna Bly,ana@firm.example\nBo Cray,bo@firm.example\nCy Dunn,cy@firm.example\n",
    "clients": "company name,contact name\nArden,Ana\nBrook,Bo\nArden,Cy\n",
    "promises": "client,what,made on,due\n" + "".join(f"Tidewell,Send {n},2026-11-02,2026-12-01\n" for n in "abc"),
}
OPTIONS = {
    "people": lambda me: {},
    "clients": lambda me: {"owner": me.public_id},
    "promises": lambda me: {"owner": "client"},
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(import_jobs, "LARGE", 2)


def counted(what):
    model = {"people": User, "clients": Client, "promises": Promise}[what]
    return model.objects.count()


def upload(web, what, text=None):
    file = SimpleUploadedFile("rows.csv", (text or FILES[what]).encode())
    answer = web.post(reverse(f"import_{what}"), {"file": file, **OPTIONS[what](web.user)})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


@pytest.mark.django_db
@pytest.mark.parametrize("what", FILES)
def test_a_large_file_is_a_workers_and_its_report_is_where_it_always_is(admin_web, what):
    make_client(name="Tidewell", owner=admin_web.user)
    before = counted(what)
    page = upload(admin_web, what)
    preview = admin_web.get(page)

    answers = [admin_web.post(page) for _twice in range(2)]

    job = Job.objects.get()
    assert "Nothing has been written yet." in preview.content.decode()
    assert (answers[0].url, answers[1].url) == (reverse("job", args=[job.uuid]), page)
    assert (counted(what), job.total) == (before, 3)
    assert reverse("job", args=[job.uuid]) in admin_web.get(page).content.decode()
    jobs.run_waiting()
    job.refresh_from_db()
    report = admin_web.get(page).context["report"]
    assert (job.state, job.done, job.message) == ("done", 3, report.summary())
    assert counted(what) == before + (2 if what == "clients" else 3)
    assert page in admin_web.get(reverse("job", args=[job.uuid])).content.decode()
    made = Client.objects.exclude(name="Tidewell").first()
    assert made is None or made.history.get().history_user == admin_web.user


@pytest.mark.django_db
def test_a_small_file_is_imported_at_once(admin_web):
    page = upload(admin_web, "clients", "company name\nArden\nBrook\n")

    assert admin_web.post(page).url == page
    assert (Client.objects.count(), Job.objects.count()) == (2, 0)


@pytest.mark.django_db
def test_what_fails_writes_nothing_and_can_be_tried_again(admin_web, monkeypatch):
    page = upload(admin_web, "clients")
    admin_web.post(page)
    whole = Report.add_new
    monkeypatch.setattr(
        Report, "add_new", lambda self, number, name: whole(self, number, name) if number < 3 else 1 / 0
    )
    jobs.run_waiting()
    failed = (Job.objects.get().state, Client.objects.count(), ImportFile.objects.get().started_at)
    said = Job.objects.get().message
    monkeypatch.undo()
    admin_web.post(reverse("job_again", args=[Job.objects.get().uuid]))
    jobs.run_waiting()

    assert failed == ("failed", 0, None)
    assert said == "Something went wrong here. Nothing was written."
    assert (Job.objects.get().state, Client.objects.count()) == ("done", 2)
    assert admin_web.get(page).context["report"].counts["new"] == 2


@pytest.mark.django_db
def test_two_jobs_for_one_file_import_it_once(admin_web):
    page = upload(admin_web, "clients")
    admin_web.post(page)
    ImportFile.objects.update(started_at=None)
    admin_web.post(page)
    jobs.run_waiting()

    assert [job.state for job in Job.objects.all()] == ["done", "done"]
    assert Client.objects.count() == 2


@pytest.mark.django_db
def test_stopped_before_it_ends_nothing_is_written(admin_web, monkeypatch):
    page = upload(admin_web, "clients")
    admin_web.post(page)
    whole = Report.add_new

    def stopped(self, number, name):
        Job.objects.update(state="stopped")
        whole(self, number, name)

    monkeypatch.setattr(Report, "add_new", stopped)
    jobs.run_waiting()

    assert (Client.objects.count(), ImportFile.objects.get().started_at) == (0, None)
    assert "Nothing has been written yet." in admin_web.get(page).content.decode()


@pytest.mark.django_db
def test_what_takes_longer_than_a_worker_may_ends_in_words_and_is_not_begun_over_and_over(admin_web, monkeypatch):
    page = upload(admin_web, "clients")
    admin_web.post(page)

    def too_long(self, number, name):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(Report, "add_new", too_long)
    jobs.run_waiting()

    job = Job.objects.get()
    assert (job.state, job.message) == ("failed", "It took too long. Nothing was written.")
    assert (Client.objects.count(), ImportFile.objects.get().started_at) == (0, None)


@pytest.mark.django_db
def test_who_is_no_administrator_any_more_imports_nothing(admin_web):
    make_administrator()
    admin_web.post(upload(admin_web, "clients"))
    User.objects.filter(pk=admin_web.user.pk).update(role="manager")
    jobs.run_waiting()

    assert (Client.objects.count(), Job.objects.get().message) == (
        0,
        "Only administrators import. Nothing was written.",
    )


@pytest.mark.django_db(transaction=True)
def test_while_it_is_written_others_hear_how_far_it_is_and_may_stop_it(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time, so nobody hears of it before it is done")
    monkeypatch.setattr(import_jobs, "BEAT_SECONDS", 0.02)
    me = make_administrator()
    stored = ImportFile.objects.create(
        what="clients", name="rows.csv", content=FILES["clients"].encode(), options={"owner": me.public_id},
        uploaded_by=me, uploaded_at=me.date_joined,
    )  # fmt: skip
    importer = import_jobs._importers["clients"]
    job = import_jobs.start(stored, importer, by=me, rows=3, now=me.date_joined)
    whole, heard, go_on = Report.add_new, threading.Event(), threading.Event()

    def slow(self, number, name):
        whole(self, number, name)
        heard.set()
        go_on.wait(10)
        time.sleep(0.3)

    monkeypatch.setattr(Report, "add_new", slow)
    worker = threading.Thread(target=lambda: (jobs.run(job.uuid), connection.close()))
    worker.start()
    assert heard.wait(20)
    time.sleep(0.3)
    seen = Job.objects.get()
    Job.objects.update(state="stopped")
    go_on.set()
    worker.join(20)

    assert (seen.state, seen.done) == ("running", 1)
    assert (Client.objects.count(), Job.objects.get().state) == (0, "stopped")
