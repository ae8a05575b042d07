"""Who changed what on a client, its people and its team: the history tables in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client, Contact, TeamMember

BOOKKEEPING = {"id", "version", "public_id", "created_at", "origin", "mail_state_at", "archived_by", "client"}
SHOWN = 200


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
    differences: list


def history_of(client, *, limit=SHOWN):
    """Newest first: the client itself, its people, its team."""
    happenings = _story(
        client.history.select_related("history_user", "owner")[: limit + 1], Client, str(_("Client")), limit
    )
    for model, label in ((Contact, _("Person")), (TeamMember, _("Team"))):
        rows = model.history.filter(client_id=client.pk).select_related("history_user")
        happenings += _story(rows.order_by("id", "-history_date", "-history_id")[:2000], model, str(label), limit)
    return sorted(happenings, key=lambda happening: happening.at, reverse=True)[:limit]


def _story(rows, model, label, limit):
    rows = list(rows)
    told = []
    for row, before in zip(rows, [*rows[1:], None][: len(rows)], strict=True):
        before = before if before is not None and before.id == row.id else None
        about = label if model is Client else f"{label}: {_name_of(row)}"
        what = {"+": _("added"), "-": _("removed"), "~": _("changed")}[row.history_type]
        differences = _differences(row, before, model) if row.history_type == "~" and before else []
        if row.history_type == "~" and not differences:
            continue
        told.append(Happening(row.history_date, row.history_user, about, what, differences))
        if len(told) >= limit:
            break
    return told


def _name_of(row):
    return row.name if hasattr(row, "name") else str(row.user)


def _differences(row, before, model):
    found = []
    for field in row.tracked_fields:
        if field.name in BOOKKEEPING:
            continue
        old, new = getattr(before, field.attname), getattr(row, field.attname)
        if old != new:
            found.append(Difference(_label(model, field), _shown(before, field), _shown(row, field)))
    return found


def _label(model, field):
    label = str(model._meta.get_field(field.name).verbose_name)
    if field.name == "archived_at":
        label = _("archived")
    return label[:1].upper() + label[1:]


def _shown(row, field):
    value = getattr(row, field.attname)
    if value in (None, "", []):
        return "–"
    if field.is_relation:
        return str(getattr(row, field.name))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j M Y, H:i")
    return str(value)
