"""Questions asked of many promises."""

from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from clients.models import Client, searchable
from promises.models.facts import COLUMNS, outcomes_of
from promises.models.making import Making
from promises.models.words import Direction
from promises.outcomes import BROKEN_AFTER, figures


class PromiseQuerySet(Making, models.QuerySet):
    """The questions asked of many promises."""

    def visible_to(self, user):
        return self if user.is_manager else self.exclude(client__in=Client.objects.hidden_from(user))

    def writable_by(self, user):
        """Who may write the client may write its promises, and so may a promise's owner who may read the client."""
        if user.is_manager:
            return self
        return self.visible_to(user).filter(Q(owner=user) | Q(client__in=Client.objects.writable_by(user)))

    def active(self):
        return self.filter(state=self.model.State.ACTIVE)

    def delivered(self):
        return self.filter(state=self.model.State.DELIVERED)

    def open(self):
        return self.filter(still_open__in=[True])  # written so, SQLite takes the index

    def ended(self):
        return self.filter(still_open__in=[False])

    def ours(self):
        return self.filter(direction=Direction.OURS)

    def theirs(self):
        return self.filter(direction=Direction.THEIRS)

    def of(self, user):
        """Promises this person answers for."""
        return self.filter(owner=user)

    def overdue(self, now):
        return self.active().filter(due_at__lt=now)

    def not_flagged(self):
        return self.filter(overdue_flagged_at=None)

    def to_flag(self, now):
        """Overdue and not yet announced, straight from the partial index `promise_to_flag`."""
        # SQLite takes a partial index only when its condition stands in the query as written, not as a parameter.
        literal = "promises_promise.state = 'active'"
        return self.not_flagged().filter(due_at__lt=now).extra(where=[literal])  # noqa: S610 - a constant

    def not_snoozed(self, now):
        return self.exclude(snoozed_until__gt=now)

    def due_between(self, start, end):
        return self.filter(due_at__gte=start, due_at__lt=end)

    def search(self, text):
        found = self
        for word in searchable(text).split():
            clients = Client.objects.filter(search_text__contains=word).order_by().values("pk")
            found = found.filter(Q(search_text__contains=word) | Q(client__in=clients))
        return found

    def with_people(self):
        return self.select_related(
            "client", "owner", "promisor_user", "promisor_contact", "promisee_user", "promisee_contact"
        )

    def with_calendars(self):
        """Everything `last_early_moment` needs, in one query more however many rows there are."""
        return self.with_people().prefetch_related("promisor_user__absences")

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for promise in objs:
            promise.search_text = searchable(promise.what)[:300]
        return super().bulk_create(objs, *args, **kwargs)

    def judged(self, now):
        """Every promise with its outcome, as the figures need it. Reads each person's calendar once."""
        calendars, broken_after = {}, None
        for promise in self.select_related("client", "promisor_user", "promisor_contact"):
            key = promise.promisor_user_id or f"{promise.client_id}/{promise.promisor_contact_id}"
            promise.calendar = calendars[key] if key in calendars else calendars.setdefault(key, promise.calendar)
            if broken_after is None and promise.is_overdue(now):
                broken_after = Workspace.remembered().broken_after_days
            yield promise.judged(now, broken_after=broken_after)

    def outcomes(self, *, now, calendar, broken_after=BROKEN_AFTER):
        """The outcome of each promise in this order, read from seven columns; for long lists of marks.

        Days overdue are counted in this one calendar, so a promise about ten days late may show as late or as broken.
        """
        return outcomes_of(self.values_list(*COLUMNS), now=now, calendar=calendar, broken_after=broken_after)

    def last_due_between(self, start, end):
        """By the due that counts last: D_f, or the due that was missed before it was moved (`Judged.counted_at`)."""
        moved = Q(missed_at=None, due_at__gte=start, due_at__lt=end)
        return self.filter(moved | Q(missed_at__gte=start, missed_at__lt=end))

    def figures(self, *, now, since=None):
        return figures(self.judged(now), since=since, until=now)
