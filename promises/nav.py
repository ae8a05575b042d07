"""Counts beside the navigation."""

from datetime import timedelta

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.prepared import prepared
from clients.models import Request
from clients.requests import nav as request_nav
from outbox.models import Email
from promises.filters import start_of_day
from promises.models import Promise


def late(request):
    """The reader's own late promises."""
    return counts(request)["late"]


def late_or_today(request):
    """The reader's own promises that are late or due today."""
    return counts(request)["today"]


def counts(request):
    """The reader's own promises: late, late or due today, and delivered; and with them, for the same menu, the
    requests that wait for them, and for a manager the mails in trouble. One query, as every page shows some.
    """
    if not hasattr(request, "_promise_counts"):
        now = timezone.now()
        midnight = start_of_day(timezone.localdate(now) + timedelta(days=1))
        [found] = _own_counts(request.user, now=now, midnight=midnight)
        request._request_counts = {name: found.pop(f"requests_{name}") for name in ("waiting", "over")}
        request._promise_counts = found
    return request._promise_counts


def mail_trouble(request):
    """Mails that need a manager."""
    return counts(request).get("trouble", 0)


def waiting(request):
    """The reader's own requests that wait."""
    counts(request)
    return request_nav.waiting(request)


def over(request):
    """Those of them that are overdue."""
    counts(request)
    return request_nav.over(request)


@prepared
def _own_counts(user, *, now, midnight):
    promises = Promise.objects.visible_to(user).of(user)
    active = promises.filter(state=Promise.State.ACTIVE)
    waiting = Request.objects.visible_to(user).waiting().filter(assignee=user)
    managers = {"trouble": _all(Email.objects.in_trouble())} if user.is_manager else {}
    return User.objects.filter(pk=user.pk).values(
        **managers,
        late=_number(active.filter(due_at__lt=now), "owner"),
        today=_number(active.filter(due_at__lt=midnight), "owner"),
        delivered=_number(promises.delivered(), "owner"),
        requests_waiting=_number(waiting, "assignee"),
        requests_over=_number(waiting.filter(answer_due_at__lt=now), "assignee"),
    )


def _number(rows, whose):
    """How many of these rows, which are all this person's."""
    return Coalesce(Subquery(rows.order_by().values(whose).annotate(n=Count("pk")).values("n")), 0)


def _all(rows):
    return _number(rows.annotate(one=Value(1)), "one")
