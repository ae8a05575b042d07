"""Who plans: functions that ask the database what is due and write it down by key, right if run twice or late.

A room that plans exposes `plan(now)`; adding one is adding its name here.
"""

import logging
from importlib import import_module

from django.db import close_old_connections, connection

from outbox.models import Heartbeat

log = logging.getLogger(__name__)

PLANNERS = [
    "clients.merging.verbs.sweep",
    "clients.trash.purge",
    "clients.requests.planner.plan",
    "accounts.jobs.plan",
    "clients.files.store.clean",
    "clients.mail_in.filing.clean",
    "clients.mail_in.leaving.clean",
    "partnerships.clock.plan",
    "promises.reminders.plan",
    "surveys.launch.close_due",
    "surveys.launch.open_due",
    "surveys.asking.follow",
    "surveys.sending.send_due",
    "surveys.sending.follow_outbox",
    "surveys.reminders.plan",
    "surveys.reminders.flag_overdue",
    "surveys.news.plan",
    "surveys.calls.plan",
    "surveys.results.recompute_stale",
    "surveys.cases.open_due",
]


def run(now):
    """Run every planner; one that fails never stops the others. Returns the names of those that failed."""
    failed = [name for name in PLANNERS if not _run_one(name, now)]
    if not failed:
        Heartbeat.beat("tick", now)
    return failed


def _run_one(name, now):
    try:
        find(name)(now)
    except Exception:
        log.exception("The planner %s failed", name)
        if not connection.in_atomic_block:
            close_old_connections()  # what broke may have been the line to the database
        return False
    return True


def find(name):
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function)
