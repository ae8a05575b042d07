"""One person's invitation once more, by hand: the mail that failed, or a new one with a fresh link."""

from django.db import transaction

from outbox.models import Email, NotInThatState
from surveys import letters
from surveys.models import Invitation, InvitationMessage, NotPossibleNow, Round
from surveys.sending import why_not

State = Invitation.State


def why_never(invitation):
    """Why no mail may be sent to this person, in words; "" when one may."""
    settled = why_not(invitation)
    if settled and not (settled[0] == State.UNDELIVERABLE and _address_changed(invitation)):
        return settled[1]
    return ""


def possible(invitation):
    """Has something been written to them, in an open round, and is there still something to ask?"""
    return (
        invitation.round.state == Round.State.OPEN
        and invitation.queued_at is not None
        and invitation.state in (State.PENDING, State.SENT, State.STARTED, State.UNDELIVERABLE)
    )


@transaction.atomic
def send_again(invitation, *, by, now):
    """Sends it. NotPossibleNow when the round is over, the person cannot be asked, or it was sent a moment ago."""
    Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    first = invitation.messages.filter(step=InvitationMessage.INVITES).select_related("email").first()
    if not possible(invitation) or why_never(invitation) or first is None:
        raise NotPossibleNow(invitation.round)
    if first.email.state in Email.TROUBLE:
        return _the_same_mail(invitation, first.email, now=now)
    if first.email.state in (*Email.WAITING, Email.State.SENDING):
        raise NotPossibleNow(invitation.round)  # it is on its way already
    return _a_new_mail(invitation, by=by, now=now)


def _the_same_mail(invitation, email, *, now):
    """The outbox's own rules: the Message-ID and the link stay, so that whoever has got it already sees one mail."""
    try:
        if invitation.contact.email != email.to_email and email.state != Email.State.UNCERTAIN:
            email.correct_address(to=invitation.contact.email, now=now)
        else:
            email.send_again(now=now)
    except NotInThatState:
        raise NotPossibleNow(invitation.round) from None
    Invitation.objects.filter(pk=invitation.pk, state=State.UNDELIVERABLE).update(state=State.PENDING, hold_reason="")
    return email


def _a_new_mail(invitation, *, by, now):
    owner = invitation.client.owner
    email, created = Email.objects.queue(
        kind="surveys.again",
        key=f"surveys.again:{invitation.pk}:{now:%Y-%m-%dT%H}",
        to=invitation.contact.email,
        to_name=invitation.contact.name,
        from_name=owner.name,
        reply_to=owner.email,
        subject=letters.subject_of_invitation(invitation),
        about=f"{invitation.round.name}, {invitation.client.name}, {by.name}",
    )
    if not created:
        raise NotPossibleNow(invitation.round)
    last = invitation.messages.filter(step__gte=InvitationMessage.FRESH).order_by("-step").first()
    step = last.step + 1 if last else InvitationMessage.FRESH
    InvitationMessage.objects.create(invitation=invitation, email=email, step=step)
    return email


def _address_changed(invitation):
    contact = invitation.contact
    first = invitation.messages.filter(step=InvitationMessage.INVITES).select_related("email").first()
    ok = contact.mail_state == contact.MailState.OK and bool(contact.email)
    return ok and first is not None and first.email.to_email != contact.email
