"""A promise: its terms and its state."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Origin, Workspace, new_public_id
from accounts.places import holidays_at
from accounts.quick import path_to
from accounts.worktime import STANDARD_WEEK, Calendar
from clients.models import Client, Contact, Interaction, searchable
from promises.models import words
from promises.models.facts import COLUMNS, facts_of
from promises.models.queryset import PromiseQuerySet
from promises.models.terms import Terms
from promises.models.verbs import Verbs
from promises.models.words import AgreedHow, Reason
from promises.notice import last_early_moment
from promises.outcomes import BROKEN_AFTER, Judged, outcome_of


def new_promise_id():
    return new_public_id("w")


ONE_SIDE = {"on_delete": models.PROTECT, "null": True, "blank": True}


class Promise(Verbs, models.Model):
    """What one side told the other it would do by a moment; one of us answers for it.

    The verbs that change its state are in verbs.py. Overdue is computed and never stored.
    """

    Direction = words.Direction

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("Open")
        DELIVERED = "delivered", _("Delivered, not yet accepted")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RELEASED = "released", _("Released")
        DECLINED = "declined", _("Declined")

    class Importance(models.TextChoices):
        NORMAL = "normal", _("Normal")
        CRITICAL = "critical", _("Critical")

    OPEN = (State.PROPOSED, State.ACTIVE, State.DELIVERED)

    public_id = models.CharField(max_length=16, unique=True, default=new_promise_id, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="promises")
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices, default=Direction.OURS)
    # Exactly one promisor and one promisee, on opposite sides (held by a constraint).
    promisor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="promises_made"
    )
    promisor_contact = models.ForeignKey(Contact, related_name="promises_made", **ONE_SIDE)
    promisee_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="promises_received"
    )
    promisee_contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="promises_received"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="promises", verbose_name=_("owner")
    )
    what = models.CharField(_("what"), max_length=300)
    search_text = models.CharField(max_length=300, editable=False)
    done_when = models.CharField(_("done when"), max_length=500, blank=True)
    importance = models.CharField(_("importance"), max_length=8, choices=Importance.choices, default=Importance.NORMAL)

    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    # The terms in force. The due date of an active promise moves only by an accepted renegotiation.
    due_date = models.DateField(_("due"))
    due_time = models.TimeField(_("time"), null=True, blank=True)
    due_zone = models.CharField(_("time zone"), max_length=64)
    due_at = models.DateTimeField(editable=False)
    agreed_at = models.DateTimeField(default=timezone.now)  # acceptance of the terms in force
    agreed_how = models.CharField(
        _("how it was agreed"), max_length=8, choices=AgreedHow.choices, default=AgreedHow.CALL
    )
    first_due_at = models.DateTimeField(editable=False)  # D0, the first agreed due
    # Told by the accepted renegotiations, kept here so that figures over many promises read one table.
    moves = models.PositiveSmallIntegerField(default=0, editable=False)
    moved_not_early = models.BooleanField(default=False, editable=False)
    first_asked = models.CharField(max_length=12, choices=words.Timing.choices, blank=True, editable=False)

    # A due that passed unkept before the promise was moved: it goes on counting by that one, as overdue until it ends.
    missed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # While proposed: whose terms lie on the table (the other side answers), and by when we asked for that answer.
    offered_by = models.CharField(max_length=6, choices=Direction.choices, blank=True, editable=False)
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    # Out of sight until then. Never beyond the due, and no figure knows of it.
    snoozed_until = models.DateTimeField(null=True, blank=True, editable=False)
    snoozes = models.PositiveSmallIntegerField(default=0, editable=False)

    done_at = models.DateTimeField(null=True, blank=True)  # of the delivery last claimed
    delivered_at = models.DateTimeField(null=True, blank=True)  # when that was said
    ended_at = models.DateTimeField(null=True, blank=True)
    unconfirmed = models.BooleanField(default=False)  # kept because nobody said otherwise
    withdrawn_timing = models.CharField(max_length=12, blank=True)  # of a release too: how early it came
    made_good_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)

    origin_interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, blank=True, related_name="promises")
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BY_HAND, editable=False)
    external_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    overdue_flagged_at = models.DateTimeField(
        null=True, blank=True, editable=False
    )  # claimed by the scan; the event tells
    version = models.PositiveIntegerField(default=1)

    # Kept by the database out of the state, so that the list of what is open comes out of an index in its order.
    still_open = models.GeneratedField(
        expression=models.Case(models.When(state__in=OPEN, then=True), default=False),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="active"), name="promise_active_due"),
            # The state stands first although it never differs: PostgreSQL then knows that neighbours lie together,
            # takes this index, and touches only what is due.
            models.Index(
                fields=["state", "due_at", "id"],
                condition=Q(state="active", overdue_flagged_at=None),
                name="promise_to_flag",
            ),
            models.Index(fields=["owner", "state", "due_at"], name="promise_by_owner"),
            models.Index(fields=["owner", "direction", "first_due_at"], name="promise_word_of_owner"),
            models.Index(fields=["client", "state", "due_at"], name="promise_by_client"),
            models.Index(fields=["client", "-ended_at", "-id"], name="promise_by_end"),  # what ended last at a client
            models.Index(fields=["state", "due_at", "id"], name="promise_by_state"),
            models.Index(fields=["due_at", "id"], name="promise_by_due"),
            # With what a search looks at, so that it reads nothing else.
            models.Index(fields=["still_open", "due_at", "id", "client", "search_text"], name="promise_open_search"),
            # Everything an outcome needs, so that the overview counts a period without reading a promise.
            models.Index(
                fields=[
                    "direction",
                    "first_due_at",
                    "state",
                    "done_at",
                    "due_at",
                    "moved_not_early",
                    "withdrawn_timing",
                    "missed_at",
                ],
                name="promise_by_first_due",
            ),
            models.Index(
                fields=["state", "delivered_at"], condition=Q(state="delivered"), name="promise_awaiting_word"
            ),
            models.Index(fields=["created_at"], condition=Q(state="proposed"), name="promise_awaiting_answer"),
            models.Index(fields=["agreed_at"], condition=Q(moves__gt=0), name="promise_moved"),  # what was moved lately
        ]
        constraints = [
            models.CheckConstraint(
                name="promise_two_sides",
                condition=Q(direction="ours", promisor_user__isnull=False, promisor_contact=None, promisee_user=None)
                | Q(direction="theirs", promisor_user=None, promisee_user__isnull=False, promisee_contact=None),
            ),
            models.CheckConstraint(
                name="promise_offer_has_a_side",
                condition=Q(state="proposed", offered_by__in=["ours", "theirs"])
                | (~Q(state="proposed") & Q(offered_by="")),
            ),
            models.CheckConstraint(name="promise_snoozed_at_most_thrice", condition=Q(snoozes__lte=3)),
        ]

    def __str__(self):
        return self.what

    def save(self, **kwargs):
        self.search_text = searchable(self.what)[:300]
        super().save(**kwargs)

    def get_absolute_url(self):
        return path_to("promise", self.public_id)

    # ---------------------------------------------------------------- who

    @property
    def is_ours(self):
        return self.direction == self.Direction.OURS

    @property
    def contact(self):
        """The person at the client, whichever side they are on; None when only the client is named."""
        return self.promisee_contact if self.is_ours else self.promisor_contact

    @property
    def colleague(self):
        return self.promisor_user if self.is_ours else self.promisee_user

    @property
    def other_side(self):
        """Whom we say it to: the person's name, or the client's."""
        return (self.contact or self.client).name

    # ---------------------------------------------------------------- when

    @property
    def terms(self):
        return Terms(self.due_date, self.due_time, self.due_zone)

    @property
    def is_open(self):
        return self.state in self.OPEN

    @property
    def is_active(self):
        return self.state == self.State.ACTIVE

    @property
    def is_delivered(self):
        return self.state == self.State.DELIVERED

    def is_overdue(self, now):
        return self.is_active and self.due_at < now

    @cached_property
    def calendar(self):
        """The promisor's working calendar; a contact's is the usual week in their zone, with their holidays."""
        if self.promisor_user_id:
            return self.promisor_user.calendar()
        zone = (self.promisor_contact.time_zone if self.promisor_contact else "") or self.client.time_zone
        return Calendar(zone=zone, week=STANDARD_WEEK, country=holidays_at(self.client.country))

    @property
    def last_early_moment(self):
        """Until when the other side hears of a new date early, by the terms in force."""
        return last_early_moment(self.agreed_at, self.due_at, self.calendar, **self.early_rule)

    @property
    def early_rule(self):
        """How much notice is early in this firm; read once for many rows within `Workspace.remembering()`."""
        return Workspace.remembered().early_rule

    def days_late(self, now):
        """Working days since it was due, by the promisor's calendar; 0 on the day itself."""
        return max(self.calendar.working_days(self.due_at, now), 0)

    # ---------------------------------------------------------------- what became of it

    def outcome(self, now, *, broken_after=None):
        """What it counts as. `broken_after` is the firm's own limit, read when it matters and nobody gives it."""
        facts = facts_of(*(getattr(self, name) for name in COLUMNS))
        overdue = 0
        if self.is_overdue(now):
            overdue = self.calendar.working_days(self.due_at, now)
            broken_after = broken_after or Workspace.remembered().broken_after_days
        return outcome_of(facts, now=now, working_days_overdue=overdue, broken_after=broken_after or BROKEN_AFTER)

    def judged(self, now, *, broken_after=None):
        slip = None
        if self.done_at and self.done_at > self.first_due_at:
            slip = self.calendar.working_days(self.first_due_at, self.done_at)
        return Judged(
            outcome=self.outcome(now, broken_after=broken_after), first_due_at=self.first_due_at, due_at=self.due_at,
            first_request_early=self.first_asked == words.Timing.EARLY if self.first_asked else None,
            slip=slip, unconfirmed=self.unconfirmed, missed_at=self.missed_at,
        )  # fmt: skip

    def remarks_on_due_day(self, terms=None):
        """What speaks against the due day, as pairs (name, words): weekend, holiday, absence."""
        day = (terms or self.terms).date
        ours = self.colleague
        for_us = (self.promisor_user.calendar() if self.is_ours else ours.calendar()).why_not(day)
        for_them = self._their_calendar().why_not(day)
        if for_us and for_us == for_them:
            return [(str(_("%(one)s or %(other)s") % {"one": ours.name, "other": self.other_side}), for_us)]
        return [(name, why) for name, why in ((ours.name, for_us), (self.other_side, for_them)) if why]

    def _their_calendar(self):
        zone = (self.contact.time_zone if self.contact else "") or self.client.time_zone
        return Calendar(zone=zone, country=holidays_at(self.client.country))
