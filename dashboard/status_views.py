"""The status page: which part is broken and what that means."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import managers_only
from dashboard import status


@require_safe
@never_cache
@managers_only
def status_page(request):
    now = timezone.now()
    parts = status.parts(now)
    context = {"parts": parts, "broken": [part for part in parts if part.state == "broken"], "now": now}
    return render(request, "dashboard/status.html", context)
