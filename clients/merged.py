"""A client that was merged into another: its addresses lead there, and what was being written is shown again."""

from django.http import Http404
from django.shortcuts import redirect, render

from clients.models import Client, Merge

HIDDEN = ("csrfmiddlewaretoken", "version", "was", "idempotency_key", "next")


class Merged(Http404):
    """The record asked for goes by another address now."""

    def __init__(self, gone, kept):
        super().__init__(gone.public_id)
        self.gone, self.kept = gone, kept


def look_for(rows, *, public_id):
    """`Merged` when the id belonged to a client that is part of one of these now; else nothing."""
    gone = Client.objects.filter(public_id=public_id).exclude(merged_into=None).select_related("merged_into").first()
    if gone is None:
        return
    kept, seen = gone.merged_into, {gone.pk}
    while kept.merged_into_id and kept.pk not in seen:
        seen.add(kept.pk)
        kept = kept.merged_into
    if rows.filter(pk=kept.pk).exists():
        raise Merged(gone, kept)


class MergedMiddleware:
    """Reading goes on at the other client; writing is answered with what was typed, so that nothing is lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Merged):
            return None
        if request.method in ("GET", "HEAD"):
            return redirect(request.get_full_path().replace(exception.gone.public_id, exception.kept.public_id))
        typed = [value for name, value in request.POST.items() if name not in HIDDEN and len(value) > 2]
        merge = Merge.objects.filter(gone_client=exception.gone, undone_at=None).select_related("by").first()
        context = {"gone": exception.gone, "kept": exception.kept, "typed": typed, "merge": merge}
        return render(request, "clients/merged_meanwhile.html", context, status=409)
