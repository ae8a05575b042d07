"""Forms of requests: asking, answering, handing over, correcting."""

import uuid
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm
from accounts.models import Role, User
from accounts.quick import date_format
from clients.models import Client, Contact, Interaction, Request, TeamMember
from clients.requests.who import first_assignee, is_away
from clients.timeline import entry_of

AHEAD = timedelta(minutes=5)  # clocks differ a little
ENTRIES = 20


def possible(client):
    """Who may answer a request of this client: everybody who may read it."""
    found = User.objects.active().prefetch_related("absences").order_by("name", "pk")
    if client.visibility == Client.Visibility.OPEN:
        return found
    team = TeamMember.objects.filter(client=client).values("user")
    managers = Q(role__in=[Role.MANAGER, Role.ADMINISTRATOR])
    return found.filter(managers | Q(pk=client.owner_id) | Q(pk__in=team))


class PersonField(forms.ModelChoiceField):
    """One of us, with a word where they are away."""

    def __init__(self, *, now=None, **kwargs):
        super().__init__(User.objects.none(), to_field_name="public_id", **kwargs)
        self.now = now

    def label_from_instance(self, user):
        if self.now is None or not is_away(user, self.now):
            return user.name
        today = self.now.astimezone(user.zone).date()
        until = max(one.ends_on for one in user.absences.all() if one.starts_on <= today <= one.ends_on)
        return _g("%(name)s, away until %(day)s") % {"name": user.name, "day": date_format(until, "j M")}


