"""What people type about concerns and talks. The forms check; the verbs decide."""

import uuid
from datetime import time

from django import forms
from django.forms import formset_factory
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.days import day_month
from accounts.forms import PlainForm, PlainModelForm
from accounts.worktime import due_moment
from partnerships.models import Concern
from partnerships.talks import can_be_mailed
from promises.forms import date_field, may_own

STILL_AHEAD = _("A talk is planned for %(day)s. Take it back first, or it stays in everybody’s calendar.")
OURS_SHOWN, THEIRS_SHOWN, MOST_ROWS = 3, 2, 12


def _words(label, *, rows=3, most=5000, required="", help_text=""):
    """A field for sentences; `required` is what to say when it is empty."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(required),
        error_messages={"required": required},
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


HELP = {
    "what_happened": _("In words you would use in front of them."),
    "our_part": _("If you like. Admitting a mistake starts here."),
    "right_for_them": _("If you like. Ask them, do not guess."),
    "cause": _("If you like."),
    "prevention": _("If you like. What we do otherwise from now on."),
}


class ConcernForm(PlainModelForm):
    class Meta:
        model = Concern
        fields = ["what_happened", "our_part", "right_for_them", "origin", "severity", "cause_kind"]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ["what_happened", "our_part", "right_for_them"]}
        help_texts = HELP
        labels = {"cause_kind": _("Kind of cause, if you know it")}


class ConcernEditForm(VersionedModelForm):
    class Meta:
        model = Concern
        fields = [
            "what_happened",
            "our_part",
            "right_for_them",
            "cause_kind",
            "cause",
            "prevention",
            "origin",
            "severity",
            "lead",
        ]
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ["what_happened", "our_part", "right_for_them", "cause", "prevention"]
        }
        help_texts = HELP

    def add_fields(self):
        client = self.instance.client
        self.fields["lead"].queryset = may_own(client)
        self.fields["lead"].empty_label = _("The client’s owner: %(name)s") % {"name": client.owner.name}
        self.fields["lead"].required = False


class SeenForm(PlainForm):
    """A form of one step: it carries the version it was read at, so that whoever came second is told."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    @property
    def seen(self):
        return self.cleaned_data.get("version")

    def planned_for(self):
        """The day of a talk still ahead that its writer knew of; of one planned meanwhile the verb tells them."""
        if self.concern.is_ahead(self.now) and self.seen in (None, self.concern.version):
            return timezone.localdate(self.concern.talk_at)
        return None


class TalkForm(SeenForm):
    lead = forms.ModelChoiceField(queryset=None, label=_("Who leads it"), to_field_name="public_id", required=False)
    second = forms.ModelChoiceField(
        queryset=None, label=_("And one more of us"), to_field_name="public_id", required=False, empty_label=_("Nobody")
    )
    people = forms.ModelMultipleChoiceField(
        label=_("With whom"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    talk_on = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day.")},
    )
    talk_time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Choose a time.")},
    )
    minutes = forms.IntegerField(
        label=_("How long, in minutes"), min_value=10, max_value=480, initial=60, required=False
    )
    where = forms.CharField(label=_("Where"), max_length=200, required=False, help_text=_("If you like."))
    mail_them = forms.BooleanField(
        label=_("Mail the invitation to the people ticked above"),
        required=False,
        help_text=_("Without this tick nothing goes to the client. The two of us get a calendar entry in any case."),
    )

    def __init__(self, *args, concern, now, **kwargs):
        self.concern, self.now, self.was_held = concern, now, False
        initial = {
            "version": concern.version,
            "lead": concern.leader.public_id,
            "second": concern.second.public_id if concern.second else None,
            "minutes": concern.talk_minutes,
            "where": concern.talk_where,
        }
        if concern.pk:
            initial["people"] = [person.pk for person in concern.talk_with.all()]
        if concern.talk_at:
            here = timezone.localtime(concern.talk_at)
            initial |= {"talk_on": here.date(), "talk_time": here.time()}
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        client = concern.client
        for name in ("lead", "second"):
            self.fields[name].queryset = may_own(client)
        self.fields["lead"].empty_label = _("The client’s owner: %(name)s") % {"name": client.owner.name}
        self.fields["people"].queryset = client.contacts.current()
        self.fields["talk_time"].help_text = _("In your time zone, %(zone)s.") % {
            "zone": timezone.get_current_timezone_name().replace("_", " ")
        }

    def clean(self):
        data = super().clean()
        if data.get("talk_on") and data.get("talk_time"):
            data["at"] = due_moment(data["talk_on"], data["talk_time"], timezone.get_current_timezone())
            if data["at"] <= self.now:
                self.was_held = True
                self.add_error("talk_on", _("This day has passed. Was it held already?"))
        if data.get("lead") and data.get("lead") == data.get("second"):
            self.add_error("second", _("Choose somebody else: one person cannot be both."))
        if data.get("mail_them"):
            self._check_mail(data.get("people") or [])
        return data

    def _check_mail(self, people):
        if not people:
            self.add_error("people", _("Tick whom to mail the invitation to."))
        unreachable = [person.name for person in people if not can_be_mailed(person)]
        if unreachable:
            words = _("No mail can go to %(names)s. Take the tick for mail away and ring them.")
            self.add_error("mail_them", words % {"names": ", ".join(unreachable)})

    def terms(self):
        """What the verb takes."""
        data = self.cleaned_data
        lead = data["lead"] if data["lead"] != self.concern.leader else self.concern.lead
        return {
            "at": data["at"],
            "minutes": data["minutes"] or 60,
            "where": data["where"],
            "people": data["people"],
            "lead": lead,
            "second": data["second"],
            "mail_them": data["mail_them"],
        }


