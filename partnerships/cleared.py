"""“Have we cleared this up?”: asked some weeks after a concern was resolved, answered on a page without sign-in."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import remembered
from accounts.models import Workspace
from accounts.worktime import Calendar, due_moment
from clients.contact_cap import last_mails
from outbox.models import Email
from partnerships import cleared_letters
from partnerships.models import Concern, ConcernEvent, ConcernMail
from promises.letters import why_not_to
from promises.other_side import zone_of
from promises.reminders.quiet import quiet_until
from promises.reminders.scans import each

CLEARED, ANSWERED = "partnerships.cleared", "partnerships.they_answered"
CHANGE_WITHIN = timedelta(days=7)
LONGEST_TOKEN = 64
MORNING = time(9)

Kind = ConcernMail.Kind


# -------------------------------------------------------------------- asking


def plan(now):
    """Ask about everything whose day has come. How many were asked."""
    today = (now + timedelta(days=1)).date()  # somewhere it is tomorrow; `ask` looks at the lead's own day
    due = Concern.objects.to_ask(today).with_people().prefetch_related("talk_with__client")
    return each(due, lambda concern: ask(concern, now=now))


def whom_to_ask(concern):
    """The person the talk was with who can be mailed; None where there is nobody: then one of us asks."""
    people = [contact for contact in concern.talk_with.all() if not why_not_to(contact)]
    return people[0] if people else None


@transaction.atomic
def ask(concern, *, now):
    """Write the question, once. False when it is not time, when nobody can be mailed, or somebody was faster."""
    contact = whom_to_ask(concern)
    calendar = concern.leader.calendar()
    if contact is None or calendar.local_date(now) < concern.ask_on or _is_capped(contact, now=now):
        return False
    claimed = Concern.objects.filter(pk=concern.pk, state=Concern.State.RESOLVED, asked_at=None)
    if not claimed.update(asked_at=now):
        return False
    remembered.note_all(Concern.objects.filter(pk=concern.pk), by=None)
    leader = concern.leader
    subject = cleared_letters.subject_for(contact)
    email, _new = Email.objects.queue(
        kind=CLEARED,
        key=f"{CLEARED}:{concern.public_id}:{concern.ask_on}:{concern.version}",
        to=contact.email,
        to_name=contact.name,
        from_name=leader.name,
        reply_to=leader.email,
        subject=subject,
        about=concern.client.name,
        not_before=max(now, due_moment(concern.ask_on, MORNING, zone_of(contact.zone_name))),
        expires_at=now + timedelta(days=14),
    )
    ConcernMail.objects.create(concern=concern, email=email, kind=Kind.CLEARED, contact=contact)
    concern.tell(ConcernEvent.Kind.ASKED, by=None, now=now, note=contact.name)
    return True


def _is_capped(contact, *, now):
    """They had another automatic mail just now: the question waits, and is asked on a later run."""
    workspace = Workspace.current()
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    return bool(last_mails([contact.email], now=now, calendar=calendar, gap=workspace.contact_gap_days))


# -------------------------------------------------------------------- answering


@dataclass(frozen=True)
class Asked:
    """A question a link belongs to."""

    mail: ConcernMail
    now: datetime

    @property
    def concern(self):
        return self.mail.concern

    @property
    def contact(self):
        return self.mail.contact

    @property
    def held_at(self):
        """When we talked, also where it was opened again since."""
        if self.concern.talk_held_at:
            return self.concern.talk_held_at
        held = self.concern.events.filter(kind=ConcernEvent.Kind.HELD).last()
        return held.at if held else None

    @property
    def change_until(self):
        """Their answer can be changed until then; None before there is one."""
        said = self.concern.events.filter(kind=ConcernEvent.Kind.ANSWERED, at__gte=self.concern.asked_at).first()
        return said.at + CHANGE_WITHIN if said else None

    @property
    def can_answer(self):
        return self.change_until is None or self.now < self.change_until


def by_token(token, *, now):
    """What a link asks, or None: unknown, forged, of somebody who left, and of an earlier time are all the same."""
    email = Email.objects.by_token(token) if len(token) <= LONGEST_TOKEN else None
    if email is None or email.kind != CLEARED:
        return None
    mail = ConcernMail.objects.select_related("concern__client__owner", "concern__lead", "contact__client")
    mail = mail.filter(email=email, kind=Kind.CLEARED).first()
    return None if mail is None or _is_dead(mail, email) else Asked(mail, now)


def _is_dead(mail, email):
    contact, concern = mail.contact, mail.concern
    if contact is None or contact.left_at or contact.email != email.to_email or concern.client.archived_at:
        return True
    newest = concern.mails.filter(kind=Kind.CLEARED).order_by("pk").last()
    return concern.asked_at is None or newest != mail


@transaction.atomic
def answer(asked, cleared, *, words, now):
    """They say it; the lead hears of it at once. False when it was said before, or the days to change it are over."""
    concern = asked.concern
    if not asked.can_answer or not concern.answer(cleared, words=words, contact=asked.contact, now=now):
        return False
    to, workspace = concern.leader, Workspace.current()
    if not to.is_active:
        return True
    subjects = {
        "yes": _("Cleared up, says %(name)s"),
        "partly": _("Partly cleared up, says %(name)s"),
        "no": _("Not cleared up, says %(name)s"),
    }
    with translation.override(to.language):
        subject = subjects[cleared] % {"name": asked.contact.name}
    email, created = Email.objects.queue(
        kind=ANSWERED,
        key=f"{ANSWERED}:{concern.public_id}:{now:%Y%m%d%H%M%S%f}",
        to=to.email,
        to_name=to.name,
        subject=subject,
        about=concern.client.name,
        not_before=quiet_until(now, zone=to.zone, start=workspace.quiet_from, end=workspace.quiet_until),
    )
    if created:
        ConcernMail.objects.create(concern=concern, email=email, kind=Kind.STAFF, user=to, contact=asked.contact)
    return True
