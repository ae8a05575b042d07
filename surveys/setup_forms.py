"""Forms of the set-up's steps, and of what can be changed while a round is open."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm
from accounts.models import User
from clients.models import Client, Contact
from surveys import audience
from surveys.forms import NewRoundForm, with_any
from surveys.models import Round
from surveys.timing import EARLIEST, LATEST, hour_of

MOST_REMINDERS, LATEST_REMINDER = 3, 60
DATE = {"type": "date"}


class StartForm(NewRoundForm):
    """A new round, empty or with an earlier one as its start."""

    based_on = forms.ChoiceField(
        label=gettext_lazy("Start from"),
        help_text=gettext_lazy("Takes over the questions, whom to ask, the settings, and the dates a year on."),
        required=False,
    )
    field_order = ["based_on", "name", "year"]

    def __init__(self, *args, earlier, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["based_on"].choices = [("", _("nothing: a new round")), *earlier]
        if not earlier:
            del self.fields["based_on"]


class AudienceForm(PlainForm):
    """The filter over contacts; lives in the query string."""

    words = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=100)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False, choices=with_any(Client.Stage.choices))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=with_any(Client.Kind.choices))
    value_band = forms.ChoiceField(label=gettext_lazy("Value"), required=False, choices=with_any(Client.Band.choices))
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    part = forms.ChoiceField(
        label=gettext_lazy("Part played"), required=False, choices=with_any(Contact.SurveyPart.choices)
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    lately = forms.ChoiceField(
        label=gettext_lazy("Asked lately"), required=False, choices=audience.LATELY, initial=audience.LATELY[0][0]
    )
    on_list = forms.ChoiceField(
        label=gettext_lazy("On the list"),
        required=False,
        choices=[("", gettext_lazy("All")), ("yes", gettext_lazy("on the list")), ("no", gettext_lazy("not on it"))],
    )
    left = forms.ChoiceField(
        label=gettext_lazy("Left out because"), required=False, choices=[("", gettext_lazy("All")), *audience.CHOICES]
    )
    MORE = ("country", "language", "tag", "lately", "on_list", "left")  # folded away until one of them is used

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.active().values_list("public_id", "name")
        self.fields["owner"].choices = with_any(list(people))
        for name, values in audience.offered().items():
            self.fields[name].choices = with_any(values)

    def filters(self):
        """What was chosen; a value that is none of the choices filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def uses_more(self):
        return any(self[name].value() for name in self.MORE)


class BeliefsForm(VersionedModelForm):
    class Meta:
        model = Round
        fields = ["beliefs_due_on", "ask_team", "wait_for_beliefs"]
        widgets = {"beliefs_due_on": forms.DateInput(attrs=DATE, format="%Y-%m-%d")}


