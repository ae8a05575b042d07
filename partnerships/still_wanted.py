"""Whether a mail of this room still makes sense when it is about to go out; if not, the reason in words."""

from django.utils.translation import gettext as _

from partnerships import talks
from partnerships.models import Concern, ConcernMail
from partnerships.talk_letters import mail_of
from promises.letters import why_not_to

Kind = ConcernMail.Kind


def talk(email, now):
    """Read again at sending: who moved the talk since has written another mail."""
    mail = mail_of(email)
    concern = mail.concern
    if mail.contact and (why := talks.why_not_to(mail.contact)):
        return why
    if mail.user and not mail.user.is_active:
        return _("this person does not work here any more")
    if mail.user and mail.kind == Kind.TALK and not _may_see(mail):
        return _("they may not see this client any more")
    if (mail.contact or mail.user).email != email.to_email:
        return _("they have another address now")
    if mail.sequence != concern.talk_sequence:
        return _("The talk was changed since.")
    if mail.kind == Kind.TALK and mail.user and mail.user not in talks.our_two(concern):
        return _("somebody else holds the talk by now")
    if mail.kind == Kind.TALK and concern.state != concern.State.TALKING:
        return _("the talk is off, or it was held")
    return ""


def cleared(email, now):
    mail = mail_of(email)
    concern, contact = mail.concern, mail.contact
    if why := why_not_to(contact):
        return why
    if contact.email != email.to_email:
        return _("they have another address now")
    if concern.state != Concern.State.RESOLVED or concern.cleared:
        return _("it is open again, or they have answered")
    return ""


def answered(email, now):
    mail = mail_of(email)
    if not mail.user.is_active:
        return _("this person does not work here any more")
    return "" if _may_see(mail) else _("they may not see this client any more")


def _may_see(mail):
    return Concern.objects.visible_to(mail.user).filter(pk=mail.concern_id).exists()


def undelivered(email, now):
    mail = mail_of(email)
    return "" if mail.user.is_active else _("this person does not work here any more")
