"""Pages of history of this room's records: a person at a client, an entry, a request."""

from dataclasses import replace

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import changes
from accounts.changes import Page, Rows
from clients.follow_ups import verbs as follow_ups
from clients.merging import secrets
from clients.models import Attachment, Contact, Interaction, Request


def register():
    changes.register(
        "contact", Page(_find(Contact.objects.filter(deleted_at=None)), _of_name, _person_at, _story_of_person)
    )
    changes.register("entry", Page(_find(Interaction.objects.all()), _of_entry, _entry_at, _story_of_entry))
    changes.register("request", Page(_find(Request.objects.all()), _of_request, _record_at, _story_of_request))
    changes.register("follow-up", Page(_follow_up, _of_follow_up, _follow_up_at))


def _follow_up(request, public_id):
    """Theirs alone, as it is itself."""
    return get_object_or_404(follow_ups.visible(request.user).select_related("client"), public_id=public_id)


def _of_follow_up(follow_up):
    return _("History of a follow-up at %(client)s") % {"client": follow_up.client.name}


def _follow_up_at(follow_up):
    return follow_up.client.name, reverse("follow_up", args=[follow_up.public_id])


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


def _story_of_person(person, reader):
    """But for what they were while they were one with somebody at a client the reader may not see."""
    told, secret = changes.rows_of(person), secrets.of_contact(person, reader)
    rows = [row for row in told.rows if not secret.hides(row.history_date)] if secret.spans else told.rows
    return changes.story([replace(told, rows=rows)])


def _story_of_entry(entry, _reader):
    """The entry, and the files it has or had."""
    ever = Attachment.history.filter(interaction_id=entry.pk).values("id")
    files = Attachment.history.filter(id__in=ever).select_related("history_user")
    files = files.order_by("id", "-history_date", "-history_id")[: changes.READ]
    without = changes.BOOKKEEPING | {"interaction", "received", "uploaded_at", "uploaded_by", "kind", "size"}
    told = Rows(files, Attachment, lambda row: _("File: %(name)s") % {"name": row.name}, without)
    return changes.story([changes.rows_of(entry), told])


def _record_at(record):
    return record.client.name, record.get_absolute_url()


CLOCK = {
    "first_due_at", "waiting_since", "answer_due_at", "first_answered_at", "answer_minutes", "soon_flagged_at",
    "overdue_flagged_at", "escalated_at", "first_answer", "closed_at",
}  # fmt: skip


def _story_of_request(request, _reader):
    """What somebody changed, and what happened to it as its events tell."""
    rows = changes.rows_of(request, without=changes.BOOKKEEPING | CLOCK)
    return changes.story([rows], also=changes.told_by_events(request.events.select_related("by")))
