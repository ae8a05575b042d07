"""Promises in columns, for who wants a table instead of rows."""

from functools import cached_property

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.lists.columns import Column
from accounts.templatetags.look import icon, moment
from clients.lists.lines import Line
from promises import filters
from promises.models import Promise
from promises.rows import with_everybody


class PromiseListing:
    def __init__(self, query, *, user, now):
        self.user, self.now = user, now
        self.chosen = filters.read(query, user=user)

    @cached_property
    def found(self):
        return filters.apply(Promise.objects.visible_to(self.user), self.chosen, now=self.now)

    @property
    def in_words(self):
        return self.chosen.in_words

    def lines(self, ids, shown=()):
        by_id = Promise.objects.in_bulk(ids)
        promises = with_everybody([by_id[pk] for pk in ids if pk in by_id])
        return [Line(promise, promise.what, {"now": self.now}) for promise in promises]


def _what(line):
    promise = line.record
    mark = icon("arrow-up-right", "t-us") if promise.is_ours else icon("arrow-down-left", "t-them")
    return format_html('{} <a href="{}" data-open-row>{}</a>', mark, promise.get_absolute_url(), promise.what)


def _client(line):
    client = line.record.client
    return format_html('<a href="{}">{}</a>', client.get_absolute_url(), client.name)


def _with(line):
    promise = line.record
    contact = promise.promisee_contact if promise.is_ours else promise.promisor_contact
    return contact.name if contact else ""


def _due(line):
    promise = line.record
    late = promise.state == Promise.State.ACTIVE and promise.due_at < line.loaded["now"]
    words = moment(promise.due_at)
    return format_html('<span class="t-late">{} {}</span>', icon("circle-alert", "i-sm"), words) if late else words


def _label(name):
    def read(line):
        return getattr(line.record, f"get_{name}_display")()

    return {"cell": read, "value": read}


def _day(name):
    return {
        "cell": lambda line: moment(getattr(line.record, name)) or SafeString(""),
        "value": lambda line: getattr(line.record, name),
    }


COLUMNS = (
    Column("what", _("What"), _what, lambda line: line.record.what, head=True, sort="what"),
    Column("client", _("Client"), _client, lambda line: line.record.client.name, sort="client"),
    Column("with", _("With"), _with, _with, off=True),
    Column("owner", _("Owner"), lambda line: line.record.owner.name, lambda line: line.record.owner.name,
           sort="owner", off=True),
    Column("due", _("Due"), _due, lambda line: line.record.due_at, sort="due"),
    Column("state", _("State"), **_label("state"), off=True),
    Column("direction", _("Who promised"), **_label("direction"), usual=False, off=True),
    Column("importance", _("Importance"), **_label("importance"), usual=False, off=True),
    Column("first_due", _("First due"), **_day("first_due_at"), usual=False, off=True, sort="first"),
    Column("done", _("Done"), **_day("done_at"), usual=False, off=True),
    Column("moves", _("Moved"), lambda line: str(line.record.moves), lambda line: line.record.moves,
           usual=False, off=True, number=True),
)  # fmt: skip


def read(query, *, user, now):
    return PromiseListing(query, user=user, now=now)
