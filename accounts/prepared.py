"""Queries of one shape, put into words once: what many pages ask again and again for another person and moment.

The ORM takes longer to write such a query than the database to answer it. `@prepared` keeps the words it wrote and
only puts the values in:

    @prepared
    def late(user, *, now):
        return Promise.objects.of(user).overdue(now)

    late(request.user, now=now)     # [promise, …]

The first value is a person or another record, asked for by its id, and the others are moments. The shape may depend
on the person's role and on nothing else; values are used as they are
(a moment worked out of another inside the function is noticed, and the query then written each time).

PostgreSQL keeps such a query too, read and planned, for as long as a line to it stays open. A pool that hands every
transaction another line forgets it: DISABLE_SERVER_SIDE_CURSORS, Django's own word for such a pool, leaves that out,
and a query that was forgotten is asked in words again.
"""

import contextlib
import copy
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

PERSON = 987_654_321_987  # nobody's number, nor anything's
FIRST = datetime(1971, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)  # nobody's moment
LONG_AGO = "1950"
FORGOTTEN = {"26000", "42P05", "0A000"}  # no such query, one of that name already, or its columns changed
MOMENT_IN_WORDS = re.compile(r"\d{4}-\d\d-\d\d")


def prepared(build):
    """Let `build(user, **moments) -> queryset` be written once for each role; answers the list of its rows."""
    known = {}

    @wraps(build)
    def ask(whose, **moments):
        role = getattr(whose, "role", None)
        key = (role, tuple(moments))
        shape = known.get(key)
        if shape is None:
            nobody = whose.__class__(pk=PERSON, **({"role": role} if role else {}))
            shape = known[key] = Shape(build, nobody, names=tuple(moments))
        return shape.ask(whose, moments) if shape.fits else list(build(whose, **moments))

    return ask


class Shape:
    """The words of one query, and which value stands where."""

    def __init__(self, build, nobody, *, names):
        marks = {name: FIRST + timedelta(microseconds=n) for n, name in enumerate(names)}
        self.adapt = connection.ops.adapt_datetimefield_value
        self.queryset = build(nobody, **marks)
        self.compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.compiler.get_converters = _once(self.compiler.get_converters)  # they are the same each time
        self.sql, self.params = self.compiler.as_sql()
        places = {PERSON: "whose"} | {self.adapt(mark): name for name, mark in marks.items()}
        self.places = [places.get(value) if _can_be_a_key(value) else None for value in self.params]
        missing = {"whose", *names} - set(self.places)
        if getattr(nobody, "is_manager", False) and str(PERSON) not in f"{self.sql} {self.params}":
            missing -= {"whose"}  # who may see everything need not stand in it
        strange = [
            value for value, name in zip(self.params, self.places, strict=True) if name is None and _is_moment(value)
        ]
        self.fits = not missing and not strange
        self.names = ("whose", *names)
        self.planned = Planned(self) if _can_plan(connection) else None

    def ask(self, whose, moments):
        line = connections[DEFAULT_DB_ALIAS]
        values = {name: self.adapt(moment) for name, moment in moments.items()} | {"whose": whose.pk}
        if self.planned:
            try:
                self.planned.tell(line)
                return self._rows(line, self.planned.words, tuple(values[name] for name in self.names))
            except DatabaseError as problem:
                if line.in_atomic_block or getattr(problem.__cause__, "pgcode", "") not in FORGOTTEN:
                    raise
                self.planned = None
        params = tuple(
            value if name is None else values[name] for value, name in zip(self.params, self.places, strict=True)
        )
        return self._rows(line, self.sql, params)

    def _rows(self, line, words, params):
        return rows_of(self.queryset, self.compiler, line, words, params)


def rows_of(queryset, compiler, line, words, params):
    """What a queryset gives for other words than its own."""
    compiler = copy.copy(compiler)
    compiler.connection = line
    compiler.as_sql = lambda *args, **kwargs: (words, params)
    found = queryset._chain()
    found.query.get_compiler = lambda *args, **kwargs: compiler
    return list(found)


class Planned:
    """One query as PostgreSQL keeps it: told to each line before the first time, then only `EXECUTE name(values)`."""

    lines = WeakKeyDictionary()  # an open line → the names it knows

    def __init__(self, shape):
        self.sql, self.params, self.places = shape.sql, shape.params, shape.places
        self.numbers = {name: f"${n}" for n, name in enumerate(shape.names, 1)}
        self.kinds = ["bigint", *["timestamptz"] * (len(shape.names) - 1)]
        self.name = f"kept_{hashlib.sha256(repr((self.sql, self.params)).encode()).hexdigest()[:20]}"
        self.words = f"EXECUTE {self.name}({', '.join(['%s'] * len(shape.names))})"

    def tell(self, line):
        line.ensure_connection()
        known = self.lines.setdefault(line.connection, set())
        if self.name in known:
            return
        with line.wrap_database_errors, contextlib.closing(line.connection.cursor()) as cursor:
            places = [
                cursor.mogrify("%s", [value]).decode() if name is None else self.numbers[name]
                for value, name in zip(self.params, self.places, strict=True)
            ]
            cursor.execute(f"PREPARE {self.name}({', '.join(self.kinds)}) AS {self.sql % tuple(places)}")
        known.add(self.name)


def _once(function):
    known = []

    def ask(*args):
        if not known:
            known.append(function(*args))
        return known[0]

    return ask


def _can_plan(line):
    return line.vendor == "postgresql" and not line.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")


def _can_be_a_key(value):
    return isinstance(value, (int, str, date))


def _is_moment(value):
    """Something worked out of a moment, then: what lies further back than that is a constant of the query."""
    if isinstance(value, str):
        return bool(MOMENT_IN_WORDS.match(value)) and value[:4] > LONG_AGO
    return isinstance(value, date) and f"{value:%Y}" > LONG_AGO
