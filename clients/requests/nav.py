"""Counts beside the navigation: the reader's own requests that wait, and how many of them are overdue."""

from django.db.models import Count, Q, Value
from django.utils import timezone

from accounts.prepared import prepared
from clients.models import Request


def waiting(request):
    return counts(request)["waiting"]


def over(request):
    return counts(request)["over"]


def counts(request):
    """Both in one query for every page that shows the menu."""
    if not hasattr(request, "_request_counts"):
        found = list(_own_counts(request.user, now=timezone.now()))
        request._request_counts = found[0] if found else {"waiting": 0, "over": 0}
    return request._request_counts


@prepared
def _own_counts(user, *, now):
    found = Request.objects.visible_to(user).waiting().filter(assignee=user).order_by()
    return found.values(one=Value(1)).annotate(waiting=Count("pk"), over=Count("pk", filter=Q(answer_due_at__lt=now)))
