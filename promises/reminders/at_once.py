"""The few words that do not wait for the digest. In the quiet hours of whoever gets them they wait until those end."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Workspace
from outbox.models import Email
from promises.models import Promise, PromiseMail, Reminder
from promises.reminders.quiet import quiet_until

OVERDUE = "promises.overdue"
ANSWERED = "promises.they_"  # and what: each answer of theirs is a kind of mail
UNDELIVERED = "promises.undelivered"
FRESH = timedelta(hours=6)  # after that, “at once” is over: the program stood still, and the digest says it
ANSWERS = ("disputed", "moved", "refused", "countered", "agreed", "declined", "asked")
Rule = Reminder.Rule


def stand_in(promise, now):
    """Its owner, or on days they are away their deputy, if that one is here and may see it; None when all have left.

    A deputy's own deputy is nobody's: the promise was entrusted to one person, not to a chain.
    """
    owner = promise.owner
    if not owner.is_active:
        return None
    deputy = owner.deputy if is_away(owner, now) else None
    if deputy and deputy.is_active and not is_away(deputy, now) and may_see(deputy, promise):
        return deputy
    return owner


def is_away(user, now):
    return user.calendar().absent_on(now.astimezone(user.zone).date())


def may_see(user, promise):
    return Promise.objects.visible_to(user).filter(pk=promise.pk).exists()


def their_answer(promise, what, now):
    """The other side disputed, answered a request or an offer, or asks for another date: its owner hears of it now.

    `what` is one of ANSWERS. Call it in the transaction of the answer.
    """
    if what not in ANSWERS:
        raise ValueError(f"No answer of theirs is called {what!r}.")
    subjects = {
        "disputed": _("Not what was agreed: %s"),
        "moved": _("They agree to the new date: %s"),
        "refused": _("They keep to the old date: %s"),
        "countered": _("Another offer: %s"),
        "agreed": _("Agreed: %s"),
        "declined": _("Declined: %s"),
        "asked": _("They ask for another date: %s"),
    }
    return _say(
        promise, Rule.THEIR_ANSWER, kind=ANSWERED + what, about_at=now, subject=subjects[what] % promise.what, now=now
    )


def found_too_late(promise):
    """Nobody was told at once that it turned late: it was found long afterwards, and perhaps many others with it."""
    flagged_at = promise.overdue_flagged_at
    return promise.importance == Promise.Importance.CRITICAL and flagged_at and flagged_at - promise.due_at > FRESH


def late_at_once(promise, now):
    """A critical promise of ours turned late."""
    subject = _("Late: %s") % promise.what
    return _say(
        promise,
        Rule.LATE_AT_ONCE,
        kind=OVERDUE,
        about_at=promise.due_at,
        subject=subject,
        now=now,
        expires_at=now + timedelta(days=2),  # after that the digest says it
    )


@transaction.atomic
def _say(promise, rule, *, kind, about_at, subject, now, expires_at=None):
    """Write the mail and the word in one, once. None when there is nobody to tell, or it was said before."""
    to = stand_in(promise, now)
    if to is None:
        return None
    workspace = Workspace.current()
    email, created = Email.objects.queue(
        kind=kind,
        key=f"{kind}:{promise.public_id}:{about_at:%Y%m%d%H%M%S%f}",
        to=to.email,
        to_name=to.name,
        subject=subject,
        about=f"{promise.what}, {promise.client.name}",
        not_before=quiet_until(now, zone=to.zone, start=workspace.quiet_from, end=workspace.quiet_until),
        expires_at=expires_at,
    )
    if not created:
        return None
    PromiseMail.objects.create(promise=promise, to=to, email=email)
    Reminder.objects.get_or_create(
        promise=promise, rule=rule, to=to, about_at=about_at, defaults={"said_at": now, "email": email}
    )
    return email
