"""The page everybody starts on."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.context import current_workspace
from clients.requests import nav as request_nav
from dashboard import my_day
from promises import nav


@require_GET
def my_day_page(request):
    who = my_day.TEAM if request.GET.get("who") == my_day.TEAM else my_day.MINE
    now = timezone.now()
    own = {"delivered": nav.counts(request)["delivered"], "waiting": request_nav.counts(request)["waiting"]}
    day = my_day.build(request.user, now=now, who=who, workspace=current_workspace(request), own=own)
    # The page asks for itself again while it is looked at, and gets what may have changed.
    template = "dashboard/_day.html" if request.htmx else "dashboard/my_day.html"
    response = render(request, template, {"day": day, "now": now})
    response["Vary"] = "HX-Request"
    return response
