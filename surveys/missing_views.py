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
    mine = Q(required=True, let_go_at=None)
    context = {
        "round": round,
        "page": page,
        "counts": round.beliefs.order_by().aggregate(
            required=Count("pk", filter=Q(required=True)),
            recorded=Count("pk", filter=Q(required=True, recorded_at__isnull=False, after_the_fact=False)),
            left=Count("pk", filter=mine & Q(recorded_at=None, sealed_at=None)),
            late=Count("pk", filter=Q(required=True, after_the_fact=True)),
            never=Count("pk", filter=Q(required=True, recorded_at=None, sealed_at__isnull=False)),
        ),
        "due": chasing.due_day(round, firm_calendar()),
        "asking": round.state in asking.ASKING,
    }
    return render(request, "surveys/missing_beliefs.html", context)


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
