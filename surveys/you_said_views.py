"""“You said, we did”: choosing, page by page, what the invitation of one client says came of last year's answers."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.models import Client
from surveys import you_said
from surveys.models import Round
from surveys.you_said import LONGEST, MOST, ChangedMeanwhile, Frozen, Words


@require_http_methods(["GET", "POST"])
def survey_you_said(request, public_id, client_id):
    now = timezone.now()
    round = get_object_or_404(Round.objects.visible_to(request.user), public_id=public_id)
    clients = Client.objects.visible_to(request.user).filter(invitations__round=round).distinct()
    client = get_object_or_404(clients.select_related("owner"), public_id=client_id)
    if not you_said.may_choose(request.user, client):
        raise Http404
    offers = you_said.offers(round, client, now=now)
    saved = you_said.lines_for(round, client)
    if request.method == "GET":
        return _page(request, round, client, offers, you_said.chosen(saved), saved=saved)
    if you_said.is_frozen(round, client):
        return _page(request, round, client, offers, you_said.chosen(saved), saved=saved, status=409)
    return _save(request, round, client, offers, saved, now)


def _page(request, round, client, offers, lines, *, saved, status=200, problems=(), theirs=None):
    frozen = you_said.is_frozen(round, client)
    taken = {line.source for line in lines}
    slots = lines if frozen or len(lines) >= MOST else [*lines, Words()]  # one at a time
    context = {
        "round": round,
        "client": client,
        "offers": [offer for offer in offers if offer.value not in taken],
        "slots": list(enumerate(slots, 1)),
        "written": [line for line in lines if not line.is_empty],
        "seen": you_said.seen(saved),
        "frozen": frozen,
        "invited_at": you_said.invited_at(round, client) if frozen else None,
        "problems": problems,
        "theirs": theirs,
        "longest": LONGEST,
        "last": you_said.last_round(round, client),
        "free": MOST - len([line for line in lines if not line.is_empty]),
    }
    return render(request, "surveys/you_said.html", context, status=status)


def _save(request, round, client, offers, saved, now):
    """Every button saves what stands in the lines; one may move a line, empty it or add what was ticked."""
    if _is_unreadable(request.POST):
        problems = [("line-1", _("Write it in ordinary letters."))]
        return _page(request, round, client, offers, you_said.chosen(saved), saved=saved, status=422, problems=problems)
    lines = _read(request.POST)
    action, _dash, number = request.POST.get("action", "").partition("-")
    lines = _moved(lines, action, int(number) if number.isascii() and number.isdigit() else 0)
    lines = [line for line in lines if not line.is_empty]
    problems = []
    if action == "take":
        ticked = [offer for offer in offers if offer.value in request.POST.getlist("offer")]
        if not ticked:
            problems.append(("offers", _("Tick at least one of them first.")))
        elif len(lines) + len(ticked) > MOST:
            problems.append(("offers", _("At most three lines: nobody reads a fourth. Empty one first.")))
        else:
            lines += [Words(offer.you_said, offer.we_did, offer.value) for offer in ticked]
    if not you_said.check(lines, client):
        problems += [
            (f"line-{n}", _("Line %(n)d: %(words)s") % {"n": n, "words": words})
            for n, line in enumerate(lines, 1)
            for words in line.errors.values()
        ]
    if problems:
        return _page(request, round, client, offers, lines, saved=saved, status=422, problems=problems)
    try:
        you_said.choose(round, client, lines, by=request.user, now=now, was=request.POST.get("seen", "")[:32])
    except ChangedMeanwhile:
        theirs = you_said.lines_for(round, client)
        return _page(request, round, client, offers, lines, saved=theirs, status=409, theirs=theirs)
    except Frozen:
        saved = you_said.lines_for(round, client)
        return _page(request, round, client, offers, you_said.chosen(saved), saved=saved, status=409)
    if action == "save":
        messages.success(request, _("Saved. It goes out with the invitation."))
    return redirect("survey_you_said", round.public_id, client.public_id)


def _is_unreadable(data):
    """NUL and lone surrogates, which no database keeps."""
    words = "".join(value for name in data if name.startswith("line-") for value in data.getlist(name))
    return "\0" in words or any("\ud800" <= sign <= "\udfff" for sign in words)


def _read(data):
    def field(number, name):
        return " ".join(data.get(f"line-{number}-{name}", "").split())

    return [Words(field(n, "said"), field(n, "did"), field(n, "source")[:40]) for n in range(1, MOST + 1)]


def _moved(lines, action, number):
    here = number - 1
    if not 0 <= here < len(lines):
        return lines
    if action == "empty":
        return [line for n, line in enumerate(lines) if n != here]
    there = {"up": here - 1, "down": here + 1}.get(action, -1)
    if 0 <= there < len(lines):
        lines[here], lines[there] = lines[there], lines[here]
    return lines


def card(client, user, now):
    """On the client page, until the invitation goes out: what this year's will say of last year's answers."""
    if not you_said.may_choose(user, client):
        return None
    round = you_said.open_to_choose(client, user)
    return {"round": round, "lines": you_said.lines_for(round, client)} if round else None
