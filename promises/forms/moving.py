"""Moving the date of a promise, the note that tells of it, and the answer to a request."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from promises import letter_mails, letters
from promises.forms.acts import ActForm
from promises.forms.fields import NOT_YET, BuiltForm, TermsMixin, contact_field, reason_field, words_field, zones_for
from promises.models import AgreedHow, Direction, Letter, NotAsked

Kind = Letter.Kind


class MoveForm(TermsMixin, BuiltForm):
    """Move a promise: new terms, who asks for them, who agreed and how, why, and a short note to them."""

    def build(self):
        promise = self.promise
        self._add_terms(zones=zones_for(self.user, promise.client, default=_("As before")), label=_("New date"))
        self.fields["asked_by"] = forms.ChoiceField(
            label=_("Who asks for it"),
            choices=[(Direction.OURS, _("We do")), (Direction.THEIRS, _("They do"))],
            initial=promise.direction,
            required=False,
        )
        self.fields["agreed_how"] = forms.ChoiceField(
            label=_("How was it agreed?"),
            choices=[*AgreedHow.recorded(), (NOT_YET, _("Not yet asked, or no answer yet"))],
            widget=forms.RadioSelect,
            error_messages={"required": _("Say how they agreed, or that they have not yet.")},
        )
        self.fields["contact"] = contact_field(
            promise.client,
            _("Who agreed it") if promise.is_ours else _("Who said so"),
            empty=_("Choose a person"),
            initial=promise.contact,
        )
        self.fields["reason"] = reason_field(_("Why"))
        self.fields["words"] = forms.CharField(
            label=_("In a few words, if you like"), max_length=500, required=False, help_text=_("Stays among us.")
        )
        self._add_note()

    def _add_note(self):
        """The words as they will go out, to be changed; they follow whether the new date is agreed or asked for."""
        contact = self.promise.contact
        self.no_note = letters.why_not_to(contact) if contact else ""
        if contact is None or self.no_note:
            return
        self.fields["send_note"] = forms.BooleanField(
            label=_("Send %(name)s a short note") % {"name": contact.first_name}, required=False
        )
        for name, kind, label in [
            ("note_moved", Kind.MOVED, _("The note that it is agreed")),
            ("note_asked", Kind.MOVE, _("The note that asks for it")),
        ]:
            letter = Letter(kind=kind, promise=self.promise, contact=contact, client=self.promise.client)
            self.fields[name] = words_field(
                label,
                rows=3,
                initial=letter_mails.usual_words(letter, now=self.now),
                help_text=_("Under it stand what was promised, both dates and your name."),
            )

    @property
    def note_fields(self):
        return [self[name] for name in ("note_moved", "note_asked") if name in self.fields]

    def clean(self):
        cleaned = super().clean()
        moment = self.check_moment(self.promise.due_zone)
        if moment and moment <= self.now:
            self.add_error("due_date", _("Choose a moment that is still ahead."))
        elif moment and moment == self.promise.due_at:
            self.add_error("due_date", _("Choose another date than the one agreed now."))
        has_people = self.fields["contact"].queryset.exists()
        agreed = cleaned.get("agreed_how") not in (None, NOT_YET)
        theirs = cleaned.get("asked_by") == Direction.THEIRS
        if (agreed or theirs) and has_people and not cleaned.get("contact") and "contact" not in self.errors:
            self.add_error("contact", _("Say who asked for it.") if theirs else _("Say who agreed it."))
        return cleaned

    @transaction.atomic
    def save(self):
        """The Renegotiation. `letter` is the note that goes with it, `refused` the reason why none could."""
        data = self.cleaned_data
        self.letter, self.refused = None, ""
        by_them = (data["asked_by"] or self.promise.direction) == Direction.THEIRS
        move = self.promise.ask_to_move(
            by=self.user, now=self.now, terms=self.terms(self.promise.due_zone), reason=data["reason"],
            words=data["words"], contact=data["contact"] if by_them else None,
        )  # fmt: skip
        agreed = data["agreed_how"] != NOT_YET
        if agreed:
            who = {} if move.asked_by_them else {"contact": data["contact"]}
            move.accept(by=self.user, now=self.now, how=data["agreed_how"], **who)
        if data.get("send_note") and (agreed or not by_them):
            self._write(Kind.MOVED if agreed else Kind.MOVE, move)
        return move

    def _write(self, kind, move):
        name = "note_moved" if kind == Kind.MOVED else "note_asked"
        words = self.cleaned_data[name] if name in self.changed_data else ""
        try:
            with transaction.atomic():
                self.letter = letters.write(
                    kind, now=self.now, by=self.user, promise=self.promise, words=words, renegotiation=move,
                    not_before=self.now + letters.UNDO,
                )  # fmt: skip
        except letters.CannotWrite as refused:
            self.refused = str(refused.words)


class MoveAnswerForm(TermsMixin, ActForm):
    """The answer to a request to move: yes, another date, no, or it is taken back; theirs written down, or our own."""

    OTHER = "other"
    THEIR_ANSWERS = [
        ("yes", _("They agreed")),
        (OTHER, _("They offered another date")),
        ("no", _("They said no")),
        ("back", _("We take the request back")),
    ]
    OUR_ANSWERS = [
        ("yes", _("We agree")),
        (OTHER, _("We offer another date")),
        ("no", _("We say no")),
        ("back", _("They took the request back")),
    ]

    def build(self):
        self.move = self.promise.open_request()
        ours = bool(self.move and self.move.waits_for_us)
        self.fields["move"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=self.move and self.move.pk
        )
        self.fields["answer"] = forms.ChoiceField(
            label=_("Our answer") if ours else _("Their answer"),
            choices=self.OUR_ANSWERS if ours else self.THEIR_ANSWERS,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose an answer.")},
        )
        zones = zones_for(self.user, self.promise.client, default=_("As before"))
        self._add_terms(zones=zones, label=_("The other date, if one was offered"))
        self.fields["due_date"].required = False
        if not ours:
            self.fields["contact"] = contact_field(
                self.promise.client, _("Who said so"), empty=_("Nobody in particular"), initial=self.promise.contact
            )
            self.fields["how"] = forms.ChoiceField(label=_("How"), choices=AgreedHow.recorded(), required=False)
        self.fields["note"] = words_field(_("Note, if you like"))

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("answer") != self.OTHER:
            self.errors.pop("due_date", None)
            return cleaned
        moment = self.check_moment(self.promise.due_zone)
        if "due_date" in self.errors:
            return cleaned
        if moment is None:
            self.add_error("due_date", _("Say which date was offered."))
        elif moment <= self.now:
            self.add_error("due_date", _("Choose a moment that is still ahead."))
        elif moment == self.promise.due_at:
            self.add_error("due_date", _("That is the date agreed now. Then the answer is no."))
        elif self.move and moment == self.move.new_due_at:
            self.add_error("due_date", _("That is the date that was asked for. Then the answer is yes."))
        return cleaned

    def save(self):
        data, move = self.cleaned_data, self.move
        if move is None or (data["move"] and data["move"] != move.pk):
            raise NotAsked(self.promise)
        told = {**self.stamp(), "note": data["note"]}
        theirs = {} if move.waits_for_us else {"contact": data["contact"], "how": data["how"] or AgreedHow.CALL}
        match data["answer"]:
            case "back":
                move.take_back(**told)
            case "no":
                move.refuse(**told, **theirs)
            case self.OTHER:
                words = told.pop("note")[:500]
                move.counter(**told, **theirs, words=words, terms=self.terms(self.promise.due_zone))
            case _yes:
                move.accept(**told, **theirs)
