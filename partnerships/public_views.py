"""The page without sign-in that asks “have we cleared this up?”. GET shows, POST acts; the link is the key."""

from functools import wraps

from django import forms
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.days import day_month
from accounts.forms import PlainForm, posted
from outbox import misses
from outbox.personal import public
from partnerships import cleared
from partnerships.models import Concern
from promises.other_side import zone_of


class ClearedForm(PlainForm):
    cleared = forms.ChoiceField(
        label=_("Have we cleared it up?"),
        choices=[
            (Concern.Cleared.YES, _("Yes, it is cleared up")),
            (Concern.Cleared.PARTLY, pgettext_lazy("client", "Partly")),
            (Concern.Cleared.NO, pgettext_lazy("client", "No")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three.")},
    )
    words = forms.CharField(
        label=_("What should we know?"),
        max_length=2000,
        required=False,
        help_text=_("If you like. We read it word for word."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def with_question(view):
    """Finds the question and speaks its reader's language, by their clock; otherwise one and the same neutral page."""

    @wraps(view)
    def found(request, token):
        asked = cleared.by_token(token, now=timezone.now())
        if asked is None:
            return render(request, "partnerships/public/unknown.html", status=misses.status(request))
        contact = asked.contact
        with translation.override(contact.language), timezone.override(zone_of(contact.zone_name)):
            return view(request, asked, token)

    return found


@public("GET", "POST")
@with_question
def cleared_up(request, asked, token):
    concern = asked.concern
    if request.method == "POST" and not asked.can_answer:
        return redirect("cleared", token=token)
    initial = {"cleared": concern.cleared, "words": concern.cleared_words}
    form = ClearedForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        cleared.answer(asked, form.cleaned_data["cleared"], words=form.cleaned_data["words"], now=asked.now)
        return redirect("cleared", token=token)
    return render(
        request, "partnerships/public/cleared.html", _context(asked, form), status=422 if form.is_bound else 200
    )


def _context(asked, form):
    concern, leader = asked.concern, asked.concern.leader
    until, held_at = asked.change_until, asked.held_at
    return {
        "form": form,
        "concern": concern,
        "contact": asked.contact,
        "client": concern.client,
        "owner": leader,
        "promises": [promise.what for promise in concern.promises.ours().order_by("due_at", "pk")],
        "answered": bool(concern.cleared),
        "can_answer": asked.can_answer,
        "until": day_month(timezone.localtime(until).date()) if until else "",
        "held_on": day_month(timezone.localtime(held_at).date()) if held_at else "",
        "help_name": leader.first_name,
        "help_phone": leader.phone,
    }
