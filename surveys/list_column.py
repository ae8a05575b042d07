"""The gap of each client in their list: of the newest round they were asked in, where the reader may know it."""

from collections import defaultdict

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.lists.columns import Column
from accounts.models import User
from accounts.written import written
from surveys.gap import Level
from surveys.models import Belief, Result, Round
from surveys.reading import Door, index_of_result, short

COLOURS = {Level.SERIOUS: "t-late", Level.NOTABLE: "t-soon"}


@written
def _results(*, clients):
    begun = Result.objects.filter(client__in=clients, round__state__in=[Round.State.OPEN, Round.State.CLOSED])
    read = ("client", "round", "answered", "in_confidence", "level", "gap", "dimensions")
    return begun.order_by("-round__launched_at", "-round").only(*read)


@written
def _owed(*, user, clients):
    return Belief.objects.owed_by(User(pk=user)).filter(client__in=clients).only("client", "round")


def gaps(ids, *, user, now):
    """{client id: result}, without those that are closed to this reader; two queries for any number."""
    newest = {}
    for result in _results(clients=ids):
        newest.setdefault(result.client_id, result)
    answered = {pk: result for pk, result in newest.items() if result.answered}
    owed = defaultdict(list)
    for belief in _owed(user=user.pk, clients=list(answered)):
        owed[belief.round_id].append(belief)
    doors = {pk: Door(user, None, owed=owed[pk]) for pk in {result.round_id for result in answered.values()}}
    return {pk: result for pk, result in answered.items() if not doors[result.round_id].closed_because(result)}


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
