"""Pages for machines, without a login: is it alive, is it ready. They name parts and hold no secrets."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import status

CANNOT_SERVE = {"web", "database"}


@require_safe
@never_cache
@login_not_required
def healthz(request):
    """This process answers. Asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request):
    """503 only when pages cannot be shown; a broken worker is named but takes no web server out of service."""
    parts = status.parts(timezone.now())
    down = any(part.state == "broken" and part.name in CANNOT_SERVE for part in parts)
    overall = "down" if down else "ready" if all(part.ok for part in parts) else "degraded"
    answer = {"state": overall, "parts": {part.name: part.state for part in parts}}
    return JsonResponse(answer, status=503 if down else 200)
