from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Client
from partnerships.forms import AgreedForm, ConcernForm, ResolveForm, TalkForm
from partnerships.models import Concern, NotInThisState

SOMEBODY_WAS_FIRST = "Somebody changed this before you. This is how it stands now."


@require_safe
def concerns(request):
    found = Concern.objects.visible_to(request.user).select_related("client", "client__owner")
    state = request.GET.get("state", "unresolved")
    if state == "unresolved":
        found = found.unresolved()
    elif state in Concern.State.values:
        found = found.filter(state=state)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(
        request, "partnerships/concerns.html", {"page": page, "state": state, "states": Concern.State.choices}
    )


@require_http_methods(["GET", "POST"])
def concern_new(request, client_id):
    client = get_object_or_404(Client.objects.writable_by(request.user), public_id=client_id)
    initial = {}
    if request.GET.get("from") == "survey":
        initial = {"origin": Concern.Origin.SURVEY}
    form = ConcernForm(request.POST or None, initial=initial)
    if form.is_valid():
        concern = Concern.open(client, by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Written down. Next, find a day to talk."))
        return redirect(concern)
    return render(
        request, "partnerships/concern_new.html", {"client": client, "form": form}, status=422 if form.errors else 200
    )


@require_safe
def concern(request, concern_id):
    concern = get_object_or_404(
        Concern.objects.visible_to(request.user).select_related("client__owner", "opened_by"), public_id=concern_id
    )
    return _page(request, concern)


def _page(request, concern, *, status=200, **forms):
    writable = concern.client.can_be_written_by(request.user)
    forms = {
        "talk_form": TalkForm(client=concern.client),
        "agreed_form": AgreedForm(),
        "resolve_form": ResolveForm(concern=concern),
        **forms,
    }
    context = {
        "concern": concern,
        "writable": writable,
        "events": concern.events.select_related("by"),
        "promises": concern.promises.select_related("client"),
        "people": concern.talk_with.all(),
        **forms,
    }
    return render(request, "partnerships/concern.html", context, status=status)


def _writable(request, concern_id):
    return get_object_or_404(Concern.objects.writable_by(request.user).select_related("client"), public_id=concern_id)


def _act(request, concern, form, name, verb, done):
    if not form.is_valid():
        return _page(request, concern, status=422, **{name: form})
    try:
        verb(form.cleaned_data)
    except NotInThisState:
        messages.warning(request, _(SOMEBODY_WAS_FIRST))
    else:
        messages.success(request, done)
    return redirect(concern)


@require_http_methods(["POST"])
def concern_talk(request, concern_id):
    concern = _writable(request, concern_id)

    def plan(data):
        at = datetime.combine(data["talk_on"], data["talk_time"], timezone.get_current_timezone())
        concern.plan_talk(at=at, where=data["where"], people=data["people"], by=request.user, now=timezone.now())

    form = TalkForm(request.POST, client=concern.client)
    return _act(request, concern, form, "talk_form", plan, _("The talk is planned."))


@require_http_methods(["POST"])
def concern_agreed(request, concern_id):
    concern = _writable(request, concern_id)

    def agree(data):
        concern.agree(outcome=data["outcome"], by=request.user, now=timezone.now())

    return _act(
        request, concern, AgreedForm(request.POST), "agreed_form", agree, _("Noted. Now write down what we promised.")
    )


@require_http_methods(["POST"])
def concern_resolve(request, concern_id):
    concern = _writable(request, concern_id)

    def resolve(data):
        concern.resolve(**data, by=request.user, now=timezone.now())

    form = ResolveForm(request.POST, concern=concern)
    return _act(request, concern, form, "resolve_form", resolve, _("Resolved."))


@require_http_methods(["POST"])
def concern_reopen(request, concern_id):
    concern = _writable(request, concern_id)
    try:
        concern.reopen(by=request.user, now=timezone.now(), note="")
    except NotInThisState:
        messages.warning(request, _(SOMEBODY_WAS_FIRST))
    return redirect(concern)
