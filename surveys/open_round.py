"""Changing a round that is under way: its dates, and whom it asks. What was frozen at the opening stays frozen."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.conflict import claim
from accounts.models import Workspace
from accounts.quick import date_format
from clients.models import Contact
from outbox.models import Email
from surveys import audience, timing
from surveys.asking import sync_beliefs
from surveys.days import end_of_day, firm_calendar
from surveys.models import Invitation, InvitationMessage, NotPossibleNow, Round, RoundEvent

MOST_STEP = 3
DATES = ("due_on", "closes_on", "reminder_days", "wave_size")


# -------------------------------------------------------------------- dates


def reminders_gone(round):
    """The reminder days, in order, on which mail has been written already; they cannot be changed any more."""
    last = InvitationMessage.objects.filter(invitation__round=round, step__gte=1, step__lte=MOST_STEP).aggregate(
        last=Max("step")
    )["last"]
    return sorted(round.reminder_days)[: last or 0]


def what_changes(before, after):
    """[(name, as it was, as it will be)] in words; `before` and `after` are rounds, the second not yet saved."""
    names = {
        "due_on": _("Answers due"),
        "closes_on": _("Closes"),
        "reminder_days": _("Reminders, working days after the invitation"),
        "wave_size": _("Mails a day"),
    }
    return [
        (names[field], _said(getattr(before, field)), _said(getattr(after, field)))
        for field in DATES
        if getattr(before, field) != getattr(after, field)
    ]


def effects(before, after, *, now):
    """What saving these dates will do, each a sentence; reads only."""
    calendar = firm_calendar()
    today = calendar.local_date(now)
    said = []
    if before.closes_on != after.closes_on:
        waiting = _waiting(before).count()
        said.append(
            _("Answers are taken until %(day)s, and every link works until then.") % {"day": _said(after.closes_on)}
        )
        if waiting:
            said.append(
                ngettext(
                    "%(n)d mail that waits takes the new closing day.",
                    "%(n)d mails that wait take the new closing day.",
                    waiting,
                )
                % {"n": waiting}
            )
    if before.due_on != after.due_on:
        late = before.invitations.overdue()
        if after.due_on >= today and (count := late.count()):
            said.append(
                ngettext(
                    "%(n)d answer is not overdue any more until %(day)s has passed.",
                    "%(n)d answers are not overdue any more until %(day)s has passed.",
                    count,
                )
                % {"n": count, "day": _said(after.due_on)}
            )
        elif after.due_on < today:
            said.append(_("Who has not answered is overdue at once."))
        else:
            said.append(_("Answers count as overdue after %(day)s.") % {"day": _said(after.due_on)})
    if sorted(before.reminder_days) != sorted(after.reminder_days):
        left = [day for day in sorted(after.reminder_days) if day not in reminders_gone(before)]
        said.append(
            _("Who has not answered by then is reminded after %(days)s working days.")
            % {"days": ", ".join(map(str, left))}
            if left
            else _("Nobody is reminded any more.")
        )
    if before.wave_size != after.wave_size:
        unwritten = before.invitations.filter(timing.PENDING).count()
        said.append(
            ngettext(
                "%(n)d invitation that is still to be written is planned anew.",
                "%(n)d invitations that are still to be written are planned anew.",
                unwritten,
            )
            % {"n": unwritten}
        )
    for field in ("due_on", "closes_on"):
        day = getattr(after, field)
        if getattr(before, field) != day and (why := calendar.why_not(day)):
            said.append(_("%(day)s is no working day: %(why)s.") % {"day": _said(day), "why": why})
    return said


@transaction.atomic
def change_dates(round, *, version, by, now, **dates):
    """Takes the new dates over everywhere they matter. `Stale` when somebody else changed the round meanwhile."""
    before = Round.objects.select_for_update().get(pk=round.pk)
    if before.state != Round.State.OPEN:
        raise NotPossibleNow(before)
    claim(round, version=version, by=by, now=now)
    for field, value in dates.items():
        setattr(round, field, value)
    changed = what_changes(before, round)
    if not changed:
        return
    note = "; ".join(f"{name}: {was} → {now_}" for name, was, now_ in changed)[:300]
    round.change(RoundEvent.Kind.DATES, by=by, now=now, sets=dates, note=note, state=Round.State.OPEN)
    calendar = firm_calendar()
    if before.closes_on != round.closes_on:
        _waiting(round).update(expires_at=end_of_day(round.closes_on, calendar))
    if before.due_on != round.due_on and round.due_on >= calendar.local_date(now):
        round.invitations.overdue().update(overdue_flagged_at=None, overdue_reason="")
    if before.wave_size != round.wave_size:
        timing.schedule(round, now=now, start=now)


def _waiting(round):
    return Email.objects.waiting().filter(
        invitation_message__invitation__round=round, kind__in=["surveys.invitation", "surveys.reminder"]
    )


def _said(value):
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    if value is None:
        return _("no limit")
    return str(value) if isinstance(value, int) else date_format(value, "D j M Y")


# -------------------------------------------------------------------- people


@transaction.atomic
def add_person(round, contact, *, by, now):
    """Asks somebody who was forgotten: what we believe is asked for first, the mail goes out on their next morning.

    None when they are on the list already; NotPossibleNow when the round is not open or they cannot be asked.
    """
    _lock(round)
    if audience.why_not(contact) or contact.left_at or contact.client.archived_at:
        raise NotPossibleNow(round)
    decides = contact.survey_part == Contact.SurveyPart.DECISION_MAKER
    invitation, created = Invitation.objects.get_or_create(
        round=round,
        contact=contact,
        defaults={
            "client": contact.client,
            "weight": Workspace.current().decision_maker_weight if decides else 1,
        },
    )
    if not created:
        return None
    sync_beliefs(round)
    timing.schedule(round, now=now, start=now + timedelta(hours=1), rows=round.invitations.filter(pk=invitation.pk))
    _note(round, by=by, now=now, words=_("Added %(who)s.") % {"who": _who(contact)})
    invitation.refresh_from_db()
    return invitation


@transaction.atomic
def take_off(round, invitation, *, by, now):
    """Takes somebody off to whom nothing has been written yet. False when it is too late for that."""
    _lock(round)
    contact = invitation.contact
    if not round.invitations.filter(timing.PENDING, pk=invitation.pk).delete()[0]:
        return False
    sync_beliefs(round)
    _note(round, by=by, now=now, words=_("Took %(who)s off.") % {"who": _who(contact)})
    return True


def _lock(round):
    if not Round.objects.open().select_for_update().filter(pk=round.pk).exists():
        raise NotPossibleNow(round)


def _note(round, *, by, now, words):
    round.change(
        RoundEvent.Kind.PEOPLE, by=by, now=now, sets={"version": F("version") + 1}, note=words, state=Round.State.OPEN
    )


def _who(contact):
    return f"{contact.name}, {contact.client.name}"[:250]
