"""Find: clients, people, promises, requests, what was said, and what to do: only what the asker may see."""

import re
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.db.models import Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.patterns import beginning, holding
from accounts.quick import date_format, path_to
from accounts.readers import for_readers
from accounts.written import written
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
    clients, people = found_names(words, user, limit)
    groups = [
        (_("Clients"), clients),
        (_("People"), people),
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


def _patterns(words, *, most=WORDS):
    """{w0: …, w1: …}: each word stands somewhere in the text."""
    return {f"w{n}": holding(word) for n, word in enumerate(searchable(words).split()[:most])}


def _holding(rows, patterns, *, column="search_text"):
    for pattern in patterns.values():
        rows = rows.filter(**{f"{column}__like": pattern})
    return rows


def _clients_for(user):
    rows = Client.objects.current().select_related("owner").only("name", "public_id", "search_text", "owner__name")
    return rows if user.is_manager else rows.exclude(pk__in=Client.objects.hidden_from(user))


def _people_for(user):
    rows = Contact.objects.visible_to(user).current().filter(client__archived_at=None).select_related("client")
    return rows.only("name", "public_id", "search_text", "client__name", "client__public_id")


def _person(person):
    return Hit("user-round", person.name, person.get_absolute_url(), person.client.name)


OF_CLIENTS = ("pk", "search_text", "name", "public_id", "owner__name")
OF_PEOPLE = ("pk", "search_text", "name", "public_id", "client__name")


def found_names(words, user, limit):
    """(clients, people): the asker's own that begin with the words, then others that do, then those that hold them.

    Of very many any will do: more than are shown are read, without asking the database to order all of them.
    """
    asked = {"begin": beginning(searchable(words))}
    if len(searchable(words)) >= IN_THE_MIDDLE:
        asked |= _patterns(words)
    rows = _ranked(limit)(user, asked)
    clients = [
        Hit("users", name, path_to("client", id), owner, more=f"{reverse('find')}?palette=1&client={id}")
        for name, id, owner in _best([row for row in rows if row[0] < PEOPLE], limit)
    ]
    people = [
        Hit("user-round", name, path_to("contact", id), client)
        for name, id, client in _best([row for row in rows if row[0] >= PEOPLE], limit)
    ]
    return clients, people


def _best(rows, limit):
    """[(name, id, whose)…], the best ranks first; within one in the order of names."""
    found = {}
    for _rank, pk, _text, *told in sorted(rows, key=lambda row: (row[0], row[2], row[1])):
        found.setdefault(pk, told)
    return list(found.values())[:limit]


PEOPLE = 10  # from this rank on


@cache
def _ranked(limit):
    """What asks for the rows of all ranks, (rank, pk, text, name, id, whose): at once where the database can."""

    def parts(reader, begin, patterns):
        kinds = (
            (0, _clients_for(reader), Q(owner=reader), OF_CLIENTS),
            (PEOPLE, _people_for(reader), Q(client__owner=reader), OF_PEOPLE),
        )
        for first, rows, own, columns in kinds:
            some = [rows.filter(search_text__like=begin)] + ([_holding(rows, patterns)] if patterns else [])
            some = [one for every in some for one in (every.filter(own), every)]
            for rank, one in enumerate(some, first):
                yield one.annotate(rank=Value(rank)).values_list("rank", *columns)[: limit * SPARE]

    @for_readers(own=True)
    def together(reader, *, begin, **patterns):
        first, *others = parts(reader, begin, patterns)
        return first.union(*others, all=True)

    def one_by_one(user, asked):
        patterns = {name: pattern for name, pattern in asked.items() if name != "begin"}
        return [row for part in parts(user, asked["begin"], patterns) for row in part]

    if connection.features.supports_slicing_ordering_in_compound:
        return lambda user, asked: together(user, **asked)
    return one_by_one


def found_promises(words, user, limit):
    ids = [pk for (pk,) in _open_promises(limit)(user, **_patterns(words, most=None))]
    rows = sorted(_promises(ids=ids), key=lambda row: ids.index(row[0]))
    return [Hit("handshake", what, path_to("promise", id), client) for _pk, what, id, client in rows]


@cache
def _open_promises(limit):
    @for_readers
    def ask(reader, **patterns):
        found = Promise.objects.visible_to(reader).open()
        for pattern in patterns.values():
            clients = Client.objects.filter(search_text__like=pattern).order_by().values("pk")
            found = found.filter(Q(search_text__like=pattern) | Q(client__in=clients))
        return found.order_by("due_at", "pk").values_list("pk")[:limit]

    return ask


@written
def _promises(*, ids):
    return Promise.objects.filter(pk__in=ids).order_by().values_list("pk", "what", "public_id", "client__name")


def found_requests(words, user, limit):
    return [
        Hit("inbox", text[:120], path_to("request", id), client)
        for text, id, client in _requests(limit)(user, **_patterns(words))
    ]


@cache
def _requests(limit):
    @for_readers
    def ask(reader, **patterns):
        rows = _holding(Request.objects.kept().visible_to(reader), patterns).filter(closed_at=None)
        return rows.order_by("-asked_at", "-pk").values_list("text", "public_id", "client__name")[:limit]

    return ask


def near_misses(words, user, limit):
    """Clients and people whose names are nearly the words: typing mistakes are forgiven."""
    clients = nearest(_clients_for(user), words, limit=limit)
    people = nearest(_people_for(user), words, limit=limit - len(clients)) if len(clients) < limit else []
    return [_client(client) for client in clients] + [_person(person) for person in people]


def found_said(words, user, limit):
    """What was logged that holds every word, newest first, with the stretch that says it."""
    if len(searchable(words)) < 3:
        return []
    ids = [pk for (pk,) in _said(limit)(user, **_patterns(words))]
    rows = sorted(_entries(ids=ids), key=lambda row: ids.index(row[0]))
    return [
        Hit(
            MARKS.get(kind, "sticky-note"),
            excerpt(f"{summary} {body}".strip(), words),
            f"{path_to('client_timeline', client_id)}?entry={id}",
            f"{client}, {date_format(happened_at, 'j M Y')}",
        )
        for _pk, kind, summary, body, id, happened_at, client_id, client in rows
    ]


@cache
def _said(limit):
    @for_readers
    def ask(reader, **patterns):
        rows = _holding(Interaction.objects.kept().visible_to(reader), patterns).filter(client__archived_at=None)
        return rows.order_by("-happened_at", "-pk").values_list("pk")[:limit]

    return ask


@written
def _entries(*, ids):
    columns = ("pk", "kind", "summary", "body", "public_id", "happened_at", "client__public_id", "client__name")
    return Interaction.objects.filter(pk__in=ids).order_by().values_list(*columns)


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
