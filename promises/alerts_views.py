"""The page on alerts: every rule in words, what it said lately and what came of it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Workspace
from promises import alerts
from promises.reminders.rules import RULES


@require_GET
def promise_alerts(request):
    now = timezone.now()
    words = alerts.concerning(request.user)
    rule = request.GET.get("rule", "")
    rule = rule if rule in RULES else ""
    found = alerts.latest(words, rule=rule, before=request.GET.get("before", ""))
    context = {
        "now": now,
        "tallies": alerts.tallies(words, now=now, workspace=Workspace.remembered()),
        "rows": [(word, alerts.whom(word)) for word in found.rows],
        "older": found.older,
        "rules": RULES.values(),
        "rule": rule,
        "is_first_page": "before" not in request.GET,
    }
    return render(request, "promises/alerts.html", context)
