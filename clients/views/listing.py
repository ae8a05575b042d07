"""The list of clients, and the same as a file."""

import csv

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.context import current_workspace
from clients.listing import Listing, export_rows
from clients.models import Client


@require_http_methods(["GET"])
def clients(request):
    now = timezone.now()
    listing = Listing(request.GET, user=request.user, workspace=current_workspace(request), now=now)
    return render(
        request,
        "clients/list.html",
        {
            "listing": listing,
            "page": listing.page,
            "stages": Client.Stage.choices,
            "kinds": Client.Kind.choices,
            "bands": Client.Band.choices,
        },
    )


class Echo:
    """A file that hands back each line instead of keeping it."""

    def write(self, line):
        return line


@require_http_methods(["GET"])
def export(request):
    """The list as it is filtered and sorted, as CSV that Excel reads as UTF-8."""
    now = timezone.now()
    listing = Listing(request.GET, user=request.user, workspace=current_workspace(request), now=now)
    writer = csv.writer(Echo())

    def lines():
        yield "\ufeff"
        for row in export_rows(listing):
            yield writer.writerow(row)

    name = f"clients-{timezone.localdate(now):%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
