"""Today's digest of everybody whose hour has come: once a day, none when there is nothing new, no backlog ever."""

from datetime import datetime, time, timedelta
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User, Workspace
from outbox.models import Email
from promises.models import DigestMail, DigestWord, Reminder
from promises.reminders.digest import Desk
from promises.reminders.scans import each

DIGEST = "promises.digest"
AT_ONCE = 200  # people whose promises are in memory together


def plan_digests(now, workspace=None):
    """How many were written."""
    waiting = iter(_whose_hour_has_come(now))
    written = 0
    with Workspace.remembering():
        while chunk := list(islice(waiting, AT_ONCE)):
            written += _plan_for(chunk, now, workspace)
    return written


def _whose_hour_has_come(now):
    people = User.objects.active().select_related("deputy").prefetch_related("absences")
    # The day's rows of all zones: at most three local dates are "today" somewhere.
    recent = DigestMail.objects.filter(date__gte=(now - timedelta(days=1)).date())
    looked_at = set(recent.values_list("user_id", "date"))
    found = []

    def ask(user):
        if (user.pk, now.astimezone(user.zone).date()) not in looked_at and is_time(user, now):
            found.append(user)

    each(people, ask)
    return found


def is_time(user, now):
    """Their digest hour has come on a day they work."""
    here = now.astimezone(user.zone)
    return here.time() >= user.digest_at and user.calendar().is_working_day(here.date())


def _plan_for(users, now, workspace):
    _forget_the_unsaid(users)
    desk = Desk(users, now=now, workspace=workspace)
    since = _days_before(users)
    quiet = []

    def plan(user):
        digest = desk.digest_of(user)
        if digest.is_empty:
            quiet.append(DigestMail(user=user, date=digest.today, since=since.get(user.pk)))
            return False
        return write(digest, since=since.get(user.pk), now=now)

    written = each(users, plan)
    # A day is looked at once, also when it has nothing to say.
    DigestMail.objects.bulk_create(quiet, ignore_conflicts=True)
    return written


def _forget_the_unsaid(users):
    """Words of a digest that never went out (it came too late, after a long outage) are still to be said."""
    Reminder.objects.filter(
        to__in=users, email__kind=DIGEST, email__state=Email.State.CANCELLED, acted_at=None
    ).delete()
    DigestWord.objects.filter(to__in=users, email__kind=DIGEST, email__state=Email.State.CANCELLED).delete()


def _days_before(users):
    """The day of each one's latest digest."""
    rows = DigestMail.objects.filter(user__in=users).order_by("user", "date")
    return dict(rows.values_list("user_id", "date"))


def write(digest, *, since, now):
    """The digest, its mail and every new word in it, in one transaction; False when another planner was faster."""
    from promises.mails import digest_subject

    user, today = digest.user, digest.today
    end_of_day = timezone.make_aware(datetime.combine(today + timedelta(days=1), time()), user.zone)
    try:
        with transaction.atomic():
            email, _created = Email.objects.queue(
                kind=DIGEST,
                key=f"{DIGEST}:{user.public_id}:{today}",
                to=user.email,
                to_name=user.name,
                subject=digest_subject(digest),
                about=digest.about,
                expires_at=end_of_day,
            )
            DigestMail.objects.create(user=user, date=today, since=since, email=email)
            Reminder.objects.bulk_create(
                Reminder(
                    promise=word.promise, rule=word.rule, to=user, about_at=word.about_at, said_at=now, email=email
                )
                for word in digest.fresh
            )
            DigestWord.objects.bulk_create(
                DigestWord(to=user, key=line.key, said_at=now, email=email) for line in digest.fresh_lines
            )
    except IntegrityError:  # another planner was faster
        return False
    return True
