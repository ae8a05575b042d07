"""The outcomes of `outcomes.py` as conditions of the database: a figure over a million promises reads none of them.

Every promise fulfils exactly one of the ten conditions, and it is the outcome that `outcome_of` gives.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Case, CharField, F, Q, Value, When

from accounts.models import User, Workspace
from accounts.places import holidays_at
from accounts.worktime import STANDARD_WEEK, Calendar, due_moment
from promises.models import Promise
from promises.models.words import Timing
from promises.outcomes import ACCEPTED, ALL_SEVEN, WORD_DUE, WORD_KEPT, Outcome

State = Promise.State

# The usual week has its days in any two weeks; so many days more are enough for the holidays of any country.
SURELY = timedelta(days=30)
MOST_PEOPLE = 1_000_000

GROUPS = {
    "kept": (Outcome.KEPT_AS_FIRST_PROMISED,),
    "moved_early": (Outcome.KEPT_RENEGOTIATED_EARLY,),
    "moved": (Outcome.KEPT_RENEGOTIATED_EARLY, Outcome.WITHDRAWN_EARLY),
    "moved_late": (Outcome.KEPT_RENEGOTIATED_LATE,),
    "word_kept": WORD_KEPT,
    "word_due": WORD_DUE,
    "all_seven": ALL_SEVEN,
    "accepted": ACCEPTED,
    "after_first": tuple(one for one in ACCEPTED if one != Outcome.KEPT_AS_FIRST_PROMISED),
    "failed": (Outcome.BROKEN, Outcome.OPEN_OVERDUE),
    "missed": tuple(one for one in WORD_DUE if one not in WORD_KEPT),
    "seven_or_released": (*ALL_SEVEN, Outcome.RELEASED),
    "counted": tuple(one for one in Outcome if one != Outcome.NOT_DUE),
}


def outcome_q(outcome, now):
    """Promises with this outcome, or with one of a group of outcomes, or those that early warning is counted over."""
    if outcome == "missed_or_moved":
        return outcome_q("all_seven", now) & missed_or_moved_q()
    if outcome == "warned_early":
        return outcome_q("missed_or_moved", now) & warned_early_q()
    wanted = GROUPS[outcome] if outcome in GROUPS else (Outcome(outcome),)
    # Where both are wanted, nobody's calendar needs to be asked which of the two it is.
    either = (Outcome.BROKEN in wanted) != (Outcome.OPEN_OVERDUE in wanted)
    known = conditions(now, long_overdue=long_overdue_q(now) if either else Q())
    found = Q()
    for one in wanted:
        found |= known[one]
    return found


def outcome_case(now, known=None):
    """The outcome of each promise as an expression, to select, count or sort by; `known` are its conditions."""
    known = known or conditions(now, long_overdue=long_overdue_q(now))
    whens = [When(q, then=Value(one.value)) for one, q in known.items() if one != Outcome.NOT_DUE]
    return Case(*whens, default=Value(Outcome.NOT_DUE.value), output_field=CharField())


def missed_or_moved_q():
    """Of the promises all seven outcomes are about: everything but what was kept by the one day ever agreed."""
    return ~Q(state=State.KEPT, done_at__lte=F("first_due_at")) | ~Q(due_at=F("first_due_at"))


def warned_early_q():
    return Q(first_asked=Timing.EARLY) | Q(state=State.WITHDRAWN, withdrawn_timing=Timing.EARLY)


def due_q(on, *, since=None, until=None):
    """Due from `since` up to, not including, `until`: by the date first agreed, or `on` "last" by the last that counts.

    That is the due agreed last, or the one that was missed before the promise was moved (`Judged.counted_at`).
    """
    bounds = {name: moment for name, moment in (("gte", since), ("lt", until)) if moment}

    def between(column):
        return Q(**{f"{column}__{name}": moment for name, moment in bounds.items()})

    if on == "first" or not bounds:
        return between("first_due_at")
    return (Q(missed_at=None) & between("due_at")) | between("missed_at")


def conditions(now, *, long_overdue):
    """Outcome → condition."""
    kept, active, delivered = Q(state=State.KEPT), Q(state=State.ACTIVE), Q(state=State.DELIVERED)
    overdue = active & Q(due_at__lt=now)
    too_late = Q(done_at__gt=F("first_due_at")) & Q(done_at__gt=F("due_at"))
    moved = kept & Q(done_at__gt=F("first_due_at"), done_at__lte=F("due_at"))
    withdrawn, early = Q(state=State.WITHDRAWN), Q(withdrawn_timing=Timing.EARLY)
    released, after = Q(state=State.RELEASED), Q(withdrawn_timing=Timing.AFTER)  # the same column says how late
    to_come = (active & Q(due_at__gte=now)) | (delivered & ~too_late)
    missed = Q(missed_at__isnull=False)
    broken = Q(state=State.BROKEN) | (withdrawn & ~early) | (released & after) | (overdue & long_overdue)
    return {
        Outcome.KEPT_AS_FIRST_PROMISED: kept & Q(done_at__lte=F("first_due_at")),
        Outcome.KEPT_RENEGOTIATED_EARLY: moved & Q(moved_not_early=False),
        Outcome.KEPT_RENEGOTIATED_LATE: moved & Q(moved_not_early=True),
        Outcome.LATE: Q(state__in=[State.KEPT, State.DELIVERED]) & too_late,
        Outcome.BROKEN: broken,
        Outcome.OPEN_OVERDUE: (overdue & ~long_overdue) | (to_come & missed),
        Outcome.WITHDRAWN_EARLY: withdrawn & early,
        Outcome.RELEASED: released & ~after,
        Outcome.DECLINED: Q(state=State.DECLINED),
        Outcome.NOT_DUE: Q(state=State.PROPOSED) | (to_come & ~missed),
    }


# -------------------------------------------------------------------- how long overdue is broken


def long_overdue_q(now):
    """Due so many working days ago, by the promisor's calendar, that being open counts as broken.

    Each calendar has a moment before which what was due is broken; calendars with the same one are asked together.
    """
    days = Workspace.remembered().broken_after_days
    return _ours_q(now, days) | _theirs_q(now, days)


def broken_before(calendar, now, days):
    """What was due before this moment is more than so many working days overdue in this calendar."""
    tomorrow = calendar.local_date(now) + timedelta(days=1)
    oldest = calendar.working_day_after(tomorrow, -(days + 1))
    return due_moment(oldest - timedelta(days=1), None, calendar.zone) + timedelta(microseconds=1)


def calendars_of(people):
    """The working calendar of each of our people with such an id, with when they are away: in one query."""
    away, kept = ("absences__starts_on", "absences__ends_on"), {}
    found = User.objects.filter(pk__in=people).order_by("pk", "absences__starts_on")
    for pk, *known, first, last in found.values_list("pk", "time_zone", "working_hours", "country", *away):
        absences = kept.setdefault(pk, (known, []))[1]
        if first:
            absences.append((first, last))
    return {
        pk: Calendar(zone=zone, week=week, country=country, absences=tuple(absences))
        for pk, ((zone, week, country), absences) in kept.items()
    }


def calendar_at_client(contact_zone, client_zone, client_country):
    """The usual week where a person at a client is, as `Promise.calendar` has it."""
    return Calendar(zone=contact_zone or client_zone, week=STANDARD_WEEK, country=holidays_at(client_country))


def _ours_q(now, days):
    # Cut off at more than there can be, so that PostgreSQL answers it first, out of the index of what is overdue.
    overdue = Promise.objects.overdue(now).ours().order_by().values("promisor_user").distinct()[:MOST_PEOPLE]
    by_moment = defaultdict(list)
    for pk, calendar in calendars_of(overdue).items():
        by_moment[broken_before(calendar, now, days)].append(pk)
    if not by_moment:
        return Q(pk__in=[])
    usual = max(by_moment, key=lambda moment: len(by_moment[moment]))
    others = [pk for moment, ids in by_moment.items() if moment != usual for pk in ids]
    found = Q(direction="ours", due_at__lt=usual)
    if others:
        found &= ~Q(promisor_user__in=others)
    for moment, ids in by_moment.items():
        if moment != usual:
            found |= Q(direction="ours", due_at__lt=moment, promisor_user__in=ids)
    return found


def _theirs_q(now, days):
    """The people at clients have the usual week; only what was due about then needs their zone and holidays."""
    surely = now - timedelta(days=2 * days + SURELY.days)
    columns = ("pk", "due_at", "promisor_contact__time_zone", "client__time_zone", "client__country")
    unsure = Promise.objects.overdue(now).theirs().filter(due_at__gte=surely).order_by()
    moments, broken = {}, []
    for pk, due_at, *where in unsure.values_list(*columns):
        if tuple(where) not in moments:
            moments[tuple(where)] = broken_before(calendar_at_client(*where), now, days)
        if due_at < moments[tuple(where)]:
            broken.append(pk)
    return Q(direction="theirs") & (Q(due_at__lt=surely) | Q(pk__in=broken))
