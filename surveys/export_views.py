"""A round's answers as files. The page says what is in them; each file holds what its reader may read, and no more."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import spreadsheets
from accounts.spreadsheets import MOST_IN_XLSX, Sheet
from surveys import export
from surveys.models import Round


@require_GET
def survey_export(request, public_id):
    round = _round(request, public_id)
    long, wide = export.count_of(round, request.user)
    counts = {"long": long, "wide": wide, "most": MOST_IN_XLSX}
    return render(request, "surveys/export.html", {"round": round, **counts})


@require_GET
def survey_answers_csv(request, public_id, shape):
    round = _round(request, public_id)
    heads, rows, _widths = export.table(export.Answers(round, request.user), shape)
    return spreadsheets.csv_answer(spreadsheets.csv_lines(heads, rows), _name(round, shape, "csv"))


@require_GET
def survey_answers_xlsx(request, public_id, shape):
    """At most so many rows; of more, the page says that CSV has them all."""
    round = _round(request, public_id)
    if dict(zip(export.SHAPES, export.count_of(round, request.user), strict=True))[shape] > MOST_IN_XLSX:
        return redirect("survey_export", round.public_id)
    answers = export.Answers(round, request.user)
    sheets = [
        Sheet(_("Answers"), *export.table(answers, shape)),
        Sheet(_("Questions"), answers.question_heads(), answers.question_rows(), export.QUESTION_WIDTHS),
    ]
    return spreadsheets.xlsx_answer(spreadsheets.xlsx_file(sheets), _name(round, shape, "xlsx"))


def _round(request, public_id):
    """A round that has been opened, for whoever may see it; before that there is nothing to read."""
    rounds = Round.objects.visible_to(request.user).filter(state__in=[Round.State.OPEN, Round.State.CLOSED])
    return get_object_or_404(rounds.select_related("questionnaire"), public_id=public_id)


def _name(round, shape, ending):
    return f"{slugify(round.name) or 'round'}-{shape}.{ending}"
