"""Who of us works for a client: the owner, handing over, the client team."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import posted
from clients import handover
from clients.forms import HandOverForm, TeamForm
from clients.models import Client
from clients.views.doors import readable_client, writable_client


def _after(request, client):
    """Back to the client, unless by this act it stopped being visible to who did it."""
    if Client.objects.visible_to(request.user).filter(pk=client.pk).exists():
        return redirect(client)
    return redirect("clients")


@require_http_methods(["GET", "POST"])
def client_team(request, public_id):
    """The team with the parts they play; writers add."""
    find = writable_client if request.method == "POST" else readable_client
    client = find(request, public_id)
    may_write = client.can_be_written_by(request.user)
    form = TeamForm(posted(request), client=client) if may_write else None
    if form is not None and form.is_valid():
        member, _created = client.team_members.get_or_create(
            user=form.cleaned_data["user"], defaults={"part": form.cleaned_data["part"]}
        )
        messages.success(request, _("%(name)s is on the team.") % {"name": member.user.name})
        return redirect("client_team", client.public_id)
    return render(
        request,
        "clients/team.html",
        {
            "client": client,
            "form": form,
            "may_write": may_write,
            "team": client.team_members.select_related("user"),
        },
        status=422 if request.method == "POST" else 200,
    )


@require_http_methods(["POST"])
def client_team_leave(request, public_id, user_id):
    client = writable_client(request, public_id)
    member = get_object_or_404(client.team_members.select_related("user"), user__public_id=user_id)
    name = member.user.name
    member.delete()
    messages.success(request, _("%(name)s left the team.") % {"name": name})
    if not Client.objects.visible_to(request.user).filter(pk=client.pk).exists():
        return redirect("clients")
    return redirect("client_team", client.public_id)


@require_http_methods(["GET", "POST"])
def client_hand_over(request, public_id):
    client = writable_client(request, public_id)
    form = HandOverForm(posted(request), client=client)
    if form.is_valid():
        handover.give_to(client, to=form.cleaned_data["owner"], by=request.user, now=timezone.now())
        messages.success(
            request,
            _("%(owner)s owns %(client)s now.") % {"owner": form.cleaned_data["owner"].name, "client": client.name},
        )
        return _after(request, client)
    return render(
        request,
        "clients/hand_over.html",
        {"client": client, "form": form},
        status=422 if request.method == "POST" else 200,
    )
