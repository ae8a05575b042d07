"""Clients from a file, for administrators."""

from django.views.decorators.http import require_http_methods

from accounts.access import administrators_only
from accounts.import_views import file_page, upload_page
from clients.importing import ClientImporter


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def import_clients(request):
    return upload_page(request, ClientImporter())


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def import_clients_file(request, uuid):
    return file_page(request, ClientImporter(), uuid)
