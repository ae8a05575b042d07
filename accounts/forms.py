"""Forms that refuse what is not text, in words, beside the field, with everything typed kept."""

import unicodedata
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

LINE = 255
TEXT = 20_000
LONGEST_KEY = 18  # digits of a row's number
LARGEST_INTEGER = 2_147_483_647  # what both databases keep in a plain integer column


def plain_text(value):
    """Refuses what no database and no mail can carry: NUL, lone surrogates and other control characters."""
    for character in value:
        if character in "\t\n\r":
            continue
        kind = unicodedata.category(character)
        if character == "\0":
            raise ValidationError(_("This text holds a NUL character. Remove it, or type the text again."), code="nul")
        if kind == "Cs":
            raise ValidationError(
                _("This text holds half a character that cannot be stored. Remove it, or type the text again."),
                code="surrogate",
            )
        if kind == "Cc":
            raise ValidationError(
                _("This text holds an invisible control character. Type it again instead of pasting it."),
                code="control",
            )


def one_line(value):
    if "\n" in value or "\r" in value:
        raise ValidationError(_("Keep this on one line."), code="one_line")


def believable_date(value):
    day = value.date() if hasattr(value, "date") else value
    if not date(1900, 1, 1) <= day <= date(2200, 12, 31):
        raise ValidationError(_("Enter a date between 1900 and 2200."), code="date_range")


def _too_long(limit):
    return MaxLengthValidator(
        limit,
        ngettext_lazy(
            "At most %(limit_value)d character fits here; this has %(show_value)d.",
            "At most %(limit_value)d characters fit here; this has %(show_value)d.",
            "limit_value",
        ),
    )


class PlainMixin:
    """Guards every field of a form; put it before `forms.Form` or `forms.ModelForm`."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            guard(field)


def guard(field):
    """Make one field refuse what is not text, or beyond what can be stored. Doing it twice changes nothing."""
    if isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField):
        _guard_text(field)
    elif isinstance(field, forms.IntegerField) and field.max_value is None:
        field.max_value = LARGEST_INTEGER
        field.validators.append(MaxValueValidator(LARGEST_INTEGER))
    elif isinstance(field, forms.ModelMultipleChoiceField):
        _guard_choices(field)
    elif isinstance(field, (forms.DateField, forms.DateTimeField)) and believable_date not in field.validators:
        field.validators.append(believable_date)


def _guard_text(field):
    if plain_text in field.validators:
        return
    several_lines = isinstance(field.widget, forms.Textarea)
    if field.max_length is None:
        field.max_length = TEXT if several_lines else LINE
    # One clear message each instead of Django's own validators for the same.
    replaced = (MaxLengthValidator, ProhibitNullCharactersValidator)
    kept = [validator for validator in field.validators if not isinstance(validator, replaced)]
    field.validators = [plain_text, _too_long(field.max_length), *kept]
    if not several_lines and not isinstance(field, forms.JSONField):
        field.validators.insert(1, one_line)
    # The server counts and says so; a browser that silently cuts pasted text would lose it.
    field.widget.attrs.pop("maxlength", None)


def _guard_choices(field):
    """A key no row can have is refused like one no row has: the databases would not even look for it."""
    if "clean" in vars(field):
        return
    clean = field.clean

    def guarded(value):
        for key in value or ():
            if isinstance(key, str) and ("\0" in key or (key.strip("+-").isdecimal() and len(key) > LONGEST_KEY)):
                shown = {"value": key.replace("\0", "")[:LONGEST_KEY]}
                raise ValidationError(field.error_messages["invalid_choice"], code="invalid_choice", params=shown)
        return clean(value)

    field.clean = guarded


class PlainForm(PlainMixin, forms.Form):
    """A form whose text is text."""


class PlainModelForm(PlainMixin, forms.ModelForm):
    """A model's form whose text is text."""


def posted(request):
    """The data for a form: what was posted, even when that is nothing at all; None otherwise."""
    return request.POST if request.method == "POST" else None
