"""The list of gaps and one gap. They find, ask `reading` and `gap_page`, and draw."""

import csv

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.context import current_workspace
from accounts.large import counted
from accounts.models import User
from accounts.paging import BoundedPaginator
from clients.listing import defused
from clients.models import Client
from surveys import gap_list, gap_page, reading, triangle_list
from surveys.cases import case_of
from surveys.gap import INDEX, Level
from surveys.models import Dimension, Result
from surveys.round_results import RoundResults
from surveys.scope import parts

PAGE = 50


class Asked:
    """What the address of the list asks for; odd values are left out."""

    def __init__(self, query, user):
        self.user = user
        self.rounds = list(reading.rounds_with_results(user).defer("summary")[:20])
        self.round = reading.chosen_round(self.rounds, query.get("round", ""))
        self.level = query.get("level", "") if query.get("level", "") in gap_list.LEVELS else ""
        self.sort = query.get("sort", "") if query.get("sort", "") in gap_list.SORTS else "-gap"
        self.by = query.get("by", "") if query.get("by", "") in Dimension.values else ""
        self.owner = None
        self.owner_unknown = False
        if wanted := query.get("owner", "")[:16]:
            self.owner = user if wanted == "me" else User.objects.filter(public_id=wanted).first()
            self.owner_unknown = self.owner is None
        self.door = reading.Door(user, self.round)

    @property
    def is_filtered(self):
        return bool(self.level or self.owner or self.owner_unknown or self.by)

    @property
    def owner_options(self):
        return _owner_options(self.user, self.round, self.owner)

    def all(self):
        """Every result of the round this reader may know of."""
        results = Result.objects.visible_to(self.user).filter(round=self.round)
        if self.owner_unknown:
            return results.none()
        return results.filter(client__owner=self.owner) if self.owner else results

    def results(self):
        return gap_list.listed(self.all(), door=self.door, level=self.level, sort=self.sort, by=self.by)


def _owner_options(user, round, chosen):
    owned = Client.objects.visible_to(user).filter(results__round=round).order_by().values("owner")
    owners = User.objects.filter(pk__in=owned).order_by("name", "pk").values_list("public_id", "name")
    shown = counted(f"gaps owners {round.pk} for {user.pk}", lambda: tuple(owners), size=len)
    return gap_list.options(shown, chosen.public_id if chosen else "")


def _tallies_for_managers(asked):
    if asked.owner or asked.owner_unknown or asked.door.closed:
        return gap_list.tallies(asked.all(), shut=asked.door.closed)
    return counted(
        f"gaps tallies {asked.round.pk}", lambda: gap_list.tallies(asked.all()), size=lambda found: found["clients"]
    )


@require_safe
def gaps(request):
    asked = Asked(request.GET, request.user)
    if asked.round is None:
        return render(request, "surveys/gaps.html", {"asked": asked})
    page = BoundedPaginator(asked.results().values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    ids = list(page.object_list)
    lines = gap_list.lines(Result.objects.filter(pk__in=ids), door=asked.door, round=asked.round, by=asked.by)
    by_id = {line.result.pk: line for line in lines}
    page.object_list = [by_id[pk] for pk in ids if pk in by_id]
    context = {
        "asked": asked,
        "page": page,
        "levels": gap_list.LEVELS.items(),
        "level_words": gap_list.LEVELS[asked.level],
        "dimensions": Dimension.choices,
    }
    if request.user.is_manager:
        context["heading"] = gap_list.heading(_tallies_for_managers(asked))
    return render(request, "surveys/gaps.html", context)


class Echo:
    """A file that gives back what is written into it."""

    def write(self, value):
        return value


@require_safe
def gaps_export(request):
    """The list as it is filtered, as CSV that spreadsheets read as UTF-8."""
    asked = Asked(request.GET, request.user)
    if asked.round is None:
        raise Http404
    writer = csv.writer(Echo())
    rows = (writer.writerow(row) for row in _rows(asked))
    response = StreamingHttpResponse(_with_mark(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="gaps-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


def _with_mark(rows):
    yield "\ufeff"
    yield from rows


def _rows(asked):
    yield [
        _("Client"), _("Owner"), _("We believe"), _("They say"), _("Gap: we minus they"), _("Interval from"),
        _("Interval to"), _("Level"), _("Confirmed"), _("Answered"), _("Asked"), _("In words"),
    ]  # fmt: skip
    results = asked.results().select_related("client__owner", "round")
    for result in results.iterator(chunk_size=500):
        line = gap_list.Line(result, asked.door.closed_because(result), None, asked.by)
        start = [line.client.name, line.client.owner.name]
        if line.closed:
            row = [*start, *[""] * 9, line.closed]
        else:
            numbers = result.dimensions.get(asked.by or INDEX) or {}
            row = [
                *start,
                *[_number(numbers.get(name)) for name in ("f", "c", "gap", "low", "high")],
                str(Level(line.gap.level).label) if line.gap.level else "",
                (_("yes") if line.gap.confirmed else _("no")) if line.gap.level else "",
                result.answered,
                result.invited,
                line.words,
            ]
        yield [cell if isinstance(cell, int | float) else defused(cell) for cell in row]


def _number(value):
    """A number as a number: a spreadsheet must be able to reckon with it, and a minus sign here is no formula."""
    return "" if value is None else round(value, 2)


@require_safe
def gap(request, client_id):
    now = timezone.now()
    client = get_object_or_404(Client.objects.visible_to(request.user).select_related("owner"), public_id=client_id)
    rounds = list(reading.rounds_with_results(request.user).defer("summary").filter(results__client=client)[:20])
    wanted = request.GET.get("round", "")
    if not rounds or (wanted and wanted not in {round.public_id for round in rounds}):
        raise Http404
    round = reading.chosen_round(rounds, wanted)
    result = Result.objects.get(round=round, client=client)
    result.client, result.round = client, round
    context = gap_page.look(result, user=request.user, now=now, cut=float(current_workspace(request).quadrant_cut))
    writable = client.can_be_written_by(request.user) and not client.archived_at
    context |= {
        "now": now,
        "rounds": rounds,
        "writable": writable,
        "case": case_of(client, round),
        "concern": client.concerns.unresolved().first(),
    }
    return render(request, "surveys/gap.html", context)


@require_safe
def survey_results(request, public_id):
    """What a round has come to."""
    round = get_object_or_404(reading.rounds_with_results(request.user), public_id=public_id)
    shown = RoundResults(round, request.user, query=request.GET)
    context = {"round": round, "r": shown}
    if request.user.is_manager:
        context["owner_options"] = _owner_options(request.user, round, shown.scope.owner)
        context["bands"], context["parts"] = Client.Band.choices, parts()
    return render(request, "surveys/results.html", context)


@require_safe
def survey_word_kept(request, public_id):
    """Our records of promises beside what clients say of them, the furthest apart first."""
    round = get_object_or_404(reading.rounds_with_results(request.user), public_id=public_id)
    asks = request.GET.get("asks") == "yes"
    cut = float(current_workspace(request).quadrant_cut)
    door = reading.Door(request.user, round)
    found = triangle_list.listed(round, request.user, door=door, asks=asks, cut=cut)
    page = BoundedPaginator(found.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    page.object_list = triangle_list.lines(list(page.object_list), round=round, cut=cut)
    context = {"round": round, "page": page, "asks": asks, "cut": cut, "owed": len(door.owed)}
    return render(request, "surveys/word_kept.html", context)
