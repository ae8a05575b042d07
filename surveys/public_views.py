"""Pages without sign-in: the survey as a client answers it. The link is the key; GET and HEAD change nothing at all."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.personal import public
from surveys import answer_page, answering, fresh_links, news, somebody_else
from surveys.days import zone_of
from surveys.forms_public import SomebodyElseForm
from surveys.models import Response
from surveys.public_links import (
    FreshLinkForm,
    bind,
    closed,
    neutral,
    opens_anywhere,
    remember,
    shown_to_anybody,
    with_link,
)
from surveys.values import read, sent_as, value_of

LONGEST_AGE = timedelta(days=60)


# -------------------------------------------------------------------- the page


@public("GET", "POST")
@with_link
def survey_answer(request, link):
    """The questions; POST sends the whole form or one part of it, so that it works without JavaScript."""
    sent = request.method == "POST"
    if not link.invitation.round.takes_answers:
        return closed(request, link, status=409 if sent else 200, late=sent)
    if not sent:
        return _page(request, link)
    parts = answer_page.parts_of(link.invitation.round.asked_in(link.code))
    part = answer_page.part_number(request.POST.get("part"), parts)
    if request.POST.get("go") in ("next", "back"):
        return _turn(request, link, parts, part)
    return _submit(request, link, parts, part)


def _page(request, link, *, status=200, **how):
    return render(request, "surveys/answer.html", answer_page.page(request, link, **how), status=status)


def _turn(request, link, parts, part):
    """Continue and Back: this part is saved and the other one shown."""
    on, now = request.POST["go"] == "next", timezone.now()
    key = None
    try:
        with transaction.atomic():
            response = answering.save_part(
                link.invitation, parts[part - 1], request.POST, now=now, language=link.code, check=on
            )
            if response:
                key = bind(request, link.message, now=now)
    except answering.Closed:
        return closed(request, link, status=409, late=True)
    except answering.Refused as refused:
        return _page(request, link, status=422, part=part, data=request.POST, problems=refused.problems)
    other = min(part + 1, len(parts)) if on else max(part - 1, 1)
    page = reverse("survey_answer", args=[link.token])
    answer = redirect(f"{page}?{urlencode({'part': other, 'lang': link.code})}")
    return remember(request, answer, key) if key else answer


def _submit(request, link, parts, part):
    now = timezone.now()
    questions = None if len(parts) == 1 else parts[part - 1]
    try:
        with transaction.atomic():
            response, first = answering.submit(
                link.invitation, request.POST, now=now, language=link.code, questions=questions
            )
            key = bind(request, link.message, now=now)
            if first:
                news.thank(response)
                news.tell_owner(response, now=now)
    except answering.Closed:
        return closed(request, link, status=409, late=True)
    except answering.Refused as refused:
        there = answer_page.part_with(refused.problems[0][0], parts)
        data = request.POST if there == part else None  # another part is shown as it was saved
        return _page(request, link, status=422, part=there, data=data, problems=refused.problems)
    except answering.NothingAnswered:
        return _page(request, link, status=422, part=part, data=request.POST, nothing=True)
    return remember(request, redirect("survey_thanks", link.token), key)


# -------------------------------------------------------------------- one answer


@public("POST")
@with_link
def survey_save(request, link):
    """Saves one question the moment it is answered, and says when. `question` names it.

    `age`: how many seconds ago it was answered, by a device that could not send it then.
    """
    now = timezone.now()
    question = request.POST.get("question", "")[:40]
    try:
        with transaction.atomic():
            _response, (done, of) = answering.save_one(
                link.invitation, question, request.POST, now=now, language=link.code, given_at=_given_at(request, now)
            )
            key = bind(request, link.message, now=now)
    except answering.Closed:
        return JsonResponse({"error": _("This survey has closed."), "closed": True}, status=409)
    except answering.Newer as newer:
        return _newer(link, newer)
    except answering.Refused as refused:
        return JsonResponse({"error": refused.problems[0][1]}, status=422)
    at = _clock(now, link)
    words = ngettext("%(done)d of %(of)d, saved %(time)s", "%(done)d of %(of)d, saved %(time)s", done)
    saved = {"saved": words % {"done": done, "of": of, "time": at}, "at": at, "done": done, "of": of}
    if asked := _asked(link.invitation.round.asked_in(link.code), question):
        saved["mark"] = read(asked, request.POST).fingerprint
    return remember(request, JsonResponse(saved), key)


def _asked(questions, key):
    return next((question for question in questions if question.key == key), None)


def _given_at(request, now):
    age = request.POST.get("age", "")
    if not (age.isascii() and age.isdigit() and len(age) < 9):
        return None
    return now - min(timedelta(seconds=int(age)), LONGEST_AGE)


def _newer(link, newer):
    """An answer kept on a device is older than what stands here: both are known to the page, and a person chooses."""
    question = _asked(link.invitation.round.asked_in(link.code), newer.question.key)
    stands = value_of(newer.answer)
    words = _("You answered this again later, at %(time)s on another page or device. The later answer is kept.")
    found = {
        "error": words % {"time": _clock(newer.answer.saved_at, link)},
        "newer": sent_as(question, stands),
        "mark": stands.fingerprint,
    }
    return JsonResponse(found, status=409)


def _clock(moment, link):
    return moment.astimezone(zone_of(link.invitation.contact.zone_name)).strftime("%H:%M")


# -------------------------------------------------------------------- afterwards


@public("GET")
@with_link
def survey_thanks(request, link):
    response = Response.objects.filter(invitation=link.invitation).first()
    if response is None or response.submitted_at is None:
        return redirect("survey_answer", link.token)
    return render(request, "surveys/thanks.html", {**answer_page.about(link), "response": response})


# -------------------------------------------------------------------- a fresh link


@public("GET", "POST")
def fresh_link(request):
    """Mails a fresh link to whoever is asked at that address. The answer is the same whether there is anybody."""
    if request.method == "GET":
        return neutral(request)
    form = FreshLinkForm(request.POST)
    if not form.is_valid():
        return neutral(request, form, status=422)
    fresh_links.send(form.cleaned_data["email"], now=timezone.now())
    return neutral(request, sent=True)


@public("GET", "POST")
@with_link
@opens_anywhere
def survey_fresh(request, link):
    """Mails a fresh link to the person this link was mailed to; it then works in whatever browser it is opened."""
    if request.method == "GET":
        return redirect("survey_answer", link.token)
    fresh_links.send_to(link.invitation, now=timezone.now())
    return render(request, "surveys/elsewhere.html", {**shown_to_anybody(link), "sent": True})


# -------------------------------------------------------------------- somebody else should answer


@public("GET", "POST")
@with_link
@opens_anywhere
def survey_somebody_else(request, link):
    """“Not Rosa?” Tells the owner who should answer. It shows nothing but what the mail said."""
    invitation = link.invitation
    form = SomebodyElseForm(request.POST if request.method == "POST" else None)
    context = {**answer_page.about(link), "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            somebody_else.say(invitation, **form.cleaned_data, now=timezone.now())
        except somebody_else.SaidOften:
            return render(request, "surveys/somebody_else.html", {**context, "often": True}, status=429)
        return render(request, "surveys/somebody_else.html", {**context, "told": True})
    return render(request, "surveys/somebody_else.html", context, status=422 if form.is_bound else 200)
