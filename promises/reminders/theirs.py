"""What a client promised us: a reminder to them, drafted for its owner, or sent where the firm switched that on.

At most two about one promise: before the due day, and once it is late. Each is a word of the rule THEIRS_DUE, said to
nobody of us; its `email` is empty while it is a draft.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q

from promises import letters
from promises.models import Letter, Promise, Reminder
from promises.reminders.rules import Name
from promises.reminders.scans import BATCH, each

AT_MOST = 2
LATE = timedelta(seconds=1)  # the second word speaks of the moment after the due


def remind_clients(now, workspace):
    """Write what is due to be written to clients; how many letters or drafts."""
    ahead = now + timedelta(days=14 + 2 * workspace.word_before_days)
    behind = now - timedelta(days=14 + 2 * workspace.owner_after_days)
    theirs = Promise.objects.active().theirs().filter(due_at__range=(behind, ahead), promisor_contact__left_at=None)
    theirs = theirs.exclude(promisor_contact=None).with_calendars().prefetch_related("owner__absences")
    written = Count("reminders", filter=Q(reminders__rule=Name.THEIRS_DUE))
    waiting = theirs.annotate(written=written).filter(written__lt=AT_MOST)
    return each(waiting.iterator(chunk_size=BATCH), lambda promise: remind(promise, now, workspace))


def remind(promise, now, workspace):
    about_at = word_due(promise, now, workspace)
    if about_at is None or promise.reminders.filter(rule=Name.THEIRS_DUE, about_at=about_at).exists():
        return False
    if not workspace.remind_clients:
        return _draft(promise, about_at, now)
    if promise.calendar.next_working_moment(now) != now:
        return False  # nobody at the client reads it now; the scan comes again
    return _send(promise, about_at, now)


def word_due(promise, now, workspace):
    """The moment the reminder due at `now` speaks of; None when none is."""
    calendar = promise.owner.calendar()
    today, due_day = calendar.local_date(now), calendar.local_date(promise.due_at)
    if promise.due_at < now:
        return (
            promise.due_at + LATE if calendar.working_day_after(due_day, workspace.owner_after_days) <= today else None
        )
    before = calendar.working_day_after(due_day, -max(workspace.word_before_days, 1))
    return promise.due_at if calendar.local_date(promise.agreed_at) < before <= today else None


@transaction.atomic
def _draft(promise, about_at, now):
    """A draft that still waits is enough: it is written afresh when it is sent."""
    if not Letter.objects.filter(promise=promise, kind=Letter.Kind.NUDGE, email=None, dropped_at=None).exists():
        try:
            letters.draft(Letter.Kind.NUDGE, promise=promise, by=None, now=now)
        except letters.CannotWrite:
            return False
    return _note(promise, about_at, now)


@transaction.atomic
def _send(promise, about_at, now):
    """By itself: never to who asked us to stop, and not before the gap between two automatic mails is over."""
    key = f"promises.theirs:{promise.public_id}:{about_at:%Y%m%d%H%M%S}"
    try:
        letter = letters.write(Letter.Kind.NUDGE, promise=promise, by=None, now=now, key=key)
    except letters.CannotWrite:
        return False
    return _note(promise, about_at, now, email=letter.email)


def _note(promise, about_at, now, email=None):
    _row, created = Reminder.objects.get_or_create(
        promise=promise, rule=Name.THEIRS_DUE, to=None, about_at=about_at, defaults={"said_at": now, "email": email}
    )
    return created
