"""What we believe: my list of clients to judge, and one belief. Nobody sees another's here."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys.forms import BeliefForm
from surveys.models import Belief
from surveys.questions import scale_questions

PAGE = 50


@require_http_methods(["GET"])
def beliefs(request):
    """Mine: still to record first, then those recorded."""
    mine = _mine(request.user).order_by(F("recorded_at").asc(nulls_first=True), "client__search_text", "pk")
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    left = _mine(request.user).missing().count()
    return render(request, "surveys/beliefs.html", {"page": page, "left": left, "next": _next(request.user)})


@require_http_methods(["GET", "POST"])
def belief(request, public_id):
    mine = get_object_or_404(
        _mine(request.user).select_related("client__owner", "round__questionnaire"), public_id=public_id
    )
    questions = scale_questions(mine.round.asked)
    form = BeliefForm(request.POST or None, questions=questions, belief=mine)
    if request.method == "POST":
        return _save(request, mine, form)
    return _page(request, mine, form)


def _mine(user):
    return Belief.objects.asked_of(user).select_related("client", "round")


def _next(user, after=None):
    """The next client I have still to judge, the required ones first."""
    left = _mine(user).missing().exclude(pk=after.pk if after else None)
    return left.order_by("-required", "client__search_text", "pk").first()


def _page(request, mine, form, *, status=200):
    values = getattr(form, "values", None) if form.is_bound else mine.values
    shown = [(question, (values or {}).get(question.key)) for question in form.questions]
    context = {
        "belief": mine,
        "form": form,
        "shown": shown,
        "numbers": range(11),
        "left": _mine(request.user).missing().exclude(pk=mine.pk).count(),
        "late": mine.sealed_at is not None and mine.recorded_at is None,
    }
    return render(request, "surveys/belief.html", context, status=status)


def _save(request, mine, form):
    """`keep` keeps a draft; anything else records."""
    draft = request.POST.get("action") == "keep"
    valid = form.is_valid() and (draft or form.refuse_empty())
    if not valid:
        return _page(request, mine, form, status=422)
    values, note = form.values, form.cleaned_data["note"]
    if draft:
        kept = mine.keep_draft(values=values, note=note)
        messages.success(request, _("Kept as a draft. It counts once you record it."))
        return redirect(mine) if kept else _too_late(request, mine)
    if not mine.record(values=values, note=note, now=timezone.now()):
        return _too_late(request, mine)
    if mine.sealed_at:
        messages.warning(request, _("Kept as after the fact: the invitation had gone out, so it is not counted."))
    else:
        messages.success(request, _("Recorded. You can change it until this client’s invitation goes out."))
    following = _next(request.user, after=mine) if "next" in request.POST else None
    return redirect(following or "beliefs")


def _too_late(request, mine):
    messages.warning(request, _("This belief is sealed: the client has been asked. It stays as it was."))
    return redirect(mine)
