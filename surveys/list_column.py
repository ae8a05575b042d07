"""The gap of each client in their list: of the newest round they were asked in, where the reader may know it."""

from collections import defaultdict

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.lists.columns import Column
from surveys.gap import Level
from surveys.models import Belief, Result, Round
from surveys.reading import Door, index_of_result, short

COLOURS = {Level.SERIOUS: "t-late", Level.NOTABLE: "t-soon"}


def gaps(ids, *, user, now):
    """{client id: result}, without those that are closed to this reader; two queries for any number."""
    begun = Result.objects.filter(client__in=ids, round__state__in=[Round.State.OPEN, Round.State.CLOSED])
    newest = {}
    for result in begun.order_by("-round__launched_at", "-round").defer("voices", "priority_parts", "why"):
        newest.setdefault(result.client_id, result)
    owed = defaultdict(list)
    if newest:
        rounds = {result.round_id for result in newest.values()}
        for belief in Belief.objects.owed_by(user).filter(round__in=rounds, client__in=ids):
            owed[belief.round_id].append(belief)
    found = {}
    for pk, result in newest.items():
        door = Door(user, None, owed=owed[result.round_id])
        if result.answered and not door.closed_because(result):
            found[pk] = result
    return found


def cell(line):
    result = line.loaded.get("gap")
    if result is None:
        return SafeString('<span class="muted">–</span>')
    colour = COLOURS.get(result.level, "") if (result.gap or 0) > 0 else ""
    return format_html('<span class="{}">{}</span>', colour or "mid", short(index_of_result(result)))


def value(line):
    result = line.loaded.get("gap")
    return "" if result is None else short(index_of_result(result))


def register():
    from clients.lists.clients import CLIENTS

    if "gap" not in [column.key for column in CLIENTS.more_columns]:
        CLIENTS.more_columns.append(Column("gap", _("Gap"), cell, value, off=True, load=gaps))
