"""Reminders on their days, at most three, and the flags for answers that did not come."""

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from accounts.models import Workspace
from accounts.worktime import due_moment
from clients.models import Client, Contact
from outbox.models import Email
from surveys import letters, timing
from surveys.days import DAY, end_of_day, firm_calendar, last_day_with, start_of_day, zone_of
from surveys.models import Belief, Invitation, InvitationMessage, Response, Round
from surveys.sending import last_mails

MOST = 3
BATCH = 500
State, Reason = Invitation.State, Invitation.OverdueReason


def plan(now):
    """Writes the reminders that are due today. After an outage one goes out, the latest, not a backlog."""
    workspace = Workspace.current()
    calendar = firm_calendar(workspace)
    today = calendar.local_date(now)
    if not calendar.is_working_day(today):
        return 0
    written = 0
    for round in Round.objects.sending():
        for step, days in reversed(list(enumerate(sorted(round.reminder_days)[:MOST], 1))):
            before = start_of_day(last_day_with(days, today=today, calendar=calendar), calendar)
            after = 0
            while after is not None:
                batch, after = _plan_batch(
                    round, step, after=after, before=before, now=now, calendar=calendar, workspace=workspace
                )
                written += batch
    return written


@transaction.atomic
def _plan_batch(round, step, *, after, before, now, calendar, workspace):
    """(how many were written, the last row looked at or None at the end) of the rows behind `after`."""
    if not Round.objects.sending().select_for_update().filter(pk=round.pk).exists():
        return 0, None
    this_or_later = InvitationMessage.objects.filter(invitation=OuterRef("pk"), step__gte=step, step__lte=MOST)
    due = (
        round.invitations.filter(state__in=[State.SENT, State.STARTED], invited_at__lt=before + DAY)
        .filter(
            ~Exists(this_or_later),
            contact__mail_state=Contact.MailState.OK,
            contact__left_at=None,
            client__archived_at=None,
            pk__gt=after,
        )
        .exclude(contact__email="")
        .exclude(contact__survey_part=Contact.SurveyPart.NOT_SURVEYED)
        .order_by("pk")
    )
    found = due[:BATCH].batch(round)
    batch = _not_written_to_lately(found, now=now, calendar=calendar, gap=workspace.contact_gap_days)
    first_mails = {
        m.invitation_id: m.email
        for m in InvitationMessage.objects.filter(
            invitation__in=[i.pk for i in batch], step=InvitationMessage.INVITES
        ).select_related("email")
    }
    emails = Email.objects.queue_many(
        [_mail(i, step, first_mails.get(i.pk), round=round, now=now, calendar=calendar) for i in batch]
    )
    InvitationMessage.objects.bulk_create(
        [InvitationMessage(invitation=i, email=e, step=step) for i, e in zip(batch, emails, strict=True)],
        ignore_conflicts=True,
    )
    return len(batch), found[-1].pk if len(found) == BATCH else None


def _not_written_to_lately(found, *, now, calendar, gap):
    """One automatic mail per person in so many working days: the others wait, tomorrow is soon enough."""
    recent = last_mails({i.contact.email for i in found}, now=now, calendar=calendar, gap=gap)
    free = []
    for invitation in found:
        if invitation.contact.email in recent:
            continue
        free.append(invitation)
        if gap:
            recent[invitation.contact.email] = now  # the same address at another client waits its turn
    return free


def _morning(invitation, *, now, calendar):
    """The round’s hour this morning where they live; None, so at once, where it has passed and it is still day there;
    otherwise the next morning on which both they and we work.
    """
    hour, zone = timing.hour_of(invitation.round, calendar), zone_of(invitation.contact.zone_name)
    passed = due_moment(calendar.local_date(now), hour, zone) <= now
    if passed and timing.is_day_for(invitation, now=now, calendar=calendar):
        return None
    return timing.morning_for(invitation, after=now, calendar=calendar)


def _mail(invitation, step, first, *, round, now, calendar):
    owner = invitation.client.owner
    return {
        "kind": "surveys.reminder",
        "key": f"surveys.reminder:{invitation.pk}:{step}",
        "to": invitation.contact.email,
        "to_name": invitation.contact.name,
        "from_name": owner.name,
        "reply_to": owner.email,
        "subject": letters.subject_of_reminder(invitation),
        "about": f"{round.name}, {invitation.client.name}",
        "not_before": _morning(invitation, now=now, calendar=calendar),
        "expires_at": end_of_day(round.closes_on, calendar) if round.closes_on else None,
        "thread": first,
    }


def flag_overdue(now):
    """Flags, once, each invitation past the due date without a submission, with one reason. Returns how many."""
    calendar = firm_calendar()
    flagged = 0
    for round in Round.objects.open().filter(due_on__lt=calendar.local_date(now)):
        flagged += _flag(round, now)
    return flagged


@transaction.atomic
def _flag(round, now):
    rows = round.invitations.filter(overdue_flagged_at=None).exclude(state__in=[State.SUBMITTED, State.WITHDRAWN])
    owed = Exists(Belief.objects.holding().filter(round=round, client=OuterRef("client")))
    pending = Q(state=State.PENDING)
    # The first that holds is the reason.
    reasons = [
        (Reason.OPTED_OUT, Q(state=State.DECLINED)),
        (Reason.UNDELIVERABLE, Q(state=State.UNDELIVERABLE)),
        (Reason.NO_CONTACT, Q(contact__left_at__isnull=False) | Q(contact__email="")),
        (Reason.BELIEF_MISSING, pending & Q(queued_at=None) & owed if round.wait_for_beliefs else Q(pk__in=[])),
        (Reason.ON_HOLD, pending & ~Q(hold_reason="")),
        (Reason.NOT_INVITED, pending),
        (Reason.NO_ANSWER, Q()),
    ]
    return sum(
        rows.filter(condition).update(overdue_flagged_at=now, overdue_reason=reason) for reason, condition in reasons
    )


def silent_clients(round):
    """Clients of a round of whom nobody has answered, those with a decision maker asked first, then by value band."""
    mine = round.invitations.filter(client=OuterRef("pk")).exclude(state=State.WITHDRAWN)
    heard = Response.objects.filter(invitation__round=round, invitation__client=OuterRef("pk"))
    part = Contact.SurveyPart.DECISION_MAKER
    return (
        Client.objects.filter(Exists(mine), ~Exists(heard))
        .annotate(
            decision_maker_silent=Exists(mine.filter(contact__survey_part=part)),
            unvalued=ExpressionWrapper(Q(value_band=""), output_field=BooleanField()),
        )
        .order_by("-decision_maker_silent", "unvalued", "value_band", "search_text", "pk")
    )
