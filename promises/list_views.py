"""The list of promises: filtered, sorted, paged. Its address says all of it."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.keyset import count_of, page_of
from accounts.large import counted
from accounts.lists import columns
from accounts.lists import page as lists
from accounts.models import User
from accounts.quick import select_options
from promises import filters, saved_views
from promises.list_columns import PromiseListing
from promises.models import Promise
from promises.rows import in_order_of, rows_for, with_everybody

PAGE = 50
SHOWN = {"q", "state", "by", "due", "owner"}  # filters with a field of their own; the others are chips
SORTS = [("due", gettext_lazy("due")), ("client", gettext_lazy("client")), ("owner", gettext_lazy("owner"))]


def _people():
    found = User.objects.active().values_list("public_id", "name")
    return counted("people", lambda: tuple(found), size=len)


@require_GET
def promise_list(request):
    now = timezone.now()
    chosen = filters.read(request.GET, user=request.user)
    found = filters.apply(Promise.objects.visible_to(request.user), chosen, now=now)
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = page_of(found, filters.SORTS[chosen.sort], size=PAGE, **edges)
    shown = columns.asked_for(saved_views.KIND, request.GET, user=request.user)
    count, is_more = count_of(found) if page.has_other_pages else (len(page.ids), False)
    if shown:
        table = lists.rows_of(shown, PromiseListing(request.GET, user=request.user, now=now).lines(page.ids, shown))
        table["heads"] = lists.heads(shown, request.GET)
    else:
        promises = with_everybody(in_order_of(page.ids), in_rows=True)
        table = {"rows": rows_for(request, promises, now=now)}
    context = table | {
        "now": now,
        "as_table": bool(shown),
        "filters": chosen,
        "page": page,
        "count": count,
        "is_more": is_more,
        "states": filters.STATES.items(),
        "sides": filters.SIDES.items(),
        "dues": filters.DUES.items(),
        "sorts": SORTS,
        "owner_options": select_options(_people(), chosen.owner.public_id if chosen.owner else ""),
        **saved_views.bar(request.user, request.GET.urlencode()),
        "query_pairs": chosen.query.items(),
        "hidden_pairs": [pair for pair in chosen.query.items() if pair[0] not in SHOWN],
        "chips": _chips(chosen),
    }
    return render(request, "promises/list.html", context)


def _chips(chosen):
    """[(words, address without it)] of the filters that have no field."""
    words = {
        "client": chosen.client and chosen.client.name,
        "contact": chosen.contact and chosen.contact.name,
        "team": chosen.team and _("clients of %(name)s") % {"name": chosen.team.name},
        "outcome": chosen.outcome and filters.OUTCOMES[chosen.outcome],
        "since": chosen.period_in_words,
        **{name: filters.FLAGS[name] for name in chosen.flags},
    }
    if not chosen.since:
        words["until"] = words.pop("since")
    gone = {"since": ("since", "until", "on"), "until": ("since", "until", "on")}
    chips = []
    for name, said in words.items():
        if said:
            left = {key: value for key, value in chosen.query.items() if key not in gone.get(name, (name,))}
            chips.append((said, f"{reverse('promises')}?{urlencode(left)}"))
    return chips
