"""The questionnaires: their list, one with its questions and a preview, its languages and its versions.

Managers read, administrators write.
"""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import administrators_only, managers_only
from accounts.conflict import Stale, answer, describe
from accounts.forms import posted
from surveys import editing, lines, questionnaire_page
from surveys.models import Question, Questionnaire
from surveys.preview import chosen_language, preview
from surveys.questionnaire_forms import NameForm, QuestionForm, TranslationForm
from surveys.questions import FALLBACK, missing_in


def _found(view):
    @wraps(view)
    def found(request, pk, *args, **kwargs):
        questionnaire = get_object_or_404(Questionnaire, pk=pk)
        return view(request, questionnaire, *args, **kwargs)

    return found


# -------------------------------------------------------------------- all of them


@managers_only
@require_http_methods(["GET"])
def questionnaires(request):
    return render(request, "surveys/questionnaires.html", {"rows": questionnaire_page.all_of_them()})


@administrators_only
@require_http_methods(["GET", "POST"])
def questionnaire_new(request):
    """An empty one, or with `?from=` a copy."""
    source = request.GET.get("from", "")
    original = get_object_or_404(Questionnaire, pk=source) if source.isdecimal() and len(source) < 10 else None
    initial = {"name": _("%(name)s, our own") % {"name": original.name}} if original else {}
    form = NameForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        name, now = form.cleaned_data["name"], timezone.now()
        try:
            return redirect(editing.copy(original, name, now=now) if original else editing.new(name, now=now))
        except editing.NotPossible as why:
            form.add_error("name", str(why))
    context = {"form": form, "original": original}
    return render(request, "surveys/questionnaire_new.html", context, status=422 if form.errors else 200)


@administrators_only
@require_http_methods(["POST"])
@_found
def questionnaire_retire(request, questionnaire):
    if request.POST.get("action") == "back":
        editing.bring_back_questionnaire(questionnaire)
        messages.success(request, _("%(name)s is offered to new rounds again.") % {"name": questionnaire.name})
    else:
        editing.retire(questionnaire, now=timezone.now())
        messages.success(request, _("%(name)s is offered to new rounds no more.") % {"name": questionnaire.name})
    return redirect("questionnaires")


# -------------------------------------------------------------------- one of them


@managers_only
@require_http_methods(["GET"])
@_found
def questionnaire(request, questionnaire):
    content, language = questionnaire.as_asked(), chosen_language(request)
    context = {
        **questionnaire_page.of(questionnaire, content, may_write=request.user.is_administrator),
        "preview": preview(request, content, language),
        "language": language,
        "moved": request.GET.get("moved", ""),
    }
    return render(request, "surveys/questionnaire.html", context)


@administrators_only
@require_http_methods(["GET", "POST"])
@_found
def questionnaire_rename(request, questionnaire):
    """Rounds that have asked it keep the name they asked it under."""
    name = questionnaire.name
    form = NameForm(posted(request), instance=questionnaire, initial={"was": name})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            new, was = form.cleaned_data["name"], form.cleaned_data["was"]
            try:
                editing.rename(questionnaire, new, was=was)
            except editing.NotPossible as why:
                form.add_error("name", str(why))
            except Stale:
                status = 409
                words = _("Somebody has called it “%(name)s” in the meantime. Save again to call it “%(new)s”.")
                form = NameForm({"name": new, "was": name}, instance=questionnaire)
                form.add_error("name", words % {"name": name, "new": new})
            else:
                messages.success(request, _("It is called %(name)s now.") % {"name": new})
                return redirect(questionnaire)
    context = {"form": form, "questionnaire": questionnaire, "name": name}
    return render(request, "surveys/questionnaire_rename.html", context, status=status)


@managers_only
@require_http_methods(["GET"])
@_found
def questionnaire_versions(request, questionnaire):
    context = {"questionnaire": questionnaire, "versions": questionnaire_page.versions_of(questionnaire)}
    return render(request, "surveys/questionnaire_versions.html", context)


@administrators_only
@require_http_methods(["POST"])
@_found
def question_move(request, questionnaire, key):
    """One place up or down; back on the page the same button has the focus, for the next press."""
    question = get_object_or_404(questionnaire.questions.asked(), key=key)
    way = "up" if request.POST.get("way") == "up" else "down"
    try:
        editing.move(question, up=way == "up")
    except editing.NotPossible as why:
        messages.warning(request, str(why))
    return redirect(
        f"{questionnaire.get_absolute_url()}?moved={question.key}:{way}"
    )  # a fragment would keep the focus away


@administrators_only
@require_http_methods(["GET", "POST"])
@_found
def question_remove(request, questionnaire, key):
    """GET asks whether it is meant, and says which line ends; POST takes it away, or brings it back."""
    question = get_object_or_404(questionnaire.questions, key=key)
    if request.method == "GET":
        ends = lines.warning(question.as_asked(), None, lines.snapshots())
        context = {"questionnaire": questionnaire, "question": question, "ends": ends}
        return render(request, "surveys/question_remove.html", context)
    try:
        if request.POST.get("action") == "back":
            editing.bring_back(question)
            messages.success(request, _("Asked again, at the end."))
        else:
            editing.remove(question, now=timezone.now())
            messages.success(request, _("Taken away. It can be brought back at the foot of this page."))
    except editing.NotPossible as why:
        messages.warning(request, str(why))
    return redirect(questionnaire)


# -------------------------------------------------------------------- one question


