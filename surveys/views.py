"""The rounds: their list, and one round with its people. What managers do with it stands in managing_views.py."""

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.context import current_workspace
from accounts.large import counted
from clients.models import Client, Contact
from outbox.models import Email
from surveys import holds, plan, reminders, send_again, somebody_else
from surveys.answers_per_day import answers_per_day
from surveys.days import firm_calendar
from surveys.forms import InvitationFilter
from surveys.managing_views import job
from surveys.models import Belief, Invitation, InvitationMessage, Round
from surveys.preflight import missing_beliefs

PAGE = 50
State = Invitation.State


@require_http_methods(["GET"])
def surveys(request):
    rounds = _with_counts(Round.objects.visible_to(request.user), request.user)
    page = Paginator(rounds.order_by("-year", "-pk"), PAGE).get_page(request.GET.get("page"))
    calendar, now = firm_calendar(current_workspace(request)), timezone.now()
    for round in page:
        round.next = plan.next_event(round, calendar=calendar, now=now)
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
    found = _filtered(round, rows, chosen, request.user)
    filtered = any(value for name, value in chosen.items() if name != "by")
    calendar, now = firm_calendar(current_workspace(request)), timezone.now()
    figures = _large(request.user, round, "figures", lambda: _figures(rows), size=lambda found: found["people"])
    paginator = Paginator(_clients_of(found) if by_client else _by_person(found), PAGE)
    if not filtered:
        paginator.count = figures["clients" if by_client else "people"]
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = _by_client(found, page) if by_client else _with_mails(round, page, user=request.user)
    context = {
        "round": round,
        "form": form,
        "filtered": filtered,
        "by_client": by_client,
        "page": page,
        "next": plan.next_event(round, calendar=calendar, now=now),
        "per_day": _large(
            request.user,
            round,
            "answers per day",
            lambda: answers_per_day(rows, round, calendar=calendar, now=now),
            size=lambda _found: figures["people"],
        ),
        "held": holds.counts(round, rows) if round.state == Round.State.OPEN else [],
        "figures": figures,
        "missing": missing_beliefs(round) if request.user.is_manager and round.state == Round.State.BELIEFS else [],
        "silent": _silent(round, request.user) if round.state == Round.State.CLOSED else None,
        "waiting": list(somebody_else.unsettled(request.user, invitation__round=round)[:20]),
        "events": round.events.select_related("by") if request.user.is_manager else [],
        **job(request, round),
    }
    return render(request, "surveys/round.html", context)


def _filtered(round, rows, chosen, user):
    if chosen.get("held"):
        rows = holds.only(round, rows, chosen["held"])
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


def _large(user, round, what, count, *, size):
    """Counted anew for each page while the round is small; who sees everything shares what was counted."""
    whose = "managers" if user.is_manager else user.pk
    return counted(f"{what} of round {round.pk} for {whose}", count, size=size)


def _by_person(rows):
    return rows.with_people().order_by("client__search_text", "contact__name", "pk")


def _with_mails(round, page, *, user):
    """Each with what the outbox already knows of its first mail; the state follows within a minute."""
    people = list(page)
    first = InvitationMessage.objects.filter(step=InvitationMessage.INVITES, email__state=Email.State.SENT)
    sent = set(first.filter(invitation__in=[one.pk for one in people]).values_list("invitation", flat=True))
    for one in people:
        one.round, one.mail_sent = round, one.pk in sent
        one.can_be_sent_again = user.is_manager and send_again.possible(one)
    return people


def _clients_of(rows):
    """The clients among these invitations: a page of them is found before anything is counted."""
    asked = Exists(rows.order_by().filter(client=OuterRef("pk")))
    return Client.objects.filter(asked).order_by("search_text", "public_id").values_list("pk", flat=True)


def _by_client(rows, page):
    return (
        rows.filter(client__in=list(page))
        .order_by()
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
