"""Many promises at once: the effect is said first, the act is done at once, and undone for a day."""

import uuid
from collections import Counter

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import PlainForm
from accounts.models import User
from accounts.way_back import way_back
from promises import bulk, export, nudges, saved_views, selection
from promises.models import BulkAct, NotNow, Promise

# How an act is undone, and what is said then.
UNDOES = {
    BulkAct.Act.HAND_OVER: (bulk.undo_hand_over, bulk.undone_told),
    BulkAct.Act.NUDGE: (nudges.undo, nudges.undone_told),
}
SHOWN = 100  # rows of a plan or a report drawn on a page


def list_address(request):
    """The list these promises were chosen in, as it was."""
    if request.method == "POST":
        return way_back(request) or reverse("promises")
    query = saved_views.tidy(request.GET.urlencode())
    return f"{reverse('promises')}?{query}" if query else reverse("promises")


def chosen(request, *, now):
    """(selection, promises, whether there are more than one act takes)."""
    picked = selection.read(request.GET, user=request.user, now=now)
    promises, more = picked.read()
    return picked, promises, more


def nothing_chosen(request):
    messages.warning(request, _("Tick at least one promise first."))
    return redirect(list_address(request))


def asked_again(request):
    """What the address chose, to be sent on with the next form: pairs of name and value."""
    return [(name, value) for name, values in request.GET.lists() if name != "to" for value in values[:500]]


# -------------------------------------------------------------------- handing over


class HandOverForm(PlainForm):
    to = forms.ModelChoiceField(
        User.objects.active(),
        label=gettext_lazy("To whom"),
        to_field_name="public_id",
        empty_label=gettext_lazy("Choose a colleague"),
        error_messages={
            "required": gettext_lazy("Choose a colleague."),
            "invalid_choice": gettext_lazy("Choose a colleague."),
        },
    )


