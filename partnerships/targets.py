"""By when we speak with a client who is unhappy: targets in the working time of whoever leads it."""

from calendar import monthrange
from datetime import timedelta

from accounts.models import Workspace

SOON = 1  # working days before a target it is “soon”


def due_dates(leader, *, now, asked_for_call, workspace=None):
    """(first contact, talk held) as moments; a call they asked for is due sooner than any other first contact."""
    workspace = workspace or Workspace.current()
    calendar = leader.calendar()
    contact = workspace.case_call_days if asked_for_call else workspace.case_contact_days
    return calendar.add(now, days=contact), calendar.add(now, days=workspace.case_talk_days)


def ask_on(leader, *, now, workspace=None):
    """The day to ask whether it is cleared up: so many calendar days on, and then a working day of the lead."""
    workspace = workspace or Workspace.current()
    calendar = leader.calendar()
    day = calendar.local_date(now) + timedelta(days=workspace.ask_cleared_after_days)
    return calendar.working_day_after(day, 0)


def months_before(moment, months):
    """The same day so many months earlier; the last day of a month that is shorter."""
    number = moment.year * 12 + moment.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
