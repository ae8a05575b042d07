"""What the views of this room share: finding what somebody may read or write, and where to go afterwards."""

from django.db.models import Prefetch
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from accounts.prepared import prepared
from accounts.way_back import way_back
from clients import merged
from clients.log_forms import MOST_PEOPLE
from clients.models import Client, Contact, Interaction, TeamMember


def readable_client(request, public_id):
    team = Prefetch("team_members", TeamMember.objects.select_related("user"))
    return _one_of(Client.objects.visible_to(request.user).select_related("owner").prefetch_related(team), public_id)


def page_client(request, public_id):
    """For the pages of a client, who ask for its team themselves (`know_team`) with whatever else they show."""
    found = _readable(request.user, public_id=public_id)
    return found[0] if found else _missing(Client.objects.visible_to(request.user), public_id)


@prepared
def _readable(user, *, public_id):
    return Client.objects.visible_to(user).select_related("owner").filter(public_id=public_id)


@prepared
def team_of(client):
    return TeamMember.objects.filter(client=client).select_related("user")


@prepared
def people_of(client):
    """Who is there now, as many as a page lets one choose from."""
    return Contact.objects.filter(client=client).current()[:MOST_PEOPLE]


def know_team(client, members):
    """As if it had been prefetched."""
    team = client.team_members.all()
    team._result_cache, team._prefetch_done = members, True
    client._prefetched_objects_cache = {"team_members": team}


def writable_client(request, public_id):
    return _one_of(Client.objects.writable_by(request.user).select_related("owner"), public_id)


def _one_of(clients, public_id):
    """404 for whom there is none; one that was merged leads to where it went."""
    return clients.filter(public_id=public_id).first() or _missing(clients, public_id)


def _missing(clients, public_id):
    merged.look_for(clients, public_id=public_id)
    raise Http404(public_id)


def writable_interaction(request, public_id):
    found = Interaction.objects.writable_by(request.user).select_related("client", "author")
    return get_object_or_404(found, public_id=public_id)


def go_on(request, default):
    """To the page somebody came from when it is one of ours, else to `default` (a record or an address)."""
    target = way_back(request)
    if not target:
        target = default.get_absolute_url() if hasattr(default, "get_absolute_url") else default
    return HttpResponseRedirect(target)
