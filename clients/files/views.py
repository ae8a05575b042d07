"""Files by their address: kept, fetched, removed and brought back. Nobody learns of a file they may not read."""

import logging
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.downloads import download
from clients.files import Refused, store
from clients.models import Attachment
from clients.views.doors import go_on, writable_interaction

log = logging.getLogger(__name__)


@require_http_methods(["POST"])
def attachment_new(request):
    """One or several files of a draft, as the box sends them while somebody still writes: answers a line for each."""
    kept, refused = take(request, now=timezone.now())
    context = {"attachments": kept, "refused": refused}
    status = HTTPStatus.OK if kept else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "clients/files/_drafts.html", context, status=status)


def take(request, *, now, interaction=None, room=store.MOST):
    """Keep the files of a request: those kept, and in words why others were not."""
    kept, refused = [], []
    files = request.FILES.getlist("files")
    for file in files[:room]:
        try:
            kept.append(store.keep(file, by=request.user, now=now, interaction=interaction))
        except Refused as problem:
            refused.append(problem.words)
    if len(files) > room:
        refused.append(_("At most %(most)s files can be attached to one entry.") % {"most": store.MOST})
    return kept, refused


@require_http_methods(["GET"])
def attachment(request, public_id):
    """The file itself, always as a download, never shown in the page."""
    found = get_object_or_404(Attachment.objects.kept().visible_to(request.user), public_id=public_id)
    if not store.is_there(found):
        log.error("The file of attachment %s is not in the storage", found.pk)
        raise Http404
    answer = download(lambda: store.content_of(found), name=found.name, kind=found.kind, size=found.size)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["POST"])
def interaction_attach(request, public_id):
    """More files for an entry that is logged."""
    entry = writable_interaction(request, public_id)
    if entry.deleted_at:
        raise Http404
    room = max(0, store.MOST - entry.attachments.filter(deleted_at=None).count())
    kept, refused = take(request, now=timezone.now(), interaction=entry, room=room)
    for words in refused:
        messages.error(request, words)
    if not kept and not refused:
        messages.error(request, _("Choose a file first."))
    if kept:
        messages.success(request, _("Attached %(names)s.") % {"names": ", ".join(one.name for one in kept[:3])})
    return redirect(entry)


@require_http_methods(["POST"])
def attachment_remove(request, public_id):
    found = get_object_or_404(Attachment.objects.kept().writable_by(request.user), public_id=public_id)
    found.remove(by=request.user, now=timezone.now())
    undo = reverse("attachment_restore", args=[found.public_id])
    messages.success(request, _("Removed “%(name)s”.") % {"name": found.name}, extra_tags=f"undo:{undo}")
    return go_on(request, found.interaction or reverse("log"))


@require_http_methods(["POST"])
def attachment_restore(request, public_id):
    removed = Attachment.objects.exclude(deleted_at=None).writable_by(request.user)
    found = get_object_or_404(removed, public_id=public_id)
    found.restore()
    messages.success(request, _("“%(name)s” is back.") % {"name": found.name})
    return go_on(request, found.interaction or reverse("log"))
