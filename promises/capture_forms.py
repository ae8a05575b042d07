"""The box for one line as it is drawn and saved: chips in words, remarks, errors beside the chip."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.quick import date_format
from promises.capture import LONGEST
from promises.capture_reading import NOBODY, LineForm
from promises.models import AgreedHow, Promise
from promises.suggest import agreed_in, find, own_words


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool = False
    note: str = ""


class CaptureForm(LineForm):
    """A line to write a promise down with."""

    tried = False  # somebody pressed the button; before that nothing is an error

    @property
    def shown_errors(self):
        return self.errors if self.tried else {}

    @property
    def typed_answer_by(self):
        return self.typed("answer_by")

    @property
    def nobody(self):
        """The value of “nobody in particular”: a choice where several were meant, else what was read."""
        return NOBODY if self.which or self.typed("contact") == NOBODY else ""

    @property
    def zones(self):
        if self.their_zone == self.user.time_zone:
            return []
        named = {self.their_zone: _("theirs"), self.user.time_zone: _("mine")}
        return [Choice(zone, f"{_city(zone)} ({whose})", zone == self.zone) for zone, whose in named.items()]

    @property
    def when_words(self):
        """“Fri 20 Nov, 17:00 New York”, “3 April 2027”; "" while it is not known."""
        day = self.settled_day
        if not day:
            return ""
        today = timezone.localdate(self.now, timezone=self.user.zone)
        words = {0: _("today"), 1: _("tomorrow")}.get((day - today).days)
        full = date_format(day, "D j F" if day.year == today.year else "D j F Y")
        words = f"{full} ({words})" if words else full
        if self.settled_time:
            words += f", {self.settled_time:%H:%M}"
        return f"{words} {_city(self.zone)}" if self.zone != self.user.time_zone else words

    @property
    def others(self):
        """Other days the words may mean."""
        said = self.read.when
        if not said or self.corrected("due_date") or self.typed("other_date"):
            return []
        return [Choice(day.isoformat(), date_format(day, "D j F Y")) for day in said.others]

    @property
    def passed_words(self):
        """That the day said has gone by; "" otherwise."""
        if self.settled_day:
            return ""
        if self.gone:
            return _("%s has passed.") % date_format(self.gone, "l j F")
        said = self.read.when
        return (
            _("“%s” has passed, or there is no such day.") % self.line[said.start : said.end]
            if said and said.gone
            else ""
        )

    @cached_property
    def preview(self):
        """The promise as it would be, not saved; None while something is missing."""
        if not (self.settled_client and self.due_at and self.due_at > self.now):
            return None
        ours, owner, person = self.ours, self.settled_owner, self.settled_person
        return Promise(
            client=self.settled_client, direction="ours" if ours else "theirs", owner=owner, what=self.settled_what,
            promisor_user=owner if ours else None, promisor_contact=None if ours else person,
            promisee_user=None if ours else owner, promisee_contact=person if ours else None,
            due_date=self.settled_day, due_time=self.settled_time, due_zone=self.zone, due_at=self.due_at,
            first_due_at=self.due_at, agreed_at=self.now,
        )  # fmt: skip

    @property
    def remarks(self):
        """Who does not work on that day, as (who, why)."""
        return self.preview.remarks_on_due_day() if self.preview else []

    @property
    def early_until(self):
        """The last moment at which a new date would still be early, if that is ahead."""
        if not self.preview or self.settled_proposed:
            return None
        moment = self.preview.last_early_moment
        return moment if moment > self.now else None

    @property
    def early_words(self):
        return date_format(self.early_until.astimezone(self.user.zone), "D j F, H:i")

    # ------------------------------------------------------------------ for the template

    @property
    def details_url(self):
        """The page with every detail, filled with what is known so far."""
        client, person = self.settled_client, self.settled_person
        known = {
            "client": client.public_id if client else "",
            "what": self.settled_what,
            "due_date": self.settled_day.isoformat() if self.settled_day else "",
            "due_time": f"{self.settled_time:%H:%M}" if self.settled_time else "",
            "direction": "ours" if self.ours else "theirs",
            "contact": person.public_id if person else "",
            "owner": self.settled_owner.public_id,
            "done_when": self.settled_done_when,
            "interaction": self.said_in.public_id if self.said_in else "",
        }
        said = known if self.line else {"client": known["client"]}
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("promise_details") + (f"?{query}" if query else "")

    def guessed(self):
        """What was read, to tell corrections from it the next time."""
        client, line = self.settled_client, self.read
        return {
            "what": line.what,
            "client_name": client.name
            if client and not self.corrected("client_name")
            else self.typed("guessed_client_name"),
            "contact": line.who.key if line.who else "",
            "owner": line.owner.key if line.owner else self.user.public_id,
            "direction": "ours" if line.ours else "theirs",
            "due_date": line.day.isoformat() if line.day and not self.gone else "",
            "due_time": f"{line.at:%H:%M}" if line.at else "",
            "done_when": line.done_when,
            "critical": "1" if line.critical else "",
        }

    def client_value(self):
        if self.corrected("client_name"):
            return self.settled_client.name if self.settled_client else self.typed("client_name")
        return self.settled_client.name if self.settled_client else ""

    def hows(self):
        now = self.typed("agreed_how") or (agreed_in(self.said_in) if self.said_in else AgreedHow.CALL)
        return [Choice(value, label, value == now) for value, label in AgreedHow.recorded()]

    def how(self):
        return next(choice for choice in self.hows() if choice.chosen)

    def key(self):
        return self.typed("idempotency_key") or str(uuid.uuid4())

    # ------------------------------------------------------------------ taking it

    def clean(self):
        cleaned = super().clean()
        if "text" in self.errors:
            return cleaned
        if not self.settled_client:
            self.add_error("client_name", _("Which client?"))
        if self.which:
            self.add_error("contact", _("Which %s?") % self.read.asked)
        if not self.settled_day and "due_date" not in self.errors:
            self.add_error("due_date", f"{self.passed_words} {_('By when? Name a day, such as “Friday”.')}".strip())
        elif self.settled_day and (not self.due_at or self.due_at <= self.now):
            self.add_error("due_date", _("Choose a moment that is still ahead."))
        if (day := cleaned.get("answer_by")) and day < timezone.localdate(self.now):
            self.add_error("answer_by", _("Choose a day that is still ahead."))
        return cleaned

    def save(self):
        data = self.cleaned_data
        made = {"agreed_how": self.how().value}
        if self.settled_proposed:
            made = {"proposed": True, "answer_by": data["answer_by"]}
        return Promise.objects.make(
            by=self.user, client=self.settled_client, now=self.now, direction="ours" if self.ours else "theirs",
            what=self.settled_what[:300], done_when=self.settled_done_when, due_date=self.settled_day,
            due_time=self.settled_time, due_zone=self.zone, owner=self.settled_owner, contact=self.settled_person,
            importance="critical" if self.settled_critical else "normal", interaction=self._interaction(),
            idempotency_key=self._key_of_line(), **made,
        )  # fmt: skip

    def _key_of_line(self):
        """One press makes one promise; another line, from a page gone back to, and another person make their own."""
        key = self.cleaned_data["idempotency_key"]
        return uuid.uuid5(key, f"{self.user.pk}\n{self.line}\n{self.settled_what}") if key else None

    def _interaction(self):
        said_in = self.said_in
        return said_in if said_in and said_in.client_id == self.settled_client.pk else None


def _city(zone):
    return zone.rpartition("/")[2].replace("_", " ")


def line_of(interaction, *, user):
    """What a logged contact says as a line: the first promise in it, else its first sentence."""
    people = list(interaction.client.contacts.current())
    found = find(interaction.body, people=people, now=interaction.happened_at, zone=user.zone, language=user.language)
    if found:
        return found[0].said[:LONGEST]
    text = " ".join(own_words(interaction.body).split())
    for end in (". ", "! ", "? "):
        text = text.partition(end)[0]
    return text[:200].rstrip(" .")
