"""What is posted from the steps of a concern. Whoever comes second is told, and keeps what they typed."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from partnerships import talks
from partnerships.concern_views import found_or_404
from partnerships.forms import HoldForm, ReopenForm, ResolveForm, TakeBackForm, TalkForm
from partnerships.models import NotInThisState
from partnerships.page import page_of, rows
from promises.models import DateInThePast, Promise

SOMEBODY_WAS_FIRST = gettext_lazy("Somebody changed this before you. This is how it stands now.")


def _refused(request, concern, step, *, status=422, **forms):
    context = page_of(concern, user=request.user, now=timezone.now(), step=step, forms=forms)
    return render(request, "partnerships/concern.html", context, status=status)


def _too_late(request, concern_id, step, **forms):
    """Somebody was faster: how it stands now, with the typed words still in the form."""
    concern = found_or_404(request, concern_id, write=True)
    for form in forms.values():
        if hasattr(form, "seen"):  # the next save is on top of what is stored now
            form.data = form.data.copy()
            form.data["version"] = str(concern.version)
    messages.warning(request, SOMEBODY_WAS_FIRST)
    return _refused(request, concern, step, status=409, **forms)


def _to_step(concern, step):
    return redirect(f"{concern.get_absolute_url()}?step={step}")


@require_POST
def concern_talk(request, concern_id):
    now = timezone.now()
    concern = found_or_404(request, concern_id, write=True)
    form = TalkForm(request.POST, concern=concern, now=now)
    if not form.is_valid():
        return _refused(request, concern, "book", talk_form=form, past=_was_held(concern, form))
    try:
        talks.book(concern, **form.terms(), by=request.user, now=now, seen=form.seen)
    except NotInThisState:
        return _too_late(request, concern_id, "book", talk_form=form)
    messages.success(request, _("The talk is planned. Your calendar entry is on its way."))
    return _to_step(concern, "book")


def _was_held(concern, form):
    """Where to go when the day typed has passed: perhaps the talk was held already."""
    if not form.was_held:
        return ""
    day = timezone.localdate(form.cleaned_data["at"])
    return f"{reverse('concern', args=[concern.public_id])}?step=hold&held_on={day}"


@require_POST
def concern_talk_off(request, concern_id):
    concern = found_or_404(request, concern_id, write=True)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return _refused(request, concern, "book", take_back_form=form)
    try:
        tell_them = form.cleaned_data["tell_them"]
        talks.take_back(concern, by=request.user, now=timezone.now(), tell_them=tell_them, seen=form.seen)
    except NotInThisState:
        return _too_late(request, concern_id, "book", take_back_form=form)
    messages.success(request, _("The talk is off."))
    return _to_step(concern, "book")


@require_POST
def concern_contacted(request, concern_id):
    concern = found_or_404(request, concern_id, write=True)
    now = timezone.now()
    if concern.note_contact(at=now, by=request.user, now=now):
        messages.success(request, _("Noted: you have spoken with them."))
    else:
        messages.warning(request, SOMEBODY_WAS_FIRST)
    return redirect(concern)


@require_POST
def concern_hold(request, concern_id):
    now = timezone.now()
    concern = found_or_404(request, concern_id, write=True)
    form = HoldForm(request.POST, concern=concern, now=now)
    promised = rows(request.POST, concern)
    valid = [form.is_valid(), *(found.is_valid() for found in promised.values() if found.is_bound)]
    if not all(valid):
        return _refused(request, concern, "hold", hold_form=form, **promised)

    def make_promises():
        people = form.cleaned_data["people"]
        return _make(concern, promised, people=people, by=request.user, now=now)

    try:
        made = talks.hold(concern, by=request.user, now=now, seen=form.seen, make_promises=make_promises, **form.told())
    except NotInThisState:
        return _too_late(request, concern_id, "hold", hold_form=form, **promised)
    except DateInThePast:
        form.add_error(None, _("One of the days promised is already over where it is due."))
        return _refused(request, concern, "hold", hold_form=form, **promised)
    messages.success(request, _("Noted, with what was promised.") if made else _("Noted."))
    return _to_step(concern, "follow")


def _make(concern, promised, *, people, by, now):
    """The promises of the rows somebody filled in; the same rows again are the same promises."""
    first = people[0] if people else None
    made = []
    for side in ("ours", "theirs"):
        found = promised[f"{side}_rows"]
        for row in found.forms if found.is_bound else ():
            if row.is_filled:
                made.append(_promise(concern, row.cleaned_data, side=side, first=first, by=by, now=now))
    return made


def _promise(concern, data, *, side, first, by, now):
    ours = side == "ours"
    return Promise.objects.make(
        by=by,
        client=concern.client,
        direction=side,
        what=data["what"],
        due_date=data["due"],
        now=now,
        owner=(data["who"] if ours else None) or concern.leader,
        contact=first if ours else data["who"] or first,
        agreed_how="call",
        idempotency_key=data["key"],
    )


@require_POST
def concern_resolve(request, concern_id):
    now = timezone.now()
    concern = found_or_404(request, concern_id, write=True)
    form = ResolveForm(request.POST, concern=concern, now=now)
    if not form.is_valid():
        return _refused(request, concern, "follow", resolve_form=form)
    try:
        concern.resolve(**form.told(), by=request.user, now=now, seen=form.seen)
    except NotInThisState:
        return _too_late(request, concern_id, "follow", resolve_form=form)
    messages.success(request, _("Resolved."))
    return _to_step(concern, "follow")


@require_POST
def concern_reopen(request, concern_id):
    concern = found_or_404(request, concern_id, write=True)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _refused(request, concern, "follow", reopen_form=form)
    try:
        concern.reopen(by=request.user, now=timezone.now(), note=form.cleaned_data["note"])
    except NotInThisState:
        messages.warning(request, SOMEBODY_WAS_FIRST)
    return redirect(concern)
