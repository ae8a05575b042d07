"""Pages of long lists by what stands at their edge: the thousandth page costs what the first does.

The edge of a page is a cursor: the values the list is ordered by, of its last (or first) row, in the address.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateTimeField, F, Func, Q, Value

from accounts.forms import LARGEST_INTEGER

LONGEST = 2000
MOST = 1000


@dataclass(frozen=True)
class KeysetPage:
    """Ids of one page in their order, with the cursors that lead on and back; "" where nothing is."""

    ids: list
    after: str = ""
    before: str = ""
    rows: tuple = ()  # the records themselves, where they were asked for

    @property
    def has_other_pages(self):
        return bool(self.after or self.before)


def page_of(rows, order, *, size, after="", before="", whole=False):
    """The page of `rows` in `order` (names, “-” for descending, the last one unique) beyond a cursor.

    A cursor that says nothing, or leads beyond either end, gives the first page. `whole` reads the records at once.
    """
    fields = [name.lstrip("-") for name in order]
    start = edge_of(order, after=after, before=before)
    backwards = bool(before) and start is not None
    try:
        beyond = rows.filter(_beyond(order, start, backwards=backwards)) if start else rows
    except (ValidationError, ValueError, TypeError):  # a cursor of another order
        return page_of(rows, order, size=size, whole=whole)
    found = beyond.order_by(*(_turned(order) if backwards else order))
    found = list((found if whole else found.values_list(*fields))[: size + 1])
    more, found = len(found) > size, found[:size]
    if start and (not found or (backwards and not more)):
        return page_of(rows, order, size=size, whole=whole)
    if backwards:
        found.reverse()
    edges = [[_value_of(row, name) for name in fields] if whole else row for row in (found and (found[0], found[-1]))]
    first, last = map(_write, edges) if edges else ("", "")
    return KeysetPage(
        ids=[row.pk for row in found] if whole else [row[-1] for row in found],
        after=last if more or backwards else "",
        before=first if start and (more or not backwards) else "",
        rows=tuple(found) if whole else (),
    )


def _value_of(record, name):
    for part in name.split("__"):
        record = getattr(record, part)
    return record


def edge_of(order, *, after="", before=""):
    """The values of a cursor in this order; None for anything that is none."""
    return _read(before or after, len(order))


def count_of(rows):
    """How many there are up to a thousand, and whether there are more: counting a million helps nobody."""
    counted = rows.order_by()[: MOST + 1].count()
    return min(counted, MOST), counted > MOST


def _turned(order):
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


class _Beyond(Func):
    """(a, b, c) > (x, y, z) as databases compare rows: an index on all of them is read from there on."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, names, values, *, down):
        super().__init__(*map(F, names))
        self.values, self.sign = values, "<" if down else ">"

    def resolve_expression(self, *args, **kwargs):
        found = super().resolve_expression(*args, **kwargs)
        pairs = [
            (one.output_field, value) for one, value in zip(found.get_source_expressions(), self.values, strict=True)
        ]
        if any(isinstance(field, DateTimeField) != isinstance(value, datetime) for field, value in pairs):
            raise ValueError(self.values)  # words that say a moment may say one no database knows
        found.edge = [Value(field.get_prep_value(value), output_field=field) for field, value in pairs]
        return found

    def as_sql(self, compiler, connection):
        sides = []
        for side in (self.get_source_expressions(), self.edge):
            words, params = zip(*(compiler.compile(one) for one in side), strict=True)
            sides.append((", ".join(words), [value for some in params for value in some]))
        (names, first), (values, second) = sides
        return f"({names}) {self.sign} ({values})", (*first, *second)


def _beyond(order, values, *, backwards):
    """(a, b, c) beyond (x, y, z): said so that an index on all of them is used, or on the first where they differ.

    Names of one direction are compared as one row, so (a↓, b↑, c↑) is a < x, or a = x and (b, c) > (y, z).
    """
    beyond, same = Q(), {}
    names = [(name.lstrip("-"), name.startswith("-") != backwards) for name in order]
    for down, run in groupby(zip(names, values, strict=True), key=lambda pair: pair[0][1]):
        run = {name: value for (name, _down), value in run}
        beyond |= Q(_Beyond(list(run), list(run.values()), down=down), **same)
        same |= run
    name, down = names[0]
    return beyond & Q(**{f"{name}__{'lte' if down else 'gte'}": values[0]})


def beside(rows, order, key, *, backwards=False):
    """The row after the one of this key (or before it); None at the end, and the first where `rows` do not hold it."""
    fields = [name.lstrip("-") for name in order]
    here = rows.filter(pk=key).order_by().values_list(*fields).first()
    if here is None and backwards:
        return None
    beyond = rows.filter(_beyond(order, here, backwards=backwards)) if here else rows
    found = beyond.order_by(*(_turned(order) if backwards else order)).values_list(*fields).first()
    return found[-1] if found else None


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
        return moment.astimezone(UTC)  # no database knows places 16 hours away from there
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
