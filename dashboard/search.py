"""Find: clients, people, promises, requests, what was said, and what to do: only what the asker may see."""

import re
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.quick import date_format
from clients.alike import nearest
from clients.models import Client, Contact, Interaction, Request
from clients.names import searchable
from clients.timeline import MARKS
from dashboard import places
from promises.models import Promise

AT_MOST = 6
EXCERPT = 90
WORDS = 8
SPARE = 5
IN_THE_MIDDLE = 3  # letters, from which on names that hold them are looked for: an index of three-letter pieces


@dataclass(frozen=True)
class Hit:
    mark: str
    text: str
    url: str
    note: str = ""
    key: str = ""
    more: str = ""  # where what can be done with it is offered


@dataclass(frozen=True)
class Found:
    """Groups of hits, [(title, hits)]; `guesses` when nothing is called so, but something nearly."""

    groups: list
    guesses: bool = False


def find(words, *, user, limit=AT_MOST, here=None):
    """What the words find, one’s own first; without words, whom one spoke to last. `here`: the client looked at."""
    if not searchable(words):
        groups = [(here.name, acts(here, user=user))] if here else []
        groups += [(_("Recent"), recent_clients(user, limit)), *to_do("", user=user)]
        return Found([group for group in groups if group[1]])
    groups = [
        (_("Clients"), found_clients(words, user, limit)),
        (_("People"), found_people(words, user, limit)),
        (_("Promises"), found_promises(words, user, limit)),
        (_("Requests"), found_requests(words, user, limit)),
        *to_do(words, user=user),
    ]
    groups = [group for group in groups if group[1]]
    if groups:
        return Found(groups)
    near = near_misses(words, user, limit)
    return Found([(_("Did you mean"), near)] if near else [], guesses=bool(near))


def acts(client, *, user):
    return [Hit(act.mark, act.words, act.url, key=act.key) for act in places.acts_at(client, user=user)]


def to_do(words, *, user):
    """Commands and places by their names."""
    return [(_("Do"), _places(places.COMMANDS, words, user)), (_("Go to"), _places(places.PLACES, words, user))]


def _places(all_of_them, words, user):
    named = places.named(all_of_them, words, user=user)
    return [Hit(place.mark, str(place.words), reverse(place.route), key=place.key) for place in named]


def _client(client):
    more = f"{reverse('find')}?palette=1&client={client.public_id}"
    return Hit("users", client.name, client.get_absolute_url(), client.owner.name, more=more)


def recent_clients(user, limit):
    mine = Client.objects.current().filter(owner=user, last_interaction_at__isnull=False)
    return [_client(client) for client in mine.select_related("owner").order_by("-last_interaction_at")[:limit]]


def _holding(rows, words, *, column="search_text"):
    """Every word stands somewhere in the text."""
    for word in searchable(words).split()[:WORDS]:
        rows = rows.filter(**{f"{column}__contains": word})
    return rows


def _best(rows, words, limit, *, own):
    """The asker's own that begin with the words, then others that do, then those that hold them.

    Of very many any will do: more than are shown are read, without asking the database to order all of them.
    """
    found = {}
    begin = rows.filter(search_text__startswith=searchable(words))
    asked = [begin.filter(own), begin]
    if len(searchable(words)) >= IN_THE_MIDDLE:
        asked += [_holding(rows, words).filter(own), _holding(rows, words)]
    for some in asked:
        if len(found) >= limit:
            break
        more = [row for row in some[: limit * SPARE] if row.pk not in found]
        found |= {row.pk: row for row in sorted(more, key=lambda row: (row.search_text, row.pk))}
    return list(found.values())[:limit]


def _clients_for(user):
    rows = Client.objects.current().select_related("owner").only("name", "public_id", "search_text", "owner__name")
    return rows if user.is_manager else rows.exclude(pk__in=Client.objects.hidden_from(user))


def _people_for(user):
    rows = Contact.objects.visible_to(user).current().filter(client__archived_at=None).select_related("client")
    return rows.only("name", "public_id", "search_text", "client__name", "client__public_id")


def _person(person):
    return Hit("user-round", person.name, reverse("contact", args=[person.public_id]), person.client.name)


def found_clients(words, user, limit):
    return [_client(client) for client in _best(_clients_for(user), words, limit, own=Q(owner=user))]


def found_people(words, user, limit):
    return [_person(person) for person in _best(_people_for(user), words, limit, own=Q(client__owner=user))]


def found_promises(words, user, limit):
    found = Promise.objects.visible_to(user).open().search(words).order_by("due_at", "pk")
    rows = Promise.objects.select_related("client").only("public_id", "what", "client__name")
    rows = rows.filter(pk__in=list(found.values_list("pk", flat=True)[:limit])).order_by("due_at", "pk")
    return [Hit("handshake", row.what, row.get_absolute_url(), row.client.name) for row in rows]


def found_requests(words, user, limit):
    rows = _holding(Request.objects.kept().visible_to(user), words).select_related("client")
    rows = rows.filter(closed_at=None).order_by("-asked_at", "-pk")
    return [Hit("inbox", row.text[:120], row.get_absolute_url(), row.client.name) for row in rows[:limit]]


def near_misses(words, user, limit):
    """Clients and people whose names are nearly the words: typing mistakes are forgiven."""
    clients = nearest(_clients_for(user), words, limit=limit)
    people = nearest(_people_for(user), words, limit=limit - len(clients)) if len(clients) < limit else []
    return [_client(client) for client in clients] + [_person(person) for person in people]


def found_said(words, user, limit):
    """What was logged that holds every word, newest first, with the stretch that says it."""
    if len(searchable(words)) < 3:
        return []
    rows = _holding(Interaction.objects.kept().visible_to(user), words)
    ids = list(
        rows.filter(client__archived_at=None).order_by("-happened_at", "-pk").values_list("pk", flat=True)[:limit]
    )
    rows = Interaction.objects.filter(pk__in=ids).select_related("client").order_by("-happened_at", "-pk")
    return [
        Hit(
            MARKS.get(row.kind, "sticky-note"),
            excerpt(f"{row.summary} {row.body}".strip(), words),
            f"{reverse('client_timeline', args=[row.client.public_id])}?entry={row.public_id}",
            f"{row.client.name}, {date_format(row.happened_at, 'j M Y')}",
        )
        for row in rows
    ]


def excerpt(text, words):
    """The stretch of a text around the first of the words, in one line."""
    text = " ".join(text.split())
    wanted = searchable(words).split()
    at = next((piece.start() for piece in re.finditer(r"\S+", text) if searchable(piece[0]).find(wanted[0]) >= 0), 0)
    start = text.rfind(" ", 0, max(0, at - EXCERPT // 3)) + 1 if at > EXCERPT // 3 else 0
    piece = text[start : start + EXCERPT]
    if start + EXCERPT < len(text):
        piece = piece.rsplit(" ", 1)[0] + " …"
    return ("… " if start else "") + piece
