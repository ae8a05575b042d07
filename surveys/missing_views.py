"""For managers: who has recorded what we believe and who has not; a reminder now, a client let go. Never the values."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from accounts.models import User
from clients.models import Client
from surveys import asking, chasing
from surveys.days import firm_calendar
from surveys.models import Round

PAGE = 50


@managers_only
@require_http_methods(["GET"])
def survey_beliefs(request, public_id):
    round = get_object_or_404(Round.objects.exclude(state=Round.State.DRAFT), public_id=public_id)
    now = timezone.now()
    page = Paginator(chasing.people_asked(round), PAGE).get_page(request.GET.get("page"))
    page.object_list = chasing.as_people(round, page.object_list, now=now)
    context = {
        "round": round,
        "page": page,
        "counts": _counts(round),
        "due": chasing.due_day(round, firm_calendar()),
        "asking": round.state in asking.ASKING,
    }
    return render(request, "surveys/missing_beliefs.html", context)


def _counts(round):
    """Of the owners' beliefs: how many are recorded in time, still missing, late, never recorded; one query."""
    owed, recorded = Q(required=True), Q(recorded_at__isnull=False)
    found = round.beliefs.order_by().aggregate(
        n_all=Count("pk", filter=owed),
        n_recorded=Count("pk", filter=owed & recorded & Q(after_the_fact=False)),
        n_left=Count("pk", filter=owed & ~recorded & Q(sealed_at=None, let_go_at=None)),
        n_late=Count("pk", filter=owed & Q(after_the_fact=True)),
        n_never=Count("pk", filter=owed & ~recorded & Q(sealed_at__isnull=False)),
    )
    return {name.removeprefix("n_"): n for name, n in found.items()}


@managers_only
@require_http_methods(["POST"])
def survey_belief_remind(request, public_id, user_id):
    round = get_object_or_404(Round.objects.filter(state__in=asking.ASKING), public_id=public_id)
    user = get_object_or_404(User.objects.active().filter(beliefs__round=round).distinct(), public_id=user_id)
    if chasing.remind(round, user, now=timezone.now()):
        messages.success(request, _("%(name)s is reminded by mail.") % {"name": user.name})
    else:
        words = _("%(name)s has heard of it today, or has nothing left to record.") % {"name": user.name}
        messages.warning(request, words)
    return redirect("survey_beliefs", round.public_id)


@managers_only
@require_http_methods(["POST"])
def survey_belief_let_go(request, public_id, client_id):
    round = get_object_or_404(Round.objects.filter(state__in=asking.ASKING), public_id=public_id)
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=client_id)
    if asking.let_go(round, client, by=request.user, now=timezone.now()):
        words = _("%(client)s is not waited for any more. The owner can still record until its invitation goes out.")
        messages.success(request, words % {"client": client.name})
    else:
        messages.warning(request, _("Nothing was waiting there: this is how it stands now."))
    return redirect("survey_beliefs", round.public_id)
