"""Writes down the versions that rounds have asked, and gives the standard questions their other languages."""

from django.db import migrations

PARTS = ("text", "hint", "low", "high", "options")


def keep_versions(apps, schema_editor):
    """What rounds asked before versions were kept: the newest snapshot of each number stands for it."""
    Round, Version = apps.get_model("surveys", "Round"), apps.get_model("surveys", "QuestionnaireVersion")
    for round in Round.objects.filter(snapshot__isnull=False).order_by("-beliefs_asked_at", "-pk"):
        Version.objects.get_or_create(
            questionnaire_id=round.questionnaire_id,
            number=round.snapshot.get("version") or 1,
            defaults={"content": round.snapshot, "made_at": round.beliefs_asked_at or round.created_at},
        )


def add_languages(apps, schema_editor):
    """Where nobody has changed the English words and nothing is there in that language: a person's words stay."""
    from surveys.default_questionnaire import NAME, QUESTIONS

    Question, Version = apps.get_model("surveys", "Question"), apps.get_model("surveys", "QuestionnaireVersion")
    questionnaire = apps.get_model("surveys", "Questionnaire").objects.filter(name=NAME).first()
    if questionnaire is None:
        return
    changed = []
    ours = {question["key"]: question["wording"] for question in QUESTIONS}
    for question in Question.objects.filter(questionnaire=questionnaire, key__in=ours):
        words, there = ours[question.key], question.wording or {}
        if not _same(there.get("en-gb") or {}, words["en-gb"]):
            continue
        wording = {**words, **{code: said for code, said in there.items() if code != "en-gb"}}
        if wording != there:
            question.wording = wording
            changed.append(question)
    if not changed:
        return
    Question.objects.bulk_update(changed, ["wording"])
    if Version.objects.filter(questionnaire=questionnaire, number=questionnaire.version).exists():
        questionnaire.version += 1
        questionnaire.save(update_fields=["version"])


def _same(there, ours):
    return all((there.get(part) or "") == (ours.get(part) or "") for part in PARTS)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_answers_set_aside_and_invitations_withdrawn")]

    operations = [
        migrations.RunPython(keep_versions, migrations.RunPython.noop),
        migrations.RunPython(add_languages, migrations.RunPython.noop),
    ]
