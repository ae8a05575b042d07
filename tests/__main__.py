"""The whole suite as `make test` runs it: on SQLite, then on real PostgreSQL with real Redis and Celery.

    python -m tests [--only sqlite|postgres] [pytest arguments]

Says in one line at the end what could not run, and why.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from tests.services import ROOT, NotHere, find_chromium, services

PROCESSES = "e2e or faults"  # they start the program itself: one after the other


class Suite:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = Path(tempfile.mkdtemp(prefix="crm-tests-"))
        self.counts = Counter()
        self.failed = []
        self.not_run = Counter()

    def heading(self, words):
        print(f"\n=== {words}", flush=True)

    def check(self, name, *command):
        self.heading(name)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode:
            self.failed.append(name)

    def database(self, name, variables):
        """Both halves of the suite on one database."""
        self.pytest(f"{name}: the rooms", variables, "-m", f"not ({PROCESSES})", "-n", "2")
        self.pytest(f"{name}: running processes and browser", variables, "-m", PROCESSES, "-p", "no:xdist")

    def pytest(self, name, variables, *options):
        self.heading(name)
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        data = Path(tempfile.mkdtemp(dir=self.folder))
        environment = {**os.environ, "EMBEDDED": "1", "DATA_DIR": str(data), **variables}
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *options, *self.arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode == 5:  # pytest's word for: nothing of that kind
            self.not_run[f"{name} (no such tests)"] += 1
        elif done.returncode:
            self.failed.append(name)
        if report.exists():
            self._count(report)
        shutil.rmtree(data, ignore_errors=True)

    def _count(self, report):
        for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own report
            kinds = {child.tag for child in case}
            skipped = case.find("skipped")
            if skipped is not None:
                self.not_run[skipped.get("message", "").removeprefix("Skipped: ")] += 1
            self.counts[
                "failed" if kinds & {"failure", "error"} else "skipped" if skipped is not None else "passed"
            ] += 1

    def summary(self, seconds):
        reasons = [f"{reason} ({count})" if count > 1 else reason for reason, count in self.not_run.items()]
        print(f"\nNot run: {'; '.join(reasons) or 'nothing, everything ran'}.")
        counts = ", ".join(f"{self.counts[kind]} {kind}" for kind in ("passed", "failed", "skipped"))
        verdict = f"FAILED: {', '.join(self.failed)}" if self.failed else "OK"
        print(f"{verdict}, in {seconds / 60:.1f} min.\n{counts}")


def main():
    reader = argparse.ArgumentParser(prog="python -m tests", description=__doc__.partition("\n")[0])
    reader.add_argument("--only", choices=["sqlite", "postgres"])
    chosen, arguments = reader.parse_known_args()
    began, suite = time.monotonic(), Suite(arguments)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    suite.check("ruff check", "ruff", "check", ".")
    suite.check("ruff format", "ruff", "format", "--check", ".")
    if not find_chromium():
        suite.not_run["browser journeys: no chromium found (set CHROMIUM)"] += 1
    try:
        if chosen.only != "postgres":
            suite.database("SQLite", {})
        if chosen.only != "sqlite":
            with services() as variables:
                suite.database("PostgreSQL, Redis, Celery", variables)
    except NotHere as problem:
        suite.not_run[f"everything on PostgreSQL and Redis: {problem}"] += 1
    except KeyboardInterrupt:
        suite.failed.append("interrupted")
    finally:
        shutil.rmtree(suite.folder, ignore_errors=True)
    suite.summary(time.monotonic() - began)
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
