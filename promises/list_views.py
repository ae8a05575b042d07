"""The list of promises: filtered, sorted, paged, exported. Its address says all of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.large import counted
from accounts.models import User
from accounts.paging import BoundedPaginator
from accounts.quick import select_options
from promises import export, filters
from promises.models import Promise
from promises.rows import rows_for, with_everybody

PAGE = 50


def _people():
    found = User.objects.active().values_list("public_id", "name")
    return counted("people", lambda: tuple(found), size=len)


@require_GET
def promise_list(request):
    now = timezone.now()
    chosen = filters.read(request.GET, user=request.user)
    found = filters.apply(Promise.objects.visible_to(request.user), chosen, now=now)
    page = BoundedPaginator(found.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    by_id = Promise.objects.in_bulk(page.object_list)
    page.object_list = with_everybody([by_id[pk] for pk in page.object_list if pk in by_id])
    context = {
        "now": now,
        "filters": chosen,
        "page": page,
        "rows": rows_for(request, page, now=now),
        "states": filters.STATES.items(),
        "sides": filters.SIDES.items(),
        "dues": filters.DUES.items(),
        "owner_options": select_options(_people(), chosen.owner.public_id if chosen.owner else ""),
        "outcome_words": filters.OUTCOMES[chosen.outcome],
    }
    return render(request, "promises/list.html", context)


@require_GET
def promise_export(request):
    """The list as it is filtered, as CSV."""
    now = timezone.now()
    chosen = filters.read(request.GET, user=request.user)
    found = filters.apply(Promise.objects.visible_to(request.user), chosen, now=now)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="promises-{timezone.localdate(now)}.csv"'
    export.write_csv(response, found.with_calendars(), now=now)
    return response
