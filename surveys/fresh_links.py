"""A fresh link for somebody whose own does not work any more: by mail to the address we know, at most one an hour."""

from django.db import transaction

from outbox.models import Email
from surveys import letters
from surveys.models import Invitation, InvitationMessage, Round

MOST_PEOPLE = 10


def send(address, *, now):
    """Mails a link to each open invitation of this address. Returns how many were written."""
    asked = Invitation.objects.filter(
        contact__email=address.strip().lower(),
        contact__left_at=None,
        client__archived_at=None,
        round__state=Round.State.OPEN,
        queued_at__isnull=False,
    ).exclude(state=Invitation.State.WITHDRAWN)
    asked = asked.with_people()
    return sum(_send_one(invitation, now=now) for invitation in asked[:MOST_PEOPLE])


def send_to(invitation, *, now):
    """Mails a link to this one person, while their round takes answers. True when it was written now."""
    return invitation.round.takes_answers and _send_one(invitation, now=now)


@transaction.atomic
def _send_one(invitation, *, now):
    # The row's lock numbers the messages; the hour in the key keeps anybody from filling somebody's mailbox.
    Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    owner = invitation.client.owner
    email, created = Email.objects.queue(
        kind="surveys.fresh_link",
        key=f"surveys.fresh_link:{invitation.pk}:{now:%Y-%m-%dT%H}",
        to=invitation.contact.email,
        to_name=invitation.contact.name,
        from_name=owner.name,
        reply_to=owner.email,
        subject=letters.subject_of_fresh_link(invitation),
        about=f"{invitation.round.name}, {invitation.client.name}",
    )
    if created:
        last = invitation.messages.filter(step__gte=InvitationMessage.FRESH).order_by("-step").first()
        step = last.step + 1 if last else InvitationMessage.FRESH
        InvitationMessage.objects.create(invitation=invitation, email=email, step=step)
    return created
