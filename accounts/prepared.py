"""Queries of one shape, put into words once: what many pages ask again and again for another person and moment.

The ORM takes longer to write such a query than the database to answer it. `@prepared` keeps the words it wrote and
only puts the values in:

    @prepared
    def late(user, *, now):
        return Promise.objects.of(user).overdue(now)

    late(request.user, now=now)     # [promise, …]

The values are people and other records, asked for by their ids, moments, and texts. The shape may depend on the role
of the people and on nothing else; values are used as they are (a moment worked out of another inside the function is
noticed, and the query then written each time).

`late.question(request.user, now=now)` is the same, not asked yet: `accounts.together` asks several in one go.

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
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

PERSON = 987_654_321_987  # nobody's number, nor anything's
FIRST = datetime(1971, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)  # nobody's moment
TEXT = "nobody-wrote-this"
LONG_AGO = "1950"
FORGOTTEN = {"26000", "42P05", "0A000"}  # no such query, one of that name already, or its columns changed
MOMENT_IN_WORDS = re.compile(r"\d{4}-\d\d-\d\d")


def prepared(build):
    """Let `build(whose, **values) -> queryset` be written once for each role; answers the list of its rows."""
    known = {}

    def question(whose, **others):
        given = (whose, *others.values())
        key = (tuple(others), *(_kind(value) for value in given))
        shape = known.get(key)
        if shape is None:
            shape = known[key] = Shape(build, given, names=tuple(others))
        if shape.fits:
            return Question(shape, tuple(map(_plain, given)))
        return Question(None, (build, given), build(whose, **others))

    @wraps(build)
    def ask(whose, **others):
        return question(whose, **others).rows()

    ask.question = question
    return ask


class Question(NamedTuple):
    """A query with its values, not asked yet; two that ask the same are equal."""

    shape: Any
    values: tuple
    queryset: Any = None  # what cannot be kept, or was asked for this once

    @classmethod
    def of(cls, queryset):
        """For a query that is nobody's habit."""
        return cls(None, (id(queryset),), queryset)

    def __eq__(self, other):
        return isinstance(other, Question) and (self.shape, self.values) == (other.shape, other.values)

    def __hash__(self):
        return hash((self.shape, self.values))

    def rows(self):
        return list(self.queryset) if self.shape is None else self.shape.ask(self.values)

    def written(self):
        """Its shape; None for a query that can have no rows."""
        if self.shape is not None:
            return self.shape
        try:
            return Written(self.queryset)
        except EmptyResultSet:
            return None


class Written:
    """The words of one query as the ORM writes them, and how rows are made of what it answers."""

    def __init__(self, queryset):
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.compiler.get_converters = _once(self.compiler.get_converters)  # they are the same each time
        self.sql, self.params = self.compiler.as_sql()
        self.places, self.kinds = [None] * len(self.params), ()

    def made(self, line, **how):
        """Its rows with `how` in place of what its compiler does."""
        return made(self.queryset, self.compiler, line, **how)


def made(queryset, compiler, line, **how):
    compiler = copy.copy(compiler)
    compiler.connection = line
    vars(compiler).update(how)
    found = queryset._chain()
    found.query.get_compiler = lambda *args, **kwargs: compiler
    return list(found)


def rows_of(queryset, compiler, line, words, params):
    """What a queryset gives for other words than its own."""
    return made(queryset, compiler, line, as_sql=lambda *args, **kwargs: (words, params))


class Shape(Written):
    """The words of one query, and which value stands where."""

    def __init__(self, build, given, *, names):
        marks = [_mark(value, n) for n, value in enumerate(given)]
        super().__init__(build(marks[0], **dict(zip(names, marks[1:], strict=True))))
        numbers = {_plain(mark): n for n, mark in enumerate(marks)}
        self.places = [numbers.get(value) if _can_be_a_key(value) else None for value in self.params]
        strange = [value for value, n in zip(self.params, self.places, strict=True) if n is None and _is_odd(value)]
        missing = [mark for n, mark in enumerate(marks) if n not in self.places and not self._sees_all(mark)]
        self.fits = not missing and not strange
        self.kinds = tuple(_column(value) for value in given)
        self.words = Words(self.sql, self.params, self.places, self.kinds)

    def _sees_all(self, mark):
        """Who may see everything need not stand in it."""
        return getattr(mark, "is_manager", False) and str(mark.pk) not in f"{self.sql} {self.params}"

    def ask(self, values):
        line = connections[DEFAULT_DB_ALIAS]
        return self.words.say(line, values, lambda *words: rows_of(self.queryset, self.compiler, line, *words))


class Words:
    """SQL, and the numbers of the values that stand in it."""

    def __init__(self, sql, params, places, kinds, *, keep=True):
        self.sql, self.params, self.places, self.kinds = sql, params, places, kinds
        self.planned = Planned(self) if keep and _can_plan(connection) else None

    def say(self, line, values, run):
        """`run(sql, params)` with the plan PostgreSQL keeps, where it keeps one."""
        if self.planned:
            try:
                self.planned.tell(line)
                return run(self.planned.words, values)
            except DatabaseError as problem:
                if line.in_atomic_block or getattr(problem.__cause__, "pgcode", "") not in FORGOTTEN:
                    raise
                self.planned = None
        return run(self.sql, self.filled(values))

    def filled(self, values):
        return tuple(value if n is None else values[n] for value, n in zip(self.params, self.places, strict=True))


class Planned:
    """One query as PostgreSQL keeps it: told to each line before the first time, then only `EXECUTE name(values)`."""

    lines = WeakKeyDictionary()  # an open line → the names it knows

    def __init__(self, words):
        self.sql, self.params, self.places, self.kinds = words.sql, words.params, words.places, words.kinds
        self.name = f"kept_{hashlib.sha256(repr((self.sql, self.params)).encode()).hexdigest()[:20]}"
        self.words = f"EXECUTE {self.name}({', '.join(['%s'] * len(self.kinds))})"

    def tell(self, line):
        line.ensure_connection()
        known = self.lines.setdefault(line.connection, set())
        if self.name in known:
            return
        with line.wrap_database_errors, contextlib.closing(line.connection.cursor()) as cursor:
            places = [
                cursor.mogrify("%s", [value]).decode() if n is None else f"${n + 1}"
                for value, n in zip(self.params, self.places, strict=True)
            ]
            cursor.execute(f"PREPARE {self.name}({', '.join(self.kinds)}) AS {self.sql % tuple(places)}")
        known.add(self.name)


def _kind(value):
    """What the shape of a query may depend on."""
    return value.__class__, getattr(value, "role", None)


def _mark(value, n):
    """What stands for a value while the query is written."""
    if hasattr(value, "pk"):
        role = getattr(value, "role", None)
        return value.__class__(pk=PERSON + n, **({"role": role} if role else {}))
    return f"{TEXT}-{n}" if isinstance(value, str) else FIRST + timedelta(microseconds=n)


def _plain(value):
    """As it goes to the database."""
    if hasattr(value, "pk"):
        return value.pk
    return value if isinstance(value, str) else connection.ops.adapt_datetimefield_value(value)


def _column(value):
    if hasattr(value, "pk"):
        return "bigint"
    return "text" if isinstance(value, str) else "timestamptz"


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


def _is_odd(value):
    """Something worked out of a moment, or with a text of ours within: what lies further back than that is a constant

    of the query.
    """
    if isinstance(value, str):
        return TEXT in value or (bool(MOMENT_IN_WORDS.match(value)) and value[:4] > LONG_AGO)
    return isinstance(value, date) and f"{value:%Y}" > LONG_AGO
