"""One row of a file as a promise would have it: who, what, and the moments in the zone of whom it was promised to."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import one_line, plain_text
from accounts.models import User, Workspace
from accounts.quick import date_format
from accounts.table_dates import NoDate
from accounts.worktime import due_moment
from clients.models import Client, Contact, searchable
from clients.names import name_key
from promises.import_columns import CRITICAL, NORMAL, NOT_DONE, THEIRS

LABELS = {
    "external_id": gettext_lazy("number"),
    "client": gettext_lazy("client"),
    "owner": gettext_lazy("owner"),
    "contact": gettext_lazy("promised to"),
    "what": gettext_lazy("what"),
    "made_on": gettext_lazy("made on"),
    "due": gettext_lazy("due"),
    "done_on": gettext_lazy("done on"),
    "done_when": gettext_lazy("done when"),
    "importance": gettext_lazy("importance"),
}
LONGEST = {"external_id": 100, "what": 300, "done_when": 500}


class RefusedRow(Exception):
    """This row cannot be taken; the message says why."""


@dataclass
class Taken:
    """What one row says, checked. Empty cells are None or ""."""

    number: int  # the row
    client: Client
    owner: User
    contact: Contact | None
    external_id: str
    what: str
    done_when: str
    importance: str
    zone: str
    made_at: object
    due_date: object
    due_time: object
    due_at: object
    done_at: object
    done_day: object  # where the row names a day without a time, else None
    said: dict = field(default_factory=dict)  # what the cells held, as JSON keeps it

    @property
    def key(self):
        """What a row without a number is known by."""
        return key_of(self.client.pk, self.what, self.said)


def key_of(client_id, what, said):
    return client_id, searchable(what), said.get("made", "")[:10], said.get("due", "")


class Rows:
    """Everybody a row may name, read once."""

    def __init__(self, *, columns, dates, now, owner=None, clients_owner=False, order=False):
        self.columns, self.dates, self.now, self.order = columns, dates, now, order
        self.owner, self.clients_owner = owner, clients_owner
        self.firm, self.calendars = Workspace.current(), {}
        users = list(User.objects.prefetch_related("absences"))
        self.user_by_pk = {user.pk: user for user in users}
        self.user_by_email = {user.email.lower(): user for user in users}
        self.user_by_number = {user.external_id: user for user in users if user.external_id}
        self.users_by_name = _grouped(users, lambda user: searchable(user.name))
        fields = ("name", "name_key", "external_id", "time_zone", "archived_at", "owner_id")
        clients = list(Client.objects.order_by().only(*fields))
        self.client_by_number = {client.external_id: client for client in clients if client.external_id}
        self.clients_by_name = _grouped(clients, lambda client: client.name_key)
        named = columns.keys() & {"contact", "contact_email", "contact_external_id"}
        people = Contact.objects.only("client_id", "name", "email", "external_id", "time_zone") if named else []
        self.people = _grouped(people, lambda person: person.client_id)

    def read(self, row):
        """The row as `Taken`, or `RefusedRow`."""
        cells = {name: row.get(header) for name, header in self.columns.items()}
        if cells.get("direction", "").casefold() in THEIRS:
            raise RefusedRow(_("Only our own promises can be imported, and this one is theirs."))
        client = self._client(cells)
        owner = self._owner(cells, client)
        contact = self._contact(cells, client)
        what = _line("what", cells.get("what", ""))
        number = _line("external_id", cells.get("external_id", ""))
        if not what and self.order and number:
            what = _("Ship order %(number)s") % {"number": number}
        if not what:
            raise RefusedRow(_("There is no word of what was promised."))
        when = {name: self._date(name, cells.get(name, "")) for name in ("made_on", "due", "done_on")}
        zone = (contact.time_zone if contact else "") or client.time_zone
        moments = self._moments(**when, zone=zone, owner=owner)
        importance = cells.get("importance", "").casefold()
        taken = Taken(
            number=row.number, client=client, owner=owner, contact=contact, external_id=number, what=what,
            done_when=_line("done_when", cells.get("done_when", "")), zone=zone,
            importance="critical" if importance in CRITICAL else "normal" if importance in NORMAL else "", **moments,
        )  # fmt: skip
        owner_named = any(cells.get(key) for key in ("owner", "owner_email", "owner_external_id"))
        taken.said = _said(taken, when, owner_named=owner_named)
        self._check_open(taken)
        return taken

    # ------------------------------------------------------------------ who

    def _client(self, cells):
        number, name = cells.get("client_external_id", ""), cells.get("client", "")
        if not (number or name):
            raise RefusedRow(_("There is no client."))
        if number in self.client_by_number:
            return self.client_by_number[number]
        alike = self.clients_by_name.get(name_key(name)[:200], []) if name else []
        if number:
            alike = [client for client in alike if not client.external_id]  # another number is another client
        elif not alike and name in self.client_by_number:
            return self.client_by_number[name]
        if len(alike) > 1:
            words = _("There are %(count)d clients of this name. Give the row the number of one.")
            raise RefusedRow(words % {"count": len(alike)})
        if not alike:
            raise RefusedRow(_("We know no client “%(client)s”.") % {"client": (name or number)[:100]})
        return alike[0]

    def _owner(self, cells, client):
        email, number, name = (cells.get(key, "") for key in ("owner_email", "owner_external_id", "owner"))
        if email:
            found = self.user_by_email.get(email.lower())
        elif number:
            found = self.user_by_number.get(number)
        elif name:
            same = self.users_by_name.get(searchable(name), [])
            found = self.user_by_email.get(name.lower()) or (same[0] if len(same) == 1 else None)
            found = found or self.user_by_number.get(name)
        else:
            found = self.user_by_pk.get(client.owner_id) if self.clients_owner else self.owner
            if found is None:
                raise RefusedRow(_("No owner: name one in the file, or one for all rows without."))
        if found is None:
            raise RefusedRow(_("We know no owner “%(owner)s”.") % {"owner": (email or number or name)[:100]})
        return found

    def _contact(self, cells, client):
        number, email, name = (cells.get(key, "") for key in ("contact_external_id", "contact_email", "contact"))
        if not (number or email or name):
            return None
        people = self.people.get(client.pk, [])
        for said, matches in (
            (number, lambda person: person.external_id == number),
            (email, lambda person: person.email == email.lower()),
            (name, lambda person: searchable(person.name) == searchable(name) or person.email == name.lower()),
        ):
            if said and len(found := [person for person in people if matches(person)]) == 1:
                return found[0]
        words = _("We know nobody called “%(name)s” at %(client)s.")
        raise RefusedRow(words % {"name": (name or email or number)[:100], "client": client.name})

    # ------------------------------------------------------------------ when

    def _date(self, name, text):
        if not text or (name == "done_on" and text.casefold() in NOT_DONE):
            return None
        try:
            return self.dates.read(text)
        except NoDate as problem:
            raise RefusedRow(f"{LABELS[name]}: {problem}") from None

    def _moments(self, *, made_on, due, done_on, zone, owner):
        here = ZoneInfo(zone)
        if due is None:
            raise RefusedRow(_("There is no date by which it is due."))
        due_date, due_time = due.there(here)
        due_at = due_moment(due_date, due_time, here)
        if made_on is None and (done_on or due_at <= self.now):
            raise RefusedRow(_("There is no date on which it was made."))
        made_at = self._moment("made_on", made_on, here, owner, start=True) if made_on else self.now
        if due_at <= made_at:
            raise RefusedRow(_("It is due before it was made."))
        done_at = done_day = None
        if done_on:
            day, at = done_on.there(here)
            done_at = self._moment("done_on", done_on, here, owner)
            if at is None:
                done_day = day
                done_at = min(due_at, self.now) if day == due_date else done_at
            if done_at < made_at:
                raise RefusedRow(_("It was done before it was made."))
        return {
            "made_at": made_at, "due_date": due_date, "due_time": due_time, "due_at": due_at, "done_at": done_at,
            "done_day": done_day,
        }  # fmt: skip

    def _moment(self, name, when, here, owner, *, start=False):
        """The moment, never after now. A day without a time is meant from its start, or up to its end."""
        day, at = when.there(here)
        today = max(self.now.astimezone(here).date(), self.now.astimezone(owner.zone).date())
        moment = due_moment(day, time() if start and at is None else at, here)
        if day > today or (at is not None and moment > self.now):
            words = _("%(field)s: %(day)s is still ahead.")
            raise RefusedRow(words % {"field": LABELS[name], "day": date_format(day, "j F Y")})
        return min(moment, self.now)

    def _check_open(self, taken):
        """What is still to be done needs somebody who works here and a client we work with; history does not."""
        if taken.done_at or self.broken_at(taken):
            return
        if not taken.owner.is_active:
            raise RefusedRow(_("The owner %(owner)s no longer works here.") % {"owner": taken.owner.name})
        if taken.client.archived_at:
            raise RefusedRow(_("%(client)s is archived. Bring the client back first.") % {"client": taken.client.name})

    def broken_at(self, taken):
        """When the clock would have said that it is broken, or None: twice the days after which it counts as broken."""
        limit = 2 * self.firm.broken_after_days
        if taken.done_at or taken.due_at > self.now - timedelta(days=limit):
            return None
        calendar = self.calendars.get(taken.owner.pk) or self.calendars.setdefault(
            taken.owner.pk, taken.owner.calendar()
        )
        if calendar.working_days(taken.due_at, self.now) < limit:
            return None
        return due_moment(calendar.working_day_after(calendar.local_date(taken.due_at), limit), time(), calendar.zone)


def _said(taken, when, *, owner_named):
    said = {
        "what": taken.what, "owner": taken.owner.email if owner_named else "", "done_when": taken.done_when,
        "importance": taken.importance, "contact": taken.contact.pk if taken.contact else None,
        "made": str(when["made_on"] or ""), "due": str(when["due"]), "done": str(when["done_on"] or ""),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _line(name, text):
    """A text of one line that fits, or `RefusedRow`."""
    text = " ".join(text.split())
    try:
        plain_text(text)
        one_line(text)
    except ValidationError as problem:
        raise RefusedRow(f"{LABELS[name]}: {problem.messages[0]}") from None
    if len(text) > LONGEST[name]:
        words = _("%(field)s: At most %(limit)d characters fit here; this has %(length)d.")
        raise RefusedRow(words % {"field": LABELS[name], "limit": LONGEST[name], "length": len(text)})
    return text


def _grouped(things, key):
    groups = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups
