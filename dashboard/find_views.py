from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import search

LONGEST = 200


@require_safe
def find(request):
    """The palette asks for a piece; without JavaScript the same words open a page."""
    words = request.GET.get("q", "")[:LONGEST]
    palette = "palette" in request.GET
    groups = search.find(words, user=request.user, limit=search.AT_MOST if palette else 25)
    template = "dashboard/_find.html" if palette else "dashboard/find.html"
    return render(request, template, {"groups": groups, "words": words.strip()})
