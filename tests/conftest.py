"""Shared fixtures. The environment is set before Django reads it."""

import os
import tempfile

os.environ.setdefault("EMBEDDED", "1")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="partnership-crm-tests-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("WEB_TICK_SECONDS", "0")  # planning in a thread would count as queries

from datetime import UTC, datetime

import django
import pytest
import time_machine
from django.core.cache import caches
from django.test import Client as Browser

django.setup()  # here and not by pytest's ini, which would read the settings before the lines above

NOW = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)  # a Thursday morning in London


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Rate limits and the like must not leak from one test into the next."""
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def clock():
    """The clock stands at NOW; `clock.move_to(moment)` sets it, `clock.shift(timedelta)` moves it on."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def browser_of(user):
    """A signed-in browser; `browser.user` is who signed in."""
    browser = Browser()
    browser.force_login(user)
    browser.user = user
    return browser


@pytest.fixture
def web(db):
    """The browser of an account manager."""
    from tests.make import make_user

    return browser_of(make_user(name="Priya Raman", email="priya@firm.example"))


@pytest.fixture
def manager_web(db):
    from tests.make import make_manager

    return browser_of(make_manager(name="Martin Cole", email="martin@firm.example"))


@pytest.fixture
def admin_web(db):
    from tests.make import make_administrator

    return browser_of(make_administrator(name="Ada Quill", email="ada@firm.example"))


@pytest.fixture
def deliver_queued(db):
    """Send everything that is due now, and give back the mails that went out, as Django kept them in memory.

    A mail that could not be written is a fault of the room under test and is raised, unless `faults_are_fine`.
    """
    from django.core import mail

    from outbox.delivery import drain
    from outbox.models import Attempt

    def deliver(*, faults_are_fine=False):
        before = len(mail.outbox)
        drain()
        faults = list(Attempt.objects.filter(outcome=Attempt.Outcome.ERROR).values_list("email__kind", "words"))
        assert faults_are_fine or not faults, f"These mails could not be written: {faults}"
        return mail.outbox[before:]

    return deliver


@pytest.fixture
def figure(record_property):
    """`figure("2.1 % of …")`: a measured figure, printed at the end of the run, also by a test in a worker."""
    return lambda words: record_property("figure", words)


def pytest_terminal_summary(terminalreporter):
    reports = [report for found in terminalreporter.stats.values() for report in found]
    figures = [
        words
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, words in report.user_properties
        if name == "figure"
    ]
    if figures:
        terminalreporter.section("figures")
        for words in figures:
            terminalreporter.write_line(words)
