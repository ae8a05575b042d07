"""Suggestions of clients: the list, one page, and our answer."""

from datetime import datetime, time

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.paging import BoundedPaginator
from accounts.quick import select_options
from clients.models import Client, searchable
from partnerships.models import NotInThisState, Suggestion
from partnerships.suggestion_forms import AcceptForm, DeclineForm, DoneForm, SuggestionForm
from promises.models import DateInThePast

PAGE = 50
SOMEBODY_WAS_FIRST = gettext_lazy("Somebody changed this before you. This is how it stands now.")
STATES = {"new": gettext_lazy("Wait for an answer"), "accepted": gettext_lazy("Accepted"),
          "done": gettext_lazy("Done"), "declined": gettext_lazy("Declined"), "all": gettext_lazy("All")}  # fmt: skip
WITH_ALL = ("client__owner", "contact", "promise__client", "recorded_by", "settled_by")


class Asked:
    """What the address of the list asks for; odd values are left out."""

    def __init__(self, query, user):
        self.user = user
        self.state = query.get("state", "") if query.get("state", "") in STATES else "new"
        self.source = query.get("source", "") if query.get("source", "") in Suggestion.Source.values else ""
        self.owner = query.get("owner", "")[:16].replace("\0", "")
        self.client = query.get("client", "")[:16].replace("\0", "")
        self.q = query.get("q", "").replace("\0", "").strip()[:200]

    @property
    def is_filtered(self):
        return bool(self.source or self.owner or self.client or self.q or self.state != "new")

    def suggestions(self):
        found = Suggestion.objects.visible_to(self.user)
        if self.state != "all":
            found = found.filter(state=self.state)
        if self.source:
            found = found.filter(source=self.source)
        if self.client:
            found = found.filter(client__public_id=self.client)
        if self.owner:
            found = found.filter(client__owner__public_id=self._owner())
        for word in searchable(self.q).split():
            found = found.filter(Q(client__search_text__contains=word) | Q(words__icontains=word))
        return found.order_by("-said_at", "-pk")

    def _owner(self):
        return self.user.public_id if self.owner == "me" else self.owner

    @property
    def owner_options(self):
        own = Suggestion.objects.visible_to(self.user).order_by().values("client__owner")
        owners = User.objects.filter(pk__in=own).order_by("name", "pk").values_list("public_id", "name")[:200]
        return select_options(owners, self.owner)


@require_safe
def suggestions(request):
    asked = Asked(request.GET, request.user)
    page = BoundedPaginator(asked.suggestions().values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    ids = list(page.object_list)
    found = Suggestion.objects.filter(pk__in=ids).select_related(*WITH_ALL).in_bulk()
    page.object_list = [found[pk] for pk in ids if pk in found]
    context = {"page": page, "asked": asked, "states": STATES.items(), "sources": Suggestion.Source.choices}
    return render(request, "partnerships/suggestions.html", context)


@require_http_methods(["GET", "POST"])
def suggestion_new(request, client_id):
    now = timezone.now()
    client = get_object_or_404(Client.objects.writable_by(request.user).current(), public_id=client_id)
    form = SuggestionForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        suggestion = _recorded(client, form.cleaned_data, by=request.user, now=now)
        messages.success(request, _("Written down. Next, say what we make of it."))
        return redirect(suggestion)
    context = {"client": client, "form": form}
    return render(request, "partnerships/suggestion_new.html", context, status=422 if form.is_bound else 200)


def _recorded(client, data, *, by, now):
    """The suggestion, or the one the first of two clicks wrote down."""
    again = client.suggestions.filter(recorded_by=by, words=data["words"], state="new", recorded_at__date=now.date())
    if known := again.first():
        return known
    said_at = now
    if data["said_on"] and data["said_on"] != timezone.localdate(now):
        said_at = timezone.make_aware(datetime.combine(data["said_on"], time(12)))
    return Suggestion.record(
        client, by=by, now=now, words=data["words"], contact=data["contact"], source=data["source"], said_at=said_at
    )


def _found(request, suggestion_id, *, write=False):
    if write:
        found = Suggestion.objects.writable_by(request.user).filter(client__archived_at=None)
    else:
        found = Suggestion.objects.visible_to(request.user)
    return get_object_or_404(found.select_related(*WITH_ALL), public_id=suggestion_id)


@require_safe
def suggestion(request, suggestion_id):
    return _page(request, _found(request, suggestion_id))


def _page(request, suggestion, *, status=200, **forms):
    client = suggestion.client
    writable = client.can_be_written_by(request.user) and not client.archived_at
    context = {"suggestion": suggestion, "client": client, "writable": writable}
    if writable:
        context |= {
            "accept_form": AcceptForm(suggestion=suggestion),
            "decline_form": DeclineForm(),
            "done_form": DoneForm(initial={"reply": suggestion.promise.what if suggestion.promise else ""}),
        }
    return render(request, "partnerships/suggestion.html", {**context, **forms}, status=status)


def _answer(request, suggestion, form, name, verb, done):
    if not form.is_valid():
        return _page(request, suggestion, status=422, **{name: form})
    try:
        verb(form.cleaned_data)
    except DateInThePast:
        form.add_error("due", _("This day is already over where it is due."))
        return _page(request, suggestion, status=422, **{name: form})
    except NotInThisState:
        messages.warning(request, SOMEBODY_WAS_FIRST)
        return _page(request, _found(request, suggestion.public_id, write=True), status=409, **{name: form})
    undo = reverse("suggestion_undo", args=[suggestion.public_id])
    messages.success(request, done, extra_tags=f"undo:{undo}")
    return redirect(suggestion)


@require_POST
def suggestion_accept(request, suggestion_id):
    suggestion = _found(request, suggestion_id, write=True)
    form = AcceptForm(request.POST, suggestion=suggestion)

    def accept(data):
        form.save(by=request.user, now=timezone.now())

    return _answer(request, suggestion, form, "accept_form", accept, _("Accepted."))


@require_POST
def suggestion_decline(request, suggestion_id):
    suggestion = _found(request, suggestion_id, write=True)

    def decline(data):
        suggestion.decline(data["reason"], by=request.user, now=timezone.now())

    return _answer(request, suggestion, DeclineForm(request.POST), "decline_form", decline, _("Declined."))


@require_POST
def suggestion_done(request, suggestion_id):
    suggestion = _found(request, suggestion_id, write=True)

    def done(data):
        suggestion.done(data["reply"], by=request.user, now=timezone.now())

    return _answer(request, suggestion, DoneForm(request.POST), "done_form", done, _("Done. They said, we did."))


@require_POST
def suggestion_undo(request, suggestion_id):
    suggestion = _found(request, suggestion_id, write=True)
    try:
        suggestion.undo(by=request.user, now=timezone.now())
    except NotInThisState:
        messages.warning(request, SOMEBODY_WAS_FIRST)
    else:
        messages.success(request, _("Back as it was."))
    return redirect(suggestion)
