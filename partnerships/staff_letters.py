"""The words of the mails to whoever leads a concern: what the client answered, and that a mail does not arrive."""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from outbox import links
from outbox.frame import button, frame, paragraph, quote
from outbox.frame import text as plain
from outbox.kinds import Message
from partnerships.talk_letters import mail_of


def render_answered(email):
    mail = mail_of(email)
    concern, user = mail.concern, mail.user
    with translation.override(user.language), timezone.override(user.zone):
        name = mail.contact.name if mail.contact else concern.client.name
        known = {"name": name, "client": concern.client.name}
        words = {
            "yes": _("%(name)s of %(client)s says it is cleared up."),
            "partly": _("%(name)s of %(client)s says it is only partly cleared up. It is open again: ring them."),
            "no": _("%(name)s of %(client)s says it is not cleared up. It is open again: ring them."),
        }.get(concern.cleared, _("%(name)s of %(client)s answered.")) % known
        blocks = [paragraph(words)]
        if concern.cleared_words:
            blocks.append(quote(concern.cleared_words))
        blocks.append(button(_("Open it"), links.absolute(concern.get_absolute_url())))
        return Message(email.subject, plain(*blocks), str(frame(email.subject, words, *blocks)))


def render_undelivered(email):
    mail = mail_of(email)
    concern, user = mail.concern, mail.user
    with translation.override(user.language):
        name = email.about.partition(",")[0]
        words = _("Mail to %(name)s about your talk does not arrive. Ring them.") % {"name": name}
        blocks = [paragraph(words), button(_("Open it"), links.absolute(reverse("concern", args=[concern.public_id])))]
        subject = _("Mail to %(name)s does not arrive") % {"name": name}
        return Message(subject, plain(*blocks), str(frame(subject, words, *blocks)))
