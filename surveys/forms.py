"""Forms of the set-up, of the lists' filters, and of a belief."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm, PlainModelForm
from accounts.models import User
from clients.models import Client, Contact
from surveys.days import MORNING
from surveys.models import Invitation, Questionnaire, Round

MOST_REMINDERS, LATEST_REMINDER = 3, 60
DATE = {"type": "date"}


def with_any(choices):
    return [("", gettext_lazy("All")), *choices]


class NewRoundForm(PlainModelForm):
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Round
        fields = ["name", "year"]

    def clean_year(self):
        year = self.cleaned_data["year"]
        if not 2000 <= year <= 2100:
            raise forms.ValidationError(_("Enter a year such as 2026."))
        return year


class QuestionsForm(VersionedModelForm):
    class Meta:
        model = Round
        fields = ["name", "year", "questionnaire"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["questionnaire"].queryset = Questionnaire.objects.all()
        self.fields["questionnaire"].empty_label = None  # a round always has one

    clean_year = NewRoundForm.clean_year


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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.active().values_list("public_id", "name")
        self.fields["owner"].choices = with_any(list(people))

    def filters(self):
        """What was chosen; a value that is none of the choices filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


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
        label=gettext_lazy("not before"),
        help_text=gettext_lazy(
            "Planned mail goes out in the morning where each person lives, never earlier than this."
        ),
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
        help_texts = {"wave_size": gettext_lazy("Leave empty to write to everybody on the first day.")}

    also_saves = ("opens_at", "reminder_days")
    field_order = ["opens_on", "opens_time", "due_on", "closes_on", "reminders", "wave_size"]

    def __init__(self, *args, calendar, today, default_reminders, **kwargs):
        self.calendar, self.today = calendar, today
        self.again = {"calendar": calendar, "today": today, "default_reminders": default_reminders}
        super().__init__(*args, **kwargs)
        opens = self.instance.opens_at and self.instance.opens_at.astimezone(calendar.zone)
        self.initial["opens_on"] = opens.date() if opens else calendar.working_day_after(today, 5)
        self.initial["opens_time"] = opens.time() if opens else MORNING
        days = self.instance.reminder_days if opens else default_reminders
        self.initial["reminders"] = ", ".join(str(day) for day in days)
        first = self.initial["opens_on"]
        self.initial["due_on"] = self.instance.due_on or calendar.working_day_after(first, 14)
        self.initial["closes_on"] = self.instance.closes_on or calendar.working_day_after(first, 19)
        for name in ("due_on", "closes_on"):
            self.fields[name].required = True

    def clean_reminders(self):
        parts = [part.strip() for part in self.cleaned_data["reminders"].replace(";", ",").split(",") if part.strip()]
        if any(not (part.isascii() and part.isdigit() and 1 <= int(part[:4]) <= LATEST_REMINDER) for part in parts):
            raise forms.ValidationError(
                _("Write whole numbers from 1 to %(most)d, such as 4, 9, 13.") % {"most": LATEST_REMINDER}
            )
        days = sorted({int(part) for part in parts})
        if len(days) > MOST_REMINDERS:
            raise forms.ValidationError(_("At most three reminders: nobody wants a fourth."))
        return ", ".join(map(str, days))

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


class InvitationFilter(PlainForm):
    """The filter of a round's list; lives in the query string."""

    words = forms.CharField(label=gettext_lazy("Client or person"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=with_any(Invitation.State.choices))
    overdue = forms.ChoiceField(
        label=gettext_lazy("Overdue"),
        required=False,
        choices=[("", gettext_lazy("All")), ("any", gettext_lazy("Overdue")), *Invitation.OverdueReason.choices],
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("Whose"),
        required=False,
        choices=[("", gettext_lazy("Everybody’s")), ("mine", gettext_lazy("My clients"))],
    )
    by = forms.ChoiceField(
        label=gettext_lazy("List"),
        required=False,
        choices=[("", gettext_lazy("by person")), ("client", gettext_lazy("by client"))],
    )


class BeliefForm(PlainForm):
    """What we think a client will answer: the round's 0–10 questions, and why."""

    note = forms.CharField(
        label=gettext_lazy("Why we think so"),
        help_text=gettext_lazy("If you like. You will read it again beside what they say."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, questions, belief, **kwargs):
        super().__init__(*args, initial={"note": belief.note}, **kwargs)
        self.questions, self.belief = questions, belief

    def clean(self):
        cleaned = super().clean()
        self.values = {}
        for question in self.questions:
            raw = self.data.get(f"q-{question.key}", "")
            if raw in ("", "na"):
                continue
            if not (raw.isascii() and raw.isdigit() and len(raw) < 3 and int(raw) <= 10):
                self.add_error(None, _("“%(question)s”: choose a number from 0 to 10.") % {"question": question.text})
                continue
            self.values[question.key] = int(raw)
        return cleaned

    def refuse_empty(self):
        """Recording needs at least one number; a draft does not."""
        if not self.values and not self.errors:
            self.add_error(None, _("Choose at least one number before you record it."))
        return not self.errors
