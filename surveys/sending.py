"""Invitations on their way: into the outbox wave by wave, and their states as the outbox tells them.

Nothing here sends. A batch is one transaction: the mails, their links, the sealing of the clients' beliefs. It may be
run twice, at the same time, or late; a crash leaves whole batches only.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf, Substr
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Workspace
from clients.models import Contact
from outbox import kinds
from outbox.models import Email
from surveys.days import end_of_day, firm_calendar, morning, start_of_day
from surveys.models import Belief, Invitation, InvitationMessage, Result, Round

BATCH = 500
State = Invitation.State
GONE = (Email.State.FAILED, Email.State.BOUNCED)


# -------------------------------------------------------------------- when


def schedule(round, *, now, at_once, day=None):
    """Sets when the waiting invitations may go: now, or at 09:00 on a day where each contact lives."""
    waiting = round.invitations.filter(state=State.PENDING, queued_at=None)
    if at_once:
        return waiting.update(send_at=now, hold_reason="")
    day = day or firm_calendar().local_date(max(now, round.opens_at or now))
    waiting = waiting.annotate(zone=_zone())
    for zone in list(waiting.order_by().values_list("zone", flat=True).distinct()):
        waiting.filter(zone=zone).update(send_at=max(now, morning(day, zone)))


def _zone():
    return Coalesce(NullIf("contact__time_zone", Value("")), "client__time_zone", output_field=CharField())


# -------------------------------------------------------------------- into the outbox


def send_due(now, *, most=None):
    """Writes the first mails of all open rounds that are due, `most` of them or all. Returns how many."""
    written = 0
    for pk in Round.objects.sending().values_list("pk", flat=True):
        while (most is None or written < most) and (batch := _send_batch(pk, now)):
            written += max(batch, 0)
    return written


@transaction.atomic
def _send_batch(pk, now):
    """One batch of one round; 0 when there is nothing more to do for now, −1 when only holds were noted."""
    # The row's lock makes waves and pauses exact: while a batch is written nobody pauses, and two workers take turns.
    round = Round.objects.sending().select_for_update().filter(pk=pk).first()
    if round is None:
        return 0
    workspace = Workspace.current()
    calendar = firm_calendar(workspace)
    due = Invitation.objects.to_queue(now).filter(round=round)
    if round.wait_for_beliefs:
        due = _with_belief(round, due)
    room = _room_today(round, now, calendar)
    if room <= 0:
        if due.exists():
            _postpone(round, due, now, calendar)
        return 0
    batch = due.order_by("send_at", "pk")[: min(BATCH, room)].batch(round)
    if not batch:
        return 0
    sendable = _hold_capped(_settle_unwanted(batch), now=now, calendar=calendar, gap=workspace.contact_gap_days)
    _write(round, sendable, now=now, calendar=calendar)
    return len(sendable) or -1


def _with_belief(round, due):
    """Those whose owner has said what they believe; the others wait, and say so."""
    owed = Exists(Belief.objects.filter(round=round, client=OuterRef("client"), required=True, recorded_at=None))
    due.filter(owed).update(hold_reason=_("Waits until the owner has recorded a belief."))
    return due.filter(~owed)


def _room_today(round, now, calendar):
    if not round.wave_size:
        return BATCH
    today = start_of_day(calendar.local_date(now), calendar)
    return round.wave_size - round.invitations.filter(queued_at__gte=today).count()


def _postpone(round, due, now, calendar):
    """Today's wave is full: the rest goes on the next working day, in the morning where people live."""
    day = calendar.working_day_after(calendar.local_date(now))
    rest = Invitation.objects.filter(pk__in=list(due.values_list("pk", flat=True))).annotate(zone=_zone())
    for zone in list(rest.order_by().values_list("zone", flat=True).distinct()):
        rest.filter(zone=zone).update(send_at=max(now + timedelta(minutes=1), morning(day, zone)))


def _settle_unwanted(batch):
    """Marks those who can no longer be asked; returns the others."""
    wanted = []
    for invitation in batch:
        if state_and_reason := why_not(invitation):
            invitation.state, invitation.hold_reason = state_and_reason
            invitation.send_at = None
            invitation.save(update_fields=["state", "hold_reason", "send_at"])
        else:
            wanted.append(invitation)
    return wanted


def why_not(invitation):
    """(state, reason) when this person can no longer be asked, None when they can."""
    contact, client = invitation.contact, invitation.client
    if contact.mail_state == Contact.MailState.UNSUBSCRIBED:
        return State.DECLINED, _("Asked us to stop.")
    if contact.mail_state == Contact.MailState.BOUNCED:
        return State.UNDELIVERABLE, _("Their mail comes back.")
    if not contact.email:
        return State.UNDELIVERABLE, _("There is no e-mail address.")
    if contact.survey_part == Contact.SurveyPart.NOT_SURVEYED:
        return State.PENDING, _("Is not asked in surveys.")
    if contact.left_at:
        return State.PENDING, _("Has left the client.")
    if client.archived_at:
        return State.PENDING, _("The client is archived.")
    return None


def _hold_capped(batch, *, now, calendar, gap):
    """One automatic mail per person in so many working days, over all features: the others wait, with the reason."""
    recent = last_mails({i.contact.email for i in batch}, now=now, calendar=calendar, gap=gap)
    free = []
    for invitation in batch:
        last = recent.get(invitation.contact.email)
        if last is None:
            recent[invitation.contact.email] = now  # the same address at another client waits its turn
            free.append(invitation)
            continue
        day = calendar.working_day_after(calendar.local_date(last), gap)
        invitation.send_at = max(morning(day, invitation.contact.zone_name), now + timedelta(hours=1))
        invitation.hold_reason = _("Had another mail from us on %(day)s; goes out on %(until)s.") % {
            "day": date_format(calendar.local_date(last), "D j M"),
            "until": date_format(calendar.local_date(invitation.send_at), "D j M"),
        }
        invitation.save(update_fields=["send_at", "hold_reason"])
    return free


def last_mails(addresses, *, now, calendar, gap):
    """{address: when it last had, or is about to have, an automatic mail} within the last `gap` working days."""
    if not gap:
        return {}
    since = start_of_day(calendar.working_day_after(calendar.local_date(now), -gap), calendar) + timedelta(days=1)
    names = [kind.name for kind in kinds.known() if kind.audience == kinds.CLIENT and kind.automatic]
    mails = (
        Email.objects.filter(to_email__in=addresses, kind__in=names)
        .exclude(state__in=[*GONE, Email.State.CANCELLED])
        .annotate(moment=Coalesce("sent_at", "not_before", "created_at"))
        .filter(moment__gte=since)
        .order_by("moment")
    )
    return dict(mails.values_list("to_email", "moment"))


def _write(round, batch, *, now, calendar):
    if not batch:
        return
    expires = end_of_day(round.closes_on, calendar) if round.closes_on else None
    emails = Email.objects.queue_many([_invitation_mail(invitation, expires) for invitation in batch])
    InvitationMessage.objects.bulk_create(
        [
            InvitationMessage(invitation=invitation, email=email, step=InvitationMessage.INVITES)
            for invitation, email in zip(batch, emails, strict=True)
        ],
        ignore_conflicts=True,
    )
    Invitation.objects.filter(pk__in=[i.pk for i in batch]).update(queued_at=now, hold_reason="")
    clients = {i.client_id for i in batch}
    round.beliefs.filter(client__in=clients).seal(now=now)
    Result.objects.mark_stale(round_id=round.pk, client_ids=clients)


def _invitation_mail(invitation, expires):
    owner = invitation.client.owner
    return {
        "kind": "surveys.invitation",
        "key": f"surveys.invitation:{invitation.pk}",
        "to": invitation.contact.email,
        "to_name": invitation.contact.name,
        "from_name": owner.name,
        "reply_to": owner.email,
        "subject": _("How are we doing for %(client)s?") % {"client": invitation.client.name},
        "about": f"{invitation.round.name}, {invitation.client.name}",
        "expires_at": expires,
    }


# -------------------------------------------------------------------- what became of them


def follow_outbox(now):
    """Takes over what the outbox knows: sent, refused, not sent after all. Set-based; safe to run at any time."""
    first = InvitationMessage.objects.filter(invitation=OuterRef("pk"), step=InvitationMessage.INVITES)

    def mail(**states):
        return Exists(first.filter(**{f"email__{name}": value for name, value in states.items()}))

    rows = Invitation.objects.filter(round__state__in=[Round.State.OPEN, Round.State.CLOSED], queued_at__isnull=False)
    sent = Email.State.SENT
    rows.filter(mail(state=sent), invited_at=None).update(invited_at=Subquery(first.values("email__sent_at")[:1]))
    rows.filter(mail(state=sent), state=State.PENDING).update(state=State.SENT, hold_reason="")
    gone = rows.filter(mail(state__in=GONE), state__in=[State.PENDING, State.SENT])
    for round_id, client_id in set(gone.values_list("round", "client")):
        Result.objects.mark_stale(round_id=round_id, client_ids=[client_id])
    gone.update(state=State.UNDELIVERABLE, hold_reason=_("The mail could not be delivered."))
    rows.filter(mail(state=Email.State.CANCELLED), state=State.PENDING, hold_reason="").update(
        hold_reason=Coalesce(Substr(Subquery(first.values("email__last_words")[:1]), 1, 200), Value(""))
    )


def cancel_waiting(round, *, reason):
    """Mail of this round that has not begun to go out will not."""
    Email.objects.filter(
        Q(invitation_message__invitation__round=round) & ~Q(kind="surveys.thanks"), state__in=Email.WAITING
    ).order_by().cancel(reason)


def progress(round):
    """How far sending is, read from the mails themselves: those done of all, how many are held, when the next goes."""
    rows = round.invitations
    pending = rows.filter(state=State.PENDING)
    over = [Email.State.SENT, Email.State.CANCELLED, *GONE]
    waiting = pending.filter(~first_mail(over)).exclude(send_at=None)
    total = rows.count()
    return {
        "total": total,
        "done": total - waiting.count(),
        "held": pending.exclude(hold_reason="").count(),
        "next_at": waiting.filter(queued_at=None).order_by("send_at").values_list("send_at", flat=True).first(),
    }


def first_mail(states):
    """Is the first mail of an invitation in one of these states?"""
    step = InvitationMessage.INVITES
    return Exists(InvitationMessage.objects.filter(invitation=OuterRef("pk"), step=step, email__state__in=states))
