from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm, PlainModelForm
from partnerships.models import Concern


class ConcernForm(PlainModelForm):
    class Meta:
        model = Concern
        fields = ["what_happened", "our_part", "right_for_them", "origin", "severity"]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ["what_happened", "our_part", "right_for_them"]}
        help_texts = {
            "what_happened": _("In words you would use in front of them."),
            "our_part": _("If you like. Admitting a mistake starts here."),
            "right_for_them": _("If you like. Ask them, do not guess."),
        }


class TalkForm(PlainForm):
    talk_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    talk_time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}))
    where = forms.CharField(label=_("Where"), max_length=200, required=False, help_text=_("If you like."))
    people = forms.ModelMultipleChoiceField(
        label=_("With whom"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = client.contacts.current()


class AgreedForm(PlainForm):
    outcome = forms.CharField(
        label=_("What they said, and what we will do"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ResolveForm(PlainForm):
    outcome = forms.CharField(label=_("What came of it"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    promises = forms.ModelMultipleChoiceField(
        label=_("Promises that came of it"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    no_promise_because = forms.CharField(label=_("Or why no promise was needed"), max_length=500, required=False)

    def __init__(self, *args, concern, **kwargs):
        super().__init__(*args, **kwargs)
        recent = concern.client.promises.filter(created_at__gte=concern.opened_at)
        self.fields["promises"].queryset = recent.order_by("-created_at")

    def clean(self):
        data = super().clean()
        if not data.get("promises") and not data.get("no_promise_because"):
            self.add_error("promises", _("Tick a promise that came of it, or say why none was needed."))
        return data
