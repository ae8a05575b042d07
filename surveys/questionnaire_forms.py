"""Forms of the questionnaire editor: a new one, one question in English, and its words in another language."""

from django import forms
from django.core.validators import MinValueValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.conflict import BOOKKEEPING, VersionedModelForm
from accounts.forms import PlainModelForm
from surveys import editing
from surveys.models import Dimension, Question, Questionnaire
from surveys.questions import FALLBACK, TO_CHECK, is_to_check, options_of

TEXT, HINT, END, OPTION = 300, 300, 60, 120
NEW_OPTIONS = ("new1", "new2", "new3", "new4")
KEY = RegexValidator(r"^[a-z0-9_]+\Z", gettext_lazy("Use small letters, digits and underscores only."))


class NameForm(PlainModelForm):
    """The name of a new questionnaire, of a copy, or of one that is to be called something else."""

    was = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)  # the name as this page showed it

    class Meta:
        model = Questionnaire
        fields = ["name"]

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if Questionnaire.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a questionnaire of this name already."))
        return name


class QuestionForm(VersionedModelForm):
    """One question with its English words. Its kind and its key are settled when it is made.

    `row`: the questions asked in that questionnaire, in their order.
    """

    also_saves = ("wording", "show_if")

    class Meta:
        model = Question
        fields = ["dimension", "reverse", "required", "pick_up_to"]
        help_texts = {
            "reverse": gettext_lazy("Agreeing is bad, as in “You often have to remind us”."),
            "required": gettext_lazy(
                "A client cannot send without answering this one; “I can’t say” is an answer too."
            ),
            "pick_up_to": gettext_lazy("At most so many can be chosen."),
        }

    def __init__(self, *args, row=(), option_keys=None, **kwargs):
        self.row, self.option_keys = list(row), option_keys
        super().__init__(*args, **kwargs)

    @property
    def again(self):
        return {"row": self.row, "option_keys": self.option_keys}

    def add_fields(self):
        kind, words = self.instance.kind, self.instance.wording.get(FALLBACK, {})
        self.fields = {
            "text": _line(_("Heading") if kind == "section" else _("Question"), TEXT, words, "text", required=True),
            "hint": _line(_("Hint"), HINT, words, "hint", help_text=_("One more sentence, in small print.")),
            **self.fields,
        }
        if kind == "scale":
            self.fields["low"] = _line(_("What 0 means"), END, words, "low", required=True)
            self.fields["high"] = _line(_("What 10 means"), END, words, "high", required=True)
            self.fields["dimension"].required = True
            self.fields["dimension"].choices = [("", _("Choose")), *Dimension.choices]
        else:
            del self.fields["dimension"], self.fields["reverse"]
        if kind != "pick":
            del self.fields["pick_up_to"]
        else:
            self.fields["pick_up_to"].required = True
            self.fields["pick_up_to"].validators.append(MinValueValidator(1))
            self.fields["pick_up_to"].widget.attrs["min"] = 1
        if kind in ("section", "call", "contact"):
            del self.fields["required"]
        self._add_options(words)
        self._add_condition()
        if not self.instance.pk:
            self.fields["key"] = forms.CharField(
                label=_("Key"),
                max_length=editing.KEY,
                required=False,
                validators=[KEY],
                help_text=_(
                    "Joins the answers over the years, so it never changes. Left empty, it is made from the words."
                ),
            )

    def _add_options(self, words):
        self.offers_options = self.instance.kind in ("choice", "pick")
        if not self.offers_options:
            self.option_keys = []
            return
        offered, known = list(options_of(self.instance.wording)), words.get("options") or {}
        if self.option_keys is None:
            self.option_keys = [*offered, *(key for key in known if key not in offered)]
        for number, key in enumerate([*self.option_keys, *NEW_OPTIONS], 1):
            there, name = key in known, {"n": number}
            self.fields[f"o-{key}"] = forms.CharField(
                label=_("Option %(n)d") % name, max_length=OPTION, required=False, initial=known.get(key, "")
            )
            place = offered.index(key) + 1 if key in offered else None
            self.fields[f"p-{key}"] = forms.IntegerField(
                label=_("Place of option %(n)d") % name, required=False, min_value=1, max_value=99, initial=place
            )
            if there:
                self.fields[f"x-{key}"] = forms.BooleanField(
                    label=_("Option %(n)d is offered no more") % name, required=False, initial=key not in offered
                )

    def _add_condition(self):
        self.possible = {one.key: one for one in editing.may_depend_on(self.instance, self.row)}
        if not self.possible:
            return
        condition = self.instance.show_if or {}
        texts = [(key, one.text) for key, one in self.possible.items()]
        self.fields["show_after"] = forms.ChoiceField(
            label=_("Shown"),
            required=False,
            choices=[("", _("Always")), (_("Only after an answer to"), texts)],
            initial=condition.get("key", ""),
        )
        self.fields["show_when"] = forms.ChoiceField(
            label=_("When that answer is"),
            required=False,
            choices=[("", _("Choose")), *_answers(self.possible.values())],
            initial=_as_choice(condition, self.possible),
        )

    # ---------------------------------------------------------------- what the page shows

    @property
    def option_rows(self):
        keys = [*self.option_keys, *NEW_OPTIONS] if self.offers_options else []
        rows = []
        for key in keys:
            off = self[f"x-{key}"] if f"x-{key}" in self.fields else None
            rows.append((key if key not in NEW_OPTIONS else "", self[f"o-{key}"], self[f"p-{key}"], off))
        return rows

    # ---------------------------------------------------------------- reading it

    def clean_text(self):
        return " ".join(self.cleaned_data["text"].split())

    def clean_key(self):
        key = self.cleaned_data["key"]
        if key and key in editing.keys_of(self.instance.questionnaire):
            raise forms.ValidationError(_("This key is taken, maybe by a question that was taken away."))
        return key

    def clean(self):
        cleaned = super().clean()
        self._clean_condition(cleaned)
        if self.offers_options:
            self._clean_options(cleaned)
        return cleaned

    def _clean_condition(self, cleaned):
        key, when = cleaned.get("show_after"), cleaned.get("show_when")
        if not key:
            return
        other = self.possible[key]
        how, _colon, value = (when or "").partition(":")
        if other.kind == "scale":
            fits = how in ("at_most", "at_least")
        elif other.kind in ("yes_no", "call"):
            fits = when in ("is:yes", "is:no")
        else:
            fits = how == "is" and value.partition("/")[0] == key
        if not fits:
            self.add_error("show_when", _("Choose an answer that can be given to that question."))

    def _clean_options(self, cleaned):
        offered = []
        for number, key in enumerate([*self.option_keys, *NEW_OPTIONS], 1):
            words, known = (cleaned.get(f"o-{key}") or "").strip(), key not in NEW_OPTIONS
            sent = self.add_prefix(f"o-{key}") in self.data
            if known and sent and not words:
                self.add_error(
                    f"o-{key}", _("An option has words. If it is not wanted, tick that it is offered no more.")
                )
            if words and not cleaned.get(f"x-{key}"):
                offered.append((cleaned.get(f"p-{key}") or 100 + number, number, key))
        self.offered = [key for _place, _number, key in sorted(offered)]
        texts = [cleaned[f"o-{key}"].strip().casefold() for key in self.offered]
        if len(texts) < 2:
            self.add_error(f"o-{[*self.option_keys, *NEW_OPTIONS][0]}", _("Offer at least two options."))
        elif len(set(texts)) < len(texts):
            self.add_error(f"o-{self.offered[0]}", _("Two options have the same words."))
        elif "pick_up_to" in self.fields and (cleaned.get("pick_up_to") or 1) > len(texts):
            self.add_error("pick_up_to", _("There are only %(n)d options.") % {"n": len(texts)})

    def fields_of_question(self):
        """What is to be stored, by the names of `Question`."""
        cleaned = self.cleaned_data
        found = {name: cleaned[name] for name in self.Meta.fields if name in self.fields}
        if "dimension" in found:
            found["dimension"] = found["dimension"] or ""
        words = {name: cleaned[name].strip() for name in ("text", "hint", "low", "high") if name in self.fields}
        if self.offers_options:
            words |= self._options()
        return {
            **found,
            "wording": editing.with_english(self.instance.wording, words),
            "show_if": self._condition(),
        }

    def _options(self):
        """The options with their words, and the order of those offered; a new one gets its key for ever."""
        kept = dict((self.instance.wording.get(FALLBACK) or {}).get("options") or {})
        keys = {}
        for key in [*self.option_keys, *NEW_OPTIONS]:
            if words := (self.cleaned_data.get(f"o-{key}") or "").strip():
                keys[key] = editing.as_key(words, kept, "option") if key in NEW_OPTIONS else key
                kept[keys[key]] = words
        # What somebody else has added since this form was read is offered after these.
        others = [key for key in options_of(self.instance.wording) if key not in self.option_keys]
        return {"options": kept, "order": [*(keys[key] for key in self.offered), *others]}

    def _condition(self):
        key, when = self.cleaned_data.get("show_after"), self.cleaned_data.get("show_when") or ""
        if not key:
            return None
        how, _colon, value = when.partition(":")
        if how == "is":
            return {"key": key, "is": value.rpartition("/")[2]}
        return {"key": key, how: int(value)}

    def as_it_would_be(self):
        """The question as a round would ask it once this is saved."""
        key = self.instance.key or self.cleaned_data.get("key") or "question"
        return {**self.instance.as_asked(), "key": key, **self.fields_of_question()}


