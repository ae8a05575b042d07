"""A promise in one line: “send draft fee note to Anna fri 17:00, done when she signs !”. Pure: no database, no clock.

`read` takes a line apart into what, who, which side, when, client, owner, importance and done-when. It guesses nothing
silently: a name that several people share comes back in `which`, a day that may be another in `others`.
"""

import re
from dataclasses import dataclass, field
from datetime import date, time

from clients.names import searchable
from promises.spoken import When, whens

LONGEST = 500  # characters of a line
MOST_WORDS = 300  # of the promise, as long as the column


@dataclass(frozen=True)
class Named:
    """Somebody or something with a name: a contact (with the key of the client), a client or a colleague."""

    key: str
    name: str
    client: str = ""
    kind: str = "contact"


@dataclass(frozen=True)
class Line:
    """What a line says. What it does not say is empty."""

    what: str = ""
    ours: bool = True
    side_said: bool = False
    who: Named | None = None
    which: tuple = ()  # several it may be
    asked: str = ""  # the name as it was typed
    client: Named | None = None
    clients: tuple = ()
    owner: Named | None = None
    when: When | None = None
    critical: bool = False
    done_when: str = ""
    bare: bool = field(default=False)  # nothing was left to be the what; it is the line as typed

    @property
    def day(self) -> date | None:
        return self.when.day if self.when else None

    @property
    def at(self) -> time | None:
        return self.when.at if self.when else None


# Names that are also words: they count as a name only with their capital, and not at the start of the line.
_ORDINARY = """
    will may mark bill art grant grace rose frank sue drew miles chase dawn april june jan august hope joy faith pat
    rob jack max ray guy dean lance wade reed bond page cook carter dale earl gene glen heath iris ivy jade lane lee
    olive penny pearl ruby sandy skip summer violet price long short day close park king young best good call note
"""
ORDINARY = frozenset(_ORDINARY.split())
_NO_NAMES = """
    the and for with from that this will send note draft about into have has our your their his her its when done next
    by to on at in of or is are be it as an no not all any one two week month year today tomorrow noon friday monday
    tuesday wednesday thursday saturday sunday fri mon tue wed thu sat sun they them we us you he she who what new old
"""
NO_NAMES = frozenset(_NO_NAMES.split())
TOWARDS = {"to", "for", "with", "from", "by", "tell", "ask", "call", "ring", "mail", "email", "at", "an", "für", "mit",
           "von", "à", "pour", "avec", "de", "a", "para", "con"}  # fmt: skip
HANDING = (
    r"(?:re)?send|give|e?-?mail|forward|deliver|hand|post|return|pass|submit|provide|show|present|share|get|bring|offer|"
    r"explain|report|pay|ship|transfer|schicke?n?|sende?n?|liefern?|gebe?n?|envoyer|envoie|donner|livrer|enviar|mandar|dar"
)
WILL = (
    r"(?:\s*[’']ll|\s+will|\s+shall|(?:\s*[’'](?:m|re|s)|\s+am|\s+is|\s+are)\s+(?:also\s+)?going\s+to"
    r"|(?:\s*[’'](?:ve|s))?(?:\s+has|\s+have)?\s+(?:also\s+)?(?:promised|agreed|committed|undertook|promises?|offered)\s+to"
    r"|\s+promised(?:\s+us)?(?=\s+(?:the|an?)\s)|\s+(?:wird|werden|werde|van?\s+a|va|vont|vais|allons)(?=\s))"
)
DONE_WHEN = re.compile(
    r"[\s,;.(–-]*\b(?:done when|done once|fertig,? wenn|terminé quand|hecho cuando)\b:?\s*(?P<words>.+?)\)?$",
    re.IGNORECASE,
)
CRITICAL = re.compile(
    r"\s*!+$|(?<!\S)!+(?=\s)|[\s,;–-]*\((?:critical|kritisch|critique|crítico)\)"
    r"|[\s,;–-]+(?:critical|kritisch|critique|crítico)[.!]*$|,\s*(?:critical|kritisch|critique|crítico)(?=,)|^(?:critical|kritisch|critique|crítico):\s*",
    re.IGNORECASE,
)
WE = re.compile(
    rf"^(?:ok(?:ay)?,?\s+|and\s+|so\s+)?(?:(?:we|i|wir|ich|nous|je)(?:{WILL}|\s+(?:need|have)\s+to(?=\s))"
    r"|(?:i|we)?\s*(?:have\s+)?promised\s+(?P<name>[\w’'-]+(?:\s+[\w’'-]+)?)\s+(?:to|that\s+(?:we|i)(?:[’']ll|\s+will)))\s*",
    re.IGNORECASE,
)
THEY = re.compile(rf"^(?:and\s+)?(?:they|he|she|the client|sie|ils|elles|il|elle|ellos)(?:{WILL})\s*", re.IGNORECASE)
NAME = r"(?P<name>[^\W\d_][\w’'.&-]*?(?:\s+[\w’'.&-]+?){0,3}?)"
NAMED = re.compile(rf"^(?:and\s+)?{NAME}(?:{WILL}|\s+to(?=\s+\w)|\s+owes\s+us(?=\s)|\s*:(?=\s))\s*", re.IGNORECASE)
# Where a verb alone says that somebody else will: “Anna schickt …”, “Anna enverra …”, “Anna enviará …”.
DOES = {
    "de": r"(?!(?:braucht|bekommt|erhält|wünscht|erwartet|wartet|fragt|bittet|hat|ist|sagt|meint)\b)[a-zäöüß]+t\b",
    "fr": r"(?!(?:aura|recevra|voudra|attendra)\b)\w+(?:ra|ront)\b",
    "es": r"(?!(?:tendrá|recibirá|querrá|esperará)\b)\w+(?:rá|rán)\b",
}
FROM = re.compile(rf"^(?:from|von|de la part de|de)\s+{NAME}\s*[:,]\s*", re.IGNORECASE)
BY = re.compile(r"(?<!\w)(?:by|von|par|por)\s+(?P<name>[^\W\d_][\w’'-]*(?:\s+[^\W\d_][\w’'-]*)?)", re.IGNORECASE)
FOR = re.compile(r"(?:(?<!\w)(?:for|at|für|bei|pour|chez|para)\s+(?:the\s+)?@?|@)(?=\w)", re.IGNORECASE)
TOKEN = re.compile(r"[^\W_]+(?:[’'&.-][^\W_]+)*")
LOOSE = " ,.;:–—-!"


