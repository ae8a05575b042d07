"""Answering an offer: yes, other terms, no; and what the side that offered can still do."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from promises.forms.acts import ActForm
from promises.forms.fields import TermsMixin, contact_field, date_field, words_field, zones_for
from promises.models import AgreedHow


class AnswerForm(ActForm):
    """Base of the answers: about the terms as they were shown, and whose word it is where one of us writes it down."""

    def build(self):
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=self.promise.version
        )
        if self.promise.waits_for_them:
            self.fields["contact"] = contact_field(
                self.promise.client, _("Who said so"), empty=_("Nobody in particular"), initial=self.promise.contact
            )
            self.fields["how"] = forms.ChoiceField(label=_("How"), choices=AgreedHow.recorded())
        self.fields["note"] = words_field(_("Note, if you like"))

    def stamp(self):
        data = self.cleaned_data
        return {**super().stamp(), "contact": data.get("contact"), "note": data["note"], "version": data["version"]}


class AgreeForm(AnswerForm):
    def save(self):
        self.promise.agree(**self.stamp(), how=self.cleaned_data.get("how", ""))


class DeclineForm(AnswerForm):
    def save(self):
        self.promise.decline(**self.stamp(), how=self.cleaned_data.get("how", ""))


class CounterForm(TermsMixin, AnswerForm):
    """Other terms instead: the other side is asked now."""

    def build(self):
        promise = self.promise
        self.fields["what"] = forms.CharField(
            label=_("What"),
            max_length=300,
            initial=promise.what,
            error_messages={"required": _("Say what is promised.")},
        )
        self.fields["done_when"] = forms.CharField(
            label=_("Done when, if you like"), max_length=500, required=False, initial=promise.done_when
        )
        self._add_terms(zones=zones_for(self.user, promise.client, default=_("As before")), label=_("By when"))
        self.initial |= {"due_date": promise.due_date, "due_time": promise.due_time}
        super().build()

    def clean(self):
        cleaned = super().clean()
        promise = self.promise
        moment = self.check_moment(promise.due_zone)
        if moment and moment <= self.now:
            self.add_error("due_date", _("Choose a moment that is still ahead."))
        elif moment and moment == promise.due_at and self._same("what") and self._same("done_when"):
            self.add_error("due_date", _("These are the terms on the table. Change something, or agree."))
        return cleaned

    def _same(self, name):
        return self.cleaned_data.get(name) == getattr(self.promise, name)

    def save(self):
        data = self.cleaned_data
        self.promise.counter(
            **self.stamp(), terms=self.terms(self.promise.due_zone), what=data["what"], done_when=data["done_when"]
        )


class OfferBackForm(ActForm):
    note = words_field(_("Why, if you like"))

    def save(self):
        self.promise.take_offer_back(**self.stamp(), note=self.cleaned_data["note"])


class AskAnswerForm(ActForm):
    """By which day we want to know."""

    def build(self):
        day = self.promise.owner.calendar().working_day_after(timezone.localdate(self.now), 5)
        self.fields["answer_by"] = date_field(
            _("Answer by"), initial=day, error_messages={"required": _("Choose a date.")}
        )

    def clean_answer_by(self):
        day = self.cleaned_data["answer_by"]
        if day < timezone.localdate(self.now):
            raise forms.ValidationError(_("Choose a day that is still ahead."))
        return day

    def save(self):
        self.promise.ask_answer(**self.stamp(), answer_by=self.cleaned_data["answer_by"])
