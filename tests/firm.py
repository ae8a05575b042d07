"""One client with a record of every kind, and every address of the program filled in with them."""

import ast
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.models import ImportFile, Job, ListAct, SavedView
from clients.files import store
from clients.merging import verbs
from clients.models import Client, FollowUp, Merge, NeverLog, ReceivedMail
from outbox import links
from outbox.models import Email
from partnerships import cleared
from partnerships.models import Celebration, Concern, Suggestion
from promises import feed, letters
from promises.models import BulkAct
from promises.models.promise import Terms
from surveys import results
from surveys.models import SomebodyElse
from tests.make import (
    answer_survey,
    mail_of,
    make_belief,
    make_client,
    make_contact,
    make_interaction,
    make_invitation,
    make_promise,
    make_request,
    make_round,
)

ROOT = Path(__file__).resolve().parent.parent
ANSWERS_TO_OFFERS = ("promise_agree", "promise_counter", "promise_decline", "promise_offer_back", "promise_ask_answer")
MARK = "xyzzy"  # stands in every text of the client, and nowhere else


@dataclass(frozen=True)
class Route:
    """One address of the urlconf: `name`, the `pattern` it is written as, and the names it takes."""

    name: str
    pattern: str
    takes: tuple
    package: str

    @property
    def room(self):
        return self.pattern.partition("/")[0] or "my day"


