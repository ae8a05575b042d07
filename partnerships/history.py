"""Pages of history: talks to clear the air, and suggestions."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts import changes
from accounts.changes import Page
from partnerships.models import Concern, Suggestion


def register():
    changes.register("concern", Page(_find(Concern), _title, _concern_at, _story))
    changes.register("suggestion", Page(_find(Suggestion), _title, _suggestion_at))


def _find(model):
    def find(request, public_id):
        found = model.objects.all().visible_to(request.user).select_related("client")
        return get_object_or_404(found, public_id=public_id)

    return find


def _title(record):
    words = (
        _("History of a talk with %(client)s")
        if isinstance(record, Concern)
        else _("History of a suggestion of %(client)s")
    )
    return words % {"client": record.client.name}


def _concern_at(concern):
    return concern.client.name, concern.get_absolute_url()


def _suggestion_at(suggestion):
    return suggestion.client.name, suggestion.get_absolute_url()


def _story(concern, _reader):
    rows = changes.rows_of(concern)
    return changes.story([rows], also=changes.told_by_events(concern.events.select_related("by")))
