"""Check and send: the fifth step, with the mail as a chosen person will get it, a test of it, and the start."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import managers_only
from accounts.context import current_workspace
from outbox import links
from outbox.models import Email
from surveys import answer_page, audience, launch, letters, sending
from surveys.days import firm_calendar
from surveys.minutes import asked_of
from surveys.models import NotPossibleNow, Round, RoundMail
from surveys.preflight import check
from surveys.setup_forms import TestMailForm
from surveys.setup_page import done, page

FOUND = 20


def check_step(request, round, *, status=200):
    if request.method == "POST":
        return _start(request, round)
    now = timezone.now()
    firm = current_workspace(request)
    findings = check(round, now=now, calendar=firm_calendar(firm))
    sample = chosen_person(round, request.GET.get("person", ""))
    preview = links.absolute(reverse("survey_preview", args=[round.public_id]))
    context = {
        "findings": findings,
        "blocked": any(finding.blocks for finding in findings),
        "sample": sample,
        "people": _people(round, request.GET.get("who", "")),
        "who": request.GET.get("who", "")[:100],
        "mail": letters.invitation(sample, href=preview, stop_href=preview, firm=firm) if sample else None,
        "languages": offered_languages(round),
        "questions": len(asked_of(round.asked)),
        "planned": bool(round.opens_at and round.opens_at > now),
        "demo_mail": settings.MAILBOX,
    }
    return page(request, round, "check", context, status=status)


def chosen_person(round, public_id):
    """The invitation whose mail is shown: of the person asked for, or of the first on the list."""
    asked = round.invitations.with_people()
    found = (asked.filter(public_id=public_id[:16]).first() if public_id else None) or asked.first()
    if found:
        found.round = round  # whose questions are read already
    return found


def _people(round, words):
    """Whose mail can be looked at: the first on the list, or those whose name or client holds these words."""
    asked = round.invitations.with_people().order_by("client__search_text", "contact__name", "pk")
    if words := words.strip()[:100]:
        asked = asked.filter(contact__in=audience.matching({"words": words}).order_by().values("pk"))
    return asked[:FOUND]


def offered_languages(round):
    return [(code, audience.language_name(code)) for code in round.languages_offered]


def _start(request, round):
    """Draft: ask for our beliefs. Beliefs: open it to clients, now or in the morning it is planned for."""
    now = timezone.now()
    try:
        if round.state == Round.State.DRAFT:
            launch.ask_beliefs(round, by=request.user, now=now)
            done(round, "check")
            messages.success(request, _("The owners are asked what they believe. Nothing has gone to clients."))
        elif request.POST.get("when") == "planned":
            launch.launch(round, by=request.user, now=now, at_once=False)
            messages.success(request, _("The round is open. Everybody gets their mail in their morning."))
        else:
            launch.launch(round, by=request.user, now=now)
            # The first batch at once, so that who pressed the button sees it begin; the worker does the rest.
            sending.send_due(now, most=sending.BATCH)
            messages.success(request, _("The round is open. Invitations are on their way."))
    except launch.Blocked:
        request.method = "GET"
        return check_step(request, round, status=409)
    except NotPossibleNow:
        messages.warning(request, _("Somebody changed this round before you. This is how it stands now."))
    return redirect(round)


# -------------------------------------------------------------------- test mail and preview


@managers_only
@require_http_methods(["POST"])
def survey_test_mail(request, public_id):
    """The invitation as a person on the list would get it, to oneself; its links lead to the preview."""
    round = get_object_or_404(Round.objects.visible_to(request.user), public_id=public_id)
    form = TestMailForm(request.POST, languages=offered_languages(round))
    chosen = form.cleaned_data if form.is_valid() else {}
    asked = chosen_person(round, chosen.get("person", ""))
    if asked is None:
        messages.warning(request, _("Choose at least one person first; the test shows their mail."))
        return redirect("survey_setup", round.public_id, "people")
    language = chosen.get("language") or ""
    _queue_test(round, asked, request.user, language=language, now=timezone.now())
    messages.success(request, _("A test mail is on its way to %(email)s.") % {"email": request.user.email})
    return redirect(f"{reverse('survey_setup', args=[round.public_id, 'check'])}?person={asked.public_id}#mail")


@transaction.atomic
def _queue_test(round, asked, user, *, language, now):
    with letters.in_language_of(asked.contact, language):
        subject = _("Test: %(subject)s") % {"subject": letters.subject_of_invitation(asked)}
    email, created = Email.objects.queue(
        kind="surveys.test",
        key=f"surveys.test:{round.pk}:{user.pk}:{now:%Y-%m-%dT%H:%M:%S}",
        to=user.email,
        to_name=user.name,
        from_name=asked.client.owner.name,
        reply_to=asked.client.owner.email,
        subject=subject,
        about=round.name,
    )
    if created:
        RoundMail.objects.create(round=round, email=email, invitation=asked, user=user, language=language)


@managers_only
@require_http_methods(["GET"])
def survey_preview(request, public_id):
    """The answering page as a person on the list sees it; nothing on it is saved."""
    rounds = Round.objects.visible_to(request.user).select_related("questionnaire")
    round = get_object_or_404(rounds, public_id=public_id)
    asked = chosen_person(round, request.GET.get("person", ""))
    wanted = request.GET.get("lang") or (asked.contact.language if asked else "")
    offered = round.languages_offered
    code = next((c for c in (wanted, wanted.split("-")[0]) if c in offered), offered[0] if offered else "en-gb")
    with translation.override(code):
        return render(request, "surveys/answer.html", answer_page.preview(request, round, code, asked))
