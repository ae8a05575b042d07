"""Pages that need no sign-in: what is said when something is refused, missing or broken."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string


@login_not_required
def csrf_failure(request, reason=""):
    """A form was sent without its key: an old tab, or cookies that are switched off."""
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request, exception=None):
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request):
    # Without the request: nothing here may ask the database, which may be what is broken.
    return HttpResponseServerError(render_to_string("500.html"))
