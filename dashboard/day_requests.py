"""Requests that wait, for My day: this person's own, or those at the clients of the team; least time left first."""

from django.db.models import Exists, OuterRef, Q, Value

from accounts.prepared import prepared
from clients.models import Client, Request
from clients.requests import rows

SHOWN = 30
OF_A_ROW = (
    "public_id", "text", "channel", "urgency", "asked_at", "first_due_at", "waiting_since", "answer_due_at",
    "first_answered_at", "answer_minutes", "closed_at", "closed_how", "deleted_at", "assignee", "client", "contact",
    "client__name", "client__public_id", "contact__name", "contact__public_id",
)  # fmt: skip


OF_THE_ASSIGNEE = tuple(f"assignee__{name}" for name in ("name", "time_zone", "country", "working_hours"))


def _first(found, user, *shown):
    """The rows shown and one more, each with whether this person may answer it."""
    writable = Exists(Client.objects.writable_by(user).filter(pk=OuterRef("client")))
    found = found.annotate(writable=Value(True) if user.is_manager else writable).only(*OF_A_ROW, *shown)
    return found.select_related("client", "contact").order_by("answer_due_at", "pk")[: SHOWN + 1]


@prepared
def _own(user):
    return _first(Request.objects.visible_to(user).waiting().filter(assignee=user), user)


def of_team(user):
    """All that wait for a manager; for everybody else those at their clients, and their own."""
    found = Request.objects.visible_to(user).waiting()
    if not user.is_manager:
        found = found.filter(Q(assignee=user) | Q(client__in=Client.objects.writable_by(user)))
    return found


@prepared
def _teams(user):
    return _first(of_team(user).select_related("assignee"), user, *OF_THE_ASSIGNEE)


def add(day, waiting):
    """Fill in `day.requests`; `waiting` is how many there are."""
    user, now = day.user, day.now
    found = (_teams if day.is_team else _own)(user) if waiting else []
    if not day.is_team:
        for one in found:
            one.assignee = user
    day.requests = [rows.Row(one, now=now, user=user, can_write=one.writable) for one in found[:SHOWN]]
    day.requests_count = len(found) if len(found) <= SHOWN else waiting
