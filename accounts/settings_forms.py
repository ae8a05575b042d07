"""The firm's own settings."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.conflict import VersionedModelForm
from accounts.models import Workspace
from accounts.places import CountryField, ZoneField

MOST_REMINDERS = 3


class ReminderDaysField(forms.CharField):
    """Working days after the invitation, typed “4, 9, 13”; empty means the usual ones."""

    def clean(self, value):
        value = super().clean(value)
        parts = [part for part in re.split(r"[,;\s]+", value.strip()) if part]
        if not all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts):
            raise ValidationError(_("Write whole numbers with commas between them, such as 4, 9, 13."))
        days = sorted({int(part) for part in parts})
        if len(days) > MOST_REMINDERS:
            raise ValidationError(_("At most three reminders: after the third, silence is an answer."))
        if days and not (days[0] >= 1 and days[-1] <= 60):
            raise ValidationError(_("Each day is between 1 and 60."))
        return days

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value

    def has_changed(self, initial, data):
        return re.findall(r"\d+", str(self.prepare_value(initial) or "")) != re.findall(r"\d+", data or "")


PRIORITY = ["priority_bias", "priority_low", "priority_worst", "priority_promises", "priority_silence"]


CASES = ["case_call_days", "case_contact_days", "case_talk_days", "ask_cleared_after_days", "recurrence_months"]
ANSWERS = ["answer_hours", "answer_hours_urgent", "answer_soon_share", "answer_manager_hours"]


class WorkspaceForm(VersionedModelForm):
    time_zone = ZoneField()
    country = CountryField(required=False)
    reminder_days = ReminderDaysField(
        label=_("Survey reminders, working days after the invitation"), required=False, max_length=60
    )

    class Meta:
        model = Workspace
        fields = [
            "firm_name",
            "phone",
            "time_zone",
            "country",
            "rhythm_days",
            "reminder_days",
            "contact_gap_days",
            "silence_days",
            "broken_after_days",
            "answer_within_days",
            "correction_minutes",
            "early_share",
            "early_least_days",
            "early_most_days",
            "word_before_days",
            "owner_after_days",
            "manager_after_days_critical",
            "manager_after_days",
            "quiet_from",
            "quiet_until",
            "remind_clients",
            "decision_maker_weight",
            *PRIORITY,
            "quadrant_cut",
            *CASES,
            *ANSWERS,
        ]
        labels = {
            "firm_name": _("Firm"),
            "phone": _("Phone on client pages, if you like"),
            "early_share": _("Early notice, in % of the time given"),
            "word_before_days": _("Working days before the last early moment: a word to the owner"),
            "owner_after_days": _("Working days late: the owner must choose"),
            "manager_after_days_critical": _("Working days late: a manager hears, if critical"),
            "manager_after_days": _("Working days late: a manager hears of any other"),
            "priority_bias": _("They rate us lower than we think, %"),
            "priority_low": _("They rate us low, %"),
            "priority_worst": _("Their widest dimension, %"),
            "priority_promises": _("Promises broken or late, %"),
            "priority_silence": _("Would not recommend, or silent, %"),
            "quadrant_cut": _("From this mark on, a rating is high"),
            "case_call_days": _("Working days until a call they asked for"),
            "case_contact_days": _("Working days until we first speak with them"),
            "case_talk_days": _("Working days until the talk is held"),
            "ask_cleared_after_days": _("Days after it is resolved: have we cleared this up?"),
            "recurrence_months": _("Months within which the same cause is a recurrence"),
            "answer_hours": _("Working hours until an answer"),
            "answer_hours_urgent": _("Working hours until an answer, if urgent"),
            "answer_soon_share": _("It runs out when so much of the time is gone, %"),
            "answer_manager_hours": _("Working hours over until a manager hears"),
        }
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"}) for name in ("quiet_from", "quiet_until")
        }

    LIMITS = {
        "rhythm_days": (1, 366),
        "contact_gap_days": (0, 60),
        "silence_days": (1, 60),
        "broken_after_days": (1, 120),
        "answer_within_days": (1, 120),
        "correction_minutes": (0, 1440),
        "early_share": (0, 50),
        "early_least_days": (0, 20),
        "early_most_days": (0, 60),
        "word_before_days": (0, 20),
        "owner_after_days": (1, 60),
        "manager_after_days_critical": (1, 60),
        "manager_after_days": (1, 60),
        "decision_maker_weight": (1, 10),
        **dict.fromkeys(PRIORITY, (0, 100)),
        "quadrant_cut": (1, 10),
        "case_call_days": (1, 60),
        "case_contact_days": (1, 60),
        "case_talk_days": (1, 120),
        "ask_cleared_after_days": (1, 366),
        "recurrence_months": (1, 60),
        "answer_hours": (1, 400),
        "answer_hours_urgent": (1, 400),
        "answer_soon_share": (1, 99),
        "answer_manager_hours": (0, 400),
    }
    # Which cannot be more than which, and what is wrong when it is; said at the second one.
    IN_ORDER = [
        ("early_least_days", "early_most_days", _("The most cannot be less than the least.")),
        (
            "owner_after_days",
            "manager_after_days_critical",
            _("The owner hears first: choose at least as many days as for the owner."),
        ),
        (
            "manager_after_days_critical",
            "manager_after_days",
            _("A critical promise comes first: choose at least as many days as for a critical one."),
        ),
        (
            "manager_after_days",
            "broken_after_days",
            _("A manager hears before it counts as broken: choose at least as many days as for the manager."),
        ),
        (
            "case_call_days",
            "case_contact_days",
            _("A call they asked for comes first: choose at least as many days as for that."),
        ),
        (
            "case_contact_days",
            "case_talk_days",
            _("We speak with them before the talk: choose at least as many days as for the first contact."),
        ),
        (
            "answer_hours_urgent",
            "answer_hours",
            _("What is urgent comes first: choose at least as many hours as for that."),
        ),
    ]

    def add_fields(self):
        self.initial["reminder_days"] = self.instance.survey_reminder_days
        for name, (least, most) in self.LIMITS.items():
            self.fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]

    def clean(self):
        cleaned = super().clean()
        for smaller, larger, words in self.IN_ORDER:
            low, high = cleaned.get(smaller), cleaned.get(larger)
            if low is not None and high is not None and low > high:
                self.add_error(larger, words)
        weights = [cleaned.get(name) for name in PRIORITY]
        if None not in weights and sum(weights) != 100:
            words = _("The five parts make %(sum)d %% together; they have to make 100 %%.") % {"sum": sum(weights)}
            self.add_error(PRIORITY[0], words)
        return cleaned


_effects = []
_followers = []


def register_follower(follow):
    """Let an upper room act when settings change: `follow(changed, now)`, in the transaction that saves them.

    `changed` is the set of the fields' names.
    """
    _followers.append(follow)


def follow(before, after, *, now):
    """Tells the upper rooms which settings are different now."""
    names = {field.name for field in Workspace._meta.concrete_fields} - {"version"}
    if changed := {name for name in names if getattr(before, name) != getattr(after, name)}:
        for follower in _followers:
            follower(changed, now)


def register_effects(effects_of):
    """Let an upper room say what its settings do: `effects_of(workspace, now) -> {field: sentence}`."""
    _effects.append(effects_of)


def effects(workspace, *, now):
    """What the settings do, a sentence each, by field."""
    days = workspace.survey_reminder_days
    found = {
        "rhythm_days": _("A client nobody spoke with for %(days)d days shows as quiet.")
        % {"days": workspace.rhythm_days},
        "reminder_days": _(
            "Who has not answered is reminded %(times)d times, on working days %(days)s after the invitation, "
            "then left alone."
        )
        % {"times": len(days), "days": ", ".join(map(str, days))},
        "contact_gap_days": _(
            "Nobody at a client gets two automatic mails within %(days)d working days; the second waits."
        )
        % {"days": workspace.contact_gap_days},
        "decision_maker_weight": _(
            "In a client’s score a decision maker counts %(weight)s times as much as the others."
        )
        % {"weight": f"{Decimal(workspace.decision_maker_weight).normalize():f}"},
    }
    for effects_of in _effects:
        found |= effects_of(workspace, now)
    return found
