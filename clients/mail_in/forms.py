"""What a person says about the mail in their tray."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from clients.mail_in.parts import ADDRESS
from clients.models import NeverLog

DOMAIN = re.compile(r"^(?=.{3,190}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,}$")


def pattern_of(text):
    """“@Tidewell.example ” → “tidewell.example”; ValidationError for what is neither an address nor a domain."""
    text = text.strip().strip("<>").lower().removeprefix("mailto:")
    text = text.removeprefix("*").removeprefix("@")
    if ADDRESS.match(text) and DOMAIN.match(text.rpartition("@")[2]) and len(text) <= 254:
        return text
    if DOMAIN.match(text):
        return text
    raise ValidationError(_("Type an address such as rosa@tidewell.example, or a domain such as tidewell.example."))


class NeverForm(PlainForm):
    """An address or a domain nobody wants mail kept of."""

    pattern = forms.CharField(
        label=_("Address or domain"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "email"}),
    )

    def clean_pattern(self):
        return pattern_of(self.cleaned_data["pattern"])

    def save(self, *, user, by, now):
        """For one person, or for everybody when `user` is None. The same twice is once."""
        return NeverLog.objects.get_or_create(
            pattern=self.cleaned_data["pattern"], user=user, defaults={"made_by": by, "made_at": now}
        )[0]


class PeopleForm(PlainForm):
    """Who of a mail is added to the people of the client it is filed under: nobody, until somebody is ticked."""

    people = forms.MultipleChoiceField(
        label=_("Add to the people there"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, received, known=()):
        super().__init__(data)
        pairs = [(received.from_name, received.from_address)] if not received.is_ours else []
        pairs += [tuple(pair) for pair in received.others]
        self.names = {address: name or name_of(address) for name, address in pairs if address and address not in known}
        choices = [(address, f"{name} <{address}>") for address, name in list(self.names.items())[:20]]
        self.fields["people"].choices = choices
        if not choices:
            del self.fields["people"]

    def chosen(self):
        """[(name, address), …]."""
        return [(self.names[address], address) for address in self.cleaned_data.get("people", [])]


def name_of(address):
    """“rosa.delgado@x.example” → “Rosa Delgado”: better than nothing, and easily corrected."""
    words = re.split(r"[._+-]+", address.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word) or address
