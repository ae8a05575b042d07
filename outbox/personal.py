"""Pages behind a personal link: the link is the key, so nothing of them is kept by caches or told to other sites."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from outbox.own_forms import own_forms

PATHS = ("/s/", "/p/", "/c/", "/u/")  # where personal links lead: surveys, promises, cleared up?, no more mails


def is_personal(request):
    """Whoever asks for this follows a personal link, or the remains of one: somebody at a client."""
    return request.path_info.startswith(PATHS)


def public(*methods):
    """A page behind a personal link: no sign-in, nothing kept by caches, nothing told to other sites.

    It speaks the language of the browser, until the view knows whose link it is and speaks theirs.
    """

    def decorate(view):
        guarded = gzip_page(own_forms(view))

        @wraps(view)
        def answer(request, *args, **kwargs):
            with translation.override(translation.get_language_from_request(request)):
                response = guarded(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex, nofollow"
            response["Referrer-Policy"] = "no-referrer"
            return response

        return login_not_required(csrf_exempt(require_http_methods([*methods, "HEAD"])(answer)))

    return decorate
