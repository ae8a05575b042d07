"""Writing a promise down: one line from anywhere, or every detail on a page."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.way_back import way_back
from clients.models import Client, Interaction
from promises import forms
from promises.capture_forms import CaptureForm, line_of
from promises.models import Promise, PromiseError
from promises.suggest import agreed_in
from promises.wording import day_words

PREFILLED = ("what", "due_date", "due_time", "done_when", "direction", "interaction", "contact", "owner", "agreed_how")


def _own_client(request, public_id):
    """The client of an address or a form, if this person may write it; None where none is given."""
    if not public_id:
        return None
    writable = Client.objects.writable_by(request.user).current()
    return get_object_or_404(writable, public_id=public_id[:16].replace("\0", ""))


def _said_in(request, public_id):
    """The logged contact a promise is made from."""
    if not public_id:
        return None
    entries = Interaction.objects.kept().filter(client__in=Client.objects.writable_by(request.user).current())
    return get_object_or_404(entries.select_related("client"), public_id=public_id[:16].replace("\0", ""))


def _capture_form(request, data, *, now):
    given = request.POST if data is not None else request.GET
    said_in = _said_in(request, given.get("interaction", ""))
    at_hand = said_in.client if said_in else _own_client(request, given.get("client", ""))
    text = line_of(said_in, user=request.user) if said_in else given.get("text", "")[:500].replace("\0", "")
    return CaptureForm(
        data,
        user=request.user,
        now=now,
        at_hand=at_hand,
        interaction=said_in,
        initial_text=text if said_in or data is None else "",
    )


@require_http_methods(["GET", "POST"])
def promise_new(request):
    """One line, as a page; the dialog of every page posts here too."""
    now = timezone.now()
    form = _capture_form(request, request.POST if request.method == "POST" else None, now=now)
    looks = "look" in request.POST
    form.tried = request.method == "POST" and not looks
    if request.method == "POST" and not looks and form.is_valid():
        return _made(request, form.save(), now=now)
    status = 422 if form.tried else 200
    if request.htmx and request.method == "POST":
        return render(request, "promises/_capture_parts.html", {"capture": form}, status=status)
    context = {"capture": form, "form": form if status == 422 else None, "next": way_back(request), "now": now}
    return render(request, "promises/capture.html", context, status=status)


@require_POST
def promise_read(request):
    """The chips for what is typed so far. Writes nothing."""
    form = _capture_form(request, request.POST, now=timezone.now())
    return render(request, "promises/_capture_parts.html", {"capture": form})


def _made(request, promise, *, now):
    """Where it goes on: an offer to its own page, to be sent from there; else back to where one was."""
    for name, why in promise.remarks_on_due_day():
        messages.warning(
            request,
            _("%(day)s is not a working day for %(name)s (%(why)s). The date stays as agreed.")
            % {"day": f"{promise.due_date:%d %b}", "name": name, "why": why},
        )
    undo = reverse("promise_slip", args=[promise.public_id]) if promise.is_fresh(request.user, now) else ""
    itself = promise.get_absolute_url()
    there = itself if promise.is_proposed else way_back(request) or itself
    tags = [f"undo:{undo}"] if undo else []
    tags += [f"see:{itself}"] if there != itself else []
    messages.success(request, _made_words(promise, now=now), extra_tags=" ".join(tags))
    return HttpResponseClientRedirect(there) if request.htmx else redirect(there)


def _made_words(promise, *, now):
    known = {"what": promise.what[:60], "day": day_words(promise.due_date, now=now), "name": promise.other_side}
    if promise.is_proposed:
        return _("Offered: %(what)s, by %(day)s. It binds once it is agreed.") % known
    if promise.is_ours:
        return _("Promised to %(name)s: %(what)s, by %(day)s.") % known
    return _("Promised by %(name)s: %(what)s, by %(day)s.") % known


@require_POST
def promise_slip(request, public_id):
    """Undo of a promise just written down."""
    now = timezone.now()
    promise = get_object_or_404(Promise.objects.writable_by(request.user).with_calendars(), public_id=public_id)
    try:
        promise.take_back_slip(by=request.user, now=now)
    except PromiseError as refused:
        messages.warning(request, str(refused.words))
    else:
        messages.success(request, _("Taken back. It counts nowhere."))
    return redirect(way_back(request) or promise)


# -------------------------------------------------------------------- every detail


@require_http_methods(["GET", "POST"])
def promise_details(request):
    now = timezone.now()
    client = _own_client(request, request.POST.get("client") or request.GET.get("client", ""))
    if client is None:
        return _which_client(request, now=now)
    form = forms.PromiseForm(
        request.POST or None, user=request.user, now=now, client=client, initial=_first_guess(request, client)
    )
    if request.method == "POST" and form.is_valid():
        return _made(request, form.save(), now=now)
    context = {"form": form, "client": client, "next": way_back(request)}
    return render(request, "promises/new.html", context, status=422 if form.is_bound else 200)


def _first_guess(request, client):
    given = {key: request.GET[key][:300] for key in PREFILLED if request.GET.get(key)}
    if said_in := _said_in(request, given.get("interaction", "")):
        given.setdefault("agreed_how", agreed_in(said_in))
    owner = request.user if client.can_be_written_by(request.user) else client.owner
    return {"direction": "ours", "owner": owner.public_id, **given}


def _which_client(request, *, now):
    asked = "client_name" in request.GET
    form = forms.WhichClientForm(request.GET if asked else None, user=request.user, now=now)
    if asked and form.is_valid():
        query = request.GET.copy()
        query.pop("client_name")
        query["client"] = form.client.public_id
        return redirect(f"{reverse('promise_details')}?{query.urlencode()}")
    own = Client.objects.writable_by(request.user).current().filter(owner=request.user).only("name")[:100]
    return render(request, "promises/which_client.html", {"form": form, "own": own}, status=422 if asked else 200)
