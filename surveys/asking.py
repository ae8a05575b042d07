"""Whom a round asks for a belief: a client's owner, and its team where the round says so. The rows follow both."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from clients.models import Client, TeamMember
from surveys.models import Belief, Invitation, Round

BATCH = 2000
ASKING = (Round.State.BELIEFS, Round.State.OPEN)


def not_yet_asked(round):
    """Clients on the round's list none of whose people was written to: what we believe of them still counts."""
    mine = Invitation.objects.filter(round=round, client=OuterRef("pk"))
    return Client.objects.filter(Exists(mine), ~Exists(mine.filter(queued_at__isnull=False)))


@transaction.atomic
def sync_beliefs(round):
    """One row per client for its owner, and for the team where the round asks them.

    Only clients not written to yet: sealed is sealed. An untouched row of who is no longer asked goes away; a draft of
    theirs stays but nobody waits for it, and what was recorded stays and counts.
    """
    # The wave that seals beliefs holds this row: no belief is asked for behind its back.
    Round.objects.select_for_update().filter(pk=round.pk).first()
    clients = not_yet_asked(round)
    wanted = dict.fromkeys(clients.values_list("pk", "owner"), True)
    if round.ask_team:
        team = TeamMember.objects.filter(client__in=clients, user__is_active=True)
        for pair in team.values_list("client", "user"):
            wanted.setdefault(pair, False)
    rows = round.beliefs.unsealed().only("round_id", "client_id", "user_id", "required", "recorded_at")
    there = {(b.client_id, b.user_id): b for b in rows}
    gone = [b.pk for pair, b in there.items() if pair not in wanted and b.recorded_at is None]
    round.beliefs.filter(pk__in=gone, recorded_at=None, sealed_at=None, values={}, note="").delete()
    new = [
        Belief(round=round, client_id=client, user_id=user, required=required)
        for (client, user), required in wanted.items()
        if (client, user) not in there
    ]
    Belief.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    for required in (True, False):
        moved = [b.pk for pair, b in there.items() if wanted.get(pair, False) is required is not b.required]
        round.beliefs.filter(pk__in=moved).update(required=required)


def follow(now):
    """Clients change hands, teams change, clients are added to an open round: the beliefs asked for follow.

    Run by the clock; returns how many rounds were behind.
    """
    behind = [round for round in Round.objects.filter(state__in=ASKING) if _is_behind(round)]
    for round in behind:
        sync_beliefs(round)
    return len(behind)


def follow_client(client, *, old, to, by, now):
    """A client was handed over: its new owner is asked at once."""
    for round in Round.objects.filter(state__in=ASKING, invitations__client=client).distinct():
        sync_beliefs(round)


def _is_behind(round):
    clients = not_yet_asked(round)
    mine = Belief.objects.filter(round=round, client=OuterRef("pk"), user=OuterRef("owner"), required=True)
    if clients.filter(~Exists(mine)).exists():
        return True
    part = TeamMember.objects.filter(client=OuterRef("client"), user=OuterRef("user"), user__is_active=True)
    asked = Q(user=F("client__owner"))
    if round.ask_team:
        rows = Belief.objects.filter(round=round, client=OuterRef("client"), user=OuterRef("user"))
        members = TeamMember.objects.filter(client__in=clients, user__is_active=True)
        if members.filter(~Exists(rows)).exists():
            return True
        asked |= Exists(part)
    left = round.beliefs.unsealed().filter(~asked, recorded_at=None)
    listed = Invitation.objects.filter(round=round, client=OuterRef("client"))
    untouched = Q(values={}, note="")
    off_the_list = round.beliefs.unsealed().filter(~Exists(listed), recorded_at=None)
    return left.filter(untouched | Q(required=True)).exists() or off_the_list.filter(untouched).exists()


@transaction.atomic
def let_go(round, client, *, by, now):
    """A manager lets a client be written to without its owner's belief. True when something was waiting."""
    waiting = round.beliefs.holding().filter(client=client, sealed_at=None)
    if not waiting.update(let_go_at=now, let_go_by=by):
        return False
    pending = round.invitations.filter(client=client, state=Invitation.State.PENDING, queued_at=None)
    pending.update(hold_reason="")
    return True
