"""What the five steps of the set-up share: their frame, saving one, and which are done."""

from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.conflict import Stale, answer
from accounts.context import current_workspace
from surveys import plan, timing
from surveys.asking import sync_beliefs
from surveys.days import firm_calendar
from surveys.models import Round
from surveys.strip import strip_of


def page(request, round, step, context, *, status=200):
    around = frame(request, round, step)
    if step in ("dates", "check"):
        context["strip"] = strip_of(round, calendar=around["calendar"], now=around["now"], waves=around["waves"])
    return render(request, f"surveys/setup_{step}.html", {**around, **context}, status=status)


def frame(request, round, step):
    calendar, now = firm_calendar(current_workspace(request)), timezone.now()
    size = plan.size_of(round)
    waves = timing.forecast(round, calendar=calendar, now=now, places=size["places"])
    return {
        "round": round,
        "step": step,
        "steps": plan.steps(round, step),
        "size": size,
        "waves": waves,
        "calendar": calendar,
        "now": now,
        "sentence": plan.in_a_sentence(round, calendar=calendar, now=now, waves=waves, **size),
        "signed_by": plan.listed(size["owners"]),
        "saved_today": timezone.localdate(round.saved_at) == timezone.localdate(now),
        "locked": not plan.can_be_changed(round, step),
    }


def save_step(request, form, round, step, *, next_step, context):
    """Saves a versioned form and goes on; a stale one is answered with both versions."""
    try:
        with transaction.atomic():
            form.save_if_current(by=request.user, now=timezone.now())
            done(round, step)
            if round.state == Round.State.BELIEFS:
                sync_beliefs(Round.objects.get(pk=round.pk))
    except Stale:
        return answer(request, f"surveys/setup_{step}.html", form, {**frame(request, round, step), **context})
    return redirect("survey_setup", round.public_id, next_step)


def done(round, step):
    steps = sorted({*round.steps_done, step}, key=plan.STEPS.index)
    Round.objects.filter(pk=round.pk).update(steps_done=steps, saved_at=timezone.now())
    round.steps_done = steps
