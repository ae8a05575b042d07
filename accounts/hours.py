"""Working hours as people type them: “09:00–12:30, 13:30–17:30”."""

import re
from itertools import pairwise

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.worktime import minutes

_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:–|—|-|to|bis|à|until)\s*{_TIME}", re.IGNORECASE)
DAY_OFF = {"", "-", "–", "off", "day off", "closed", "none", "free"}


def parse_hours(text):
    """[["HH:MM", "HH:MM"], …] in order; ValidationError says what could not be read."""
    text = text.strip()
    if text.casefold() in DAY_OFF:
        return []
    spans = []
    for part in re.split(r"[,;]|\band\b", text):
        match = _SPAN.fullmatch(part.strip())
        if not match:
            raise ValidationError(
                _("“%(part)s” is not a time span. Write 09:00–17:30, and a comma between two."),
                params={"part": part.strip()[:40]},
            )
        spans.append([_time(part, *match.groups()[:3]), _time(part, *match.groups()[3:])])
    spans.sort(key=lambda span: minutes(span[0]))
    for start, end in spans:
        if minutes(end) <= minutes(start):
            raise ValidationError(_("%(start)s–%(end)s ends before it starts."), params={"start": start, "end": end})
    for (_start, end), (start, _end) in pairwise(spans):
        if minutes(start) < minutes(end):
            raise ValidationError(_("Two spans overlap at %(start)s."), params={"start": start})
    return spans


def _time(part, hour, minute, half):
    hour, minute = int(hour), int(minute or 0)
    if half:
        if not 1 <= hour <= 12:
            raise ValidationError(_("“%(part)s” holds no time of day."), params={"part": part.strip()[:40]})
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        raise ValidationError(_("“%(part)s” holds no time of day."), params={"part": part.strip()[:40]})
    return f"{hour:02}:{minute:02}"


def hours_in_words(spans):
    return ", ".join(f"{start}–{end}" for start, end in spans)


class HoursField(forms.CharField):
    """One day's working hours; empty is a day off."""

    def __init__(self, **kwargs):
        super().__init__(max_length=120, required=False, **kwargs)

    def clean(self, value):
        return parse_hours(super().clean(value))

    def prepare_value(self, value):
        return hours_in_words(value) if isinstance(value, (list, tuple)) else value

    def has_changed(self, initial, data):
        try:
            return parse_hours(data or "") != (
                [list(span) for span in initial] if isinstance(initial, (list, tuple)) else parse_hours(initial or "")
            )
        except ValidationError:
            return True
