"""The page everybody starts on."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.context import current_workspace
from dashboard import my_day
from promises import nav


@require_GET
def my_day_page(request):
    who = my_day.TEAM if request.GET.get("who") == my_day.TEAM else my_day.MINE
    now = timezone.now()
    delivered = nav.counts(request)["delivered"]
    day = my_day.build(request.user, now=now, who=who, workspace=current_workspace(request), delivered=delivered)
    return render(request, "dashboard/my_day.html", {"day": day, "now": now})
