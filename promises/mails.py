"""The daily digest, written when it goes out."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Workspace
from accounts.quick import date_format, in_words
from outbox import frame
from outbox.kinds import STAFF, Kind, Message, register
from outbox.links import absolute
from promises import at_once_mails, reminders
from promises.models import Letter, Promise, PromiseEvent
from promises.wording import due_of

HEADERS = {"Auto-Submitted": "auto-generated"}
SUBJECT = 50  # characters
MOST = 25  # lines of one section; the rest is a number, and on their day


def register_kinds():
    register(
        Kind(
            name=reminders.DIGEST, audience=STAFF, render=render_digest, still_wanted=digest_still_wanted, can_wait=True
        )
    )
    at_once_mails.register_kinds()


# -------------------------------------------------------------------- digest


def digest_now(email, now):
    """The digest of this mail as things stand now: only what was new in it and still stands makes it worth sending."""
    user = email.digest.user
    with Workspace.remembering():
        return reminders.Desk([user], now=now).digest_of(user, of_mail=email.pk)


def digest_still_wanted(email, now):
    if not email.digest.user.is_active:
        return _("this person does not work here any more")
    return _("everything in it was settled") if digest_now(email, now).is_empty else ""


def digest_subject(digest):
    """“One late, three due today”, at most 50 characters and true at this moment."""
    counts = {name: len(promises) for name, promises in digest.sections}
    said = {
        "late": lambda n: ngettext("%s late", "%s late", n),
        "due": lambda n: ngettext("%s due today", "%s due today", n),
        "early": lambda n: ngettext("%s to check", "%s to check", n),
        "back": lambda n: ngettext("%s back today", "%s back today", n),
        "waiting": lambda n: ngettext("%s waiting for their word", "%s waiting for their word", n),
        "unanswered": lambda n: ngettext("%s without an answer", "%s without an answer", n),
        "escalated": lambda n: ngettext("%s late in the team", "%s late in the team", n),
    }
    words = [said[name](n) % in_words(n) for name, n in counts.items()]
    words += [section.in_words(lines) for section, lines in digest.rooms]
    both = capfirst(", ".join(words[:2]))
    return both if len(both) <= SUBJECT else capfirst(words[0])[:SUBJECT]


def render_digest(email):
    now = timezone.now()
    user = email.digest.user
    with translation.override(user.language), timezone.override(user.zone):
        digest = digest_now(email, now)
        title = digest_subject(digest)
        under = f"{date_format(email.digest.date, 'l j F')}, {user.first_name}"
        blocks = [frame.heading(title, under), *_sections(digest, now), *_beside(user, email.digest.since, now)]
        blocks.append(frame.button(_("Open my day"), absolute(reverse("my_day"))))
        if any(promise.is_ours for promise in [*digest.due, *digest.early]):
            blocks.append(
                frame.quiet(_("Can’t make one of these? Say so today: a promise moved early is not a broken one."))
            )
        hour = user.digest_at.strftime("%H:%M")
        why = _("Sent at %(hour)s on working days when something is due.") % {"hour": hour}
        profile = absolute(reverse("profile"))
        foot = format_html("{} {}", why, frame.link(_("Change when"), profile))
        return Message(
            subject=title,
            text=frame.text(*blocks, foot=f"{why} {_('Change when')}: {profile}"),
            html=frame.frame(title, _preview(digest), *blocks, foot=foot, language=user.language),
            headers=HEADERS,
        )


def _preview(digest):
    if digest.everything:
        first = digest.everything[0]
        return f"{first.what}, {first.client.name}"
    return next((line.text for _of, lines in digest.rooms for line in lines), "")


HEADINGS = {
    "late": gettext_lazy("Late: done, moved or broken? Choose one"),
    "due": gettext_lazy("Due today"),
    "early": gettext_lazy("On track? A new date is still early"),
    "back": gettext_lazy("You put these off until today"),
    "waiting": gettext_lazy("Delivered, waiting for their word"),
    "unanswered": gettext_lazy("Offered, and no answer yet: ask by when"),
    "escalated": gettext_lazy("Late in the team, and worth a word with who answers for it"),
}


def _sections(digest, now):
    for name, promises in digest.sections:
        yield frame.rows(HEADINGS[name], [_row(promise, now, digest.user) for promise in promises[:MOST]])
        yield from _and_more(len(promises))
    for section, lines in digest.rooms:
        yield frame.rows(section.title, [_line(line) for line in lines[:MOST]])
        yield from _and_more(len(lines))


def _and_more(count):
    if (more := count - MOST) > 0:
        yield frame.quiet(ngettext("And %d more.", "And %d more.", more) % more)


def _line(line):
    return frame.row(line.text, who=line.who, due=line.due, href=absolute(line.href), tone=line.tone)


def _beside(user, since, now):
    """What is worth a line in a digest that goes out anyway: drafts to send, and what the clock broke meanwhile."""
    drafts = Letter.objects.visible_to(user).to_send_by(user).select_related("contact", "client", "promise")[:MOST]
    if drafts:
        yield frame.rows(_("Drafted for you to send"), [_draft_row(letter) for letter in drafts])
    if count := _broken_by_the_clock(user, since or now.date() - timedelta(days=7)):
        words = ngettext(
            "%d promise was late for so long that the clock broke it",
            "%d promises were late for so long that the clock broke them",
            count,
        )
        href = absolute(f"{reverse('promises')}?state=all&owner=me&outcome=broken")
        yield frame.rows(_("Broken"), [frame.row(words % count, href=href, tone="late")])


def _broken_by_the_clock(user, since):
    broken = Promise.objects.visible_to(user).of(user).filter(state=Promise.State.BROKEN, ended_at__date__gte=since)
    return broken.filter(events__kind=PromiseEvent.Kind.BROKEN, events__by=None).distinct().count()


def _draft_row(letter):
    about = letter.promise.what if letter.promise else letter.get_kind_display()
    who = ", ".join([_("To %s") % letter.contact.name, letter.client.name])
    return frame.row(about, who=who, due=_("draft"), href=absolute(reverse("letter", args=[letter.public_id])))


def _row(promise, now, user):
    if promise.is_delivered:
        due, tone = _("delivered %s") % date_format(timezone.localtime(promise.delivered_at), "j M"), ""
    elif promise.is_active:
        said = due_of(promise, now=now)
        due, tone = said.words, said.kind
    else:
        due, tone = _("offered %s") % date_format(timezone.localtime(promise.agreed_at), "j M"), ""
    who = _("To %s") if promise.is_ours else _("From %s")
    parts = [who % promise.contact.name if promise.contact else "", promise.client.name]
    if promise.owner_id != user.pk:
        parts.append(_("%(name)s answers for it") % {"name": promise.owner.name})
    href = absolute(promise.get_absolute_url())
    return frame.row(promise.what, who=", ".join(part for part in parts if part), due=due, href=href, tone=tone)
