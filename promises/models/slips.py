"""What was written down by mistake: for a short while its writer may take the whole of it back."""

from datetime import timedelta

from django.db import transaction

from accounts.models import Workspace
from promises.models.event import PromiseEvent
from promises.models.telling import Telling
from promises.models.words import TooLateToCorrect

Kind = PromiseEvent.Kind
OF_THE_MAKING = (Kind.MADE, Kind.PROPOSED, Kind.CORRECTED)


class Slips(Telling):
    """A slip ends as declined, which no figure counts, and the story says that it was one."""

    def is_fresh(self, user, now):
        """Written by this person a moment ago (Workspace.correction_minutes), not due yet, and nobody acted on it."""
        if self.created_by_id != user.pk or not (self.is_active or self.is_proposed) or self.due_at <= now:
            return False
        mending = timedelta(minutes=Workspace.remembered().correction_minutes)
        return now - self.created_at <= mending and not self.events.exclude(kind__in=OF_THE_MAKING).exists()

    @transaction.atomic
    def take_back_slip(self, *, by, now):
        if not self.is_fresh(by, now) or self.letters.exclude(email=None).exists():
            raise TooLateToCorrect(self)
        was, offered_by = self.state, self.offered_by
        fields = {"state": self.State.DECLINED, "offered_by": "", "answer_by": None, "ended_at": now}
        self._change("active", "proposed", where={"version": self.version, "state": was}, **fields)
        self.tell(Kind.DECLINED, by=by, at=now, slip=True, offered_by=offered_by, **{"from": was})
