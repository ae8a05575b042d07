"""Sections of the daily digest that other rooms fill: survey beliefs to record, answers overdue, cases out of time.

A room registers a `Section` when the app starts. Its lines are asked for many readers at once, when digests are
planned and again when one is sent, so what was settled in between is not said. A line with a key that was never said
to its reader makes a digest go out; it is said once. A line without a key rides along in a digest that goes out anyway.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.quick import in_words
from clients.models import Client
from promises.models import DigestWord

log = logging.getLogger(__name__)

KEYS_AT_ONCE = 5000  # values in one query


@dataclass(frozen=True)
class Line:
    """One line for one reader. `href` is a path; `client_id` hides it from who may not read of that client."""

    key: str
    text: str
    href: str
    client_id: int | None = None
    who: str = ""  # a softer line below
    due: str = ""  # at the right
    tone: str = ""  # late, soon, kept, moved or ""
    stays: bool = False  # listed again in every digest while it stands, though it makes only one go out

    @property
    def same(self):
        """What makes two lines for one reader one and the same."""
        return self.key or (self.text, self.href)


@dataclass(frozen=True)
class Section:
    """A room's part of the digest.

    `lines(readers, now)` gives {user pk: [Line…]} for all of these people in a bounded number of queries.
    `counted(lines)` is the section in a few words for the subject: “6 clients to judge”.
    """

    name: str
    title: Any
    lines: Callable
    counted: Callable | None = None
    deputies: bool = True  # who stands in for an absent colleague reads these too

    def in_words(self, lines):
        if self.counted:
            return str(self.counted(lines))
        return f"{self.title}: {in_words(len(lines))}"


_sections = {}


def register(section):
    """Called by a room when the app starts; the same name again replaces it. Sections stand in that order."""
    _sections[section.name] = section


def unregister(name):
    _sections.pop(name, None)


def known():
    return list(_sections.values())


class Shelf:
    """The lines of all sections for some readers, and which of them were said before; read once for all of them."""

    def __init__(self, read_for, *, now):
        """`read_for`: {reader pk: the people this reader reads for, themselves first}."""
        people = {person.pk: person for persons in read_for.values() for person in persons}
        self.read_for = read_for
        self.found = [(section, _lines(section, list(people.values()), now)) for section in known()]
        self.hidden = self._hidden(people)
        self.said = self._said()

    def lines_of(self, reader, *, of_mail=None):
        """[(section, lines, the fresh ones among them)…] for one reader, without what is empty."""
        said = self.said[reader.pk]
        result = []
        for section, lines in self.found:
            shown, fresh = [], []
            for line in self._theirs(reader, section, lines):
                is_fresh = bool(line.key) and (said.get(line.key) == of_mail if of_mail else line.key not in said)
                if is_fresh:
                    fresh.append(line)
                if is_fresh or line.stays or not line.key:
                    shown.append(line)
            if shown:
                result.append((section, shown, fresh))
        return result

    def _theirs(self, reader, section, lines):
        """Each line once, of themselves and of whom they stand in for, without what they may not read."""
        people = self.read_for[reader.pk] if section.deputies else [reader]
        hidden = self.hidden[reader.pk]
        found = {}
        for person in people:
            for line in lines.get(person.pk, ()):
                if line.client_id not in hidden:
                    found.setdefault(line.same, line if person == reader else _on_behalf(line, person))
        return found.values()

    def _hidden(self, people):
        clients = {line.client_id for _of, lines in self.found for some in lines.values() for line in some}
        if not clients - {None}:
            return defaultdict(set)
        return Client.objects.filter(pk__in=clients - {None}).hidden_among(
            [person for pk, person in people.items() if pk in self.read_for]
        )

    def _said(self):
        """By reader: the key of every word said to them, and the mail it was said in."""
        keys = sorted({line.key for _of, lines in self.found for some in lines.values() for line in some} - {""})
        said = defaultdict(dict)
        for start in range(0, len(keys), KEYS_AT_ONCE):
            rows = DigestWord.objects.filter(to__in=list(self.read_for), key__in=keys[start : start + KEYS_AT_ONCE])
            for to, key, email in rows.values_list("to", "key", "email"):
                said[to][key] = email
        return said


def _on_behalf(line, person):
    """The line of somebody who is away, as their deputy reads it."""
    return replace(line, who=", ".join(part for part in (line.who, _("for %s") % person.name) if part))


def _lines(section, people, now):
    """What a room has to say; one that fails is left out, and the others are said."""
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return section.lines(people, now)
    except Exception:
        log.exception("The digest section %s failed", section.name)
        return {}
