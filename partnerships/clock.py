"""The clock's view of concerns: who was spoken with meanwhile, what is out of time, what is to be asked."""

from django.db.models import Exists, Min, OuterRef

from clients.models import Interaction
from partnerships import cleared
from partnerships.models import Concern
from promises.reminders.scans import each

PATIENCE = 1  # working days of the lead after a target was missed; then the managers hear of it


def plan(now):
    """Everything that is due; safe to run twice, late, or by hand. Returns what was done, for the log."""
    return {
        "spoken with": note_contacts(now),
        "escalated": escalate(now),
        "asked": cleared.plan(now),
    }


def note_contacts(now):
    """A call, meeting or mail logged since it was opened is the first contact; nobody has to say so twice."""
    spoken = Interaction.objects.filter(client=OuterRef("client"), happened_at__gte=OuterRef("opened_at"))
    spoken = spoken.exclude(kind=Interaction.Kind.NOTE)
    waiting = Concern.objects.unresolved().filter(first_contact_at=None, contact_due_at__isnull=False)

    def note(concern):
        talks = concern.client.interactions.exclude(kind=Interaction.Kind.NOTE)
        first = talks.filter(happened_at__gte=concern.opened_at, happened_at__lte=now).order_by("happened_at").first()
        since = concern.events.filter(kind="reopened").aggregate(at=Min("at"))["at"]
        if first is None or (since and first.happened_at < since):
            return False
        return concern.note_contact(at=first.happened_at, by=first.author, now=now)

    return each(waiting.filter(Exists(spoken)).with_people(), note)


def escalate(now):
    """Overdue for more than a working day of whoever leads it: the managers hear of it, once."""
    late = Concern.objects.overdue(now).filter(escalated_at=None, client__archived_at=None).with_people()

    def tell(concern):
        due = concern.contact_due_at if concern.late(now) == "contact" else concern.talk_due_at
        return concern.leader.calendar().working_days(due, now) > PATIENCE and concern.escalate(now=now)

    return each(late.prefetch_related("lead__absences", "client__owner__absences"), tell)
