"""The question “have we cleared this up?”, and the word to one of us that it was answered. Written when they go out."""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import pgettext
from django.utils.translation import gettext as _

from accounts.models import Workspace
from outbox import links
from outbox.compose import unsubscribe_link
from outbox.frame import button, frame, link, paragraph, quote, signature
from outbox.frame import text as plain
from outbox.kinds import Message
from partnerships.models import Concern
from partnerships.talk_letters import mail_of, zone_for
from promises.letters import why_not_to


def still_wanted(email, now):
    mail = mail_of(email)
    concern, contact = mail.concern, mail.contact
    if why := why_not_to(contact):
        return why
    if contact.email != email.to_email:
        return _("they have another address now")
    if concern.state != Concern.State.RESOLVED or concern.cleared:
        return _("it is open again, or they have answered")
    return ""


def render(email):
    mail = mail_of(email)
    concern, contact, leader = mail.concern, mail.contact, mail.concern.leader
    workspace = Workspace.current()
    with translation.override(contact.language), timezone.override(zone_for(contact)):
        subject = pgettext("client", "Have we cleared this up?")
        page = links.absolute(reverse("cleared", args=[links.token(email)]))
        if concern.talk_held_at:
            day = date_format(timezone.localtime(concern.talk_held_at), "DATE_FORMAT")
            words = _("On %(day)s we talked about what stood between us. Have we cleared it up?") % {"day": day}
        else:
            words = _("Some weeks ago something stood between us. Have we cleared it up?")
        promised = [promise.what for promise in concern.promises.ours().order_by("due_at", "pk")]
        blocks = [paragraph(f"{contact.first_name},"), paragraph(words)]
        if promised:
            blocks += [paragraph(_("This is what we said we would do:")), quote("\n".join(promised))]
        blocks += [
            paragraph(_("One click is enough: yes, partly, or no.")),
            button(_("Tell us"), page),
            signature(leader.name, ", ".join(filter(None, [workspace.firm_name, leader.phone or workspace.phone]))),
        ]
        why = _("%(owner)s of %(firm)s asks you this once. The link is for you alone.") % {
            "owner": leader.name,
            "firm": workspace.firm_name,
        }
        stopping, stop = _("No more of these mails"), unsubscribe_link(email)
        return Message(
            subject,
            plain(*blocks, foot=f"{why}\n{stopping}: {stop}"),
            str(frame(subject, words, *blocks, foot=format_html("{} {}.", why, link(stopping, stop)))),
        )


def answered_still_wanted(email, now):
    mail = mail_of(email)
    if not mail.user.is_active:
        return pgettext("client", "this person does not work here any more")
    seen = Concern.objects.visible_to(mail.user).filter(pk=mail.concern_id)
    return "" if seen.exists() else pgettext("client", "they may not see this client any more")


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
