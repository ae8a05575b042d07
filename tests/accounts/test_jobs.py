"""Long work: started, watched, left, stopped, taken up again, and the files that come of it."""

import os
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import jobs
from accounts.jobs import files, words, work
from accounts.models import Job
from tests.conftest import NOW
from tests.make import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch, settings, tmp_path):
    """`kind(run, …)` makes it what jobs called “tests.work” do; files lie in a folder of the test's own."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(words, "_kinds", dict(words._kinds))
    return lambda run, **more: jobs.register("tests.work", run, **more)


def begin(by=None, **fields):
    return jobs.start("tests.work", by=by or make_user(), **{"title": "Counting", "total": 3, **fields})


def count_to_three(job):
    for number in range(job.done, 3):
        job.step(number + 1, f"Counted {number + 1}")
        yield


def test_a_job_runs_to_its_end_and_says_how_far_it_is(kind, clock):
    kind(count_to_three)
    job = begin()

    jobs.run_waiting()

    job.refresh_from_db()
    assert (job.state, job.done, job.message, job.ended_at) == ("done", 3, "Counted 3", NOW)


def test_one_that_is_worked_on_is_not_begun_again_until_it_is_silent(kind, clock):
    kind(count_to_three)
    job = begin()
    Job.objects.filter(pk=job.pk).update(state="running", heard_at=NOW, started_at=NOW, done=1)

    early = jobs.run(job.uuid)
    clock.shift(timedelta(seconds=61))
    late = jobs.run(job.uuid)

    assert (early, late) == (None, "done")


def test_it_goes_on_where_it_stopped(kind, clock):
    seen = []

    def breaks_once(job):
        for number in range(job.done, 4):
            if number == 2 and not seen.count("broken"):
                seen.append("broken")
                raise RuntimeError
            seen.append(number)
            job.step(number + 1)

    kind(breaks_once)
    job = begin(total=4)

    assert jobs.run(job.uuid) == "failed"
    assert jobs.again(Job.objects.get(), now=NOW)
    assert jobs.run(job.uuid) == "done"
    assert seen == [0, 1, "broken", 2, 3]


def test_long_work_gives_way_and_goes_on_in_another_turn(kind, monkeypatch):
    kind(count_to_three)
    monkeypatch.setattr(work, "TURN_SECONDS", -1)
    job = begin()

    states = [jobs.run(job.uuid) for _turn in range(4)]

    assert states == ["waiting", "waiting", "waiting", "done"]


@pytest.mark.parametrize("interfere", [{"state": "stopped"}, {"started_at": NOW + timedelta(minutes=5)}])
def test_what_was_begun_is_not_kept_when_the_job_was_stopped_or_taken_over(kind, clock, interfere):
    def work_on(job):
        with transaction.atomic():
            make_client(name="Half done")
            Job.objects.filter(pk=job.pk).update(**interfere)
            job.step(1)

    kind(work_on)
    job = begin()

    assert jobs.run(job.uuid) == ""
    from clients.models import Client

    assert not Client.objects.filter(name="Half done").exists()


def test_the_page_polls_until_it_is_over(web, kind):
    kind(count_to_three)
    job = begin(by=web.user)
    address = f"/jobs/{job.uuid}/"

    before = web.get(address, headers={"hx-request": "true"}).text
    jobs.run_waiting()
    after = web.get(address, headers={"hx-request": "true"}).text

    assert "every 2s" in before
    assert "You can leave this page. It goes on." in before
    assert "every 2s" not in after
    assert "Counted 3" in after


def test_a_silent_one_can_be_tried_again(web, kind, clock):
    kind(count_to_three)
    job = begin(by=web.user)
    Job.objects.filter(pk=job.pk).update(state="running", heard_at=NOW, started_at=NOW, done=2)
    clock.shift(timedelta(seconds=61))

    page = web.get(f"/jobs/{job.uuid}/").text
    web.post(f"/jobs/{job.uuid}/again/")
    jobs.run_waiting()

    assert "Try again from where it stopped" in page
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 3)


def test_it_can_be_stopped(web, kind):
    kind(count_to_three)
    job = begin(by=web.user)

    answer = web.post(f"/jobs/{job.uuid}/stop/", follow=True)
    jobs.run_waiting()

    job.refresh_from_db()
    assert "Stopped. What was done until then stands." in answer.text
    assert (job.state, job.done) == ("stopped", 0)


def test_other_peoples_jobs_and_files_do_not_exist(web, manager_web, kind):
    kind(count_to_three)
    job = begin(by=web.user, title="Secret count")
    addresses = [f"/jobs/{job.uuid}/", f"/exports/{job.uuid}/"]

    assert [manager_web.get(address).status_code for address in addresses] == [404, 404]
    assert [manager_web.post(f"/jobs/{job.uuid}/{act}/").status_code for act in ("again", "stop")] == [404, 404]
    assert "Secret count" not in manager_web.get("/jobs/").text + manager_web.get("/exports/").text


def a_file(job):
    job.file = files.keep(job, [b"one,", b"two\n"], ending="csv")
    job.result = {"name": "numbers.csv"}
    job.save(update_fields=["file", "result"])


def test_a_file_is_offered_to_its_owner_and_private_on_disk(web, kind):
    kind(a_file)
    job = begin(by=web.user)
    jobs.run_waiting()

    offered = web.get("/exports/")
    answer = web.get(f"/exports/{job.uuid}/")

    assert "numbers.csv" in offered.text
    assert b"".join(answer.streaming_content) == b"one,two\n"
    assert answer["Content-Disposition"] == 'attachment; filename="numbers.csv"'
    assert os.stat(files.folder()).st_mode & 0o077 == 0
    assert os.stat(files.path_of(Job.objects.get())).st_mode & 0o077 == 0


def test_a_file_is_refused_when_it_may_not_be_had_any_more(web, kind):
    kind(a_file, refused=lambda job, user: "No longer yours to see.")
    job = begin(by=web.user)
    jobs.run_waiting()

    answer = web.get(f"/exports/{job.uuid}/", follow=True)

    assert "No longer yours to see." in answer.text


def test_files_go_after_a_week(kind):
    kind(a_file)
    job = begin()
    jobs.run_waiting()
    path = files.path_of(Job.objects.get())

    jobs.plan(timezone.now() + timedelta(days=6))
    kept = path.is_file()
    later = timezone.now() + timedelta(days=7, hours=1)
    os.utime(path, (time.time(), time.time()))
    jobs.plan(later)

    job.refresh_from_db()
    assert (kept, path.is_file(), job.file) == (True, False, "")


def test_planning_does_what_no_worker_comes_for(kind, monkeypatch):
    sent = []
    monkeypatch.setattr("accounts.jobs.starting.send", sent.append)
    kind(count_to_three)
    job = begin()

    jobs.plan(timezone.now() + timedelta(minutes=1))
    waiting = Job.objects.get().state
    jobs.plan(timezone.now() + timedelta(minutes=6))

    assert sent == [job.uuid]
    assert (waiting, Job.objects.get().state) == ("waiting", "done")


def test_a_job_of_an_unknown_kind_fails_in_words(web):
    job = jobs.start("nobody.knows", by=web.user, title="Odd")

    jobs.run_waiting()

    assert "does not know this kind of work" in web.get(f"/jobs/{job.uuid}/").text


def test_the_lists_cost_the_same_for_any_length(web, kind):
    kind(a_file)
    costs = []
    for _number in range(2):
        begin(by=web.user)
        jobs.run_waiting()
        costs.append([])
        for address in ("/jobs/", "/exports/"):
            web.get(address)
            with CaptureQueriesContext(connection) as asked:
                web.get(address)
            costs[-1].append(len(asked))

    assert costs[0] == costs[1]
