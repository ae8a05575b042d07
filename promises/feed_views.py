"""The calendar address: its page for the person it belongs to, and the calendar itself, which needs no sign-in."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from outbox import links, misses
from promises import feed


@require_http_methods(["GET", "HEAD"])
def calendar(request):
    found = feed.address_of(request.user)
    address = links.absolute(reverse("calendar_ics", args=[found.token])) if found else ""
    context = {"feed": found, "address": address, "webcal": f"webcal:{address.partition(':')[2]}"}
    response = render(request, "promises/calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def calendar_make(request):
    """An address; with `anew` the old one dies first."""
    now = timezone.now()
    if "anew" in request.POST and feed.revoke_address(request.user, now=now):
        messages.success(request, _("A new address. The old one shows nothing any more."))
    feed.make_address(request.user, now=now)
    return redirect("calendar")


@require_POST
def calendar_revoke(request):
    if feed.revoke_address(request.user, now=timezone.now()):
        messages.success(request, _("Switched off. Calendars that still ask are told nothing."))
    return redirect("calendar")


@login_not_required
@require_http_methods(["GET", "HEAD"])
@gzip_page
def calendar_ics(request, token):
    """What a calendar program reads. Unknown, revoked and left are one and the same answer."""
    found = feed.by_token(token)
    if found is None:
        response = HttpResponse(
            _("This calendar address shows nothing.") + "\n", content_type="text/plain; charset=utf-8"
        )
        response.status_code = misses.status(request)
        return _private(response)
    with translation.override(found.user.language), timezone.override(found.user.zone):
        body = feed.calendar_of(found.user, now=timezone.now())
    tag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    asked = [each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))]
    response = HttpResponseNotModified() if tag in asked or asked == ["*"] else _file(body)
    response["ETag"] = tag
    return _private(response)


def _file(body):
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="promises.ics"'
    return response


def _private(response):
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
