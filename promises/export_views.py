"""The list as a file: exactly the promises it shows on all its pages, or those that were ticked."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.spreadsheets import csv_answer, xlsx_answer
from promises import export, filters, selection
from promises.models import Promise


@require_GET
def promises_csv(request):
    now = timezone.now()
    lines = export.csv_lines(_found(request, now=now), now=now)
    return csv_answer(lines, f"promises-{timezone.localdate(now)}.csv")


@require_GET
def promises_xlsx(request):
    """At most so many rows; the page before the export says when there are more, and what to do."""
    now = timezone.now()
    found = _found(request, now=now)
    if too_many(found):
        return redirect(f"{reverse('bulk_export')}?{request.GET.urlencode()}")
    file = export.xlsx_file(found, now=now)
    return xlsx_answer(file, f"promises-{timezone.localdate(now)}.xlsx")


def too_many(found):
    return found.order_by()[: export.MOST_IN_XLSX + 1].count() > export.MOST_IN_XLSX


def _found(request, *, now):
    if "pick" in request.GET and "all" not in request.GET:
        return selection.read(request.GET, user=request.user, now=now).found
    chosen = filters.read(request.GET, user=request.user)
    return filters.apply(Promise.objects.visible_to(request.user), chosen, now=now)
