"""What the page of one concern shows to this reader: the four steps, and whatever the current one needs."""

from datetime import date

from partnerships import ledgers, looks, talks
from partnerships.cleared import whom_to_ask
from partnerships.forms import HoldForm, ReopenForm, ResolveForm, TakeBackForm, TalkForm, promise_rows
from partnerships.steps import next_step, steps_of
from partnerships.talk_letters import text_to_copy, when_words
from partnerships.wording import standing


def page_of(concern, *, user, now, query=None, step="", forms=None):
    """The context of concern.html. `forms` are those a refused POST brings back."""
    query = query or {}
    chosen = step or query.get("step", "")
    steps = steps_of(concern, now=now, chosen=chosen)
    current = next(one for one in steps if one.is_current)
    writable = concern.client.can_be_written_by(user) and not concern.client.archived_at
    context = {
        "concern": concern,
        "client": concern.client,
        "now": now,
        "writable": writable,
        "steps": steps,
        "step": current,
        "next_step": next_step(concern, now),
        "standing": standing(concern, now=now),
        "late": concern.late(now),
        "events": concern.events.select_related("by", "by_contact"),
        "people": list(concern.talk_with.all()),
        "recurrences": list(concern.recurrences.select_related("client")),
    }
    context |= PIECES[current.key](concern, user=user, now=now, writable=writable, query=query)
    return {**context, **(forms or {})}


def look(concern, *, user, now, **_rest):
    found = looks.of(concern, user=user, now=now)
    ours, theirs = ledgers.both(concern.client, now=now)
    return {
        "looks": found,
        "ours": ours,
        "theirs": theirs,
        "earlier": ledgers.earlier(concern, looks=found, now=now),
        "earlier_concerns": list(concern.client.concerns.exclude(pk=concern.pk).filter(
            opened_at__lt=concern.opened_at
        )[:5]),
    }  # fmt: skip


def book(concern, *, user, now, writable, **_rest):
    first = next(iter(concern.talk_with.all()), None)
    invited = talks.invited(concern)
    context = {
        "text_to_copy": text_to_copy(concern, contact=first),
        "invited": invited,
        "their_time": when_words(concern.talk_at, to=first) if first and concern.talk_at else "",
    }
    if writable and concern.is_unresolved:
        context["talk_form"] = TalkForm(
            concern=concern, now=now, initial={"mail_them": bool(invited) and concern.is_ahead(now)}
        )
        context["take_back_form"] = TakeBackForm(initial={"version": concern.version})
    return context


def hold(concern, *, user, now, writable, query, **_rest):
    if not (writable and concern.is_unresolved):
        return {}
    form = HoldForm(concern=concern, now=now, held_on=_day(query.get("held_on", "")))
    return {"hold_form": form, **rows(None, concern)}


def rows(data, concern):
    """The rows of promises, ours and theirs."""
    return {f"{side}_rows": promise_rows(data, concern=concern, side=side) for side in ("ours", "theirs")}


def follow(concern, *, user, now, writable, **_rest):
    context = {
        "promised": ledgers.judged(concern.promises.order_by("due_at", "pk"), now=now),
        "to_ask": whom_to_ask(concern),
    }
    if writable and concern.is_unresolved:
        context["resolve_form"] = ResolveForm(concern=concern, now=now)
    elif writable:
        context["reopen_form"] = ReopenForm()
    return context


def _day(text):
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


PIECES = {"look": look, "book": book, "hold": hold, "follow": follow}
