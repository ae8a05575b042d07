"""What people wrote in a round, and what one of us makes of it: a promise, a suggestion or a request."""

from django import forms as django_forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PlainForm, posted
from accounts.large import counted
from accounts.models import User
from accounts.way_back import way_back
from clients.models import Client, RequestError
from clients.requests.forms import AskForm
from promises.forms import PromiseForm
from surveys import gap_list, reading, written
from surveys.models import Result

LONGEST_WHAT = 300


class PassOnForm(PlainForm):
    """The words under which something a client said is passed on."""

    words = django_forms.CharField(
        label=gettext_lazy("What they suggest"),
        max_length=5000,
        widget=django_forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Say what they suggest.")},
    )


@require_safe
def survey_words(request, public_id):
    """All that was written, the newest first; what we promised and have not done before everything else."""
    round = get_object_or_404(reading.rounds_with_results(request.user), public_id=public_id)
    asked = written.Asked.read(round, request.user, request.GET)
    shown, after = written.page(round, request.user, asked)
    first = [] if asked.is_filtered or asked.before else written.offered(round, request.user)
    above = {one.answer.pk for one in first}
    door = reading.Door(request.user, round)
    context = {
        "round": round,
        "asked": asked,
        "shown": [one for one in shown if one.answer.pk not in above],
        "offered": first,
        "after": after,
        "owed": len(door.owed),
        "questions": [question for question in round.asked if question.kind == "text" or question.is_scale],
        "came": written.CAME.items(),
        "owner_options": _owners(request.user, round, asked.owner),
    }
    return render(request, "surveys/words.html", context)


def _owners(user, round, chosen):
    owned = Client.objects.visible_to(user).filter(
        pk__in=Result.objects.filter(round=round, answered__gt=0).values("client")
    )
    owners = User.objects.filter(pk__in=owned.order_by().values("owner")).order_by("name", "pk")
    found = counted(
        f"words owners {round.pk} for {user.pk}", lambda: tuple(owners.values_list("public_id", "name")), size=len
    )
    return gap_list.options(found, chosen.public_id if chosen else "")


def _answer(request, public_id, answer_id):
    """(round, what was written) as far as this reader may read it and write about the client; 404 otherwise."""
    round = get_object_or_404(reading.rounds_with_results(request.user), public_id=public_id)
    answer = written.one(round, request.user, answer_id)
    if answer is None:
        raise Http404
    one = written.Written(answer, round)
    if one.client.archived_at or not one.client.can_be_written_by(request.user):
        raise Http404
    return round, one


@require_http_methods(["GET", "POST"])
def survey_word_promise(request, public_id, answer_id):
    """A promise out of what somebody wrote. What was said in confidence fills in neither words nor a name."""
    now = timezone.now()
    round, one = _answer(request, public_id, answer_id)
    back = way_back(request) or reverse("survey_words", args=[round.public_id])
    initial = {"direction": "ours", "owner": _owner(one.client, request.user).public_id}
    if not one.in_confidence:
        initial |= {"what": one.text[:LONGEST_WHAT], "contact": one.invitation.contact.public_id}
    form = PromiseForm(posted(request), user=request.user, now=now, client=one.client, initial=initial)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            promise = form.save()
            written.took_up_as_promise(one.answer, promise, by=request.user, now=now)
        undo = reverse("promise_slip", args=[promise.public_id]) if promise.is_fresh(request.user, now) else ""
        tags = f"undo:{undo} see:{promise.get_absolute_url()}" if undo else f"see:{promise.get_absolute_url()}"
        messages.success(request, _("Promised: %(what)s") % {"what": promise.what[:80]}, extra_tags=tags)
        return redirect(promise if promise.is_proposed else back)
    context = {"form": form, "client": one.client, "one": one, "round": round, "next": back}
    return render(request, "surveys/word_promise.html", context, status=422 if form.is_bound else 200)


def _owner(client, user):
    return user if user.pk in {member.user_id for member in client.team_members.all()} else client.owner


@require_http_methods(["GET", "POST"])
def survey_word_suggestion(request, public_id, answer_id):
    """A suggestion out of what somebody wrote: at once under their name, in one's own words if it was in confidence."""
    now = timezone.now()
    round, one = _answer(request, public_id, answer_id)
    back = way_back(request) or reverse("survey_words", args=[round.public_id])
    data = posted(request)
    if data is not None and "words" not in data and not one.in_confidence:
        data = {"words": one.text[:5000]}
    form = PassOnForm(data, initial={} if one.in_confidence else {"words": one.text[:5000]})
    if form.is_bound and form.is_valid():
        _taken, new = written.suggest(one.answer, words=form.cleaned_data["words"], by=request.user, now=now)
        if new:
            undo = reverse("survey_word_back", args=[round.public_id, one.answer.pk])
            messages.success(request, _("Written down as a suggestion."), extra_tags=f"undo:{undo}")
        else:
            messages.info(request, _("It is written down as a suggestion already."))
        return redirect(back)
    context = {"form": form, "one": one, "round": round, "next": back}
    return render(request, "surveys/word_suggestion.html", context, status=422 if form.is_bound else 200)


@require_POST
def survey_word_back(request, public_id, answer_id):
    """Undo of a suggestion just made."""
    round, one = _answer(request, public_id, answer_id)
    if written.take_back(one.answer, by=request.user):
        messages.success(request, _("Taken back."))
    else:
        messages.warning(request, _("Somebody has answered that suggestion by now, so it stays."))
    return redirect(way_back(request) or reverse("survey_words", args=[round.public_id]))


@require_http_methods(["GET", "POST"])
def survey_word_request(request, public_id, answer_id):
    """A request out of what somebody wrote, from now on. What was said in confidence fills in nothing."""
    now = timezone.now()
    round, one = _answer(request, public_id, answer_id)
    back = way_back(request) or reverse("survey_words", args=[round.public_id])
    initial = {"channel": "survey"}
    if not one.in_confidence:
        initial |= {"text": one.text[:5000], "contact": one.invitation.contact.public_id}
    form = AskForm(posted(request), client=one.client, user=request.user, now=now, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                asked = form.save()
                written.took_up_as_request(one.answer, asked, by=request.user, now=now)
        except RequestError as refused:
            form.add_error(None, refused.words)
        else:
            undo = f"undo:{reverse('request_remove', args=[asked.public_id])}" if asked.is_new else ""
            tags = f"{undo} see:{asked.get_absolute_url()}".strip()
            messages.success(request, _("Written down as a request."), extra_tags=tags)
            return redirect(back)
    context = {"form": form, "client": one.client, "one": one, "round": round, "next": back}
    return render(request, "surveys/word_request.html", context, status=422 if form.is_bound else 200)
