"""The pieces forms about promises are made of."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainMixin
from accounts.models import User
from accounts.worktime import due_moment
from clients.models import Client
from promises.models import Reason, Terms

NOT_YET = "not_yet"
DATE_INPUTS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y"]


def date_field(label, **kwargs):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, input_formats=DATE_INPUTS, widget=widget, **kwargs)


def time_field(label, **kwargs):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget, **kwargs)


def reason_field(label, *, required=True):
    choices = [("", _("Choose one")), *Reason.choices]
    return forms.ChoiceField(
        label=label, choices=choices, required=required, error_messages={"required": _("Say why.")}
    )


def words_field(label, *, required=False, help_text="", rows=2, **kwargs):
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, required=required, max_length=2000, widget=widget, help_text=help_text, **kwargs
    )


def contact_field(client, label, *, empty, required=False, **kwargs):
    return forms.ModelChoiceField(
        client.contacts.current(),
        label=label,
        empty_label=empty,
        required=required,
        to_field_name="public_id",
        **kwargs,
    )


class _Built(forms.Form):
    """A form whose fields depend on what it is about; they are there before PlainMixin guards them all."""

    def __init__(self, *args, user, now, promise=None, client=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.now, self.promise, self.client = user, now, promise, client
        self.build()

    def build(self):
        """Add what depends on the promise or the client."""


class BuiltForm(PlainMixin, _Built):
    pass


class TermsMixin:
    """By when: a day, perhaps a time, and whose clock is meant."""

    def _add_terms(self, *, zones, label):
        self.fields["due_date"] = date_field(
            label, error_messages={"required": _("Choose a date."), "invalid": _("Choose a date.")}
        )
        self.fields["due_time"] = time_field(_("Time, if you like"), help_text=_("Without one: the end of that day."))
        self.fields["due_zone"] = forms.ChoiceField(label=_("Whose clock"), choices=zones, required=False)

        self.fields["due_date"].widget.attrs["list"] = "quick-dates"

    @property
    def quick_dates(self):
        """Days people mean most often, as the browser's own list beside the date: value and words."""
        today = timezone.localdate(self.now)
        friday = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
        choices = {
            today + timedelta(days=1): _("Tomorrow"),
            friday: _("Friday"),
            today + timedelta(days=7): _("In a week"),
            today + timedelta(days=14): _("In two weeks"),
        }
        return [(day.isoformat(), words) for day, words in sorted(choices.items())]

    def terms(self, zone=""):
        data = self.cleaned_data
        return Terms(data["due_date"], data.get("due_time"), data.get("due_zone") or zone)

    def check_moment(self, zone):
        """The moment the typed terms name, or an error at the date."""
        data = self.cleaned_data
        if not data.get("due_date"):
            return None
        try:
            return due_moment(data["due_date"], data.get("due_time"), data.get("due_zone") or zone)
        except ValueError:
            self.add_error("due_date", _("There is no such moment."))
            return None


def zones_for(user, client, *, default):
    """The clocks that may be meant, the usual one first: its value is empty."""
    named = {user.time_zone: _("mine"), client.time_zone: client.name}
    return [("", default), *((zone, f"{zone} ({who})") for zone, who in named.items())]


def may_own(client):
    """Who can answer for a promise to this client: those who may see it."""
    people = User.objects.active()
    if client.visibility == Client.Visibility.OPEN:
        return people
    team = client.team_members.values("user")
    return (people.filter(pk__in=team) | people.filter(pk=client.owner_id) | User.objects.managers()).distinct()
