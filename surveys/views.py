"""The rounds: their list, one round with its people, and what managers do with it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from clients.models import Client, Contact
from outbox.models import Email
from surveys import launch, reminders, sending
from surveys.forms import InvitationFilter
from surveys.models import Belief, Invitation, NotPossibleNow, Round
from surveys.preflight import missing_beliefs

PAGE = 50
State = Invitation.State


@require_http_methods(["GET"])
def surveys(request):
    rounds = _with_counts(Round.objects.visible_to(request.user), request.user)
    page = Paginator(rounds.order_by("-year", "-pk"), PAGE).get_page(request.GET.get("page"))
    mine = Belief.objects.asked_of(request.user).missing().filter(sealed_at=None).count()
    return render(request, "surveys/rounds.html", {"page": page, "beliefs_to_record": mine})


def _with_counts(rounds, user):
    """Each round with how many are asked and have answered, as far as this person may see them."""
    rows = Invitation.objects.visible_to(user).filter(round=OuterRef("pk")).order_by().values("round")

    def count(**states):
        return Coalesce(Subquery(rows.filter(**states).annotate(n=Count("pk")).values("n")), 0)

    return rounds.annotate(people=count(), answered=count(state=State.SUBMITTED), begun=count(state=State.STARTED))


@require_http_methods(["GET"])
def survey_round(request, public_id):
    round = get_object_or_404(Round.objects.visible_to(request.user), public_id=public_id)
    rows = round.invitations.visible_to(request.user)
    form = InvitationFilter(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    by_client = chosen.get("by") == "client"
    found = _filtered(rows, chosen, request.user)
    listed = _by_client(found) if by_client else _by_person(found)
    context = {
        "round": round,
        "form": form,
        "filtered": any(value for name, value in chosen.items() if name != "by"),
        "by_client": by_client,
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "figures": _figures(rows),
        "missing": missing_beliefs(round) if request.user.is_manager and round.state == Round.State.BELIEFS else [],
        "silent": _silent(round, request.user) if round.state == Round.State.CLOSED else None,
        "events": round.events.select_related("by") if request.user.is_manager else [],
        **_job(request, round),
    }
    return render(request, "surveys/round.html", context)


def _filtered(rows, chosen, user):
    if chosen.get("state"):
        rows = rows.filter(state=chosen["state"])
    if chosen.get("overdue") == "any":
        rows = rows.overdue()
    elif chosen.get("overdue"):
        rows = rows.overdue().filter(overdue_reason=chosen["overdue"])
    if chosen.get("whose") == "mine":
        rows = rows.filter(client__owner=user)
    if chosen.get("words"):
        people = Contact.objects.filter(search_text__contains=chosen["words"].casefold())
        rows = rows.filter(
            Q(client__in=Client.objects.search(chosen["words"]).values("pk")) | Q(contact__in=people.values("pk"))
        )
    return rows


def _by_person(rows):
    """Each with what the outbox already knows of its first mail; the state follows within a minute."""
    sent = sending.first_mail([Email.State.SENT])
    return rows.with_people().annotate(mail_sent=sent).order_by("client__search_text", "contact__name", "pk")


def _by_client(rows):
    return (
        rows.order_by()
        .values("client__public_id", "client__name", "client__search_text", "client__owner__name")
        .annotate(
            people=Count("pk"),
            answered=Count("pk", filter=Q(state=State.SUBMITTED)),
            begun=Count("pk", filter=Q(state=State.STARTED)),
            overdue=Count("pk", filter=Q(overdue_flagged_at__isnull=False) & ~Q(state=State.SUBMITTED)),
        )
        .order_by("client__search_text", "client__public_id")
    )


def _figures(rows):
    """Counts of the round as far as this person may see it; one query."""
    return rows.order_by().aggregate(
        people=Count("pk"),
        answered=Count("pk", filter=Q(state=State.SUBMITTED)),
        begun=Count("pk", filter=Q(state=State.STARTED)),
        sent=Count("pk", filter=Q(state=State.SENT)),
        pending=Count("pk", filter=Q(state=State.PENDING)),
        out=Count("pk", filter=Q(state__in=[State.DECLINED, State.UNDELIVERABLE, State.WITHDRAWN])),
        overdue=Count("pk", filter=Q(overdue_flagged_at__isnull=False) & ~Q(state=State.SUBMITTED)),
        clients=Count("client", distinct=True),
        clients_heard=Count("client", filter=Q(state__in=[State.SUBMITTED, State.STARTED]), distinct=True),
    )


def _silent(round, user):
    silent = reminders.silent_clients(round).filter(pk__in=Client.objects.visible_to(user).values("pk"))
    return {"count": silent.count(), "first": silent.select_related("owner")[:10]}


def _job(request, round):
    """Sending as a job with a bar; managers only, while there is something to send."""
    if round.state != Round.State.OPEN or not request.user.is_manager:
        return {"sending": None}
    sent = sending.progress(round)
    over = sent["done"] >= sent["total"]
    return {"sending": {**sent, "over": over}}


@managers_only
@require_http_methods(["GET"])
def survey_progress(request, public_id):
    """The piece the round page asks for every two seconds while mail is going out."""
    round = get_object_or_404(Round, public_id=public_id)
    return render(request, "surveys/_sending.html", {"round": round, **_job(request, round)})


# -------------------------------------------------------------------- what managers do


def _act(request, public_id, verb, words):
    round = get_object_or_404(Round, public_id=public_id)
    try:
        verb(round, by=request.user, now=timezone.now())
    except NotPossibleNow:
        messages.warning(request, _("Somebody changed this round before you. This is how it stands now."))
    else:
        messages.success(request, words)
    return redirect(round)


@managers_only
@require_http_methods(["POST"])
def survey_pause(request, public_id):
    return _act(request, public_id, Round.pause, _("Paused. No further invitation or reminder is written."))


@managers_only
@require_http_methods(["POST"])
def survey_resume(request, public_id):
    return _act(request, public_id, Round.resume, _("Resumed."))


@managers_only
@require_http_methods(["GET", "POST"])
def survey_close(request, public_id):
    """Closing cannot be taken back, so it has a page of its own that says what it does."""
    if request.method == "POST":
        return _act(request, public_id, launch.close, _("Closed. Who has not answered is listed as silent."))
    round = get_object_or_404(Round.objects.open(), public_id=public_id)
    return render(request, "surveys/close.html", {"round": round, "figures": _figures(round.invitations.all())})
