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
from accounts.forms import posted
from accounts.way_back import way_back
from promises import forms
from promises.acts import ACTS
from promises.ladder import ended_words, ladder
from promises.models import (
    NotActive,
    NotAsked,
    NotDelivered,
    NotOffered,
    Promise,
    PromiseError,
    PromiseEvent,
    ReasonMissing,
    Terms,
    TooLateToCorrect,
)
from promises.rows import rows_for
from promises.wording import Row, kept_when, story

# Words beside a promise: they change nothing, so nobody is beaten by them.
BESIDE = (PromiseEvent.Kind.COMMENT, PromiseEvent.Kind.NUDGED, PromiseEvent.Kind.SNOOZED, PromiseEvent.Kind.MADE)


def _find(request, public_id, *, write=False):
    promises = Promise.objects.writable_by(request.user) if write else Promise.objects.visible_to(request.user)
    return get_object_or_404(promises.with_calendars(), public_id=public_id)


# -------------------------------------------------------------------- one promise


@require_GET
def promise_page(request, public_id):
    now = timezone.now()
    promise = _find(request, public_id)
    return render(request, "promises/promise.html", _page_context(request, promise, now=now))


def _page_context(request, promise, *, now, move_form=None):
    row = rows_for(request, [promise], now=now)[0]
    moves = list(
        promise.renegotiations.select_related("agreed_by_contact", "agreed_by", "asked_by", "asked_by_contact")
    )
    open_request = next((move for move in moves if move.state == "asked"), None)
    workspace = current_workspace(request)
    can_move = row.can_write and promise.is_active and not open_request
    return {
        "promise": promise,
        "row": row,
        "now": now,
        "open_request": open_request,
        "request_remarks": promise.remarks_on_due_day(open_request.new_terms) if open_request else [],
        "ladder": ladder(promise, moves),
        "story": story(promise),
        "silence_until": promise.silence_ends_on(workspace) if promise.is_delivered else None,
        "ended_words": ended_words(promise),
        "remarks": promise.remarks_on_due_day() if promise.is_active or promise.is_proposed else [],
        "asks_for_an_answer": promise.asks_for_an_answer(now, days=workspace.answer_within_days),
        "can_correct": row.can_write and promise.can_be_corrected(now),
        "can_undo": row.can_write and promise.can_be_undone(request.user, now),
        "can_reopen": promise.can_be_reopened(request.user, now),
        "comment_form": forms.CommentForm(user=request.user, now=now, promise=promise),
        "form": move_form or (can_move and forms.MoveForm(user=request.user, now=now, promise=promise)),
        "move_open": move_form is not None,
        **(_line(promise, request.POST, now=now) if can_move else {}),
    }


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
            messages.success(request, _moved_words(promise, form, move))
            if form.refused:
                messages.warning(request, form.refused)
        return redirect(way_back(request) or promise)
    if "dialog" in request.POST:
        return render(
            request, "promises/promise.html", _page_context(request, promise, now=now, move_form=form), status=422
        )
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


def _moved_words(promise, form, move):
    if move.state == "asked" and move.asked_by_them:
        words = _("Written down. It stays due on the old date until we agree.")
    elif move.state == "asked":
        words = _("Asked. It stays due on the old date until they agree.")
    elif move.is_early and not promise.moved_not_early:
        words = _("Moved in time. This stays a kept word.")
    else:
        words = _("Moved. The first date stays in the record.")
    if form.letter:
        sent = _("The note to %(name)s goes out in two minutes.") % {"name": form.letter.contact.first_name}
        return f"{words} {sent}"
    return words


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
    promise = _find(request, public_id, write=True)
    act = ACTS[act].about(promise, now=now)
    if request.method == "GET" and not act.fits(promise):
        messages.warning(request, _beaten_words(promise))
        return redirect(promise)
    form = act.form(posted(request), user=request.user, now=now, promise=promise)
    if form.is_bound and form.is_valid():
        return _do(request, promise, form.save, now=now, words=act.done)
    context = {
        "form": form,
        "promise": promise,
        "act": act,
        "now": now,
        "timing": promise.timing_of_end(now) if act.name == "withdraw" else None,
        "remarks": _remarks_on_answer(promise, getattr(form, "move", None)),
        "move": getattr(form, "move", None),
        "next": way_back(request),
    }
    return render(request, "promises/act.html", context, status=422 if form.is_bound else 200)


def _remarks_on_answer(promise, move):
    """What speaks against the day a yes would agree to."""
    if move:
        return promise.remarks_on_due_day(move.new_terms)
    return promise.remarks_on_due_day() if promise.is_proposed else []


@require_POST
def promise_undo(request, public_id):
    now = timezone.now()
    promise = _find(request, public_id, write=True)
    words = _("Undone. It stands as before.")
    return _do(request, promise, lambda: promise.undo(by=request.user, now=now), now=now, words=words)


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
        text = _beaten_words(promise) if isinstance(refused, BEATEN) else str(refused.words)
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


BEATEN = (NotActive, NotAsked, NotDelivered, NotOffered)


def _beaten_words(promise):
    """Who was faster, by name and with the minute, where the story says so."""
    event = promise.events.exclude(kind__in=BESIDE).select_related("by", "by_contact").order_by("-at", "-pk").first()
    if not event or not event.who:
        return str(NotActive.words)
    known = {"name": event.who.split(" ")[0], "time": timezone.localtime(event.at).strftime("%H:%M")}
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
