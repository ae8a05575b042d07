"""One client: its page, adding, editing, archiving, its history."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import conflict
from accounts.context import current_workspace
from accounts.forms import posted
from clients import ahead, changes, duplicates, standing, timeline
from clients import page as frame
from clients.dates import dates_of
from clients.forms import ClientForm, NewClientForm
from clients.listing import count_open_promises
from clients.log_forms import LogForm
from clients.models import Client, NotAllowed
from clients.views.beside import remember
from clients.views.doors import (
    go_on,
    know_team,
    page_client,
    people_of,
    readable_client,
    team_of,
    writable_client,
)
from clients.views.timeline import persons, story

RAIL_PEOPLE = 5


@require_http_methods(["GET"])
def client(request, public_id):
    """Everything about one relationship."""
    now, user = timezone.now(), request.user
    shown = page_client(request, public_id)
    team, people = team_of.question(shown), people_of.question(shown)
    ahead.read(shown, team, people, user=user, now=now)
    team, people = ahead.rows(shown, team), ahead.rows(shown, people)
    know_team(shown, team)
    may_write = shown.can_be_written_by(user)
    remember(request)
    reading = timeline.Reading.of(request.GET, client=shown, user=user)
    told = story(reading, now=now)
    main, side, actions = (
        frame.sections(slot, client=shown, request=request, now=now, may_write=may_write)
        for slot in ("main", "side", "actions")
    )
    context = {
        **told,
        "team": team,
        "may_write": may_write,
        "standing": standing.standing(shown, user=user, workspace=current_workspace(request), now=now),
        "rhythm": shown.rhythm(current_workspace(request)),
        "main_sections": main,
        "side_sections": side,
        "action_sections": actions,
        "jumps": [(drawn.anchor, drawn.title) for drawn in (*main, *side) if drawn.anchor],
        "persons": persons(shown, reading, people=people),
        "dates": dates_of(shown, now=now),
        "people": people[:RAIL_PEOPLE],
        "more_people": len(people) > RAIL_PEOPLE,
    }
    if may_write and not shown.archived_at:
        last_kind = request.session.get("last_kind", "")
        plain = reading.is_newest and not reading.is_open and reading.kind in ("", "contacts")
        spoken_to = timeline.last_people(told["told"], people) if plain else None
        log = LogForm(user=user, client=shown, now=now, last_kind=last_kind, people=people, last_people=spoken_to)
        context["log"] = log
    return render(request, "clients/client.html", context)


@require_http_methods(["GET"])
def client_state(request, public_id):
    """The rules that make the state of a relationship, and which of them fire."""
    now, shown = timezone.now(), readable_client(request, public_id)
    firm = current_workspace(request)
    context = {
        "client": shown,
        "standing": standing.standing(shown, user=request.user, workspace=firm, now=now),
        "rules": standing.rules_of(shown, user=request.user, workspace=firm, now=now),
    }
    return render(request, "clients/state.html", context)


@require_http_methods(["GET", "POST"])
def client_new(request):
    firm = current_workspace(request)
    initial = {"owner": request.user.pk, "name": request.GET.get("name", "")[:200], "time_zone": firm.time_zone}
    form = NewClientForm(posted(request), initial=initial)
    if not form.is_valid():
        return render(
            request, "clients/new.html", {"form": form, "alike": []}, status=422 if request.method == "POST" else 200
        )
    if made := form.give_id(by=request.user):
        return redirect(made)
    cleaned = form.cleaned_data
    alike = duplicates.clients_like(request.user, name=cleaned["name"], website=cleaned["website"])
    if alike and "anyway" not in request.POST:
        return render(request, "clients/new.html", {"form": form, "alike": alike}, status=422)
    try:
        with transaction.atomic():
            added = form.save()
            for one in alike:  # somebody looked at them and said that this is another
                duplicates.are_different(added, one.record, by=request.user, now=timezone.now())
    except IntegrityError:  # the other click of a double click was a moment faster
        return redirect("client", form.instance.public_id)
    messages.success(request, _("Added %(name)s.") % {"name": added.name})
    if Client.objects.visible_to(request.user).filter(pk=added.pk).exists():
        return redirect(added)
    return redirect("clients")


@require_http_methods(["GET", "POST"])
def client_edit(request, public_id):
    edited = writable_client(request, public_id)
    form = ClientForm(posted(request), instance=edited)
    if request.method == "POST" and form.is_valid():
        try:
            form.save_if_current(by=request.user, now=timezone.now())
        except conflict.Stale:
            return conflict.answer(request, "clients/edit.html", form, {"client": readable_client(request, public_id)})
        messages.success(request, _("Saved."))
        return redirect(edited)
    name = Client.objects.filter(pk=edited.pk).values_list("name", flat=True).get()
    return render(
        request,
        "clients/edit.html",
        {"form": form, "client": edited, "name": name},
        status=422 if request.method == "POST" else 200,
    )


@require_http_methods(["GET", "POST"])
def client_archive(request, public_id):
    """Put away, with undo; with open promises it is asked first."""
    archived = writable_client(request, public_id)
    open_promises = count_open_promises(archived)
    if request.method == "GET" or (open_promises and "sure" not in request.POST):
        return render(
            request,
            "clients/archive.html",
            {"client": archived, "open_promises": open_promises},
            status=422 if request.method == "POST" else 200,
        )
    try:
        archived.archive(by=request.user, now=timezone.now())
    except NotAllowed as reason:
        messages.warning(request, str(reason))
        return redirect(archived)
    undo = reverse("client_bring_back", args=[archived.public_id])
    messages.success(request, _("Archived %(name)s.") % {"name": archived.name}, extra_tags=f"undo:{undo}")
    return redirect(archived)


@require_http_methods(["POST"])
def client_bring_back(request, public_id):
    brought = writable_client(request, public_id)
    try:
        brought.bring_back()
    except NotAllowed as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("%(name)s is back.") % {"name": brought.name})
    return go_on(request, brought)


@require_http_methods(["GET"])
def client_history(request, public_id):
    shown = readable_client(request, public_id)
    with transaction.atomic():
        happenings = changes.history_of(shown, user=request.user)
    return render(request, "clients/history.html", {"client": shown, "happenings": happenings})
