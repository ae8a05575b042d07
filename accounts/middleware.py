"""The first door refuses what is not text before anything reads it; the last sets the reader’s zone and language."""

from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Workspace

PLAIN_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}


class PlainTextMiddleware:
    """Answers 400 to requests whose text would break the framework before any form could refuse it.

    Bodies are never read here: a NUL inside a form field is the form's own error, so nothing typed is lost.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if reason := what_is_not_text(request):
            return HttpResponse(reason, status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


def what_is_not_text(request):
    """The reason in words why this request cannot be read, or an empty string."""
    charset = request.content_params.get("charset", "utf-8").strip("'\" ").lower()
    if charset not in PLAIN_CHARSETS:
        return _("This page reads UTF-8 text only. Please send it again as UTF-8.")
    if "\0" in request.path_info:  # bytes that are no UTF-8 stand percent-encoded in it and lead nowhere
        return _("This address holds a character that cannot be part of an address.")
    if not _is_plain(unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " "))):
        return _("The part of this address after “?” holds a character that cannot be part of an address.")
    if any("\0" in value for value in request.COOKIES.values()):
        return _("A cookie sent with this request cannot be read. Clear this site’s cookies and try again.")
    return ""


def _is_plain(raw):
    if b"\0" in raw:
        return False
    try:
        raw.decode("utf-8")  # refuses lone surrogates too
    except UnicodeDecodeError:
        return False
    return True


class HeadMiddleware:
    """HEAD is GET without the body, at every address, and no view has to know of it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        try:
            return self.get_response(request)
        finally:
            request.method = "HEAD"  # the server leaves the body out


class SettingsMiddleware:
    """The firm's settings are read at most once in a request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with Workspace.remembering():
            return self.get_response(request)


def of_ours(language):
    """That language if we speak it among ourselves, else the one everybody here reads."""
    return language if language in dict(settings.STAFF_LANGUAGES) else settings.LANGUAGE_CODE


class ReaderMiddleware:
    """Times and words in the reader's own zone and language; before the sign-in, in that of the browser.

    Pages of clients speak more languages than ours, and see to that themselves.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Without a session cookie nobody can be signed in, and public pages need not ask the database.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            try:
                zone = ZoneInfo(request.user.time_zone)
            except (ZoneInfoNotFoundError, ValueError):
                zone = ZoneInfo("UTC")
            with timezone.override(zone), translation.override(of_ours(request.user.language)):
                request.LANGUAGE_CODE = translation.get_language()
                return self.get_response(request)
        with translation.override(of_ours(translation.get_language())):
            return self.get_response(request)
