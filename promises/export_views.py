"""The list as a file: exactly the promises it shows on all its pages, or those that were ticked."""

from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from promises import export, filters, selection
from promises.models import Promise

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def promises_csv(request):
    now = timezone.now()
    lines = export.csv_lines(_found(request, now=now), now=now)
    name = f"promises-{timezone.localdate(now)}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@require_GET
def promises_xlsx(request):
    """At most so many rows; the page before the export says when there are more, and what to do."""
    now = timezone.now()
    found = _found(request, now=now)
    if too_many(found):
        return redirect(f"{reverse('bulk_export')}?{request.GET.urlencode()}")
    file = export.xlsx_file(found, now=now)
    name = f"promises-{timezone.localdate(now)}.xlsx"
    no_copy = {"Cache-Control": "no-store"}
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX, headers=no_copy)


def too_many(found):
    return found.order_by()[: export.MOST_IN_XLSX + 1].count() > export.MOST_IN_XLSX


def _found(request, *, now):
    if "pick" in request.GET and "all" not in request.GET:
        return selection.read(request.GET, user=request.user, now=now).found
    chosen = filters.read(request.GET, user=request.user)
    return filters.apply(Promise.objects.visible_to(request.user), chosen, now=now)