class DoHandOverForm(HandOverForm):
    """`seen` says what was on the page: each promise with who answered for it then."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_seen(self):
        pairs = [pair.partition(".") for pair in self.cleaned_data["seen"].split()]
        return {public_id: owner for public_id, _dot, owner in pairs[: selection.MOST]}


@require_http_methods(["GET", "POST"])
def bulk_hand_over(request):
    now = timezone.now()
    if request.method == "POST":
        return _do_hand_over(request, now=now)
    picked, promises, more = chosen(request, now=now)
    if not promises:
        return nothing_chosen(request)
    form = HandOverForm(request.GET if request.GET.get("to") else None)
    plan = None
    if form.is_bound and form.is_valid():
        plan = bulk.plan_hand_over(promises, to=form.cleaned_data["to"], by=request.user)
    context = {
        "form": form, "count": len(promises), "more": more, "most": selection.MOST, "plan": plan,
        "pairs": asked_again(request), "back": list_address(request), "picked": picked,
    }  # fmt: skip
    if plan:
        owners = Counter(promise.owner.name for promise in plan.going)
        context |= {
            "to": form.cleaned_data["to"],
            "owners": owners.most_common(),
            "shown": plan.going[:SHOWN],
            "shown_left": plan.left[:SHOWN],
            "seen": " ".join(f"{promise.public_id}.{promise.owner.public_id}" for promise in plan.going),
            "key": uuid.uuid4(),
        }
    return render(request, "promises/bulk_hand_over.html", context, status=422 if form.errors else 200)


def _do_hand_over(request, *, now):
    form = DoHandOverForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("That form was not complete. Choose the promises again."))
        return redirect(list_address(request))
    data = form.cleaned_data
    try:
        act = bulk.hand_over(data["seen"], to=data["to"], key=data["idempotency_key"], by=request.user, now=now)
    except BulkAct.DoesNotExist:  # somebody else's key
        raise Http404 from None
    return _done(request, act, bulk.told(act, name=data["to"].first_name), now=now)


def _done(request, act, words, *, now):
    """Back to the list with Undo in the toast; to what became of each where some were left."""
    undo = f"undo:{reverse('bulk_undo', args=[act.uuid])}" if bulk.may_be_undone(act, now=now) else ""
    messages.success(request, words, extra_tags=undo)
    left = any("left" in entry for entry in act.done)
    return redirect("bulk_act", act.uuid) if left else redirect(way_back(request) or "promises")


# -------------------------------------------------------------------- asking after


class NudgeForm(PlainForm):
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_seen(self):
        return list(dict.fromkeys(self.cleaned_data["seen"].split()))[: selection.MOST]


@require_http_methods(["GET", "POST"])
def bulk_nudge(request):
    """It leaves the house: every mail is shown whole before any is written."""
    now = timezone.now()
    if request.method == "POST":
        return _do_nudge(request, now=now)
    _picked, promises, more = chosen(request, now=now)
    if not promises:
        return nothing_chosen(request)
    going, left = nudges.plan(promises, by=request.user, now=now)
    context = {
        "nudges": going,
        "asked": sum(len(nudge.promises) for nudge in going),
        "left": left,
        "more": more,
        "most": selection.MOST,
        "seen": " ".join(promise.public_id for nudge in going for promise in nudge.promises),
        "key": uuid.uuid4(),
        "back": list_address(request),
    }
    return render(request, "promises/bulk_nudge.html", context)


def _do_nudge(request, *, now):
    form = NudgeForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("That form was not complete. Choose the promises again."))
        return redirect(list_address(request))
    data = form.cleaned_data
    try:
        act = nudges.send(data["seen"], key=data["idempotency_key"], by=request.user, now=now)
    except BulkAct.DoesNotExist:  # somebody else's key
        raise Http404 from None
    return _done(request, act, nudges.told(act), now=now)


# -------------------------------------------------------------------- what was done


@require_GET
def bulk_acts(request):
    """What this person did to several at once in the last day."""
    now = timezone.now()
    acts = [_shown(act, now=now) for act in bulk.recent(request.user, now=now)[:50]]
    return render(request, "promises/bulk_acts.html", {"acts": acts})


def _shown(act, *, now):
    done = sum("left" not in entry for entry in act.done)
    return {"act": act, "done": done, "left": len(act.done) - done, "may_be_undone": bulk.may_be_undone(act, now=now)}


@require_GET
def bulk_act(request, uuid):
    """What became of each promise in one act."""
    now = timezone.now()
    act = get_object_or_404(BulkAct, uuid=uuid, by=request.user)
    ids = [entry["promise"] for entry in act.done]
    visible = Promise.objects.visible_to(request.user).select_related("client", "owner")
    promises = {promise.public_id: promise for promise in visible.filter(public_id__in=ids)}
    names = dict(
        User.objects.filter(public_id__in={e["to"] for e in act.done if "to" in e}).values_list("public_id", "name")
    )
    entries = [
        {**entry, "promise": promises[entry["promise"]], "name": names.get(entry.get("to"), "")}
        for entry in act.done
        if entry["promise"] in promises
    ]
    context = {**_shown(act, now=now), "entries": entries[: selection.MOST], "names": sorted(set(names.values()))}
    return render(request, "promises/bulk_act.html", context)


@require_POST
def bulk_undo(request, uuid):
    now = timezone.now()
    act = get_object_or_404(BulkAct, uuid=uuid, by=request.user)
    undo, told = UNDOES[act.act]
    try:
        undo(act, by=request.user, now=now)
    except NotNow:
        messages.warning(request, _("This was undone before, or more than a day ago."))
        return redirect("bulk_act", act.uuid)
    messages.success(request, told(act))
    stays = any("stays" in entry for entry in act.done)
    return redirect("bulk_act", act.uuid) if stays else redirect(way_back(request) or "promises")


# -------------------------------------------------------------------- exporting


@require_GET
def bulk_export(request):
    """What a file would hold, before there is one: how many, and which columns name people."""
    now = timezone.now()
    picked = selection.read(request.GET, user=request.user, now=now)
    everything = picked.everything or not request.GET.getlist("pick")
    query = request.GET.copy()
    for name in ("after", "before", "all", "next"):
        query.pop(name, None)
    if everything:
        query.pop("pick", None)
        query["all"] = "1"
        picked = selection.read(query, user=request.user, now=now)
    count = picked.found.order_by().count()
    context = {
        "count": count,
        "too_many": count > export.MOST_IN_XLSX,
        "most": export.MOST_IN_XLSX,
        "everything": everything,
        "words": picked.filters.in_words,
        "query": query.urlencode(),
        "back": list_address(request),
    }
    return render(request, "promises/bulk_export.html", context)