def routes():
    """Every route of the program, whatever room it is in."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver, start, before=()):
    for entry in resolver.url_patterns:
        pattern, takes = start + str(entry.pattern), (*before, *entry.pattern.converters)
        if hasattr(entry, "url_patterns"):
            yield from _walk(entry, pattern, takes)
        else:
            yield Route(entry.name, pattern, takes, entry.callback.__module__.partition(".")[0])


@cache
def query_names(package="*"):
    """What the views of a room, or of all, read from the part of an address after “?”, found in the source."""
    names = {"page", "sort", "q"}
    for path in ROOT.glob(f"{package}/**/*.py"):
        if ".venv" not in path.parts and "tests" not in path.parts:
            text = path.read_text()
            names |= set(re.findall(r"(?:GET|query|params|data)\.get(?:list)?\(\"(\w+)\"", text))
            names |= set(_filter_fields(text)) if path.name in ("filters.py", "listing.py") else set()
    return sorted(names)


def _filter_fields(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and "Filter" in ast.unparse(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


class Firm:
    """A client of `owner` and all its records. Its round has a second client when one is given."""

    def __init__(self, *, owner, round=None, word=MARK, visibility="open"):
        now = timezone.now()
        self.owner = owner
        self.client = make_client(name=f"{word} Holdings", owner=owner, visibility=visibility, team=[])
        self.contact = make_contact(client=self.client, name=f"Sybil {word}", email=f"sybil@{word}.example")
        other = make_contact(client=self.client, name=f"Basil {word}", email=f"basil@{word}.example")
        people = [self.contact]
        self.interaction = make_interaction(client=self.client, contacts=people, body=f"We spoke of {word}.")
        promised = {"client": self.client, "contact": self.contact, "owner": owner, "now": now}
        filed = {"by": owner, "now": now, "interaction": self.interaction}
        self.attachment = store.keep_bytes(b"As agreed.", f"{word}.txt", **filed)
        self.promise = make_promise(**promised, what=f"Send the {word} note", importance="critical")
        make_promise(**promised, what=f"The late {word} paper", due_at=now - timedelta(days=3), importance="critical")
        make_promise(**promised, what=f"Their {word} figures", ours=False)
        self.offer = make_promise(**promised, what=f"Offer the {word} review", proposed=True)
        delivered = make_promise(**promised, what=f"The {word} that was delivered")
        delivered.deliver(by=owner, now=now)
        terms = Terms((now + timedelta(days=30)).date(), None, "Europe/London")
        self.promise.ask_to_move(by=owner, terms=terms, reason="priorities", now=now, words=f"For {word}")
        self.letter = letters.write("page", contact=self.contact, by=owner, now=now, words=f"About the {word}")
        self.concern = Concern.open(self.client, by=owner, now=now, what_happened=f"The {word} came late.")
        self.request = make_request(client=self.client, contact=self.contact, text=f"Why the {word}?")
        self.suggestion = Suggestion.record(self.client, by=owner, now=now, words=f"Try the {word}.")
        self.question = self._question(by=owner, now=now, word=word)
        self.round = round or make_round(state="open", name="This year")
        self.asked = make_invitation(round=self.round, contact=self.contact)
        self.belief = make_belief(round=self.round, client=self.client, overall=9)
        self.words = answer_survey(self.asked, overall=2, better=f"More {word}").answers.get(key="better")
        self.not_yet = make_invitation(round=self.round, contact=other)
        self.somebody_else = SomebodyElse.objects.create(
            invitation=self.not_yet, name=f"Manuel {word}", words=f"Ask about {word}.", said_at=now
        )
        results.recompute(self.round, now=now)
        self.mail = mail_of(self.not_yet)
        Email.objects.filter(pk=mail_of(self.asked).pk).update(state="failed", last_code=550, sent_at=None)
        self.failed = mail_of(self.asked)

    def _question(self, *, by, now, word):
        """“Have we cleared this up?”, asked about another concern of theirs."""
        concern = Concern.open(self.client, by=by, now=now, what_happened=f"The wrong {word}.")
        concern.talk_with.add(self.contact)
        concern.resolve(outcome=word, promises=[], no_promise_because=word, by=by, now=now - timedelta(days=90))
        cleared.ask(concern, now=now)
        return concern.mails.get()

    def address(self, route, *, user):
        """The route with our records in it; `user` is who asks, for what belongs to a person."""
        return reverse(route.name, args=[self._value(route, name, user) for name in route.takes])

    def _value(self, route, name, user):
        if name == "uuid" and route.room in ("jobs", "exports"):
            return Job.objects.get_or_create(by=user, what="nothing", defaults={"title": "Nothing"})[0].uuid
        if route.room == "mail" and name in ("public_id", "pk"):
            return self._mail_in(user).public_id if name == "public_id" else self._never(user).pk
        if name == "uuid" and route.room == "lists":
            data = {"page": "clients", "act": "archive", "choice": {}, "entries": [], "left": {}, "left_rows": []}
            data = {"at": timezone.now(), "data": data}
            return ListAct.objects.get_or_create(by=user, what="x", defaults=data)[0].uuid
        if name == "uuid" and route.room == "promises":
            return BulkAct.objects.get_or_create(by=user, act="hand_over")[0].uuid
        if name == "uuid" and route.room == "merges":
            return self._merge().uuid
        if route.room == "trash":
            return {"kind": "entry", "public_id": self._removed().public_id}[name]
        if name == "uuid":
            return self._file(route, user).uuid if route.room == "import" else self.failed.uuid
        if name == "token" and route.room == "accounts":
            return "abc-def"
        if name == "token" and route.room == "calendar":
            return feed.make_address(user, now=timezone.now()).token
        if route.name == "survey_settle" and name == "pk":
            return self.somebody_else.pk
        if name == "pk" and route.room == "lists":
            return SavedView.objects.get_or_create(user=user, page="clients", name="Mine")[0].pk
        if name == "token" and route.room == "c":
            return links.token(self.question.email)
        if name == "token" and route.room == "p":
            return links.token(self.letter.email)
        if route.room == "follow-ups":
            reminder = {"client": self.client, "note": "Ask again", "due_on": timezone.localdate()}
            return FollowUp.objects.get_or_create(user=user, **reminder)[0].public_id
        if route.name in ANSWERS_TO_OFFERS:
            return self.offer.public_id
        if name == "pk" and route.room == "questionnaires":
            return self.round.questionnaire_id
        if name == "public_id" and route.room in ("settings", "accounts"):
            return self.owner.public_id
        records = {"clients": self.client, "log": self.interaction, "promises": self.promise, "surveys": self.round}
        records |= {"requests": self.request, "history": self.contact}
        records |= {"letters": self.letter, "files": self.attachment, "people": self.contact}
        values = {
            "public_id": {**records, "beliefs": self.belief}.get(route.room),
            "client_id": self.client,
            "person_id": self.contact,
            "other_id": self._twin() if name == "other_id" else None,
            "user_id": self.owner,
            "concern_id": self.concern,
            "suggestion_id": self.suggestion,
            "promise_id": self.promise,
            "invitation_id": self.not_yet,
        }
        if name in values:
            return values[name].public_id
        if name == "kind" and route.room == "history":
            return "contact"
        if name == "kind":  # of a letter: what they are asked for now
            return "move"
        if name == "key" and route.room == "clients":
            self.client.partner_since = date(2010, 11, 19)
            self.client.save()
            return "anniversary-2026"
        if name == "celebration_id":
            occasion = {"kind": "anniversary", "key": "anniversary-2020", "on": date(2020, 11, 19), "decided": "said"}
            decided = {"decided_by": self.owner, "decided_at": timezone.now()}
            return Celebration.objects.get_or_create(client=self.client, **occasion, defaults=decided)[0].public_id
        if name in ("key", "language"):
            return {"key": "respect", "language": "de"}[name]
        plain = {"act": "move-no", "step": "dates", "pk": 1, "name": "20260101-000000-abc", "provider": "mailgun"}
        plain["where"] = "up"
        plain["way"] = "next"
        plain["answer_id"] = self.words.pk
        if route.room == "lists":
            plain |= {"page": "clients", "ending": "csv", "act": "archive"}
        return {"token": links.token(self.mail), **plain}[name]

    def _twin(self):
        """Another client of theirs of nearly the same name."""
        found = Client.objects.filter(name=f"{self.client.name} Ltd").first()
        return found or make_client(
            name=f"{self.client.name} Ltd", owner=self.owner, visibility=self.client.visibility, team=[]
        )

    def _merge(self):
        """The twin became part of the client."""
        twin = self._twin()
        merge = Merge.objects.filter(gone_client=twin).first()
        return merge or verbs.merge_clients(self.client, twin, by=self.owner, now=timezone.now())

    def _removed(self):
        """An entry in the trash."""
        found = self.client.interactions.exclude(deleted_at=None).first()
        if found is None:
            found = make_interaction(client=self.client, body="Taken out.")
            found.remove(by=self.owner, now=timezone.now())
        return found

    @staticmethod
    def _mail_in(user):
        """A mail in that person's own tray."""
        return ReceivedMail.objects.get_or_create(
            message_id="<one@x.example>",
            user=user,
            defaults={
                "state": "unmatched",
                "direction": "theirs",
                "from_address": "somebody@x.example",
                "sent_at": timezone.now(),
                "thread": "<one@x.example>",
            },
        )[0]

    @staticmethod
    def _never(user):
        return NeverLog.objects.get_or_create(pattern="never.example", user=user)[0]

    @staticmethod
    def _file(route, user):
        what = next(name for name in ("people", "promises", "clients") if name in route.pattern)
        content = b"name,email\nAnn Lee,ann@x.example\n"
        return ImportFile.objects.get_or_create(
            what=what,
            uploaded_by=user,
            defaults={"name": "a.csv", "content": content, "uploaded_at": timezone.now(), "options": {}},
        )[0]
