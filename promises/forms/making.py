"""Writing a promise down, and mending a typing mistake."""

import uuid

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from clients.models import Client, searchable
from promises.forms.fields import NOT_YET, BuiltForm, TermsMixin, contact_field, date_field, may_own, zones_for
from promises.models import AgreedHow, Direction, Promise


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
    """Write down a promise both sides have agreed, or an offer one side still has to answer."""

    direction = forms.ChoiceField(label=_("Who promised?"), choices=Direction.choices, widget=forms.RadioSelect)
    what = forms.CharField(label=_("What"), max_length=300, error_messages={"required": _("Say what was promised.")})
    done_when = forms.CharField(
        label=_("Done when, if you like"),
        max_length=500,
        required=False,
        help_text=_("How both sides will see that it is done."),
    )

    def build(self):
        self._add_terms(zones=zones_for(self.user, self.client, default=_("Who it is promised to")), label=_("By when"))
        self.fields["contact"] = contact_field(
            self.client,
            _("With whom there"),
            empty=_("Nobody in particular"),
            help_text=_("To whom we said it, or who said it."),
        )
        self.fields["owner"] = forms.ModelChoiceField(
            may_own(self.client), label=_("Who of us answers for it"), to_field_name="public_id", empty_label=None,
        )  # fmt: skip
        self.fields["agreed_how"] = forms.ChoiceField(
            label=_("How it was agreed"),
            choices=[*AgreedHow.recorded(), (NOT_YET, _("Not agreed yet: the other side has to answer"))],
        )
        self.fields["answer_by"] = date_field(
            _("Answer by, if you like"), required=False, help_text=_("Only while it is not agreed yet.")
        )
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
        if (day := cleaned.get("answer_by")) and day < timezone.localdate(self.now):
            self.add_error("answer_by", _("Choose a day that is still ahead."))
        return cleaned

    def save(self):
        data = self.cleaned_data
        interaction = (
            self.client.interactions.filter(public_id=data["interaction"]).first() if data["interaction"] else None
        )
        agreed = {"agreed_how": data["agreed_how"]}
        if data["agreed_how"] == NOT_YET:
            agreed = {"proposed": True, "answer_by": data["answer_by"]}
        return Promise.objects.make(
            by=self.user, client=self.client, now=self.now, direction=data["direction"], what=data["what"],
            done_when=data["done_when"], due_date=data["due_date"], due_time=data["due_time"],
            due_zone=data["due_zone"] or self.zone, owner=data["owner"], contact=data["contact"],
            importance="critical" if data["critical"] else "normal",
            interaction=interaction, idempotency_key=self._key(), **agreed,
        )  # fmt: skip

    def _key(self):
        """One press makes one promise; another one, from a page gone back to, and another person make their own."""
        data = self.cleaned_data
        terms = [
            data["direction"],
            data["what"],
            data["due_date"],
            data["due_time"],
            data["contact"] and data["contact"].pk,
        ]
        return uuid.uuid5(data["idempotency_key"], f"{self.user.pk}\n{self.client.pk}\n{terms}")


class CorrectForm(TermsMixin, VersionedModelForm):
    """Mend a typing mistake."""

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
