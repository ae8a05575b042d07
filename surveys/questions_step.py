"""What to ask: the first step. Which questionnaire, in which languages, and which lines over the years would end."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.conflict import VersionedModelForm
from accounts.forms import posted
from surveys import lines
from surveys.models import Question, Questionnaire, Round
from surveys.preview import chosen_language, preview
from surveys.questionnaire_page import languages
from surveys.questions import FALLBACK, answerable, questions_of
from surveys.setup_page import page, save_step
from surveys.trends import unbroken

OTHERS = [(code, name) for code, name in settings.LANGUAGES if code != FALLBACK]


@dataclass(frozen=True)
class Choice:
    """A questionnaire a round may use, held against what was asked last."""

    questionnaire: Questionnaire
    count: int
    languages: list
    ended: list  # lines that would not go on
    kept: int
    is_recommended: bool

    @property
    def complete(self):
        return [one.name for one in self.languages if one.is_complete]


class QuestionsForm(VersionedModelForm):
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Also in"), required=False, choices=OTHERS, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Round
        fields = ["name", "year", "questionnaire", "languages"]
        widgets = {"questionnaire": forms.RadioSelect}

    def __init__(self, *args, choices=(), **kwargs):
        self.choices = choices
        super().__init__(*args, **kwargs)

    @property
    def again(self):
        return {"choices": self.choices}

    def add_fields(self):
        asked = self.fields["questionnaire"]
        asked.queryset = Questionnaire.objects.filter(pk__in=[one.questionnaire.pk for one in self.choices])
        asked.empty_label = None  # a round always has one
        if not self.initial.get("languages"):
            self.initial["languages"] = self.instance.languages_offered
        self.initial["languages"] = [code for code in self.initial["languages"] if code != FALLBACK]

    def clean_year(self):
        year = self.cleaned_data["year"]
        if not 2000 <= year <= 2100:
            raise forms.ValidationError(_("Enter a year such as 2026."))
        return year

    def clean(self):
        cleaned = super().clean()
        chosen = next((c for c in self.choices if c.questionnaire == cleaned.get("questionnaire")), None)
        if chosen is None or "languages" not in cleaned:
            return cleaned
        wanted = cleaned["languages"]
        if chosen.count == 0:
            self.add_error("questionnaire", _("This questionnaire asks nothing yet."))
        for one in chosen.languages:
            if one.code in wanted and not one.is_complete:
                words = {"language": one.name, "questionnaire": chosen.questionnaire.name}
                self.add_error("languages", _("%(questionnaire)s is not complete in %(language)s.") % words)
        # English is the one every question has; without it nothing would be left to fall back to.
        cleaned["languages"] = [FALLBACK, *(code for code in wanted if code != FALLBACK)]
        return cleaned


def questions_step(request, round):
    last = lines.last_closed(without=round.pk)
    choices = choices_for(round, last)
    form = QuestionsForm(posted(request), instance=round, choices=choices)
    stored = round.snapshot or Questionnaire.objects.get(pk=round.questionnaire_id).as_asked()
    language = chosen_language(request)
    context = {
        "choices": choices,
        "last": last,
        "language": language,
        "languages": languages(stored),
        "count": len(answerable(questions_of(stored))),
        "preview": preview(request, stored, language),
        "stored": stored,
    }
    if request.method == "POST" and form.is_valid():
        return save_step(request, form, round, "questions", next_step="people", context=context)
    return page(request, round, "questions", {"form": form, **context}, status=422 if form.errors else 200)


def choices_for(round, last):
    """Each questionnaire this round may use: those offered, and the one it has."""
    found = Questionnaire.objects.filter(Q(retired_at=None) | Q(pk=round.questionnaire_id))
    found = found.prefetch_related(Prefetch("questions", Question.objects.asked(), to_attr="row"))
    asked = lines.snapshots()
    usual = last.questionnaire_id if last else None
    choices = [_choice(one, last, asked, usual) for one in found]
    return sorted(choices, key=lambda one: (not one.is_recommended, len(one.ended), one.questionnaire.name.casefold()))


def _choice(questionnaire, last, asked, usual):
    content = {"questions": [question.as_asked() for question in questionnaire.row]}
    return Choice(
        questionnaire=questionnaire,
        count=len(answerable(questions_of(content))),
        languages=languages(content),
        ended=lines.ended_by(content, last, asked),
        kept=len(unbroken(last.snapshot, content)) if last else 0,
        is_recommended=questionnaire.pk == usual,
    )
