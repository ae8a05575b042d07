"""Forms without sign-in."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import PlainForm


class SomebodyElseForm(PlainForm):
    """Who should answer instead: a name; the rest helps."""

    name = forms.CharField(
        label=pgettext_lazy("client", "Who should answer?"),
        max_length=120,
        error_messages={"required": _("Write the name of the person who should answer.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    address = forms.EmailField(
        label=_("Their e-mail address, if you like"),
        max_length=254,
        required=False,
        error_messages={"invalid": _("Enter a whole e-mail address, such as name@example.com.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    words = forms.CharField(
        label=_("Anything we should know, if you like"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
