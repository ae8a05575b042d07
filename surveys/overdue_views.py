"""Answers that did not come: the overdue ones by reason, the decision makers to call, the silent clients."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from surveys import overdue
from surveys.models import Invitation, Round

PAGE = 50


def _round(request, public_id, **states):
    begun = Round.objects.visible_to(request.user).exclude(launched_at=None)
    return get_object_or_404(begun.filter(**states), public_id=public_id)


def _whose(request):
    """Whose clients alone: “mine”, or those of the person the address names; None for everybody’s."""
    wanted = request.GET.get("whose", "")[:16].replace("\0", "")
    return request.user if wanted == "mine" else User.objects.filter(public_id=wanted).first() if wanted else None


@require_http_methods(["GET"])
def survey_overdue(request, public_id):
    """Who has not answered in time, by reason, with what helps."""
    round = _round(request, public_id)
    whose = _whose(request)
    rows = overdue.overdue(round, request.user)
    if whose:
        rows = rows.filter(client__owner=whose)
    counts = overdue.counts(rows)
    why = request.GET.get("why", "")
    why = why if why in Invitation.OverdueReason.values else ""
    shown = rows.filter(overdue_reason=why) if why else rows
    shown = shown.with_people().order_by("client__search_text", "contact__name", "pk")
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    page.object_list = [(row, overdue.act_for(row, request.user)) for row in page.object_list]
    context = {
        "round": round,
        "page": page,
        "counts": counts,
        "total": sum(n for *_rest, n in counts),
        "why": why,
        "mine": bool(whose),
        "what_to_do": next((words for value, _label, words, _n in counts if value == why), ""),
        "calls": overdue.silent_decision_makers(round, request.user).filter(called_at=None).count(),
    }
    return render(request, "surveys/overdue.html", context)


@require_http_methods(["GET"])
def survey_calls(request, public_id):
    """Silent decision makers in the order to call them."""
    round = _round(request, public_id)
    rows = overdue.silent_decision_makers(round, request.user)
    mine = request.GET.get("whose") == "mine"
    if mine:
        rows = rows.filter(client__owner=request.user)
    left = rows.filter(called_at=None).count()
    page = Paginator(rows.with_people(), PAGE).get_page(request.GET.get("page"))
    page.object_list = overdue.as_calls(round, page.object_list, request.user)
    return render(request, "surveys/calls.html", {"round": round, "page": page, "mine": mine, "left": left})


@require_http_methods(["GET"])
def survey_silent(request, public_id):
    """After the close: silence is a result."""
    round = _round(request, public_id, state=Round.State.CLOSED)
    clients = overdue.silent(round, request.user)
    mine = request.GET.get("whose") == "mine"
    if mine:
        clients = clients.filter(owner=request.user)
    page = Paginator(clients, PAGE).get_page(request.GET.get("page"))
    first = page.start_index()
    page.object_list = list(enumerate(overdue.as_silent(round, page.object_list), first))
    return render(request, "surveys/silent.html", {"round": round, "page": page, "mine": mine})
