"""The program's own Celery, with a beat for days that last half a second."""

from partnership_crm.celery import app

app.conf.beat_schedule = {
    "drain the outbox": {"task": "outbox.tasks.drain", "schedule": 0.3},
    "plan what is due": {"task": "dashboard.tasks.tick", "schedule": 0.3},
}
