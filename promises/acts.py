"""The small acts on a promise: what each is called, which form it has, when it fits, what is said afterwards."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from promises import forms


@dataclass(frozen=True)
class Act:
    name: str
    form: type
    title: Any
    button: Any
    text: Any = ""
    done: Any = ""
    states: tuple = ("active",)
    late: dict = field(default_factory=dict)  # what is said instead once a due has passed
    ours: dict = field(default_factory=dict)  # what is said instead when the answer is ours to give
    needs: str = ""  # a question to the promise that must be answered with yes as well

    def fits(self, promise):
        return promise.state in self.states and (not self.needs or bool(getattr(promise, self.needs)()))

    def about(self, promise, *, now):
        """The same act in the words that fit this promise."""
        move = promise.open_request() if self.name == "answer" else None
        if promise.waits_for_us or (move and move.waits_for_us):
            return replace(self, **self.ours)
        if promise.missed_at or promise.is_overdue(now):
            return replace(self, **self.late)
        return self


ACTS = {
    act.name: act
    for act in [
        Act(
            "accept",
            forms.AcceptForm,
            _("They say it is what was agreed"),
            _("Record it as kept"),
            states=("delivered",),
            done=_("Kept. The client’s record shows it."),
        ),
        Act(
            "dispute",
            forms.DisputeForm,
            _("Not what was agreed"),
            _("Open it again"),
            text=_("It goes back to open with their words. The date stays as it was."),
            states=("delivered",),
            done=_("Open again, with their words."),
        ),
        Act(
            "break",
            forms.BreakForm,
            _("This promise will not be kept"),
            _("Record it as broken"),
            text=_("It counts as broken. If it is done after all, it can be made good; it stays broken."),
            done=_("Recorded as broken."),
        ),
        Act("withdraw", forms.WithdrawForm, _("Take this promise back"), _("Take it back"), done=_("Taken back.")),
        Act(
            "release",
            forms.ReleaseForm,
            _("No longer needed"),
            _("Let it go"),
            text=_("Only the side it was promised to can let it go. It counts in no figure."),
            done=_("Released. It counts in no figure."),
            late={
                "text": _(
                    "Only the side it was promised to can let it go. Its due has passed, so it counts as broken all "
                    "the same: letting it go earlier would have counted in no figure."
                ),
                "done": _("Let go after its due: it counts as broken."),
            },
        ),
        Act(
            "made-good",
            forms.MadeGoodForm,
            _("Made good"),
            _("Record it"),
            text=_("Done after all. It stays broken, and the record says that it was made good."),
            states=("broken",),
            done=_("Made good. It stays broken."),
        ),
        Act(
            "reopen",
            forms.ReopenForm,
            _("Open this promise again"),
            _("Open it again"),
            text=_(
                "Its terms and its first date stay as they were. What is delivered from now on was done from now on: "
                "once that date has passed, it is never again kept as first promised."
            ),
            states=("kept", "broken", "withdrawn", "released", "declined"),
            done=_("Open again."),
        ),
        Act(
            "hand-over",
            forms.HandOverForm,
            _("Hand this promise over"),
            _("Hand over"),
            states=("proposed", "active", "delivered"),
            done=_("Handed over."),
        ),
        Act(
            "comment",
            forms.CommentForm,
            _("Comment"),
            _("Add"),
            states=("proposed", "active", "delivered", "kept", "broken", "withdrawn", "released", "declined"),
            done=_("Comment added."),
        ),
        Act(
            "answer",
            forms.MoveAnswerForm,
            _("Did they agree to the new date?"),
            _("Record the answer"),
            text=_("The old date binds until they say yes."),
            done=_("Recorded."),
            ours={
                "title": _("They ask for another date"),
                "button": _("Answer"),
                "text": _("The old date binds until you say yes."),
            },
            needs="open_request",
        ),
        Act(
            "agree",
            forms.AgreeForm,
            _("They agreed"),
            _("Record their yes"),
            text=_("From now on it is a promise, and its date is the first one agreed."),
            done=_("Agreed. It is a promise now."),
            states=("proposed",),
            ours={"title": _("Agree to what they offer"), "button": _("Agree")},
        ),
        Act(
            "counter",
            forms.CounterForm,
            _("They want other terms"),
            _("Record their offer"),
            text=_("Then it is for us to answer. Nothing is agreed before one side says yes to the other."),
            done=_("Written down. Now it is for us to answer."),
            states=("proposed",),
            ours={
                "title": _("Offer other terms"),
                "button": _("Offer this instead"),
                "text": _("Then it is for them to answer. Nothing is agreed before one side says yes to the other."),
                "done": _("Offered. Now it is for them to answer."),
            },
        ),
        Act(
            "decline",
            forms.DeclineForm,
            _("They said no"),
            _("Record their no"),
            text=_("It never was a promise, and counts in no figure."),
            done=_("Declined. It counts in no figure."),
            states=("proposed",),
            ours={"title": _("Decline what they offer"), "button": _("Decline")},
        ),
        Act(
            "offer-back",
            forms.OfferBackForm,
            _("Take the offer back"),
            _("Take it back"),
            text=_("It never was a promise, and counts in no figure."),
            done=_("Taken back. It counts in no figure."),
            states=("proposed",),
            ours={"title": _("They took their offer back"), "button": _("Record it")},
        ),
        Act(
            "ask-answer",
            forms.AskAnswerForm,
            _("Ask for an answer by a day"),
            _("Ask for it"),
            text=_("Their page and the next letter to them say so. It binds nobody: no answer is no promise."),
            done=_("Asked for an answer."),
            states=("proposed",),
            ours={"title": _("Name the day we answer by"), "button": _("Name it"), "text": "", "done": _("Noted.")},
        ),
    ]
}
