"""Several queries in one go: each stands in a sentence of its own within one, and answers its rows as JSON.

    found = together([late.question(user, now=now), Question.of(user.absences.all())])
    found[late.question(user, now=now)]     # [promise, …] as `late` would have answered

Worth it where a page asks a dozen small questions: each way to the database costs more than its answer. Rows come in
their order, as the models or values the query asks for, with what it joins; what is prefetched is asked for as ever.
A query with a column that JSON cannot carry is asked alone.
"""

import json
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from uuid import UUID

from django.core.exceptions import FieldError
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import JSONField, Subquery

from accounts.prepared import Words

PLAIN = {
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField",
    "PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField", "CharField", "TextField",
    "SlugField", "EmailField", "URLField", "FileField", "BooleanField",
}  # fmt: skip
# What PostgreSQL's driver makes of a column before Django sees it; SQLite's answers all of these as text or number.
READ = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "DecimalField": Decimal,
    "FloatField": float,
    "UUIDField": UUID,
}
IN_TEXT = {"DecimalField": "{}::text", "JSONField": "{}::text"}

_known = {}


def together(questions):
    """{question: its rows}."""
    questions = list(dict.fromkeys(questions))
    asked = [(question, question.written()) for question in questions]
    alone = [question for question, written in asked if written is not None and columns_of(written) is None]
    asked = [(question, written) for question, written in asked if written and question not in alone]
    found = {question: [] for question in questions} | {question: question.rows() for question in alone}
    if len(asked) == 1:
        [(question, _written)] = asked
        return found | {question: question.rows()}
    if asked:
        shapes = tuple(written for _question, written in asked)
        kept = all(question.shape for question, _written in asked)
        joint = (_known.get(shapes) if kept else None) or Joint(shapes, keep=kept)
        if kept:
            _known[shapes] = joint
        values = [question.values if question.shape else () for question, _written in asked]
        found |= zip((question for question, _written in asked), joint.ask(values), strict=True)
    return found


class Joint:
    """One sentence out of many."""

    def __init__(self, shapes, *, keep):
        self.shapes, sentences, params, places, kinds = shapes, [], [], [], []
        for shape in shapes:
            sentences.append(as_json(shape.sql, columns_of(shape)))
            params += shape.params
            places += [None if n is None else n + len(kinds) for n in shape.places]
            kinds += shape.kinds
        self.words = Words(f"SELECT {', '.join(sentences)}", params, places, kinds, keep=keep)

    def ask(self, values):
        line = connections[DEFAULT_DB_ALIAS]
        row = self.words.say(line, tuple(chain.from_iterable(values)), lambda *words: _first(line, *words))
        return [_rows(shape, line, text) for shape, text in zip(self.shapes, row, strict=True)]


def _first(line, sql, params):
    with line.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


def _rows(shape, line, text):
    rows = json.loads(text) if text else []
    if not rows:
        return []
    if line.vendor == "postgresql":
        read = [(n, READ[kind]) for n, kind in enumerate(columns_of(shape)) if kind in READ]
        for row in rows:
            for n, made in read:
                if row[n] is not None:
                    row[n] = made(row[n])
    return shape.made(line, execute_sql=lambda *args, **kwargs: [rows])


def columns_of(written):
    """What kind of value each column holds; None when JSON could not carry one of them."""
    if not hasattr(written, "columns"):
        try:
            kinds = [_kind(expression) for expression, _sql, _alias in written.compiler.select]
        except FieldError:
            kinds = [""]
        carried = all(kind in PLAIN or kind in READ or kind in IN_TEXT for kind in kinds)
        written.columns = kinds if carried and len(kinds) < 100 else None
    return written.columns


def _kind(expression):
    field = expression.output_field
    while field.is_relation:
        field = field.target_field
    return field.get_internal_type()


def as_json(sql, kinds):
    """A sentence within a sentence: the rows of a query as a list of lists."""
    names = [f"c{n}" for n in range(len(kinds))]
    if connection.vendor == "postgresql":
        values = [IN_TEXT.get(kind, "{}").format(name) for name, kind in zip(names, kinds, strict=True)]
        array = f"json_agg(json_build_array({', '.join(values)}))::text"
    else:
        array = f"json_group_array(json_array({', '.join(names)}))"
    return f"(WITH t({', '.join(names)}) AS ({sql}) SELECT {array} FROM t)"  # noqa: S608 - words of the ORM


class Within(Subquery):
    """Rows of another table within a row: a list of lists, in their order. For texts, whole numbers, yes and no."""

    output_field = JSONField()

    def as_sql(self, compiler, connection, template=None, **extra):
        sentence, params = self.query.as_sql(compiler, connection)
        columns = [*self.query.select, *self.query.annotation_select]
        return as_json(sentence[1:-1], ["TextField"] * len(columns)), params
