"""Promises in a logged text: “we’ll send the final version by Friday noon”. Plain rules; never a promise by itself.

The grammar is that of one typed line (capture.py). Here stands what in running text is a promise and what is not:
questions, the past, conditions, “we’ll see”, refusals and what somebody quoted promise nothing.
"""

import re
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from clients.composer import Suggestion
from promises.capture import Named, read
from promises.forms import may_own
from promises.models import Promise
from promises.wording import day_words

MOST = 5
LONGEST = 20_000
SENTENCE_END = re.compile(r"(?<=[.!?;])[\s”\"’)]+|(?<=[.!?;])$|\n+")
# What came below in a mail: the signature, the mail that was answered, lines with a mark before them.
QUOTED_FROM = re.compile(
    r"^(?:--\s*$|_{5,}|-{3,}\s*original message|on .{4,80} wrote:\s*$|am .{4,80} schrieb.{0,60}:\s*$"
    r"|le .{4,80} a écrit\s*:|from: .+|von: .+|de\s?: .+@.+|sent from my |gesendet von |envoyé de(?:puis)? mon )",
    re.IGNORECASE | re.MULTILINE,
)
QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)

GOING = r"(?:\s*[’']ll|\s+will|\s+shall|(?:\s*[’'](?:m|re|s)|\s+(?:am|is|are))\s+going\s+to)"
SAID = r"(?:(?:\s*[’'](?:ve|s)|\s+ha(?:s|ve))?\s+(?:promised|agreed|committed|undertaken|undertook|offered)\s+to)"
A_NAME = r"[A-ZÀ-Þ][\w’'-]*[\w](?:\s+[A-ZÀ-Þ][\w’'-]*[\w])?"
# “I said I’d send it” is “I will send it”, said in a text about it.
REPORTED = re.compile(
    r"(?<!\w)(?:said|told\s+[\w’'-]+|promised)(?:\s+that)?\s+(?P<who>i|we|they|he|she)(?:[’']d|\s+would)(?=\s)",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    rf"(?<![\w’'])(?:(?i:we|i|they|he|she|the client|wir|ich|nous|ils|elles)|{A_NAME}?)(?i:{GOING}|{SAID}"
    r"|\s+(?:werden|werde|wird|allons|vont)(?=\s))(?=\s)"
    rf"|(?:^|(?<=:\s)|(?<=[-•*]\s))(?:{A_NAME})(?i:\s+to(?=\s+[a-z])|\s+promised(?:\s+us)?(?=\s+(?:the|an?)\s))"
)
NOT_A_PROMISE = re.compile(
    r"(?<!\w)(?:if|unless|provided|assuming|should (?:they|we|he|she)|in case|as long as|wenn|falls|ob|si"
    r"|à condition|wonders?|wondered|hopes?|hoped|might|maybe|perhaps|probably|possibly|vielleicht|peut-être)(?!\w)",
    re.IGNORECASE,
)
NOT_AN_ACT = re.compile(
    r"^(?:not|never|no longer|see|wait|like|prefer|love|want|need|have to see|think|hope|try to see|know|miss|remain"
    r"|be\s+(?:away|off|out|back|on|in|at|closed|abroad|late|busy|there|here|able)|have\s+(?:seen|heard|been|had)|stay)(?!\w)",
    re.IGNORECASE,
)
LEFT_OVER = re.compile(
    r"(?:\s*[,;–—-]\s*|\s+)(?:and|but|while|whereas|so|then|und|aber|et|mais)?\s*(?:that\s+)?$", re.IGNORECASE
)


@dataclass(frozen=True)
class Found:
    """A promise read out of a text."""

    what: str
    due_date: date
    due_time: time | None
    ours: bool
    contact: object = None
    said: str = ""  # the words it was read from
    owner: str = ""  # key of the colleague who will do it, where one is named


def find(text, *, people, now, zone, language="en-gb", colleagues=()):
    """What the text promises, in order. A sentence without a date, or a question, promises nothing.

    `people` are contacts, `colleagues` are `Named`. Read each day as it was meant at `now`.
    """
    named = [Named(str(i), person.name) for i, person in enumerate(people)]
    options = {"now": now, "zone": zone, "language": language, "people": named, "colleagues": colleagues}
    found = []
    for said in _clauses(own_words(text[:LONGEST])):
        line = read(said, **options)
        if line.day and not line.bare and line.side_said and not NOT_AN_ACT.match(line.what):
            contact = people[int(line.who.key)] if line.who else None
            owner = line.owner.key if line.owner else ""
            found.append(Found(line.what, line.day, line.at, line.ours, contact, said, owner))
        if len(found) == MOST:
            break
    return found


