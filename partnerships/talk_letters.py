"""The words of the invitation to a talk, and of the mail that takes it back. Written when they go out."""

from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.days import clock, day_month, full_day
from accounts.models import Workspace
from outbox import links
from outbox.compose import unsubscribe_link
from outbox.frame import button, frame, link, paragraph, quote, signature
from outbox.frame import text as plain
from outbox.kinds import Message
from partnerships import invites, talks
from partnerships.models import ConcernMail
from promises.other_side import zone_of

Kind = ConcernMail.Kind


def mail_of(email):
    rows = ConcernMail.objects.select_related(
        "concern__client__owner", "concern__lead", "concern__second", "contact__client", "user"
    )
    return rows.get(email=email)


def zone_for(to):
    return zone_of(to.zone_name if hasattr(to, "zone_name") else to.time_zone)


def when_words(at, *, to):
    """“24 November 2026, 10:00 (London time)”: on the clock of whoever reads it, and saying so."""
    zone = zone_for(to)
    there = at.astimezone(zone)
    return _("%(day)s, %(time)s (%(place)s time)") % {
        "day": full_day(there.date(), today=None),
        "time": clock(there.time()),
        "place": str(zone).rpartition("/")[2].replace("_", " "),
    }


def subject_of(concern, kind, *, at, to):
    known = {"day": day_month(at.astimezone(zone_for(to)).date()), "client": concern.client.name}
    if hasattr(to, "role"):
        if kind == Kind.TALK_OFF:
            return _("Off: the talk with %(client)s on %(day)s") % known
        return _("The talk with %(client)s on %(day)s") % known
    if kind == Kind.TALK_OFF:
        return _("Our talk on %(day)s is off") % known
    return _("Our talk on %(day)s") % known


def usual_words(concern, *, contact=None):
    """The invitation as its writer may copy it: it is about listening."""
    words = [
        _("I would like to hear from you how we are doing, and what we could do better. I will listen, and ask."),
        ngettext("It takes about %(n)d minute.", "It takes about %(n)d minutes.", concern.talk_minutes)
        % {"n": concern.talk_minutes},
    ]
    if concern.second:
        words.append(_("%(name)s will be there too.") % {"name": concern.second.name})
    return " ".join(words)


def text_to_copy(concern, *, contact):
    """The whole invitation as text, for whoever writes from their own mail program."""
    with translation.override(contact.language if contact else None):
        lines = [greeting(contact).text() if contact else "", usual_words(concern)]
        if concern.talk_at:
            lines.append("\n".join(_facts(concern, concern.talk_at, contact or concern.leader)))
        lines += [_("If another time suits you better, tell me which."), concern.leader.name]
        return "\n\n".join(line for line in lines if line)


def _facts(concern, at, to):
    yield _("When: %s") % when_words(at, to=to)
    if concern.talk_where:
        yield _("Where: %s") % concern.talk_where


def render(email):
    mail = mail_of(email)
    to = mail.contact or mail.user
    with translation.override(to.language), timezone.override(zone_for(to)):
        at = _moment_of(mail)
        if mail.kind == Kind.TALK_OFF:
            return _off(email, mail, at)
        return _to_client(email, mail, at) if mail.contact else _to_us(email, mail, at)


def _moment_of(mail):
    """When the talk is; of one that is off, when it would have been: until then such a mail makes sense."""
    off = mail.kind == Kind.TALK_OFF
    return (mail.email.expires_at if off else mail.concern.talk_at) or mail.email.created_at


def _to_client(email, mail, at):
    concern, contact = mail.concern, mail.contact
    words = usual_words(concern)
    blocks = [
        greeting(contact),
        paragraph(words),
        quote("\n".join(_facts(concern, at, contact))),
        paragraph(_("If another time suits you better, reply and tell me which.")),
        _signed(concern.leader),
    ]
    return _message(email, mail, at, words, blocks)


def _to_us(email, mail, at):
    concern, user = mail.concern, mail.user
    names = ", ".join(person.name for person in concern.talk_with.all())
    words = (
        _("You talk with %(names)s of %(client)s.") % {"names": names, "client": concern.client.name}
        if names
        else _("You talk with %(client)s.") % {"client": concern.client.name}
    )
    page = links.absolute(concern.get_absolute_url())
    blocks = [
        paragraph(words),
        quote("\n".join(_facts(concern, at, user))),
        paragraph(pgettext("client", "Do not defend. Ask for an example. Say what you will do and by when.")),
        button(_("Open what you need to know"), f"{page}?step=look"),
    ]
    return _message(email, mail, at, words, blocks)


def _off(email, mail, at):
    concern, to = mail.concern, mail.contact or mail.user
    known = {"when": when_words(at, to=to), "client": concern.client.name}
    if mail.contact:
        words = _("Our talk on %(when)s does not take place.") % known
        blocks = [greeting(to), paragraph(words), _signed(concern.leader)]
    else:
        words = _("The talk with %(client)s on %(when)s does not take place.") % known
        blocks = [paragraph(words), button(pgettext("client", "Open it"), links.absolute(concern.get_absolute_url()))]
    return _message(email, mail, at, words, blocks)


def _message(email, mail, at, words, blocks):
    concern = mail.concern
    subject = subject_of(concern, mail.kind, at=at, to=mail.contact or mail.user)
    method = invites.CANCEL if mail.kind == Kind.TALK_OFF else invites.REQUEST
    invite = invites.invite(
        concern,
        method=method,
        at=at,
        sequence=mail.sequence,
        organizer=(concern.leader.name, concern.leader.email),
        guests=_guests(mail),
        summary=_summary(mail),
        description=words if mail.contact else links.absolute(concern.get_absolute_url()),
        stamp=email.created_at,
    )
    if not mail.contact:
        why = _("You get this because you hold the talk.")
        return Message(subject, plain(*blocks, foot=why), str(frame(subject, words, *blocks, foot=why)), invite=invite)
    why = _("%(owner)s of %(firm)s wrote you this.") % {
        "owner": concern.leader.name,
        "firm": Workspace.current().firm_name,
    }
    stopping, stop = _("No more of these mails"), unsubscribe_link(email)
    foot = format_html("{} {}.", why, link(stopping, stop))
    return Message(
        subject,
        plain(*blocks, foot=f"{why}\n{stopping}: {stop}"),
        str(frame(subject, words, *blocks, foot=foot)),
        invite=invite,
    )


def _summary(mail):
    if mail.contact:
        return _("Talk with %(firm)s") % {"firm": Workspace.current().firm_name}
    return _("Talk with %(client)s") % {"client": mail.concern.client.name}


def _guests(mail):
    """Everybody whom this talk is mailed to; of one that is off, whoever reads it."""
    concern = mail.concern
    if mail.kind == Kind.TALK_OFF:
        to = mail.contact or mail.user
        return [(to.name, to.email, False)]
    ours = [(user.name, user.email, user == concern.leader) for user in talks.our_two(concern)]
    return ours + [(person.name, person.email, False) for person in talks.invited(concern)]


def greeting(contact):
    return paragraph(pgettext("client", "%(name)s,") % {"name": contact.first_name})


def _signed(leader):
    firm = Workspace.current()
    phone = leader.phone or firm.phone
    return signature(leader.name, f"{firm.firm_name}, {phone}" if phone else firm.firm_name)
