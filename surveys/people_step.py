"""Whom to ask: the second step. Filter, add all who match or tick page by page; the part each plays on the spot."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Contact
from surveys import audience
from surveys.asking import sync_beliefs
from surveys.models import NotPossibleNow, Round
from surveys.setup_forms import AudienceForm
from surveys.setup_page import done, page

PAGE = 50


def people_step(request, round):
    # Nothing chosen in the address: the filter used last.
    form = AudienceForm(request.GET if "filter" in request.GET else round.audience)
    filters = form.filters()
    lately = audience.lately_days(filters)
    asked_lately = audience.asked_lately(round, days=lately, now=timezone.now())
    everybody = _everybody(round, filters)
    contacts = audience.only_left_out(everybody, filters.get("left"), lately=asked_lately)
    if request.method == "POST":
        return _change(request, round, filters, contacts)
    found = audience.with_ticks(contacts.annotate(lately=asked_lately), round)
    one = Paginator(found, PAGE).get_page(request.GET.get("page"))
    elsewhere = audience.elsewhere(one.object_list)
    rows = [
        {"contact": contact, "why": audience.why_not(contact), "elsewhere": elsewhere.get(contact.pk, [])}
        for contact in one.object_list
    ]
    left = audience.left_out(everybody, lately=asked_lately if lately else None, days=lately)
    context = {
        "form": form,
        "page": one,
        "rows": rows,
        "left_out": [(reason, _address(filters, left=reason.query)) for reason in left],
        "without_left": _address({**filters, "left": ""}),
        "matching": one.paginator.count,
        "can_be_asked": audience.can_be_asked(contacts).filter(~asked_lately).count(),
        "parts": Contact.SurveyPart.choices,
        "lately": lately,
    }
    return page(request, round, "people", context)


def _everybody(round, filters):
    found = audience.matching(filters)
    if chosen := filters.get("on_list"):
        listed = round.invitations.values("contact")
        found = found.filter(pk__in=listed) if chosen == "yes" else found.exclude(pk__in=listed)
    return found


def _address(filters, **more):
    return "?" + urlencode({"filter": 1, **{name: value for name, value in {**filters, **more}.items() if value}})


def _change(request, round, filters, contacts):
    action = request.POST.get("action", "")
    now = timezone.now()
    try:
        with transaction.atomic():
            words = _apply(request, round, action, filters, contacts, now=now)
            kept = {name: value for name, value in filters.items() if name not in ("left", "on_list")}
            Round.objects.filter(pk=round.pk).update(audience=kept)
            done(round, "people")
            if round.state == Round.State.BELIEFS:
                sync_beliefs(round)
    except NotPossibleNow:
        messages.warning(request, _("This round has been opened in the meantime; its list stays as it is."))
        return redirect(round)
    if action == "next":
        return redirect("survey_setup", round.public_id, "beliefs")
    messages.success(request, words)
    if action.startswith("page-") and action[5:].isdecimal():
        return redirect(_on_page(request, action[5:12]))
    return redirect(request.get_full_path())


def _apply(request, round, action, filters, contacts, *, now):
    if action == "add_all":
        count = audience.add(round, contacts, lately=audience.lately_days(filters), now=now)
        return ngettext("%(n)d person added.", "%(n)d people added.", count) % {"n": count}
    if action == "remove_all":
        count = audience.remove(round, contacts)
        return ngettext("%(n)d person taken off.", "%(n)d people taken off.", count) % {"n": count}
    shown = request.POST.getlist("shown")[: 2 * PAGE]
    audience.set_parts(
        {key: (request.POST.get(f"was-{key}", ""), request.POST.get(f"part-{key}", "")) for key in _rows(request)}
    )
    audience.tick(round, shown=shown, ticked=request.POST.getlist("ticked")[: 2 * PAGE])
    return _("Saved.")


def _rows(request):
    return [name[4:] for name in request.POST if name.startswith("was-")][: 2 * PAGE]


def _on_page(request, number):
    query = request.GET.copy()
    query["page"] = number
    return f"{request.path}?{query.urlencode()}"
