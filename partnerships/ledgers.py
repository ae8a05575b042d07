"""Both ledgers of a client: what each side promised, how it came out, and what was agreed the last time."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.functional import cached_property

from accounts.models import Workspace
from promises.models import Promise
from promises.outcomes import WORD_DUE, WORD_KEPT, Share

YEAR = timedelta(days=365)
SHOWN = 8
MOST = 200  # of one client, the newest


@dataclass
class Side:
    """One side's promises: what came due within a year, and what is open."""

    judged: list
    now: object

    @cached_property
    def word_kept(self):
        due = [one for one in self.judged if one.promise.first_due_at < self.now and one.outcome in WORD_DUE]
        return Share(sum(one.outcome in WORD_KEPT for one in due), len(due))

    @cached_property
    def open(self):
        found = [one for one in self.judged if one.promise.state in Promise.OPEN]
        return sorted(found, key=lambda one: one.promise.due_at)

    @cached_property
    def settled(self):
        """The latest first."""
        found = [one for one in self.judged if one.promise.state not in Promise.OPEN]
        return sorted(found, key=lambda one: one.promise.due_at, reverse=True)

    @property
    def shown(self):
        return [*self.open, *self.settled][:SHOWN]

    @property
    def more(self):
        return max(0, len(self.judged) - SHOWN)


@dataclass(frozen=True)
class Told:
    promise: Promise
    outcome: object

    @property
    def words(self):
        """What became of it; "" while it is not due."""
        return "" if self.outcome == "not_due" else self.outcome.label

    @property
    def is_late(self):
        return self.outcome == "open_overdue"


def judged(promises, *, now):
    """Each promise beside its outcome, in that order."""
    broken_after = Workspace.remembered().broken_after_days
    return [Told(one, one.judged(now, broken_after=broken_after).outcome) for one in promises.with_calendars()]


def both(client, *, now):
    """(ours, theirs)."""
    known = Promise.objects.filter(client=client).exclude(state__in=["declined", "released"])
    known = known.filter(Q(first_due_at__gte=now - YEAR) | Q(state__in=Promise.OPEN))
    found = judged(known.order_by("-due_at", "-pk")[:MOST], now=now)
    return tuple(Side([one for one in found if one.promise.is_ours == ours], now) for ours in (True, False))


def earlier(concern, *, looks=(), now):
    """What was agreed at this client before: promises of earlier concerns and suggestions, and how they came out."""
    ids = {pk for look in looks for pk in look.promise_ids}
    before = Q(concerns__client=concern.client, concerns__opened_at__lt=concern.opened_at)
    taken = Q(suggestions__client=concern.client, suggestions__settled_at__lt=concern.opened_at)
    known = Promise.objects.filter(Q(client=concern.client) & (before | taken | Q(pk__in=ids)))
    known = known.exclude(concerns=concern).filter(created_at__gte=now - 2 * YEAR).distinct()
    return judged(known.order_by("-due_at", "-pk")[:SHOWN], now=now)
