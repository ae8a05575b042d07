"""Forms of clients, their people and who of us works for them."""

import hashlib
import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm
from accounts.models import ALPHABET, User
from accounts.places import ZoneField
from clients.models import Client, Contact, TeamMember
from clients.names import web_domain

MOST_TAGS = 20


class TagsField(forms.CharField):
    """Words with commas between them."""

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return super().to_python(self.prepare_value(value))

    def clean(self, value):
        words = [" ".join(word.split()) for word in super().clean(value).split(",")]
        tags = list(dict.fromkeys(word for word in words if word))
        if len(tags) > MOST_TAGS:
            raise ValidationError(_("Keep it to %(most)d tags."), params={"most": MOST_TAGS})
        if any(len(tag) > 40 for tag in tags):
            raise ValidationError(_("A tag is at most 40 characters long."))
        return tags


class WebsiteField(forms.CharField):
    def clean(self, value):
        value = super().clean(value)
        if value and (not web_domain(value) or " " in value):
            raise ValidationError(_("Type a web address, such as tidewell.example."))
        return value


def owners():
    return User.objects.active().order_by("name", "pk")


class ClientForm(VersionedModelForm):
    website = WebsiteField(label=_("Website"), required=False, max_length=200)
    tags = TagsField(label=_("Tags"), required=False, help_text=_("With commas between them."), max_length=600)
    time_zone = ZoneField(help_text=_("Promises to them are due by this clock."))

    class Meta:
        model = Client
        fields = [
            "name",
            "kind",
            "stage",
            "owner",
            "visibility",
            "industry",
            "city",
            "country",
            "time_zone",
            "website",
            "phone",
            "partner_since",
            "value_band",
            "annual_value",
            "currency",
            "renewal_on",
            "rhythm_days",
            "answer_hours",
            "tags",
            "whats_in_it",
        ]
        widgets = {
            "partner_since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "renewal_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "whats_in_it": forms.Textarea(attrs={"rows": 3}),
            "currency": forms.TextInput(attrs={"placeholder": "GBP"}),
        }
        help_texts = {
            "rhythm_days": _("How often you agreed that both sides speak. Empty: the firm’s own rhythm."),
            "answer_hours": _("By when their questions are answered. Empty: the firm’s own target."),
            "renewal_on": _("When the agreement with them runs out or is renewed."),
            "whats_in_it": _("Why they work with us, in their terms."),
            "currency": _("Three letters."),
        }

    def __init__(self, data=None, files=None, **kwargs):
        super().__init__(data, files, **kwargs)
        self.fields["owner"].queryset = owners()
        self.fields["value_band"].choices = [("", _("Not set")), *Client.Band.choices]
        if self.instance.pk:
            del self.fields["owner"]  # handing over is an act of its own

    def clean_currency(self):
        currency = self.cleaned_data["currency"].upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ValidationError(_("Three letters, such as GBP or EUR."))
        return currency

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("annual_value") is not None and not cleaned.get("currency") and "currency" in cleaned:
            self.add_error("currency", _("Say in which currency."))
        if (cleaned.get("annual_value") or 0) < 0:
            self.add_error("annual_value", _("This cannot be less than nothing."))
        return cleaned


class OnceMixin(forms.Form):
    """Adding a record: its public id follows from the form's key, so a double click makes one, however close."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def give_id(self, *, by):
        """Set the record's id from the key; answers the record an earlier click made, or None."""
        key = self.cleaned_data["idempotency_key"]
        if key is None:
            return None
        digest = hashlib.sha256(f"{by.pk}:{key}".encode()).digest()
        prefix = self.instance.public_id.partition("_")[0]
        self.instance.public_id = f"{prefix}_" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:8])
        return type(self.instance).objects.filter(public_id=self.instance.public_id).first()


class NewClientForm(OnceMixin, ClientForm):
    pass


class ContactForm(VersionedModelForm):
    time_zone = ZoneField(required=False, help_text=_("Empty: the client’s."))

    class Meta:
        model = Contact
        fields = ["name", "job_title", "email", "phone", "survey_part", "language", "time_zone"]
        widgets = {
            "language": forms.Select(
                choices=[("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]
            ),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        }
        help_texts = {"survey_part": _("What they speak for when we ask once a year.")}

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if email and (
            Contact.objects.filter(client=self.instance.client, email=email).exclude(pk=self.instance.pk).exists()
        ):
            raise ValidationError(_("Somebody at this client has this address already."))
        if email != self.instance.email and self.instance.has_another_address(now=timezone.now()):
            self.also_saves = ("mail_state", "mail_state_at")
        return email


class NewContactForm(OnceMixin, ContactForm):
    pass


class HandOverForm(PlainForm):
    """Who owns the relationship from now on."""

    owner = forms.ModelChoiceField(
        label=_("New owner"), queryset=User.objects.none(), empty_label=_("Choose"), to_field_name="public_id"
    )

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners().exclude(pk=client.owner_id)


class TeamForm(PlainForm):
    """One of us joins the client team."""

    user = forms.ModelChoiceField(
        label=_("Colleague"), queryset=User.objects.none(), empty_label=_("Choose"), to_field_name="public_id"
    )
    part = forms.ChoiceField(label=_("Part played"), choices=TeamMember.Part.choices)

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        taken = client.team_members.values("user")
        self.fields["user"].queryset = owners().exclude(pk=client.owner_id).exclude(pk__in=taken)
