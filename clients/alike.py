"""Names that are nearly the words somebody typed: “tidewel” is Tidewell Water.

PostgreSQL compares trigrams (pg_trgm) and reads them from an index; elsewhere the same is reckoned here, over the names
of a firm of usual size.
"""

from django.db import DatabaseError, connection, transaction
from django.db.models import FloatField, TextField, Value
from django.db.models.expressions import Func

from clients.names import searchable

NEAR = 0.4  # of 1; what pg_trgm calls word similarity
LOOKED_AT = 5000  # names compared here, where the database cannot


class WordSimilarity(Func):
    """How well the words fit the best stretch of the text, 0 to 1."""

    function = "word_similarity"

    def __init__(self, words, text):
        super().__init__(Value(words, output_field=TextField()), text, output_field=FloatField())


def nearest(rows, words, *, limit):
    """At most `limit` of these rows whose `search_text` is nearly the words, the nearest first.

    Where pg_trgm is missing or what was typed is too short to be a typing mistake, there are none.
    """
    words = searchable(words)
    if len(words) < 3:
        return []
    if connection.vendor == "postgresql":
        return _by_index(rows, words, limit)
    return _by_hand(rows, words, limit)


def _by_index(rows, words, limit):
    table = rows.model._meta.db_table
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(NEAR)])
            # The operator is what the index answers to; the similarity only orders what it found.
            near = rows.extra(where=[f'%s <%% "{table}"."search_text"'], params=[words])  # noqa: S610 - our own table
            near = near.annotate(nearness=WordSimilarity(words, "search_text"))
            return list(near.order_by("-nearness", "search_text", "pk")[:limit])
    except DatabaseError:
        return []


def _by_hand(rows, words, limit):
    names = rows.order_by("search_text", "pk").values_list("pk", "search_text")[:LOOKED_AT]
    near = sorted(((-word_similarity(words, text), text, pk) for pk, text in names), key=lambda one: one)
    ids = [pk for similarity, _text, pk in near if -similarity >= NEAR][:limit]
    by_id = rows.in_bulk(ids)
    return [by_id[pk] for pk in ids]


def trigrams(text):
    """The three-letter pieces of each word, as pg_trgm counts them: two blanks before it and one after."""
    return {padded[i : i + 3] for word in text.split() for padded in [f"  {word} "] for i in range(len(padded) - 2)}


def word_similarity(words, text):
    """0 to 1: the share of the pieces of `words` that the text has too."""
    wanted = trigrams(words)
    return len(wanted & trigrams(text)) / len(wanted) if wanted else 0.0