def _line(label, most, words, name, **more):
    return forms.CharField(label=label, max_length=most, initial=words.get(name, ""), **{"required": False, **more})


def _answers(questions):
    """What an answer can be, grouped: numbers, yes and no, and each choice's options."""
    groups, kinds = [], {one.kind for one in questions}
    if "scale" in kinds:
        most = [(f"at_most:{n}", _("%(n)d or less") % {"n": n}) for n in range(10)]
        least = [(f"at_least:{n}", _("%(n)d or more") % {"n": n}) for n in range(1, 11)]
        groups.append((_("A number"), [*most, *least]))
    if kinds & {"yes_no", "call"}:
        groups.append((_("Yes or no"), [("is:yes", _("Yes")), ("is:no", _("No"))]))
    for one in questions:
        if one.kind in ("choice", "pick"):
            options = options_of(one.wording).items()
            groups.append((one.text, [(f"is:{one.key}/{key}", words) for key, words in options]))
    return groups


def _as_choice(condition, possible):
    if "is" not in condition:
        return next((f"{how}:{condition[how]}" for how in ("at_most", "at_least") if how in condition), "")
    other = possible.get(condition["key"])
    if other is not None and other.kind in ("choice", "pick"):
        return f"is:{condition['key']}/{condition['is']}"
    return f"is:{condition['is']}"


