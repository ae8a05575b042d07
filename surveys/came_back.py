"""Mail to somebody we ask comes back: their invitation says so, the owner hears of it, and it can go out again."""

from django.db import transaction
from django.utils.translation import gettext as _

from clients import mail_states
from clients.models import Contact
from outbox.models import Email
from outbox.reasons import reason
from surveys import send_again as once_more
from surveys.client_rounds import rounds_of
from surveys.models import Invitation, InvitationMessage, NotPossibleNow, Result, Round, RoundMail

State = Invitation.State
CAN_COME_BACK = (State.PENDING, State.SENT)
TELL = "surveys.undeliverable"


class NotAgain(Exception):
    """It cannot be sent again at the moment; the message says why, for people."""


# -------------------------------------------------------------------- as the outbox tells it


def mail_failed(email, now):
    """A mail of an invitation was refused for good or came back."""
    message = InvitationMessage.objects.filter(email=email).first()
    if message is None or email.state not in Email.CAME_BACK:
        return
    _give_up(Invitation.objects.filter(pk=message.invitation_id), words=reason(email), now=now)


def address_died(address, now):
    """Nothing sent to this address arrives: whoever is asked there, in whichever round is open, cannot be reached."""
    asked = Invitation.objects.filter(contact__email=address, round__state=Round.State.OPEN)
    _give_up(asked, words=_("Their mail comes back."), now=now)


def corrected(email, to, now):
    """A person says where this mail goes. "", or why it cannot go there."""
    invitation = InvitationMessage.objects.select_related("invitation__contact").get(email=email).invitation
    why_not = mail_states.correct(invitation.contact, email, to, now=now)
    if not why_not:
        _asked_again(invitation)
    return why_not


@transaction.atomic
def _give_up(invitations, *, words, now):
    for invitation in invitations.filter(state__in=CAN_COME_BACK).with_people().select_for_update(of=("self",)):
        invitation.state, invitation.hold_reason = State.UNDELIVERABLE, words[:200]
        invitation.send_at = None
        invitation.save(update_fields=["state", "hold_reason", "send_at"])
        Result.objects.mark_stale(round_id=invitation.round_id, client_ids=[invitation.client_id])
        _tell_owner(invitation, now=now)


def _tell_owner(invitation, *, now):
    """Once a day at most for one invitation, whatever comes back."""
    owner = invitation.client.owner
    email, created = Email.objects.queue(
        kind=TELL,
        key=f"{TELL}:{invitation.pk}:{now:%Y-%m-%d}",
        to=owner.email,
        to_name=owner.name,
        subject=_("Mail to %(name)s comes back") % {"name": invitation.contact.name},
        about=f"{invitation.round.name}, {invitation.client.name}",
    )
    if created:
        RoundMail.objects.create(round=invitation.round, email=email, invitation=invitation, user=owner)


# -------------------------------------------------------------------- once more


def why_not_again(invitation):
    """What has to be done before this one can be sent again, in words; "" when nothing."""
    contact = invitation.contact
    if invitation.state != State.UNDELIVERABLE:
        return _("It did not come back.")
    if invitation.round.state != Round.State.OPEN:
        return _("The round is closed.")
    if contact.left_at or invitation.client.archived_at:
        return _("They are not asked any more.")
    if not contact.email:
        return _("There is no e-mail address.")
    if contact.mail_state == Contact.MailState.BOUNCED:
        return _("Correct the address first, or say that it is right.")
    if contact.mail_state == Contact.MailState.UNSUBSCRIBED:
        return _("They asked us to stop.")
    return ""


@transaction.atomic
def send_again(invitation, *, by, now):
    """It goes out once more, to the address they have now. NotAgain when it cannot."""
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    invitation = Invitation.objects.with_people().get(pk=invitation.pk)
    if why_not := why_not_again(invitation):
        raise NotAgain(why_not)
    first = _first_mail(invitation)
    _asked_again(invitation, now=now)
    if first is None:
        return  # the next wave takes it along
    if first.state == Email.State.CANCELLED:  # it was still waiting when another mail came back
        first.restart(to=invitation.contact.email, to_name=invitation.contact.name, now=now)
        return
    invitation.refresh_from_db(fields=["state"])
    try:
        once_more.send_again(invitation, by=by, now=now)
    except NotPossibleNow:
        raise NotAgain(_("It was sent again a moment ago.")) from None


def _asked_again(invitation, *, now=None):
    """As it stood before the mail came back."""
    first = _first_mail(invitation)
    arrived = first is not None and first.state == Email.State.SENT
    Invitation.objects.filter(pk=invitation.pk, state=State.UNDELIVERABLE).update(
        state=State.SENT if arrived else State.PENDING,
        hold_reason="",
        invited_at=invitation.invited_at if arrived else None,
        send_at=now if first is None else invitation.send_at,
    )
    Result.objects.mark_stale(round_id=invitation.round_id, client_ids=[invitation.client_id])


def _first_mail(invitation):
    message = invitation.messages.filter(step=InvitationMessage.INVITES).select_related("email").first()
    return message.email if message else None


# -------------------------------------------------------------------- on the page of the client


def card(client, user, now):
    """People of this client whose invitation came back while the round is open, with what can be done; else None."""
    if not any(round.came_back and round.state == Round.State.OPEN for round in rounds_of(client)):
        return None
    returned = client.invitations.filter(state=State.UNDELIVERABLE, round__state=Round.State.OPEN).with_people()
    shown = [{"invitation": one, "why_not": why_not_again(one)} for one in returned[:20]]
    return {"returned": shown} if shown else None
