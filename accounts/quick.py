"""What lists do hundreds of times for one page, remembered: addresses with an id in them, days in words."""

import datetime as dt
import re
from functools import lru_cache

from django.contrib.humanize.templatetags.humanize import apnumber
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import formats
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

PLAIN_ID = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
STAND_IN = "zz-0_zz"
_GERMAN_DAY = re.compile(r"\bj ([FMNb])\b")
_GERMAN_WEEKDAY = re.compile(r"\b([lD]) j\b\.?")


def path_to(name, public_id):
    """`reverse(name, args=[public_id])`, quicker."""
    found = address(name, public_id)
    return reverse(name, args=[public_id]) if found is None else found


def address(name, public_id):
    """The address of a page with one plain id in it; None where only `reverse` can tell."""
    if not isinstance(public_id, str) or ":" in name or not PLAIN_ID.fullmatch(public_id):
        return None
    ends = _around_id(name, get_urlconf(), get_script_prefix())
    return f"{ends[0]}{public_id}{ends[1]}" if ends else None


@lru_cache(maxsize=500)
def _around_id(name, urlconf, prefix):
    """What stands before and after the id; None for pages that take anything but any plain id."""
    try:
        before, *after = reverse(name, args=[STAND_IN], urlconf=urlconf).split(STAND_IN)
    except NoReverseMatch:
        return None
    return (before, after[0]) if len(after) == 1 else None


def query_string(query):
    """The same as `urlencode`, which takes its time."""
    if all(isinstance(value, str) and PLAIN_ID.fullmatch(value) for value in query.values()):
        return "&".join([f"{name}={value}" for name, value in query.items()])
    return urlencode(query)


def in_order(form, language):
    """A format of English days (“l j F”) as the readers of a language order and point it (“l, j. F”).

    Django's named formats are right by themselves; these are the ones it has no name for.
    """
    if not (language or "").startswith("de"):
        return form
    return _GERMAN_WEEKDAY.sub(r"\1, j.", _GERMAN_DAY.sub(r"j. \1", form))


def date_format(value, form):
    """Django's `date_format` in the order of the reader's language, remembered: the days of a list are few."""
    if isinstance(value, dt.datetime):
        return _moment(value, value.tzname(), value.utcoffset(), form, get_language())
    return _day(value, form, get_language())


@lru_cache(maxsize=8000)
def _moment(value, _zone, _offset, form, language):
    return formats.date_format(value, in_order(form, language))


@lru_cache(maxsize=4000)
def _day(value, form, language):
    return formats.date_format(value, in_order(form, language))


def cut(text, length):
    """At most so many characters, the last of them a “…”; the text itself where it is short."""
    return text if len(text) <= length and text.isascii() else Truncator(text).chars(length)


def in_words(number):
    """“three” in English; in figures where a language bends its numbers by what is counted („eine Zusage“)."""
    return _in_words(number, get_language() or "en")


@lru_cache(maxsize=2000)
def _in_words(number, language):
    return str(apnumber(number)) if language.startswith("en") else formats.number_format(number)


def within(words):
    """A label inside a sentence: in small letters, but for languages that write their nouns with a capital."""
    return str(words).lower() if (get_language() or "en").startswith("en") else str(words)


def percent(number, places=0):
    """“93.0%” out of 93: with the decimal sign and the space of the reader's language."""
    return _percent(f"{number:.{places}f}", get_language())


@lru_cache(maxsize=2000)
def _percent(number, _language):
    return _("%(number)s%%") % {"number": formats.number_format(number)}


def select_options(rows, chosen="", *, without=""):
    """The options of a select out of [(value, words)…]; a firm may have very many people."""
    return _options(tuple(rows), chosen, without)


@lru_cache(maxsize=100)
def _options(rows, chosen, without):
    return SafeString(
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(words)}</option>'
            for value, words in rows
            if value != without
        )
    )