class MomentField(forms.DateTimeField):
    """A moment that is past; typed to the minute on the reader's clock."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **kwargs)


def not_ahead(moment, now):
    if moment and moment > now + AHEAD:
        raise ValidationError(_("This is in the future."))
    return min(moment, now) if moment else None


class ActForm(PlainForm):
    """A form about one request."""

    def __init__(self, data=None, *, request_of, user, now, initial=None):
        super().__init__(data, initial=initial)
        self.request, self.user, self.now = request_of, user, now
        self.prepare()

    def prepare(self):
        pass


class AskForm(PlainForm):
    text = forms.CharField(
        label=_("What do they ask?"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        error_messages={"required": _("Write what they ask, in their words.")},
    )
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Who asked"), required=False, to_field_name="public_id",
        empty_label=_("Not said"),
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("How"), choices=Request.Channel.choices)
    asked_at = MomentField(label=_("When"), required=False, help_text=_("Empty: just now."))
    urgency = forms.ChoiceField(label=_("How urgent"), choices=Request.Urgency.choices)
    assignee = PersonField(label=_("Who answers"))
    idempotency_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, client, user, now, initial=None):
        first = first_assignee(client, now)
        usual = {
            "channel": Request.Channel.CALL,
            "urgency": Request.Urgency.NORMAL,
            "assignee": first.public_id,
            "idempotency_key": uuid.uuid4(),
        }
        super().__init__(data, initial={**usual, **(initial or {})})
        self.client, self.user, self.now, self.first = client, user, now, first
        self.fields["contact"].queryset = client.contacts.current()
        self.fields["assignee"].queryset = possible(client)
        self.fields["assignee"].now = now

    def clean_asked_at(self):
        return not_ahead(self.cleaned_data["asked_at"], self.now)

    def save(self, *, interaction=None):
        data = self.cleaned_data
        return Request.objects.ask(
            client=self.client,
            by=self.user,
            now=self.now,
            text=data["text"],
            contact=data["contact"],
            channel=data["channel"],
            urgency=data["urgency"],
            assignee=data["assignee"],
            asked_at=data["asked_at"],
            interaction=interaction,
            key=data["idempotency_key"],
        )


class EntryField(forms.ModelChoiceField):
    def label_from_instance(self, interaction):
        entry = entry_of(interaction)
        when = date_format(timezone.localtime(interaction.happened_at), "D j M, H:i")
        return f"{when}: {entry.actor} {entry.words}. {interaction.body[:60]}"


def entries_since(client, moment):
    """What was logged with a client since then, the newest first."""
    found = Interaction.objects.kept().filter(client=client, happened_at__gte=moment.replace(second=0, microsecond=0))
    return found.with_people()[:ENTRIES]


class _WithEntry(ActForm):
    def prepare(self):
        client = self.request.client
        shown = entries_since(client, self.since())
        field = self.fields["interaction"]
        field.queryset = Interaction.objects.kept().filter(client=client).with_people()
        field.choices = [("", field.empty_label), *((one.public_id, field.label_from_instance(one)) for one in shown)]

    def clean_at(self):
        return not_ahead(self.cleaned_data["at"], self.now)


class AnswerForm(_WithEntry):
    interaction = EntryField(
        Interaction.objects.none(), label=_("Which entry holds the answer"), required=False,
        to_field_name="public_id", empty_label=_("None of them: it was answered"),
    )  # fmt: skip
    at = MomentField(
        label=_("When"), required=False, help_text=_("Empty: when the entry happened, or just now without one.")
    )

    def since(self):
        return self.request.waiting_since or self.request.asked_at

    def save(self):
        data = self.cleaned_data
        return self.request.answer(by=self.user, now=self.now, interaction=data["interaction"], at=data["at"])


class AgainForm(_WithEntry):
    interaction = EntryField(
        Interaction.objects.none(), label=_("Which entry tells of it"), required=False,
        to_field_name="public_id", empty_label=_("None of them"),
    )  # fmt: skip
    at = MomentField(
        label=_("When"), required=False, help_text=_("Empty: when the entry happened, or just now without one.")
    )

    def since(self):
        return self.request.closed_at or self.request.asked_at

    def save(self):
        data = self.cleaned_data
        return self.request.ask_again(by=self.user, now=self.now, interaction=data["interaction"], at=data["at"])


class NoReplyForm(ActForm):
    why = forms.CharField(
        label=_("Why does nobody need to answer?"),
        max_length=300,
        widget=forms.TextInput(
            attrs={"autofocus": True, "placeholder": _("Such as: a newsletter, or it settled itself")}
        ),
        error_messages={"required": _("Say why: the client asked something.")},
    )

    def save(self):
        return self.request.no_reply(by=self.user, now=self.now, why=self.cleaned_data["why"])


class HandOverForm(ActForm):
    to = PersonField(label=_("Who answers now"))
    note = forms.CharField(
        label=_("A word to them, if you like"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def prepare(self):
        self.fields["to"].queryset = possible(self.request.client).exclude(pk=self.request.assignee_id)
        self.fields["to"].now = self.now

    def save(self):
        data = self.cleaned_data
        return self.request.hand_over(to=data["to"], by=self.user, now=self.now, note=data["note"])


class EditForm(VersionedModelForm):
    """What they asked, who, how and when."""

    asked_at = MomentField(label=_("When"))

    class Meta:
        model = Request
        fields = ["text", "contact", "channel", "asked_at", "urgency"]
        labels = {"text": _("What they ask"), "contact": _("Who asked"), "channel": _("How")}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}

    def add_fields(self):
        client = self.instance.client
        shown = Q(left_at=None, deleted_at=None) | Q(pk=self.instance.contact_id)
        self.fields["contact"].queryset = Contact.objects.filter(shown, client=client)
        self.fields["contact"].empty_label = _("Not said")

    def clean_asked_at(self):
        typed, known = self.cleaned_data["asked_at"], self.instance.asked_at
        if known and typed == known.replace(second=0, microsecond=0):
            return known  # the form knows no seconds
        return not_ahead(typed, timezone.now())

    def changes(self):
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class WhichClientForm(PlainForm):
    client_name = forms.CharField(
        label=_("Client"), max_length=200, widget=forms.TextInput(attrs={"list": "own-clients", "autofocus": True})
    )

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.user, self.client, self.found = user, None, []

    def clean_client_name(self):
        from clients.log_forms import find_client

        typed = self.cleaned_data["client_name"]
        self.client, self.found = find_client(typed, user=self.user)
        if self.client is None:
            words = _("Several clients match. Choose one.") if self.found else _("No client of yours is called that.")
            raise ValidationError(words)
        return typed
