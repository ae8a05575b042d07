"""The worker's side: thin, safe to run twice, at once, or late."""

from celery import shared_task

from outbox import delivery


@shared_task
def drain():
    delivery.drain(limit_seconds=50)
