"""Moving the date of a promise, and the answer to that."""

from django import forms
from django.utils.translation import gettext_lazy as _

from promises.forms.acts import ActForm
from promises.forms.fields import NOT_YET, BuiltForm, TermsMixin, contact_field, reason_field, words_field, zones_for
from promises.models import AgreedHow, NotNow


class MoveForm(TermsMixin, BuiltForm):
    """Move a promise: new terms, who agreed to them and how, and why."""

    def build(self):
        self._add_terms(
            zones=zones_for(self.user, self.promise.client, default=_("As before")),
            label=_("New date"),
        )
        self.fields["agreed_how"] = forms.ChoiceField(
            label=_("How did they agree?"),
            choices=[*AgreedHow.recorded(), (NOT_YET, _("Not yet asked, or no answer yet"))],
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
        agreed = cleaned.get("agreed_how") not in (None, NOT_YET)
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
        if data["agreed_how"] == NOT_YET:
            return self.promise.ask_to_move(**fields)
        return self.promise.move(**fields, how=data["agreed_how"], contact=data["contact"])


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
