from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """The right address for a mail that was refused."""

    to = forms.EmailField(
        label=_("Send it to"),
        max_length=254,
        help_text=_("This changes this mail only. Correct the person’s record too, or the next mail goes wrong again."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
