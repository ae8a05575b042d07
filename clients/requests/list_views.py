"""The list of requests: filtered, sorted, paged, and as a file. Its address says all of it."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.keyset import count_of, page_of
from accounts.large import counted
from accounts.lists import columns
from accounts.lists import page as lists
from accounts.models import User
from accounts.quick import select_options
from accounts.spreadsheets import MOST_IN_XLSX, csv_answer, csv_lines, xlsx_answer
from clients.lists.requests import REQUESTS
from clients.models import Request
from clients.requests import export, filters, rows

PAGE = 50
SHOWN = {"q", "state", "channel", "assignee"}  # filters with a field of their own; the others are chips
SORTS = {"due": _("due"), "-asked": _("last asked"), "client": _("client"), "assignee": _("who answers")}


def _people():
    found = User.objects.active().values_list("public_id", "name")
    return counted("people", lambda: tuple(found), size=len)


@require_GET
def request_list(request):
    now = timezone.now()
    chosen = filters.read(request.GET, user=request.user)
    found = filters.apply(Request.objects.visible_to(request.user), chosen, now=now)
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = page_of(found, filters.SORTS[chosen.sort], size=PAGE, **edges)
    count, is_more = count_of(found) if page.has_other_pages else (len(page.ids), False)
    shown = columns.asked_for(REQUESTS, request.GET, user=request.user)
    lines = REQUESTS.read(request.GET, user=request.user, now=now).lines(page.ids, shown) if shown else ()
    context = lists.context(REQUESTS, request, lines=lines, shown=shown or ()) | {
        "now": now,
        "filters": chosen,
        "page": page,
        "count": count,
        "is_more": is_more,
        "as_table": bool(shown),
        "several_pages": page.has_other_pages,
        "records": page.ids if shown else rows.rows_for(rows.in_order_of(page.ids), now=now, user=request.user),
        "states": filters.STATES.items(),
        "channels": filters.CHANNELS.items(),
        "sorts": [(key, words) for key, words in SORTS.items() if key != "due" or chosen.state == "waiting"],
        "people_options": select_options(_people(), chosen.assignee.public_id if chosen.assignee else ""),
        "hidden_pairs": [pair for pair in chosen.query.items() if pair[0] not in SHOWN],
        "chips": _chips(chosen),
    }
    return render(request, "clients/requests/list.html", context)


def _chips(chosen):
    """[(words, address without it)] of the filters that have no field."""
    words = {
        "client": chosen.client and chosen.client.name,
        "overdue": chosen.overdue and _("overdue"),
        "urgent": chosen.urgent and _("urgent"),
        "came": chosen.came and filters.CAME[chosen.came],
        "since": chosen.period_in_words,
    }
    chips = []
    for name, said in words.items():
        if said:
            gone = ("since", "until") if name == "since" else (name,)
            left = {key: value for key, value in chosen.query.items() if key not in gone}
            chips.append((said, f"{reverse('requests')}?{urlencode(left)}"))
    return chips


# -------------------------------------------------------------------- as a file


def _found(request, *, now):
    chosen = filters.read(request.GET, user=request.user)
    return filters.apply(Request.objects.visible_to(request.user), chosen, now=now)


@require_GET
def requests_csv(request):
    now = timezone.now()
    lines = csv_lines(export.heads(), export.rows(_found(request, now=now)))
    return csv_answer(lines, f"requests-{timezone.localdate(now)}.csv")


@require_GET
def requests_xlsx(request):
    """At most so many rows; the CSV has no end."""
    now = timezone.now()
    found = _found(request, now=now)
    if found.order_by()[: MOST_IN_XLSX + 1].count() > MOST_IN_XLSX:
        return redirect(f"{reverse('requests_csv')}?{request.GET.urlencode()}")
    return xlsx_answer(export.xlsx_file(found), f"requests-{timezone.localdate(now)}.xlsx")
