"""Questions as a client sees them on a phone, drawn inside a page of ours. Nothing on it is saved anywhere."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from surveys.answer_page import shown_questions
from surveys.minutes import asked_of
from surveys.questions import FALLBACK, questions_of


def preview(request, content, language, *, keys=None):
    """The questions as a client sees them on a phone, in that language; nothing on it is saved anywhere."""
    questions = questions_of(content, language)
    called = _("Phone-sized preview, nothing is saved")  # to us; the rest is in the language of the preview
    with translation.override(language):
        shown = shown_questions(questions, {})
        shown = [one for one in shown if keys is None or one.question.key in keys]
        context = {
            "shown": shown,
            "count": len(asked_of(questions)),
            "plain": True,
            "language": language,
            "called": called,
        }
        return render_to_string("surveys/_preview.html", context, request)


def chosen_language(request):
    """The language of the preview: `?lang=`, and English for anything that is none."""
    wanted = request.GET.get("lang", FALLBACK)
    return wanted if wanted in dict(settings.LANGUAGES) else FALLBACK
