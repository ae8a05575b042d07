"""How things look: icons, faces, days, times, gaps and money. A template builtin, so it imports no models."""

import datetime as dt
import zlib
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from django import template
from django.template.base import Node
from django.template.defaultfilters import date as _date_of_django
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.quick import date_format, in_order
from accounts.quick import percent as _percent

register = template.Library()

MISSING = "–"
CURRENCY_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
FACES = "abcde"


# ------------------------------------------------------------------ marks
@lru_cache(maxsize=1000)
def icon(name, classes=""):
    """A Lucide icon out of the sprite; decoration only, so the word always stands beside it."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        static("icons.svg"),
        name,
    )


class IconNode(Node):
    """An icon; lists draw hundreds, so one that is written out in the template is looked up without resolving."""

    def __init__(self, args):
        self.args = args
        self.plain = all(isinstance(arg.var, str) and not arg.filters for arg in args)

    def render(self, context):
        args = [arg.var for arg in self.args] if self.plain else [arg.resolve(context) for arg in self.args]
        return icon(*args)


@register.tag("icon")
def icon_tag(parser, token):
    """`{% icon "phone" "i-sm" %}`: the name, and classes if any."""
    _tag, *words = token.split_contents()
    if not 1 <= len(words) <= 2:
        raise template.TemplateSyntaxError("icon takes a name, and classes if any.")
    return IconNode([parser.compile_filter(word) for word in words])


@register.simple_tag
def avatar(person, classes=""):
    """The initials of a person, or of a name, always in the same of five colours. The name itself stands beside it."""
    return _avatar(str(getattr(person, "name", person) or ""), classes)


@lru_cache(maxsize=4000)
def _avatar(name, classes):
    face = FACES[zlib.crc32(name.encode("utf-8", "replace")) % len(FACES)]
    return format_html(
        '<span class="av av-{}{}" aria-hidden="true">{}</span>', face, f" {classes}" if classes else "", initials(name)
    )


@register.filter
def initials(name):
    words = str(name).split()
    if not words:
        return "?"
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


# ------------------------------------------------------------------ days and times
def _local(value):
    """The moment in the reader's zone; dates and naive times stay as they are."""
    return timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value


def _date(value):
    value = _local(value)
    return value.date() if isinstance(value, dt.datetime) else value


@register.filter(expects_localtime=True, is_safe=False)
def date(value, form=None):
    """Django's filter, with the order of the reader's language: “j F” is „19. November“ for a German."""
    return _date_of_django(value, in_order(form, get_language()) if form else None)


@register.filter
def day(value):
    """“Fri 20 Nov”, and “Tue 17 Nov 2025” only when it is not this year."""
    if not value:
        return ""
    value = _date(value)
    return date_format(value, "D j M" if value.year == timezone.localdate().year else "D j M Y")


@register.filter
def clock(value):
    """“17:30” in the reader's zone."""
    return (
        date_format(_local(value), "H:i")
        if isinstance(value, dt.datetime)
        else (value.strftime("%H:%M") if value else "")
    )


@register.filter
def full(value):
    """“Friday 20 November 2026, 17:30 GMT”, for titles and screen readers."""
    if not value:
        return ""
    local = _local(value)
    if isinstance(local, dt.datetime):
        return date_format(local, "l j F Y, H:i T").strip()
    return date_format(local, "l j F Y")