@administrators_only
@require_http_methods(["GET", "POST"])
@_found
def question_new(request, questionnaire):
    kind = request.GET.get("kind", "")
    if kind not in Question.Kind.values:
        return render(
            request,
            "surveys/question_kinds.html",
            {"questionnaire": questionnaire, "kinds": questionnaire_page.kinds()},
        )
    question = Question(questionnaire=questionnaire, kind=kind)
    form = QuestionForm(posted(request), instance=question, row=questionnaire.questions.asked())
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        try:
            made = editing.add(questionnaire, kind=kind, key=form.cleaned_data["key"], **form.fields_of_question())
        except editing.NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("Added. Its key is %(key)s.") % {"key": made.key})
            return redirect(f"{questionnaire.get_absolute_url()}#row-{made.key}")
    return _question_page(request, questionnaire, question, form)


@administrators_only
@require_http_methods(["GET", "POST"])
@_found
def question_edit(request, questionnaire, key):
    """Reword it. A change that ends a line over the years is said first, and saved when it is meant."""
    question = get_object_or_404(questionnaire.questions, key=key)
    form = QuestionForm(posted(request), instance=question, row=questionnaire.questions.asked())
    breaks = ""
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        breaks = lines.warning(question.as_asked(), form.as_it_would_be(), lines.snapshots())
        if not breaks or request.POST.get("breaks") == breaks:
            return _save_question(request, questionnaire, question, form)
    return _question_page(request, questionnaire, question, form, breaks=breaks)


def _save_question(request, questionnaire, question, form):
    try:
        with transaction.atomic():
            editing.change(question, version=form.cleaned_data["version"], **form.fields_of_question())
    except Stale:
        context = _question_context(request, questionnaire, question, form)
        return answer(request, "surveys/question.html", form, context | {"meant": request.POST.get("breaks", "")})
    messages.success(request, _("Saved."))
    return redirect(f"{questionnaire.get_absolute_url()}#row-{question.key}")


def _question_page(request, questionnaire, question, form, *, breaks=""):
    context = _question_context(request, questionnaire, question, form) | {"breaks": breaks}
    looked = "look" in request.POST and not form.errors
    if "look" in request.POST and "HX-Request" in request.headers:  # while somebody types: only the phone
        return render(request, "surveys/_look.html", context)
    refused = request.method == "POST" and not looked
    return render(request, "surveys/question.html", context, status=422 if refused else 200)


def _question_context(request, questionnaire, question, form):
    valid = form.is_bound and not form.errors
    entry = form.as_it_would_be() if valid else question.as_asked()
    entries = questionnaire.as_asked()["questions"]
    others = [entry if one["key"] == entry["key"] else one for one in entries]
    content = {"questions": others if entry in others else [*entries, entry]}
    return {
        "form": form,
        "questionnaire": questionnaire,
        "question": question,
        "breaks": "",  # the warning, and the one that somebody has read and means all the same
        "meant": "",
        "since": lines.since(question.as_asked(), lines.snapshots()) if question.pk else "",
        "preview": preview(request, content, FALLBACK, keys={entry["key"]}) if question.pk or valid else "",
    }


# -------------------------------------------------------------------- other languages


@administrators_only
@require_http_methods(["GET", "POST"])
@_found
def questionnaire_translate(request, questionnaire, language):
    """All questions side by side: English, and the words in the other language."""
    if language not in dict(settings.LANGUAGES) or language == FALLBACK:
        raise Http404
    forms = [
        TranslationForm(posted(request), instance=question, prefix=f"t-{question.key}", language=language)
        for question in questionnaire.questions.asked()
    ]
    context = {"questionnaire": questionnaire, "language": language, "name": dict(settings.LANGUAGES)[language]}
    if request.method != "POST":
        return _translate_page(request, forms, context)
    if not all([form.is_valid() for form in forms]):  # noqa: C419 - every one is to say what is wrong
        return _translate_page(request, forms, context, status=422)
    stale = _save_translations([form for form in forms if form.was_changed])
    if stale:
        for form in stale:
            form.conflict = describe(form)
        return _translate_page(request, forms, context, status=409)
    left = sum(bool(missing_in(form.instance.as_asked(), language)) for form in forms)
    words = ngettext("Saved. %(n)d question is still to do.", "Saved. %(n)d questions are still to do.", left)
    messages.success(request, words % {"n": left} if left else _("Saved. Nothing is missing in this language."))
    return redirect("questionnaire_translate", questionnaire.pk, language)


def _save_translations(forms):
    """All or nothing. Gives those that somebody else has changed since they were read."""
    stale = []
    with transaction.atomic():
        for form in forms:
            try:
                editing.change(form.instance, version=form.cleaned_data["version"], wording=form.wording())
            except Stale:
                stale.append(form)
        if stale:
            transaction.set_rollback(True)
    return stale


def _translate_page(request, forms, context, *, status=200):
    rows = [(form, missing_in(form.instance.as_asked(), context["language"])) for form in forms]
    problems = [
        (form[name].id_for_label if name in form.fields else "", message)
        for form in forms
        for name, said in form.errors.items()
        for message in said
    ]
    context |= {
        "rows": rows,
        "problems": problems,
        "missing": sum(bool(missing) for _form, missing in rows),
        "conflicts": [form for form in forms if getattr(form, "conflict", None)],
        "languages": [(code, name) for code, name in settings.LANGUAGES if code != FALLBACK],
        "preview_url": f"{reverse('questionnaire', args=[context['questionnaire'].pk])}?lang={context['language']}",
    }
    return render(request, "surveys/questionnaire_translate.html", context, status=status)