class TakeBackForm(SeenForm):
    tell_them = forms.BooleanField(label=_("Mail the people who were invited that it is off"), required=False)


class PromiseRow(PlainForm):
    """One promise made in the talk; a row nobody filled in is none."""

    what = forms.CharField(label=_("What"), max_length=300, required=False)
    due = date_field(_("By when"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args, client, people, default, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"] = forms.ModelChoiceField(
            people, label=_("Who"), to_field_name="public_id", required=False, empty_label=None, initial=default
        )
        self.order_fields(["what", "who", "due", "key"])
        for field in self.visible_fields():
            field.field.widget.attrs["class"] = "form-select" if field.name == "who" else "form-control"

    def full_clean(self):
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs |= {"class": f"{attrs['class']} is-invalid", "aria-invalid": "true"}

    @property
    def is_filled(self):
        return bool(self.cleaned_data.get("what"))

    def has_changed(self):
        return any(self.data.get(self.add_prefix(name)) for name in ("what", "due"))

    def clean(self):
        data = super().clean()
        if data.get("what") and not data.get("due") and "due" not in self.errors:
            self.add_error("due", _("Say by when."))
        if data.get("due") and not data.get("what") and "what" not in self.errors:
            self.add_error("what", _("Say what was promised."))
        if data.get("due") and data["due"] < timezone.localdate():
            self.add_error("due", _("Choose a day that is still ahead."))
        return data


def promise_rows(data, *, concern, side):
    """The rows of one side, bound when there is data."""
    ours = side == "ours"
    client = concern.client
    people = may_own(client) if ours else client.contacts.current()
    first = None if ours else concern.talk_with.first() or people.first()
    default = concern.leader.public_id if ours else first.public_id if first else None
    rows = formset_factory(
        PromiseRow, extra=OURS_SHOWN if ours else THEIRS_SHOWN, max_num=MOST_ROWS, absolute_max=MOST_ROWS
    )
    if data is not None and f"{side}-TOTAL_FORMS" not in data:
        data = None  # a form that was sent without its rows has none
    return rows(data, prefix=side, form_kwargs={"client": client, "people": people, "default": default})


class HoldForm(SeenForm):
    held_on = date_field(_("When it was held"), error_messages={"required": _("Choose a day.")})
    people = forms.ModelMultipleChoiceField(
        label=_("Who was there"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    they_said = _words(
        _("What they said"),
        required=_("Write down what they said."),
        rows=4,
        help_text=_("In their words, and by dimension if you like."),
    )
    not_known = _words(_("What we did not know"), help_text=_("If you like."))
    ended = forms.ChoiceField(
        label=_("How it ended"),
        choices=[("", _("Choose one")), *Concern.Ended.choices],
        help_text=_("Your own judgement of where we stand now."),
        error_messages={"required": _("Choose one.")},
    )
    next_check_on = date_field(_("Next check, if you like"), required=False)

    def __init__(self, *args, concern, now, held_on=None, **kwargs):
        self.concern, self.now = concern, now
        today = timezone.localdate(now)
        talked = concern.talk_held_at or concern.talk_at
        day = min(timezone.localdate(talked), today) if talked else today
        initial = {
            "version": concern.version,
            "held_on": held_on or day,
            "people": [person.pk for person in concern.talk_with.all()],
            "they_said": concern.they_said,
            "not_known": concern.not_known,
            "ended": concern.ended,
            "next_check_on": concern.next_check_on,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["people"].queryset = concern.client.contacts.current()

    def clean(self):
        data = super().clean()
        today = timezone.localdate(self.now)
        if data.get("held_on") and data["held_on"] > today:
            self.add_error("held_on", _("This day is still ahead."))
        elif (planned := self.planned_for()) and planned > today:
            self.add_error("held_on", STILL_AHEAD % {"day": day_month(planned)})
        if data.get("next_check_on") and data["next_check_on"] < today:
            self.add_error("next_check_on", _("Choose a day that is still ahead."))
        return data

    def told(self):
        data = self.cleaned_data
        noon = due_moment(data["held_on"], time(12), timezone.get_current_timezone())
        planned = self.concern.talk_at
        on_the_day = planned and timezone.localdate(planned) == data["held_on"] and planned <= self.now
        return {
            "held_at": planned if on_the_day else min(noon, self.now),
            "people": data["people"],
            "they_said": data["they_said"],
            "not_known": data["not_known"],
            "ended": data["ended"],
            "next_check_on": data["next_check_on"],
        }


class ResolveForm(SeenForm):
    outcome = _words(_("What came of it"), required=_("Say what came of it."), rows=4)
    promises = forms.ModelMultipleChoiceField(
        label=_("Promises that came of it"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    no_promise_because = forms.CharField(label=_("Or why no promise was needed"), max_length=500, required=False)
    cause_kind = forms.ChoiceField(
        label=_("What caused it"), choices=[("", _("Not said")), *Concern.CauseKind.choices], required=False
    )
    cause = _words(_("The cause in words"), rows=2, most=2000, help_text=_("If you like."))
    prevention = _words(
        _("How it will not happen again"), rows=2, most=2000, help_text=_("If you like. What we do otherwise now.")
    )

    def __init__(self, *args, concern, now, **kwargs):
        self.concern, self.now = concern, now
        linked = [promise.pk for promise in concern.promises.all()]
        initial = {
            "version": concern.version,
            "outcome": concern.outcome,
            "promises": linked,
            "cause_kind": concern.cause_kind,
            "cause": concern.cause,
            "prevention": concern.prevention,
        }
        super().__init__(*args, initial=initial, **kwargs)
        since = concern.client.promises.filter(created_at__gte=concern.opened_at)
        found = (since | concern.client.promises.filter(pk__in=linked)).distinct().order_by("-created_at")
        self.fields["promises"].queryset = found.select_related("client")

    @cached_property
    def has_promises(self):
        return self.fields["promises"].queryset.exists()

    def clean(self):
        data = super().clean()
        if not data.get("promises") and not data.get("no_promise_because"):
            self.add_error("promises", _("Tick a promise that came of it, or say why none was needed."))
        if planned := self.planned_for():
            self.add_error(None, STILL_AHEAD % {"day": day_month(planned)})
        return data

    def told(self):
        """What the verb takes. A cause is told only where the form had it."""
        data = self.cleaned_data
        told = {name: data[name] for name in ("outcome", "promises", "no_promise_because")}
        return told | {name: data[name] for name in ("cause_kind", "cause", "prevention") if name in self.data}


class ReopenForm(PlainForm):
    note = _words(_("Why, if you like"), rows=2, most=2000)
