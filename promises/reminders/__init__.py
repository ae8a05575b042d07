"""Who hears what about which promise, when: one rule set, one digest a day for each person, at once only what burns."""

from promises.reminders._old import DIGEST, build, flag_overdue, plan
from promises.reminders.at_once import ANSWERED, ANSWERS, OVERDUE, their_answer

__all__ = ["ANSWERED", "ANSWERS", "DIGEST", "OVERDUE", "build", "flag_overdue", "plan", "their_answer"]
