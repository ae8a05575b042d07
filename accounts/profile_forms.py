"""What people say about themselves."""

import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm, PlainModelForm
from accounts.hours import HoursField
from accounts.models import Absence, User
from accounts.places import CountryField, ZoneField

MOST_ADDRESSES = 10
DAYS = [
    ("monday", _("Monday")),
    ("tuesday", _("Tuesday")),
    ("wednesday", _("Wednesday")),
    ("thursday", _("Thursday")),
    ("friday", _("Friday")),
    ("saturday", _("Saturday")),
    ("sunday", _("Sunday")),
]


class ProfileForm(VersionedModelForm):
    time_zone = ZoneField()
    country = CountryField(required=False)

    class Meta:
        model = User
        fields = [
            "name",
            "job_title",
            "phone",
            "time_zone",
            "language",
            "country",
            "digest_at",
            "deputy",
            "theme",
            "single_keys",
        ]
        widgets = {
            "digest_at": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "job_title": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel"}),
        }
        labels = {
            "job_title": _("Job title, if you like"),
            "phone": _("Phone, if you like"),
            "deputy": _("Deputy, if you like"),
            "single_keys": _("Single-key shortcuts, such as L to log"),
        }
        help_texts = {
            "digest_at": _("One mail with what needs you, on your working days. None when nothing does."),
            "deputy": _("Gets your digest while you are away."),
        }

    also_saves = ("working_hours",)

    def __init__(self, data=None, files=None, **kwargs):
        super().__init__(data, files, **kwargs)
        self.fields["deputy"].queryset = User.objects.active().exclude(pk=self.instance.pk)
        self.fields["deputy"].empty_label = _("Nobody")

    def add_fields(self):
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=settings.STAFF_LANGUAGES)
        for (name, label), spans in zip(DAYS, self.instance.working_hours, strict=True):
            self.fields[name] = HoursField(label=label, initial=[list(span) for span in spans])

    @property
    def day_fields(self):
        return [self[name] for name, _label in DAYS]

    def clean(self):
        cleaned = super().clean()
        week = [cleaned.get(name) for name, _label in DAYS]
        if None not in week:
            if not any(week):
                raise ValidationError(_("Give at least one day working hours; due dates are reckoned with them."))
            self.instance.working_hours = week
        return cleaned


class AbsenceForm(PlainModelForm):
    class Meta:
        model = Absence
        fields = ["starts_on", "ends_on"]
        widgets = {
            "starts_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "ends_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        labels = {"starts_on": _("First day away"), "ends_on": _("Last day away")}

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        return cleaned


class MailAddressesForm(PlainForm):
    """The other addresses somebody writes from: mail of theirs from there counts as theirs."""

    addresses = forms.CharField(
        label=_("Other addresses you write from, one in each line"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, data=None, *, user):
        super().__init__(data, initial={"addresses": "\n".join(user.mail_addresses)})
        self.user = user

    def clean_addresses(self):
        found = dict.fromkeys(one.lower() for one in re.split(r"[\s,;]+", self.cleaned_data["addresses"]) if one)
        found.pop(self.user.email.lower(), None)
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(_("Keep it to %(most)d addresses."), params={"most": MOST_ADDRESSES})
        for address in found:
            try:
                validate_email(address)
            except ValidationError:
                words = _("“%(address)s” is not an e-mail address.")
                raise ValidationError(words, params={"address": address[:100]}) from None
        taken = {email.lower() for email in User.objects.exclude(pk=self.user.pk).values_list("email", flat=True)}
        if both := sorted(taken & set(found)):
            raise ValidationError(_("%(address)s is a colleague’s address."), params={"address": both[0]})
        return list(found)

    def save(self):
        self.user.mail_addresses = self.cleaned_data["addresses"]
        self.user.save(update_fields=["mail_addresses"])
