"""The mails about requests to our own people, written when they go: one is theirs to answer now, its time runs out, it
is over, a manager hears.
"""

from functools import partial

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Request, RequestEvent
from clients.requests.clock import MINUTE
from clients.requests.who import stand_in
from outbox import frame
from outbox.kinds import STAFF, Message, register
from outbox.kinds import Kind as MailKind
from outbox.links import absolute

Kind = RequestEvent.Kind
KINDS = {
    Kind.HANDED_OVER: "requests.handed",
    Kind.SOON: "requests.soon",
    Kind.OVERDUE: "requests.overdue",
    Kind.ESCALATED: "requests.escalated",
}
HEADERS = {"Auto-Submitted": "auto-generated"}
SUBJECT = 60  # characters
MOST = 25


def register_kinds():
    for kind, name in KINDS.items():
        register(MailKind(name=name, audience=STAFF, render=RENDER[kind], still_wanted=STILL_WANTED[kind]))


def standing(email, kind, now):
    """[(request, its clock)…] of this mail that still need what it says, the first due first."""
    mails = email.request_mails.select_related("user", "request__client", "request__contact", "request__assignee")
    mails = list({mail.request_id: mail for mail in mails}.values())  # handed back and forth, it is told once
    if not mails:
        return []
    user = mails[0].user
    visible = set(
        Request.objects.visible_to(user)
        .waiting()
        .filter(pk__in=[mail.request_id for mail in mails])
        .values_list("pk", flat=True)
    )
    found = [mail.request for mail in mails if mail.request_id in visible and not mail.request.client.archived_at]
    if kind == Kind.HANDED_OVER:
        found = [it for it in found if stand_in(it.assignee, it.client, now).pk == user.pk]
    else:
        found = [it for it in found if it.is_over(now) == (kind != Kind.SOON) and it.waiting_since <= email.created_at]
    if kind in (Kind.SOON, Kind.OVERDUE):  # what was handed to somebody else meanwhile is theirs to hear of
        handed = RequestEvent.objects.filter(request__in=found, kind=Kind.HANDED_OVER, at__gt=email.created_at)
        moved = set(handed.values_list("request", flat=True)) if found else set()
        found = [it for it in found if it.pk not in moved or it.assignee_id == user.pk]
    return sorted(((it, it.clock(now)) for it in found), key=lambda pair: (pair[0].answer_due_at, pair[0].pk))


def still_wanted(kind, email, now):
    mail = email.request_mails.select_related("user").first()
    if mail is None or not mail.user.is_active:
        return _("this person does not work here any more")
    return "" if standing(email, kind, now) else _("it was answered, or somebody has seen to it")


# -------------------------------------------------------------------- words


def time_in_words(span):
    """“30 minutes”, “2 hours”, “1 hour 10” out of a span of working time."""
    minutes = max(1, span // MINUTE)
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours, rest = divmod(minutes, 60)
    if not rest:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}


def subject_of(kind, found):
    """“30 minutes left: Northgate Foods”; of several the first, and how many more."""
    if not found:
        return ""
    it, clock = found[0]
    more = len(found) - 1
    if kind == Kind.HANDED_OVER:
        words = _("Handed to you: %(client)s") % {"client": it.client.name}
    elif kind == Kind.SOON:
        words = _("%(time)s left: %(client)s") % {"time": time_in_words(clock.left), "client": it.client.name}
    elif kind == Kind.OVERDUE:
        words = _("%(time)s over: %(client)s") % {"time": time_in_words(-clock.left), "client": it.client.name}
    else:
        words = _("Still no answer: %(client)s") % {"client": it.client.name}
    if more:
        rest = ngettext(" and %(n)d more", " and %(n)d more", more) % {"n": more}
        return Truncator(words).chars(SUBJECT - len(rest)) + rest
    return Truncator(words).chars(SUBJECT)


