"""Pages that need no sign-in: what is said when something is refused, missing or broken."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from outbox.personal import is_personal


@login_not_required
def csrf_failure(request, reason=""):
    """A form was sent without its key: an old tab, or cookies that are switched off."""
    if is_personal(request):
        return _to_a_client(request, "outbox/not_sent.html", status=403)
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request, exception=None):
    if is_personal(request):
        return _to_a_client(request, "outbox/no_page.html", status=404)
    return render(request, "404.html", status=404)


def _to_a_client(request, template, *, status):
    """Somebody at a client has no account here, and reads this in the language of their browser."""
    with translation.override(translation.get_language_from_request(request)):
        return render(request, template, status=status)


@login_not_required
def server_error(request):
    # Without the request: nothing here may ask the database, which may be what is broken.
    return HttpResponseServerError(render_to_string("500.html"))
