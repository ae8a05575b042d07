"""Pinning clients to the sidebar, and their order there."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clients import pins
from clients.models import Pin
from clients.views.doors import go_on, readable_client

PLACES = {str(place) for place in range(Pin.MOST)}
BY = {"up": -1, "down": 1}


@require_GET
def pinned(request):
    return render(request, "clients/pins.html", {"most": Pin.MOST})


@require_POST
def client_pin(request, public_id):
    client = readable_client(request, public_id)
    try:
        at = request.GET.get("at", "")
        pins.pin(request.user, client, at=int(at) if at in PLACES else None)
    except pins.TooMany:
        words = _("Eight clients are pinned already. Unpin one first, then pin %(name)s.")
        messages.warning(request, words % {"name": client.name})
    else:
        undo = reverse("client_unpin", args=[client.public_id])
        messages.success(request, _("Pinned %(name)s.") % {"name": client.name}, extra_tags=f"undo:{undo}")
    return go_on(request, client)


@require_POST
def client_unpin(request, public_id):
    client = readable_client(request, public_id)
    place = pins.unpin(request.user, client)
    undo = reverse("client_pin", args=[client.public_id]) + ("" if place is None else f"?at={place}")
    messages.success(request, _("Unpinned %(name)s.") % {"name": client.name}, extra_tags=f"undo:{undo}")
    return go_on(request, client)


@require_POST
def client_pin_move(request, public_id, where):
    if where not in BY:
        raise Http404
    pins.move(request.user, readable_client(request, public_id), by=BY[where])
    return go_on(request, reverse("pins"))
