"""Mails that follow an answer: thanks to the person who gave it, and the news to the client's owner."""

from django.db import transaction
from django.utils.translation import gettext as _

from outbox.models import Email
from surveys import letters
from surveys.mails import to_staff
from surveys.models import Belief, InvitationMessage, Response


@transaction.atomic
def thank(response):
    """One thank-you with a copy of their answers, at the first submission."""
    invitation = response.invitation
    owner = invitation.client.owner
    if not invitation.contact.email:
        return
    email, created = Email.objects.queue(
        kind="surveys.thanks",
        key=f"surveys.thanks:{invitation.pk}",
        to=invitation.contact.email,
        to_name=invitation.contact.name,
        from_name=owner.name,
        reply_to=owner.email,
        subject=letters.subject_of_thanks(invitation, response.language),
        about=f"{invitation.round.name}, {invitation.client.name}",
    )
    if created:
        InvitationMessage.objects.create(invitation=invitation, email=email, step=InvitationMessage.THANKS)


def plan(now):
    """Tells owners of submitted answers, once their own belief is recorded. Returns how many were told."""
    waiting = Response.objects.to_tell().select_related(
        "invitation__client__owner", "invitation__round", "invitation__contact"
    )
    return sum(tell_owner(response, now=now) for response in waiting)


@transaction.atomic
def tell_owner(response, *, now):
    """Writes the news to the owner unless their belief is still to come. True when it was written now."""
    invitation = response.invitation
    owner = invitation.client.owner
    owes = Belief.objects.filter(
        round=invitation.round_id, client=invitation.client_id, user=owner, recorded_at=None
    ).exists()
    if owes or not Response.objects.filter(pk=response.pk, owner_told_at=None).update(owner_told_at=now):
        return False
    subject = _("%(client)s answered and asks for a call") if response.wants_call else _("%(client)s answered")
    to_staff("surveys.new_answer", invitation, owner, subject=subject % {"client": invitation.client.name})
    return True
