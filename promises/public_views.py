"""Pages without sign-in: what a person at a client and we promised each other. GET shows, POST acts.

The link is the key. It shows the promises of the one person it was mailed to, whoever opens it, and nothing once they
have left, their address is another one, or the letter was revoked.
"""

from functools import wraps

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.days import day_and_clock
from accounts.forms import posted
from accounts.models import Workspace
from outbox import misses
from outbox.models import Email
from outbox.personal import public
from promises import public_acts
from promises.letters import LETTER, REMINDER
from promises.models import Letter
from promises.other_side import open_between, settled_between, shown, zone_of
from promises.public_acts import ACTS, Stale

LONGEST_TOKEN = 64


def letter_of(token):
    """The letter a link belongs to, or None: unknown, forged, revoked and run out are all the same."""
    email = Email.objects.by_token(token) if len(token) <= LONGEST_TOKEN else None
    if email is None or email.kind not in (LETTER, REMINDER):
        return None
    letter = Letter.objects.with_all().filter(email=email).first()
    return None if letter is None or _is_dead(letter, email) else letter


def _is_dead(letter, email):
    contact = letter.contact
    return bool(letter.revoked_at or contact.left_at or contact.email != email.to_email or contact.client.archived_at)


def with_letter(view):
    """Finds the letter and speaks its reader's language, by their clock; otherwise one and the same neutral page."""

    @wraps(view)
    def found(request, token, *args, **kwargs):
        letter = letter_of(token)
        if letter is None:
            return neutral(request)
        with translation.override(letter.contact.language), timezone.override(zone_of(letter.contact.zone_name)):
            return view(request, letter, token, *args, **kwargs)

    return found


def neutral(request):
    return render(request, "promises/public/unknown.html", status=misses.status(request))


@public("GET")
@with_letter
def promise_public(request, letter, token):
    """The letter: what waits for them, what is open both ways, what was settled lately."""
    now, contact = timezone.now(), letter.contact
    found = open_between(contact, now=now)
    for one in found:
        one.buttons = [ACTS[name] for name in one.acts]
    waiting = [one for one in found if one.waits_for_them]
    waiting.sort(key=lambda one: one.promise.pk != letter.promise_id)  # the one the letter was about first
    rest = [one for one in found if not one.waits_for_them]
    context = {
        **about(letter, token, now=now),
        "waiting": waiting,
        "ours": [one for one in rest if one.promise.is_ours],
        "theirs": [one for one in rest if not one.promise.is_ours],
        "settled": settled_between(contact, now=now),
        "notice": _notice(request, contact, now=now),
    }
    return render(request, "promises/public/page.html", context)


def _notice(request, contact, *, now):
    """(tone, words) about the promise they acted on just now."""
    told, stale = request.GET.get("told", ""), request.GET.get("stale", "")
    promise = public_acts.find(contact, (told or stale)[:16].replace("\0", "")) if told or stale else None
    if promise is None:
        return None
    if told:
        words = public_acts.told_words(promise, contact, shown(promise, contact, now=now).due)
        return ("kept", words, promise) if words else None
    return ("soon", _("This changed before your answer came. Here is how it stands now."), promise)


def about(letter, token, *, now):
    """What every page of one reader shows."""
    owner = letter.sender
    return {
        "letter": letter,
        "contact": letter.contact,
        "client": letter.client,
        "owner": owner,
        "token": token,
        "today": day_and_clock(timezone.localtime(now)),
        "silence_days": Workspace.current().silence_days,
        "help_name": owner.first_name,
        "help_phone": owner.phone,
    }


@public("GET", "POST")
@with_letter
def promise_public_act(request, letter, token, promise_id, act):
    """One act: GET shows its form, POST does it once and says how it stands."""
    now, act = timezone.now(), ACTS.get(act)
    promise = public_acts.find(letter.contact, promise_id[:16].replace("\0", "")) if act else None
    if promise is None:
        return neutral(request)
    one = shown(promise, letter.contact, now=now)
    seen = request.POST.get("seen", "")
    if act.name not in one.acts or (request.method == "POST" and seen != one.seen):
        return _as_it_stands(request, token, act, promise, letter.contact)
    form = act.form(posted(request), shown=one, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            public_acts.do(act, form, seen=seen)
        except Stale:
            return _as_it_stands(request, token, act, promise, letter.contact)
        return _back(token, promise, "told")
    context = {**about(letter, token, now=now), "act": act, "form": form, "one": one, "promise": promise}
    return render(request, "promises/public/act.html", context, status=422 if form.is_bound else 200)


def _as_it_stands(request, token, act, promise, contact):
    """The second press of a button reads like the first; whoever came too late is told so."""
    again = request.method == "POST" and public_acts.said_already(act, promise, contact)
    return _back(token, promise, "told" if again else "stale")


def _back(token, promise, how):
    page = reverse("promise_public", args=[token])
    return redirect(f"{page}?{how}={promise.public_id}#{promise.public_id}")
