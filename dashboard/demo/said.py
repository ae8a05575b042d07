"""What the rules said about the promises of the last months, as if the digests of those days had gone out."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.models import Role, User
from promises.models import Promise, Reminder

SINCE = timedelta(days=90)
MANAGER_AFTER = 5  # working days late
DIGEST_AT = time(7, 30)
Rule = Reminder.Rule


def build_words(promises, *, now):
    """A word for each promise on its due morning, more for those that were late; acted on when it ended."""
    manager = User.objects.filter(role=Role.MANAGER).first()
    calendars, rows = {}, []
    for promise in promises:
        if promise.due_at < now - SINCE or promise.due_at > now or promise.state == Promise.State.RELEASED:
            continue
        calendar = calendars.setdefault(promise.owner_id, promise.owner.calendar())
        rows += _words_about(promise, calendar, manager, now=now)
    return Reminder.objects.bulk_create(rows, 1000)


def _words_about(promise, calendar, manager, *, now):
    due_day = calendar.local_date(promise.due_at)
    ended = promise.done_at or promise.ended_at
    told = [(Rule.DUE, promise.owner, due_day), (Rule.CHOOSE, promise.owner, calendar.working_day_after(due_day, 1))]
    if promise.is_ours and manager and manager != promise.owner:
        told.append((Rule.ESCALATED, manager, calendar.working_day_after(due_day, MANAGER_AFTER)))
    for rule, to, day in told:
        said_at = timezone.make_aware(datetime.combine(day, DIGEST_AT), to.zone)
        if said_at <= now and (ended is None or ended > said_at):
            yield Reminder(promise=promise, rule=rule, to=to, about_at=promise.due_at, said_at=said_at, acted_at=ended)
