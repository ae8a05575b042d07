"""Find: clients, people, promises and places to go, only what the asker may see."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact
from clients.names import searchable
from promises.models import Promise

AT_MOST = 6


@dataclass(frozen=True)
class Hit:
    mark: str
    text: str
    url: str
    note: str = ""
    key: str = ""


COMMANDS = [  # words, route, icon, key
    (_("Log a contact"), "log", "plus", "L"),
    (_("Make a promise"), "promise_new", "handshake", "P"),
    (_("Add a client"), "client_new", "users", ""),
]
PLACES = [
    (_("My day"), "my_day", "sun", "G D"),
    (_("Clients"), "clients", "users", "G C"),
    (_("Promises"), "promises", "handshake", "G P"),
    (_("Surveys"), "surveys", "clipboard-list", "G S"),
    (_("What we believe"), "beliefs", "clipboard-list", ""),
    (_("My profile"), "profile", "settings", ""),
]
MANAGERS_PLACES = [
    (_("Where we stand"), "overview", "layout-dashboard", "G O"),
    (_("Gaps"), "gaps", "git-compare-arrows", ""),
    (_("Mail that did not go out"), "outbox_trouble", "mail", ""),
    (_("People"), "people", "users-round", ""),
]


def find(words, *, user, limit=AT_MOST):
    """Groups of hits for some words, [(title, hits)]; without words, what the asker spoke to last."""
    words = words.strip()
    if searchable(words):
        groups = [
            (_("Clients"), found_clients(words, user, limit)),
            (_("People"), found_people(words, user, limit)),
            (_("Promises"), found_promises(words, user, limit)),
        ]
    else:
        groups = [(_("Recent"), recent_clients(user, limit))]
    places = PLACES + (MANAGERS_PLACES if user.is_manager else [])
    groups += [(_("Do"), named(COMMANDS, words)), (_("Go to"), named(places, words))]
    return [(title, hits) for title, hits in groups if hits]


def _client(client):
    return Hit("users", client.name, client.get_absolute_url(), client.owner.name)


def recent_clients(user, limit):
    mine = Client.objects.current().filter(owner=user, last_interaction_at__isnull=False)
    return [_client(client) for client in mine.select_related("owner").order_by("-last_interaction_at")[:limit]]


def found_clients(words, user, limit):
    visible = Client.objects.visible_to(user).current().select_related("owner")
    by_name = visible
    for word in searchable(words).split()[:8]:
        by_name = by_name.filter(search_text__contains=word)
    return [_client(client) for client in by_name.order_by("search_text", "pk")[:limit]]


def found_people(words, user, limit):
    people = Contact.objects.visible_to(user).current().filter(client__archived_at=None).search(words)
    rows = people.select_related("client").order_by("search_text", "pk")[:limit]
    return [Hit("user-round", row.name, row.client.get_absolute_url() + "#people", row.client.name) for row in rows]


def found_promises(words, user, limit):
    found = Promise.objects.visible_to(user).open().search(words).order_by("due_at", "pk")
    rows = Promise.objects.select_related("client").only("public_id", "what", "client__name")
    rows = rows.filter(pk__in=list(found.values_list("pk", flat=True)[:limit])).order_by("due_at", "pk")
    return [Hit("handshake", row.what, row.get_absolute_url(), row.client.name) for row in rows]


def named(entries, words):
    """Commands and places whose name holds the words; all of them when there are none."""
    wanted = searchable(words)
    return [
        Hit(mark, str(text), reverse(route), key=key)
        for text, route, mark, key in entries
        if wanted in searchable(str(text))
    ]
