"""What the firm's settings about surveys do: said in sentences, and put into effect when they change."""

from django.utils.translation import gettext as _

from surveys.models import Result, Round
from surveys.numbers import plain
from surveys.priority import Case, priority, weights_of

PLACING = {"priority_bias", "priority_low", "priority_worst", "priority_promises", "priority_silence"}


def effects(workspace, now):
    """A sentence for each setting, by field; the weights by an example of their own."""
    weights = weights_of(workspace)
    wide = priority(Case(bias=2, they_say=6, worst=3, value=1, weights=weights)).score
    late = priority(Case(bias=0, they_say=8, failed=2, due=4, value=1, weights=weights)).score
    return {
        "priority_bias": _(
            "Of two clients in the highest value band: rating us 6.0 where we thought 8.0, with 3.0 in one dimension,"
            " makes %(wide)s points; rating us as we thought, with two of four promises broken, makes %(late)s."
        )
        % {"wide": plain(wide), "late": plain(late)},
        "quadrant_cut": _(
            "Where we believe %(cut)s or more and they say less, it is a blind spot;"
            " the other way round, a hidden strength."
        )
        % {"cut": plain(float(workspace.quadrant_cut))},
    }


def follow(changed, now):
    """Other weights: the list of whom to call first is made anew, of the round it is read from."""
    if not changed & PLACING:
        return
    begun = Round.objects.filter(state__in=[Round.State.OPEN, Round.State.CLOSED]).order_by("-launched_at", "-pk")
    rounds = {round.pk for n, round in enumerate(begun) if n == 0 or round.state == Round.State.OPEN}
    Result.objects.filter(round__in=rounds).update(stale=True)
