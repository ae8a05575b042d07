"""Counts beside the navigation."""

from datetime import timedelta

from django.db.models import Count, Q, Value
from django.utils import timezone

from accounts.prepared import prepared
from promises.filters import start_of_day
from promises.models import Promise


def late(request):
    """The reader's own late promises."""
    return counts(request)["late"]


def late_or_today(request):
    """The reader's own promises that are late or due today."""
    return counts(request)["today"]


def counts(request):
    """The reader's own promises: late, late or due today, and delivered; in one query, as every page shows some."""
    if not hasattr(request, "_promise_counts"):
        now = timezone.now()
        midnight = start_of_day(timezone.localdate(now) + timedelta(days=1))
        [request._promise_counts] = _own_counts(request.user, now=now, midnight=midnight)
    return request._promise_counts


@prepared
def _own_counts(user, *, now, midnight):
    active, delivered = Q(state=Promise.State.ACTIVE, due_at__lt=midnight), Q(state=Promise.State.DELIVERED)
    found = Promise.objects.visible_to(user).of(user).filter(active | delivered).order_by()
    return found.values(one=Value(1)).annotate(
        late=Count("pk", filter=Q(state=Promise.State.ACTIVE, due_at__lt=now)),
        today=Count("pk", filter=active),
        delivered=Count("pk", filter=delivered),
    )
