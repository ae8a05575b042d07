"""Patterns of LIKE given whole, `name__like="tide%"`: so a query with them can be put into words once."""

from django.db import connection
from django.db.models import CharField, TextField
from django.db.models.lookups import Contains, Lookup


class Like(Contains):
    """As `contains`, but what is looked for already is a pattern."""

    def process_rhs(self, compiler, connection):
        return Lookup.process_rhs(self, compiler, connection)


for kind in (CharField, TextField):
    kind.register_lookup(Like, "like")


def beginning(text):
    return f"{connection.ops.prep_for_like_query(text)}%"


def holding(text):
    return f"%{connection.ops.prep_for_like_query(text)}%"