class TranslationForm(VersionedModelForm):
    """One question's words in another language; what English does not say need not be said."""

    also_saves = ("wording",)

    class Meta:
        model = Question
        fields = []

    def __init__(self, *args, language, option_keys=None, **kwargs):
        self.language, self.option_keys = language, option_keys
        super().__init__(*args, **kwargs)

    @property
    def again(self):
        return {"language": self.language, "option_keys": self.option_keys}

    def add_fields(self):
        wording = self.instance.wording
        self.english, self.there = wording.get(FALLBACK) or {}, wording.get(self.language) or {}
        labels = {"text": _("Question"), "hint": _("Hint"), "low": _("What 0 means"), "high": _("What 10 means")}
        most = {"text": TEXT, "hint": HINT, "low": END, "high": END}
        for name, label in labels.items():
            if self.english.get(name) or self.there.get(name):
                self.fields[name] = _line(label, most[name], self.there, name)
        offered = options_of(wording)
        if self.option_keys is None:
            self.option_keys = list(offered)
        options = self.there.get("options") or {}
        for key in self.option_keys:
            self.fields[f"o-{key}"] = forms.CharField(
                label=offered.get(key, key), max_length=OPTION, required=False, initial=options.get(key, "")
            )
        self.is_to_check = is_to_check({"wording": wording}, self.language)
        if self.is_to_check:
            tick = forms.CheckboxInput(attrs={"class": "form-check-input"})
            self.fields["fits"] = forms.BooleanField(
                label=_("These words still say the same"), required=False, widget=tick
            )

    @property
    def pairs(self):
        """(the English words, the field for the others) line by line."""
        offered = options_of(self.instance.wording)
        rows = [
            (self.english.get(name, ""), self[name]) for name in ("text", "hint", "low", "high") if name in self.fields
        ]
        return rows + [(offered.get(key, ""), self[f"o-{key}"]) for key in self.option_keys]

    @property
    def was_changed(self):
        return any(name not in BOOKKEEPING for name in self.changed_data)

    def wording(self):
        cleaned = self.cleaned_data
        words = {name: cleaned[name].strip() for name in ("text", "hint", "low", "high") if name in self.fields}
        # Whoever changes a word of it has looked at all of it.
        there = {name: part for name, part in self.there.items() if name != TO_CHECK}
        options = dict(there.get("options") or {})
        options |= {key: cleaned[f"o-{key}"].strip() for key in self.option_keys}
        return editing.with_words(
            self.instance.wording,
            self.language,
            {**there, **words, "options": {key: text for key, text in options.items() if text}},
        )
