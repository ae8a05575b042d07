"""The worker's side: thin, safe to run twice, at once, or late."""

from celery import shared_task
from django.utils import timezone

from outbox import delivery, inbound


@shared_task
def drain():
    delivery.drain(limit_seconds=50)


@shared_task
def read_inbox():
    inbound.read(timezone.now())
