"""The trash: what was removed, by whom, until when it can be brought back."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients import trash as bin
from clients.models import Contact, NotAllowed
from clients.views.doors import writable_client


@require_http_methods(["GET"])
def trash(request):
    only = request.GET.get("only", "")
    edges = {name: request.GET.get(name, "") for name in ("after", "before")}
    removed, page = bin.trash(request.user, only=only, **edges)
    context = {
        "removed": removed,
        "page": page,
        "days": bin.KEPT.days,
        "only": only if only in bin.KINDS else "",
        "kinds": [("", _("All")), *((kind, bin.MANY[kind]) for kind in bin.KINDS)],
    }
    return render(request, "clients/trash.html", context)


@require_http_methods(["POST"])
def trash_restore(request, kind, public_id):
    if kind not in bin.KINDS:
        raise Http404(kind)
    rows = bin.rows_of(kind, request.user)
    record = get_object_or_404(rows, public_id=public_id)
    try:
        record.restore()
    except NotAllowed as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("It is back."))
    return redirect(f"{reverse('trash')}?{query}" if (query := _list_as_it_was(request)) else "trash")


def _list_as_it_was(request):
    """The kind and the page somebody looked at."""
    named = {name: request.GET[name][:500] for name in ("only", "after", "before") if request.GET.get(name)}
    return urlencode(named)


@require_http_methods(["POST"])
def contact_remove(request, public_id, person_id):
    """Somebody added by mistake; who has a history with us has left instead."""
    client = writable_client(request, public_id)
    there = Contact.objects.filter(client=client, merged_into=None, deleted_at=None).select_related("client")
    person = get_object_or_404(there, public_id=person_id)
    try:
        bin.remove_person(person, by=request.user, now=timezone.now())
    except NotAllowed as reason:
        messages.warning(request, str(reason))
        return redirect("contact_edit", client.public_id, person.public_id)
    undo = reverse("trash_restore", args=["contact", person.public_id])
    words = _("Removed %(name)s. They lie in the trash for 30 days.")
    messages.success(request, words % {"name": person.name}, extra_tags=f"undo:{undo}")
    return redirect("client_people", client.public_id)
