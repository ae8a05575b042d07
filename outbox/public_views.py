"""Pages of the outbox that need no sign-in: stopping mail with one click, and the mailbox of a development copy."""

from csp.constants import SELF
from csp.decorators import csp_exempt, csp_update
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outbox import kinds, mailbox, misses
from outbox.models import Email
from outbox.own_forms import own_forms

PAGE = 50


# ------------------------------------------------------------------ unsubscribing
@login_not_required
@csrf_exempt  # RFC 8058: a mail program posts without cookies; the page's own form is checked below
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """A page with a button; looking at it changes nothing. `List-Unsubscribe=One-Click` acts at once."""
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        _stop(_stoppable(token))
        response = HttpResponse("OK\n", content_type="text/plain")
    else:
        response = _unsubscribe_page(request, token)
    return _private(response)


@own_forms
def _unsubscribe_page(request, token):
    email = _stoppable(token)
    with translation.override(_language(request, email)):
        if email is None:
            return render(request, "outbox/unsubscribe.html", {"step": "unknown"}, status=misses.status(request))
        if request.method == "POST":
            _stop(email)
            return render(request, "outbox/unsubscribe.html", {"step": "done"})
        return render(request, "outbox/unsubscribe.html", {"step": "ask"})


def _language(request, email):
    speaks = email and kinds.get(email.kind).language
    return speaks(email) if speaks else translation.get_language_from_request(request)


def _stoppable(token):
    """The mail of that link, when it is of a kind that can be stopped; None otherwise, whatever the reason."""
    email = Email.objects.by_token(token)
    try:
        return email if email and kinds.get(email.kind).unsubscribe else None
    except kinds.UnknownKind:
        return None


def _stop(email):
    if email is not None:
        kinds.get(email.kind).unsubscribe(email, timezone.now())


def _private(response):
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


# ------------------------------------------------------------------ the mailbox, in development and demos only
@login_not_required
@never_cache
@csp_update({"frame-src": [SELF]})
@require_http_methods(["GET"])
def mailbox_list(request, name=""):
    """Every mail that was sent, newest first, and one of them open."""
    words = request.GET.get("q", "").strip()[:200]
    found = mailbox.search(words) if words else mailbox.names()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    opened = _mail(name).shown() if name else None
    return render(
        request,
        "outbox/mailbox.html",
        {
            "page": page,
            "mails": [mail.shown() for mail in map(mailbox.read, page) if mail],
            "opened": opened,
            "as_text": request.GET.get("as") == "text" or (opened and not opened["html"]),
            "q": words,
        },
    )


@login_not_required
@csp_exempt()
@xframe_options_exempt
@require_http_methods(["GET"])
def mailbox_html(request, name):
    """The HTML of a mail for the frame: no scripts, no requests, in an origin of its own; links open in the window."""
    html = _mail(name).shown()["html"]
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-top-navigation-by-user-activation"
    )
    return response


@login_not_required
@require_http_methods(["GET"])
def mailbox_raw(request, name):
    return HttpResponse(
        _mail(name).raw,
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="{name}.eml"'},
    )


@login_not_required
@require_http_methods(["POST"])
def mailbox_clear(request):
    mailbox.clear()
    return redirect("mailbox")


def _mail(name):
    mail = mailbox.read(name)
    if mail is None:
        raise Http404
    return mail
