"""Pages of long lists by what stands at their edge: the thousandth page costs what the first does.

The edge of a page is a cursor: the values the list is ordered by, of its last (or first) row, in the address.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.forms import LARGEST_INTEGER

LONGEST = 2000
MOST = 1000


@dataclass(frozen=True)
class KeysetPage:
    """Ids of one page in their order, with the cursors that lead on and back; "" where nothing is."""

    ids: list
    after: str = ""
    before: str = ""

    @property
    def has_other_pages(self):
        return bool(self.after or self.before)


def page_of(rows, order, *, size, after="", before=""):
    """The page of `rows` in `order` (names, “-” for descending, the last one unique) beyond a cursor.

    A cursor that says nothing, or leads beyond either end, gives the first page.
    """
    fields = [name.lstrip("-") for name in order]
    start = _read(before or after, len(fields))
    backwards = bool(before) and start is not None
    try:
        beyond = rows.filter(_beyond(order, start, backwards=backwards)) if start else rows
    except (ValidationError, ValueError, TypeError):  # a cursor of another order
        return page_of(rows, order, size=size)
    found = beyond.order_by(*(_turned(order) if backwards else order)).values_list(*fields)
    found = list(found[: size + 1])
    more, found = len(found) > size, found[:size]
    if start and (not found or (backwards and not more)):
        return page_of(rows, order, size=size)
    if backwards:
        found.reverse()
    first, last = (_write(found[at]) if found else "" for at in (0, -1))
    return KeysetPage(
        ids=[row[-1] for row in found],
        after=last if more or backwards else "",
        before=first if start and (more or not backwards) else "",
    )


def count_of(rows):
    """How many there are up to a thousand, and whether there are more: counting a million helps nobody."""
    counted = rows.order_by()[: MOST + 1].count()
    return min(counted, MOST), counted > MOST


def _turned(order):
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _beyond(order, values, *, backwards):
    """(a, b, c) beyond (x, y, z): each name by its own direction, said so that an index on the first one is used."""
    beyond, same = Q(), {}
    names = [(name.lstrip("-"), name.startswith("-") != backwards) for name in order]
    for (name, down), value in zip(names, values, strict=True):
        beyond |= Q(**same, **{f"{name}__{'lt' if down else 'gt'}": value})
        same[name] = value
    name, down = names[0]
    return beyond & Q(**{f"{name}__{'lte' if down else 'gte'}": values[0]})


def _write(values):
    plain = [[value.isoformat()] if isinstance(value, datetime) else value for value in values]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read(text, length):
    """The values of a cursor, or None for anything that is none."""
    if not text or len(text) > LONGEST or not text.isascii():
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values = [_value(value) for value in values]
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    return values if len(values) == length and isinstance(values[-1], int) else None


def _value(value):
    if isinstance(value, list):  # a moment
        moment = datetime.fromisoformat(*value)
        if moment.tzinfo is None or not 1900 <= moment.year <= 2200:
            raise ValueError(value)
        return moment
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(value)
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER**2:
            raise ValueError(value)
        return value
    if "\0" in value:
        raise ValueError(value)
    value.encode()  # refuses half characters
    return value
