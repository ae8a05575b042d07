"""Dates ahead, and what a person decides about an occasion."""

from datetime import timedelta
from itertools import groupby

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import PlainForm, posted
from accounts.way_back import way_back
from clients.models import Client
from partnerships import celebrations
from partnerships.models import Celebration

AHEAD = timedelta(days=92)
Decided = Celebration.Decided


class SaidForm(PlainForm):
    words = forms.CharField(
        label=gettext_lazy("What you said, if you like"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Nothing is sent and nothing is logged by this: it only remembers that it was said."),
    )


@require_GET
def celebration_list(request):
    """The dates of the next three months: at one's own clients, or at all that one may read."""
    today = timezone.localdate()
    everybody = request.GET.get("who") == "all"
    clients = Client.objects.visible_to(request.user)
    clients = clients if everybody else clients.filter(owner=request.user)
    first = today - timedelta(days=celebrations.BEHIND)
    ahead = celebrations.anniversaries(clients, first=first, last=today + AHEAD, today=today)
    decided = celebrations.decided_among(ahead)
    rows = [(one, decided.get((one.client.pk, one.key))) for one in ahead]
    months = [(month, list(some)) for month, some in groupby(rows, key=lambda row: row[0].on.replace(day=1))]
    return render(
        request,
        "partnerships/celebrations.html",
        {"months": months, "everybody": everybody, "count": len(rows), "most": celebrations.MOST},
    )


def _occasion(request, client_id, key):
    client = get_object_or_404(Client.objects.writable_by(request.user), public_id=client_id)
    occasion = celebrations.occasion_at(client, key, today=timezone.localdate())
    if occasion is None:
        raise Http404
    return occasion


@require_http_methods(["GET", "POST"])
def celebration_said(request, client_id, key):
    occasion = _occasion(request, client_id, key)
    form = SaidForm(posted(request))
    if form.is_valid():
        return _decided(request, occasion, Decided.SAID, form.cleaned_data["words"])
    context = {"form": form, "occasion": occasion, "next": way_back(request)}
    return render(request, "partnerships/celebration.html", context, status=422 if form.is_bound else 200)


@require_POST
def celebration_let_go(request, client_id, key):
    return _decided(request, _occasion(request, client_id, key), Decided.LET_GO)


def _decided(request, occasion, decided, words=""):
    row, first = celebrations.decide(occasion, by=request.user, now=timezone.now(), decided=decided, words=words)
    if first:
        undo = reverse("celebration_undo", args=[row.public_id])
        said = _("Well done. It is remembered.") if decided == Decided.SAID else _("Not this time.")
        messages.success(request, said, extra_tags=f"undo:{undo}")
    else:
        name = row.decided_by.name.split(" ")[0]
        messages.warning(request, _("%(name)s decided about this already.") % {"name": name})
    return redirect(way_back(request) or reverse("celebrations"))


@require_POST
def celebration_undo(request, celebration_id):
    writable = Client.objects.writable_by(request.user)
    celebrations.take_back(get_object_or_404(Celebration, public_id=celebration_id, client__in=writable))
    messages.success(request, _("It is back."))
    return redirect(way_back(request) or reverse("celebrations"))
