from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """The right address for a mail that was refused. `room_hears`: whose address it is gets corrected with it."""

    to = forms.EmailField(
        label=_("Send it to"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, room_hears, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].help_text = (
            _("The person’s record here is corrected too.")
            if room_hears
            else _("This changes this mail only. Correct the person’s record too, or the next mail goes wrong again.")
        )
