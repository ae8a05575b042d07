"""Queries of one shape, put into words once: what many pages ask again and again for another person and moment.

The ORM takes longer to write such a query than the database to answer it. `@prepared` keeps the words it wrote and
only puts the values in:

    @prepared
    def late(user, *, now):
        return Promise.objects.of(user).overdue(now)

    late(request.user, now=now)     # [promise, …]

The shape may depend on the person's role and on nothing else; values are the person and moments, used as they are
(a moment worked out of another inside the function is noticed, and the query then written each time).
"""

import copy
import re
from datetime import UTC, date, datetime, timedelta
from functools import wraps

from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.models import User

PERSON = 987_654_321_987  # nobody's number
FIRST = datetime(1971, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)  # nobody's moment
MOMENT_IN_WORDS = re.compile(r"\d{4}-\d\d-\d\d")


def prepared(build):
    """Let `build(user, **moments) -> queryset` be written once for each role; answers the list of its rows."""
    known = {}

    @wraps(build)
    def ask(user, **moments):
        key = (user.role, tuple(moments))
        shape = known.get(key)
        if shape is None:
            shape = known[key] = Shape(build, role=user.role, names=tuple(moments))
        return shape.ask(user, moments) if shape.fits else list(build(user, **moments))

    return ask


class Shape:
    """The words of one query, and which value stands where."""

    def __init__(self, build, *, role, names):
        marks = {name: FIRST + timedelta(microseconds=n) for n, name in enumerate(names)}
        self.adapt = connection.ops.adapt_datetimefield_value
        self.queryset = build(User(pk=PERSON, role=role), **marks)
        self.compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, self.params = self.compiler.as_sql()
        places = {PERSON: "user"} | {self.adapt(mark): name for name, mark in marks.items()}
        self.places = [places.get(value) if _can_be_a_key(value) else None for value in self.params]
        missing = {"user", *names} - set(self.places)
        strange = [
            value for value, name in zip(self.params, self.places, strict=True) if name is None and _is_moment(value)
        ]
        self.fits = not missing and not strange

    def ask(self, user, moments):
        values = {name: self.adapt(moment) for name, moment in moments.items()} | {"user": user.pk}
        params = tuple(
            value if name is None else values[name] for value, name in zip(self.params, self.places, strict=True)
        )
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *args, **kwargs: (self.sql, params)
        found = self.queryset._chain()
        found.query.get_compiler = lambda *args, **kwargs: compiler
        return list(found)


def _can_be_a_key(value):
    return isinstance(value, (int, str, date))


def _is_moment(value):
    return isinstance(value, date) or (isinstance(value, str) and bool(MOMENT_IN_WORDS.match(value)))
