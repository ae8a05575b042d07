"""What a person at a client can do on their page: each act is one small form and one verb, by their click.

An act is about what stood on their page (`Shown.seen`). When something else stands there by now, nothing is done and
they read how it stands; the same act a second time reads like the first.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import PlainMixin
from accounts.worktime import due_moment
from promises import reminders
from promises.forms import date_field, time_field, words_field
from promises.models import AgreedHow, Promise, PromiseError, PromiseEvent, Reason
from promises.models.promise import Terms
from promises.models.words import DoneBefore, TooFarBack
from promises.other_side import between, shown, zone_of

Kind = PromiseEvent.Kind

# Why they could not make it, as they would say it.
THEIR_REASONS = [
    ("", pgettext_lazy("client", "Choose one")),
    (Reason.PRIORITIES, _("Something else came first")),
    (Reason.WAITED_ON_US, _("We waited for you")),
    (Reason.THIRD_PARTY, _("We waited for somebody else")),
    (Reason.SCOPE_GREW, _("It became more than we thought")),
    (Reason.PROMISED_TOO_MUCH, _("It was too much from the start")),
    (Reason.UNCLEAR, _("It was not clear what was meant")),
    (Reason.ABSENCE, _("Somebody was away")),
    (Reason.FORGOT, _("It was forgotten")),
]


NOT_DONE_THEN = {
    TooFarBack: pgettext_lazy("client", "It can be at most three working days back."),
    DoneBefore: pgettext_lazy(
        "client", "The story says it was not done by then: it was disputed, moved or opened again later."
    ),
}


class _Built(forms.Form):
    def __init__(self, *args, shown, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.shown, self.promise, self.contact, self.now = shown, shown.promise, shown.contact, now
        self.build()

    def build(self):
        """Add what depends on the promise."""


class ActForm(PlainMixin, _Built):
    """One act. `do()` is the verb; what is wrong with what was typed stands at its field before that."""

    @property
    def stamp(self):
        return {"by": None, "contact": self.contact, "now": self.now}


class WordForm(ActForm):
    """An act with a word to us, if they like."""

    def build(self):
        self.fields["note"] = words_field(
            _("A word to %(name)s, if you like") % {"name": self.shown.colleague.first_name}, rows=3
        )


class TermsForm(WordForm):
    """Other terms: a day that is still ahead, perhaps a time, by the clock the promise goes by."""

    def build(self):
        there = self.promise.due_zone
        help_text = pgettext_lazy("client", "Without one: the end of that day.")
        if self._other_clock(there):
            place = there.rpartition("/")[2].replace("_", " ")
            help_text = _("In %(place)s time. Without one: the end of that day.") % {"place": place}
        asks = {
            "required": pgettext_lazy("client", "Choose a date."),
            "invalid": pgettext_lazy("client", "Choose a date."),
        }
        self.fields["due_date"] = date_field(_("Which day"), error_messages=asks)
        self.fields["due_time"] = time_field(pgettext_lazy("client", "Time, if you like"), help_text=help_text)
        super().build()

    def _other_clock(self, there):
        return (
            self.now.astimezone(zone_of(there)).utcoffset()
            != self.now.astimezone(zone_of(self.contact.zone_name)).utcoffset()
        )

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("due_date"):
            return cleaned
        self.terms = Terms(cleaned["due_date"], cleaned.get("due_time"), self.promise.due_zone)
        try:
            moment = self.terms.at
        except ValueError:
            self.add_error("due_date", pgettext_lazy("client", "There is no such moment."))
            return cleaned
        if moment <= self.now:
            self.add_error("due_date", pgettext_lazy("client", "Choose a day that is still ahead."))
        elif why := self.why_not(moment, cleaned):
            self.add_error("due_date", why)
        return cleaned

    def why_not(self, moment, cleaned):
        """What speaks against this day; "" when nothing does."""
        return _("That is the day agreed on now.") if moment == self.promise.due_at else ""


# -------------------------------------------------------------------- an offer


class AgreeForm(ActForm):
    def do(self):
        self.promise.agree(**self.stamp, how=AgreedHow.CLICK)


class CounterForm(TermsForm):
    def build(self):
        asks = {"required": _("Say what it should be.")}
        self.fields["what"] = forms.CharField(
            label=pgettext_lazy("client", "What"), max_length=300, initial=self.promise.what, error_messages=asks
        )
        super().build()
        self.fields["due_date"].initial = self.promise.due_date
        self.fields["due_time"].initial = self.promise.due_time

    def why_not(self, moment, cleaned):
        same = moment == self.promise.due_at and cleaned.get("what") == self.promise.what
        return _("These are the terms on offer. Change something, or simply agree.") if same else ""

    def do(self):
        data = self.cleaned_data
        self.promise.counter(**self.stamp, terms=self.terms, what=data["what"], note=data["note"])


class DeclineForm(WordForm):
    def do(self):
        self.promise.decline(**self.stamp, note=self.cleaned_data["note"])


# -------------------------------------------------------------------- our request for another date


class MoveYesForm(ActForm):
    def do(self):
        self.shown.request.accept(**self.stamp, how=AgreedHow.CLICK)


class MoveOtherForm(TermsForm):
    def why_not(self, moment, cleaned):
        if moment == self.shown.request.new_due_at:
            return _("That is the day we ask for. You can simply agree to it.")
        return super().why_not(moment, cleaned)

    def do(self):
        self.shown.request.counter(**self.stamp, terms=self.terms, words=self.cleaned_data["note"])


class MoveNoForm(WordForm):
    def do(self):
        self.shown.request.refuse(**self.stamp, note=self.cleaned_data["note"])


# -------------------------------------------------------------------- what we did


class ConfirmForm(ActForm):
    def do(self):
        self.promise.accept(**self.stamp, how=AgreedHow.CLICK)


class DisputeForm(ActForm):
    def build(self):
        asks = {"required": _("Say in a few words what is missing or different.")}
        self.fields["words"] = words_field(
            _("What is missing or different"), required=True, rows=4, error_messages=asks
        )

    def do(self):
        self.promise.dispute(**self.stamp, words=self.cleaned_data["words"])


class ReleaseForm(WordForm):
    def do(self):
        self.promise.release(**self.stamp, note=self.cleaned_data["note"])


# -------------------------------------------------------------------- what they do


class DoneForm(WordForm):
    def build(self):
        self.zone = zone_of(self.contact.zone_name)
        self.today = timezone.localdate(self.now, self.zone)
        asks = {
            "required": pgettext_lazy("client", "Choose a date."),
            "invalid": pgettext_lazy("client", "Choose a date."),
        }
        self.fields["done_on"] = date_field(pgettext_lazy("client", "Done on"), initial=self.today, error_messages=asks)
        super().build()

    def clean_done_on(self):
        day = self.cleaned_data["done_on"]
        if day > self.today:
            raise forms.ValidationError(pgettext_lazy("client", "That is still ahead."))
        self.done_at = self._moment(day)
        try:
            self.promise._check_done_at(self.done_at, self.now)
        except PromiseError as refused:
            raise forms.ValidationError(NOT_DONE_THEN.get(type(refused), refused.words)) from refused
        return day

    def _moment(self, day):
        """Today is now; the due day was in time; another day is its end where they are."""
        if day == self.today:
            return self.now
        if day == self.promise.due_date and self.promise.due_at <= self.now:
            return self.promise.due_at
        return due_moment(day, None, self.zone)

    def do(self):
        self.promise.deliver(**self.stamp, done_at=self.done_at, note=self.cleaned_data["note"])


class MoveForm(TermsForm):
    def build(self):
        super().build()
        note = self.fields.pop("note")
        asks = {"required": pgettext_lazy("client", "Choose one.")}
        self.fields["reason"] = forms.ChoiceField(
            label=_("What came in between"), choices=THEIR_REASONS, error_messages=asks
        )
        self.fields["note"] = note

    def do(self):
        data = self.cleaned_data
        self.promise.ask_to_move(**self.stamp, terms=self.terms, reason=data["reason"], words=data["note"])


# -------------------------------------------------------------------- the acts


@dataclass(frozen=True)
class Act:
    """`kind` is the line it writes into the story, `news` what its owner hears of at once, if anything."""

    name: str
    form: type
    words: Any  # on the button that leads to it or does it
    title: Any
    kind: str
    text: Any = ""
    news: str = ""

    @property
    def at_once(self):
        """Nothing has to be typed: one press on the page does it."""
        return self.form in (AgreeForm, MoveYesForm, ConfirmForm)


ACTS = {
    act.name: act
    for act in [
        Act("agree", AgreeForm, _("Yes, agreed"), _("Agree to this?"), Kind.AGREED, news="agreed",
            text=_("From then on it is a promise, and it counts.")),
        Act("counter", CounterForm, _("Not quite"), _("What would be right?"), Kind.COUNTERED, news="countered",
            text=_("Your terms go back as an offer of yours. It counts once both agree.")),
        Act("decline", DeclineForm, pgettext_lazy("client", "No"), _("No, thank you?"), Kind.DECLINED, news="declined",
            text=_("Then nothing is promised.")),
        Act("move-yes", MoveYesForm, _("Yes, that works"), _("Agree to the new day?"), Kind.MOVED, news="moved"),
        Act("move-other", MoveOtherForm, _("Another day"), _("Which day would work?"), Kind.COUNTERED,
            text=_("The day agreed on stands until both say yes to another one."), news="countered"),
        Act("move-no", MoveNoForm, pgettext_lazy("client", "No"), _("Keep the day agreed on?"), Kind.MOVE_REFUSED,
            text=_("Then it stays as it was agreed."), news="refused"),
        Act("confirm", ConfirmForm, _("Yes, it is right"), _("Is it what we agreed?"), Kind.ACCEPTED),
        Act("dispute", DisputeForm, _("Not what we agreed"), _("Not what we agreed"), Kind.DISPUTED, news="disputed",
            text=_("Then it is open again, with your words.")),
        Act("release", ReleaseForm, pgettext_lazy("client", "No longer needed"), _("No longer needed?"), Kind.RELEASED,
            text=_("Then we stop, and it counts neither for nor against us.")),
        Act("done", DoneForm, pgettext_lazy("client", "It is done"), _("You have done it?"), Kind.DELIVERED,
            text=_("We look at it and say so.")),
        Act("move", MoveForm, _("Another day"), _("Which day works for you?"), Kind.MOVE_ASKED, news="asked",
            text=_("The day agreed on stands until we say yes.")),
    ]
}  # fmt: skip


class Stale(Exception):
    """Something else stands on the page by now."""


@transaction.atomic
def do(act, form, *, seen):
    """Do it to what they saw, and tell the owner. Stale when it is not there any more; nothing was done then."""
    promise = Promise.objects.select_for_update().get(pk=form.promise.pk)
    now_shown = shown(promise, form.contact, now=form.now)
    if now_shown.seen != seen or act.name not in now_shown.acts:
        raise Stale
    form.shown, form.promise = now_shown, promise
    if now_shown.request:
        now_shown.request.promise = promise
    try:
        form.do()
    except PromiseError as refused:
        raise Stale from refused
    if act.news:
        reminders.their_answer(promise, act.news, form.now)


def said_already(act, promise, contact):
    """Their last word about it was this very act: the second press of one button."""
    last = promise.events.filter(by_contact=contact, by=None).order_by("-at", "-pk").first()
    return bool(last and last.kind == act.kind)


def find(contact, public_id):
    """A promise of theirs or to them, or None."""
    return between(contact).with_people().filter(public_id=public_id).first()


def told_words(promise, contact, due):
    """Thanks for what they said last, and what follows from it; "" when they have said nothing here."""
    last = promise.events.filter(by_contact=contact, by=None).order_by("-at", "-pk").first()
    words = TOLD.get(last.kind) if last else None
    return words % {"name": promise.owner.first_name, "due": due} if words else ""


TOLD = {
    Kind.AGREED: _("Thank you. It is agreed, and %(name)s hears of it."),
    Kind.COUNTERED: _("Thank you. %(name)s has your terms and answers them; until then nothing changes."),
    Kind.DECLINED: _("Understood. Nothing is promised, and %(name)s hears of it."),
    Kind.MOVED: _("Thank you. The new day is %(due)s."),
    Kind.MOVE_REFUSED: _("Understood. It stays at %(due)s."),
    Kind.MOVE_ASKED: _("%(name)s has your question. Until there is an answer it stays at %(due)s."),
    Kind.ACCEPTED: _("Thank you for saying so."),
    Kind.DISPUTED: _("%(name)s has your words. It is open again."),
    Kind.RELEASED: _("Noted. It is no longer needed."),
    Kind.DELIVERED: _("Thank you. %(name)s looks at it."),
}
