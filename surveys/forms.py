"""Forms of the set-up, of the lists' filters, and of a belief."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm, PlainModelForm
from surveys import holds
from surveys.models import Invitation, Round


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


class InvitationFilter(PlainForm):
    """The filter of a round's list; lives in the query string."""

    words = forms.CharField(label=gettext_lazy("Client or person"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=with_any(Invitation.State.choices))
    overdue = forms.ChoiceField(
        label=gettext_lazy("Overdue"),
        required=False,
        choices=[("", gettext_lazy("All")), ("any", gettext_lazy("Overdue")), *Invitation.OverdueReason.choices],
    )
    held = forms.ChoiceField(
        label=gettext_lazy("Held back"),
        required=False,
        choices=[("", gettext_lazy("All")), *holds.CHOICES],
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
