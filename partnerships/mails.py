"""The kinds of mail of this room."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import mail_states
from clients.models import Contact
from outbox.kinds import CLIENT, STAFF, Kind, register
from outbox.models import Email
from partnerships import cleared, cleared_letters, staff_letters, still_wanted, talk_letters, talks
from partnerships.models import ConcernMail

UNDELIVERED = "partnerships.undelivered"


def language_of(email):
    return talk_letters.mail_of(email).contact.language


def stop(email, now):
    """Its reader wants no more of these mails. Safe to call twice."""
    contact = talk_letters.mail_of(email).contact
    if contact.mail_state != Contact.MailState.UNSUBSCRIBED:
        contact.mail_state, contact.mail_state_at = Contact.MailState.UNSUBSCRIBED, now
        contact.save(update_fields=["mail_state", "mail_state_at"])


def corrected(email, to, now):
    """A person says where this mail goes. "", or why it cannot go there."""
    return mail_states.correct(talk_letters.mail_of(email).contact, email, to, now=now)


@transaction.atomic
def tell_leader(email):
    """The server refused it for good, or nobody knows what became of it: whoever leads hears of it."""
    mail = talk_letters.mail_of(email)
    to = mail.concern.leader
    if not to.is_active:
        return
    word, created = Email.objects.queue(
        kind=UNDELIVERED,
        key=f"{UNDELIVERED}:{email.pk}:{email.tries.count()}",
        to=to.email,
        to_name=to.name,
        subject=_("Mail to %(name)s does not arrive") % {"name": mail.contact.name},
        about=f"{mail.contact.name}, {mail.concern.client.name}",
        not_before=timezone.now(),
    )
    if created:
        ConcernMail.objects.create(concern=mail.concern, email=word, kind=ConcernMail.Kind.STAFF, user=to)


def register_kinds():
    """Called when the app starts."""
    client = {"audience": CLIENT, "unsubscribe": stop, "on_trouble": tell_leader, "language": language_of}
    client["on_correction"] = corrected
    talk = {"render": talk_letters.render, "still_wanted": still_wanted.talk}
    register(Kind(name=talks.TALK, automatic=False, **talk, **client))
    register(Kind(name=talks.OUR_TALK, audience=STAFF, **talk))
    register(
        Kind(
            name=cleared.CLEARED,
            render=cleared_letters.render,
            still_wanted=still_wanted.cleared,
            **client,
        )
    )
    register(
        Kind(
            name=cleared.ANSWERED,
            audience=STAFF,
            render=staff_letters.render_answered,
            still_wanted=still_wanted.answered,
        )
    )
    register(
        Kind(
            name=UNDELIVERED,
            audience=STAFF,
            render=staff_letters.render_undelivered,
            still_wanted=still_wanted.undelivered,
        )
    )
