"""What every page needs: the firm, the reader's theme and keys, and the counts beside the navigation."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from accounts.models import Workspace

_counters = {}


def register_nav(name, counter):
    """Let an upper room count for the navigation: `counter(request) -> int`, asked only when a page shows it."""
    _counters[name] = counter


class Nav(Mapping):
    """Counts by name, each computed once for a request and only when it is drawn."""

    def __init__(self, request):
        self.request = request
        self.known = {}

    def __getitem__(self, name):
        if name not in self.known:
            counter = _counters[name]
            self.known[name] = counter(self.request) if self.request.user.is_authenticated else 0
        return self.known[name]

    def __iter__(self):
        return iter(_counters)

    def __len__(self):
        return len(_counters)


def current_workspace(request):
    """The firm's settings, read once for a request."""
    if not hasattr(request, "_workspace"):
        request._workspace = Workspace.remembered()
    return request._workspace


def workspace(request):
    if not hasattr(request, "_nav"):
        request._nav = Nav(request)
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "workspace": SimpleLazyObject(lambda: current_workspace(request)),
        "theme": user.theme if signed_in else "auto",
        "keys": user.single_keys if signed_in else False,
        "nav": request._nav,
        "demo": settings.DEMO,
        "mailbox": settings.MAILBOX,
    }
