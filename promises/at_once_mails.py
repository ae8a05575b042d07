"""The mails at once to one of us: a critical promise turned late, the other side answered. Written when they go out."""

from functools import partial

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.quick import date_format
from outbox import frame
from outbox.kinds import STAFF, Kind, Message, register
from outbox.links import absolute
from promises.models import Promise, PromiseEvent
from promises.reminders.at_once import ANSWERED, ANSWERS, OVERDUE, may_see
from promises.wording import due_of

HEADERS = {"Auto-Submitted": "auto-generated"}
SUBJECT = 50  # characters, as many as a phone shows

State = Promise.State


def register_kinds():
    register(Kind(name=OVERDUE, audience=STAFF, render=render_overdue, still_wanted=overdue_still_wanted))
    for what in ANSWERS:
        register(
            Kind(
                name=ANSWERED + what,
                audience=STAFF,
                render=RENDER_ANSWER[what],
                still_wanted=answer_still_wanted,
            )
        )


def _why_not_to(mail):
    """What speaks against writing to this person by now, in words."""
    if not mail.to.is_active:
        return _("this person does not work here any more")
    return "" if may_see(mail.to, mail.promise) else _("they may not see this client any more")


# -------------------------------------------------------------------- a critical promise is late


def overdue_still_wanted(email, now):
    mail = email.promise_mail
    if why := _why_not_to(mail):
        return why
    if mail.to_id not in (mail.promise.owner_id, mail.promise.owner.deputy_id):
        return _("%(name)s answers for it by now") % {"name": mail.promise.owner.name}
    if mail.promise.state != State.ACTIVE:
        return _("it was settled")
    return "" if mail.promise.due_at < now else _("a new date was agreed")


def render_overdue(email):
    now = timezone.now()
    promise, user = email.promise_mail.promise, email.promise_mail.to
    with translation.override(user.language), timezone.override(user.zone):
        words = _(
            "You promised %(whom)s of %(client)s “%(what)s” by %(due)s. It is marked critical and still open."
        ) % {
            "whom": promise.other_side,
            "client": promise.client.name,
            "what": promise.what,
            "due": due_of(promise, now=now).title,
        }
        then = _("Call them before they call you. Then say what became of it: done, a new date, or broken.")
        return _message(_("Late: %s") % promise.what, promise, user, words=words, then=then)


# -------------------------------------------------------------------- the other side answered


SAYS_NOTHING = (PromiseEvent.Kind.COMMENT, PromiseEvent.Kind.HANDED_OVER)


def answer_still_wanted(email, now):
    mail = email.promise_mail
    if why := _why_not_to(mail):
        return why
    said = mail.promise.reminders.filter(email=email).first()
    since = said.about_at if said else email.created_at
    seen = mail.promise.events.filter(at__gt=since, by__isnull=False).exclude(kind__in=SAYS_NOTHING)
    return _("somebody has seen to it already") if seen.exists() else ""


def render_answer(what, email):
    now = timezone.now()
    mail = email.promise_mail
    promise, user = mail.promise, mail.to
    with translation.override(user.language), timezone.override(user.zone):
        event = _their_event(promise, what)
        who = event.who if event and event.by_contact_id else promise.other_side
        title, words, then = _said(what, promise, who, now)
        return _message(title, promise, user, words=words, then=then, quote=event.note if event else "")


RENDER_ANSWER = {what: partial(render_answer, what) for what in ANSWERS}

TOLD_BY = {
    "disputed": PromiseEvent.Kind.DISPUTED,
    "moved": PromiseEvent.Kind.MOVED,
    "refused": PromiseEvent.Kind.MOVE_REFUSED,
    "countered": PromiseEvent.Kind.COUNTERED,
    "agreed": PromiseEvent.Kind.AGREED,
    "declined": PromiseEvent.Kind.DECLINED,
    "asked": PromiseEvent.Kind.MOVE_ASKED,
}


def _their_event(promise, what):
    """The newest event that tells of such an answer."""
    return promise.events.filter(kind=TOLD_BY[what]).select_related("by_contact", "by").order_by("-at", "-pk").first()


def _said(what, promise, who, now):
    """(title, what happened, what to do) in the reader's language."""
    with timezone.override(promise.due_zone):
        day = date_format(timezone.localtime(promise.due_at), "l j F")
    names = {"who": who, "client": promise.client.name, "what": promise.what, "day": day}
    found = {
        "disputed": (
            _("Not what was agreed: %s"),
            _("%(who)s of %(client)s says “%(what)s” is not what you agreed. It is open again."),
            _("Call them. What was meant is easier said than written."),
        ),
        "moved": (
            _("They agree to the new date: %s"),
            _("%(who)s of %(client)s agrees: “%(what)s” is now due on %(day)s."),
            "",
        ),
        "refused": (
            _("They keep to the old date: %s"),
            _("%(who)s of %(client)s does not agree to another date for “%(what)s”. It stays due on %(day)s."),
            _("Can’t make it? Call them before that day."),
        ),
        "countered": (
            _("Another offer: %s"),
            _("%(who)s of %(client)s answers with other terms for “%(what)s”."),
            _("Agree to them, or say what you can do instead."),
        ),
        "agreed": (
            _("Agreed: %s"),
            _("%(who)s of %(client)s agrees to “%(what)s”, due on %(day)s. From now on it counts."),
            "",
        ),
        "declined": (_("Declined: %s"), _("%(who)s of %(client)s declines “%(what)s”. It counts in no figure."), ""),
        "asked": (
            _("They ask for another date: %s"),
            _("%(who)s of %(client)s asks for another date for “%(what)s”. Until you agree it stays due on %(day)s."),
            _("Say yes, or which day would do."),
        ),
    }
    title, words, then = found[what]
    return title % promise.what, words % names, then


def _message(title, promise, user, *, words, then="", quote=""):
    if user.pk != promise.owner_id:
        words = _("%(name)s is away; this is theirs.") % {"name": promise.owner.name} + "\n" + words
    href = absolute(reverse("promise", args=[promise.public_id]))
    blocks = [frame.heading(title), frame.paragraph(words)]
    blocks += [frame.quote(quote)] if quote else []
    blocks += [frame.paragraph(then)] if then else []
    blocks.append(frame.button(_("Open the promise"), href))
    return Message(
        subject=Truncator(title).chars(SUBJECT),
        text=frame.text(*blocks),
        html=frame.frame(title, words, *blocks, language=user.language),
        headers=HEADERS,
    )
