from urllib.parse import urlencode, urlsplit

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.models import Client
from dashboard import places, search

LONGEST = 200
ON_THE_PAGE = 25


@require_safe
def find(request):
    """The palette asks for a piece; without JavaScript the same words open a page."""
    words = request.GET.get("q", "")[:LONGEST].strip()
    if "palette" in request.GET:
        return _palette(request, words)
    found = search.find(words, user=request.user, limit=ON_THE_PAGE)
    groups = found.groups
    if words and (said := search.found_said(words, request.user, ON_THE_PAGE)):
        groups = ([] if found.guesses else groups) + [(_("What was said"), said)]
    context = {"groups": groups, "words": words, "guesses": found.guesses and groups == found.groups}
    return render(request, "dashboard/find.html", context)


def _palette(request, words):
    """Names first; what was said is looked for in a second answer, so that nobody waits for it."""
    if "client" in request.GET:
        client = get_object_or_404(Client.objects.visible_to(request.user), public_id=request.GET["client"][:20])
        groups = [(client.name, search.acts(client, user=request.user))]
        return render(request, "dashboard/_find.html", {"groups": groups, "words": words, "acts": True})
    if "said" in request.GET:
        said = search.found_said(words, request.user, search.AT_MOST)
        return render(request, "dashboard/_find_said.html", {"said": said})
    here = places.client_of(_path_looked_at(request), user=request.user) if not words else None
    found = search.find(words, user=request.user, here=here)
    said_url = f"{reverse('find')}?{urlencode({'palette': 1, 'said': 1, 'q': words})}" if words else ""
    context = {"groups": found.groups, "words": words, "guesses": found.guesses, "said_url": said_url}
    return render(request, "dashboard/_find.html", context)


def _path_looked_at(request):
    """The page the palette was opened on, as htmx says it."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", "")[:500]).path or "/"
    except ValueError:
        return "/"
