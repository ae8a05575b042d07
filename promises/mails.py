"""The daily digest, written when it goes out."""

from django.contrib.humanize.templatetags.humanize import apnumber
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox import frame
from outbox.kinds import STAFF, Kind, Message, register
from outbox.links import absolute
from promises import at_once_mails, reminders
from promises.wording import due_of

HEADERS = {"Auto-Submitted": "auto-generated"}


def register_kinds():
    register(
        Kind(
            name=reminders.DIGEST, audience=STAFF, render=render_digest, still_wanted=digest_still_wanted, can_wait=True
        )
    )
    at_once_mails.register_kinds()


# -------------------------------------------------------------------- digest


def _digest_now(email, now):
    row = email.digest
    return reminders.build(row.user, today=row.date, since=row.since, now=now)


def digest_still_wanted(email, now):
    if not email.digest.user.is_active:
        return _("this person does not work here any more")
    return _("everything in it was settled") if _digest_now(email, now).is_empty else ""


def digest_subject(digest):
    """“One late, three due today”, at most 50 characters and true at this moment."""
    words = []
    if digest.late:
        words.append(ngettext("%s late", "%s late", len(digest.late)) % apnumber(len(digest.late)))
    if digest.due:
        words.append(ngettext("%s due today", "%s due today", len(digest.due)) % apnumber(len(digest.due)))
    if digest.early and len(words) < 2:
        words.append(ngettext("%s to check", "%s to check", len(digest.early)) % apnumber(len(digest.early)))
    if digest.waiting and not words:
        words.append(
            ngettext("%s waiting for their word", "%s waiting for their word", len(digest.waiting))
            % apnumber(len(digest.waiting))
        )
    if digest.escalated and len(words) < 2:
        count = len(digest.escalated)
        words.append(ngettext("%s late in the team", "%s late in the team", count) % apnumber(count))
    return capfirst(", ".join(words))


def render_digest(email):
    now = timezone.now()
    user = email.digest.user
    with translation.override(user.language), timezone.override(user.zone):
        digest = _digest_now(email, now)
        title = digest_subject(digest)
        under = f"{date_format(email.digest.date, 'l j F')}, {user.first_name}"
        blocks = [frame.heading(title, under), *_sections(digest, now)]
        blocks.append(frame.button(_("Open my day"), absolute(reverse("my_day"))))
        if any(promise.is_ours for promise in [*digest.due, *digest.early]):
            blocks.append(
                frame.quiet(_("Can’t make one of these? Say so today: a promise moved early is not a broken one."))
            )
        hour = user.digest_at.strftime("%H:%M")
        why = _("Sent at %(hour)s on working days when something is due.") % {"hour": hour}
        profile = absolute(reverse("profile"))
        foot = format_html("{} {}", why, frame.link(_("Change when"), profile))
        first = digest.everything[0] if digest.everything else None
        preview = f"{first.what}, {first.client.name}" if first else ""
        return Message(
            subject=title,
            text=frame.text(*blocks, foot=f"{why} {_('Change when')}: {profile}"),
            html=frame.frame(title, preview, *blocks, foot=foot, language=user.language),
            headers=HEADERS,
        )


def _sections(digest, now):
    user = digest.user
    parts = [
        (_("Late: done, moved or broken? Choose one"), digest.late),
        (_("Due today"), digest.due),
        (_("On track? Today a new date is still early"), digest.early),
        (_("Delivered, waiting for their word"), digest.waiting),
        (_("Late in the team, and worth a word"), digest.escalated),
    ]
    for heading, promises in parts:
        if promises:
            yield frame.rows(heading, [_row(promise, now, user) for promise in promises])


def _row(promise, now, user):
    if promise.is_delivered:
        due, tone = _("delivered %s") % date_format(timezone.localtime(promise.delivered_at), "j M"), ""
    else:
        said = due_of(promise, now=now)
        due, tone = said.words, said.kind
    who = _("To %s") if promise.is_ours else _("From %s")
    parts = [who % promise.contact.name if promise.contact else "", promise.client.name]
    if promise.owner_id != user.pk:
        parts.append(promise.owner.name)
    href = absolute(promise.get_absolute_url())
    return frame.row(promise.what, who=", ".join(part for part in parts if part), due=due, href=href, tone=tone)
