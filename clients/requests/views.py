"""One request: its page, and what can be done with it. Every act works as a plain page and as a row drawn anew."""

import json
from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import conflict
from accounts.context import current_workspace
from accounts.forms import posted
from accounts.quick import date_format
from accounts.way_back import way_back
from clients.models import Client, Interaction, Request, RequestError
from clients.models.request_verbs import UNDO, due_for, target_hours
from clients.requests import forms, rows
from clients.requests.story import story

DOUBLE_CLICK = timedelta(seconds=5)
PREFILLED = ("text", "contact", "channel", "urgency", "assignee")


def _find(request, public_id, *, write=False, removed=False):
    found = Request.objects.writable_by(request.user) if write else Request.objects.visible_to(request.user)
    found = found if removed else found.kept()
    return get_object_or_404(rows.whole(found).select_related("client__owner"), public_id=public_id)


# -------------------------------------------------------------------- asking


@require_http_methods(["GET", "POST"])
def request_new(request):
    now = timezone.now()
    client = _client(request, request.POST.get("client") or request.GET.get("client", ""))
    if client is None:
        return _which_client(request)
    said_in = _said_in(request, client)
    initial = {name: request.GET[name][:5000] for name in PREFILLED if request.GET.get(name)}
    if said_in:
        initial |= {"channel": said_in.kind if said_in.kind in Request.Channel.values else "other"}
        initial |= {"asked_at": said_in.happened_at}
        if people := list(said_in.contacts.all()):
            initial.setdefault("contact", people[0].public_id)
    form = forms.AskForm(posted(request), client=client, user=request.user, now=now, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            asked = form.save(interaction=said_in)
        except RequestError as refused:
            form.add_error(None, refused.words)
        else:
            words = _("Written down. The answer is due %(when)s.") % {"when": due_words(asked.answer_due_at, now)}
            undo = f"undo:{reverse('request_remove', args=[asked.public_id])}" if asked.is_new else ""
            messages.success(request, words, extra_tags=f"{undo} see:{asked.get_absolute_url()}".strip())
            return redirect(way_back(request) or asked)
    workspace = current_workspace(request)
    dues = [
        due_for(client, assignee=form.first, since=now, urgency=urgency, workspace=workspace)
        for urgency in ("normal", "urgent")
    ]
    context = {
        "form": form,
        "client": client,
        "said_in": said_in,
        "next": way_back(request),
        "dues": [due_words(due, now) for due in dues],
    }
    return render(request, "clients/requests/new.html", context, status=422 if form.is_bound else 200)


def _client(request, public_id):
    found = Client.objects.writable_by(request.user).current().select_related("owner__deputy")
    return found.filter(public_id=public_id[:16].replace("\0", "")).first() if public_id else None


def _said_in(request, client):
    """The entry in which they asked, where the address or the form names one."""
    public_id = (request.POST.get("interaction") or request.GET.get("interaction", ""))[:16].replace("\0", "")
    return Interaction.objects.kept().filter(client=client, public_id=public_id).first() if public_id else None


def _which_client(request):
    asked = "client_name" in request.GET
    form = forms.WhichClientForm(request.GET if asked else None, user=request.user)
    if asked and form.is_valid():
        query = request.GET.copy()
        query.pop("client_name")
        query["client"] = form.client.public_id
        return redirect(f"{reverse('request_new')}?{query.urlencode()}")
    own = Client.objects.writable_by(request.user).current().filter(owner=request.user).only("name")[:100]
    context = {"form": form, "own": own, "found": form.found}
    return render(request, "clients/requests/which_client.html", context, status=422 if asked else 200)


def due_words(due, now):
    """“today 17:30”, “Monday 12:30”, “Fri 4 Dec, 12:30” on the reader's clock."""
    local, today = timezone.localtime(due), timezone.localdate(now)
    at = date_format(local, "H:i")
    days = (local.date() - today).days
    if days == 0:
        return _("today %(time)s") % {"time": at}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": at}
    if 1 < days < 7:
        return _("%(weekday)s %(time)s") % {"weekday": date_format(local, "l"), "time": at}
    return _("%(day)s, %(time)s") % {"day": date_format(local, "D j M"), "time": at}


# -------------------------------------------------------------------- one request


@require_GET
def request_page(request, public_id):
    now = timezone.now()
    it = _find(request, public_id, removed=True)
    row = rows.row(it, now=now, user=request.user)
    told = story(it)
    context = {
        "it": it,
        "row": row,
        "now": now,
        "story": told,
        "hours": target_hours(it.client, it.urgency, current_workspace(request)),
        "can_reopen": row.can_write and _can_reopen(it, now),
        "may_edit": row.can_write and not it.deleted_at,
    }
    return render(request, "clients/requests/request.html", context)


def _can_reopen(it, now):
    return not it.is_waiting and not it.deleted_at and it.closed_told_at() and now - it.closed_told_at() <= UNDO


@require_http_methods(["GET", "POST"])
def request_edit(request, public_id):
    now = timezone.now()
    it = _find(request, public_id, write=True, removed=request.method == "POST")
    form = forms.EditForm(posted(request), instance=it)
    if it.deleted_at:
        return render(request, "clients/requests/edit.html", {"form": form, "it": it}, status=409)
    if form.is_bound and form.is_valid():
        fresh = _find(request, public_id, write=True)
        try:
            fresh.edit(by=request.user, now=now, version=form.cleaned_data["version"], **form.changes())
        except conflict.Stale:
            return conflict.answer(request, "clients/requests/edit.html", form, {"it": fresh})
        except RequestError as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(request, _("Saved."))
            return redirect(fresh)
    context = {"form": form, "it": it}
    return render(request, "clients/requests/edit.html", context, status=422 if form.is_bound else 200)


# -------------------------------------------------------------------- acts


@require_POST
def request_answered(request, public_id):
    """The one click: answered just now."""
    now = timezone.now()
    it = _find(request, public_id, write=True)
    return _do(request, it, lambda: it.answer(by=request.user, now=now), now=now, words=_("Answered."))


@require_http_methods(["GET", "POST"])
def request_answer(request, public_id):
    words = {
        "title": _("How was it answered?"),
        "lede": _("By something that is logged already, or at another moment."),
        "button": _("It is answered"),
        "done": _("Answered."),
    }
    return _act(request, public_id, forms.AnswerForm, words)


@require_http_methods(["GET", "POST"])
def request_no_reply(request, public_id):
    words = {
        "title": _("No reply needed"),
        "lede": _("It then waits for nobody and counts in no figure. For a day this can be undone."),
        "button": _("No reply needed"),
        "done": _("No reply needed."),
    }
    return _act(request, public_id, forms.NoReplyForm, words)


@require_http_methods(["GET", "POST"])
def request_again(request, public_id):
    words = {
        "title": _("They asked again"),
        "lede": _("They spoke last: from then on the clock runs once more."),
        "button": _("They asked again"),
        "done": _("They wait again."),
    }
    return _act(request, public_id, forms.AgainForm, words)


@require_http_methods(["GET", "POST"])
def request_hand_over(request, public_id):
    words = {
        "title": _("Hand over"),
        "lede": _("Due is by the working hours of who answers, counted from when they asked."),
        "button": _("Hand over"),
        "done": _("Handed over."),
    }
    return _act(request, public_id, forms.HandOverForm, words)


def _act(request, public_id, form_class, words):
    now = timezone.now()
    it = _find(request, public_id, write=True)
    if request.method == "GET" and form_class is not forms.AgainForm and not it.is_waiting:
        messages.warning(request, it.why_not_waiting(request.user))
        return redirect(it)
    form = form_class(posted(request), request_of=it, user=request.user, now=now)
    if form.is_bound and form.is_valid():
        return _do(request, it, form.save, now=now, words=words["done"])
    context = {"form": form, "it": it, "words": words, "next": way_back(request)}
    return render(request, "clients/requests/act.html", context, status=422 if form.is_bound else 200)


@require_POST
def request_reopen(request, public_id):
    """Undo of an answer, or of no reply needed."""
    now = timezone.now()
    it = _find(request, public_id, write=True)
    words = _("Undone. They wait, as before.")
    return _do(request, it, lambda: it.reopen(by=request.user, now=now), now=now, words=words, undo=False)


@require_POST
def request_remove(request, public_id):
    now = timezone.now()
    it = _find(request, public_id, write=True, removed=True)
    try:
        it.remove(by=request.user, now=now)
    except RequestError as refused:
        messages.warning(request, refused.words)
    else:
        undo = reverse("request_restore", args=[it.public_id])
        messages.success(request, _("Removed. It stays in the trash for 30 days."), extra_tags=f"undo:{undo}")
    target = way_back(request)
    return redirect(it.client if not target or it.public_id in target else target)


@require_POST
def request_restore(request, public_id):
    it = _find(request, public_id, write=True, removed=True)
    try:
        it.restore()
    except RequestError as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _("It is back."))
    return redirect(way_back(request) or it)