@register.filter
def ago(value):
    """“just now”, “5 min ago”, “3 h ago”, “yesterday”, “4 days ago”, then the day; “in 3 h” for what is ahead."""
    if not value:
        return ""
    if not isinstance(value, dt.datetime):
        return _days_apart(value)
    seconds = (timezone.now() - value).total_seconds()
    if abs(seconds) < 60:
        return _("just now")
    if abs(seconds) < 3600:
        minutes = int(abs(seconds) // 60)
        return (_("%d min ago") if seconds > 0 else _("in %d min")) % minutes
    if _date(value) == timezone.localdate():
        hours = int(abs(seconds) // 3600)
        return (_("%d h ago") if seconds > 0 else _("in %d h")) % hours
    return _days_apart(_date(value))


def _days_apart(date):
    days = (timezone.localdate() - date).days
    if days in (0, 1, -1):
        return {0: _("today"), 1: _("yesterday"), -1: _("tomorrow")}[days]
    if 1 < days <= 30:
        return ngettext("%d day ago", "%d days ago", days) % days
    if -30 <= days < -1:
        return ngettext("in %d day", "in %d days", -days) % -days
    return day(date)


@register.simple_tag
def moment(value, form="day", classes=""):
    """`<time>` with the machine's and the full form; `form` is day, clock, both, ago or full."""
    if not value:
        return ""
    local, today = _local(value), timezone.localdate()
    if form == "ago" and isinstance(value, dt.datetime) and abs(timezone.now() - value) < dt.timedelta(days=1):
        frame = _kept_frame(value, classes, local.tzname(), local.utcoffset(), get_language())
        return SafeString(f"{frame}{escape(ago(value))}</time>")  # minutes and hours go by
    here = (local.tzname(), local.utcoffset()) if isinstance(local, dt.datetime) else None
    return _kept_moment(value, form, classes, isinstance(local, dt.datetime), here, today, get_language())


@lru_cache(maxsize=8000)
def _kept_moment(value, form, classes, *_what_it_hangs_on):
    """A list of days is the same until the day, the zone or the language changes."""
    return _moment(value, form, classes)


def _moment(value, form, classes):
    shown = {"clock": clock, "ago": ago, "full": full}.get(form, day)(value)
    if form == "both":
        shown = f"{day(value)}, {clock(value)}"
    return SafeString(f"{_frame(value, classes)}{escape(shown)}</time>")


@lru_cache(maxsize=8000)
def _kept_frame(value, classes, *_what_it_hangs_on):
    return _frame(value, classes)


def _frame(value, classes):
    local = _local(value)
    return format_html(
        '<time datetime="{}" title="{}"{}>',
        local.isoformat(timespec="minutes") if isinstance(local, dt.datetime) else local.isoformat(),
        full(value),
        format_html(' class="{}"', classes) if classes else "",
    )


@register.simple_tag
def due_tag(due_at, now, has_time=True):
    """When something is due, as a word with a mark: late, today with its hour, tomorrow, or the day."""
    if not due_at:
        return ""
    days = (_date(due_at) - _date(now)).days
    if due_at < now:
        return _due(due_at, "late", "circle-alert", _late_by(due_at, now, days))
    if days == 0:
        return _due(due_at, "soon", "clock", _("by %s") % clock(due_at) if has_time else _("today"))
    return moment(due_at) if days > 1 else _with_title(due_at, _("tomorrow"))


def _late_by(due_at, now, days):
    if days:
        return ngettext("%d day late", "%d days late", -days) % -days
    minutes = int((now - due_at).total_seconds() // 60)
    return _("%d h late") % (minutes // 60) if minutes >= 60 else _("%d min late") % minutes


def _due(due_at, kind, mark, words):
    return format_html('<span class="tag tag-{}">{}{}</span>', kind, icon(mark), _with_title(due_at, words))


def _with_title(value, words):
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', _local(value).isoformat(timespec="minutes"), full(value), words
    )


@register.filter
def left(value):
    """How long until then, in one or two units, as “2 hours, 5 minutes”."""
    return timeuntil(value) if value else ""


# ------------------------------------------------------------------ numbers
def _decimal(value):
    try:
        return Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None


@register.filter
def gap(value):
    """“+0.5”, “−2.0” with a real minus sign, “0” for nothing (and for −0); a dash when not known."""
    number = _decimal(value)
    if number is None or not number.is_finite():
        return MISSING
    rounded = number.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if not rounded:
        return "0"
    return ("+" if rounded > 0 else "−") + number_format(abs(rounded), 1)


@register.filter
def money(value, currency="GBP"):
    """“£9,500”, “£420k”, “£1.2m”; a currency without a sign of its own goes in front by its code."""
    number = _decimal(value)
    if number is None or not number.is_finite():
        return MISSING
    sign = CURRENCY_SIGNS.get(currency, f"{currency} " if currency else "")
    size, minus = abs(number), "−" if number < 0 else ""
    if size >= 999_500:
        words, size, places = _("%(sign)s%(amount)sm"), size / 1_000_000, Decimal("0.1")
    elif size >= 10_000:
        words, size, places = _("%(sign)s%(amount)sk"), size / 1000, Decimal(1)
    else:
        words, places = _("%(sign)s%(amount)s"), Decimal(1)
    amount = size.quantize(places, ROUND_HALF_UP)
    amount = int(amount) if amount == int(amount) else amount
    return minus + (words % {"sign": sign, "amount": number_format(amount, force_grouping=True)}).strip()


@register.filter
def percent(number):
    """“93%” out of 93, as the reader's language writes it."""
    return _percent(number)


@register.filter
def plural(count, words):
    """`{{ 3|plural:"client,clients" }}` is “3 clients”. Sentences that are translated use blocktranslate instead."""
    one, many = words.split(",")
    count = count if isinstance(count, int) else len(count)
    return f"{number_format(count, 0, force_grouping=True)} {one if count == 1 else many}"
