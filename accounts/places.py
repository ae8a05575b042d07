"""Time zones and countries as people write them."""

from functools import cache, lru_cache
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from holidays.registry import COUNTRIES

SMALL_WORDS = {"and", "of", "the"}
# Names people use that the library does not know.
ALSO = {"england": "GB", "scotland": "GB", "wales": "GB", "greatbritain": "GB", "holland": "NL", "america": "US"}
# Parts of a country that people write where the country is asked for, and that have holidays of their own.
PARTS = {"scotland": "GB-SCT", "northernireland": "GB-NIR", "wales": "GB-WLS"}


@cache
def zones():
    """All zones named after a place, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


@cache
def _zones_by_word():
    known = {}
    for name in zones():
        known.setdefault(_bare(name.rpartition("/")[2]), name)
    return known | {_bare(name): name for name in zones()}


@cache
def countries():
    """[(ISO code, name)] of the countries whose public holidays are known, by name."""
    named = {}
    for module, entry in COUNTRIES.items():
        words = module.split("_")
        named[entry[1]] = " ".join(word if word in SMALL_WORDS else word.capitalize() for word in words)
    return sorted(named.items(), key=lambda pair: pair[1])


@cache
def _countries_by_word():
    known = dict(ALSO)
    for module, (_class, *codes) in COUNTRIES.items():
        for word in (module, *codes):
            known.setdefault(_bare(word), codes[0])
    return known


def zone_of(text):
    """The zone a person means (“Europe/Berlin”, “berlin”, “New York”), or "" when it is none."""
    return _zones_by_word().get(_bare(text), "")


def country_code(text):
    """The ISO code a person means (“USA”, “UK”, “Germany”, “de”), or "" when the country is not known."""
    return _countries_by_word().get(_bare(text), "")


@lru_cache(maxsize=1000)
def holidays_at(text):
    """Whose public holidays hold at a place as people write it: “Germany”, “de”, “GB-SCT”, “Scotland”; "" for none."""
    if part := PARTS.get(_bare(text)):
        return part
    country, _dash, part = text.partition("-")
    if code := country_code(text):
        return code
    code = country_code(country)
    return f"{code}-{part.upper()}" if code and part else ""


def _bare(text):
    return "".join(character for character in str(text) if character.isalnum()).casefold()


class ZoneInput(forms.TextInput):
    """A line to type in, with every zone offered as one types."""

    template_name = "accounts/widgets/zone.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["zones"] = zones()
        return context


class ZoneField(forms.CharField):
    """A time zone, typed: the whole name or its city."""

    widget = ZoneInput

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Time zone"))
        kwargs.setdefault("help_text", _("Type a city, such as “London” or “New York”."))
        super().__init__(max_length=64, **kwargs)

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return value
        if not (zone := zone_of(value)):
            raise ValidationError(
                _("We know no time zone “%(zone)s”. Type a large city in it."), params={"zone": value}
            )
        return zone


class CountryField(forms.ChoiceField):
    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Country of holidays"))
        super().__init__(choices=lambda: [("", _("No public holidays")), *countries()], **kwargs)
