"""“Don't ask me again”: no survey writes to this person any more, in any round."""

from django.db import transaction

from clients.models import Contact
from surveys.models import Invitation, Result, Round


@transaction.atomic
def stop_asking(contact, *, now):
    """Safe to call twice. What they have already answered stays."""
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if contact.mail_state != Contact.MailState.UNSUBSCRIBED:
        contact.mail_state, contact.mail_state_at = Contact.MailState.UNSUBSCRIBED, now
        contact.save(update_fields=["mail_state", "mail_state_at"])
    open_ones = contact.invitations.filter(state__in=Invitation.UNANSWERED).exclude(round__state=Round.State.CLOSED)
    for invitation in open_ones:
        Result.objects.mark_stale(round_id=invitation.round_id, client_ids=[invitation.client_id])
    open_ones.update(state=Invitation.State.DECLINED)
