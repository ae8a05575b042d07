"""The client before and after this one, in the list somebody came from."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.context import current_workspace
from clients.listing import Listing
from clients.models import Client
from clients.views.doors import readable_client

KEPT = "clients_list"
LONGEST = 2000


def remember(request):
    """Keep how the list was filtered and sorted when somebody comes from it. Written only when it is another one."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.path == reverse("clients") and len(came.query) <= LONGEST and request.session.get(KEPT) != came.query:
        request.session[KEPT] = came.query


@require_http_methods(["GET"])
def client_beside(request, public_id, way):
    """To the one before or after; told in words where the list ends."""
    if way not in ("next", "previous"):
        raise Http404
    here = readable_client(request, public_id)
    listing = Listing(
        QueryDict(request.session.get(KEPT, "")),
        user=request.user,
        workspace=current_workspace(request),
        now=timezone.now(),
    )
    found = listing.beside(here.pk, backwards=way == "previous")
    if found is None:
        messages.info(request, _("The list ends here.") if way == "next" else _("The list begins here."))
        return redirect(here)
    return redirect(Client.objects.visible_to(request.user).get(pk=found))
