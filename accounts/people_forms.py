"""Inviting and changing people; for administrators."""

from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.forms import PlainForm, PlainModelForm
from accounts.models import Role, User

ROLE_HELP = _(
    "Account managers keep their clients. Managers also see figures and what was said in confidence, and run surveys. "
    "Administrators also look after people, settings and mail."
)


class AddressMixin:
    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        taken = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).first()
        if taken is not None:
            raise ValidationError(
                _("%(name)s has this address already.")
                if taken.is_active
                else _("%(name)s, who left, has this address. Bring them back instead."),
                params={"name": taken.name},
            )
        return email


class InviteForm(AddressMixin, PlainModelForm):
    class Meta:
        model = User
        fields = ["name", "email", "role"]
        help_texts = {"role": ROLE_HELP}


class PersonForm(AddressMixin, VersionedModelForm):
    class Meta:
        model = User
        fields = ["name", "email", "role", "job_title"]
        labels = {"job_title": _("Job title, if you like")}
        help_texts = {"role": ROLE_HELP}

    def save_if_current(self, *, by, now):
        person = super().save_if_current(by=by, now=now)
        if "email" in self.changed_data:
            # allauth keeps addresses of its own and would go on accepting the old one.
            EmailAddress.objects.filter(user=person).delete()
        return person


class LeaveForm(PlainForm):
    """Who takes over what the person owns."""

    def __init__(self, *args, person, needed, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.ModelChoiceField(
            User.objects.active().exclude(pk=person.pk),
            label=_("Who takes over"),
            required=needed,
            to_field_name="public_id",
            empty_label=_("Choose a person"),
            error_messages={"required": _("Choose who takes over. What somebody owns always has a name on it.")},
        )


class PeopleFilter(PlainForm):
    """The search line of the people page; its values live in the address."""

    q = forms.CharField(label=_("Find"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Here")), ("invited", _("Invited, not yet in")), ("left", _("Left")), ("all", _("Everybody"))],
    )
