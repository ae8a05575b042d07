"""The page of a record's history, whatever room the record is of; and the records of this room."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import changes, saved_views
from accounts.changes import BOOKKEEPING, Page, Rows, rows_of
from accounts.lists import kinds
from accounts.models import Absence, SavedView, User, Workspace


@require_http_methods(["GET"])
def history(request, kind, public_id):
    """Who may not open the record finds no history of it either."""
    page = changes.pages.get(kind)
    if page is None:
        raise Http404(kind)
    record = page.find(request, public_id)
    context = {"title": page.title(record), "back": page.back(record), "happenings": page.story(record, request.user)}
    return render(request, "accounts/history.html", context)


def register():
    changes.register(
        "user", Page(_user, _title, lambda user: (user.name, reverse("person", args=[user.public_id])), _of_user)
    )
    changes.register(
        "settings",
        Page(_settings, lambda firm: _("History of the settings"), lambda firm: (_("Settings"), reverse("settings"))),
    )
    changes.register("views", Page(_views, _of_views, lambda of: (of.kind.title, of.kind.address), _story_of_views))


def _views(request, page):
    return saved_views.Changes(kinds.get(page), request.user)


def _of_views(of):
    return _("History of saved views: %(list)s") % {"list": of.kind.title}


def _story_of_views(of, _reader):
    without = BOOKKEEPING | {"page", "query"}
    return changes.story([Rows(of.rows[: changes.READ], SavedView, lambda row: row.name, without)])


def _title(user):
    return _("History of %(name)s") % {"name": user.name}


def _user(request, public_id):
    if not request.user.is_administrator:
        raise Http404(public_id)
    return get_object_or_404(User, public_id=public_id)


def _settings(request, public_id):
    if not request.user.is_administrator or public_id != "firm":
        raise Http404(public_id)
    return Workspace.current()


def _of_user(user, _reader):
    """The person, and the days they are away."""
    away = Absence.history.filter(user_id=user.pk).select_related("history_user")
    away = away.order_by("id", "-history_date", "-history_id")[: changes.READ]
    return changes.story(
        [
            rows_of(user, about=_("Person"), without=BOOKKEEPING | {"theme", "single_keys", "has_pins"}),
            Rows(away, Absence, _days),
        ]
    )


def _days(row):
    days = {"first": changes.plain(row.starts_on), "last": changes.plain(row.ends_on)}
    return _("Away %(first)s – %(last)s") % days