def _clicked_twice(request, it, now):
    """The second click of a double one: what it asks for was done by the first."""
    last = it.last_end() if it.closed_how == Request.Closed.ANSWERED and not it.deleted_at else None
    return bool(last and last.by_id == request.user.pk and now - it.closed_told_at() <= DOUBLE_CLICK)


def _do(request, it, verb, *, now, words, undo=True):
    """Do the verb and answer: the row for htmx, the page otherwise; who was slower reads what happened."""
    refused = ""
    try:
        verb()
    except RequestError as problem:
        refused = str(problem.words)
    it = _find(request, it.public_id, removed=True)
    if refused and undo and _clicked_twice(request, it, now):
        refused = ""
    can_undo = undo and not refused and not it.is_waiting and _can_reopen(it, now)
    undo_url = reverse("request_reopen", args=[it.public_id]) if can_undo else ""
    if request.htmx:
        row = rows.row(it, now=now, user=request.user, just_done=bool(undo_url))
        context = {"row": row, "now": now, "hide_client": "hide_client" in request.POST}
        answer = render(request, "clients/requests/_row.html", context)
        answer["HX-Trigger"] = json.dumps({"toast": {"text": refused or str(words), "undo": undo_url}})
        return answer
    if refused:
        messages.warning(request, refused)
    else:
        messages.success(request, words, extra_tags=f"undo:{undo_url}" if undo_url else "")
    return redirect(way_back(request) or it)
