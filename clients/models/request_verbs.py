"""What can be done with a request. Each verb claims the state it was read in: of two at once, one is told in words."""

import json
import uuid
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.conflict import Stale
from accounts.models import Workspace
from accounts.quick import date_format
from accounts.worktime import Calendar
from clients.models.client import NotAllowed
from clients.requests import clock

UNDO = timedelta(hours=24)
# What a wait is, so that ending it can be taken back.
WAIT = ("waiting_since", "answer_due_at", "soon_flagged_at", "overdue_flagged_at", "escalated_at")
NO_WAIT = dict.fromkeys(WAIT)
FIRST = ("first_answered_at", "first_answer_id", "answer_minutes")


class RequestError(NotAllowed):
    """This cannot be done with a request as it is now; the words say why."""

    @property
    def words(self):
        return self.args[0]


def target_hours(client, urgency, workspace=None):
    """How many working hours an answer to this client may take."""
    workspace = workspace or Workspace.remembered()
    return clock.hours_for(
        urgent=urgency == "urgent",
        firm=workspace.answer_hours,
        firm_urgent=workspace.answer_hours_urgent,
        own=client.answer_hours,
    )


def due_for(client, *, assignee, since, urgency, workspace=None):
    return clock.due_at(assignee.calendar(), since, target_hours(client, urgency, workspace))


class Asking:
    """For the queryset."""

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for request in objs:
            request.make_findable()
        return super().bulk_create(objs, *args, **kwargs)

    @transaction.atomic
    def ask(
        self,
        *,
        client,
        by,
        now,
        text,
        contact=None,
        channel="call",
        urgency="normal",
        assignee=None,
        asked_at=None,
        interaction=None,
        key=None,
    ):
        """Write down what a client asks; the clock runs from when they did. The same key again gives the first one."""
        from clients.requests.who import can_take, first_assignee

        if client.archived_at:
            raise RequestError(_("This client is archived. Bring it back first."))
        if interaction is not None and interaction.client_id != client.pk:
            raise RequestError(_("That entry belongs to another client."))
        if contact is not None and contact.client_id != client.pk:
            raise RequestError(_("That person belongs to another client."))
        asked_at = asked_at or (interaction.happened_at if interaction else now)
        if asked_at > now:
            raise RequestError(_("They cannot have asked in the future."))
        if assignee is not None and not can_take(assignee, client):
            raise RequestError(_("%(name)s may not see this client.") % {"name": assignee.name})
        assignee = assignee or first_assignee(client, now)
        hours = target_hours(client, urgency)
        due = clock.due_at(assignee.calendar(), asked_at, hours)
        request, created = self.get_or_create(
            idempotency_key=key or uuid.uuid4(),
            defaults={
                "client": client,
                "contact": contact,
                "channel": channel,
                "urgency": urgency,
                "text": text,
                "assignee": assignee,
                "asked_at": asked_at,
                "first_due_at": due,
                "waiting_since": asked_at,
                "answer_due_at": due,
                "origin_interaction": interaction,
                "created_by": by,
                "created_at": now,
            },
        )
        request.is_new = created
        if created:
            told = {"due": due.isoformat(), "hours": hours, "assignee": assignee.public_id}
            request.tell("asked", by=by, at=asked_at, interaction=interaction, **told)
        return request


@lru_cache(maxsize=1000)
def _calendar(zone, week, country):
    """Of somebody who is never away: a list has few people in many rows."""
    return Calendar(zone=zone, week=json.loads(week), country=country)


