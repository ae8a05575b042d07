"""The pages of promises. They find, ask the form, do the verb, answer; every act works as a plain page too."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts import conflict
from accounts.context import current_workspace
from accounts.way_back import way_back
from clients.models import Client
from promises import forms
from promises.acts import ACTS
from promises.models import NotActive, Promise, PromiseError, ReasonMissing, Timing, TooLateToCorrect
from promises.models.promise import Terms
from promises.rows import rows_for
from promises.wording import Row, kept_when, story


def _find(request, public_id, *, write=False):
    promises = Promise.objects.writable_by(request.user) if write else Promise.objects.visible_to(request.user)
    return get_object_or_404(promises.with_calendars(), public_id=public_id)


# -------------------------------------------------------------------- one promise


@require_GET
def promise_page(request, public_id):
    now = timezone.now()
    promise = _find(request, public_id)
    return render(request, "promises/promise.html", _page_context(request, promise, now=now))


def _page_context(request, promise, *, now):
    row = rows_for(request, [promise], now=now)[0]
    moves = list(promise.renegotiations.select_related("agreed_by_contact", "agreed_by", "asked_by"))
    return {
        "promise": promise,
        "row": row,
        "now": now,
        "moves": moves,
        "open_request": next((move for move in moves if move.state == "asked"), None),
        "accepted_moves": [move for move in moves if move.state == "accepted"],
        "story": story(promise),
        "silence_until": promise.silence_ends_on(current_workspace(request)) if promise.is_delivered else None,
        "withdrawn_words": _withdrawn_words(promise),
        "remarks": promise.remarks_on_due_day() if promise.is_active else [],
        "can_correct": row.can_write and promise.can_be_corrected(now),
        "can_undo": row.can_write and promise.can_be_undone(request.user, now),
        "can_reopen": promise.can_be_reopened(request.user, now),
        "comment_form": forms.CommentForm(user=request.user, now=now, promise=promise),
    }


def _withdrawn_words(promise):
    if promise.withdrawn_timing == Timing.EARLY:
        return _("Taken back early, so it does not count as broken")
    return _("Taken back too late: it counts as broken")


@require_http_methods(["GET", "POST"])
def promise_new(request):
    now = timezone.now()
    if not request.GET.get("client") and not request.POST.get("client"):
        return _which_client(request, now=now)
    public_id = request.POST.get("client") or request.GET["client"]
    client = get_object_or_404(
        Client.objects.writable_by(request.user).current(), public_id=public_id[:16].replace("\0", "")
    )
    form = forms.PromiseForm(
        request.POST or None, user=request.user, now=now, client=client, initial=_first_guess(request, client)
    )
    if request.method == "POST" and form.is_valid():
        promise = form.save()
        for name, why in promise.remarks_on_due_day():
            messages.warning(
                request,
                _("%(day)s is not a working day for %(name)s (%(why)s). The date stays as agreed.")
                % {"day": f"{promise.due_date:%d %b}", "name": name, "why": why},
            )
        messages.success(request, _("Written down. Both sides have it in one place now."))
        return redirect(way_back(request) or promise)
    context = {"form": form, "client": client, "next": way_back(request)}
    return render(request, "promises/new.html", context, status=422 if form.is_bound else 200)


def _first_guess(request, client):
    keys = ("what", "due_date", "due_time", "done_when", "direction", "interaction", "contact")
    given = {key: request.GET[key][:300] for key in keys if request.GET.get(key)}
    may_own = client.can_be_written_by(request.user)
    owner = request.user if may_own else client.owner
    return {"direction": "ours", "owner": owner.public_id, **given}


def _which_client(request, *, now):
    asked = "client_name" in request.GET
    form = forms.WhichClientForm(request.GET if asked else None, user=request.user, now=now)
    if asked and form.is_valid():
        query = request.GET.copy()
        query.pop("client_name")
        query["client"] = form.client.public_id
        return redirect(f"{reverse('promise_new')}?{query.urlencode()}")
    own = Client.objects.writable_by(request.user).current().filter(owner=request.user).only("name")[:100]
    return render(request, "promises/which_client.html", {"form": form, "own": own}, status=422 if asked else 200)


@require_http_methods(["GET", "POST"])
def promise_edit(request, public_id):
    """Typing mistakes, for an hour."""
    now = timezone.now()
    promise = _find(request, public_id, write=True)
    if not promise.can_be_corrected(now):
        messages.warning(request, TooLateToCorrect.words)
        return redirect(promise)
    form = forms.CorrectForm(request.POST or None, instance=promise)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        promise = _find(request, public_id, write=True)
        try:
            promise.correct(
                by=request.user,
                now=now,
                version=data["version"],
                terms=Terms(data["due_date"], data["due_time"], promise.due_zone),
                what=data["what"],
                done_when=data["done_when"],
                importance=data["importance"],
            )
        except conflict.Stale:
            return conflict.answer(request, "promises/edit.html", form, {"promise": promise})
        except PromiseError as refused:
            messages.warning(request, str(refused.words))
        else:
            messages.success(request, _("Corrected."))
        return redirect(promise)
    context = {"form": form, "promise": promise}
    return render(request, "promises/edit.html", context, status=422 if form.is_bound else 200)


# -------------------------------------------------------------------- acts


@require_http_methods(["GET", "POST"])
def promise_renegotiate(request, public_id):
    now = timezone.now()
    promise = _find(request, public_id, write=True)
    if request.method == "GET" and not promise.is_active:
        messages.warning(request, _beaten_words(promise))
        return redirect(promise)
    form = forms.MoveForm(request.POST or None, user=request.user, now=now, promise=promise)
    if request.method == "POST" and form.is_valid():
        try:
            move = form.save()
        except PromiseError as refused:
            messages.warning(request, str(refused.words))
        else:
            messages.success(request, _moved_words(promise, move))
        return redirect(way_back(request) or promise)
    context = {"form": form, "promise": promise, "now": now, **_line(promise, request.POST or request.GET, now=now)}
    return render(request, "promises/renegotiate.html", context, status=422 if form.is_bound else 200)


@require_GET
def renegotiate_line(request, public_id):
    """On which side of the line a request made now falls, and what speaks against the day that is typed."""
    now = timezone.now()
    promise = _find(request, public_id, write=True)
    return render(
        request, "promises/_line.html", {"promise": promise, "now": now, **_line(promise, request.GET, now=now)}
    )


def _line(promise, data, *, now):
    form_date = forms.date_field("")
    try:
        day = form_date.clean(data.get("due_date", "")) if data.get("due_date") else None
        remarks = promise.remarks_on_due_day(Terms(day, None, promise.due_zone)) if day else []
    except (ValidationError, ValueError):
        day, remarks = None, []
    return {
        "timing": promise.timing_of(now),
        "working_days_left": promise.calendar.working_days(now, promise.due_at),
        "new_day": day,
        "new_remarks": remarks,
    }


def _moved_words(promise, move):
    if move.state == "asked":
        return _("Asked. It stays due on the old date until they agree.")
    if move.is_early:
        return _("Moved in time. This stays a kept word.")
    return _("Moved. The first date stays in the record.")


@require_http_methods(["GET", "POST"])
def promise_keep(request, public_id):
    """The tick: done. Late asks why; “they told me” records their word in the same step."""
    now = timezone.now()
    promise = _find(request, public_id, write=True)
    if request.method == "POST" and "tick" in request.POST and not promise.is_overdue(now):
        return _do(request, promise, lambda: promise.tick(by=request.user, now=now), now=now)
    if request.method == "GET" and not promise.is_active:
        messages.warning(request, _beaten_words(promise))
        return redirect(promise)
    if request.htmx and "tick" in request.POST:  # it turned late since the row was drawn: the form asks why
        return HttpResponseClientRedirect(reverse("promise_keep", args=[promise.public_id]))
    asked = request.method == "POST" and "tick" not in request.POST
    form = forms.KeepForm(request.POST if asked else None, user=request.user, now=now, promise=promise)
    if asked and form.is_valid():
        return _do(request, promise, form.save, now=now)
    context = {"form": form, "promise": promise, "now": now, "next": way_back(request)}
    context["kept_when"] = kept_when(current_workspace(request).silence_days)
    return render(request, "promises/keep.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def promise_act(request, public_id, act):
    """The other verbs, one small form each."""
    now = timezone.now()
    act = ACTS[act]
    promise = _find(request, public_id, write=True)
    if request.method == "GET" and not act.fits(promise):
        messages.warning(request, _beaten_words(promise))
        return redirect(promise)
    form = act.form(request.POST or None, user=request.user, now=now, promise=promise)
    if request.method == "POST":
        form = act.form(request.POST, user=request.user, now=now, promise=promise)
        if form.is_valid():
            return _do(request, promise, form.save, now=now, words=act.done)
    context = {
        "form": form,
        "promise": promise,
        "act": act,
        "now": now,
        "timing": promise.timing_of(now) if act.name == "withdraw" else None,
        "next": way_back(request),
    }
    return render(request, "promises/act.html", context, status=422 if form.is_bound else 200)


@require_POST
def promise_undo(request, public_id):
    now = timezone.now()
    promise = _find(request, public_id, write=True)
    return _do(
        request, promise, lambda: promise.undo(by=request.user, now=now), now=now, words=_("Undone. It is open again.")
    )


def _do(request, promise, verb, *, now, words=""):
    """Do the verb and answer: the row for htmx, the page otherwise; the loser of a race reads what happened."""
    refused = None
    try:
        verb()
    except ReasonMissing:
        path = reverse("promise_keep", args=[promise.public_id])
        return HttpResponseClientRedirect(path) if request.htmx else redirect(path)
    except PromiseError as problem:
        refused = problem
    promise = get_object_or_404(Promise.objects.visible_to(request.user).with_calendars(), pk=promise.pk)
    undo = promise.can_be_undone(request.user, now)
    if refused:
        text = _beaten_words(promise) if isinstance(refused, NotActive) else str(refused.words)
    else:
        text = str(words or outcome_words(promise, current_workspace(request)))
    if request.htmx:
        row = Row(promise, now=now, user=request.user, can_write=True, just_done=not refused and not promise.is_active)
        answer = render(request, "promises/_row.html", {"row": row, "now": now})
        toast = {"text": text, "undo": reverse("promise_undo", args=[promise.public_id]) if undo else ""}
        answer["HX-Trigger"] = json.dumps({"toast": toast})
        return answer
    if refused:
        messages.warning(request, text)
    else:
        tags = f"undo:{reverse('promise_undo', args=[promise.public_id])}" if undo else ""
        messages.success(request, text, extra_tags=tags)
    return redirect(way_back(request) or promise)


def _beaten_words(promise):
    """Who was faster, by name and with the minute, where the story says so."""
    event = promise.last_act()
    if not event or not event.by_id:
        return str(NotActive.words)
    known = {"name": event.by.first_name, "time": timezone.localtime(event.at).strftime("%H:%M")}
    return _("%(name)s changed this promise at %(time)s, before you. This is how it stands now.") % known


def outcome_words(promise, workspace):
    """What a tick did, said honestly."""
    late = promise.done_at and promise.done_at > promise.due_at
    if promise.is_delivered:
        if late:
            return _("Delivered late. It counts as late, and ends once they agree.")
        return _("Delivered.") + " " + kept_when(workspace.silence_days)
    if promise.state == Promise.State.KEPT:
        return _("Kept, late. The client’s record shows it.") if late else _("Kept. The client’s record shows it.")
    return _("Done.")
