"""What the outbox hears about an address, as the people who have it here."""

from django.utils.translation import gettext as _

from clients.models import Contact
from outbox import kinds

State = Contact.MailState


def came_back(address, now):
    """Nothing sent to this address arrives. Who asked us to stop stays as they are."""
    _set(Contact.objects.filter(email=address, mail_state=State.OK), State.BOUNCED, now)


def called_spam(address, now):
    """Whoever reads mail at this address does not want it."""
    _set(Contact.objects.filter(email=address).exclude(mail_state=State.UNSUBSCRIBED), State.UNSUBSCRIBED, now)


def correct(contact, email, to, *, now):
    """One of us says where this mail goes: so does their record. "", or why it cannot go there."""
    if contact.email not in (email.to_email.lower(), to.lower()):
        return _("%(name)s has another address by now: %(address)s.") % {"name": contact.name, "address": contact.email}
    return contact.correct_address(to, now=now)


def register():
    """Called when the app starts."""
    kinds.register_bounce_listener(came_back)
    kinds.register_complaint_listener(called_spam)


def _set(contacts, state, now):
    for contact in contacts.select_for_update():  # one by one: each keeps its history
        contact.mail_state, contact.mail_state_at = state, now
        contact.save(update_fields=["mail_state", "mail_state_at"])
