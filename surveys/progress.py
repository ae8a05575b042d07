"""How far the sending of a round is, read from the mails themselves, and whether it still moves."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db.models import Count, Max, Min, Q

from accounts.large import counted
from outbox.models import Circuit, Email
from surveys.models import Invitation, InvitationMessage

LATELY = timedelta(minutes=3)
STALLED_AFTER = timedelta(seconds=60)
GOES_OUT = Q(email__state__in=[*Email.WAITING, Email.State.SENDING]) | Q(email__next_try_at__isnull=False)


@dataclass(frozen=True)
class Progress:
    """`done` of `total` mails are settled, `in_hand` are on their way now, `later` wait for their morning."""

    total: int
    done: int
    in_hand: int
    later: int
    held: int
    in_trouble: int
    next_at: object
    last_at: object
    minutes_left: int | None
    stalled_for: int  # minutes; 0 while it moves
    server_down: str
    old: bool = False  # the last mail went out more than a day ago

    @property
    def over(self):
        return self.done >= self.total

    @property
    def is_quiet(self):
        """Nothing to say any more: all went out, days ago, and nothing went wrong."""
        return self.over and self.old and not (self.held or self.in_trouble)

    @property
    def quarter(self):
        """0, 25, 50, 75 or 100: what a screen reader is told of."""
        return 25 * (4 * self.done // self.total) if self.total else 100


def progress(round, now):
    """At most four queries whatever the size. Where nothing is left to send, a large round is counted once a minute."""
    if round.invitations.filter(state=Invitation.State.PENDING).exists():
        return _count(round, now)
    return counted(f"progress of round {round.pk}", lambda: _count(round, now), size=lambda found: found.total)


def _count(round, now):
    waiting = Q(state=Invitation.State.PENDING)
    unwritten = waiting & Q(queued_at=None)
    since = now - LATELY
    rows = round.invitations.order_by().aggregate(
        total=Count("pk"),
        due=Count("pk", filter=unwritten & Q(send_at__lte=now, hold_reason="")),
        waits=Count("pk", filter=unwritten & Q(send_at__isnull=False)),
        held=Count("pk", filter=waiting & ~Q(hold_reason="")),
        next_at=Min("send_at", filter=unwritten & Q(send_at__gt=now)),
        due_since=Min("send_at", filter=unwritten & Q(send_at__lte=now, hold_reason="")),
        last_written=Max("queued_at"),
        last_invited=Max("invited_at"),
        lately=Count("pk", filter=Q(invited_at__gte=since)),
    )
    mails = _mails(round, since=since)
    in_hand = rows["due"] + mails["waiting"]
    moved = max((at for at in (rows["last_written"], rows["last_invited"], mails["sent_at"]) if at), default=None)
    speed = (rows["lately"] + mails["lately"]) / (LATELY / timedelta(minutes=1))
    down = _server_down(now) if in_hand else ""
    last_at = max((at for at in (rows["last_invited"], mails["sent_at"]) if at), default=None)
    return Progress(
        total=rows["total"],
        done=rows["total"] - rows["waits"] - mails["waiting"],
        in_hand=in_hand,
        later=rows["waits"] - rows["due"],
        held=rows["held"],
        in_trouble=mails["trouble"],
        next_at=rows["next_at"],
        last_at=last_at,
        old=last_at is not None and now - last_at > timedelta(days=1) and not round.paused_at,
        minutes_left=ceil(in_hand / speed) if in_hand and speed else None,
        stalled_for=_stalled(round, in_hand, since=[moved, rows["due_since"]], now=now),
        server_down=down,
    )


def _mails(round, *, since):
    """The first mails of those not yet known as sent; the clock takes over what became of them within a minute."""
    mails = InvitationMessage.objects.filter(
        invitation__round=round, invitation__state=Invitation.State.PENDING, step=InvitationMessage.INVITES
    )
    return mails.order_by().aggregate(
        waiting=Count("pk", filter=GOES_OUT),
        trouble=Count("pk", filter=Q(email__state__in=Email.TROUBLE)),
        lately=Count("pk", filter=Q(email__sent_at__gte=since)),
        sent_at=Max("email__sent_at"),
    )


def _stalled(round, in_hand, *, since, now):
    """Whole minutes since anything moved although something could; 0 while it does."""
    moved = max((at for at in since if at), default=now)
    if not in_hand or round.paused_at or now - moved < STALLED_AFTER:
        return 0
    return int((now - moved) / timedelta(minutes=1))


def _server_down(now):
    broken = Circuit.objects.filter(failures__gt=0, open_until__gt=now).order_by("-since").first()
    return (broken.last_words or broken.server) if broken else ""
