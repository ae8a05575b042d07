"""What the views of this room share: finding what somebody may read or write, and where to go afterwards."""

from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404

from accounts.way_back import way_back
from clients.models import Client, Interaction, TeamMember


def readable_client(request, public_id):
    team = Prefetch("team_members", TeamMember.objects.select_related("user"))
    found = Client.objects.visible_to(request.user).select_related("owner").prefetch_related(team)
    return get_object_or_404(found, public_id=public_id)


def writable_client(request, public_id):
    return get_object_or_404(Client.objects.writable_by(request.user).select_related("owner"), public_id=public_id)


def writable_interaction(request, public_id):
    found = Interaction.objects.writable_by(request.user).select_related("client", "author")
    return get_object_or_404(found, public_id=public_id)


def go_on(request, default):
    """To the page somebody came from when it is one of ours, else to `default` (a record or an address)."""
    target = way_back(request)
    if not target:
        target = default.get_absolute_url() if hasattr(default, "get_absolute_url") else default
    return HttpResponseRedirect(target)
