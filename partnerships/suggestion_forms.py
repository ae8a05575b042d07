"""What people type about suggestions."""

import uuid

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from partnerships.models import Suggestion
from promises.forms import contact_field, date_field, may_own
from promises.models import Promise


class SuggestionForm(PlainForm):
    words = forms.CharField(
        label=_("Their words"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("As they said it."),
        error_messages={"required": _("Write down what they suggest.")},
    )
    source = forms.ChoiceField(label=_("Where from"), choices=Suggestion.Source.choices, initial="talk")
    said_on = date_field(_("When they said it"), required=False)

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"] = contact_field(client, _("Who said it"), empty=_("Nobody in particular"))
        self.fields["said_on"].initial = timezone.localdate()
        self.order_fields(["words", "contact", "source", "said_on"])

    def clean_said_on(self):
        day = self.cleaned_data["said_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still ahead."))
        return day


class AcceptForm(PlainForm):
    """Accepting is a promise: a new one, or one that is there already."""

    what = forms.CharField(label=_("What we will do"), max_length=300, required=False)
    due = date_field(_("By when"), required=False)
    promise = forms.ModelChoiceField(
        queryset=None,
        label=_("Or a promise that is there already"),
        to_field_name="public_id",
        required=False,
        empty_label=_("A new one, as above"),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args, suggestion, **kwargs):
        self.suggestion = suggestion
        super().__init__(*args, **kwargs)
        client = suggestion.client
        found = client.promises.ours().exclude(state__in=["declined", "released", "withdrawn", "broken"])
        self.fields["promise"].queryset = found.select_related("client").order_by("-created_at")
        self.fields["what"].initial = " ".join(suggestion.words.split())[:300]
        self.fields["owner"] = forms.ModelChoiceField(
            may_own(client),
            label=_("Who of us answers for it"),
            to_field_name="public_id",
            empty_label=None,
            required=False,
            initial=client.owner.public_id,
        )
        self.order_fields(["what", "due", "owner", "promise", "key"])

    def clean(self):
        data = super().clean()
        if data.get("promise"):
            return data
        if not data.get("what") and "what" not in self.errors:
            self.add_error("what", _("Say what we will do, or choose a promise below."))
        if not data.get("due") and "due" not in self.errors:
            self.add_error("due", _("Say by when, or choose a promise below."))
        elif data.get("due") and data["due"] < timezone.localdate():
            self.add_error("due", _("Choose a day that is still ahead."))
        return data

    @transaction.atomic
    def save(self, *, by, now):
        """The promise, new or old, and the suggestion accepted with it. DateInThePast where the day is over there."""
        data = self.cleaned_data
        promise = data["promise"] or Promise.objects.make(
            by=by,
            client=self.suggestion.client,
            what=data["what"],
            due_date=data["due"],
            now=now,
            owner=data["owner"],
            contact=self.suggestion.contact,
            idempotency_key=data["key"],
        )
        self.suggestion.accept(promise, by=by, now=now)
        return promise


class DeclineForm(PlainForm):
    reason = forms.CharField(
        label=_("Why not"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In words you would use in front of them."),
        error_messages={"required": _("Say why not.")},
    )


class DoneForm(PlainForm):
    reply = forms.CharField(
        label=_("What we did, as we tell them"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("“You said, we did”: it may stand in their next survey invitation."),
        error_messages={"required": _("Say what we did.")},
    )
