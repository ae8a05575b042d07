"""Personal links to a survey: whose they are, in which browser they show answers, and the language spoken there.

A link belongs to the first browser that saves an answer through it; looking at it binds nothing. From then on every
other link of that person opens in that browser only, as a mail may have been forwarded; elsewhere a fresh link does,
mailed after that. The browser knows itself by a random key in a cookie, of which only a hash is kept here.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import wraps

from django import forms
from django.conf import settings
from django.db.models import Exists
from django.shortcuts import render
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from outbox import misses
from outbox.models import Email
from surveys.days import firm_calendar
from surveys.models import Invitation, InvitationMessage, Round

KINDS = ("surveys.invitation", "surveys.again", "surveys.reminder", "surveys.fresh_link", "surveys.thanks")
LONGEST_TOKEN = 64
COOKIE = settings.SESSION_COOKIE_NAME.replace("session", "survey_browser", 1)
KEPT_SECONDS = 180 * 24 * 3600


class Elsewhere(Exception):
    """This link belongs to another browser."""


@dataclass
class Link:
    """What a link opens. `code` is the language of the page, one of those the questions are offered in."""

    token: str
    message: InvitationMessage
    code: str

    @property
    def invitation(self):
        return self.message.invitation


def message_of(token):
    """The message a link came with, or None: unknown, forged, revoked and run out are all the same."""
    email = Email.objects.by_token(token) if len(token) <= LONGEST_TOKEN else None
    if email is None or email.kind not in KINDS:
        return None
    message = (
        InvitationMessage.objects.filter(email=email)
        .select_related(
            "invitation__contact",
            "invitation__client__owner",
            "invitation__round__questionnaire",
            "invitation__response",
        )
        .first()
    )
    if message is None or _is_revoked(message.invitation, email):
        return None
    message.email = email
    message.invitation.contact.client = message.invitation.client  # for their time zone
    return message


def _is_revoked(invitation, email):
    """The person has left, the address is another one's now, the client is archived, or the round has not begun."""
    contact = invitation.contact
    return bool(
        contact.left_at
        or contact.email != email.to_email
        or invitation.client.archived_at
        or invitation.round.state not in (Round.State.OPEN, Round.State.CLOSED)
    )


def with_link(view):
    """Finds what a link opens and speaks its reader's language; otherwise one and the same neutral page.

    An invitation that was withdrawn, and a link that belongs to another browser, have a page of their own.
    """

    @wraps(view)
    def found(request, token, *args, **kwargs):
        message = message_of(token)
        if message is None:
            return neutral(request, status=misses.status(request))
        link = Link(token, message, _language(request, message))
        with translation.override(link.code):
            if link.invitation.state == Invitation.State.WITHDRAWN:
                return render(request, "surveys/withdrawn.html", shown_to_anybody(link), status=_refused(request))
            if is_elsewhere(request, message) and not getattr(view, "opens_anywhere", False):
                still_open = link.invitation.round.takes_answers
                return elsewhere(request, link) if still_open else closed(request, link)
            try:
                return view(request, link, *args, **kwargs)
            except Elsewhere:
                return elsewhere(request, link)

    return found


def opens_anywhere(view):
    """A page behind a link that shows nothing of the answers, so that any browser may see it."""
    view.opens_anywhere = True
    return view


def elsewhere(request, link):
    return render(request, "surveys/elsewhere.html", shown_to_anybody(link), status=_refused(request))


def closed(request, link, *, status=200, late=False):
    round = link.invitation.round
    closed_on = firm_calendar().local_date(round.closed_at) if round.closed_at else round.closes_on
    context = {**shown_to_anybody(link), "invitation": link.invitation, "closed_on": closed_on, "late": late}
    return render(request, "surveys/closed.html", context, status=status)


def _refused(request):
    return 403 if request.method == "POST" else 200


def shown_to_anybody(link):
    """What every page may show, whoever has come by the link: our side of it, and nothing of the client."""
    owner = link.invitation.client.owner
    return {"token": link.token, "owner": owner, "help_name": owner.first_name, "help_phone": owner.phone}


# -------------------------------------------------------------------- which language?


def _language(request, message):
    """Chosen on the page, then what they answered in before, then the contact's; only what the round offers."""
    invitation = message.invitation
    offered = invitation.round.languages_offered
    chosen = request.POST.get("lang") or request.GET.get("lang")
    if chosen in offered:
        return chosen
    response = getattr(invitation, "response", None)
    wanted = (response and response.language, invitation.contact.language)
    return next((code for code in wanted if code in offered), offered[0])


# -------------------------------------------------------------------- which browser?


def keys_of(request):
    """The keys this browser may be known by, the one it shall keep first.

    Before it has a key of its own it is known by its forms' key: so two saves at the same moment have the same one, and
    a browser that never got our answer is not locked out by it.
    """
    keys = [request.COOKIES.get(COOKIE, "")[:100]]
    if forms_key := request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""):
        keys.append(salted_hmac("surveys.browser", forms_key, algorithm="sha256").hexdigest())
    return [key for key in keys if key]


def _hash(key):
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _matching(request, sha256):
    return next((key for key in keys_of(request) if hmac.compare_digest(_hash(key), sha256)), None)


def is_elsewhere(request, message):
    if message.browser_sha256:
        return _matching(request, message.browser_sha256) is None
    return _used_by_others(request, message).exists()


def _used_by_others(request, message):
    """Other links of this person that a browser answered through which is not this one.

    A fresh link asked for after that opens anywhere: it was mailed to whoever is asked, and has not been used yet.
    """
    mine = [_hash(key) for key in keys_of(request)]
    used = InvitationMessage.objects.filter(invitation=message.invitation_id).exclude(browser_sha256="")
    known = used.filter(browser_sha256__in=mine)
    if message.step >= InvitationMessage.FRESH:
        used = used.filter(browser_at__gt=message.email.created_at)
    return used.filter(~Exists(known))


def bind(request, message, *, now):
    """Takes the link for this browser, in the transaction that saves; Elsewhere when another one was first.

    Called once the response is locked, so that of two links used at the same moment one is first.
    """
    if not message.browser_sha256:
        key = next(iter(keys_of(request)), None) or secrets.token_urlsafe(32)
        unbound = InvitationMessage.objects.filter(pk=message.pk, browser_sha256="")
        unbound = unbound.filter(~Exists(_used_by_others(request, message)))
        if unbound.update(browser_sha256=_hash(key), browser_at=now):
            return key
        message.refresh_from_db(fields=["browser_sha256"])
    key = _matching(request, message.browser_sha256)
    if key is None:
        raise Elsewhere
    return key


def remember(request, response, key):
    """Lets the browser keep its key."""
    if request.COOKIES.get(COOKIE) != key:
        response.set_cookie(
            COOKIE,
            key,
            max_age=KEPT_SECONDS,
            path="/s/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


# -------------------------------------------------------------------- the page for links that do not work


class FreshLinkForm(PlainForm):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def neutral(request, form=None, *, sent=False, status=200):
    """In the language the browser asks for, as nobody knows whose link it was."""
    with translation.override(translation.get_language_from_request(request)):
        context = {"form": form or FreshLinkForm(), "sent": sent}
        return render(request, "surveys/link_unknown.html", context, status=status)
