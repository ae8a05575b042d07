"""Pages of history of this room's records: a person at a client, an entry, a request."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import changes
from accounts.changes import Page
from clients.models import Contact, Interaction, Request


def register():
    changes.register("contact", Page(_find(Contact.objects.filter(deleted_at=None)), _of_name, _person_at))
    changes.register("entry", Page(_find(Interaction.objects.all()), _of_entry, _entry_at))
    changes.register("request", Page(_find(Request.objects.all()), _of_request, _record_at, _story_of_request))


def _find(rows):
    def find(request, public_id):
        found = rows.all().visible_to(request.user).select_related("client")
        record = get_object_or_404(found, public_id=public_id)
        if record.deleted_at and not record.client.can_be_written_by(request.user):
            raise Http404(public_id)  # what was removed is for who may bring it back
        return record

    return find


def _of_name(record):
    return _("History of %(name)s") % {"name": record.name}


def _of_entry(entry):
    return _("History of an entry at %(client)s") % {"client": entry.client.name}


def _of_request(request):
    return _("History of a request of %(client)s") % {"client": request.client.name}


def _person_at(person):
    return person.client.name, reverse("client_people", args=[person.client.public_id])


def _entry_at(entry):
    return entry.client.name, entry.client.get_absolute_url()


def _record_at(record):
    return record.client.name, record.get_absolute_url()


CLOCK = {
    "first_due_at", "waiting_since", "answer_due_at", "first_answered_at", "answer_minutes", "soon_flagged_at",
    "overdue_flagged_at", "escalated_at", "first_answer", "closed_at",
}  # fmt: skip


def _story_of_request(request):
    """What somebody changed, and what happened to it as its events tell."""
    rows = changes.rows_of(request, without=changes.BOOKKEEPING | CLOCK)
    return changes.story([rows], also=changes.told_by_events(request.events.select_related("by")))
