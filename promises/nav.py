"""Counts beside the navigation."""

from django.utils import timezone

from promises.models import Promise


def late(request):
    """The reader's own late promises."""
    return Promise.objects.of(request.user).overdue(timezone.now()).count()