def own_words(text):
    """The text without what was quoted below or beside it."""
    if below := QUOTED_FROM.search(text):
        text = text[: below.start()]
    return QUOTED_LINE.sub("", text)


def _clauses(text):
    """From each subject with its verb up to the next one, in sentences that may promise anything."""
    for sentence in SENTENCE_END.split(text):
        if not sentence or sentence.rstrip(' ”"’)').endswith("?") or NOT_A_PROMISE.search(sentence):
            continue
        sentence = REPORTED.sub(r" \g<who> will", sentence)
        subjects = [match.start() for match in SUBJECT.finditer(sentence)]
        if subjects and re.search(r"\b(?:whether|ob)\b", sentence[: subjects[-1]], re.IGNORECASE):
            continue
        for start, end in zip(subjects, [*subjects[1:], len(sentence)], strict=False):
            lead = _when_before(sentence, subjects, start)
            clause = LEFT_OVER.sub("", sentence[start:end]) if end < len(sentence) else sentence[start:end]
            yield clause.strip(" .;\n") + lead


def _when_before(sentence, subjects, start):
    """“By Friday we’ll send it”: what comes before the first subject may say when."""
    before = sentence[:start].strip(" ,") if start == subjects[0] else ""
    return (
        f" {before}" if re.match(r"(?:by|on|before|until|bis|am|avant)\s+[\w ]{2,24}$", before, re.IGNORECASE) else ""
    )


# -------------------------------------------------------------------- for the composer


def suggester(text, client, user, now):
    """For the composer: each found promise as a line to add."""
    if not SUBJECT.search(text[:LONGEST]):
        return []
    people = list(client.contacts.current())
    colleagues = _colleagues_in(text, client)
    named = [Named(one.public_id, one.name, kind="colleague") for one in colleagues]
    found = find(text, people=people, now=now, zone=user.zone, language=user.language, colleagues=named)
    by_key = {one.public_id: one for one in colleagues}
    return [_suggestion(one, client, user, now, owner=by_key.get(one.owner, user)) for one in found]


def _colleagues_in(text, client):
    """Those of us whose name stands before a verb of the text; nobody is read where nobody can be."""
    heads = [match[0] for match in SUBJECT.finditer(text[:LONGEST])]
    firsts = {re.split(r"[\s’']", head)[0] for head in heads if head[:1].isupper()}
    firsts -= {"We", "I", "They", "He", "She", "The"}
    return [user for user in may_own(client) if user.first_name in firsts] if firsts else []


def _suggestion(one, client, user, now, *, owner):
    when = day_words(one.due_date, now=now) + (f" {one.due_time:%H:%M}" if one.due_time else "")
    who = (owner.name if one.ours else "") or (one.contact.name if one.contact else client.name)
    head = _("Promise by us:") if one.ours else _("Promise by them:")
    fields = {
        "what": one.what,
        "due_date": one.due_date.isoformat(),
        "due_time": f"{one.due_time:%H:%M}" if one.due_time else "",
        "direction": "ours" if one.ours else "theirs",
        "contact": one.contact.public_id if one.contact else "",
        "owner": owner.public_id if owner != user else "",
    }
    fields = {key: value for key, value in fields.items() if value or key in ("due_time", "contact")}
    query = urlencode({"client": client.public_id, **{key: value for key, value in fields.items() if value}})
    return Suggestion(
        label=format_html("{} <b>{}</b>, {}, {}", head, one.what, when, who.split(" ")[0]),
        hidden_fields=fields,
        save=partial(_save, one, owner),
        direction=fields["direction"],
        edit_url=f"{reverse('promise_details')}?{query}",
    )


def _save(one, owner, interaction, *, by, now):
    """Make the promise with the interaction it was said in."""
    contact = one.contact or interaction.contacts.first()
    return Promise.objects.make(
        by=by, client=interaction.client, now=now, direction="ours" if one.ours else "theirs", what=one.what,
        due_date=one.due_date, due_time=one.due_time, contact=contact, owner=owner, interaction=interaction,
        agreed_how=agreed_in(interaction),
    )  # fmt: skip


def agreed_in(interaction):
    """How a promise was agreed that was made in this contact."""
    how = {"meeting": "meeting", "visit": "meeting", "email": "written", "message": "written"}
    return how.get(interaction.kind, "call")


def remainder(interaction):
    """Taking an entry back does not take back what was promised in it."""
    made = interaction.promises.open().count()
    if not made:
        return ""
    return _("The promise made in it stays.") if made == 1 else _("The %d promises made in it stay.") % made
