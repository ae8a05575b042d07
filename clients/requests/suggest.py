"""Requests in a logged text: “Rosa rang, she asked whether the fee covers travel”. Plain rules; never one by itself.

What somebody of us asked is no request, nor what they asked us to pass on as done.
"""

import re
import uuid
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients import there
from clients.composer import Suggestion, named_in
from clients.models import Request
from clients.models.request_verbs import due_for
from clients.requests.who import first_assignee

MOST = 3
LONGEST = 20_000
LONGEST_ASKED = 1000
SHOWN = 10
SPACE = uuid.UUID("5d2f3f0c-6f7b-4d3b-9a55-0c2f5a1f7c11")
SENTENCE_END = re.compile(r"(?<=[.!?])[\s”\"’)]+|\n+")
ASKED = re.compile(
    r"(?<![\w’'])(?P<who>[\w’'.-]+)(?:\s+(?:also|then|has|had|just|even|hat|haben|möchte|a|ont))?\s+"
    r"(?:asked|asks|asking|ask|wants? to know|wanted to know|would like to know|wondered|wonders|enquired|inquired"
    r"|fragte|fragten|fragt|gefragt|wissen|a demandé|ont demandé|demandé|demande)(?![\w’'])"
    r"(?P<what>.*)",
    re.IGNORECASE | re.DOTALL,
)
WE = {
    "i",
    "we",
    "ich",
    "wir",
    "je",
    "nous",
    "i’ve",
    "i'd",
    "i’d",
    "we’ve",
    "you",
    "nobody",
    "never",
    "not",
    "didn’t",
    "didn't",
}
AFTER_ASKED = re.compile(r"^(?:\s*(?:us|me|again|once more|uns|mich|nous|nach))*\s*[:,–—-]?\s*[“\"„«]?", re.IGNORECASE)
# “asked to be excused”, “asked Tom to …” and the like still ask for something; “asked nothing” does not.
NOTHING = re.compile(r"^(?:nothing|nichts|rien|anything)\b", re.IGNORECASE)
URGENT = re.compile(
    r"(?<!\w)(?:urgent(?:ly)?|asap|a\.s\.a\.p|dringend|eilt|right away|immediately|sofort)(?!\w)", re.IGNORECASE
)
CHANNEL_OF = {"call": "call", "meeting": "meeting", "visit": "visit", "email": "email", "message": "message"}


@dataclass(frozen=True)
class Found:
    text: str
    urgent: bool = False
    said: str = ""


def find(text):
    """What they asked in a text, in order."""
    found = []
    for sentence in SENTENCE_END.split(text[:LONGEST]):
        match = ASKED.search(sentence)
        if not match or match["who"].casefold() in WE:
            continue
        what = AFTER_ASKED.sub("", match["what"], count=1).strip(' .;,”"’»\n')
        if len(what) < 3 or NOTHING.match(what):
            continue
        what = what[:1].upper() + what[1:]
        found.append(Found(what[:LONGEST_ASKED], bool(URGENT.search(sentence)), sentence))
    return list({one.text: one for one in found}.values())[:MOST]


def suggester(text, client, user, now):
    """For the composer: each question as a line to add."""
    if client.archived_at or not (found := find(text)):
        return []
    people = list(client.contacts.current())
    assignee = first_assignee(client, now)
    return [_suggestion(one, client, people, assignee, now) for one in found]


def _suggestion(one, client, people, assignee, now):
    from clients.requests.views import due_words

    named = named_in(one.said, people)
    contact = named[0] if named else None
    urgency = "urgent" if one.urgent else "normal"
    due = due_words(due_for(client, assignee=assignee, since=now, urgency=urgency), now)
    fields = {"text": one.text, "urgency": urgency, "contact": contact.public_id if contact else ""}
    query = urlencode({"client": client.public_id, **{key: value for key, value in fields.items() if value}})
    return Suggestion(
        label=format_html("{} <b>{}</b>, {}, {}", _("Request:"), one.text[:120], due, assignee.first_name),
        hidden_fields={"request": one.text, "urgency": urgency, "contact": fields["contact"]},
        save=partial(_save, one.text, urgency, contact),
        direction="theirs",
        edit_url=f"{reverse('request_new')}?{query}",
    )


def _save(text, urgency, contact, interaction, *, by, now):
    """Write the request down with the entry it was asked in; a second call for the same entry gives the first one."""
    return Request.objects.ask(
        client=interaction.client,
        by=by,
        now=now,
        text=text,
        contact=contact or interaction.contacts.first(),
        channel=CHANNEL_OF.get(interaction.kind, "other"),
        urgency=urgency,
        asked_at=min(interaction.happened_at, now),
        interaction=interaction,
        key=uuid.uuid5(SPACE, f"{interaction.public_id}:{text}"),
    )


def waiting_of(client, user):
    """The requests of a client that wait, the first due first, as this person may see them."""
    if not there.are(client, "requests"):
        return []
    if "_requests_shown" in client.__dict__:  # read for this page already
        return [one for one in client._requests_shown if one.is_waiting][:SHOWN]
    found = Request.objects.visible_to(user).waiting().filter(client=client).select_related("contact")
    return list(found.order_by("answer_due_at", "pk")[:SHOWN])


def remainder(interaction):
    """Taking an entry back does not take back what was asked or answered in it."""
    asked = Request.objects.kept().filter(origin_interaction=interaction).count()
    answered = Request.objects.kept().filter(first_answer=interaction).count()
    words = []
    if asked:
        words.append(ngettext("The request asked in it stays.", "The requests asked in it stay.", asked))
    if answered:  # longer than a day ago: otherwise it waits again
        words.append(
            ngettext("The request it answered stays answered.", "The requests it answered stay answered.", answered)
        )
    return " ".join(words)
