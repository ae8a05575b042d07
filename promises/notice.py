"""Was a change asked for early, at the last minute, or after the fact? Pure: no database.

L is the working time from the acceptance of the terms in force to their due, notice the working time from the request
to that due, both in the promisor's calendar. A request is early with notice ≥ need(L) = min(L/2, clamp(20% of L, 1 d,
5 d)).
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

SHARE, LEAST, MOST = 0.20, 1, 5  # of the lead; days; days


class Timing(TextChoices):
    EARLY = "early", _("early")
    LAST_MINUTE = "last_minute", _("last-minute")
    AFTER = "after_fact", _("after the fact")


def need(lead_days, *, share=SHARE, least=LEAST, most=MOST):
    """The notice in working days that makes a request early, for a lead of so many working days; 0 for no lead."""
    return max(0, min(lead_days / 2, max(least, min(share * lead_days, most))))


def last_early_moment(agreed_at, due_at, calendar, **rule):
    """The latest moment (UTC) at which a request for a change is still early.

    Where no working time lies between agreement and due (agreed on Saturday for Sunday), it is halfway by the clock;
    where the due is not after the agreement, it is the due itself.
    """
    if due_at <= agreed_at:
        return due_at
    lead = calendar.between(agreed_at, due_at)
    if not lead:
        return agreed_at + (due_at - agreed_at) / 2
    return calendar.add(due_at, days=-need(lead / calendar.day_length, **rule))


def timing(agreed_at, due_at, asked_at, calendar, **rule):
    """A request at `asked_at` on terms agreed at `agreed_at` and due at `due_at`: EARLY, LAST_MINUTE or AFTER.

    Before the due it is never after the fact, even when nobody works in the time that is left.
    """
    if asked_at >= due_at:
        return Timing.AFTER
    return Timing.EARLY if asked_at <= last_early_moment(agreed_at, due_at, calendar, **rule) else Timing.LAST_MINUTE
