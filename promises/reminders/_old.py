"""The rule set: who hears what about which promise, when. One digest a day for each person; at once only what burns.

`plan(now)` asks the database what is due and writes it by key: right when it runs twice, late, or by hand.

| rule | to | when |
|---|---|---|
| on track, or move it | owner | the working day before the last early moment |
| due | owner | the morning of the due day; for a day off, the working day before |
| late: choose | owner | one working day after the due day |
| late: speak with its owner | managers | two working days after for a critical promise, five for others |
| delivered, no word yet | owner | one working day after the delivery |
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import chain

from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Absence, Role, User, Workspace
from outbox.models import Email
from promises.models import DigestMail, NotActive, NotDelivered, Promise
from promises.reminders.at_once import late_at_once

log = logging.getLogger(__name__)

DIGEST = "promises.digest"
AHEAD = timedelta(days=21)  # further away than any first word about a promise
ESCALATE_CRITICAL, ESCALATE = 2, 5  # working days late
BATCH = 500


def plan(now):
    """Everything the clock has to say now. Returns what was done, for the log."""
    workspace = Workspace.current()
    return {
        "flagged": flag_overdue(now),
        "broken": break_the_long_overdue(now, workspace),
        "kept": keep_the_unanswered(now, workspace),
        "digests": plan_digests(now),
    }


# -------------------------------------------------------------------- scans


def flag_overdue(now):
    """Announce every promise whose due moment has passed; the index `promise_to_flag` holds those still to flag."""

    @transaction.atomic
    def flag(promise):
        if not promise.flag_overdue(now=now):
            return False
        if promise.importance == Promise.Importance.CRITICAL and promise.is_ours:
            late_at_once(promise, now)
        return True

    return _each(Promise.objects.to_flag(now).with_people().order_by("due_at").iterator(chunk_size=BATCH), flag)


def break_the_long_overdue(now, workspace):
    """Twice the time after which a promise counts as broken has passed: it is."""

    def break_it(promise):
        return promise.breaks_by_itself(now, workspace) and _won(promise.break_, by=None, now=now, reason="")

    # Working days are never more than days, so this leaves out nothing that could break.
    since = now - timedelta(days=2 * workspace.broken_after_days)
    return _each(Promise.objects.overdue(since).with_calendars().iterator(chunk_size=BATCH), break_it)


def keep_the_unanswered(now, workspace):
    def keep(promise):
        return promise.silence_is_over(now, workspace) and _won(promise.keep_unconfirmed, now=now)

    waiting = Promise.objects.delivered().filter(delivered_at__lt=now - timedelta(days=workspace.silence_days))
    waiting = waiting.select_related("owner").prefetch_related("owner__absences")
    return _each(waiting.iterator(chunk_size=BATCH), keep)


def _each(rows, act):
    """Do it for every row and count; one that fails is logged and never stops the others."""
    done = 0
    for row in rows:
        try:
            done += bool(act(row))
        except Exception:
            log.exception("%s failed for %s %s", act.__qualname__, type(row).__name__, row.pk)
    return done


def _won(verb, **fields):
    """False when somebody was faster, which is fine."""
    try:
        verb(**fields)
    except (NotActive, NotDelivered):
        return False
    return True


# -------------------------------------------------------------------- digests


def plan_digests(now):
    """Write today's digest of everybody whose hour has come: once a day, and none when there is nothing to say."""
    people = User.objects.active().select_related("deputy").prefetch_related("absences")
    # The day's rows of all zones: at most three local dates are "today" somewhere.
    recent = DigestMail.objects.filter(date__gte=(now - timedelta(days=1)).date())
    looked_at = set(recent.values_list("user_id", "date"))

    def plan_for(user):
        today = now.astimezone(user.zone).date()
        return (user.pk, today) not in looked_at and is_time(user, now) and plan_digest(user, today, now=now)

    return _each(people, plan_for)


def is_time(user, now):
    """Their digest hour has come on a day they work."""
    here = now.astimezone(user.zone)
    return here.time() >= user.digest_at and user.calendar().is_working_day(here.date())


