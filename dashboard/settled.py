"""Who settled what left My day while it was looked at: oneself in another tab or on the telephone, or a colleague."""

from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.quick import date_format
from clients.models import FollowUp, Request, RequestEvent
from promises.models import Promise, PromiseEvent

MOST = 50


@require_GET
def settled_page(request):
    """{id of a row: the words}, for those that somebody settled and this reader may read."""
    ids = [one[:16].replace("\0", "") for one in request.GET.getlist("id")[:MOST]]
    return JsonResponse(words(ids, reader=request.user), headers={"Cache-Control": "no-store"})


def words(ids, *, reader):
    said = {}
    for found, events in (
        (Request.objects.visible_to(reader), RequestEvent.objects),
        (Promise.objects.visible_to(reader), PromiseEvent.objects),
    ):
        keys = dict(found.filter(public_id__in=ids).values_list("pk", "public_id"))
        name = "request" if events.model is RequestEvent else "promise"
        told = events.filter(by__isnull=False, **{f"{name}__in": keys}).select_related("by")
        for event in told.order_by("pk"):  # the last one stays
            said[keys[getattr(event, f"{name}_id")]] = _words(event, reader)
    own = FollowUp.objects.filter(user=reader, public_id__in=ids).exclude(done_at=None)
    return said | {one.public_id: _("You did this, %(time)s") % {"time": _clock(one.done_at)} for one in own}


def _words(event, reader):
    known = {"name": event.by.name, "time": _clock(event.at)}
    mine = event.by == reader
    if event.kind == RequestEvent.Kind.ANSWERED:
        return (_("You answered, %(time)s") if mine else _("%(name)s answered, %(time)s")) % known
    if event.kind == RequestEvent.Kind.HANDED_OVER:
        return (_("You handed it over, %(time)s") if mine else _("%(name)s handed it over, %(time)s")) % known
    return (_("You settled this, %(time)s") if mine else _("%(name)s settled this, %(time)s")) % known


def _clock(moment):
    return date_format(timezone.localtime(moment), "H:i")
