"""A round's way: questions frozen and beliefs asked for, opened to clients, closed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Workspace
from clients.models import Contact
from surveys import sending, timing
from surveys.asking import sync_beliefs
from surveys.days import end_of_day, firm_calendar
from surveys.models import Invitation, Result, Round, RoundEvent
from surveys.models.rounds import NotPossibleNow
from surveys.preflight import blockers
from surveys.results import thresholds_for

BATCH = 2000


class Blocked(Exception):
    """The preflight found something that has to be mended first; `findings` says what."""

    def __init__(self, findings):
        super().__init__("; ".join(finding.words for finding in findings))
        self.findings = findings


@transaction.atomic
def ask_beliefs(round, *, by, now):
    """From draft on: the questions are frozen as asked, and each owner is asked what their client will answer."""
    if found := blockers(round):
        raise Blocked(found)
    round.change(
        RoundEvent.Kind.BELIEFS,
        by=by,
        now=now,
        sets={
            "state": Round.State.BELIEFS,
            "snapshot": round.questionnaire.freeze(by=by, now=now).content,
            "beliefs_asked_at": now,
            "version": F("version") + 1,
        },
        state=Round.State.DRAFT,
    )
    sync_beliefs(round)


@transaction.atomic
def launch(round, *, by, now, at_once=True):
    """Opens the round to clients. Writes no mail itself: the worker does, wave by wave, and can be paused.

    `at_once`: somebody pressed the button, so mail goes out from now on; otherwise in the morning where people live.
    """
    if found := blockers(round):
        raise Blocked(found)
    sync_beliefs(round)
    round.change(
        RoundEvent.Kind.LAUNCHED,
        by=by,
        now=now,
        sets={
            "state": Round.State.OPEN,
            "launched_at": now,
            "thresholds": thresholds_for(round),
            "version": F("version") + 1,
        },
        state=Round.State.BELIEFS,
    )
    decision_makers = Contact.objects.filter(pk=OuterRef("contact"), survey_part=Contact.SurveyPart.DECISION_MAKER)
    round.invitations.filter(Exists(decision_makers)).update(weight=Workspace.current().decision_maker_weight)
    timing.schedule(round, now=now, at_once=at_once)


def open_due(now):
    """Opens rounds whose planned moment has come, when nothing stands in the way. Run by the clock."""
    due = Round.objects.filter(state=Round.State.BELIEFS, opens_at__lte=now, opens_at__gt=F("beliefs_asked_at"))
    for round in due:
        try:
            launch(round, by=None, now=now, at_once=False)
        except (Blocked, NotPossibleNow):  # the page shows what to mend; a person presses the button then
            continue


@transaction.atomic
def close(round, *, by, now):
    """The end: who has not answered is silent; what was waiting to go out does not."""
    round.change(
        RoundEvent.Kind.CLOSED,
        by=by,
        now=now,
        sets={"state": Round.State.CLOSED, "closed_at": now, "paused_at": None, "version": F("version") + 1},
        state=Round.State.OPEN,
    )
    sending.cancel_waiting(round, reason=_("The round was closed."))
    round.beliefs.unsealed().update(sealed_at=now)
    not_begun = [Invitation.State.PENDING, Invitation.State.SENT]
    round.invitations.filter(state__in=not_begun).update(state=Invitation.State.CLOSED)
    clients = list(round.invitations.order_by().values_list("client", flat=True).distinct())
    for start in range(0, len(clients), BATCH):
        Result.objects.mark_stale(round_id=round.pk, client_ids=clients[start : start + BATCH])


def close_due(now):
    """Closes rounds after the last moment of their closing day. Run by the clock."""
    calendar = firm_calendar()
    ended = Round.objects.open().filter(closes_on__lte=calendar.local_date(now) - timedelta(days=1))
    for round in ended:
        if end_of_day(round.closes_on, calendar) < now:
            try:
                close(round, by=None, now=now)
            except NotPossibleNow:
                continue
