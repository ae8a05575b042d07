"""Requests that wait, for My day: this person's own, or those at the clients of the team; least time left first."""

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from accounts.prepared import prepared
from clients.models import Client, Request
from clients.requests import rows

SHOWN = 30
OF_A_ROW = (
    "public_id", "text", "channel", "urgency", "asked_at", "first_due_at", "waiting_since", "answer_due_at",
    "first_answered_at", "answer_minutes", "closed_at", "closed_how", "deleted_at", "assignee", "client", "contact",
    "client__name", "client__public_id", "contact__name", "contact__public_id",
)  # fmt: skip


@prepared
def _own(user):
    mine = Request.objects.visible_to(user).waiting().filter(assignee=user)
    mine = mine.annotate(writable=Exists(Client.objects.writable_by(user).filter(pk=OuterRef("client"))))
    return mine.select_related("client", "contact").only(*OF_A_ROW).order_by("answer_due_at", "pk")[: SHOWN + 1]


def _teams(user):
    """All of them for a manager; for everybody else those at their clients, and their own."""
    found = Request.objects.visible_to(user).waiting()
    if not user.is_manager:
        found = found.filter(Q(assignee=user) | Q(client__in=Client.objects.writable_by(user)))
    return found


def add(day):
    """Fill in `day.requests`, and how many there are."""
    user, now = day.user, day.now
    if day.is_team:
        found = _teams(user)
        day.requests = rows.rows_for(rows.whole(found).order_by("answer_due_at", "pk")[:SHOWN], now=now, user=user)
        day.requests_count = len(day.requests) if len(day.requests) < SHOWN else found.count()
        return
    found = _own(user)
    if not found:
        return
    prefetch_related_objects([user], "absences")
    for one in found:
        one.assignee = user
    day.requests = [rows.Row(one, now=now, user=user, can_write=one.writable) for one in found[:SHOWN]]
    mine = Request.objects.visible_to(user).waiting().filter(assignee=user)
    day.requests_count = len(found) if len(found) <= SHOWN else mine.count()
