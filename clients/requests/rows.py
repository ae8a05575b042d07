"""Requests as rows of a list: the question, who asked and how, the ring with the time left."""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.clock_ring import clock as ring
from accounts.quick import cut, date_format
from accounts.readers import for_readers
from accounts.templatetags.look import avatar, full
from accounts.written import written
from clients.models import Request
from clients.requests.clock import hours_in_words

Channel = Request.Channel
HOW = {
    Channel.CALL: gettext_lazy("by telephone, %(when)s"),
    Channel.MEETING: gettext_lazy("in a meeting, %(when)s"),
    Channel.VISIT: gettext_lazy("on a visit, %(when)s"),
    Channel.EMAIL: gettext_lazy("by e-mail, %(when)s"),
    Channel.MESSAGE: gettext_lazy("by message, %(when)s"),
    Channel.SURVEY: gettext_lazy("in the survey, %(when)s"),
    Channel.OTHER: gettext_lazy("%(when)s"),
}


@lru_cache(maxsize=100)
def _how(channel, _language):
    return str(HOW[channel])


def when_in_words(moment, now):
    """“09:12”, “yesterday 16:40”, “Fri 13 Nov” on the reader's clock."""
    local, today = timezone.localtime(moment), timezone.localdate(now)
    days = (today - local.date()).days
    if days == 0:
        return date_format(local, "H:i")
    if days == 1:
        return _("yesterday %(time)s") % {"time": date_format(local, "H:i")}
    return date_format(local.date(), "D j M" if local.year == today.year else "D j M Y")


@dataclass
class Row:
    """What `clients/requests/_row.html` shows of a request; `it` is the request."""

    it: Request
    now: object
    user: object
    can_write: bool = False
    just_done: bool = False

    @cached_property
    def clock(self):
        return self.it.clock(self.now)

    @property
    def ring(self):
        return ring(self.clock.share, late=self.clock.is_over)

    @property
    def level(self):
        """late, soon or nothing: the colour of the time left."""
        return self.clock.level if self.clock else ""

    @property
    def words(self):
        return self.clock.words if self.clock else ""

    @property
    def text(self):
        return cut(self.it.text, 160)

    @property
    def short(self):
        """For what is read aloud of the row’s buttons."""
        return cut(self.it.text, 80)

    @property
    def due_iso(self):
        return timezone.localtime(self.it.answer_due_at).isoformat()

    @property
    def due_title(self):
        return full(self.it.answer_due_at)

    @property
    def face(self):
        return avatar(self.asker)

    @property
    def asker(self):
        return self.it.contact.name if self.it.contact else self.it.client.name

    @property
    def how(self):
        return _how(self.it.channel, get_language()) % {
            "when": when_in_words(self.it.waiting_since or self.it.asked_at, self.now)
        }

    @property
    def is_urgent(self):
        return self.it.urgency == Request.Urgency.URGENT

    @property
    def asked_again(self):
        return self.it.is_waiting and self.it.first_answered_at is not None

    @property
    def shows_assignee(self):
        return self.it.assignee_id != self.user.pk

    @property
    def ended(self):
        """(kind, mark, words) of one that no longer waits; None for one that does."""
        it = self.it
        if it.deleted_at:
            return "", "x", _("Removed")
        if it.is_waiting:
            return None
        if it.closed_how == Request.Closed.NO_REPLY:
            return "", "circle-slash", _("No reply needed")
        if it.was_late:
            return "late", "check", _("Answered late, %(time)s") % {"time": self.took}
        return "kept", "check", _("Answered in %(time)s") % {"time": self.took}

    @property
    def took(self):
        return hours_in_words(self.it.answer_minutes)

    @property
    def undo_url(self):
        return reverse("request_reopen", args=[self.it.public_id])


SHOWN_BESIDE = (
    "client__public_id", "client__name", "contact__public_id", "contact__name",
    "assignee__name", "assignee__time_zone", "assignee__working_hours", "assignee__country",
)  # fmt: skip


def whole(requests):
    """The same query with all that rows show."""
    return requests.select_related("client", "contact", "assignee")


@written
def _these(*, ids):
    its_own = [field.name for field in Request._meta.concrete_fields if field.name != "search_text"]
    return whole(Request.objects.filter(pk__in=ids)).only(*its_own, *SHOWN_BESIDE).order_by()


def in_order_of(ids):
    """The requests with these ids with all that rows show, in that order."""
    found = {one.pk: one for one in _these(ids=list(ids))}
    return [found[pk] for pk in ids if pk in found]


def row(request, *, now, user, can_write=None, just_done=False):
    """One request as a row. Whether its reader may act is asked of the database unless it is known."""
    if can_write is None:
        can_write = bool(_writable([request], user))
    return Row(request, now=now, user=user, can_write=can_write, just_done=just_done)


def rows_for(requests, *, now, user):
    """Many of them, in a bounded number of queries; hand it a query out of `whole`."""
    requests = list(requests)
    writable = _writable(requests, user) if requests else set()
    return [Row(one, now=now, user=user, can_write=one.pk in writable) for one in requests]


def _writable(requests, user):
    if user.is_manager:
        return {one.pk for one in requests}
    return set(_writable_of(user, ids=[one.pk for one in requests]))


@for_readers
def _writable_of(reader, *, ids):
    return Request.objects.writable_by(reader).filter(pk__in=ids).order_by().values_list("pk", flat=True)
