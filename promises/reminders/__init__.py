"""Who hears what about which promise, when: one rule set, one digest a day for each person, at once only what burns.

`plan(now)` asks the database what is due and writes it by key: right when it runs twice, late, or by hand. The rules
are in rules.py; every word said is a `Reminder`, and that the same word is never said twice is a unique index.
"""

from accounts.models import Workspace
from promises.reminders import scans, theirs
from promises.reminders.at_once import ANSWERED, ANSWERS, OVERDUE, their_answer
from promises.reminders.digest import Desk
from promises.reminders.planning import DIGEST, plan_digests
from promises.reminders.scans import flag_overdue

__all__ = ["ANSWERED", "ANSWERS", "DIGEST", "OVERDUE", "Desk", "flag_overdue", "plan", "plan_digests", "their_answer"]


def plan(now):
    """Everything the clock has to do and to say now. Returns what was done, for the log."""
    with Workspace.remembering():
        workspace = Workspace.remembered()
        done = {"flagged": flag_overdue(now, workspace)}
        if scans.is_hourly(now):
            done["broken"] = scans.break_the_long_overdue(now, workspace)
            done["kept"] = scans.keep_the_unanswered(now, workspace)
            done["clients reminded"] = theirs.remind_clients(now, workspace)
            scans.hourly_done(now)
        done["digests"] = plan_digests(now, workspace)
        return done
