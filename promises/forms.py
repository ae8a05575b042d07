"""What people type about promises. The forms check; the verbs decide."""

import uuid
from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainMixin
from accounts.models import User
from accounts.worktime import due_moment
from clients.models import Client, searchable
from promises.models import AgreedHow, Direction, NotNow, Promise, Reason
from promises.models.promise import Terms

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


class WhichClientForm(BuiltForm):
    """The first thing a promise needs; typed, because nobody scrolls through thousands of names."""

    client_name = forms.CharField(
        label=_("Which client?"), widget=forms.TextInput(attrs={"list": "own-clients", "autocomplete": "off"})
    )

    def clean_client_name(self):
        typed = self.cleaned_data["client_name"]
        writable = Client.objects.writable_by(self.user).current()
        found = list(writable.filter(name__iexact=typed)[:2]) or list(writable.search(typed)[:6])
        if not found or not searchable(typed):
            raise forms.ValidationError(_("No client of yours matches “%(name)s”.") % {"name": typed})
        if len(found) > 1:
            names = ", ".join(client.name for client in found[:5])
            raise forms.ValidationError(_("Several match: %(names)s. Type a little more.") % {"names": names})
        self.client = found[0]
        return typed


class PromiseForm(TermsMixin, BuiltForm):
    """Write down a promise both sides have agreed."""

    direction = forms.ChoiceField(label=_("Who promised?"), choices=Direction.choices, widget=forms.RadioSelect)
    what = forms.CharField(label=_("What"), max_length=300, error_messages={"required": _("Say what was promised.")})
    done_when = forms.CharField(
        label=_("Done when, if you like"),
        max_length=500,
        required=False,
        help_text=_("How both sides will see that it is done."),
    )

    def build(self):
        self._add_terms(
            zones=zones_for(self.user, self.client, default=_("Whoever it is promised to")), label=_("By when")
        )
        self.fields["contact"] = contact_field(
            self.client,
            _("With whom there"),
            empty=_("Nobody in particular"),
            help_text=_("To whom we said it, or who said it."),
        )
        self.fields["owner"] = forms.ModelChoiceField(
            _may_own(self.client), label=_("Who of us answers for it"), to_field_name="public_id", empty_label=None,
        )  # fmt: skip
        self.fields["agreed_how"] = forms.ChoiceField(label=_("How it was agreed"), choices=AgreedHow.recorded())
        self.fields["critical"] = forms.BooleanField(
            label=_("Critical"), required=False, help_text=_("Its owner hears at once when it turns late.")
        )
        self.fields["idempotency_key"] = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
        self.fields["interaction"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def clean(self):
        cleaned = super().clean()
        owner = cleaned.get("owner") or self.client.owner
        contact = cleaned.get("contact")
        ours = cleaned.get("direction") != Direction.THEIRS
        self.zone = (contact.zone_name if contact else self.client.time_zone) if ours else owner.time_zone
        moment = self.check_moment(self.zone)
        if moment and moment <= self.now:
            self.add_error("due_date", _("Choose a moment that is still ahead."))
        return cleaned

    def save(self):
        data = self.cleaned_data
        interaction = (
            self.client.interactions.filter(public_id=data["interaction"]).first() if data["interaction"] else None
        )
        return Promise.objects.make(
            by=self.user, client=self.client, now=self.now, direction=data["direction"], what=data["what"],
            done_when=data["done_when"], due_date=data["due_date"], due_time=data["due_time"],
            due_zone=data["due_zone"] or self.zone, owner=data["owner"], contact=data["contact"],
            importance="critical" if data["critical"] else "normal", agreed_how=data["agreed_how"],
            interaction=interaction, idempotency_key=data["idempotency_key"],
        )  # fmt: skip


def _may_own(client):
    """Who can answer for a promise to this client: those who may see it."""
    people = User.objects.active()
    if client.visibility == Client.Visibility.OPEN:
        return people
    team = client.team_members.values("user")
    return (people.filter(pk__in=team) | people.filter(pk=client.owner_id) | User.objects.managers()).distinct()


class CorrectForm(TermsMixin, VersionedModelForm):
    """Mend a typing mistake within an hour."""

    class Meta:
        model = Promise
        fields = ["what", "done_when", "due_date", "due_time", "importance"]
        widgets = {
            "due_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "due_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean(self):
        cleaned = super().clean()
        moment = self.check_moment(self.instance.due_zone)
        if moment and moment <= self.instance.agreed_at:
            self.add_error("due_date", _("Choose a moment after it was promised."))
        return cleaned


class MoveForm(TermsMixin, BuiltForm):
    """Move a promise: new terms, who agreed to them and how, and why."""

    NOT_YET = "not_yet"

    def build(self):
        self._add_terms(
            zones=zones_for(self.user, self.promise.client, default=_("As before")),
            label=_("New date"),
        )
        self.fields["agreed_how"] = forms.ChoiceField(
            label=_("How did they agree?"),
            choices=[*AgreedHow.recorded(), (self.NOT_YET, _("Not yet asked, or no answer yet"))],
            widget=forms.RadioSelect,
            error_messages={"required": _("Say how they agreed, or that they have not yet.")},
        )
        self.fields["contact"] = contact_field(
            self.promise.client, _("Who agreed it"), empty=_("Choose a person"), initial=self.promise.contact
        )
        self.fields["reason"] = reason_field(_("Why"))
        self.fields["words"] = forms.CharField(
            label=_("In a few words, if you like"), max_length=500, required=False, help_text=_("Stays among us.")
        )

    def clean(self):
        cleaned = super().clean()
        moment = self.check_moment(self.promise.due_zone)
        if moment and moment <= self.now:
            self.add_error("due_date", _("Choose a moment that is still ahead."))
        elif moment and moment == self.promise.due_at:
            self.add_error("due_date", _("Choose another date than the one agreed now."))
        has_people = self.fields["contact"].queryset.exists()
        agreed = cleaned.get("agreed_how") not in (None, self.NOT_YET)
        if agreed and has_people and not cleaned.get("contact") and "contact" not in self.errors:
            self.add_error("contact", _("Say who agreed it."))
        return cleaned

    def save(self):
        data = self.cleaned_data
        fields = {
            "by": self.user,
            "terms": self.terms(self.promise.due_zone),
            "reason": data["reason"],
            "words": data["words"],
            "now": self.now,
        }
        if data["agreed_how"] == self.NOT_YET:
            return self.promise.ask_to_move(**fields)
        return self.promise.move(**fields, how=data["agreed_how"], contact=data["contact"])


class KeepForm(BuiltForm):
    """When it was done; why, if that was late; and whether they have already said that it is what was agreed."""

    def build(self):
        today = timezone.localdate(self.now)
        self.fields["done_on"] = date_field(_("Done on"), initial=today, required=False)
        self.fields["done_time"] = time_field(_("Time, if you like"))
        self.fields["reason"] = reason_field(_("Why it is late"), required=False)
        if not self.promise.is_overdue(self.now):
            self.fields["reason"].help_text = _("Only when it was done after it was due.")
        self.fields["note"] = words_field(_("Note, if you like"))
        if self.promise.is_ours:
            self.fields["confirmed"] = forms.BooleanField(label=_("They told me it is what was agreed"), required=False)
            self.fields["contact"] = contact_field(
                self.promise.client, _("Who said so"), empty=_("Choose a person"), initial=self.promise.contact
            )
            self.fields["how"] = forms.ChoiceField(
                label=_("How"), choices=[("", "–"), *AgreedHow.recorded()], required=False
            )

    def clean(self):
        cleaned = super().clean()
        self.done_at = self._done_at(cleaned.get("done_on"), cleaned.get("done_time"))
        if self.done_at > self.now:
            self.add_error("done_on", _("That is still ahead."))
        elif self.done_at > self.promise.due_at and not cleaned.get("reason"):
            self.add_error("reason", _("It was late. Say why."))
        return cleaned

    def _done_at(self, day, time):
        here = timezone.get_current_timezone()
        if not day or (day == timezone.localdate(self.now) and not time):
            return self.now
        if time:
            return timezone.make_aware(timezone.datetime.combine(day, time), here)
        # A day without a time: on the due day it was in time, otherwise its end.
        return self.promise.due_at if day == self.promise.due_date else due_moment(day, None, here)

    def save(self):
        data = self.cleaned_data
        fields = {
            "by": self.user,
            "now": self.now,
            "done_at": self.done_at,
            "reason": data["reason"],
            "note": data["note"],
        }
        if self.promise.is_ours and not data["confirmed"]:
            return self.promise.deliver(**fields)
        return self.promise.keep(**fields, contact=data.get("contact") or self.promise.contact, how=data.get("how", ""))


class ActForm(BuiltForm):
    """Base of the small forms for one verb each."""

    def stamp(self):
        return {"by": self.user, "now": self.now}


class AcceptForm(ActForm):
    def build(self):
        self.fields["contact"] = contact_field(
            self.promise.client, _("Who said so"), empty=_("Nobody in particular"), initial=self.promise.contact
        )
        self.fields["how"] = forms.ChoiceField(label=_("How"), choices=AgreedHow.recorded())
        self.fields["note"] = words_field(_("Note, if you like"))

    def save(self):
        data = self.cleaned_data
        self.promise.accept(**self.stamp(), contact=data["contact"], how=data["how"], note=data["note"])


class DisputeForm(ActForm):
    words = words_field(
        _("Their words"), required=True, rows=3, error_messages={"required": _("Write what they said is missing.")}
    )

    def save(self):
        self.promise.dispute(**self.stamp(), words=self.cleaned_data["words"], contact=self.promise.contact)


class BreakForm(ActForm):
    reason = reason_field(_("Why"))
    note = words_field(_("In a few words, if you like"))

    def save(self):
        self.promise.break_(**self.stamp(), reason=self.cleaned_data["reason"], note=self.cleaned_data["note"])


class WithdrawForm(ActForm):
    reason = reason_field(_("Why"))
    note = words_field(_("What was said to them, if you like"))
    told = forms.BooleanField(
        label=_("The other side has been told"), error_messages={"required": _("Tell them first, then record it.")}
    )

    def save(self):
        data = self.cleaned_data
        self.promise.withdraw(**self.stamp(), reason=data["reason"], note=data["note"], contact=self.promise.contact)


class ReleaseForm(ActForm):
    note = words_field(_("What they said, if you like"))

    def save(self):
        contact = self.promise.contact if self.promise.is_ours else None
        self.promise.release(**self.stamp(), note=self.cleaned_data["note"], contact=contact)


class MadeGoodForm(ActForm):
    note = words_field(_("How, if you like"))

    def save(self):
        self.promise.make_good(**self.stamp(), note=self.cleaned_data["note"])


class ReopenForm(ActForm):
    note = words_field(_("Why"), required=True, error_messages={"required": _("Say why.")})

    def save(self):
        self.promise.reopen(**self.stamp(), note=self.cleaned_data["note"])


class HandOverForm(ActForm):
    def build(self):
        people = _may_own(self.promise.client).exclude(pk=self.promise.owner_id)
        self.fields["to"] = forms.ModelChoiceField(
            people, label=_("To whom"), to_field_name="public_id", empty_label=_("Choose a colleague"),
            error_messages={"required": _("Choose a colleague.")},
        )  # fmt: skip
        self.fields["note"] = words_field(_("A word to them, if you like"))

    def save(self):
        self.promise.hand_over(**self.stamp(), to=self.cleaned_data["to"], note=self.cleaned_data["note"])


class CommentForm(ActForm):
    text = words_field(_("Comment"), required=True, error_messages={"required": _("Write something first.")})

    def save(self):
        self.promise.comment(**self.stamp(), text=self.cleaned_data["text"])


class MoveAnswerForm(ActForm):
    """Their answer to a request to move: yes or no, who said it and how."""

    answer = forms.ChoiceField(
        label=_("Their answer"),
        choices=[("yes", _("They agreed")), ("no", _("They said no")), ("back", _("We take the request back"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )

    def build(self):
        self.fields["contact"] = contact_field(
            self.promise.client, _("Who said so"), empty=_("Nobody in particular"), initial=self.promise.contact
        )
        self.fields["how"] = forms.ChoiceField(label=_("How"), choices=AgreedHow.recorded(), required=False)
        self.fields["note"] = words_field(_("Note, if you like"))

    def save(self):
        data = self.cleaned_data
        move = self.promise.open_request()
        if move is None:
            raise NotNow(self.promise)
        if data["answer"] == "back":
            return move.take_back(**self.stamp())
        if data["answer"] == "no":
            return move.refuse(**self.stamp(), contact=data["contact"], note=data["note"])
        return move.accept(**self.stamp(), contact=data["contact"], how=data["how"] or "call", note=data["note"])
