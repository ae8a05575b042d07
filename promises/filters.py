"""What the address of the promises page can ask for. Everything odd in it is left out, never an error.

A person or a client that does not exist for this reader is not odd: nothing matches them.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.quick import within
from clients.models import Client, Contact
from promises.judging import due_q, outcome_q
from promises.models import Promise
from promises.outcomes import Outcome
from promises.periods import Period, day_in, start_of_day, start_of_quarter, start_of_weeks

__all__ = ["Filters", "apply", "outcome_q", "read", "start_of_day", "start_of_quarter", "start_of_weeks"]

State = Promise.State

STATES = {
    "open": _("Open and delivered"),
    "proposed": _("Proposed"),
    "active": _("Open"),
    "delivered": _("Delivered, not yet accepted"),
    "kept": _("Kept"),
    "broken": _("Broken"),
    "withdrawn": _("Withdrawn"),
    "released": _("Released"),
    "declined": _("Declined"),
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
    "past": _("Came due by now"),
}
OUTCOMES = {
    "": "",
    **dict(Outcome.choices),
    "kept": _("kept as first promised"),
    "moved_early": _("kept, moved early"),
    "moved": _("moved early and kept, or withdrawn early"),
    "moved_late": _("kept, moved too late"),
    "word_kept": _("kept as promised, or moved early"),
    "word_due": _("due, however it came out"),
    "all_seven": _("due or withdrawn"),
    "accepted": _("done and accepted"),
    "after_first": _("done after the first date"),
    "failed": _("broken or overdue"),
    "missed": _("late, moved too late, broken or overdue"),
    "seven_or_released": _("due, withdrawn or released"),
    "counted": _("with an outcome"),
    "missed_or_moved": _("missed or moved"),
    "warned_early": _("missed or moved, and said so early"),
}
DATES = ("first", "last")
FLAGS = {
    "made_good": _("made good"),
    "unconfirmed": _("unconfirmed"),
    "released": _("released"),
    "moved": _("moved lately"),
}
LATELY = timedelta(days=14)
FLAG_Q = {
    "made_good": Q(made_good_at__isnull=False),
    "unconfirmed": Q(unconfirmed=True),
    "released": Q(state=State.RELEASED),
    "moved": Q(moves__gt=0),
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
    "first": ("first_due_at", "pk"),  # in the order of an index, where a list is of days first due
    "-first": ("-first_due_at", "-pk"),
}


AT_CLIENTS = {"client": Client, "contact": Contact}


@dataclass(frozen=True)
class Filters:
    """The choices in an address, cleaned.

    owner    who of us answers for the promise       team   who owns the client, whoever answers for it
    contact  somebody at a client who gave the promise or was given it
    since, until  the days between which it fell due, both included: by the date first agreed (`on` "first", which is
             usual) or by the date agreed last ("last")
    unknown  somebody or some client was asked for whom there is not, so nothing matches
    """

    state: str = "open"
    by: str = ""
    due: str = ""
    outcome: str = ""
    owner: User | None = None
    client: Client | None = None
    contact: Contact | None = None
    team: User | None = None
    since: date | None = None
    until: date | None = None
    on: str = "first"
    made_good: bool = False
    unconfirmed: bool = False
    released: bool = False
    moved: bool = False
    unknown: bool = False
    q: str = ""
    sort: str = "due"

    @property
    def flags(self):
        return [name for name in FLAGS if getattr(self, name)]

    @property
    def are_set(self):
        chosen = (self.by, self.due, self.outcome, self.owner, self.client, self.contact, self.team)
        return (
            any(chosen)
            or bool(self.since or self.until or self.q)
            or bool(self.flags)
            or self.unknown
            or self.state != "open"
        )

    @property
    def period_in_words(self):
        """“due 1 Oct 2026 to 31 Dec 2026”, "" without days."""
        if not (self.since or self.until):
            return ""
        words = _g("first due %(period)s") if self.on == "first" else _g("due %(period)s")
        return words % {"period": Period(self.since, self.until).in_words}

    @property
    def in_words(self):
        """The filters as the empty page repeats them."""
        words = [
            f"“{self.q}”" if self.q else "",
            within(SIDES[self.by]) if self.by else "",
            within(DUES[self.due]) if self.due else "",
            self.period_in_words,
            str(OUTCOMES[self.outcome]),
            *[str(FLAGS[name]) for name in self.flags],
            self.owner.name if self.owner else "",
            self.client.name if self.client else "",
            self.contact.name if self.contact else "",
            _g("clients of %(name)s") % {"name": self.team.name} if self.team else "",
            _g("somebody who is not here") if self.unknown else "",
            str(STATES[self.state]) if self.state != "open" else "",
        ]
        return ", ".join(word for word in words if word)

    @property
    def query(self):
        """The same choices as an address would write them, without what is usual."""
        written = {
            "q": self.q, "state": self.state, "by": self.by, "due": self.due, "outcome": self.outcome,
            "since": self.since and self.since.isoformat(), "until": self.until and self.until.isoformat(),
            "on": self.on, "sort": self.sort,
            "owner": self.owner and self.owner.public_id, "client": self.client and self.client.public_id,
            "contact": self.contact and self.contact.public_id,
            "team": self.team and self.team.public_id, **dict.fromkeys(self.flags, "yes"),
        }  # fmt: skip
        usual = {"state": usual_state(self.outcome, self.flags), "on": "first", "sort": "due"}
        return {name: value for name, value in written.items() if value and value != usual.get(name)}


def usual_state(outcome, flags):
    """Which states a list shows when the address names none: all, where it asks how promises came out."""
    return "all" if outcome or flags else "open"


def read(query, *, user):
    """Filters out of the query string."""

    def choice(name, choices, usual=""):
        value = query.get(name, "")
        return value if value in choices else usual

    outcome = choice("outcome", OUTCOMES)
    flags = {name: query.get(name) == "yes" for name in FLAGS}
    people = {name: _person(query.get(name, ""), user) for name in ("owner", "team")}
    at_clients = {name: _at_client(model, query.get(name, ""), user) for name, model in AT_CLIENTS.items()}
    since, until = day_in(query.get("since")), day_in(query.get("until"))
    if since and until and until < since:
        since, until = until, since
    return Filters(
        state=choice("state", STATES, usual_state(outcome, any(flags.values()))),
        by=choice("by", SIDES),
        due=choice("due", DUES),
        outcome=outcome,
        **people,
        **at_clients,
        since=since,
        until=until,
        on=choice("on", DATES, "first"),
        **flags,
        unknown=any(query.get(name) and not one for name, one in {**people, **at_clients}.items()),
        q=query.get("q", "").replace("\0", "").strip()[:200],
        sort=choice("sort", SORTS, "due"),
    )


def _id(text):
    return text[:16].replace("\0", "")


def _at_client(model, text, user):
    return model.objects.visible_to(user).filter(public_id=_id(text)).first() if text else None


def _person(text, user):
    if text == "me":
        return user
    return User.objects.filter(public_id=_id(text)).first() if text else None


def apply(promises, filters, *, now):
    """The promises the filters leave, in their order."""
    if filters.unknown:
        promises = promises.none()
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
    if filters.contact:
        promises = promises.filter(Q(promisor_contact=filters.contact) | Q(promisee_contact=filters.contact))
    if filters.team:
        promises = promises.filter(client__in=Client.objects.filter(owner=filters.team).order_by().values("pk"))
    if filters.q:
        promises = promises.search(filters.q)
    for name in filters.flags:
        promises = promises.filter(FLAG_Q[name])
    if filters.moved:
        promises = promises.filter(agreed_at__gte=now - LATELY)
    promises = _by_due(promises, filters, now)
    if filters.outcome:
        promises = promises.filter(outcome_q(filters.outcome, now))
    return promises.order_by(*SORTS[filters.sort])


def _by_due(promises, filters, now):
    today = timezone.localdate(now)
    since = start_of_day(filters.since) if filters.since else None
    until = start_of_day(filters.until + timedelta(days=1)) if filters.until else None
    if since or until:
        promises = promises.filter(due_q(filters.on, since=since, until=until))
    match filters.due:
        case "late":
            return promises.overdue(now)
        case "today":
            return promises.due_between(start_of_day(today), start_of_day(today + timedelta(days=1)))
        case "week":
            return promises.due_between(now, start_of_day(today + timedelta(days=8)))
        case "quarter":
            return promises.filter(first_due_at__gte=start_of_quarter(today), first_due_at__lt=now)
        case "weeks":
            return promises.filter(first_due_at__gte=start_of_weeks(today), first_due_at__lt=now)
        case "past":
            return promises.filter(due_q(filters.on, until=now))
    return promises
