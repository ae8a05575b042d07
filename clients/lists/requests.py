"""The list of requests as the shared pages of lists know it; its own page and filters are in `clients.requests`."""

from functools import cached_property

from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.lists import columns
from accounts.lists.columns import Column
from accounts.lists.kinds import ListKind
from accounts.templatetags.look import moment
from clients.lists import closed
from clients.lists.lines import Line
from clients.lists.request_acts import ACTS
from clients.models import Request
from clients.requests import filters

SHORT = 160


class RequestListing:
    def __init__(self, query, *, user, now):
        self.user, self.now = user, now
        self.chosen = filters.read(query, user=user)

    @cached_property
    def found(self):
        return filters.apply(Request.objects.visible_to(self.user), self.chosen, now=self.now)

    @property
    def in_words(self):
        return self.chosen.in_words

    def lines(self, ids, shown=()):
        by_id = Request.objects.select_related("client", "contact", "assignee").in_bulk(ids)
        loaded = columns.loaded(shown, ids, user=self.user, now=self.now)
        return [Line(by_id[pk], str(by_id[pk]), loaded[pk]) for pk in ids if pk in by_id]


def _text(line):
    it = line.record
    return format_html('<a href="{}" data-open-row>{}</a>', it.get_absolute_url(), Truncator(it.text).chars(SHORT))


def _client(line):
    client = line.record.client
    return format_html('<a href="{}">{}</a>', client.get_absolute_url(), client.name)


def _who(line):
    return line.record.contact.name if line.record.contact else ""


def _label(name):
    def read(line):
        return getattr(line.record, f"get_{name}_display")()

    return {"cell": read, "value": read}


def _when(name):
    return {
        "cell": lambda line: moment(getattr(line.record, name), "both"),
        "value": lambda line: getattr(line.record, name),
    }


COLUMNS = (
    Column("text", __("What they ask"), _text, lambda line: line.record.text, head=True),
    Column("client", __("Client"), _client, lambda line: line.record.client.name, sort="client"),
    Column("contact", __("Who asked"), _who, _who, off=True),
    Column("assignee", __("Who answers"), lambda line: line.record.assignee.name,
           lambda line: line.record.assignee.name, sort="assignee", off=True),
    Column("asked", __("Asked"), **_when("asked_at"), sort="-asked"),
    Column("due", __("Due now"), **_when("answer_due_at"), sort="due"),
    Column("closed", __("How it ended"), **_label("closed_how"), off=True),
    Column("channel", __("How"), **_label("channel"), usual=False, off=True),
    Column("urgency", __("Urgency"), **_label("urgency"), usual=False, off=True),
    Column("first_due", __("First due"), **_when("first_due_at"), usual=False, off=True),
    Column("answered", __("First answered"), **_when("first_answered_at"), usual=False, off=True),
    Column("minutes", __("Working minutes until the first answer"), lambda line: line.record.answer_minutes or "",
           lambda line: line.record.answer_minutes, usual=False, off=True, number=True),
    Column("since", __("Waiting since"), **_when("waiting_since"), usual=False, off=True),
    Column("why", __("Why no reply is needed"), lambda line: line.record.closed_why,
           lambda line: line.record.closed_why, usual=False, off=True),
)  # fmt: skip


def usual(pairs):
    state = "all" if pairs.get("came") else "waiting"
    return {"state": state, "sort": filters.usual_sort(pairs.get("state", state))}


REQUESTS = ListKind(
    page="requests",
    title=__("Requests"),
    views=(
        (__("Waiting on me"), "assignee=me"),
        (__("All that wait"), ""),
        (__("Overdue"), "overdue=yes"),
        (__("Answered"), "state=answered"),
        (__("No reply needed"), "state=no_reply"),
    ),
    usual=usual,
    in_words=lambda query, user: filters.read(query, user=user).in_words,
    read=lambda query, *, user, now: RequestListing(query, user=user, now=now),
    visible=lambda user: Request.objects.visible_to(user).kept(),
    every=Request.objects.all,
    columns=COLUMNS,
    count=lambda n: ngettext("%(n)d request", "%(n)d requests", n) % {"n": n},
    acts={act.name: act for act in ACTS},
    hidden=closed.hidden,
)
