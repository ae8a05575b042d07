"""What we believe: my list of clients to judge, and one belief. Nobody sees another's here."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys.forms import BeliefForm
from surveys.models import Belief
from surveys.questions import scale_questions

PAGE = 50
ORDER = ("-required", "client__search_text", "pk")


@require_http_methods(["GET"])
def beliefs(request):
    """Mine: still to record first, then those recorded."""
    mine = _mine(request.user).order_by(F("recorded_at").asc(nulls_first=True), *ORDER)
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    left = _mine(request.user).missing().filter(sealed_at=None).count()
    return render(request, "surveys/beliefs.html", {"page": page, "left": left, "next": _next(request.user)})


@require_http_methods(["GET", "POST"])
def belief(request, public_id):
    mine = get_object_or_404(
        _mine(request.user).select_related("client__owner", "round__questionnaire"), public_id=public_id
    )
    questions = scale_questions(mine.round.asked)
    form = BeliefForm(request.POST or None, questions=questions, belief=mine)
    if request.method == "POST":
        return _keep_by_itself(mine, form) if request.POST.get("action") == "autosave" else _save(request, mine, form)
    return _page(request, mine, form)


def _mine(user):
    return Belief.objects.asked_of(user).select_related("client", "round")


def _next(user, after=None):
    """The next client I have still to judge, the required ones first; after the last one comes the first again."""
    left = list(
        _mine(user).missing().order_by("sealed_at", *ORDER).values_list("pk", "required", "client__search_text")
    )
    if not left:
        return None
    pks = [pk for pk, _required, _name in left if after is None or pk != after.pk]
    if after is not None:
        here = (not after.required, after.client.search_text, after.pk)
        later = [pk for pk, required, name in left if (not required, name, pk) > here]
        pks = later or pks
    return _mine(user).get(pk=pks[0]) if pks else None


def _page(request, mine, form, *, status=200):
    values = getattr(form, "values", None) if form.is_bound else mine.values
    shown = [(question, (values or {}).get(question.key)) for question in form.questions]
    others = _mine(request.user).filter(round=mine.round_id).exclude(pk=mine.pk)
    done = others.filter(recorded_at__isnull=False).count()
    left = others.missing().count()
    context = {
        "belief": mine,
        "form": form,
        "shown": shown,
        "numbers": range(11),
        "left": _mine(request.user).missing().exclude(pk=mine.pk).count(),
        "number": done + 1,
        "of": done + left + 1,
        "skip": _next(request.user, after=mine) if left else None,
        "tells": mine.sealed_at is None and mine.client.owner_id == request.user.pk,
        "late": mine.sealed_at is not None and mine.recorded_at is None,
    }
    return render(request, "surveys/belief.html", context, status=status)


def _keep_by_itself(mine, form):
    """What the page sends while somebody is still choosing: nothing is recorded, and nothing typed is lost."""
    if not form.is_valid():
        return HttpResponse(status=422)
    kept = mine.keep_draft(values=form.values, note=form.cleaned_data["note"])
    return HttpResponse(status=204 if kept else 409)


def _save(request, mine, form):
    """`keep` keeps a draft; anything else records."""
    draft = request.POST.get("action") == "keep"
    valid = form.is_valid() and (draft or form.refuse_empty())
    if not valid:
        return _page(request, mine, form, status=422)
    values, note = form.values, form.cleaned_data["note"]
    if draft:
        kept = mine.keep_draft(values=values, note=note)
        if not kept:
            return _too_late(request, mine)
        messages.success(request, _("Kept as a draft. It counts once you record it."))
        return redirect(mine)
    if not mine.record(values=values, note=note, now=timezone.now()):
        return _too_late(request, mine)
    mine.refresh_from_db()
    if mine.after_the_fact:
        messages.warning(request, _("Kept as after the fact: the invitation had gone out, so it is not counted."))
    else:
        messages.success(request, _("Recorded. You can change it until this client’s invitation goes out."))
    following = _next(request.user, after=mine) if "next" in request.POST else None
    return redirect(following or "beliefs")


def _too_late(request, mine):
    messages.warning(request, _("This belief is sealed: the client has been asked. It stays as it was."))
    return redirect(mine)
