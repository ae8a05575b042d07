from django.http import HttpResponse
from django.urls import path

from partnership_crm.urls import handler404, handler500, urlpatterns

__all__ = ["handler404", "handler500"]

LINE = "A line of plain text that says nothing in particular, a hundred and forty times.\n"


def trivial(request):
    """The yardstick: a session, a user and 10 KB of text."""
    return HttpResponse(f"{request.user.name}\n{LINE * 125}", content_type="text/plain")


urlpatterns = [path("_bench/trivial/", trivial), *urlpatterns]
