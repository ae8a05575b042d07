"""The quick log: what is typed, what is guessed from it, and what somebody corrected."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm
from clients import composer
from clients.log_extras import LogExtras
from clients.models import Client, Contact, Interaction
from clients.names import searchable
from clients.timeline import MARKS

Kind, Direction = Interaction.Kind, Interaction.Direction
LOG_WORDS = {
    Kind.CALL: _("Log call"),
    Kind.MEETING: _("Log meeting"),
    Kind.VISIT: _("Log visit"),
    Kind.EMAIL: _("Log e-mail"),
    Kind.MESSAGE: _("Log message"),
    Kind.NOTE: _("Log note"),
}
DIRECTION_WORDS = {
    Direction.OURS: _("We reached out"),
    Direction.THEIRS: _("They reached out"),
    Direction.NONE: _("Both of us"),
}
LOCAL = "%Y-%m-%dT%H:%M"
AHEAD = timedelta(minutes=5)  # clocks differ a little
MOST_PEOPLE = 40


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool
    mark: str = ""
    send: str = ""


@dataclass(frozen=True)
class Settled:
    """What the box shows: the guess, except where somebody corrected it; and the guess itself for the next round."""

    kind: str
    direction: str
    people: list
    happened_at: str
    guessed: composer.Guess
    guessed_kind: str  # what the text says, whatever was chosen instead
    guessed_people: str
    guessed_at: str


def local(moment):
    return timezone.localtime(moment).strftime(LOCAL) if moment else ""


def find_client(text, *, user):
    """The one client somebody means by a typed name: the only one of that name, or else the only one that matches."""
    writable = Client.objects.writable_by(user).current()
    same = list(writable.filter(search_text=searchable(text)[:300])[:2])
    if len(same) == 1:
        return same[0], []
    found = list(writable.search(text).select_related("owner")[:8]) if searchable(text) else []
    return (found[0], []) if len(found) == 1 else (None, found)


class LogForm(LogExtras, PlainForm):
    """One box. Every field but the text may be left to the guess."""

    body = forms.CharField(label=_("What happened?"), widget=forms.Textarea, max_length=20000)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, required=False)
    direction = forms.ChoiceField(label=_("Who reached out"), choices=Direction.choices, required=False)
    happened_at = forms.DateTimeField(label=_("When"), required=False)
    contacts = forms.ModelMultipleChoiceField(
        label=_("With whom"), queryset=Contact.objects.none(), required=False, to_field_name="public_id"
    )
    mood = forms.TypedChoiceField(
        label=_("Mood"),
        choices=[("", _("Not said")), *Interaction.Mood.choices],
        required=False,
        coerce=int,
        empty_value=None,
    )
    idempotency_key = forms.UUIDField(required=False)

    def __init__(
        self, data=None, *, user, client=None, now, last_kind=Kind.CALL, people=None, last_people=None, asked=None
    ):
        """`people` and `last_people` spare the reading where the page has them; `asked` is what the address wishes."""
        super().__init__(data)
        self.asked = asked or {}
        self.user, self.client, self.now = user, client, now
        self.last_kind = last_kind if last_kind in Kind.values else Kind.CALL
        if people is not None:
            self.people = people
        if last_people is not None:
            self.last_people = last_people
        self.fields["contacts"].queryset = Contact.objects.filter(client=client) if client else Contact.objects.none()

    @cached_property
    def people(self):
        if self.client is None:
            return []
        return list(self.client.contacts.current()[:MOST_PEOPLE])

    @cached_property
    def last_people(self):
        """Who was spoken to last: most likely it is they again."""
        if self.client is None:
            return []
        last = (
            Interaction.objects.kept()
            .filter(client=self.client, contacts__left_at=None)
            .exclude(contacts=None)
            .values_list("contacts", flat=True)
            .first()
        )
        return [person for person in self.people if person.pk == last]

    # ------------------------------------------------------------------ guessing
    def _typed(self, name):
        return self.data.get(name, "") if self.is_bound else ""

    def _corrected(self, name, value):
        """Whether somebody chose this themself: it differs from what was guessed for them."""
        return self.is_bound and value != self.data.get(f"guessed_{name}", None)

    @cached_property
    def settled(self):
        text = self._typed("body")
        kind = self._typed("kind")
        own_kind = kind in Kind.values and self._corrected("kind", kind)
        known = {"people": self.people, "now": self.now, "zone": timezone.get_current_timezone()}
        known |= {"last_kind": self.last_kind, "last_people": SimpleLazyObject(lambda: self.last_people)}
        known |= {"client": self.client.name if self.client else ""}
        plain = composer.guess(text, **known)
        found = composer.guess(text, **known, kind=kind) if own_kind else plain
        ids = " ".join(sorted(self.data.getlist("contacts"))) if self.is_bound else ""
        own_people = self.is_bound and ids != self.data.get("guessed_contacts", "") and "body" in self.data
        own_people = own_people and (ids or "guessed_contacts" in self.data)
        chosen = {person.public_id for person in found.contacts} if not own_people else set(ids.split())
        direction, at = self._typed("direction"), self._typed("happened_at")
        own_direction = (
            "direction" in self.data and direction in Direction.values and self._corrected("direction", direction)
        )
        own_at = bool(at) and self._corrected("at", at)
        cleared_at = self.is_bound and not at and bool(self.data.get("guessed_at"))
        return Settled(
            kind=kind if own_kind else found.kind,
            direction=direction if own_direction else found.direction,
            people=[person for person in self.people if person.public_id in chosen],
            happened_at=at if own_at or cleared_at else local(found.happened_at),
            guessed=found,
            guessed_kind=plain.kind,
            guessed_people=" ".join(sorted(person.public_id for person in found.contacts)),
            guessed_at=local(found.happened_at),
        )

    @cached_property
    def suggestions(self):
        text = self._typed("body")[:20000]
        if "\0" in text:
            return []
        return composer.suggestions(text, client=self.client, user=self.user, now=self.now)

    def ticked(self):
        keys = self.chosen_keys()
        return [found for found in self.suggestions if found.key in keys] if keys else []

    # ------------------------------------------------------------------ what the template draws
    def kinds(self):
        return [
            Choice(value, label, value == self.settled.kind, MARKS[value], LOG_WORDS[value])
            for value, label in Kind.choices
        ]

    def directions(self):
        return [Choice(value, DIRECTION_WORDS[value], value == self.settled.direction) for value in (*DIRECTION_WORDS,)]

    def moods(self):
        now = self._typed("mood")
        return [Choice(str(value), label, str(value) == now) for value, label in self.fields["mood"].choices]

    def log_words(self):
        return LOG_WORDS[self.settled.kind]

    def direction_words(self):
        return DIRECTION_WORDS[self.settled.direction]

    def people_choices(self):
        chosen = {person.pk for person in self.settled.people}
        return [(person, person.pk in chosen) for person in self.people]

    def when_shown(self):
        """The moment to show as words, or None for just now."""
        try:
            moment = parse_datetime(self.settled.happened_at) if self.settled.happened_at else None
        except ValueError:  # written like a moment, and none: the field says so
            return None
        return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment

    def mood_words(self):
        return next((choice.label for choice in self.moods() if choice.chosen and choice.value), "")

    def key(self):
        return self._typed("idempotency_key") or str(uuid.uuid4())

    def chosen_keys(self):
        if self.adds_all:
            return {suggestion.key for suggestion in self.suggestions}
        return set(self.data.getlist("suggestion")) if self.is_bound else set()

    # ------------------------------------------------------------------ taking it
    def clean_happened_at(self):
        moment = self.cleaned_data["happened_at"]
        if moment and moment > self.now + AHEAD:
            raise ValidationError(_("This lies ahead. Log what has happened; promise what is to come."))
        return moment

    def clean(self):
        cleaned = super().clean()
        settled = self.settled
        cleaned["kind"] = settled.kind
        cleaned["direction"] = settled.direction
        if "contacts" in cleaned:
            cleaned["contacts"] = settled.people if not self._chose_others(cleaned) else list(cleaned["contacts"])
        if "happened_at" in cleaned:
            moment = cleaned["happened_at"]
            if not settled.happened_at:
                moment = None
            elif settled.happened_at == settled.guessed_at:
                moment = settled.guessed.happened_at
            cleaned["happened_at"] = min(moment or self.now, self.now)
        return cleaned

    def _chose_others(self, cleaned):
        """People who left, or beyond those offered, may still be named by their id."""
        offered = {person.pk for person in self.people}
        return any(person.pk not in offered for person in cleaned["contacts"])

    def save(self):
        cleaned = self.cleaned_data
        with transaction.atomic():
            interaction, created = Interaction.log(
                client=self.client,
                by=self.said_by,
                kind=cleaned["kind"],
                direction=cleaned["direction"],
                happened_at=cleaned["happened_at"],
                body=cleaned["body"],
                contacts=cleaned["contacts"],
                mood=cleaned["mood"],
                key=cleaned["idempotency_key"],
            )
            if created:
                for suggestion in self.ticked():
                    suggestion.save(interaction, by=self.user, now=self.now)
                self.save_extras(interaction)
        return interaction, created


class InteractionForm(VersionedModelForm):
    """Correcting what was logged."""

    happened_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    )

    class Meta:
        model = Interaction
        fields = ["body", "kind", "direction", "happened_at", "contacts", "mood"]
        widgets = {"body": forms.Textarea(attrs={"rows": 5}), "contacts": forms.CheckboxSelectMultiple}
        labels = {"contacts": _("With whom")}

    def __init__(self, data=None, files=None, *, now=None, **kwargs):
        super().__init__(data, files, **kwargs)
        self.now = now
        self.fields["contacts"].queryset = Contact.objects.filter(client=self.instance.client)
        self.fields["direction"].choices = list(DIRECTION_WORDS.items())
        self.fields["mood"].choices = [("", _("Not said")), *Interaction.Mood.choices]

    def clean_happened_at(self):
        moment = self.cleaned_data["happened_at"]
        if self.now and moment > self.now + AHEAD:
            raise ValidationError(_("This lies ahead. Log what has happened; promise what is to come."))
        return moment

    def save_if_current(self, *, by, now):
        interaction = super().save_if_current(by=by, now=now)
        interaction.client.note_contact()
        return interaction
