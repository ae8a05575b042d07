"""The history of a promise is its story: every event, with what a correction changed."""

from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts import changes
from accounts.changes import Difference, Happening, Page
from promises.models import Promise, PromiseEvent


def register():
    changes.register("promise", Page(_find, _title, _back, _story))


def _find(request, public_id):
    found = Promise.objects.all().visible_to(request.user).select_related("client")
    return get_object_or_404(found, public_id=public_id)


def _title(promise):
    return _("History of “%(what)s”") % {"what": promise.what}


def _back(promise):
    return promise.what, promise.get_absolute_url()


def _story(promise):
    """Newest first; a correction says what stood there before, and what it became by the next one or stands now."""
    told, after = [], {"what": promise.what, "due": promise.first_due_at.isoformat()}
    for event in promise.events.select_related("by", "by_contact").order_by("-at", "-pk"):
        differences = [Difference("", "", event.note)] if event.note else []
        before = event.data.get("before") if event.kind == PromiseEvent.Kind.CORRECTED else None
        for name, label in (("what", _("What")), ("due", _("Due"))):
            if isinstance(before, dict) and before.get(name, after[name]) != after[name]:
                differences.append(Difference(label, _words(before[name], name), _words(after[name], name)))
                after[name] = before[name]
        told.append(Happening(event.at, event.by_contact or event.by, event.get_kind_display(), "", differences))
    return changes.story([], also=told)


def _words(value, name):
    moment = parse_datetime(value) if name == "due" else None
    return changes.plain(moment) if moment else value
