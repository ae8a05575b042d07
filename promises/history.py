"""The history of a promise is its story: every event, with what a correction changed."""

from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import changes
from accounts.changes import Difference, Happening, Page
from accounts.models import User
from promises.models import Promise, PromiseEvent


def register():
    changes.register("promise", Page(_find, _title, _back, _story))


def _find(request, public_id):
    found = Promise.objects.all().visible_to(request.user).select_related("client", "promisee_contact")
    return get_object_or_404(found, public_id=public_id)


def _title(promise):
    return _("History of “%(what)s”") % {"what": promise.what}


def _back(promise):
    return promise.what, promise.get_absolute_url()


CORRECTED = {
    "what": gettext_lazy("What"),
    "due": gettext_lazy("Due"),
    "done_when": gettext_lazy("Done when"),
    "importance": gettext_lazy("Importance"),
    "contact": gettext_lazy("Promised to"),
    "external_id": gettext_lazy("Number"),
}
MOVES = (PromiseEvent.Kind.MOVED, PromiseEvent.Kind.COUNTERED)


def _story(promise, _reader):
    """Newest first; a correction says what stood there before, and what it became by the next one or stands now."""
    events = list(promise.events.select_related("by", "by_contact").order_by("-at", "-pk"))
    names, told, after = _owners(events), [], _standing(promise)
    for event in events:
        differences = [Difference("", "", event.note)] if event.note else []
        data = event.data
        if event.kind == PromiseEvent.Kind.HANDED_OVER and data.get("was") in names:
            differences.append(Difference(_("Owner"), names[data["was"]], data.get("name", "")))
        before = data.get("before") if isinstance(data.get("before"), dict) else {}
        if event.kind in MOVES and data.get("old"):
            before = {**before, "due": data["old"]}
        for name, label in CORRECTED.items():
            if name in before and before[name] != after[name]:
                differences.append(Difference(label, _words(before[name], name), _words(after[name], name)))
                after[name] = before[name]
        told.append(Happening(event.at, event.by_contact or event.by, event.get_kind_display(), "", differences))
    return changes.story([], also=told)


def _standing(promise):
    """What each field says now, as the events write it down."""
    return {
        "what": promise.what,
        "due": promise.due_at.isoformat(),
        "done_when": promise.done_when,
        "importance": promise.importance,
        "contact": promise.promisee_contact.name if promise.promisee_contact else "",
        "external_id": promise.external_id or "",
    }


def _owners(events):
    """{public_id: name} of whoever it was handed over by, in one query."""
    handed = [event for event in events if event.kind == PromiseEvent.Kind.HANDED_OVER]
    were = {event.data["was"] for event in handed if "was" in event.data}
    return dict(User.objects.filter(public_id__in=were).values_list("public_id", "name")) if were else {}


def _words(value, name):
    if name == "due":
        moment = parse_datetime(value)
        return changes.plain(moment) if moment else value
    if name == "importance":
        return str(dict(Promise.Importance.choices).get(value, value))
    return value or "–"
