"""Where a form sends its reader back to: only to a page of ours, however the address was made up."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000


def way_back(request, *, wanted=None):
    """The path in `next` (or the one given), if it is one of this site; otherwise an empty string."""
    if wanted is None:
        wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # `redirect` takes what is no path for the name of a view.
    return wanted if safe and wanted.startswith("/") and len(wanted) <= LONGEST and wanted.isprintable() else ""
