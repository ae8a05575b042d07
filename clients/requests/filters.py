"""What the address of the requests page can ask for. Everything odd in it is left out, never an error.

A person or a client that does not exist for this reader is not odd: nothing matches them.
"""

import datetime as dt
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.quick import date_format
from clients.models import Client, Request
from clients.names import searchable

STATES = {
    "waiting": _("Waiting on us"),
    "answered": _("Answered"),
    "no_reply": _("No reply needed"),
    "all": _("All"),
}
CHANNELS = {"": _("Any way"), **dict(Request.Channel.choices)}
# What the figures count: by the first answer and the moment it was first due.
CAME = {
    "": "",
    "in_time": _("answered in time"),
    "late": _("answered late, or overdue"),
    "counted": _("answered, or overdue"),
    "first": _("answered at least once"),
}
SORTS = {
    "due": ("answer_due_at", "pk"),  # of those that wait
    "-asked": ("-asked_at", "-pk"),
    "asked": ("asked_at", "pk"),
    "client": ("client__search_text", "-asked_at", "-pk"),
    "assignee": ("assignee__name", "-asked_at", "-pk"),
}
WORDS = 6
Q_ANSWERED = Q(first_answered_at__isnull=False)
Q_IN_TIME = Q(first_answered_at__lte=F("first_due_at"))


def still_without(now):
    """Never answered, and the first due has passed; said to need no reply, they count in nothing."""
    return Q(first_answered_at=None, closed_at=None, first_due_at__lt=now)


def came_q(came, now):
    return {
        "in_time": Q_IN_TIME,
        "late": Q(first_answered_at__gt=F("first_due_at")) | still_without(now),
        "counted": Q_ANSWERED | still_without(now),
        "first": Q_ANSWERED,
    }[came]


@dataclass(frozen=True)
class Filters:
    """The choices in an address, cleaned. `since` and `until` are days on which it was asked, both included."""

    state: str = "waiting"
    overdue: bool = False
    urgent: bool = False
    channel: str = ""
    came: str = ""
    assignee: User | None = None
    client: Client | None = None
    since: date | None = None
    until: date | None = None
    unknown: bool = False
    q: str = ""
    sort: str = "due"

    @property
    def are_set(self):
        chosen = (self.overdue, self.urgent, self.channel, self.came, self.assignee, self.client, self.since)
        return any(chosen) or bool(self.until or self.q) or self.unknown or self.state != "waiting"

    @property
    def period_in_words(self):
        if self.since and self.until:
            known = {"since": _day(self.since), "until": _day(self.until)}
            return _g("asked %(since)s to %(until)s") % known
        if self.since:
            return _g("asked since %(since)s") % {"since": _day(self.since)}
        return _g("asked until %(until)s") % {"until": _day(self.until)} if self.until else ""

    @property
    def in_words(self):
        words = [
            f"“{self.q}”" if self.q else "",
            _g("overdue") if self.overdue else "",
            _g("urgent") if self.urgent else "",
            str(CHANNELS[self.channel]) if self.channel else "",
            str(CAME[self.came]),
            self.period_in_words,
            self.assignee.name if self.assignee else "",
            self.client.name if self.client else "",
            _g("somebody who is not here") if self.unknown else "",
            str(STATES[self.state]) if self.state != "waiting" else "",
        ]
        return ", ".join(word for word in words if word)

    @property
    def query(self):
        """The same choices as an address would write them, without what is usual."""
        written = {
            "q": self.q, "state": self.state, "channel": self.channel, "came": self.came, "sort": self.sort,
            "overdue": self.overdue and "yes", "urgent": self.urgent and "yes",
            "since": self.since and self.since.isoformat(), "until": self.until and self.until.isoformat(),
            "assignee": self.assignee and self.assignee.public_id, "client": self.client and self.client.public_id,
        }  # fmt: skip
        usual = {"state": "all" if self.came else "waiting", "sort": usual_sort(self.state)}
        return {name: value for name, value in written.items() if value and value != usual.get(name)}


def _day(day):
    return date_format(day, "j M Y")


def usual_sort(state):
    return "due" if state == "waiting" else "-asked"


def read(query, *, user):
    """Filters out of the query string."""

    def choice(name, choices, usual=""):
        value = query.get(name, "")
        return value if value in choices else usual

    came = choice("came", CAME)
    state = choice("state", STATES, "all" if came else "waiting")
    assignee, client = _person(query.get("assignee", ""), user), _client(query.get("client", ""), user)
    since, until = _date(query.get("since", "")), _date(query.get("until", ""))
    if since and until and until < since:
        since, until = until, since
    sort = choice("sort", SORTS, usual_sort(state))
    return Filters(
        state=state,
        overdue=query.get("overdue") == "yes",
        urgent=query.get("urgent") == "yes",
        channel=choice("channel", CHANNELS),
        came=came,
        assignee=assignee,
        client=client,
        since=since,
        until=until,
        unknown=bool((query.get("assignee") and not assignee) or (query.get("client") and not client)),
        q=query.get("q", "").replace("\0", "").strip()[:200],
        sort="-asked" if sort == "due" and state != "waiting" else sort,
    )


def _date(text):
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _client(text, user):
    return Client.objects.visible_to(user).filter(public_id=text[:16].replace("\0", "")).first() if text else None


def _person(text, user):
    if text == "me":
        return user
    return User.objects.filter(public_id=text[:16].replace("\0", "")).first() if text else None


def start_of_day(day):
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def apply(requests, chosen, *, now):
    """The requests these filters leave, in their order."""
    found = requests.kept()
    if chosen.unknown:
        found = found.none()
    if chosen.state == "waiting":
        found = found.waiting()
    elif chosen.state != "all":
        found = found.filter(closed_how=chosen.state)
    if chosen.overdue:
        found = found.overdue(now)
    if chosen.urgent:
        found = found.filter(urgency=Request.Urgency.URGENT)
    if chosen.channel:
        found = found.filter(channel=chosen.channel)
    if chosen.came:
        found = found.filter(came_q(chosen.came, now))
    if chosen.assignee:
        found = found.filter(assignee=chosen.assignee)
    if chosen.client:
        found = found.filter(client=chosen.client)
    if chosen.since:
        found = found.filter(asked_at__gte=start_of_day(chosen.since))
    if chosen.until:
        found = found.filter(asked_at__lt=start_of_day(chosen.until + timedelta(days=1)))
    for word in searchable(chosen.q).split()[:WORDS]:
        of_client = Client.objects.filter(pk=OuterRef("client"), search_text__contains=word)
        found = found.filter(Q(search_text__contains=word) | Exists(of_client))
    return found.order_by(*SORTS[chosen.sort])