def lead_of(kind, user, found):
    n, it = len(found), found[0][0]
    if n > 1:
        return {
            Kind.HANDED_OVER: ngettext(
                "%(n)d request is yours to answer now.", "%(n)d requests are yours to answer now.", n
            ),
            Kind.SOON: ngettext(
                "%(n)d request waits and its time runs out.", "%(n)d requests wait and their time runs out.", n
            ),
            Kind.OVERDUE: ngettext("%(n)d request is overdue.", "%(n)d requests are overdue.", n),
            Kind.ESCALATED: ngettext(
                "%(n)d request is overdue for hours, and nobody has answered.",
                "%(n)d requests are overdue for hours, and nobody has answered.",
                n,
            ),
        }[kind] % {"n": n}
    who = it.contact.name if it.contact else it.client.name
    known = {"who": who, "client": it.client.name, "name": it.assignee.name}
    mine = user.pk == it.assignee_id
    if kind == Kind.HANDED_OVER:
        if mine:
            return _("%(who)s of %(client)s waits for an answer, and it is yours to give now.") % known
        return _("%(who)s of %(client)s waits for an answer. It was handed to %(name)s, who is away.") % known
    if kind == Kind.SOON:
        if mine:
            return _("%(who)s of %(client)s waits for an answer from you.") % known
        return _("%(who)s of %(client)s waits for an answer. %(name)s is away; this is theirs.") % known
    if kind == Kind.OVERDUE:
        if mine:
            return _("%(who)s of %(client)s still waits for an answer from you. It is overdue.") % known
        return _("%(who)s of %(client)s still waits for an answer from %(name)s. It is overdue.") % known
    return _("%(who)s of %(client)s has waited for hours beyond the agreed time. %(name)s was to answer.") % known


def render(kind, email):
    now = timezone.now()
    user = email.request_mails.select_related("user").first().user
    with translation.override(user.language), timezone.override(user.zone):
        found = standing(email, kind, now)
        title, lead = subject_of(kind, found), lead_of(kind, user, found)
        blocks = [frame.heading(title), frame.paragraph(lead)]
        if len(found) == 1:
            it, clock = found[0]
            blocks += [frame.quote(it.text[:600]), frame.paragraph(_due_words(it, clock))]
            blocks += _handed_words(it) if kind == Kind.HANDED_OVER else []
            blocks.append(frame.button(_("Open the request"), absolute(it.get_absolute_url())))
            if kind != Kind.ESCALATED:
                blocks.append(frame.quiet(_("A word that you are on it is an answer too: call, then log it.")))
        else:
            blocks.append(frame.rows(_("Waiting"), [_row(it, clock, user) for it, clock in found[:MOST]]))
            blocks.append(frame.button(_("Open the requests"), absolute(_list_of(kind))))
        return Message(
            subject=title,
            text=frame.text(*blocks),
            html=frame.frame(title, lead, *blocks, language=user.language),
            headers=HEADERS,
        )


def _list_of(kind):
    mine = "?assignee=me"
    query = {Kind.HANDED_OVER: mine, Kind.SOON: mine, Kind.OVERDUE: "?overdue=yes", Kind.ESCALATED: "?overdue=yes"}[
        kind
    ]
    return reverse("requests") + query


def _due_words(it, clock):
    from accounts.templatetags.look import full

    return _("Due %(due)s.") % {"due": full(it.answer_due_at)}


def _handed_words(it):
    """Who handed it over, with the word they wrote."""
    event = it.events.filter(kind=Kind.HANDED_OVER).select_related("by").last()
    if event is None or event.by is None:
        return []
    known = {"name": event.by.name, "words": event.note}
    words = _("%(name)s handed it over and writes: %(words)s") if event.note else _("%(name)s handed it over.")
    return [frame.paragraph(words % known)]


def _row(it, clock, user):
    who = it.client.name if it.contact is None else f"{it.contact.name}, {it.client.name}"
    if it.assignee_id != user.pk:
        who = _("%(who)s; %(name)s answers") % {"who": who, "name": it.assignee.name}
    href, tone = absolute(it.get_absolute_url()), "late" if clock.is_over else "soon"
    return frame.row(Truncator(it.text).chars(120), who=who, due=clock.words, href=href, tone=tone)


RENDER = {kind: partial(render, kind) for kind in KINDS}
STILL_WANTED = {kind: partial(still_wanted, kind) for kind in KINDS}
