"""Celery: the clock and the hands. Tasks are thin; what is due is asked of the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")

app = Celery("partnership_crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "drain the outbox": {"task": "outbox.tasks.drain", "schedule": 15.0, "options": {"expires": 15}},
    "read the mailbox": {"task": "outbox.tasks.read_inbox", "schedule": 60.0, "options": {"expires": 60}},
    "plan what is due": {"task": "dashboard.tasks.tick", "schedule": 60.0, "options": {"expires": 60}},
}
