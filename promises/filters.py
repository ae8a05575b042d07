"""What the address of the promises page can ask for. Everything odd in it is left out, never an error."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from promises.models import Promise

State = Promise.State

STATES = {
    "open": _("Open and delivered"),
    "active": _("Open"),
    "delivered": _("Delivered, not yet accepted"),
    "kept": _("Kept"),
    "broken": _("Broken"),
    "withdrawn": _("Withdrawn"),
    "released": _("Released"),
    "all": _("All"),
}
SIDES = {"": _("Both sides"), "ours": _("We promised"), "theirs": _("They promised")}
DUES = {
    "": _("Any time"),
    "late": _("Late"),
    "today": _("Today"),
    "week": _("Next 7 days"),
    "quarter": _("This quarter"),
    "weeks": _("Last 12 weeks"),
}
OUTCOMES = {
    "": "",
    "kept": _("kept as first promised"),
    "moved_early": _("kept, moved early"),
    "moved_late": _("kept, moved too late"),
    "late": _("late"),
    "broken": _("broken or overdue"),
    "missed": _("late, moved too late, broken or overdue"),
}
SORTS = {
    "due": ("due_at", "pk"),
    "-due": ("-due_at", "-pk"),
    "client": ("client__search_text", "due_at", "pk"),
    "-client": ("-client__search_text", "due_at", "pk"),
    "owner": ("owner__name", "due_at", "pk"),
    "-owner": ("-owner__name", "due_at", "pk"),
    "what": ("search_text", "pk"),
    "-what": ("-search_text", "-pk"),
}


def start_of_day(day):
    return timezone.make_aware(datetime.combine(day, time()))


def start_of_quarter(today):
    return start_of_day(today.replace(month=today.month - (today.month - 1) % 3, day=1))


def start_of_weeks(today, weeks=12):
    """The Monday from which on there are so many weeks, this one included."""
    return start_of_day(today - timedelta(days=today.weekday() + 7 * (weeks - 1)))


@dataclass(frozen=True)
class Filters:
    """The choices in an address, cleaned."""

    state: str = "open"
    by: str = ""
    due: str = ""
    outcome: str = ""
    owner: User | None = None
    client: Client | None = None
    q: str = ""
    sort: str = "due"

    @property
    def are_set(self):
        return bool(self.by or self.due or self.outcome or self.owner or self.client or self.q or self.state != "open")

    @property
    def in_words(self):
        """The filters as the empty page repeats them."""
        words = [self.q and f"“{self.q}”", self.by and SIDES[self.by], self.due and DUES[self.due]]
        words += [self.outcome and OUTCOMES[self.outcome], self.owner and self.owner.name]
        words += [self.client and self.client.name, self.state != "open" and STATES[self.state]]
        return ", ".join(str(word).lower() if i in (1, 2) else str(word) for i, word in enumerate(words) if word)


def read(query, *, user):
    """Filters out of the query string; an owner or client that does not exist for this reader matches nothing."""
    outcome = query.get("outcome", "") if query.get("outcome", "") in OUTCOMES else ""
    state = query.get("state", "")
    return Filters(
        state=state if state in STATES else ("all" if outcome else "open"),
        by=query.get("by", "") if query.get("by", "") in SIDES else "",
        due=query.get("due", "") if query.get("due", "") in DUES else "",
        outcome=outcome,
        owner=_owner(query.get("owner", ""), user),
        client=Client.objects.visible_to(user).filter(public_id=query.get("client", "")[:16]).first()
        if query.get("client")
        else None,
        q=query.get("q", "").strip()[:200],
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "due",
    )


def _owner(text, user):
    if text == "me":
        return user
    return User.objects.filter(public_id=text[:16]).first() if text else None


def apply(promises, filters, *, now):
    """The promises the filters leave, in their order."""
    today = timezone.localdate(now)
    if filters.state == "open":
        promises = promises.open()
    elif filters.state != "all":
        promises = promises.filter(state=filters.state)
    if filters.by:
        promises = promises.filter(direction=filters.by)
    if filters.owner:
        promises = promises.of(filters.owner)
    if filters.client:
        promises = promises.filter(client=filters.client)
    if filters.q:
        promises = promises.search(filters.q)
    promises = _by_due(promises, filters.due, now, today)
    if filters.outcome:
        promises = promises.filter(outcome_q(filters.outcome, now))
    return promises.order_by(*SORTS[filters.sort])


def _by_due(promises, due, now, today):
    if due == "late":
        return promises.overdue(now)
    if due == "today":
        return promises.due_between(start_of_day(today), start_of_day(today + timedelta(days=1)))
    if due == "week":
        return promises.due_between(now, start_of_day(today + timedelta(days=8)))
    if due == "quarter":
        return promises.filter(first_due_at__gte=start_of_quarter(today), first_due_at__lt=now)
    if due == "weeks":
        return promises.filter(first_due_at__gte=start_of_weeks(today), first_due_at__lt=now)
    return promises


def outcome_q(outcome, now):
    """The outcomes of `outcomes.py` as conditions; broken and overdue are one list here."""
    kept = Q(state=State.KEPT)
    late = Q(done_at__gt=F("first_due_at")) & Q(done_at__gt=F("due_at"))
    moved = kept & Q(done_at__gt=F("first_due_at"), done_at__lte=F("due_at"))
    broken = Q(state=State.BROKEN) | (Q(state=State.WITHDRAWN) & ~Q(withdrawn_timing="early"))
    broken |= Q(state=State.ACTIVE, due_at__lt=now)
    moved_late = moved & Q(moved_not_early=True)
    late &= Q(state__in=[State.KEPT, State.DELIVERED])
    return {
        "kept": kept & Q(done_at__lte=F("first_due_at")),
        "moved_early": moved & Q(moved_not_early=False),
        "moved_late": moved_late,
        "late": late,
        "broken": broken,
        "missed": moved_late | late | broken,
    }[outcome]
