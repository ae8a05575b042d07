"""The overview, for managers."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import managers_only
from accounts.context import current_workspace
from dashboard.overview import Overview


@require_safe
@managers_only
def overview(request):
    shown = Overview(
        user=request.user,
        workspace=current_workspace(request),
        now=timezone.now(),
        round_id=request.GET.get("round", ""),
        owner_id=request.GET.get("owner", ""),
    )
    return render(request, "dashboard/overview.html", {"o": shown, "round": shown.round, "now": shown.now})
