"""Which columns of a promise decide what it counts as."""

from promises.models.words import Timing
from promises.outcomes import Facts, outcome_of

COLUMNS = ("state", "first_due_at", "due_at", "done_at", "moved_not_early", "withdrawn_timing", "missed_at")


def facts_of(state, first_due_at, due_at, done_at, moved_not_early, withdrawn_timing, missed_at):
    """The Facts in these columns, in the order of COLUMNS. `withdrawn_timing` also says when it was released."""
    return Facts(
        state=state,
        first_due_at=first_due_at,
        due_at=due_at,
        done_at=done_at,
        all_moves_early=not moved_not_early,
        withdrawn_early=withdrawn_timing == Timing.EARLY,
        released_late=withdrawn_timing == Timing.AFTER,
        missed_at=missed_at,
    )


def outcomes_of(rows, *, now, calendar, broken_after):
    """The outcome of each row of COLUMNS; days overdue are counted in this one calendar."""
    for row in rows:
        facts = facts_of(*row)
        late = facts.state == "active" and facts.due_at < now
        overdue = calendar.working_days(facts.due_at, now) if late else 0
        yield outcome_of(facts, now=now, working_days_overdue=overdue, broken_after=broken_after)
