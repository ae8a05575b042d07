"""The set-up of a round: five steps, each with its own address, saved as it goes."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from accounts.conflict import Stale, answer
from accounts.context import current_workspace
from accounts.models import Workspace
from outbox import links
from outbox.models import Email
from surveys import audience, launch, letters, plan, sending
from surveys.days import firm_calendar
from surveys.forms import AudienceForm, BeliefsForm, DatesForm, NewRoundForm, QuestionsForm
from surveys.models import NotPossibleNow, Questionnaire, Round, RoundEvent, RoundMail
from surveys.preflight import check
from surveys.public_views import shown_questions

PAGE = 50


@managers_only
@require_http_methods(["GET", "POST"])
def survey_new(request):
    now = timezone.now()
    year = timezone.localdate(now).year
    form = NewRoundForm(
        request.POST or None,
        initial={"year": year, "name": _("Survey %(year)d") % {"year": year}, "idempotency_key": uuid.uuid4()},
    )
    if request.method == "POST" and form.is_valid():
        round = _new_round(form, by=request.user, now=now)
        return redirect("survey_setup", round.public_id, "questions")
    status = 422 if request.method == "POST" else 200
    return render(request, "surveys/new.html", {"form": form}, status=status)


def _new_round(form, *, by, now):
    key = form.cleaned_data["idempotency_key"]
    try:
        with transaction.atomic():
            round = Round.objects.create(
                name=form.cleaned_data["name"],
                year=form.cleaned_data["year"],
                questionnaire=Questionnaire.standard(),
                reminder_days=Workspace.current().survey_reminder_days,
                created_by=by,
                idempotency_key=key,
            )
            round.events.create(kind=RoundEvent.Kind.CREATED, by=by, at=now)
    except IntegrityError:  # the second half of a double click
        return Round.objects.get(idempotency_key=key)
    return round


@managers_only
@require_http_methods(["GET", "POST"])
def survey_setup(request, public_id, step):
    round = get_object_or_404(Round.objects.select_related("questionnaire"), public_id=public_id)
    view = {"questions": _questions, "people": _people, "beliefs": _beliefs, "dates": _dates, "check": _check}.get(step)
    if view is None:
        raise Http404
    if request.method == "POST" and not plan.can_be_changed(round, step):
        messages.warning(request, _("This round has moved on, so this step can no longer be changed."))
        return redirect(round)
    return view(request, round)


def _page(request, round, step, context, *, status=200):
    return render(request, f"surveys/setup_{step}.html", {**_frame(request, round, step), **context}, status=status)


def _frame(request, round, step):
    calendar = firm_calendar(current_workspace(request))
    size = plan.size_of(round)
    return {
        "round": round,
        "step": step,
        "steps": plan.steps(round, step),
        "size": size,
        "sentence": plan.in_a_sentence(round, calendar=calendar, now=timezone.now(), **size),
        "locked": not plan.can_be_changed(round, step),
    }


def _save_step(request, form, round, step, *, next_step, context):
    """Saves a versioned form and goes on; a stale one is answered with both versions."""
    try:
        with transaction.atomic():
            form.save_if_current(by=request.user, now=timezone.now())
            _done(round, step)
            if round.state == Round.State.BELIEFS:
                launch.sync_beliefs(Round.objects.get(pk=round.pk))
    except Stale:
        return answer(request, f"surveys/setup_{step}.html", form, {**_frame(request, round, step), **context})
    return redirect("survey_setup", round.public_id, next_step)


def _done(round, step):
    steps = sorted({*round.steps_done, step}, key=plan.STEPS.index)
    Round.objects.filter(pk=round.pk).update(steps_done=steps, saved_at=timezone.now())
    round.steps_done = steps


def _questions(request, round):
    form = QuestionsForm(request.POST or None, instance=round)
    context = {"shown": shown_questions(round, {}), "count": len(round.asked), "plain": True}
    if request.method == "POST" and form.is_valid():
        return _save_step(request, form, round, "questions", next_step="people", context=context)
    return _page(request, round, "questions", {"form": form, **context}, status=422 if form.errors else 200)


# -------------------------------------------------------------------- whom to ask


def _people(request, round):
    # Nothing chosen in the address: the filter used last.
    form = AudienceForm(request.GET if "filter" in request.GET else round.audience)
    filters = form.filters()
    contacts = audience.matching(filters)
    if request.method == "POST":
        return _change_list(request, round, filters, contacts)
    page = Paginator(audience.with_ticks(contacts, round), PAGE).get_page(request.GET.get("page"))
    rows = [(contact, audience.why_not(contact)) for contact in page]
    return _page(
        request,
        round,
        "people",
        {
            "form": form,
            "page": page,
            "rows": rows,
            "left_out": audience.left_out(contacts),
            "matching": page.paginator.count,
            "can_be_asked": audience.can_be_asked(contacts).count(),
        },
    )


def _change_list(request, round, filters, contacts):
    action = request.POST.get("action", "")
    try:
        if action == "add_all":
            count = audience.add(round, contacts)
            words = ngettext("%(n)d person added.", "%(n)d people added.", count) % {"n": count}
        elif action == "remove_all":
            count = audience.remove(round, contacts)
            words = ngettext("%(n)d person taken off.", "%(n)d people taken off.", count) % {"n": count}
        else:
            shown = request.POST.getlist("shown")[: 2 * PAGE]
            audience.tick(round, shown=shown, ticked=request.POST.getlist("ticked")[: 2 * PAGE])
            words = _("Saved.")
    except NotPossibleNow:
        messages.warning(request, _("This round has been opened in the meantime; its list stays as it is."))
        return redirect(round)
    with transaction.atomic():
        Round.objects.filter(pk=round.pk).update(audience=filters)
        _done(round, "people")
        if round.state == Round.State.BELIEFS:
            launch.sync_beliefs(round)
    messages.success(request, words)
    if action == "next":
        return redirect("survey_setup", round.public_id, "beliefs")
    return redirect(request.get_full_path())


# -------------------------------------------------------------------- what we believe, and when


def _beliefs(request, round):
    form = BeliefsForm(request.POST or None, instance=round)
    context = {"people": _who_judges(round)}
    if request.method == "POST" and form.is_valid():
        return _save_step(request, form, round, "beliefs", next_step="dates", context=context)
    return _page(request, round, "beliefs", {"form": form, **context}, status=422 if form.errors else 200)


def _who_judges(round):
    """(name, how many clients, how many still to record) of each of us; nobody has been asked while it is a draft."""
    if round.state == Round.State.DRAFT:
        who = round.invitations.order_by().values("client__owner__name")
        who = who.annotate(clients=Count("client", distinct=True)).order_by("client__owner__name")
        return [(row["client__owner__name"], row["clients"], None) for row in who]
    who = round.beliefs.order_by().values("user__name")
    who = who.annotate(all=Count("pk"), left=Count("pk", filter=Q(recorded_at=None))).order_by("-left", "user__name")
    return [(row["user__name"], row["all"], row["left"]) for row in who]


def _dates(request, round):
    workspace = current_workspace(request)
    calendar = firm_calendar(workspace)
    form = DatesForm(
        request.POST or None,
        instance=round,
        calendar=calendar,
        today=calendar.local_date(timezone.now()),
        default_reminders=workspace.survey_reminder_days,
    )
    context = {"marks": plan.calendar_of(round, calendar), "zone": workspace.time_zone}
    if request.method == "POST" and form.is_valid():
        stay = "dates" if "look" in request.POST else "check"
        return _save_step(request, form, round, "dates", next_step=stay, context=context)
    return _page(request, round, "dates", {"form": form, **context}, status=422 if form.errors else 200)


# -------------------------------------------------------------------- check and send


def _check(request, round, *, status=200):
    if request.method == "POST":
        return _start(request, round)
    findings = check(round)
    asked = round.invitations.with_people().first()
    preview = links.absolute(reverse("survey_preview", args=[round.public_id]))
    firm = current_workspace(request)
    context = {
        "findings": findings,
        "blocked": any(finding.blocks for finding in findings),
        "sample": asked,
        "mail": letters.invitation(asked, href=preview, stop_href=preview, firm=firm) if asked else None,
        "marks": plan.calendar_of(round, firm_calendar(firm)),
        "questions": len(round.asked),
    }
    return _page(request, round, "check", context, status=status)


def _start(request, round):
    """Draft: ask for our beliefs. Beliefs: open it to clients."""
    now = timezone.now()
    try:
        if round.state == Round.State.DRAFT:
            launch.ask_beliefs(round, by=request.user, now=now)
            _done(round, "check")
            messages.success(request, _("The owners are asked what they believe. Nothing has gone to clients."))
        else:
            launch.launch(round, by=request.user, now=now)
            # The first batch at once, so that who pressed the button sees it begin; the worker does the rest.
            sending.send_due(now, most=sending.BATCH)
            messages.success(request, _("The round is open. Invitations are on their way."))
    except launch.Blocked:
        request.method = "GET"
        return _check(request, round, status=409)
    except NotPossibleNow:
        messages.warning(request, _("Somebody changed this round before you. This is how it stands now."))
    return redirect(round)


@managers_only
@require_http_methods(["POST"])
def survey_test_mail(request, public_id):
    """The invitation as the first person on the list would get it, to oneself; its links lead to the preview."""
    round = get_object_or_404(Round, public_id=public_id)
    asked = round.invitations.with_people().first()
    if asked is None:
        messages.warning(request, _("Choose at least one person first; the test shows their mail."))
        return redirect("survey_setup", round.public_id, "people")
    now = timezone.now()
    with transaction.atomic():
        email, created = Email.objects.queue(
            kind="surveys.test",
            key=f"surveys.test:{round.pk}:{request.user.pk}:{now:%Y-%m-%dT%H:%M:%S}",
            to=request.user.email,
            to_name=request.user.name,
            from_name=asked.client.owner.name,
            reply_to=asked.client.owner.email,
            subject=_("Test: How are we doing for %(client)s?") % {"client": asked.client.name},
            about=round.name,
        )
        if created:
            RoundMail.objects.create(round=round, email=email, invitation=asked, user=request.user)
    messages.success(request, _("A test mail is on its way to %(email)s.") % {"email": request.user.email})
    return redirect("survey_setup", round.public_id, "check")


@managers_only
@require_http_methods(["GET"])
def survey_preview(request, public_id):
    """The answering page as the first person on the list sees it; nothing on it is saved."""
    round = get_object_or_404(Round.objects.select_related("questionnaire"), public_id=public_id)
    asked = round.invitations.with_people().first()
    owner = asked.client.owner if asked else request.user
    context = {
        "preview": True,
        "round": round,
        "invitation": asked,
        "contact": asked.contact if asked else {"first_name": "Rosa"},
        "client": asked.client if asked else {"name": _("your client")},
        "owner": owner,
        "help_name": owner.first_name,
        "help_phone": owner.phone,
        "shown": shown_questions(round, {}),
        "count": len(round.asked),
        "done": 0,
        "until": "",
    }
    return render(request, "surveys/answer.html", context)
