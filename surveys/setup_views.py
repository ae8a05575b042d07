"""The set-up of a round: five steps, each with its own address, saved as it goes."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from accounts.context import current_workspace
from accounts.models import Workspace
from clients.models import Client, TeamMember
from surveys import chasing, copies, plan
from surveys.check_step import check_step
from surveys.days import firm_calendar
from surveys.models import Questionnaire, Round, RoundEvent
from surveys.people_step import people_step
from surveys.questions_step import questions_step
from surveys.setup_forms import BeliefsForm, DatesForm, StartForm
from surveys.setup_page import page, save_step

PAGE = 50


@managers_only
@require_http_methods(["GET", "POST"])
def survey_new(request):
    now = timezone.now()
    earlier = copies.earlier()
    initial = {"idempotency_key": uuid.uuid4(), **copies.names(request.GET.get("from", ""), now=now)}
    form = StartForm(request.POST or None, initial=initial, earlier=[(r.public_id, r.name) for r in earlier])
    if request.method == "POST" and form.is_valid():
        round = _new_round(form, by=request.user, now=now)
        return redirect("survey_setup", round.public_id, "questions")
    status = 422 if request.method == "POST" else 200
    return render(request, "surveys/new.html", {"form": form, "earlier": earlier[:3]}, status=status)


def _new_round(form, *, by, now):
    key = form.cleaned_data["idempotency_key"]
    based_on = form.cleaned_data.get("based_on")
    try:
        with transaction.atomic():
            round = Round(
                name=form.cleaned_data["name"],
                year=form.cleaned_data["year"],
                reminder_days=Workspace.current().survey_reminder_days,
                created_by=by,
                idempotency_key=key,
            )
            if based_on:
                copies.start_from(Round.objects.get(public_id=based_on), round, by=by, now=now)
            else:
                round.questionnaire = Questionnaire.standard()
                round.save()
            round.events.create(kind=RoundEvent.Kind.CREATED, by=by, at=now)
    except IntegrityError:  # the second half of a double click
        return Round.objects.get(idempotency_key=key)
    return round


@managers_only
@require_http_methods(["GET", "POST"])
def survey_setup(request, public_id, step):
    rounds = Round.objects.filter(discarded_at=None).select_related("questionnaire")
    round = get_object_or_404(rounds, public_id=public_id)
    steps = {
        "questions": questions_step,
        "people": people_step,
        "beliefs": _beliefs,
        "dates": _dates,
        "check": check_step,
    }
    view = steps.get(step)
    if view is None:
        raise Http404
    if request.method == "POST" and not plan.can_be_changed(round, step):
        messages.warning(request, _("This round has moved on, so this step can no longer be changed."))
        return redirect(round)
    return view(request, round)


# -------------------------------------------------------------------- what we believe, and when


def _beliefs(request, round):
    form = BeliefsForm(request.POST or None, instance=round)
    team = TeamMember.objects.filter(user__is_active=True).select_related("user").order_by("user__name")
    clients = Client.objects.filter(Exists(round.invitations.filter(client=OuterRef("pk")).order_by()))
    clients = clients.select_related("owner").prefetch_related(Prefetch("team_members", team)).order_by("search_text")
    context = {
        "people": _who_judges(round),
        "page": Paginator(clients, PAGE).get_page(request.GET.get("page")),
    }
    if request.method == "POST" and form.is_valid():
        return save_step(request, form, round, "beliefs", next_step="dates", context=context)
    return page(request, round, "beliefs", {"form": form, **context}, status=422 if form.errors else 200)


def _who_judges(round):
    """(name, how many clients, how many still to record) of each of us; nobody has been asked while it is a draft."""
    if round.state == Round.State.DRAFT:
        who = round.invitations.order_by().values("client__owner__name")
        who = who.annotate(clients=Count("client", distinct=True)).order_by("client__owner__name")
        return [(row["client__owner__name"], row["clients"], None) for row in who]
    asked = chasing.people_asked(round)
    return [(user.name, user.b_required + user.b_advised, user.b_left) for user in asked]


def _dates(request, round):
    workspace = current_workspace(request)
    calendar = firm_calendar(workspace)
    now = timezone.now()
    form = DatesForm(
        request.POST or None,
        instance=round,
        calendar=calendar,
        today=calendar.local_date(now),
        default_reminders=workspace.survey_reminder_days,
    )
    context = {"zone": workspace.time_zone}
    if request.method == "POST" and form.is_valid():
        stay = "dates" if "look" in request.POST else "check"
        return save_step(request, form, round, "dates", next_step=stay, context=context)
    return page(request, round, "dates", {"form": form, **context}, status=422 if form.errors else 200)
