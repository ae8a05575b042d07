"""One entry of the timeline on a page of its own, for whoever may read its client."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from clients.models import Interaction
from clients.views import log


@require_http_methods(["GET", "POST"])
def interaction(request, public_id):
    """To correct for who works for the client, to read for everybody else who sees it."""
    found = Interaction.objects.visible_to(request.user).select_related("client__owner", "author", "received")
    entry = get_object_or_404(found, public_id=public_id)
    if entry.client.can_be_written_by(request.user):
        return log.interaction(request, public_id)
    get_object_or_404(found.kept(), public_id=public_id)
    return render(
        request, "clients/entry.html", {"entry": entry, "client": entry.client}, status=200 if _reads(request) else 403
    )


def _reads(request):
    return request.method == "GET"
