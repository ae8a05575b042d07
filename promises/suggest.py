"""Promises in a sentence: “we’ll send the final version by Friday noon”. Plain rules; never a promise by itself."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from clients.composer import DAY_OF, Suggestion, named_in
from promises.models import Promise
from promises.models.promise import Terms
from promises.wording import day_words

WE = r"(?:we|i)\s*(?:[’']ll|\s+will|\s+shall)|(?:we|i)\s+(?:promised|agreed)\s+to"
THEY = r"(?:they|he|she)\s*(?:[’']ll|\s+will)|(?P<name>[A-ZÀ-Þ][\w’'-]+(?:\s+[A-ZÀ-Þ][\w’'-]+)?)\s*(?:[’']ll|\s+will)"
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAY_WORD = "|".join(sorted(DAY_OF, key=len, reverse=True))
CLOCK = (
    r"(?:\s*,?\s*(?:at\s+|by\s+)?"
    r"(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm)?\b|(?P<noon>noon|midday)))?"
)
WHEN = re.compile(
    rf"\s*\b(?:by|on|before|until)\s+(?:the\s+)?(?:(?P<word>today|tomorrow|tonight|end of (?:the )?(?:week|day|month))"
    rf"|(?P<next>next\s+)?(?P<day>{DAY_WORD})\b|(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})"
    rf"|(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(?:of\s+)?(?P<month>[a-z]{{3,9}})(?:\s+(?P<year>\d{{4}}))?)?\b)" + CLOCK,
    re.IGNORECASE,
)
WHO = re.compile(rf"\b(?:(?P<we>{WE})|(?P<they>{THEY}))\s+", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
MOST = 5


@dataclass(frozen=True)
class Found:
    """A promise read out of a text."""

    what: str
    due_date: date
    due_time: time | None
    ours: bool
    contact: object = None


def find(text, *, people, now, zone):
    """What the text promises, in order. A sentence without a date, or a question, promises nothing."""
    today = now.astimezone(zone).date()
    found = []
    for sentence in SENTENCE_END.split(text[:20_000]):
        if sentence.rstrip().endswith("?"):
            continue
        if one := _in_sentence(sentence, people, today):
            found.append(one)
    return found[:MOST]


def _in_sentence(sentence, people, today):
    who = _who(sentence)
    if not who:
        return None
    rest = sentence[who.end() :]
    when = WHEN.search(rest)
    due = when and _due(when, today)
    what = rest[: when.start()].strip(" ,.;:–-") if when else ""
    if not due or due < today or not what:
        return None
    ours = bool(who["we"])
    named = named_in(who["name"] or "", people) if not ours and who["name"] else []
    if ours:
        named = named_in(what, people)
    return Found(what[:1].upper() + what[1:300], due, _clock(when), ours, named[0] if named else None)


def _who(sentence):
    """The subject nearest before the verb; a name counts only with its capital."""
    for match in WHO.finditer(sentence):
        if not match["name"] or match["name"][0].isupper():
            return match
    return None


def _due(when, today):
    if when["word"]:
        word = when["word"].lower()
        if "week" in word:
            return today + timedelta(days=(4 - today.weekday()) % 7)
        if "month" in word:
            return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return today + timedelta(days=1 if word == "tomorrow" else 0)
    if when["day"]:
        ahead = (DAY_OF[when["day"].lower()] - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead + (7 if when["next"] and ahead < 7 - today.weekday() else 0))
    try:
        return date.fromisoformat(when["iso"]) if when["iso"] else _day_of_month(when, today)
    except ValueError:
        return None


def _day_of_month(when, today):
    day, month = int(when["d"]), (when["month"] or "")[:3].lower()
    if month and month not in MONTHS:
        return None
    if month:
        year = int(when["year"] or today.year)
        found = date(year, MONTHS.index(month) + 1, day)
        return found if when["year"] or found >= today else found.replace(year=year + 1)
    found = today.replace(day=day)
    return found if found >= today else (today.replace(day=1) + timedelta(days=32)).replace(day=day)


def _clock(when):
    if when["noon"]:
        return time(12)
    if not when["hour"]:
        return None
    hour, minute = int(when["hour"]), int(when["minute"] or 0)
    if when["half"]:
        hour = hour % 12 + (12 if when["half"].lower() == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def suggester(text, client, user, now):
    """For the composer: each found promise as a line to add."""
    people = list(client.contacts.current())
    return [_suggestion(one, client, user, now) for one in find(text, people=people, now=now, zone=user.zone)]


def _suggestion(one, client, user, now):
    when = day_words(one.due_date, now=now) + (f" {one.due_time:%H:%M}" if one.due_time else "")
    who = (user.name if one.ours else "") or (one.contact.name if one.contact else client.name)
    head = _("Promise by us:") if one.ours else _("Promise by them:")
    fields = {
        "what": one.what,
        "due_date": one.due_date.isoformat(),
        "due_time": f"{one.due_time:%H:%M}" if one.due_time else "",
        "direction": "ours" if one.ours else "theirs",
        "contact": one.contact.public_id if one.contact else "",
    }
    query = urlencode({"client": client.public_id, **{key: value for key, value in fields.items() if value}})
    return Suggestion(
        label=format_html("{} <b>{}</b>, {}, {}", head, one.what, when, who.split(" ")[0]),
        hidden_fields=fields,
        save=partial(_save, one),
        direction=fields["direction"],
        edit_url=f"{reverse('promise_new')}?{query}",
    )


def _save(one, interaction, *, by, now):
    """Make the promise with the interaction it was said in."""
    how = {"meeting": "meeting", "visit": "meeting", "email": "written", "message": "written"}
    contact = one.contact or interaction.contacts.first()
    terms = Terms(one.due_date, one.due_time, "")
    return Promise.objects.make(
        by=by, client=interaction.client, now=now, direction="ours" if one.ours else "theirs", what=one.what,
        due_date=terms.date, due_time=terms.time, contact=contact, owner=by, interaction=interaction,
        agreed_how=how.get(interaction.kind, "call"),
    )  # fmt: skip


def remainder(interaction):
    """Taking an entry back does not take back what was promised in it."""
    made = interaction.promises.open().count()
    if not made:
        return ""
    return _("The promise made in it stays.") if made == 1 else _("The %d promises made in it stay.") % made
