"""The small forms for one verb each."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.worktime import due_moment
from promises.forms.fields import (
    BuiltForm,
    contact_field,
    date_field,
    may_own,
    reason_field,
    time_field,
    words_field,
)
from promises.models import AgreedHow


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
        people = may_own(self.promise.client).exclude(pk=self.promise.owner_id)
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
