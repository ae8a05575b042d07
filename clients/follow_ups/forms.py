"""When to be reminded, and of what."""

import uuid
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.conflict import ShownMixin
from accounts.forms import PlainForm

DATE_INPUTS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y"]
FURTHEST = timedelta(days=5 * 366)


def quick_days(today):
    """(label, day) of the days people ask for most."""
    monday = today + timedelta(days=7 - today.weekday())
    days = {
        monday: _("Monday"),
        today + timedelta(days=1): _("Tomorrow"),
        today + timedelta(days=7): _("In a week"),
        today + timedelta(days=28): _("In four weeks"),
    }
    return [(label, day) for day, label in sorted(days.items())]


class FollowUpForm(ShownMixin, PlainForm):
    due_on = forms.DateField(
        label=_("On"),
        input_formats=DATE_INPUTS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day.")},
    )
    note = forms.CharField(
        label=_("What about, if you like"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    idempotency_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, today, initial=None, **kwargs):
        super().__init__(*args, initial={"idempotency_key": uuid.uuid4(), **(initial or {})}, **kwargs)
        self.today = today

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day < self.today:
            raise ValidationError(_("Choose today or a day after it."))
        if day > self.today + FURTHEST:
            raise ValidationError(_("Choose a day within the next five years."))
        return day
