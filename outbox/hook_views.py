"""Where a mail provider reports what became of our mail: signed, without cookies, the same report once."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outbox import hooks, returned

log = logging.getLogger(__name__)


@login_not_required
@csrf_exempt  # programs post here, without cookies; the signature says who they are
@require_http_methods(["POST"])
def mail_hook(request, provider=""):
    """200 with counts; 401 when the signature is wrong, 400 when the body is, 503 to be asked again in a minute."""
    read = hooks.FORMATS.get(provider)
    if read is None or not settings.MAIL_HOOK_SECRET:
        return _say("Nobody listens here.", status=404)
    if _length(request) > hooks.MOST_BYTES:
        return _say("At most 256 KB at once.", status=413)
    now = timezone.now()
    try:
        found = read(request.headers, request.body, now)
    except hooks.NotTheirs as problem:
        log.warning("A report about mail was refused: %s", problem)
        return _say(str(problem), status=401)
    except hooks.Unreadable as problem:
        return _say(str(problem), status=400)
    source = provider or "hook"
    try:
        outcomes = [returned.record(report, source=source, key=key, now=now) for report, key in found]
    except returned.NotYet:
        return _say("This mail is going out at this moment. Ask again.", status=503, headers={"Retry-After": "60"})
    return _say(", ".join(outcomes) or "nothing to do")


def _length(request):
    """What the header says; without one, or with another word in it, Django reads no body."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdigit() else 0


def _say(words, *, status=200, headers=None):
    response = HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers)
    response["Cache-Control"] = "no-store"
    return response
