"""Promises from a file, for administrators."""

from django.views.decorators.http import require_http_methods

from accounts.access import administrators_only
from accounts.import_views import file_page, upload_page
from promises.importing import PromiseImporter


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def import_promises(request):
    return upload_page(request, PromiseImporter())


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def import_promises_file(request, uuid):
    return file_page(request, PromiseImporter(), uuid)
