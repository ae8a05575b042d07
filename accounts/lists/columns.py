"""Columns of a list: which there are, which this person wants to see, and in which order."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import ListChoice
from accounts.written import written

MOST = 20


def no_load(_ids, *, user, now):
    return {}


@dataclass(frozen=True)
class Column:
    """One column. `cell(line)` is what the table shows, `value(line)` what a file holds; `sort` what its head asks for.

    `load(ids, user, now)` reads what the column needs for a page of rows at once, {id: anything}; the cell finds it as
    `line.loaded[key]`. `off` leaves it out on phones, `number` sets it at the end of its cell.
    """

    key: str
    label: str
    cell: Callable
    value: Callable
    sort: str = ""
    usual: bool = True
    head: bool = False  # names the row: always there, and first
    off: bool = False
    number: bool = False
    tight: bool = False  # on one line
    load: Callable = no_load


def by_key(kind):
    return {column.key: column for column in kind.all_columns}


def asked(kind, text):
    """The columns `cols=owner,stage` in an address names; None when it names none of ours."""
    known = by_key(kind)
    keys = [key for key in dict.fromkeys(text[:400].split(",")) if key in known][:MOST]
    return (
        [column.key for column in kind.all_columns if column.head] + [key for key in keys if not known[key].head]
        if keys
        else None
    )


def usual(kind):
    return [column.key for column in kind.all_columns if column.usual or column.head]


def own(kind, query, *, user):
    """Keys in their order: of the address, else of this person's choice; None where neither says. One query at most."""
    keys = asked(kind, query.get("cols", ""))
    if keys is None:
        choices = _choices(user=user.pk, page=kind.page)
        keys = asked(kind, ",".join(map(str, choices[0]))) if choices else None
    return keys


@written
def _choices(*, user, page):
    return ListChoice.objects.filter(user=user, page=page).order_by("pk").values_list("columns", flat=True)[:1]


def chosen(kind, query, *, user):
    """The same, and the usual ones where nobody chose."""
    return own(kind, query, user=user) or usual(kind)


def asked_for(kind, query, *, user):
    """The columns somebody asked for; None for lists that are rows until then."""
    known, keys = by_key(kind), own(kind, query, user=user)
    return [known[key] for key in keys] if keys else None


def shown(kind, query, *, user):
    known = by_key(kind)
    return [known[key] for key in chosen(kind, query, user=user)]


def remember(kind, user, keys):
    """What this person wants to see from now on."""
    keys = asked(kind, ",".join(keys)) or usual(kind)
    ListChoice.objects.update_or_create(user=user, page=kind.page, defaults={"columns": keys})


def forget(kind, user):
    """Back to the usual ones."""
    ListChoice.objects.filter(user=user, page=kind.page).delete()


def loaded(columns, ids, *, user, now):
    """{id: {column key: what it read}} for the columns that are shown."""
    found = {pk: {} for pk in ids}
    for column in columns:
        for pk, value in column.load(ids, user=user, now=now).items():
            if pk in found:
                found[pk][column.key] = value
    return found
