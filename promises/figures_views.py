"""The page of figures: how we keep our word, and they theirs."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.large import counted
from accounts.models import User
from accounts.quick import select_options
from promises import figures, filters, periods
from promises.figures_page import FiguresPage

ASKED = ("owner", "client", "team")


@require_GET
def promise_figures(request):
    """Managers see the firm or anybody; everybody else their own word, and that kept at clients they may see."""
    now, user = timezone.now(), request.user
    chosen = filters.read(request.GET, user=user)
    people = [chosen.owner, chosen.team]
    if chosen.unknown or (not user.is_manager and any(person not in (None, user) for person in people)):
        raise Http404
    owner = chosen.owner
    if not (user.is_manager or owner or chosen.client or chosen.team):
        owner = user
    scope = figures.Scope(user, owner=owner, client=chosen.client, team=chosen.team)
    period = periods.read(request.GET, today=timezone.localdate(now))
    asked = {name: one.public_id for name in ASKED if (one := getattr(scope, name))}
    query = {"by": chosen.by, "period": period.name, **period.query} if not period.name else {"period": period.name}
    query = {name: value for name, value in {**query, "by": chosen.by, **asked}.items() if value}
    page = FiguresPage(
        user=user,
        counting=figures.count(scope, period=period, now=now),
        asked=asked,
        side=chosen.by,
        kind=request.GET.get("table", "people" if user.is_manager else "clients"),
        sort=request.GET.get("sort", ""),
        page=request.GET.get("page", 1),
        query=query,
    )
    context = {
        "shown": page,
        "scope": scope,
        "period": period,
        "periods": periods.PERIODS.items(),
        "chosen": chosen,
        "sides": filters.SIDES.items(),
        "is_own": owner == user and not chosen.client,
        **(_options(scope) if user.is_manager else {}),
    }
    return render(request, "promises/figures.html", context)


def _options(scope):
    found = User.objects.values_list("public_id", "name").order_by("name", "pk")
    people = counted("everybody", lambda: tuple(found), size=len)
    ids = {name: one.public_id if (one := getattr(scope, name)) else "" for name in ("owner", "team")}
    return {f"{name}_options": select_options(people, public_id) for name, public_id in ids.items()}
