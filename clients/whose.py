"""Which client a sentence is about: one named in it, or the one of a person named in it. Never a guess between two."""

import re

from django.db.models import Q

from clients.composer import KIND_OF
from clients.models import Client, Contact, Interaction, TeamMember
from clients.names import searchable

LOOKED_AT = 40  # words of a text
LONGEST_NAME = 4  # words
MOST = 8
SHORTEST = 3
# They begin sentences with a capital and name nobody.
_ORDINARY = """
    a an and at by can for from has have he her his how i if in is it just last my need new no not now of on our she
    so some than that the their them then there they this to today told tomorrow was we went what when who why will
    with yes yesterday you your asked sent spoke talked had did got gave made said says send after before about
    ich wir sie er es der die das den ein eine hat haben heute gestern mit von und wird bis am im nach
"""
ORDINARY = set(_ORDINARY.split())


def last_client(user):
    """Whom they logged last, while they may still."""
    last = Interaction.objects.kept().filter(author=user).order_by("-happened_at", "-pk").values("client")[:1]
    return Client.objects.writable_by(user).current().filter(pk__in=list(last.values_list("client", flat=True))).first()


def named_in(text, *, user, prefer=None):
    """The client a text names, and those it may mean when it is not clear. `prefer` settles a tie."""
    words = re.findall(r"[^\s,;:!?()“”\"]+", text[:1000])[:LOOKED_AT]
    pairs = [(word, _bare(word)) for word in words]
    writable = Client.objects.writable_by(user).current().select_related("owner")
    return (
        _settled(_by_name(pairs, writable), prefer) or _settled(_by_person(pairs, writable, user), prefer) or (None, [])
    )


def _settled(found, prefer):
    if len(found) == 1:
        return found[0], []
    if prefer in found:
        return prefer, []
    return (None, found[:MOST]) if found else None


def _bare(word):
    return re.sub(r"[’']s?$", "", searchable(word).rstrip(".")).strip("’'")


def _telling(pairs):
    """The words that may begin a name: with a capital, or any long one where nobody writes capitals."""
    lower = not any(word[:1].isupper() for word, _bare in pairs)
    bare = [bare for word, bare in pairs if lower or word[:1].isupper()]
    return [one for one in bare if len(one) >= SHORTEST and one not in ORDINARY and one not in KIND_OF]


def _by_name(pairs, writable):
    """The clients whose whole name stands in the text, the longest of them; else those whose first word does."""
    bare = [bare for _word, bare in pairs]
    phrases = {
        " ".join(bare[at : at + length])
        for length in range(1, LONGEST_NAME + 1)
        for at in range(len(bare) - length + 1)
        if length > 1 or (len(bare[at]) >= SHORTEST and bare[at] not in ORDINARY | set(KIND_OF))
    }
    whole = list(writable.filter(search_text__in=phrases)[: MOST * 2])
    if whole:
        longest = max(len(client.search_text) for client in whole)
        return [client for client in whole if len(client.search_text) == longest]
    for word in _telling(pairs):
        if found := list(writable.filter(search_text__startswith=f"{word} ")[: MOST + 1]):
            return found
    return []


def _by_person(pairs, writable, user):
    """The clients of a person named in full, or by a first name that somebody at their own clients has."""
    telling = set(_telling(pairs))
    own = writable.filter(Q(owner=user) | Q(pk__in=TeamMember.objects.filter(user=user).values("client")))
    for at, (_word, bare) in enumerate(pairs):
        if bare not in telling:
            continue
        after = pairs[at + 1][1] if at + 1 < len(pairs) else ""
        for start, among in ((f"{bare} {after}", writable), (f"{bare} ", own)):
            if start.endswith(" ") and among is writable:
                continue  # a first name alone is looked for at their own clients only
            people = Contact.objects.current().filter(search_text__startswith=start).values("client")
            if found := list(among.filter(pk__in=people)[: MOST + 1]):
                return found
    return []
