"""Counts beside the navigation."""

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from promises.filters import start_of_day
from promises.models import Promise


def late(request):
    """The reader's own late promises."""
    return _counts(request)["late"]


def late_or_today(request):
    """The reader's own promises that are late or due today."""
    return _counts(request)["today"]


def _counts(request):
    """Both in one query, as every page shows both."""
    if not hasattr(request, "_promise_counts"):
        now = timezone.now()
        midnight = start_of_day(timezone.localdate(now) + timedelta(days=1))
        found = Promise.objects.of(request.user).active().filter(due_at__lt=midnight)
        request._promise_counts = found.aggregate(late=Count("pk", filter=Q(due_at__lt=now)), today=Count("pk"))
    return request._promise_counts
