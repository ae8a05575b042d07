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
    """Who takes over what the person owns; clients may each have an owner of their own."""

    MOST = 60  # more than that are given to one person, or handed over on their own pages before

    def __init__(self, *args, person, each=(), **kwargs):
        super().__init__(*args, **kwargs)
        colleagues = User.objects.active().exclude(pk=person.pk)
        people = [(user.public_id, user.name) for user in colleagues]
        self.fields["to"] = forms.ModelChoiceField(
            colleagues,
            label=_("Who takes over"),
            required=False,  # whether anything is left for them is known once the others have theirs
            to_field_name="public_id",
            empty_label=_("Choose a person"),
        )
        self.each = list(each)[: self.MOST]
        self.more = max(0, len(each) - self.MOST)
        for key, name in self.each:
            choices = [("", _("As above")), *people]
            self.fields[f"to_{key}"] = forms.ChoiceField(label=name, required=False, choices=choices)

    def own_fields(self):
        return [self[f"to_{key}"] for key, _name in self.each]

    def successors(self):
        """{key: person} of those who get something of their own."""
        chosen = {key: self.cleaned_data.get(f"to_{key}") for key, _name in self.each}
        people = {user.public_id: user for user in User.objects.active().filter(public_id__in=chosen.values())}
        return {key: people[public_id] for key, public_id in chosen.items() if public_id in people}


class PeopleFilter(PlainForm):
    """The search line of the people page; its values live in the address."""

    q = forms.CharField(label=_("Find"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Here")), ("invited", _("Invited, not yet in")), ("left", _("Left")), ("all", _("Everybody"))],
    )
