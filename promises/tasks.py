"""The clock's view of promises: safe to run twice, late, or by hand."""

from celery import shared_task
from django.utils import timezone

from promises import reminders


@shared_task
def remind():
    reminders.plan(timezone.now())