def read(text, *, now, zone, language="en-gb", people=(), clients=(), colleagues=(), client=""):
    """Take one line apart. `people`, `clients` and `colleagues` are `Named`; `client` is the key of the one at hand.

    `now` is aware, `zone` and `language` the reader's. Never raises, whatever the text.
    """
    text = " ".join(str(text).split())[:LONGEST]
    taker = _Taker(text, people=people, clients=clients, colleagues=colleagues, at_hand=client)
    taker.take_done_when()
    taker.take_importance()
    taker.take_when(now=now, zone=zone, language=language)
    taker.take_subject(language=language)
    taker.take_owner()
    taker.take_clients()
    taker.take_people()
    return taker.line()


def words_of(text):
    """The words of a line that may be names, folded, so that only people who bear them need be read.

    Where somebody writes capitals, names have one or follow a word such as “to”; else any word may be one.
    """
    text = DONE_WHEN.sub("", " ".join(str(text).split())[:LONGEST])
    tokens = [token[0] for token in TOKEN.finditer(text)]
    capitals = any(token[:1].isupper() for token in tokens[1:] if token not in ("I", "I’ll", "I'll"))
    found = set()
    for i, token in enumerate(tokens):
        led = i == 0 or any(_fold(before) in TOWARDS for before in tokens[max(0, i - 2) : i])
        if not capitals or token[:1].isupper() or led:
            found |= {_fold(token), *re.split(r"[’'&.-]", _fold(token))}
    return {word for word in found if len(word) > 1 and not word.isdigit() and word not in NO_NAMES}


def _fold(text):
    return re.sub(r"[’']s$", "", searchable(text))


class _Names:
    """Who bears a name, by full name and by first or last word of it."""

    def __init__(self, named):
        self.full, self.parts = {}, {}
        for one in named:
            words = TOKEN.findall(_fold(one.name)) or [_fold(one.name)]
            self.full.setdefault(" ".join(words), []).append(one)
            for part in {words[0], words[-1]} if one.kind != "client" else {words[0]}:
                self.parts.setdefault(part, []).append(one)

    def fully(self, text):
        return self.full.get(" ".join(TOKEN.findall(_fold(text))), [])

    def called(self, text):
        """All who are called exactly so, by full name or else by part of it."""
        return self.fully(text) or self.parts.get(" ".join(TOKEN.findall(_fold(text))), [])


