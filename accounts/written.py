"""Queries of one shape, put into words once, for lists: `accounts.prepared` for any values, and for many keys at once.

    @written
    def open_promises(*, clients, now):
        return Promise.objects.filter(client__in=clients, due_at__gte=now).values_list("client", "due_at")

    open_promises(clients=[1, 2, 3], now=now)     # [(1, …), …]

Values are keys and other whole numbers, words, moments, days, and lists of keys. The shape may depend on nothing else.
A value that the words do not hold as it is (worked on inside the function) is noticed: it is then written each time.
"""

import re
from datetime import date, datetime, timedelta
from functools import wraps

from django.db import DEFAULT_DB_ALIAS, connections

from accounts.prepared import FIRST, PERSON, rows_of

A_DAY = date(1971, 3, 4)
A_WORD = "zz-nobody’s-word-zz"
PLACE = re.compile(r"(?<!%)%s")


def written(build):
    """Let `build(**values) -> queryset` be written once; answers the list of its rows, and [] for no keys."""
    known = {}

    @wraps(build)
    def ask(**values):
        if any(value == [] for value in values.values()):
            return []
        line = connections[DEFAULT_DB_ALIAS]
        key = (line.vendor, *values)
        if key not in known:
            known[key] = Words(build, values, line)
        words = known[key]
        return words.ask(values, line) if words.fit else list(build(**values))

    return ask


class Words:
    def __init__(self, build, values, line):
        ops, places, marks = line.ops, {}, {}
        for n, (name, value) in enumerate(values.items(), 1):
            marks[name], stands = _mark(n, value, ops)
            places[stands] = name
        self.queryset = build(**marks)
        self.compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, self.params = self.compiler.as_sql()
        self.pieces = PLACE.split(sql)
        self.names = [places.get(value) if isinstance(value, (int, str, date)) else None for value in self.params]
        self.lists = {name for name, value in values.items() if isinstance(value, list)}
        self.adapt = {name: _adapter(value, ops) for name, value in values.items()}
        at_lists = [n for n, name in enumerate(self.names) if name in self.lists]
        self.fit = (
            set(self.names) - {None} == set(values)
            and len(self.pieces) == len(self.params) + 1
            and all(self.pieces[n].endswith("IN (") and self.pieces[n + 1].startswith(")") for n in at_lists)
        )

    def ask(self, values, line):
        sql, params = [self.pieces[0]], []
        for name, known, after in zip(self.names, self.params, self.pieces[1:], strict=True):
            if name in self.lists:
                sql.append(", ".join(["%s"] * len(values[name])))
                params.extend(values[name])
            else:
                sql.append("%s")
                params.append(known if name is None else self.adapt[name](values[name]))
            sql.append(after)
        return rows_of(self.queryset, self.compiler, line, "".join(sql), tuple(params))


def _mark(n, value, ops):
    """(a value like this one that nothing has, how a database is told it)."""
    if isinstance(value, datetime):
        mark = FIRST + timedelta(hours=n)
        return mark, ops.adapt_datetimefield_value(mark)
    if isinstance(value, date):
        mark = A_DAY + timedelta(days=n)
        return mark, ops.adapt_datefield_value(mark)
    if isinstance(value, str):
        return f"{A_WORD}{n}", f"{A_WORD}{n}"
    return ([PERSON + n], PERSON + n) if isinstance(value, list) else (PERSON + n, PERSON + n)


def _adapter(value, ops):
    if isinstance(value, datetime):
        return ops.adapt_datetimefield_value
    return ops.adapt_datefield_value if isinstance(value, date) else lambda value: value
