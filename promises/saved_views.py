"""The list of promises under a name: what `accounts.saved_views` has to know of it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import saved_views
from accounts.lists import kinds
from clients.lists import closed
from promises import filters, list_columns
from promises.models import Promise

USUAL = {"state": "open", "on": "first", "sort": "due"}
BUILT_IN = (
    (_("All open"), ""),
    (_("Mine, open"), "owner=me"),
    (_("Late"), "due=late"),
    (_("Due this week"), "due=week"),
    (_("Waiting for their word"), "state=delivered&by=ours"),
    (_("Offered"), "state=proposed"),
    (_("Moved lately"), "moved=yes"),
)


def usual(pairs):
    return USUAL if not (pairs.get("outcome") or "yes" in pairs.values()) else {**USUAL, "state": "all"}


KIND = kinds.ListKind(
    page="promises",
    title=_("Promises"),
    views=BUILT_IN,
    usual=usual,
    in_words=lambda query, user: filters.read(query, user=user).in_words,
    read=list_columns.read,
    visible=Promise.objects.visible_to,
    every=Promise.objects.all,
    columns=list_columns.COLUMNS,
    hidden=closed.hidden,
    count=lambda n: ngettext("%(n)d promise", "%(n)d promises", n) % {"n": n},
)


def register():
    kinds.register(KIND)


def tidy(text):
    return saved_views.tidy(KIND, text)


def bar(user, query):
    return saved_views.bar(KIND, user, query)
