"""Logging a contact: one box, and what becomes of it."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import conflict
from accounts.forms import posted
from clients import composer, whose
from clients.files import views as files
from clients.log_forms import InteractionForm, LogForm, find_client
from clients.models import Client, Contact, Interaction, NotAllowed
from clients.views.doors import go_on, writable_interaction

FOUND = 12


def _client_of(request, data):
    """The client a box is about: chosen, typed, or named in the text; the candidates when it is not clear; and whether
    the text may still change it. What was guessed (`guessed_client`) is guessed anew until somebody types a name.
    """
    writable = Client.objects.writable_by(request.user).select_related("owner")
    if public_id := _plain(data.get("client", "")):
        return writable.filter(public_id=public_id).first(), [], "page"
    name, guessed = _plain(data.get("client_name", "")).strip()[:200], _plain(data.get("guessed_client", ""))
    before = writable.current().filter(public_id=guessed).first() if guessed else None
    if before and name == before.name and data.get("guessed_from") == "page":
        return before, [], "page"
    if name and not (before and name == before.name):
        return *find_client(name, user=request.user), "page"
    text = _plain(data.get("body", ""))
    found, candidates = whose.named_in(text, user=request.user, prefer=before) if text.strip() else (None, [])
    return (found, candidates, "text") if found or candidates else (before, [], "text")


def _plain(text):
    return "" if "\0" in text else text


def _form(request, data, client, now):
    """Filled in as its address says: `contact` whom, `kind` how, `answers` which request."""
    wishes = request.GET
    public_id = _plain(wishes.get("contact", "")[:16])
    whom = Contact.objects.filter(client=client, public_id=public_id).first() if client and public_id else None
    last_kind = wishes.get("kind") or request.session.get("last_kind", "")
    last = {"last_people": [whom]} if whom else {}
    asked = {"answers": wishes.getlist("answers")}
    if data is not None and client and data.get("guessed_client", client.public_id) != client.public_id:
        data = data.copy()  # what was chosen for another client does not hold for this one
        for name in ("contacts", "guessed_contacts", "answers", "author"):
            data.pop(name, None)
    form = LogForm(data, user=request.user, client=client, now=now, last_kind=last_kind, asked=asked, **last)
    form.at = "dlog" if (data or wishes).get("at") == "dlog" else "log"
    return form


@require_http_methods(["GET", "POST"])
def log(request):
    """The composer as a page and as what the dialog holds (`at=dlog`), and where every composer posts to.

    A box sent by script asks for JSON: what was logged and how to undo it, or the box again with what is wrong.
    """
    now = timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    client, candidates, guessed_from = _client_of(request, data)
    fixed = bool(client and data.get("client") and not candidates and "client_name" not in data)
    if request.method == "GET" and client is None and not data.get("client_name") and not data.get("client"):
        client = whose.last_client(request.user)
    form = _form(request, request.POST if request.method == "POST" else None, client, now)
    if request.method == "POST":
        form.just_kept, form.just_refused = files.take(request, now=now)
    if request.method == "POST" and data.get("writer", request.user.public_id) != request.user.public_id:
        return HttpResponse(status=409)  # kept by somebody else in this browser; it waits for them
    by_script = request.headers.get("Accept") == "application/json"
    looks = "look" in data
    if request.method == "GET" or looks or not form.is_valid() or client is None:
        if looks:
            form.is_valid()
            form.errors.clear()
        context = {
            "log": form,
            "client": client,
            "client_field": not fixed or form.at == "dlog",
            "guessed_from": guessed_from,
            "client_name": data.get("client_name", "")[:200],
            "candidates": candidates,
            "which": request.method == "POST" and client is None,
            "now": now,
        }
        template = "clients/_composer.html" if by_script or form.at == "dlog" else "clients/log.html"
        return render(request, template, context, status=422 if request.method == "POST" and not looks else 200)
    interaction, _created = form.save()
    if request.session.get("last_kind") != interaction.kind:
        request.session["last_kind"] = interaction.kind
    undo = reverse("interaction_remove", args=[interaction.public_id])
    words = logged_words(interaction, form.cleaned_data["contacts"])
    if by_script:
        return JsonResponse({"text": words, "undo": undo, "client": client.public_id})
    messages.success(request, words, extra_tags=f"undo:{undo}")
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
    client, candidates, guessed_from = _client_of(request, request.POST)
    form = _form(request, request.POST, client, now)
    context = {"log": form, "client": client, "candidates": candidates, "guessed_from": guessed_from}
    context["client_field"] = "client_name" in request.POST
    return render(request, "clients/_guessed.html", context)


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
    context = {"entry": entry, "client": client, "form": form, "may_write": True}
    if request.method == "POST" and not entry.deleted_at and form.is_valid():
        try:
            form.save_if_current(by=request.user, now=now)
        except conflict.Stale:
            return conflict.answer(request, "clients/interaction.html", form, context)
        messages.success(request, _("Saved."))
        return redirect(client)
    versions = entry.history.select_related("history_user")[:20]
    refused = 409 if entry.deleted_at else 422
    return render(
        request,
        "clients/interaction.html",
        {**context, "versions": versions if len(versions) > 1 else []},
        status=refused if request.method == "POST" else 200,
    )


@require_http_methods(["POST"])
def interaction_remove(request, public_id):
    entry = writable_interaction(request, public_id)
    try:
        entry.remove(by=request.user, now=timezone.now())
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
