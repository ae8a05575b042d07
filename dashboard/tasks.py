"""What beat starts here; safe to run twice, late or at the same time."""

from celery import shared_task
from django.utils import timezone

from dashboard import planners


@shared_task
def tick():
    """Plan what is due."""
    planners.run(timezone.now())
