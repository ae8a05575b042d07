"""Moves what hangs on one record over to another, and writes down every row so that it can be taken back."""

import json

from django.core.serializers.json import DjangoJSONEncoder

from clients.merging.registry import STAYS, relations, resolvers, unique_with, wholes

SOME = 500


class Mover:
    """One merge at work. `record` is what `Merge.moved` keeps: the rows that moved, and what was decided beside."""

    def __init__(self, merge, *, kept, gone, by, now, values=None, again=False):
        self.values = values or {}  # what the kept record is about to become
        self.again = again  # a second look, for what came late
        self.merge, self.kept, self.gone, self.by, self.now = merge, kept, gone, by, now
        self.record = merge.moved
        for name, empty in (("rows", {}), ("changed", []), ("dropped", []), ("made", []), ("stayed", {}), ("told", {})):
            self.record.setdefault(name, empty)
        self.people = []  # pairs of people to be merged once everything of their clients has moved

    def run(self):
        for relation in relations(type(self.kept)):
            if relation.key not in STAYS:
                self._move(relation)

    # ------------------------------------------------------------------ what a room may decide of a row
    def stay(self, row):
        """It stays where it is, put away with its record."""
        self.record["stayed"].setdefault(row._meta.label, []).append(row.pk)
        return False

    def drop(self, row):
        """It says nothing its twin does not say: it goes, and an undo writes it again."""
        self.record["dropped"].append([row._meta.label, plain_values(row)])
        row.delete()
        return False

    def take(self, row):
        """It moves after all: what stood in its way has been dealt with."""
        return True

    def change(self, row, **values):
        old = {name: _plain(getattr(row, name)) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        new = {name: _plain(getattr(row, name)) for name in values}
        self.record["changed"].append([row._meta.label, row.pk, old, new])

    def made(self, row):
        """Written by the merge itself; an undo takes it away again."""
        self.record["made"].append([row._meta.label, row.pk])

    def tell(self, code, n=1):
        self.record["told"][code] = self.record["told"].get(code, 0) + n

    # ------------------------------------------------------------------
    def _move(self, relation):
        stayed = set(self.record["stayed"].get(relation.label, ()))
        if prepare := wholes.get(relation.key):
            stayed |= set(prepare(self, relation) or ())
        for row, twin in list(self._clashes(relation, stayed)):
            if not resolvers.get(relation.label, _settle)(self, row, twin):
                stayed.add(row.pk)
        rows = relation.rows.filter(**{relation.field: self.gone}).exclude(pk__in=stayed)
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        for some in in_parts(pks):
            set_column(relation, some, self.kept, by=self.by, now=self.now)
        if pks:
            self.record["rows"].setdefault(relation.key, []).extend(pks)

    def _clashes(self, relation, stayed):
        """[(row, twin)]: rows that cannot stand beside one the kept record has already."""
        seen = set()
        for others, condition in unique_with(relation):
            mine = relation.rows.filter(**{relation.field: self.gone}).exclude(pk__in=stayed)
            theirs = relation.rows.filter(**{relation.field: self.kept})
            if condition is not None:
                mine, theirs = mine.filter(condition), theirs.filter(condition)
            by_rest = {_rest(row, others): row for row in theirs}
            for row in mine:
                rest = _rest(row, others)
                if None not in rest and rest in by_rest and row.pk not in seen:
                    seen.add(row.pk)
                    yield row, by_rest[rest]


def _settle(mover, row, twin):
    """Where a room says nothing: lines between two records that are there already go, anything else stays."""
    return mover.drop(row) if row._meta.auto_created else mover.stay(row)


def _rest(row, others):
    return tuple(getattr(row, row._meta.get_field(name).attname) for name in others)


def set_column(relation, pks, value, *, by, now):
    """Let these rows name another record: with a version so that nobody saves over it, and with their history."""
    from django.db.models import F

    rows = relation.rows.filter(pk__in=pks)
    also = {"version": F("version") + 1} if relation.has("version") else {}
    rows.update(**{relation.field: value}, **also)
    if hasattr(relation.model, "history"):
        relation.model.history.bulk_history_create(list(rows), update=True, default_user=by, default_date=now)


def in_parts(pks):
    return [pks[at : at + SOME] for at in range(0, len(pks), SOME)]


def plain_values(row):
    """A row as JSON keeps it."""
    fields = [field for field in row._meta.concrete_fields if not field.generated]
    return {field.attname: _plain(getattr(row, field.attname)) for field in fields}


def _plain(value):
    value = getattr(value, "pk", value)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