def plan_digest(user, today, *, now):
    """Whether a mail was written. The row is made either way, so that a day is looked at once."""
    last = DigestMail.objects.filter(user=user, date__lt=today).order_by("-date").first()
    since = last.date if last else None
    digest = build(user, today=today, since=since, now=now)
    end_of_day = timezone.make_aware(datetime.combine(today + timedelta(days=1), time()), user.zone)
    try:
        with transaction.atomic():
            row = DigestMail.objects.create(user=user, date=today, since=since)
            if digest.is_empty:
                return False
            row.email, _created = Email.objects.queue(
                kind=DIGEST,
                key=f"{DIGEST}:{user.public_id}:{today}",
                to=user.email,
                to_name=user.name,
                subject=digest.subject,
                about=digest.about,
                expires_at=end_of_day,
            )
            row.save(update_fields=["email"])
    except IntegrityError:  # another planner was faster
        return False
    return True


@dataclass
class Digest:
    """What one person reads today. Sections are lists of promises; `is_new` says what made it worth a mail."""

    user: User
    today: object
    late: list = field(default_factory=list)
    due: list = field(default_factory=list)
    early: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    escalated: list = field(default_factory=list)
    new: int = 0

    @property
    def is_empty(self):
        return not self.new

    @property
    def everything(self):
        return [*self.late, *self.due, *self.early, *self.waiting, *self.escalated]

    @property
    def subject(self):
        from promises.mails import digest_subject

        return digest_subject(self)

    @property
    def about(self):
        return ", ".join(promise.what[:60] for promise in self.everything[:3])


def build(user, *, today, since, now):
    """The digest of `user` on `today`, covering every word that fell due after `since`, as things stand at `now`."""
    digest = Digest(user=user, today=today)
    calendar = user.calendar()
    window = Window(since, today)
    for promise in chain.from_iterable(_promises_of(person, now, user) for person in read_for(user, now)):
        _sort_in(digest, promise, calendar, window, now)
    if user.role == Role.MANAGER:
        _escalate(digest, calendar, window, now)
    return digest


@dataclass(frozen=True)
class Window:
    """The days a digest speaks for: after the one before, up to today."""

    since: object
    today: object

    def __contains__(self, day):
        return day <= self.today and (self.since is None or day > self.since)


def read_for(user, now):
    """Whose promises this person reads about: their own, and those of the colleagues they stand in for today."""
    yield user
    absences = Prefetch("absences", queryset=Absence.objects.all())
    for colleague in user.deputy_of.active().prefetch_related(absences):
        if colleague.calendar().absent_on(now.astimezone(colleague.zone).date()):
            yield colleague


def _promises_of(person, now, reader):
    open_ones = Promise.objects.visible_to(reader).of(person).with_calendars()
    yield from open_ones.active().filter(due_at__lt=now + AHEAD)
    yield from open_ones.delivered()


def _sort_in(digest, promise, calendar, window, now):
    """Put a promise where it belongs today. Late ones are listed while they are late; only a new word makes a mail."""
    if promise.is_delivered:
        told_on = calendar.working_day_after(calendar.local_date(promise.delivered_at), 1)
        if told_on in window:
            digest.waiting.append(promise)
            digest.new += 1
        return
    due_day = promise.due_at.astimezone(calendar.zone).date()
    if promise.due_at < now:
        digest.late.append(promise)
        digest.new += calendar.working_day_after(due_day, 1) in window
        return
    morning = due_day if calendar.is_working_day(due_day) else calendar.working_day_after(due_day, -1)
    if morning <= digest.today:
        digest.due.append(promise)
        digest.new += morning in window
        return
    last_early = promise.last_early_moment if promise.is_ours else now
    if now < last_early:
        told_on = calendar.working_day_after(calendar.local_date(last_early), -1)
        if told_on in window and told_on >= calendar.local_date(promise.agreed_at):
            digest.early.append(promise)
            digest.new += 1


def _escalate(digest, calendar, window, now):
    """Late for days: the manager hears once. What they own themselves stands under Late already."""
    late = Promise.objects.overdue(now).exclude(owner=digest.user).filter(direction=Promise.Direction.OURS)
    since = now - timedelta(days=45)
    for promise in late.filter(due_at__gte=since).with_people().order_by("due_at")[:200]:
        days = ESCALATE_CRITICAL if promise.importance == Promise.Importance.CRITICAL else ESCALATE
        due_day = promise.due_at.astimezone(calendar.zone).date()
        if calendar.working_day_after(due_day, days) in window:
            digest.escalated.append(promise)
            digest.new += 1
