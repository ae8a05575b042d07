"""The words of the question “have we cleared this up?”. Written when it goes out."""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.days import day_month
from accounts.models import Workspace
from outbox import links
from outbox.compose import unsubscribe_link
from outbox.frame import button, frame, link, paragraph, quote, signature
from outbox.frame import text as plain
from outbox.kinds import Message
from partnerships.talk_letters import greeting, mail_of, zone_for


def subject_for(contact):
    with translation.override(contact.language):
        return pgettext("client", "Have we cleared this up?")


def render(email):
    mail = mail_of(email)
    concern, contact, leader = mail.concern, mail.contact, mail.concern.leader
    workspace = Workspace.current()
    with translation.override(contact.language), timezone.override(zone_for(contact)):
        subject = pgettext("client", "Have we cleared this up?")
        page = links.absolute(reverse("cleared", args=[links.token(email)]))
        if concern.talk_held_at:
            day = day_month(timezone.localtime(concern.talk_held_at).date())
            words = _("On %(day)s we talked about what stood between us. Have we cleared it up?") % {"day": day}
        else:
            words = _("Some weeks ago something stood between us. Have we cleared it up?")
        promised = [promise.what for promise in concern.promises.ours().order_by("due_at", "pk")]
        blocks = [greeting(contact), paragraph(words)]
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
