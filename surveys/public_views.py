"""Pages without sign-in: the survey as a client answers it. The link is the key; GET and HEAD change nothing at all."""

from dataclasses import dataclass
from functools import wraps

from django import forms
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from accounts.quick import date_format
from outbox import misses
from outbox.models import Email
from outbox.personal import public
from surveys import answering, fresh_links, news
from surveys.answering import EMPTY, value_of
from surveys.days import firm_calendar, zone_of
from surveys.models import Invitation, Response, Round

# -------------------------------------------------------------------- whose link is it?


def invitation_of(token):
    """The invitation a link belongs to, or None: unknown, forged, revoked and run out are all the same."""
    email = Email.objects.by_token(token) if len(token) <= 64 else None
    if email is None or email.kind not in (
        "surveys.invitation",
        "surveys.reminder",
        "surveys.fresh_link",
        "surveys.thanks",
    ):
        return None
    invitation = (
        Invitation.objects.filter(messages__email=email)
        .select_related("contact", "client__owner", "round__questionnaire")
        .first()
    )
    if invitation is None or _revoked(invitation, email):
        return None
    return invitation


def _revoked(invitation, email):
    """The person has left, the address is another one's now, the client is archived, or the round has not begun."""
    contact = invitation.contact
    return bool(
        contact.left_at
        or contact.email != email.to_email
        or invitation.client.archived_at
        or invitation.round.state not in (Round.State.OPEN, Round.State.CLOSED)
    )


def with_invitation(view):
    """Finds the invitation and speaks its person's language; otherwise one and the same neutral page."""

    @wraps(view)
    def found(request, token, *args, **kwargs):
        invitation = invitation_of(token)
        if invitation is None:
            return neutral(request, status=misses.status(request))
        with translation.override(invitation.contact.language):
            return view(request, invitation, token, *args, **kwargs)

    return found


class FreshLinkForm(PlainForm):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def neutral(request, form=None, *, sent=False, status=200):
    return render(request, "surveys/link_unknown.html", {"form": form or FreshLinkForm(), "sent": sent}, status=status)


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


# -------------------------------------------------------------------- the page


@dataclass(frozen=True)
class Shown:
    """One question on the page with what stands in it."""

    question: object
    value: object
    number: int
    saved: object  # as it is stored: what a later change is held against
    problem: str = ""

    @property
    def numbers(self):
        return range(11)

    @property
    def chosen(self):
        return set(self.value.choices)

    @property
    def is_low(self):
        return self.value.number is not None and self.value.number <= 4


def shown_questions(round, answers, *, preselected=None, data=None, problems=()):
    """The questions with their answers; after a refused form, with what was typed."""
    shown, problems = [], dict(problems)
    for number, question in enumerate(round.asked, 1):
        saved = value_of(answers.get(question.key))
        value = saved
        if data is not None:
            value = _as_typed(question, data, saved)
        elif preselected and preselected[0] == question.key and saved == EMPTY and question.is_scale:
            value = answering.Value(number=preselected[1])
        shown.append(Shown(question, value, number, saved, problems.get(question.key, "")))
    return shown


def _as_typed(question, data, saved):
    try:
        return answering.read(question, data)
    except forms.ValidationError:
        texts = {"words": data.get(f"q-{question.key}", ""), "comment": data.get(f"c-{question.key}", "")}
        return answering.Value(**texts) if question.kind in ("text", "scale") else saved


def _preselected(request):
    """A score clicked in a mail, as `?q=overall:7`: shown as chosen, saved only when the page is sent."""
    key, _colon, number = request.GET.get("q", "").partition(":")
    if number.isascii() and number.isdigit() and len(number) < 3 and int(number) <= 10:
        return key, int(number)
    return None


@public("GET", "POST")
@with_invitation
def survey_answer(request, invitation, token):
    """The questions; POST sends the whole form, so that it works without JavaScript."""
    sent = request.method == "POST"
    if not invitation.round.takes_answers:
        return _closed(request, invitation, status=409 if sent else 200, late=sent)
    if sent:
        return _submit(request, invitation, token)
    return _page(request, invitation, token)


def _page(request, invitation, token, *, status=200, data=None, problems=(), nothing=False):
    response = Response.objects.filter(invitation=invitation).prefetch_related("answers").first()
    answers = {answer.key: answer for answer in response.answers.all()} if response else {}
    shown = shown_questions(invitation.round, answers, preselected=_preselected(request), data=data, problems=problems)
    in_confidence = response.in_confidence if response else False
    if data is not None and data.get(answering.CONFIDENCE) in ("yes", "no"):
        in_confidence = data[answering.CONFIDENCE] == "yes"
    context = {
        **about(invitation, token),
        "shown": shown,
        "response": response,
        "in_confidence": in_confidence,
        "done": sum(one.saved != EMPTY for one in shown),
        "problems": [(f"q-{key}", words) for key, words in problems],
        "nothing": nothing,
    }
    return render(request, "surveys/answer.html", context, status=status)


def about(invitation, token):
    """What every page of one person's survey shows."""
    owner, round = invitation.client.owner, invitation.round
    return {
        "invitation": invitation,
        "contact": invitation.contact,
        "client": invitation.client,
        "owner": owner,
        "round": round,
        "token": token,
        "count": len(round.asked),
        "until": date_format(round.closes_on, "j F") if round.closes_on else "",
        "help_name": owner.first_name,
        "help_phone": owner.phone,
    }


def _submit(request, invitation, token):
    try:
        with transaction.atomic():
            response, first = answering.submit(invitation, request.POST, now=timezone.now())
            if first:
                news.thank(response)
                news.tell_owner(response, now=timezone.now())
    except answering.Closed:
        return _closed(request, invitation, status=409, late=True)
    except answering.Refused as refused:
        return _page(request, invitation, token, status=422, data=request.POST, problems=refused.problems)
    except answering.NothingAnswered:
        return _page(request, invitation, token, status=422, data=request.POST, nothing=True)
    return redirect("survey_thanks", token)


@public("POST")
@with_invitation
def survey_save(request, invitation, token):
    """Saves one question the moment it is answered, and says when. `question` names it."""
    now = timezone.now()
    key = request.POST.get("question", "")[:40]
    try:
        response = answering.save_one(invitation, key, request.POST, now=now)
    except answering.Closed:
        return JsonResponse({"error": _("This survey has closed.")}, status=409)
    except answering.Refused as refused:
        return JsonResponse({"error": refused.problems[0][1]}, status=422)
    done, of = answering.progress(
        Response.objects.prefetch_related("answers").get(pk=response.pk), invitation.round.asked
    )
    at = _local_clock(now, invitation.contact)
    return JsonResponse({"saved": _("saved %(time)s") % {"time": at}, "at": at, "done": done, "of": of})


def _local_clock(now, contact):
    return now.astimezone(zone_of(contact.zone_name)).strftime("%H:%M")


@public("GET")
@with_invitation
def survey_thanks(request, invitation, token):
    response = Response.objects.filter(invitation=invitation).first()
    if response is None or response.submitted_at is None:
        return redirect("survey_answer", token)
    return render(request, "surveys/thanks.html", {**about(invitation, token), "response": response})


def _closed(request, invitation, *, status=200, late=False):
    round = invitation.round
    closed_on = firm_calendar().local_date(round.closed_at) if round.closed_at else round.closes_on
    context = {**about(invitation, ""), "closed_on": closed_on, "late": late}
    return render(request, "surveys/closed.html", context, status=status)
