"""Who changed what on a record, when, from what to what: the history tables of any room in words.

    happenings = changes.story([changes.rows_of(concern)])         # newest first
    changes.of(concern, user=request.user)                         # the same as flat changes

A room names the records that have a page of their history:

    changes.register("concern", changes.Page(find=…, name=…))
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from accounts import remembered
from accounts.quick import date_format
from accounts.remembered import note, note_all

__all__ = ["Change", "Happening", "Page", "Rows", "begin", "note", "note_all", "of", "register", "rows_of", "story"]

# What the program itself keeps on a row, and nobody changes.
BOOKKEEPING = frozenset(
    {
        "id", "version", "public_id", "created_at", "created_by", "origin", "mail_state_at", "archived_by", "client",
        "idempotency_key", "deleted_by", "changed_at", "changed_by", "deactivated_at", "date_joined", "imported",
        "search_text", "settled_by", "escalated_at", "overdue_flagged_at",
    }
)  # fmt: skip
SHOWN = 200
READ = 2000


@dataclass(frozen=True)
class Change:
    """One field of one saving."""

    at: datetime
    who: Any
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Difference:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Happening:
    """One saved change: who, when, of what, and each field before and after."""

    at: datetime
    who: Any
    about: str
    what: str  # added, changed or removed, in words
    differences: list = field(default_factory=list)
    url: str = ""


@dataclass(frozen=True)
class Rows:
    """History rows of one kind; those of one record lie together, newest first."""

    rows: Any
    model: type[models.Model]
    about: Callable = str
    without: frozenset = BOOKKEEPING


def rows_of(record, *, about="", without=BOOKKEEPING):
    rows = record.history.select_related("history_user").order_by("-history_date", "-history_id")[:READ]
    return Rows(rows, type(record), lambda row: about, without)


def begin(record, *, now=None):
    """A record from before its changes were kept has no history yet: how it stands is kept before the first one."""
    model = type(record)
    if hasattr(model, "history") and not record.history.exists():
        stored = model._base_manager.filter(pk=record.pk).first()
        if stored is not None:
            remembered.found(stored, now=now or timezone.now())


def of(record, *, user=None, limit=SHOWN):
    """[Change] of one record, newest first. Whether `user` may see the record is asked before."""
    return [
        Change(happening.at, happening.who, difference.label, difference.old, difference.new)
        for happening in story([rows_of(record)], limit=limit)
        for difference in happening.differences
    ]


def story(kinds, *, also=(), limit=SHOWN):
    """[Happening] of all these, newest first; `also` are happenings that no history table tells."""
    told = [*also]
    for kind in kinds:
        told += _told(kind, limit)
    return sorted(told, key=lambda happening: happening.at, reverse=True)[:limit]


def _told(kind, limit):
    rows, told = list(kind.rows), []
    for row, before in zip(rows, [*rows[1:], None][: len(rows)], strict=True):
        before = before if before is not None and before.id == row.id else None
        what = {"+": _("added"), "-": _("removed"), "~": _("changed")}[row.history_type]
        if row.history_change_reason == remembered.FOUND:
            what = _("was here already")
        differences = _differences(row, before, kind) if row.history_type == "~" and before else []
        if row.history_type == "~" and not differences:
            continue
        told.append(Happening(row.history_date, row.history_user, kind.about(row), what, differences))
        if len(told) >= limit:
            break
    return told


def _differences(row, before, kind):
    found = []
    for column in row.tracked_fields:
        if column.name in kind.without:
            continue
        old, new = getattr(before, column.attname), getattr(row, column.attname)
        if old != new and not (old in (None, "", []) and new in (None, "", [])):
            found.append(Difference(_label(kind.model, column), shown(before, column), shown(row, column)))
    return found


def _label(model, column):
    words = {
        "archived_at": _("archived"),
        "deleted_at": _("removed"),
        "merged_into": _("merged into"),
        "is_active": _("works here"),
        "invited_at": _("invited"),
        "state": _("state"),
    }
    label = str(words.get(column.name) or model._meta.get_field(column.name).verbose_name)
    return label[:1].upper() + label[1:]


def shown(row, column):
    """A value of a row in words: names, choices, days by the reader's clock."""
    value = getattr(row, column.attname)
    if value in (None, "", []):
        return "–"
    if column.is_relation:
        return _name_of(row, column, value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return plain(value)


def _name_of(row, column, pk):
    found = column.related_model._base_manager.filter(pk=pk).first()
    return str(found) if found is not None else _("something that was removed")


def plain(value):
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(plain(one) if not isinstance(one, list) else "–".join(map(str, one)) for one in value)
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return f"{date_format(local, 'DATE_FORMAT')}, {time_format(local, 'H:i')}"
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, time):
        return time_format(value, "H:i")
    return str(value)


def told_by_events(events):
    """Happenings out of append-only events: their kind, who, and the note."""
    return [
        Happening(
            event.at, event.by, event.get_kind_display(), "", [Difference("", "", event.note)] if event.note else []
        )
        for event in events
    ]


# ---------------------------------------------------------------------- pages
@dataclass(frozen=True)
class Page:
    """How the page of a record's history finds it and what it says of it."""

    find: Callable  # (request, public_id) -> the record, or Http404 for whom it is none
    title: Callable  # record -> “History of …”
    back: Callable  # record -> (words, address)
    story: Callable = lambda record, user: story([rows_of(record)])  # for who reads it


pages = {}


def register(kind, page):
    pages[kind] = page
