"""Who may open a page. What somebody may not open does not exist for them: 404."""

from functools import wraps

from django.http import Http404


def _only(allowed):
    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not allowed(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


managers_only = _only(lambda user: user.is_authenticated and user.is_manager)
administrators_only = _only(lambda user: user.is_authenticated and user.is_administrator)
