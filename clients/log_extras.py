"""What goes along with an entry: files, the requests it answers, a reminder, and who of us it was."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.conflict import Stale
from accounts.quick import date_format
from clients import there
from clients.files import store
from clients.follow_ups import verbs as follow_ups
from clients.models import Attachment, NotAllowed, Request

MOST_WAITING = 6
REMIND = {"tomorrow": _("Tomorrow"), "week": _("In a week")}


class LogExtras(forms.Form):
    """Fields beside the text; all may be left empty."""

    remind = forms.ChoiceField(label=_("Remind me"), choices=[("", _("No")), *REMIND.items()], required=False)
    remind_on = forms.DateField(label=_("On"), required=False)
    files = forms.Field(label=_("Files"), required=False)
    add_all = forms.BooleanField(required=False)

    at = "log"  # tells two boxes on one page apart
    just_kept, just_refused = (), ()  # files sent with the form itself

    # ------------------------------------------------------------------ what can be chosen
    @cached_property
    def adds_all(self):
        return self.is_bound and self.data.get("add_all", "") not in ("", "0", "false")

    @cached_property
    def colleagues(self):
        """Who may have spoken to them: the owner, the team, oneself."""
        if self.client is None:
            return [self.user]
        read = "team_members" in getattr(self.client, "_prefetched_objects_cache", ())
        members = self.client.team_members.all() if read else self.client.team_members.select_related("user")
        team = [member.user for member in members]
        return list({one.pk: one for one in [self.user, self.client.owner, *team]}.values())

    @cached_property
    def said_by(self):
        wanted = self.data.get("author", "") if self.is_bound else ""
        if wanted in ("", self.user.public_id):
            return self.user
        return next((one for one in self.colleagues if one.public_id == wanted), self.user)

    @cached_property
    def wanted_answers(self):
        return set(self.data.getlist("answers") if self.is_bound else self.asked.get("answers", ()))

    @cached_property
    def waiting(self):
        """The requests of this client nobody has answered, the oldest first, and whether each is ticked."""
        if self.client is None or not there.are(self.client, "requests"):
            return []
        if "_requests_shown" in self.client.__dict__:  # read for this page already
            waiting = [one for one in self.client._requests_shown if one.is_waiting]
            found = sorted(waiting, key=lambda one: (one.waiting_since, one.pk))[:MOST_WAITING]
        else:
            found = Request.objects.waiting().filter(client=self.client).order_by("waiting_since", "pk")[:MOST_WAITING]
        return [(request, request.public_id in self.wanted_answers) for request in found]

    @cached_property
    def attached(self):
        """The files of this draft; those the form itself brought are kept whatever becomes of it."""
        ids = [one for one in self.data.getlist("attachment") if "\0" not in one][: store.MOST] if self.is_bound else []
        mine = Attachment.objects.drafts_of(self.user)
        fresh = [one.pk for one in self.just_kept]
        return list(mine.filter(Q(public_id__in=ids) | Q(pk__in=fresh))) if ids or fresh else []

    # ------------------------------------------------------------------ what the template draws
    @property
    def what_id(self):
        return "what" if self.at == "log" else f"{self.at}-what"

    def authors(self):
        return [(one, one.pk == self.said_by.pk) for one in self.colleagues]

    def reminders(self):
        """(value, words, the day, chosen)"""
        wanted = self.data.get("remind", "") if self.is_bound else ""
        days = {"tomorrow": self.today + timedelta(days=1), "week": self.today + timedelta(days=7)}
        return [(key, words, days[key], key == wanted) for key, words in REMIND.items()]

    def remind_words(self):
        wanted = self.data.get("remind", "") if self.is_bound else ""
        try:
            day = parse_date(self.remind_date())
        except ValueError:
            day = None
        return REMIND.get(wanted) or (date_format(day, "SHORT_DATE_FORMAT") if day else "")

    def remind_date(self):
        return self.data.get("remind_on", "") if self.is_bound else ""

    @property
    def today(self):
        return timezone.localdate(self.now)

    # ------------------------------------------------------------------ taking it
    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if self.just_refused:
            for words in self.just_refused:
                self.add_error("files", words)
        day = cleaned.get("remind_on")
        if day and day <= self.today and not cleaned.get("remind"):
            self.add_error("remind_on", ValidationError(_("Choose a day that lies ahead.")))
        return cleaned

    def to_answer(self):
        wanted = [one for one in self.wanted_answers if one and "\0" not in one]
        return Request.objects.waiting().filter(client=self.client, public_id__in=wanted) if wanted else []

    @property
    def remind_day(self):
        chosen = self.cleaned_data.get("remind")
        return {
            "tomorrow": self.today + timedelta(days=1),
            "week": self.today + timedelta(days=7),
        }.get(chosen, self.cleaned_data.get("remind_on"))

    def save_extras(self, interaction):
        """In the transaction of the entry. What another has just answered stays as it is."""
        for one in self.attached:
            one.interaction = interaction
        Attachment.objects.bulk_update(self.attached, ["interaction"])
        self.answered = 0
        for request in self.to_answer():
            try:
                with transaction.atomic():
                    request.answer(by=self.user, now=self.now, interaction=interaction)
            except (NotAllowed, Stale):
                continue
            self.answered += 1
        if day := self.remind_day:
            note = first_line(interaction.body)
            about = {"client": self.client, "user": self.user, "interaction": interaction}
            follow_ups.set_follow_up(**about, due_on=day, note=note)


def first_line(text, most=120):
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
