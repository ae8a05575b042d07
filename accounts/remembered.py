"""Every way of writing leaves a row of history: in bulk, by a conditional UPDATE, and by a worker in somebody’s name.

`save` and `delete` keep their own; these are for everything else:

    class ContactQuerySet(Remembered, models.QuerySet)      # bulk_create and bulk_update keep theirs
    note(record)                                            # after a conditional UPDATE
    note_all(rows)                                          # after one over several rows
    with acting(job.by): …                                  # whose doing it is, where there is no request
"""

from contextlib import contextmanager
from types import SimpleNamespace

from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

AT_ONCE = 1000
FOUND = "found"  # the reason of a first row that was kept later than its record was made
SINCE = ("created_at", "date_joined", "uploaded_at", "made_at", "opened_at", "recorded_at")
MADE_BY = ("created_by_id", "author_id", "uploaded_by_id", "opened_by_id", "recorded_by_id")


class Remembered(models.QuerySet):
    """For querysets of models with a history: what is written and how it stands are kept together, or neither is."""

    @transaction.atomic(savepoint=False)
    def bulk_create(self, objs, *args, **kwargs):
        made = super().bulk_create(objs, *args, **kwargs)
        first_rows([record for record in made if record.pk is not None])
        return made

    bulk_create.alters_data = True

    @transaction.atomic(savepoint=False)
    def bulk_update(self, objs, fields, *args, **kwargs):
        objs = list(objs)
        changed = super().bulk_update(objs, fields, *args, **kwargs)
        if set(fields) & {field.name for field in self.model.history.model.tracked_fields}:
            _keep("~", self.model, objs, at=timezone.now())
        return changed

    bulk_update.alters_data = True


def note(record):
    """A conditional UPDATE changed the record, which saves no history by itself: how it stands now is kept."""
    _keep("~", type(record), [record], at=timezone.now())


def note_all(rows, *, by=""):
    """The same for all these rows, read anew."""
    rows = list(rows)
    if rows:
        _keep("~", type(rows[0]), rows, at=timezone.now(), by=by)


def first_rows(records):
    """Records just written in bulk: how each stands, since when, and who made it."""
    if records:
        by = _actor()
        _keep("+", type(records[0]), records, at=timezone.now(), by=by, since=True)


def found(record, *, now):
    """A record that has no history yet is about to change: how it stood until then."""
    _keep("+", type(record), [record], at=now, by=None, since=True, reason=FOUND)


def _keep(kind, model, records, *, at, by="", since=False, reason=None):
    history = model.history.model
    by = _actor() if by == "" else by
    rows = [
        history(
            history_type=kind,
            history_date=(_first(record, SINCE) or at) if since else at,
            history_user_id=(_first(record, MADE_BY) if since else None) or getattr(by, "pk", None),
            history_change_reason=reason,
            **{field.attname: getattr(record, field.attname) for field in history.tracked_fields},
        )
        for record in records
    ]
    history.objects.bulk_create(rows, batch_size=AT_ONCE)


def _first(record, names):
    return next((value for name in names if (value := getattr(record, name, None))), None)


def _actor():
    """Who is signed in where this runs, or whose work a worker does; None for the clock and for clients."""
    user = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    return user if user is not None and user.is_authenticated else None


@contextmanager
def acting(user):
    """What is written within is this person’s doing."""
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        context.request = before


def fill(apps, editor, label):
    """For migrations: a first row for each record that has none, in one statement. One dated later says so."""
    model = apps.get_model(label)
    history = apps.get_model(model._meta.app_label, f"Historical{model.__name__}")
    names = {field.name: field.column for field in model._meta.concrete_fields}
    columns = [field.column for field in history._meta.concrete_fields if not field.name.startswith("history_")]
    quote, operations = editor.quote_name, editor.connection.ops
    since = next((quote(names[name]) for name in SINCE if name in names), None)
    by = next((quote(names[name[:-3]]) for name in MADE_BY if name[:-3] in names), "NULL")
    values = [] if since else [operations.adapt_datetimefield_value(timezone.now())]
    reason = "NULL" if since else f"'{FOUND}'"
    told, listed = ", ".join(map(quote, columns)), ", ".join(f"one.{quote(column)}" for column in columns)
    words = [
        f"INSERT INTO {quote(history._meta.db_table)}",
        f"({told}, history_date, history_type, history_change_reason, history_user_id)",
        f"SELECT {listed}, {f'one.{since}' if since else '%s'}, '+', {reason}, {by if by == 'NULL' else f'one.{by}'}",
        f"FROM {quote(model._meta.db_table)} one WHERE NOT EXISTS",
        f"(SELECT 1 FROM {quote(history._meta.db_table)} kept",  # noqa: S608
        f"WHERE kept.{quote(names['id'])} = one.{quote(names['id'])})",
    ]
    editor.execute(" ".join(words), values)


def settle(editor):
    """For migrations, after they wrote rows: PostgreSQL makes no index of a table with rows it has yet to look over."""
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE", None)
        editor.execute("SET CONSTRAINTS ALL DEFERRED", None)