class Answering:
    """For the model."""

    @property
    def is_waiting(self):
        return self.waiting_since is not None

    def is_over(self, now):
        return self.answer_due_at is not None and self.answer_due_at < now

    @property
    def was_late(self):
        """The first answer came after it was first due."""
        return self.first_answered_at is not None and self.first_answered_at > self.first_due_at

    @property
    def hours(self):
        """When the assignee works, were they never away: the client waits all the same. Only a due heeds absences."""
        assignee = self.assignee
        return _calendar(assignee.time_zone, json.dumps(assignee.working_hours), assignee.country)

    def clock(self, now):
        """The wait that goes on, None when nobody waits."""
        if not self.is_waiting:
            return None
        return clock.clock(self.hours, since=self.waiting_since, due=self.answer_due_at, now=now)

    def tell(self, kind, *, by, at, interaction=None, note="", **data):
        return self.events.create(kind=kind, by=by, at=at, interaction=interaction, note=note, data=data)

    def _claim(self, changes, **state):
        """Write these changes if the row is still in this state; says whether it was."""
        found = type(self).objects.kept().filter(pk=self.pk, **state)
        if not found.update(**changes, version=F("version") + 1):
            return False
        self.refresh_from_db()
        self.save()  # for the history
        return True

    def _claim_wait(self, changes, *, by):
        """The same where they wait, and have waited since what this copy shows."""
        if self.waiting_since is None or not self._claim(changes, waiting_since=self.waiting_since):
            raise RequestError(self.why_not_waiting(by))

    def why_not_waiting(self, reader):
        """How it stands by now, for somebody whose copy is old."""
        fresh = type(self).objects.get(pk=self.pk)
        if fresh.deleted_at:
            return _("This request was removed.")
        if fresh.is_waiting:
            return _("They have asked again since you opened this. Look at it once more.")
        last = fresh.last_end()
        known = {
            "name": last.by.name if last and last.by else _("Somebody"),
            "when": date_format(timezone.localtime(fresh.closed_at or timezone.now()), "D j M, H:i"),
        }
        if last and last.by and last.by == reader:  # in another tab, or on the telephone
            if fresh.closed_how == fresh.Closed.NO_REPLY:
                return _("You have already said that no reply is needed, on %(when)s.") % known
            return _("You have already answered this yourself, on %(when)s.") % known
        if fresh.closed_how == fresh.Closed.NO_REPLY:
            return _("%(name)s has already said that no reply is needed, on %(when)s.") % known
        return _("%(name)s has already answered, on %(when)s.") % known

    # ------------------------------------------------------------------ ending a wait
    @transaction.atomic
    def answer(self, *, by, now, interaction=None, at=None):
        """Somebody of us answered: at that moment, or when the entry happened that says so."""
        if interaction is not None and interaction.client_id != self.client_id:
            raise RequestError(_("That entry belongs to another client."))
        at = at or (interaction.happened_at if interaction else now)
        if at > now:
            raise RequestError(_("An answer lies in the past. Answer it once it is given."))
        if self.waiting_since and at < self.waiting_since:
            if at < self.waiting_since.replace(second=0, microsecond=0):
                raise RequestError(_("That was before they asked."))
            at = self.waiting_since  # the same minute: forms know no seconds
        changes = {**NO_WAIT, "closed_at": at, "closed_how": self.Closed.ANSWERED, "closed_why": ""}
        is_first = self.first_answered_at is None
        if is_first:
            minutes = clock.minutes_between(self.hours, self.asked_at, at)
            changes |= {"first_answered_at": at, "first_answer": interaction, "answer_minutes": minutes}
        was = self._wait_as_data()
        self._claim_wait(changes, by=by)
        self.tell("answered", by=by, at=at, interaction=interaction, was=was, first=is_first, told=now.isoformat())
        return self

    @transaction.atomic
    def no_reply(self, *, by, now, why=""):
        """Nothing needs to be said: it counts in no figure."""
        was = self._wait_as_data()
        self._claim_wait({**NO_WAIT, "closed_at": now, "closed_how": self.Closed.NO_REPLY, "closed_why": why}, by=by)
        self.tell("no_reply", by=by, at=now, note=why, was=was, told=now.isoformat())
        return self

    def _wait_as_data(self):
        return {name: value.isoformat() if (value := getattr(self, name)) else None for name in WAIT}

    # ------------------------------------------------------------------ beginning one
    @transaction.atomic
    def ask_again(self, *, by, now, at=None, interaction=None):
        """They spoke last. After an answer a new wait begins; while they wait already, the old one goes on."""
        from clients.requests.who import can_take, first_assignee

        at = at or (interaction.happened_at if interaction else now)
        if at > now:
            raise RequestError(_("They cannot have asked in the future."))
        if self.is_waiting:
            if not self._claim({}, waiting_since=self.waiting_since):
                raise RequestError(self.why_not_waiting(by))
        else:
            if self.closed_at and at < self.closed_at.replace(second=0, microsecond=0):
                raise RequestError(_("That was before the answer."))
            assignee = self.assignee if can_take(self.assignee, self.client) else first_assignee(self.client, now)
            due = due_for(self.client, assignee=assignee, since=at, urgency=self.urgency)
            changes = {**NO_WAIT, "waiting_since": at, "answer_due_at": due, "assignee": assignee}
            changes |= {"closed_at": None, "closed_how": "", "closed_why": ""}
            if not self._claim(changes, waiting_since=None, closed_at=self.closed_at):
                raise RequestError(_("Somebody changed this request before you. This is how it stands now."))
        self.tell("asked_again", by=by, at=at, interaction=interaction)
        return self

    def last_end(self):
        """The event that ended the last wait; None when none has."""
        return self.events.filter(kind__in=["answered", "no_reply"]).last()

    def closed_told_at(self):
        """When somebody said that it is closed: an answer may be written down long after it was given."""
        last = self.last_end()
        return datetime.fromisoformat(last.data["told"]) if last and "told" in last.data else self.closed_at

    @transaction.atomic
    def reopen(self, *, by, now):
        """Take back an answer, or that no reply is needed: the wait goes on as if it had never ended."""
        last = self.last_end()
        if self.is_waiting or last is None or self.deleted_at:
            raise RequestError(_("This request is open already.") if self.is_waiting else self.why_not_waiting(by))
        if now - self.closed_told_at() > UNDO:
            raise RequestError(_("That was more than a day ago. Say that they asked again."))
        changes = {name: last.data["was"][name] for name in WAIT}
        changes |= {"closed_at": None, "closed_how": "", "closed_why": ""}
        if last.data.get("first"):
            changes |= dict.fromkeys(FIRST)
        if not self._claim(changes, waiting_since=None, closed_at=self.closed_at):
            raise RequestError(_("Somebody changed this request before you. This is how it stands now."))
        self.tell("reopened", by=by, at=now)
        return self

    # ------------------------------------------------------------------ others
    @transaction.atomic
    def hand_over(self, *, to, by, now, note="", told=True):
        """Somebody else answers, by their own working hours, counted from when the wait began; they are told."""
        from clients.requests import handed
        from clients.requests.who import can_take

        if to.pk == self.assignee_id:
            return self
        if not can_take(to, self.client):
            raise RequestError(
                _("%(name)s may not see this client.") % {"name": to.name}
                if to.is_active
                else _("%(name)s does not work here any more.") % {"name": to.name}
            )
        if not self.is_waiting:
            raise RequestError(self.why_not_waiting(by))
        old = self.assignee
        due = due_for(self.client, assignee=to, since=self.waiting_since, urgency=self.urgency)
        changes = {"assignee": to, "answer_due_at": due, **self._flags_for(due, now)}
        if not self._claim(changes, waiting_since=self.waiting_since, assignee=old):
            fresh = type(self).objects.select_related("assignee").get(pk=self.pk)
            if fresh.is_waiting and not fresh.deleted_at and fresh.assignee_id != old.pk:
                raise RequestError(_("It was handed to %(name)s before you.") % {"name": fresh.assignee.name})
            raise RequestError(self.why_not_waiting(by))
        event = self.tell("handed_over", by=by, at=now, note=note, old=old.public_id, new=to.public_id)
        if told:
            handed.tell(self, event=event, by=by, now=now)
        return self

    def _flags_for(self, due, now):
        """What was said of a wait is said afresh when its end moves ahead again, or to somebody new."""
        return dict.fromkeys(WAIT[2:]) if due > now else {"soon_flagged_at": None}

    @transaction.atomic
    def edit(self, *, by, now, version, **changes):
        """Correct what they asked, when, how, and how urgent it is; the clock follows. `Stale` when it moved on."""
        asked_at, urgency = changes.get("asked_at", self.asked_at), changes.get("urgency", self.urgency)
        if asked_at > now:
            raise RequestError(_("They cannot have asked in the future."))
        if self.first_answered_at and asked_at > self.first_answered_at:
            raise RequestError(_("They cannot have asked after they had the answer."))
        fresh = type(self).objects.kept().select_related("assignee").filter(pk=self.pk, version=version).first()
        if fresh is None:
            raise Stale(self)
        before = {name: getattr(fresh, name) for name in changes}
        if (asked_at, urgency) != (fresh.asked_at, fresh.urgency):
            changes |= fresh._clock_for(asked_at, urgency, now)
        if not self._claim(changes, version=version):
            raise Stale(self)
        changed = [name for name, value in before.items() if getattr(self, name) != value]
        if changed:
            self.tell("changed", by=by, at=now, fields=changed)
        return self

    def _clock_for(self, asked_at, urgency, now):
        """The columns of the clock when the question was asked at another moment, or is as urgent as this."""
        calendar, hours = self.assignee.calendar(), target_hours(self.client, urgency)
        changes = {"first_due_at": clock.due_at(calendar, asked_at, hours)}
        if self.is_waiting:
            since = asked_at if self.waiting_since == self.asked_at else self.waiting_since
            due = clock.due_at(calendar, since, hours)
            changes |= {"waiting_since": since, "answer_due_at": due, **self._flags_for(due, now)}
        if self.first_answered_at:
            changes["answer_minutes"] = clock.minutes_between(self.hours, asked_at, self.first_answered_at)
        return changes

    @transaction.atomic
    def remove(self, *, by, now):
        """Into the trash, out of every list; `restore` brings it back."""
        if not self._claim({"deleted_at": now, "deleted_by": by}):
            raise RequestError(_("It was removed already."))

    @transaction.atomic
    def restore(self):
        removed = type(self).objects.filter(pk=self.pk).exclude(deleted_at=None)
        if not removed.update(deleted_at=None, deleted_by=None, version=F("version") + 1):
            raise RequestError(_("It was not removed."))
        self.refresh_from_db()
        self.save()