class DatesForm(VersionedModelForm):
    """When mail goes out, until when answers count. Times are the firm's."""

    opens_on = forms.DateField(
        label=gettext_lazy("Invitations go out on"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    opens_time = forms.TimeField(
        label=gettext_lazy("At"),
        help_text=gettext_lazy("In the morning, on the clock of whoever gets it: 09:00 is 09:00 in Leeds and in Lima."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    reminders = forms.CharField(
        label=gettext_lazy("Remind after so many working days"),
        help_text=gettext_lazy("At most three, such as 4, 9, 13. Only those who have not answered are reminded."),
        required=False,
    )

    class Meta:
        model = Round
        fields = ["due_on", "closes_on", "wave_size"]
        widgets = {name: forms.DateInput(attrs=DATE, format="%Y-%m-%d") for name in ("due_on", "closes_on")}
        labels = {"wave_size": gettext_lazy("Mails a day")}
        help_texts = {"wave_size": gettext_lazy("Leave empty to write to everybody on the first day.")}

    also_saves = ("opens_at", "reminder_days")
    field_order = ["opens_on", "opens_time", "due_on", "closes_on", "reminders", "wave_size"]

    def __init__(self, *args, calendar, today, default_reminders, **kwargs):
        self.calendar, self.today = calendar, today
        self.again = {"calendar": calendar, "today": today, "default_reminders": default_reminders}
        super().__init__(*args, **kwargs)
        opens = self.instance.opens_at and self.instance.opens_at.astimezone(calendar.zone)
        self.initial["opens_on"] = opens.date() if opens else calendar.working_day_after(today, 5)
        self.initial["opens_time"] = hour_of(self.instance, calendar)
        days = self.instance.reminder_days if opens else default_reminders
        self.initial["reminders"] = ", ".join(str(day) for day in days)
        first = self.initial["opens_on"]
        self.initial["due_on"] = self.instance.due_on or calendar.working_day_after(first, 14)
        self.initial["closes_on"] = self.instance.closes_on or calendar.working_day_after(first, 19)
        for name in ("due_on", "closes_on"):
            self.fields[name].required = True

    def clean_reminders(self):
        return clean_reminders(self.cleaned_data["reminders"])

    def clean_opens_time(self):
        at = self.cleaned_data["opens_time"]
        if not EARLIEST <= at <= LATEST:
            raise forms.ValidationError(_("Choose a time in the morning, from 06:00 to 12:00."))
        return at

    def clean(self):
        cleaned = super().clean()
        opens, due, closes = (cleaned.get(name) for name in ("opens_on", "due_on", "closes_on"))
        if opens and opens < self.today and "opens_on" in self.changed_data:
            self.add_error("opens_on", _("Choose a day from today on."))
        if opens and due and due <= opens:
            self.add_error("due_on", _("Choose a day after the invitations go out."))
        if due and closes and closes < due:
            self.add_error("closes_on", _("Choose the day answers are due, or a later one."))
        if opens and cleaned.get("opens_time") is not None:
            self.instance.opens_at = datetime.combine(opens, cleaned["opens_time"], self.calendar.zone)
        if "reminders" in cleaned:
            self.instance.reminder_days = [int(day) for day in cleaned["reminders"].split(",") if day.strip()]
        return cleaned


class OpenDatesForm(VersionedModelForm):
    """What may still be changed once clients are asked; thresholds, weights and questions may not."""

    reminders = forms.CharField(
        label=gettext_lazy("Remind after so many working days"),
        help_text=gettext_lazy("Only those who have not answered are reminded."),
        required=False,
    )

    class Meta:
        model = Round
        fields = ["due_on", "closes_on", "wave_size"]
        labels = {"wave_size": gettext_lazy("Mails a day")}
        help_texts = {"wave_size": gettext_lazy("For invitations still to be written. Empty: no limit.")}
        widgets = {name: forms.DateInput(attrs=DATE, format="%Y-%m-%d") for name in ("due_on", "closes_on")}

    also_saves = ("reminder_days",)
    field_order = ["due_on", "closes_on", "reminders", "wave_size"]

    def __init__(self, *args, calendar, today, gone, **kwargs):
        self.today, self.gone = today, gone
        self.again = {"calendar": calendar, "today": today, "gone": gone}
        super().__init__(*args, **kwargs)
        self.initial["reminders"] = ", ".join(str(day) for day in self.instance.reminder_days)
        for name in ("due_on", "closes_on"):
            self.fields[name].required = True

    def clean_reminders(self):
        text = clean_reminders(self.cleaned_data["reminders"])
        days = [int(day) for day in text.split(",") if day.strip()]
        if days[: len(self.gone)] != self.gone:
            raise forms.ValidationError(
                _("The reminders after %(days)s working days have begun to go out; leave them at the front.")
                % {"days": ", ".join(map(str, self.gone))}
            )
        return text

    def clean(self):
        cleaned = super().clean()
        due, closes = cleaned.get("due_on"), cleaned.get("closes_on")
        if closes and closes < self.today:
            self.add_error("closes_on", _("Choose today or a later day; to end it now, close the round."))
        elif due and closes and closes < due:
            self.add_error("closes_on", _("Choose the day answers are due, or a later one."))
        if "reminders" in cleaned:
            self.instance.reminder_days = self.dates()["reminder_days"]
        return cleaned

    def dates(self):
        given = self.cleaned_data
        days = [int(day) for day in given["reminders"].split(",") if day.strip()]
        names = ("due_on", "closes_on", "wave_size")
        return {**{name: given.get(name) for name in names}, "reminder_days": days}


class PersonSearchForm(PlainForm):
    words = forms.CharField(label=gettext_lazy("Client or person"), required=False, max_length=100)


class TestMailForm(PlainForm):
    """A test of the mail: as whom, and in which language."""

    person = forms.CharField(required=False, max_length=16)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, *args, languages, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("the person’s own")), *languages]


def clean_reminders(text):
    """“4, 9, 13” from whatever was typed; a form error when it is something else."""
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if any(not (part.isascii() and part.isdigit() and 1 <= int(part[:4]) <= LATEST_REMINDER) for part in parts):
        raise forms.ValidationError(
            _("Write whole numbers from 1 to %(most)d, such as 4, 9, 13.") % {"most": LATEST_REMINDER}
        )
    days = sorted({int(part) for part in parts})
    if len(days) > MOST_REMINDERS:
        raise forms.ValidationError(_("At most three reminders: nobody wants a fourth."))
    return ", ".join(map(str, days))
