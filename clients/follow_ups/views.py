"""Follow-ups: set, done, moved to another day, removed; each with its undo."""

import json

from django.contrib import messages
from django.core import signing
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import posted
from accounts.quick import date_format
from accounts.way_back import way_back
from clients.follow_ups import verbs
from clients.follow_ups.forms import FollowUpForm, quick_days
from clients.follow_ups.rows import Row
from clients.models import Interaction
from clients.views.doors import go_on, readable_client

SALT = "clients.follow_ups"


def _find(request, public_id):
    return get_object_or_404(verbs.visible(request.user).select_related("client"), public_id=public_id)


@require_http_methods(["GET", "POST"])
def follow_up_new(request, public_id):
    client = readable_client(request, public_id)
    if request.method == "POST" and "again" in request.GET:
        return _set_again(request, client)
    today = timezone.localdate()
    form = FollowUpForm(_typed(request), today=today)
    if form.is_valid():
        cleaned = form.cleaned_data
        verbs.set_follow_up(
            client=client, user=request.user, due_on=cleaned["due_on"], note=cleaned["note"],
            key=cleaned["idempotency_key"],
        )  # fmt: skip
        messages.success(request, _("You will be reminded on %(day)s.") % {"day": _day(cleaned["due_on"])})
        return go_on(request, client)
    return _page(request, form, client, today)


@require_http_methods(["GET", "POST"])
def follow_up(request, public_id):
    """One of them: another day, other words, or none at all."""
    found = _find(request, public_id)
    today = timezone.localdate()
    initial = {"due_on": max(found.due_on, today), "note": found.note}
    form = FollowUpForm(_typed(request), today=today, initial=initial)
    form.hold_against(initial)
    if form.is_valid() and form.has_moved_on:  # in another window of theirs
        return _page(request, form, found.client, today, follow_up=found, conflict=form.conflict())
    if form.is_valid():
        moved = form.cleaned_data["due_on"] != found.due_on
        verbs.change(found, due_on=form.cleaned_data["due_on"], note=form.cleaned_data["note"])
        day = _day(form.cleaned_data["due_on"])
        messages.success(request, _("You will be reminded on %(day)s.") % {"day": day} if moved else _("Saved."))
        return go_on(request, found.client)
    return _page(request, form, found.client, today, follow_up=found)


def _typed(request):
    """What was posted; one of the quick days takes the place of the typed one."""
    data = posted(request)
    if data and data.get("quick"):
        data = data.copy()
        data["due_on"] = data["quick"]
    return data


def _page(request, form, client, today, **known):
    context = {"form": form, "client": client, "quick": quick_days(today), "next": way_back(request), **known}
    status = 409 if "conflict" in known else 422 if form.is_bound else 200
    return render(request, "clients/follow_ups/form.html", context, status=status)


def _day(day):
    return date_format(day, "l j F")


@require_POST
def follow_up_done(request, public_id):
    found = _find(request, public_id)
    now = timezone.now()
    first = verbs.finish(found, now=now)
    found.done_at = found.done_at or now
    words = _("Done.") if first else _("That was done already.")
    return _answer(request, found, words, undo="follow_up_undo")


@require_POST
def follow_up_undo(request, public_id):
    found = _find(request, public_id)
    verbs.reopen(found)
    found.done_at = None
    return _answer(request, found, _("It is back."))


@require_POST
def follow_up_remove(request, public_id):
    found = _find(request, public_id)
    verbs.remove(found)
    kept = [found.due_on.isoformat(), found.note, found.interaction_id, str(found.idempotency_key), request.user.pk]
    again = reverse("follow_up_new", args=[found.client.public_id]) + f"?again={signing.dumps(kept, salt=SALT)}"
    messages.success(request, _("The reminder is removed."), extra_tags=f"undo:{again}")
    return go_on(request, found.client)


def _set_again(request, client):
    """Undo of a removal: what it said stands signed in the address."""
    try:
        kept = signing.loads(request.GET["again"], salt=SALT, max_age=24 * 3600)
    except signing.BadSignature as error:
        raise Http404 from error
    due_on, note, interaction, key, user = kept
    if user != request.user.pk:
        raise Http404
    entry = Interaction.objects.filter(pk=interaction, client=client).first() if interaction else None
    verbs.set_follow_up(
        client=client, user=request.user, due_on=parse_date(due_on), note=note, interaction=entry, key=key
    )
    messages.success(request, _("It is back."))
    return go_on(request, client)


def _answer(request, found, words, *, undo=""):
    """The row for htmx, the page they came from otherwise."""
    undo_url = reverse(undo, args=[found.public_id]) if undo else ""
    if request.htmx:
        row = Row(found, timezone.localdate(), just_done=found.done_at is not None)
        answer = render(request, "clients/follow_ups/_row.html", {"row": row})
        answer["HX-Trigger"] = json.dumps({"toast": {"text": words, "undo": undo_url}})
        return answer
    messages.success(request, words, extra_tags=f"undo:{undo_url}" if undo_url else "")
    return redirect(way_back(request) or found.client)
