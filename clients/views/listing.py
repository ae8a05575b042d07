"""The lists of clients, of their people and of what was logged; the list of clients as a file in all its columns."""

import hashlib
from functools import lru_cache

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.keyset import count_of
from accounts.large import counted
from accounts.lists import columns, files, page, picks
from accounts.quick import select_options
from clients.lists.clients import CLIENTS
from clients.lists.interactions import INTERACTIONS, MOODS, PERIODS
from clients.lists.people import PEOPLE
from clients.models import Client, Contact, Interaction

CHOICES = {"stage": Client.Stage.choices, "kind": Client.Kind.choices, "band": Client.Band.choices}


@require_http_methods(["GET"])
def clients(request):
    listing, context = _keyset(CLIENTS, request)
    context |= {
        "acts": _fitting(CLIENTS, listing.asked["archived"] == "yes", away="archive", back="bring-back"),
        **{f"{name}_options": _options(name, listing.asked[name], get_language()) for name in CHOICES},
    }
    return render(request, "clients/list.html", context)


@lru_cache(maxsize=200)
def _options(name, chosen, _language):
    return select_options([(value, str(label)) for value, label in CHOICES[name]], chosen)


def _fitting(kind, is_away, *, away, back):
    """The acts that change something in this list: nobody archives what is archived."""
    return tuple(act for name, act in kind.acts.items() if name != (away if is_away else back))


def _keyset(kind, request):
    """(listing, context) of a list whose pages go by what stands at their edge."""
    shown = columns.shown(kind, request.GET, user=request.user)
    listing = kind.read(request.GET, user=request.user, now=timezone.now(), shown=shown)
    found = listing.page
    count, is_more = (len(found.ids), False)
    if found.has_other_pages:
        whose = f"{kind.page} of {request.user.pk}: {sorted(listing.asked.items())}"
        key = hashlib.sha256(whose.encode(errors="replace")).hexdigest()
        count, is_more = counted(key, lambda: count_of(listing.matching), size=lambda known: known[0] + known[1])
    lines = listing.lines_of(found.rows, shown) if found.rows else listing.lines(found.ids, shown)
    context = page.context(kind, request, lines=lines, shown=shown)
    return listing, context | {
        "listing": listing,
        "page": found,
        "lines": lines,
        "count": count,
        "is_more": is_more,
        "several_pages": found.has_other_pages,
        "counted": kind.count(count),
    }


@require_http_methods(["GET"])
def contacts(request):
    listing, context = _keyset(PEOPLE, request)
    context["acts"] = _fitting(PEOPLE, listing.asked["left"] == "yes", away="left", back="back")
    context |= {"parts": Contact.SurveyPart.choices, "mails": Contact.MailState.choices}
    return render(request, "clients/list_people.html", context)


@require_http_methods(["GET"])
def interactions(request):
    _listing, context = _keyset(INTERACTIONS, request)
    context |= {
        "kinds": Interaction.Kind.choices,
        "periods": [(name, words) for name, (words, _days) in PERIODS.items()],
        "moods": [(name, words) for name, (words, _filter) in MOODS.items()],
    }
    return render(request, "clients/list_interactions.html", context)


@require_http_methods(["GET"])
def export(request):
    """The list as it is filtered and sorted, in every column, as CSV."""
    query = request.GET.copy()
    query["all"] = "1"
    now = timezone.now()
    selection = picks.read(CLIENTS, query, user=request.user, now=now)
    return files.answer(CLIENTS, selection, CLIENTS.all_columns, ending="csv", now=now)
