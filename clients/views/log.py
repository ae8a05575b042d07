"""Logging a contact: one box, and what becomes of it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import conflict
from accounts.forms import posted
from clients import composer
from clients.log_forms import InteractionForm, LogForm, find_client
from clients.models import Client, Contact, Interaction, NotAllowed
from clients.views.doors import go_on, writable_interaction

FOUND = 12


def _client_of(request, data):
    """The client a box is about: by id, or by the name that was typed; with the candidates when it is not clear."""
    writable = Client.objects.writable_by(request.user).select_related("owner")
    if public_id := data.get("client", ""):
        return writable.filter(public_id=public_id).first() if "\0" not in public_id else None, []
    if name := data.get("client_name", "").strip()[:200]:
        return find_client(name, user=request.user) if "\0" not in name else (None, [])
    return None, []


def _form(request, data, client, now):
    """Filled in as its address says: `contact` whom, `kind` how."""
    asked = request.GET
    public_id = asked.get("contact", "")[:16].replace("\0", "")
    whom = Contact.objects.filter(client=client, public_id=public_id).first() if client and public_id else None
    last_kind = asked.get("kind") or request.session.get("last_kind", "")
    last = {"last_people": [whom]} if whom else {}
    return LogForm(data, user=request.user, client=client, now=now, last_kind=last_kind, **last)


@require_http_methods(["GET", "POST"])
def log(request):
    """The composer as a page, and where every composer posts to."""
    now = timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    client, candidates = _client_of(request, data)
    form = _form(request, request.POST if request.method == "POST" else None, client, now)
    if request.method == "GET" or not form.is_valid() or client is None:
        context = {
            "log": form,
            "client": client,
            "client_name": data.get("client_name", "")[:200],
            "candidates": candidates,
            "which": request.method == "POST" and client is None,
            "now": now,
        }
        return render(request, "clients/log.html", context, status=422 if request.method == "POST" else 200)
    interaction, _created = form.save()
    request.session["last_kind"] = interaction.kind
    undo = reverse("interaction_remove", args=[interaction.public_id])
    messages.success(request, logged_words(interaction, form.cleaned_data["contacts"]), extra_tags=f"undo:{undo}")
    return redirect(f"{client.get_absolute_url()}#what")  # the box, empty again and with the focus


def logged_words(interaction, people):
    """“Logged a call with Rosa.”"""
    words = {
        Interaction.Kind.CALL: _("Logged a call"),
        Interaction.Kind.MEETING: _("Logged a meeting"),
        Interaction.Kind.VISIT: _("Logged a visit"),
        Interaction.Kind.EMAIL: _("Logged an e-mail"),
        Interaction.Kind.MESSAGE: _("Logged a message"),
        Interaction.Kind.NOTE: _("Logged a note"),
    }[interaction.kind]
    names = [person.first_name for person in people[:3]]
    if not names:
        return words + "."
    together = names[0] if len(names) == 1 else _("%s and %s") % (", ".join(names[:-1]), names[-1])
    return _("%(logged)s with %(names)s.") % {"logged": words, "names": together}


@require_http_methods(["POST"])
def log_guess(request):
    """The chips and suggestions for what is typed so far. Writes nothing."""
    now = timezone.now()
    client, candidates = _client_of(request, request.POST)
    form = _form(request, request.POST, client, now)
    return render(request, "clients/_guessed.html", {"log": form, "client": client, "candidates": candidates})


@require_http_methods(["GET"])
def log_clients(request):
    """Names of clients for the field on the log page, as options; a dozen of any number."""
    words = request.GET.get("client_name", "").strip()[:200]
    found = Client.objects.writable_by(request.user).current()
    found = found.search(words).only("name", "public_id", "city")[:FOUND] if words else found.none()
    return render(request, "clients/_client_options.html", {"found": found})


@require_http_methods(["GET", "POST"])
def interaction(request, public_id):
    """One entry: read, correct, remove, and how it read before."""
    now = timezone.now()
    entry = writable_interaction(request, public_id)
    client = entry.client
    form = InteractionForm(posted(request), instance=entry, now=now)
    context = {"entry": entry, "client": client, "form": form}
    if request.method == "POST" and not entry.deleted_at and form.is_valid():
        try:
            form.save_if_current(by=request.user, now=now)
        except conflict.Stale:
            return conflict.answer(request, "clients/interaction.html", form, context)
        messages.success(request, _("Saved."))
        return redirect(client)
    versions = entry.history.select_related("history_user")[:20]
    return render(
        request,
        "clients/interaction.html",
        {**context, "versions": versions if len(versions) > 1 else []},
        status=422 if request.method == "POST" else 200,
    )


@require_http_methods(["POST"])
def interaction_remove(request, public_id):
    entry = writable_interaction(request, public_id)
    try:
        entry.remove(now=timezone.now())
    except NotAllowed as reason:
        messages.warning(request, str(reason))
    else:
        undo = reverse("interaction_restore", args=[entry.public_id])
        words = " ".join([_("Removed from the timeline."), *composer.what_stays(entry)])
        messages.success(request, words, extra_tags=f"undo:{undo}")
    return redirect(entry.client)


@require_http_methods(["POST"])
def interaction_restore(request, public_id):
    entry = writable_interaction(request, public_id)
    try:
        entry.restore()
    except NotAllowed as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("Back in the timeline."))
    return go_on(request, entry.client)
