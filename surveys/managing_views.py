"""What managers do with a round that is under way: pause, dates, people; and drafts thrown away."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from accounts.conflict import Stale, answer
from accounts.context import current_workspace
from clients.models import Client, Contact
from outbox import links
from surveys import audience, invitation_list, launch, letters, open_round, send_again, sending
from surveys.days import firm_calendar, zone_of
from surveys.models import Invitation, NotPossibleNow, Round
from surveys.progress import progress
from surveys.setup_forms import OpenDatesForm, PersonSearchForm
from surveys.strip import strip_of

FOUND = 20


def _act(request, public_id, verb, words, *, back=None, **fields):
    round = get_object_or_404(Round, public_id=public_id)
    try:
        verb(round, by=request.user, now=timezone.now(), **fields)
    except NotPossibleNow:
        messages.warning(request, changed_meanwhile())
    else:
        messages.success(request, words)
    return redirect(back or round)


def changed_meanwhile():
    return _("Somebody changed this round before you. This is how it stands now.")


# -------------------------------------------------------------------- sending


def job(request, round):
    """Sending as a job with a bar; managers only, while the round is open."""
    if round.state != Round.State.OPEN or not request.user.is_manager:
        return {"sending": None}
    return {"sending": progress(round, timezone.now())}


@managers_only
@require_http_methods(["GET"])
def survey_progress(request, public_id):
    """The piece the round page asks for every two seconds while mail is going out."""
    round = get_object_or_404(Round, public_id=public_id)
    context = job(request, round)
    said = request.GET.get("said", "")
    quarter = context["sending"].quarter if context["sending"] else 100
    return render(
        request, "surveys/_sending.html", {"round": round, "piece": True, "say": said != str(quarter), **context}
    )


@managers_only
@require_http_methods(["POST"])
def survey_pause(request, public_id):
    return _act(request, public_id, Round.pause, _("Paused. No further invitation or reminder goes out."))


@managers_only
@require_http_methods(["POST"])
def survey_resume(request, public_id):
    return _act(request, public_id, Round.resume, _("Resumed."))


@managers_only
@require_http_methods(["POST"])
def survey_go_on(request, public_id):
    """“Try again from where it stopped”: the next batch at once, whatever became of the worker."""
    round = get_object_or_404(Round.objects.sending(), public_id=public_id)
    sending.send_due(timezone.now(), most=sending.BATCH)
    sending.wake_outbox()
    messages.success(request, _("Asked for the rest once more. What was already sent is not sent again."))
    return redirect(round)


@managers_only
@require_http_methods(["GET", "POST"])
def survey_close(request, public_id):
    """Closing cannot be taken back, so it has a page of its own that says what it does."""
    if request.method == "POST":
        return _act(request, public_id, launch.close, _("Closed. Who has not answered is listed as silent."))
    round = get_object_or_404(Round.objects.open(), public_id=public_id)
    answered = round.invitations.filter(state=Invitation.State.SUBMITTED).count()
    figures = {"people": round.invitations.count(), "answered": answered}
    return render(request, "surveys/close.html", {"round": round, "figures": figures})


# -------------------------------------------------------------------- drafts


@managers_only
@require_http_methods(["POST"])
def survey_discard(request, public_id):
    round = get_object_or_404(Round.objects.visible_to(request.user), public_id=public_id)
    try:
        round.discard(by=request.user, now=timezone.now())
    except NotPossibleNow:
        messages.warning(request, changed_meanwhile())
        return redirect(round)
    undo = f"undo:{reverse('survey_keep', args=[round.public_id])}"
    messages.success(request, _("Threw “%(name)s” away.") % {"name": round.name}, extra_tags=undo)
    return redirect("surveys")


@managers_only
@require_http_methods(["GET", "POST"])
def survey_keep(request, public_id):
    """A draft that was thrown away; GET shows it, POST takes it back."""
    round = get_object_or_404(Round.objects.exclude(discarded_at=None), public_id=public_id)
    if request.method == "POST":
        back = reverse("survey_setup", args=[round.public_id, "questions"])
        return _act(request, public_id, Round.keep, _("The draft is back."), back=back)
    return render(request, "surveys/discarded.html", {"round": round})


# -------------------------------------------------------------------- dates of an open round


@managers_only
@require_http_methods(["GET", "POST"])
def survey_dates(request, public_id):
    """Looked at before it is saved: the first POST says what it will do, the second does it."""
    round = get_object_or_404(Round.objects.open(), public_id=public_id)
    before = Round.objects.get(pk=round.pk)
    now = timezone.now()
    calendar = firm_calendar(current_workspace(request))
    gone = open_round.reminders_gone(before)
    form = OpenDatesForm(
        request.POST or None, instance=round, calendar=calendar, today=calendar.local_date(now), gone=gone
    )
    context = {"round": before, "form": form, "strip": strip_of(before, calendar=calendar, now=now)}
    if request.method == "POST" and form.is_valid():
        if "save" in request.POST:
            return _save_dates(request, before, form, context, now=now)
        changes = open_round.what_changes(before, round)
        context |= {
            "changes": changes,
            "effects": open_round.effects(before, round, now=now) if changes else [],
            "looked": True,
        }
    return render(request, "surveys/dates.html", context, status=422 if form.errors else 200)


def _save_dates(request, round, form, context, *, now):
    try:
        open_round.change_dates(round, version=form.cleaned_data["version"], by=request.user, now=now, **form.dates())
    except Stale:
        return answer(request, "surveys/dates.html", form, context)
    except NotPossibleNow:
        messages.warning(request, changed_meanwhile())
    else:
        messages.success(request, _("Saved. The dates hold from now on."))
    return redirect(round)


# -------------------------------------------------------------------- people of an open round


@managers_only
@require_http_methods(["GET", "POST"])
def survey_people(request, public_id):
    round = get_object_or_404(Round.objects.open(), public_id=public_id)
    if request.method == "POST":
        return _change_people(request, round)
    form = PersonSearchForm(request.GET)
    words = form.cleaned_data.get("words") if form.is_valid() else ""
    found = audience.with_ticks(audience.matching({"words": words}), round)[:FOUND] if words else []
    waiting = round.invitations.filter(sending.UNWRITTEN).with_people()
    waiting = waiting.order_by("client__search_text", "contact__name", "pk")
    context = {
        "round": round,
        "form": form,
        "words": words,
        "found": [(contact, audience.why_not(contact)) for contact in found],
        "page": Paginator(waiting, FOUND).get_page(request.GET.get("page")),
    }
    return render(request, "surveys/people.html", context)


def _change_people(request, round):
    now, back = timezone.now(), request.get_full_path()
    try:
        if add := request.POST.get("add", "")[:16]:
            contact = get_object_or_404(Contact.objects.select_related("client__owner"), public_id=add)
            asked = open_round.add_person(round, contact, by=request.user, now=now)
            words = _("%(name)s is on the list.") if asked else _("%(name)s was on the list already.")
            messages.success(request, words % {"name": contact.name})
        elif off := request.POST.get("off", "")[:16]:
            asked = get_object_or_404(round.invitations.with_people(), public_id=off)
            if open_round.take_off(round, asked, by=request.user, now=now):
                messages.success(request, _("Took %(name)s off.") % {"name": asked.contact.name})
            else:
                messages.warning(request, _("The mail to %(name)s is written already.") % {"name": asked.contact.name})
    except NotPossibleNow:
        messages.warning(request, changed_meanwhile())
    return redirect(back)


@managers_only
@require_http_methods(["GET", "POST"])
def survey_again(request, public_id, invitation_id):
    """A mail leaves the house, so there is a page that shows it first."""
    round = get_object_or_404(Round, public_id=public_id)
    asked = get_object_or_404(round.invitations.with_people(), public_id=invitation_id)
    if request.method == "POST":
        try:
            send_again.send_again(asked, by=request.user, now=timezone.now())
        except NotPossibleNow:
            messages.warning(
                request, _("Nothing was sent: it is on its way already, or they cannot be asked any more.")
            )
        else:
            messages.success(request, _("On its way to %(name)s.") % {"name": asked.contact.name})
        return redirect(round)
    href = links.absolute(reverse("survey_preview", args=[round.public_id]))
    context = {
        "round": round,
        "asked": asked,
        "possible": send_again.possible(asked),
        "why_never": send_again.why_never(asked),
        "mail": letters.invitation(asked, href=href, stop_href=href, firm=current_workspace(request)),
        "sent": asked.messages.select_related("email").order_by("pk"),
    }
    return render(request, "surveys/again.html", context)


@require_http_methods(["GET"])
def survey_invitations(request, public_id):
    """The list as a table, as far as this person may see it."""
    round = get_object_or_404(Round.objects.visible_to(request.user), public_id=public_id)
    rows = round.invitations.visible_to(request.user).filter(client__in=Client.objects.visible_to(request.user))
    zone = zone_of(current_workspace(request).time_zone)
    response = StreamingHttpResponse(invitation_list.lines(rows, zone=zone), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="invitations-{round.public_id}.csv"'
    return response
