"""The small acts on a promise: what each is called, which form it has, when it fits, what is said afterwards."""

from dataclasses import dataclass
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

    def fits(self, promise):
        return promise.state in self.states


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
            text=_("Its terms and its first date stay as they were. The story keeps both."),
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
        ),
    ]
}
