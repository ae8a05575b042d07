"""The mail to one of us about a letter that did not arrive."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from outbox import links
from outbox.frame import button, frame, paragraph
from outbox.frame import text as plain
from outbox.kinds import Message
from promises.models import Letter


def render(email):
    """A letter did not arrive, and the promise behind it may now be late for that reason alone."""
    letter = Letter.objects.with_all().get(trouble=email)
    contact, to = letter.contact, User.objects.filter(email=email.to_email).first() or letter.sender
    with translation.override(to.language), timezone.override(to.zone):
        subject = _("Mail to %(name)s does not arrive") % {"name": contact.name}
        words = _("“%(subject)s” did not reach %(name)s of %(client)s (%(email)s). Ring them, or correct the address.")
        if letter.email.state == letter.email.State.UNCERTAIN:
            subject = _("Mail to %(name)s may not have arrived") % {"name": contact.name}
            words = _("Nobody knows whether “%(subject)s” reached %(name)s of %(client)s (%(email)s). Ask them.")
        words %= {
            "subject": letter.email.subject,
            "name": contact.name,
            "client": letter.client.name,
            "email": letter.email.to_email,
        }
        phone = contact.phone or letter.client.phone
        blocks = [paragraph(words)]
        blocks += [paragraph(_("Their number: %s") % phone)] if phone else []
        blocks.append(button(_("Open the letter"), links.absolute(letter.get_absolute_url())))
        return Message(subject, plain(*blocks), str(frame(subject, words, *blocks, language=to.language)))


def still_wanted(email, now):
    letter = Letter.objects.with_all().filter(trouble=email).first()
    if letter is None:
        return _("It was tried again since.")
    if not User.objects.active().filter(email=email.to_email).exists():
        return _("This person is not here any more.")
    return "" if letter.email and letter.email.state in letter.email.TROUBLE else _("It went out after all.")
