"""“Not Rosa? Tell us who should answer”: said by whoever has the link, settled by the client's owner or a manager."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Contact
from outbox import links
from outbox.frame import button, frame, heading, paragraph, quote
from outbox.frame import text as plain
from outbox.kinds import STAFF, Kind, Message, register
from outbox.models import Email
from surveys.models import Invitation, InvitationMessage, NotPossibleNow, Response, Result, RoundEvent, RoundMail
from surveys.models import SomebodyElse as Said
from surveys.sending import why_not

KIND = "surveys.somebody_else"
MOST = 3  # of one invitation


class SaidOften(Exception):
    """There is enough about this invitation to act on."""


class CannotBeAsked(Exception):
    """The person named cannot be invited; the words say why."""


# -------------------------------------------------------------------- said


@transaction.atomic
def say(invitation, *, name, address, words, now):
    """Keeps what was written and mails the owner. The same words twice are one."""
    Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    before = list(invitation.somebody_else.all())
    for said in before:
        if said.settled_at is None and (said.name, said.address, said.words) == (name, address, words):
            return said
    if len(before) >= MOST:
        raise SaidOften
    said = Said.objects.create(invitation=invitation, name=name, address=address, words=words, said_at=now)
    _tell_owner(said)
    return said


def _tell_owner(said):
    invitation = said.invitation
    owner = invitation.client.owner
    email, created = Email.objects.queue(
        kind=KIND,
        key=f"{KIND}:{said.pk}",
        to=owner.email,
        to_name=owner.name,
        subject=_subject(invitation),
        about=f"{invitation.round.name}, {invitation.client.name}",
    )
    if created:
        RoundMail.objects.create(round=invitation.round, email=email, invitation=invitation, user=owner)


def _subject(invitation):
    return _("%(client)s: somebody else should answer") % {"client": invitation.client.name}


# -------------------------------------------------------------------- the mail to the owner


def register_kind():
    """Called when the app starts."""
    register(Kind(name=KIND, audience=STAFF, render=render, still_wanted=still_unsettled))


def _said_in(email):
    return Said.objects.select_related("invitation__contact", "invitation__client", "invitation__round").get(
        pk=int(email.key.rpartition(":")[2])
    )


def still_unsettled(email, now):
    if not email.round_mail.user.is_active:
        return _("This person is not here any more.")
    return _("It has been settled.") if _said_in(email).settled_at else ""


def render(email):
    said = _said_in(email)
    invitation = said.invitation
    subject = _subject(invitation)
    first = _("Whoever has the link of %(contact)s says that %(name)s should answer our survey instead.") % {
        "contact": invitation.contact.name,
        "name": f"{said.name} ({said.address})" if said.address else said.name,
    }
    blocks = [heading(subject, invitation.round.name), paragraph(first)]
    if said.words:
        blocks.append(quote(said.words))
    page = links.absolute(reverse("survey_settle", args=[invitation.round.public_id, said.pk]))
    blocks.append(button(_("Invite them, or leave it"), page))
    return Message(subject, plain(*blocks), str(frame(subject, first, *blocks)))


# -------------------------------------------------------------------- settled


def unsettled(user, **where):
    """What this person may settle: managers all, others what concerns clients of their own."""
    return _concerning(user).filter(settled_at=None, **where)


def settled(user, **where):
    return _concerning(user).filter(settled_at__isnull=False, **where)


def _concerning(user):
    found = Said.objects.all()
    if not user.is_manager:
        found = found.filter(invitation__client__owner=user)
    return found.select_related("invitation__contact", "invitation__client__owner", "invitation__round")


def _lock(said):
    said = Said.objects.select_for_update(of=("self",)).get(pk=said.pk)
    if said.settled_at:
        raise NotPossibleNow(said)
    return said


@transaction.atomic
def invite(said, *, name, address, by, now):
    """The person becomes a contact and is invited in the open round; who was asked first is asked no more.

    Returns the new contact. Who has begun to answer keeps their invitation: what they said stays.
    """
    said = _lock(said)
    invitation = Invitation.objects.select_for_update(of=("self",)).with_people().get(pk=said.invitation_id)
    round = invitation.round
    if not round.takes_answers:
        raise NotPossibleNow(round)
    contact = _contact(invitation, name=name, address=address)
    new = Invitation(round=round, client=invitation.client, contact=contact, weight=invitation.weight, send_at=now)
    if refused := why_not(new):
        raise CannotBeAsked(refused[1])
    if not round.invitations.filter(contact=contact).exists():
        new.save()
    _withdraw(invitation, contact)
    said.settled_at, said.settled_by, said.became = now, by, contact
    said.save(update_fields=["settled_at", "settled_by", "became"])
    note = _("%(new)s instead of %(old)s") % {"new": contact.name, "old": invitation.contact.name}
    round.events.create(kind=RoundEvent.Kind.PEOPLE, by=by, at=now, note=note[:300])
    Result.objects.mark_stale(round_id=round.pk, client_ids=[invitation.client_id])
    return contact


def _contact(invitation, *, name, address):
    address = address.strip().lower()
    if address == invitation.contact.email:
        raise CannotBeAsked(_("This is the address that was asked already."))
    known = invitation.client.contacts.filter(email=address).first()
    if known:
        return known
    first = invitation.contact
    contact = Contact(
        client=invitation.client,
        name=name,
        email=address,
        language=first.language,
        time_zone=first.time_zone,
        survey_part=first.survey_part,
    )
    contact.save()
    return contact


def _withdraw(invitation, contact):
    if Response.objects.filter(invitation=invitation).exists():
        return
    words = _("%(name)s is asked instead.") % {"name": contact.name}
    Invitation.objects.filter(pk=invitation.pk).update(
        state=Invitation.State.WITHDRAWN, hold_reason=words[:200], send_at=None
    )
    messages = InvitationMessage.objects.filter(invitation=invitation)
    Email.objects.filter(invitation_message__in=messages, state__in=Email.WAITING).order_by().cancel(words)


@transaction.atomic
def dismiss(said, *, by, now):
    """Nothing is changed; it is not shown any more."""
    said = _lock(said)
    said.settled_at, said.settled_by = now, by
    said.save(update_fields=["settled_at", "settled_by"])
    return said
