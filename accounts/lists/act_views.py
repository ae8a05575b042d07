"""Several at once: the effect is said first, the act is done at once or by a worker, and undone for a day."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import saved_views
from accounts.lists import acts, kinds, long_acts, picks
from accounts.models import ListAct
from accounts.way_back import way_back

SHOWN = 100  # rows of a plan or a report drawn on a page


class Asked:
    """One act on one selection, as the address says it."""

    def __init__(self, request, page, name, *, now):
        self.request, self.now = request, now
        self.kind = kinds.get(page)
        if name not in self.kind.acts:
            raise Http404(name)
        self.act = self.kind.acts[name]
        self.selection = picks.read(self.kind, request.GET, user=request.user, now=now)
        self.keys, self.more = self.selection.first(acts.MOST)
        self.form = self._form()
        self.choice = self.act.chosen(self.form) if self.form is None or self.form.is_valid() else None

    def _form(self):
        if self.act.form is None:
            return None
        names = self.act.form.base_fields
        return self.act.form(self.request.GET if any(name in self.request.GET for name in names) else None)

    @property
    def raw(self):
        """What was chosen, as the form takes it again."""
        return {name: self.request.GET.get(name, "") for name in self.act.form.base_fields} if self.act.form else {}

    @property
    def back(self):
        """The list these were chosen in, as it was."""
        query = saved_views.tidy(self.kind, self.request.GET.urlencode())
        chosen = set(self.act.form.base_fields) if self.act.form else set()
        pairs = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in chosen]
        return self.kind.address_of("&".join(pairs))

    @property
    def pairs(self):
        """What the address chose, to be sent on with the next form."""
        chosen = set(self.act.form.base_fields) if self.act.form else set()
        named = [(name, values) for name, values in self.request.GET.lists() if name not in chosen]
        return [(name, value) for name, values in named for value in values[: picks.TICKED]]

    def records(self):
        found = self.act.records(self.kind.visible(self.request.user)).in_bulk(self.keys)
        return [found[key] for key in self.keys if key in found]


@require_http_methods(["GET", "POST"])
def list_do(request, page, act):
    asked = Asked(request, page, act, now=timezone.now())
    if not asked.keys:
        messages.warning(request, _("Tick at least one first."))
        return redirect(asked.back)
    if asked.choice is None:
        return _effect(asked, status=422 if asked.form.is_bound else 200)
    records = asked.records()
    if request.method == "GET":
        return _effect(asked, records=records)
    return _do(asked, records)


def _effect(asked, *, records=None, moved=False, status=200):
    act, choice = asked.act, asked.choice
    context = {
        "kind": asked.kind, "act": act, "form": asked.form, "counted": asked.kind.count(len(asked.keys)),
        "more": asked.more, "most": acts.MOST, "pairs": asked.pairs, "back": asked.back, "moved": moved,
    }  # fmt: skip
    if records is not None:
        plan = acts.plan(act, records, by=asked.request.user, choice=choice)
        context |= {
            "plan": plan,
            "sentences": acts.in_words(act, plan, choice),
            "notes": act.notes(plan.going, choice=choice),
            "shown": plan.going[:SHOWN],
            "shown_left": [(record, act.left(why, 1, choice)) for record, why in plan.left[:SHOWN]],
            "is_job": len(asked.keys) > acts.MOST_NOW,
            "seal": acts.seal(act, records),
            "key": uuid.uuid4(),
        }
    return render(asked.request, "accounts/lists/act.html", context, status=409 if moved else status)


def _do(asked, records):
    request, act = asked.request, asked.act
    try:
        key = uuid.UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        messages.warning(request, _("That form was not complete. Choose again."))
        return redirect(asked.back)
    try:
        known = ListAct.objects.filter(uuid=key).first()
        if known is None and acts.seal(act, records) != request.POST.get("seal"):
            return _effect(asked, records=records, moved=True)
        return _done(asked, key)
    except ListAct.DoesNotExist:  # somebody else's key
        raise Http404 from None


def _done(asked, key):
    request, kind, act = asked.request, asked.kind, asked.act
    with transaction.atomic():
        kept, new = acts.claim(kind, act, raw=asked.raw, key=key, by=request.user, now=asked.now)
        job = None
        if new and len(asked.keys) > acts.MOST_NOW:
            job = long_acts.start(kept, kind=kind, act=act, keys=asked.keys, choice=asked.choice, by=request.user)
        elif new:
            acts.do_part(kept, kind, act, asked.keys, by=request.user, choice=asked.choice, now=asked.now)
    if job is not None:
        return redirect("job", job.uuid)
    if not kept.words:  # the same once more, while a worker is still at it
        return redirect("list_acts")
    undo = f"undo:{reverse('list_undo', args=[kept.uuid])}" if acts.may_be_undone(kept, now=asked.now) else ""
    messages.success(request, kept.words, extra_tags=undo)
    return redirect(asked.back)


# -------------------------------------------------------------------- what was done


@require_GET
def list_acts(request):
    """What this person did to several at once in the last day."""
    now = timezone.now()
    found = [_shown(kept, now=now) for kept in acts.recent(request.user, now=now)[:50]]
    return render(request, "accounts/lists/acts.html", {"acts": found})


def _shown(kept, *, now):
    kind = kinds.get(kept.data["page"])
    return {
        "kept": kept,
        "kind": kind,
        "act": kind.acts.get(kept.data["act"]),
        "words": kept.words or _("In work"),
        "may_be_undone": acts.may_be_undone(kept, now=now),
        "undone": acts.undone_told(kept) if kept.undone_at and "undone" in kept.data else "",
    }


@require_GET
def list_act(request, uuid):
    """One act: what became of the rows this person may still see."""
    now = timezone.now()
    kept = get_object_or_404(ListAct, uuid=uuid, by=request.user)
    kind, act, choice = long_acts.found(kept)
    visible = kind.visible(request.user)
    done = visible.filter(pk__in=[pk for pk, *_rest in kept.data["entries"][:SHOWN]])
    left = visible.in_bulk([public_id for public_id, _why in kept.data["left_rows"][:SHOWN]], field_name="public_id")
    rows = [
        (left[public_id], act.left(why, 1, choice or {}))
        for public_id, why in kept.data["left_rows"]
        if public_id in left
    ]
    context = {**_shown(kept, now=now), "done": done, "left": rows, "count": len(kept.data["entries"])}
    return render(request, "accounts/lists/act_done.html", context)


@require_POST
def list_undo(request, uuid):
    now = timezone.now()
    kept = get_object_or_404(ListAct, uuid=uuid, by=request.user)
    kind, act, _choice = long_acts.found(kept)
    entries, job = kept.data["entries"], None
    try:
        with transaction.atomic():
            acts.claim_undo(kept, by=request.user, now=now)
            if len(entries) > acts.MOST_NOW:
                job = long_acts.start_undo(kept, by=request.user)
            else:
                acts.undo_part(kept, kind, act, entries, by=request.user, now=now)
    except acts.NotNow:
        messages.warning(request, _("This was undone before, or more than a day ago."))
        return redirect("list_act", kept.uuid)
    if job is not None:
        return redirect("job", job.uuid)
    messages.success(request, acts.undone_told(kept))
    return redirect(way_back(request) or kind.address)
