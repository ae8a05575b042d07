"""The box for one line: what it is read as, what somebody corrected, and what is still missing.

Each thing read comes back as a chip with a field in it, and beside it what was read, hidden. A field that differs from
what was read was corrected, and corrections win over the text from then on.
"""

from datetime import date, time

from django import forms
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Concat
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from accounts.models import User
from accounts.worktime import due_moment
from clients.log_forms import find_client
from clients.models import Client, Contact, Interaction
from promises.capture import LONGEST, Named, read, words_of
from promises.forms import may_own
from promises.models import AgreedHow, Direction

MOST = 60  # names read for one line
MOST_PEOPLE = 40
MOST_WORDS = 30
NOBODY = "-"  # chosen where somebody had to be


class LineForm(PlainForm):
    """One line, what it was read as, and the corrections to that. `settled_…` is what holds in the end."""

    text = forms.CharField(
        max_length=LONGEST,
        error_messages={"required": _("Write what is promised, to whom and by when.")},
    )
    what = forms.CharField(max_length=300, required=False)
    client = forms.CharField(max_length=16, required=False)  # the one at hand: the page it was opened from
    client_name = forms.CharField(max_length=200, required=False)
    contact = forms.CharField(max_length=16, required=False)
    owner = forms.CharField(max_length=16, required=False)
    direction = forms.ChoiceField(choices=Direction.choices, required=False)
    due_date = forms.DateField(required=False, error_messages={"invalid": _("Choose a date.")})
    other_date = forms.DateField(required=False)
    due_time = forms.TimeField(required=False, error_messages={"invalid": _("Write a time such as 17:00.")})
    due_zone = forms.CharField(max_length=64, required=False)
    done_when = forms.CharField(max_length=500, required=False)
    agreed_how = forms.ChoiceField(choices=AgreedHow.recorded(), required=False)
    critical = forms.BooleanField(required=False)
    proposed = forms.BooleanField(required=False)
    answer_by = forms.DateField(required=False, error_messages={"invalid": _("Choose a date.")})
    interaction = forms.CharField(max_length=16, required=False)
    idempotency_key = forms.UUIDField(required=False)

    def __init__(self, data=None, *, user, now, at_hand=None, interaction=None, initial_text=""):
        super().__init__(data)
        self.user, self.now, self.at_hand, self.said_in = user, now, at_hand, interaction
        self.initial_text = initial_text

    def typed(self, name):
        return self.data.get(name, "").strip() if self.is_bound else ""

    def corrected(self, name):
        """Whether somebody chose this themself: it was shown, and differs from what had been read."""
        shown = self.is_bound and f"guessed_{name}" in self.data
        return shown and self.typed(name) != self.data[f"guessed_{name}"].strip()

    @property
    def line(self):
        """The text as it stands in the box."""
        return self.typed("text") if self.is_bound else self.initial_text

    # ------------------------------------------------------------------ reading

    @cached_property
    def candidates(self):
        """Who the words of the line may mean, among the clients this user may write."""
        words = sorted(words_of(self.line))[:MOST_WORDS]
        if not words or "\0" in self.line:
            return [], []
        bears, begins = Q(), Q()
        for word in words:
            bears |= Q(padded__contains=f" {word} ")
            begins |= Q(padded__startswith=f" {word} ")
        padded = Concat(Value(" "), "search_text", Value(" "))  # so that one look finds a whole word anywhere
        people = Contact.objects.current().writable_by(self.user).filter(client__archived_at=None)
        # Of many of one name, first those who bear more words of the line, or are of the client at hand.
        borne = [Case(When(padded__contains=f" {word} ", then=1), default=0) for word in words]
        here = Case(When(client=self.at_hand, then=1), default=0) if self.at_hand else Value(0)
        people = people.alias(padded=padded).filter(bears).alias(borne=sum(borne, here)).select_related("client")
        people = people.order_by("-borne", "name", "pk")[:MOST]
        clients = Client.objects.writable_by(self.user).current().alias(padded=padded).filter(begins)[:MOST]
        return list(people), list(clients)

    @cached_property
    def colleagues(self):
        words = sorted(words_of(self.line))[:MOST_WORDS]
        named = Q()
        for word in words:
            named |= Q(name__istartswith=f"{word} ") | Q(name__iendswith=f" {word}")
        return list(User.objects.active().filter(named)[:MOST]) if words and "\0" not in self.line else []

    @cached_property
    def read(self):
        """What the line says. Said in a contact, its days are those meant then, while they are still ahead."""
        people, clients = self.candidates
        every = {client.public_id: client for client in [*(one.client for one in people), *clients]}
        if self.at_hand:
            every[self.at_hand.public_id] = self.at_hand
        self.every_client = every
        options = {
            "zone": self.user.zone,
            "language": self.user.language,
            "people": [Named(one.public_id, one.name, one.client.public_id) for one in people],
            "clients": [Named(key, client.name, kind="client") for key, client in every.items()],
            "colleagues": [Named(one.public_id, one.name, kind="colleague") for one in self.colleagues],
            "client": self.at_hand.public_id if self.at_hand else "",
        }
        then = self.said_in.happened_at if self.said_in and self.line == self.initial_text else self.now
        line = read(self.line, now=then, **options)
        self.gone = line.when.day if line.when and line.day and not self._ahead(line) else None
        return line

    def _ahead(self, line):
        return line.day and due_moment(line.day, line.at, self.user.zone) > self.now

    # ------------------------------------------------------------------ settled: corrections over what was read

    @cached_property
    def settled_client(self):
        """The client, or None with `client_choices` to choose from."""
        self.client_choices = []
        line = self.read
        if self.corrected("client_name"):
            found, several = find_client(self.typed("client_name"), user=self.user)
            self.client_choices = [] if found else several
            return found
        if chosen := self.chosen_person:
            return chosen.client
        if line.client:
            return self.every_client[line.client.key]
        self.client_choices = [self.every_client[one.key] for one in line.clients]
        return None if line.clients or line.which else self._last_client()

    def _last_client(self):
        """Nobody was named: the client spoken to last."""
        last = Interaction.objects.kept().filter(author=self.user).order_by("-happened_at").select_related("client")
        client = next((one.client for one in last[:1]), None)
        if client and not client.archived_at and client.can_be_written_by(self.user) and self.line:
            self.client_was_last = True
            return client
        return None

    client_was_last = False

    @cached_property
    def chosen_person(self):
        """The contact somebody picked themself."""
        key = self.typed("contact")
        if not key or not self.corrected("contact") or "\0" in key:
            return None
        people = Contact.objects.current().writable_by(self.user).select_related("client")
        return people.filter(public_id=key, client__archived_at=None).first()

    @cached_property
    def settled_person(self):
        if self.corrected("contact"):
            chosen = self.chosen_person
        else:
            key = self.read.who.key if self.read.who else ""
            chosen = next((one for one in self.candidates[0] if one.public_id == key), None)
        client = self.settled_client
        return chosen if chosen and client and chosen.client_id == client.pk else None

    @property
    def which(self):
        """People the name may mean, while nobody has chosen one."""
        if self.corrected("contact") or self.settled_person:
            return []
        keys = [one.key for one in self.read.which if one.kind == "contact"]
        client = self.settled_client if self.corrected("client_name") else None
        found = [one for one in self.candidates[0] if one.public_id in keys]
        return [one for one in found if not client or one.client_id == client.pk]

    @cached_property
    def people(self):
        """Who can be chosen: those the name may mean, or everybody at the client."""
        if self.which:
            return self.which
        client = self.settled_client
        found = list(client.contacts.current()[:MOST_PEOPLE]) if client else []
        for one in found:
            one.client = client
        person = self.settled_person
        return found if not person or person in found else [person, *found]

    @cached_property
    def settled_owner(self):
        client = self.settled_client
        key = self.typed("owner") if self.corrected("owner") else (self.read.owner.key if self.read.owner else "")
        if not client:
            return next((one for one in self.colleagues if one.public_id == key), self.user)
        if (
            key
            and key != self.user.public_id
            and "\0" not in key
            and (found := may_own(client).filter(public_id=key).first())
        ):
            return found
        return self.user

    @property
    def owners(self):
        """Who of us may answer for it."""
        client = self.settled_client
        return list(may_own(client)[:200]) if client else []

    @cached_property
    def ours(self):
        return self.typed("direction") != "theirs" if self.corrected("direction") else self.read.ours

    @cached_property
    def settled_what(self):
        return self.typed("what") if self.corrected("what") and self.typed("what") else self.read.what

    @cached_property
    def settled_done_when(self):
        return self.typed("done_when") if self.corrected("done_when") else self.read.done_when

    @cached_property
    def settled_critical(self):
        return bool(self.typed("critical")) if self.corrected("critical") else self.read.critical

    @cached_property
    def settled_proposed(self):
        return bool(self.typed("proposed"))

    @cached_property
    def settled_day(self):
        if day := _date(self.typed("other_date")):
            return day
        if self.corrected("due_date"):
            return _date(self.typed("due_date"))
        return None if self.read.day is None or self.gone else self.read.day

    @cached_property
    def settled_time(self):
        return _time(self.typed("due_time")) if self.corrected("due_time") else self.read.at

    # ------------------------------------------------------------------ when, and by whose clock

    @property
    def their_zone(self):
        person, client = self.settled_person, self.settled_client
        return (person.time_zone if person else "") or (client.time_zone if client else self.user.time_zone)

    @cached_property
    def zone(self):
        """Whose clock: the one named or chosen; else that of whom it is promised to, unless its day is already over."""
        mine, theirs = self.user.time_zone, self.their_zone
        chosen = self.typed("due_zone")
        if chosen in (mine, theirs):
            return chosen
        said = self.read.when
        if said and (said.clock == "mine" or said.by_hour):
            return mine
        usual = theirs if self.ours else self.settled_owner.time_zone
        if self.settled_day and (not said or not said.clock):
            there, here = (due_moment(self.settled_day, self.settled_time, zone) for zone in (usual, mine))
            if there <= self.now < here:
                return mine
        return usual

    @cached_property
    def due_at(self):
        if not self.settled_day:
            return None
        try:
            return due_moment(self.settled_day, self.settled_time, self.zone)
        except ValueError:
            return None


def _date(text):
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _time(text):
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        return None
