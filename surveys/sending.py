"""Invitations on their way: into the outbox wave by wave, and their states as the outbox tells them.

Nothing here sends. A batch is one transaction: the mails, their links, the sealing of the clients' beliefs. It may be
run twice, at the same time, or late; a crash leaves whole batches only.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Substr
from django.utils.translation import gettext as _

from accounts.models import Workspace
from clients.models import Contact
from outbox.models import Email
from outbox.nudge import poke
from surveys import holds, letters, timing
from surveys.days import DAY, end_of_day, firm_calendar, start_of_day
from surveys.holds import last_mails
from surveys.models import Belief, Invitation, InvitationMessage, Result, Round

__all__ = ["last_mails"]  # reminders keep the same distance

BATCH = 1000
State = Invitation.State
UNWRITTEN = timing.PENDING
GONE = (Email.State.FAILED, Email.State.BOUNCED)


# -------------------------------------------------------------------- into the outbox


def send_due(now, *, most=None):
    """Writes the first mails of all open rounds that are due, `most` of them or all. Returns how many."""
    written = 0
    for pk in list(Round.objects.sending().values_list("pk", flat=True)):
        _look_again(pk, now)
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
    room = BATCH
    if round.wave_size:
        room = round.wave_size - timing.taken_days(round, now=now, calendar=calendar)[calendar.local_date(now)]
    if room <= 0:
        # Today's wave is full: the rest goes on the next mornings.
        timing.schedule(round, now=now, start=start_of_day(calendar.local_date(now) + DAY, calendar), rows=due)
        return 0
    batch = due.order_by("send_at", "pk")[: min(BATCH, room)].batch(round)
    if not batch:
        return 0
    sendable = holds.hold_capped(_settle_unwanted(batch), now=now, calendar=calendar, gap=workspace.contact_gap_days)
    _write(round, sendable, now=now, calendar=calendar)
    return len(sendable) or -1


@transaction.atomic
def _look_again(pk, now):
    """Before a round goes on: who could not be asked and now can gets a turn, and nobody is written to at night
    because a worker was away in the morning.
    """
    round = Round.objects.sending().select_for_update().filter(pk=pk).first()
    if round is None:
        return
    back = round.invitations.filter(timing.PENDING, send_at=None).filter(holds.MAY_BE_ASKED)
    if back.order_by().update(hold_reason="", send_at=None):
        timing.schedule(round, now=now, rows=back)
    timing.put_off_late(round, now=now)


def wake_outbox():
    """What waits in the outbox is looked at now and not at the worker's next beat."""
    transaction.on_commit(poke, robust=True)


def _with_belief(round, due):
    """Those whose owner has said what they believe; the others wait, and say so."""
    owed = Exists(Belief.objects.holding().filter(round=round, client=OuterRef("client")))
    due.filter(owed).update(hold_reason=_("Waits until the owner has recorded a belief."))
    return due.filter(~owed)


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


def _write(round, batch, *, now, calendar):
    if not batch:
        return
    expires = end_of_day(round.closes_on, calendar) if round.closes_on else None
    subjects = {}  # one for each client and language; who asks several people of a client asks them the same
    for invitation in batch:
        key = invitation.client_id, invitation.contact.language
        if key not in subjects:
            subjects[key] = letters.subject_of_invitation(invitation)
    emails = Email.objects.queue_many(
        [
            _invitation_mail(invitation, expires, subjects[invitation.client_id, invitation.contact.language])
            for invitation in batch
        ]
    )
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


def _invitation_mail(invitation, expires, subject):
    owner = invitation.client.owner
    return {
        "kind": "surveys.invitation",
        "key": f"surveys.invitation:{invitation.pk}",
        "to": invitation.contact.email,
        "to_name": invitation.contact.name,
        "from_name": owner.name,
        "reply_to": owner.email,
        "subject": subject,
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
