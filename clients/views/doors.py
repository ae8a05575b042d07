"""What the views of this room share: finding what somebody may read or write, and where to go afterwards."""

from django.db.models import Prefetch
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from accounts.way_back import way_back
from clients import merged, there
from clients.models import Client, Interaction, TeamMember


def readable_client(request, public_id, *, whole=False):
    """`whole`: for a page of everything, told which kinds of records there are."""
    team = Prefetch("team_members", TeamMember.objects.select_related("user"))
    found = Client.objects.visible_to(request.user).select_related("owner").prefetch_related(team)
    return _one_of(there.told(found) if whole else found, public_id)


def writable_client(request, public_id):
    return _one_of(Client.objects.writable_by(request.user).select_related("owner"), public_id)


def _one_of(clients, public_id):
    """404 for whom there is none; one that was merged leads to where it went."""
    found = clients.filter(public_id=public_id).first()
    if found is None:
        merged.look_for(clients, public_id=public_id)
        raise Http404(public_id)
    return found


def writable_interaction(request, public_id):
    found = Interaction.objects.writable_by(request.user).select_related("client", "author")
    return get_object_or_404(found, public_id=public_id)


def go_on(request, default):
    """To the page somebody came from when it is one of ours, else to `default` (a record or an address)."""
    target = way_back(request)
    if not target:
        target = default.get_absolute_url() if hasattr(default, "get_absolute_url") else default
    return HttpResponseRedirect(target)