class _Taker:
    """One reading: the text, what of it has been taken, and what was found."""

    def __init__(self, text, *, people, clients, colleagues, at_hand):
        self.text, self.head, self.at_hand = text, text, at_hand
        self.people, self.clients, self.colleagues = _Names(people), _Names(clients), _Names(colleagues)
        self.client_of = {one.key: one for one in clients}
        self.taken, self.found = [], {"ours": True}

    # ---------------------------------------------------------------- what is left

    def take(self, start, end):
        self.taken.append((start, end))

    def is_taken(self, start, end):
        return any(a < end and start < b for a, b in self.taken)

    @property
    def left(self):
        """The text with a mark of equal length where something was taken, so that places stay."""
        left = list(self.head)
        for start, end in self.taken:
            left[start:end] = "\x00" * (min(end, len(left)) - start)
        return "".join(left)

    def rest_starts_at(self):
        return len(self.left) - len(self.left.lstrip("\x00 ,;:–-"))

    def line(self):
        what = " ".join(self.left.replace("\x00", " ").split())
        what = re.sub(r"\s+([,.;:])", r"\1", what).strip(LOOSE)
        what = re.sub(r"^(?:to|please|pls|bitte)\s+(?=\w)", "", what, flags=re.IGNORECASE)
        bare = not any(c.isalnum() for c in what)
        if bare:
            what = self.text.strip(LOOSE) or self.text
        self._settle_client()
        return Line(what=(what[:1].upper() + what[1:])[:MOST_WORDS], bare=bare, **self.found)

    # ---------------------------------------------------------------- the parts

    def take_done_when(self):
        if match := DONE_WHEN.search(self.text):
            self.head = self.text[: match.start()]
            self.found["done_when"] = match["words"].strip(LOOSE)[:500]

    def take_importance(self):
        for match in CRITICAL.finditer(self.head):
            self.found["critical"] = True
            self.take(*match.span())
        if self.found.get("done_when", "") and self.text.endswith("!"):
            self.found["critical"] = True

    def take_when(self, *, now, zone, language):
        code = language.lower().partition("-")[0]
        options = {"now": now, "zone": zone, "languages": (code,), "month_first": language.lower() == "en-us"}
        found = whens(self.left, **options)
        if not found and "done_when" in self.found:  # “… done when it is signed, by Friday”
            return self._when_in_done_when(options)
        if not found:
            return
        chosen = self._most_meant(found)
        others = [one.day for one in found if one is not chosen and one.day and one.firm == chosen.firm]
        if others and chosen.day:
            known = tuple(day for day in dict.fromkeys((*chosen.others, *others)) if day != chosen.day)
            chosen = When(**{**chosen.__dict__, "others": known})
        self.found["when"] = chosen
        self.take(chosen.start, chosen.end)

    def _when_in_done_when(self, options):
        words = self.found["done_when"]
        last = [one for one in whens(words, **options) if not words[one.end :].strip(LOOSE)]
        if last and words[: last[-1].start].strip(LOOSE):
            self.found["when"], self.found["done_when"] = last[-1], words[: last[-1].start].strip(LOOSE)

    def _most_meant(self, found):
        """The one said as a due; else the one at the end; else the first, of those at hand."""
        firm = [one for one in found if one.firm]
        ending = [one for one in found if not self.left[one.end :].strip(" \x00,.;!")]
        return (firm[-1:] or ending or found)[0]

    def take_subject(self, *, language):
        """Who will do it, where the line begins with that."""
        at = self.rest_starts_at()
        rest = self.left[at:]
        if match := WE.match(rest):
            self._side(True, at, match)
            if match["name"]:
                self._person(self.people.called(match["name"]), match["name"])
        elif (match := THEY.match(rest)) or ((match := FROM.match(rest)) and self._they_are(match["name"])):
            self._side(False, at, match)
        else:
            self._named_subject(at, rest, DOES.get(language.lower().partition("-")[0]))

    def _named_subject(self, at, rest, does):
        match = NAMED.match(rest)
        if not match and does and (match := re.match(rf"{NAME}\s+(?={does})", rest)):
            match = match if self.people.called(match["name"]) else None
        if not match:
            return
        name = match["name"]
        colleagues, people = self.colleagues.called(name), self.people.called(name)
        if colleagues and not people:
            self._own(colleagues, name)
            self._side(True, at, match)
        elif self._they_are(name):
            self._side(False, at, match)

    def _they_are(self, name):
        """Note whom or which client a name at the head means; False when nobody here is called so."""
        if people := self.people.called(name):
            self._person(people, name)
            return True
        if clients := self.clients.called(name):
            self._client(clients)
            return True
        return False

    def _side(self, ours, at, match):
        self.found["ours"], self.found["side_said"] = ours, True
        self.take(at, at + match.end())

    def take_owner(self):
        for match in BY.finditer(self.left):
            for name in (match["name"], match["name"].split()[0]):
                end = match.start("name") + len(name)
                if colleagues := self.colleagues.called(name):
                    self._own(colleagues, name)
                    return self.take(match.start(), end)
                if (people := self.people.called(name)) and not self.found.get("side_said"):
                    self._person(people, name)
                    self.found["ours"], self.found["side_said"] = False, True
                    return self.take(match.start(), end)

    def take_clients(self):
        left = self.left
        for match in FOR.finditer(left):
            words = list(TOKEN.finditer(left, match.end(), match.end() + 80))[:5]
            for count in range(len(words), 0, -1):
                end = words[count - 1].end()
                name = left[match.end() : end]
                if "\x00" in name:
                    continue
                if found := self.clients.fully(name) or (count == 1 and self._like(name)):
                    self._client(found)
                    return self.take(match.start(), end)
                if "@" in match[0] and (people := self.people.called(name)):
                    self._person(people, name)
                    return self.take(match.start(), end)
        self._client_by_full_name()

    def _like(self, name):
        return [] if _fold(name) in ORDINARY else self.clients.parts.get(_fold(name), [])

    def _client_by_full_name(self):
        folded = " " + " ".join(TOKEN.findall(_fold(self.left.replace("\x00", " ")))) + " "
        for name, found in self.clients.full.items():
            if len(name) > 3 and f" {name} " in folded:
                return self._client(found)

    def take_people(self):
        if self.found.get("who") or self.found.get("which"):
            return
        left, words = self.left, list(TOKEN.finditer(self.left))
        mentions = []
        for i, word in enumerate(words):
            towards = i > 0 and _fold(words[i - 1][0]) in TOWARDS
            for count in (3, 2, 1):
                last = words[min(i + count, len(words)) - 1]
                name = left[word.start() : last.end()]
                found = self.people.called(name) if "\x00" not in name else []
                if found and (count > 1 or self._is_name(word[0], found, towards=towards, first=i == 0)):
                    mentions.append((not towards, i, found, name, word.start(), last.end()))
                    break
        if mentions:
            _after, i, found, name, start, end = min(mentions, key=lambda mention: mention[:2])
            self._person(found, name)
            self._take_receiver(words, i, start, end)

    def _is_name(self, word, found, *, towards, first):
        folded = _fold(word)
        if word[:1].isupper():
            return not (first and folded in ORDINARY)
        first_names = any(_fold(one.name).split(" ")[0] == folded for one in found)
        return len(folded) > 2 and folded not in ORDINARY and (first_names or towards)

    def _take_receiver(self, words, i, start, end):
        """“send the note to Anna” is “Send the note”, to Anna; “talk to Anna” stays as it is."""
        before = self.left[: words[i - 1].start()] if i else ""
        if i and _fold(words[i - 1][0]) in {"to", "an", "à", "a"} and re.match(
            rf"[\x00\s]*(?:{HANDING})\s+\S", before, re.IGNORECASE
        ):  # fmt: skip
            following = self.left[end:].strip("\x00 ,.;!")
            if not following:
                self.take(words[i - 1].start(), end)

    # ---------------------------------------------------------------- noting

    def _person(self, found, name):
        here = [one for one in found if one.client == self.client_key]
        found = here or found
        key = "who" if len(found) == 1 else "which"
        self.found[key] = found[0] if len(found) == 1 else tuple(found)
        self.found["asked"] = name

    @property
    def client_key(self):
        client = self.found.get("client")
        return client.key if client else self.at_hand

    def _own(self, found, name):
        if len(found) == 1:
            self.found["owner"] = found[0]
        else:
            self.found["which"], self.found["asked"] = tuple(found), name

    def _client(self, found):
        if len(found) == 1:
            self.found["client"] = found[0]
        else:
            self.found["clients"] = tuple(found)

    def _settle_client(self):
        """The client said; else the one of the person named; else the one at hand."""
        which = [one for one in self.found.get("which", ()) if one.client and one.client == self.client_key]
        if len(which) == 1:
            self.found |= {"who": which[0], "which": ()}
        who = self.found.get("who")
        if not self.found.get("client") and who and who.client in self.client_of:
            self.found |= {"client": self.client_of[who.client], "clients": ()}
        if not self.found.get("client") and not self.found.get("clients") and not self.found.get("which"):
            self.found["client"] = self.client_of.get(self.at_hand)
