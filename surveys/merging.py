"""What becomes of a round when two of its clients, or two people it asks, become one."""

from django.db.models import Max
from django.utils.translation import ngettext

from clients import merging
from surveys.models import Invitation, InvitationMessage, Response, Result, Round

State = Invitation.State
SO_FAR = ("state", "invited_at", "started_at", "submitted_at", "overdue_flagged_at", "overdue_reason")
ARRIVED = ("sending", "sent", "uncertain")  # somebody may hold its link


def register():
    merging.register("surveys.Result", lambda mover, row, twin: mover.drop(row))  # reckoned again from the answers
    merging.register("surveys.Belief", same_belief)
    merging.register("surveys.Case", same_case)
    merging.register("surveys.Invitation", asked_twice)
    merging.register_after(reckon_again)
    merging.register_count(
        "surveys.Invitation", lambda n: ngettext("%(n)d survey invitation", "%(n)d survey invitations", n) % {"n": n}
    )
    merging.register_told(
        "surveys.belief_stays",
        lambda n: (
            ngettext(
                "One belief stays put away, because the same colleague said one for both in the same survey.",
                "%(n)d beliefs stay put away, because the same colleague said one for both in the same survey.",
                n,
            )
            % {"n": n}
        ),
    )
    merging.register_told(
        "surveys.case_stays",
        lambda n: (
            ngettext(
                "Both have a clear-the-air case of the same survey: the talk moves, and stands on its own.",
                "Both have %(n)d clear-the-air cases of the same surveys: the talks move, and stand on their own.",
                n,
            )
            % {"n": n}
        ),
    )
    merging.register_told(
        "surveys.asked_twice",
        lambda n: (
            ngettext(
                "One person was asked twice in the same survey: their links open one and the same answers.",
                "%(n)d people were asked twice in the same survey: their links open one and the same answers.",
                n,
            )
            % {"n": n}
        ),
    )
    merging.register_told(
        "surveys.answered_twice",
        lambda n: (
            ngettext(
                "One person answered the same survey twice: both answers count.",
                "%(n)d people answered the same survey twice: both answers count.",
                n,
            )
            % {"n": n}
        ),
    )


def same_belief(mover, row, twin):
    """One colleague, one survey, both clients: what was recorded counts, before what is still to be said."""
    if row.recorded_at and not twin.recorded_at and twin.sealed_at is None and not twin.values and not twin.note:
        mover.drop(twin)
        return mover.take(row)
    if not row.recorded_at and not row.values and not row.note:
        return mover.drop(row)
    mover.tell("surveys.belief_stays")
    return mover.stay(row)


def same_case(mover, row, twin):
    mover.tell("surveys.case_stays")
    return mover.stay(row)


def asked_twice(mover, row, twin):
    """One person asked twice in a round. Who answered through both counts twice; else every link opens one of them."""
    if _has_answer(row) and _has_answer(twin):
        mover.tell("surveys.answered_twice")
        return mover.stay(row)
    mover.tell("surveys.asked_twice")
    if _has_answer(row):
        mover.change(row.response, invitation=twin)
        mover.change(twin, **{name: getattr(row, name) for name in SO_FAR})
    last = twin.messages.aggregate(last=Max("step"))["last"] or 0
    arrived = row.messages.filter(email__state__in=ARRIVED).order_by("step")
    for step, message in enumerate(list(arrived), max(last + 1, InvitationMessage.FRESH)):
        mover.change(message, invitation=twin, step=step)
    mover.change(row, state=State.WITHDRAWN)
    return mover.stay(row)


def _has_answer(invitation):
    return Response.objects.filter(invitation=invitation).exists()


def reckon_again(clients, now):
    """The results of every round that asks any of them are computed anew."""
    for round in Round.objects.filter(invitations__client__in=clients).exclude(state=Round.State.DRAFT).distinct():
        asked = round.invitations.filter(client__in=clients).values_list("client", flat=True)
        Result.objects.mark_stale(round_id=round.pk, client_ids=asked)
