"""What the page of a list needs beside its own filters: tabs, heads, rows with their cells, the bar for several."""

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import parse_qsl, urlencode

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import saved_views


@dataclass(frozen=True)
class Head:
    label: str
    url: str
    aria: str
    number: bool
    off: bool


@dataclass(frozen=True)
class Row:
    id: str  # public id
    name: str
    cells: str  # the table cells, ready to be shown


def context(kind, request, *, lines, shown):
    """For `accounts/lists/_tabs.html`, `_bulk.html` and `_table.html`; `lines` have `record`, `public_id`, `name`."""
    bar = saved_views.bar(kind, request.user, request.GET.urlencode())
    return bar | {
        "query_pairs": tuple(parse_qsl(bar["query"])),
        "heads": heads(shown, request.GET),
        **rows_of(shown, lines),
        "acts": tuple(kind.acts.values()),
    }


def rows_of(shown, lines):
    """The rows, and all of them as the table shows them."""
    rows = [Row(line.public_id, line.name, cells(shown, line)) for line in lines]
    choose = escape(_("Choose"))
    drawn = [
        f'<tr data-row><td><input class="pick" type="checkbox" name="pick" value="{escape(row.id)}" form="bulk" '
        f'aria-label="{choose}: {escape(row.name)}"></td>{row.cells}</tr>\n'
        for row in rows
    ]
    return {"rows": rows, "drawn_rows": SafeString("".join(drawn))}


def heads(shown, query):
    """The heads of columns, with the address that sorts by each, or turns its order round."""
    pairs = [pair for pair in parse_qsl(query.urlencode()) if pair[0] not in ("sort", "page", "after", "before")]
    return tuple(_head(column, pairs, query.get("sort", "")) for column in shown)


def _head(column, pairs, now):
    if not column.sort:
        return Head(str(column.label), "", "", column.number, column.off)
    first = column.sort
    turned = first[1:] if first.startswith("-") else f"-{first}"
    state = {first: "descending" if first.startswith("-") else "ascending"}
    state[turned] = "ascending" if first.startswith("-") else "descending"
    url = "?" + urlencode([*pairs, ("sort", turned if now == first else first)])
    return Head(str(column.label), url, state.get(now, ""), column.number, column.off)


def cells(shown, line):
    return SafeString("".join([_cell(column, column.cell(line)) for column in shown]))


def _cell(column, content):
    start, end = _around(column.head, column.number, column.off, column.tight)
    return f"{start}{content if isinstance(content, SafeString) else conditional_escape(content)}{end}"


@lru_cache(maxsize=20)
def _around(head, number, off, tight):
    """The tags of a cell; a list has hundreds of few kinds."""
    kinds = (("n", number), ("tbl-off", off), ("tight", tight))
    names = " ".join(name for name, wanted in kinds if wanted)
    if head:
        return f'<th scope="row" class="{names}">', "</th>"
    return (f'<td class="{names}">' if names else "<td>"), "</td>"
