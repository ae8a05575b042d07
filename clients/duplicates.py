"""Who may be here already under another name: said with what is alike, and only of clients the asker may see."""

from dataclasses import dataclass
from itertools import pairwise

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from clients.alike import nearest, trigrams
from clients.models import Client, Contact, NotTheSame
from clients.names import name_key, searchable, web_domain

NEAR = 0.55  # of 1: the share of three-letter pieces two names have in common
LOOKED_AT = 5000  # names compared here, where the database cannot
MOST_PAIRS = 100
# Addresses of these say nothing about where somebody works.
EVERYBODYS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "msn.com",
        "yahoo.com",
        "yahoo.co.uk",
        "icloud.com",
        "me.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "t-online.de",
        "freenet.de",
        "mail.com",
        "proton.me",
        "protonmail.com",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "btinternet.com",
        "linkedin.com",
        "facebook.com",
        "instagram.com",
    ]
)


@dataclass(frozen=True)
class Alike:
    """A record that may be the same, and why we think so."""

    record: object
    reasons: list


@dataclass(frozen=True)
class Pair:
    one: Client
    other: Client
    reasons: list


def similarity(one, other):
    """0 to 1, as pg_trgm's similarity()."""
    ours, theirs = trigrams(one), trigrams(other)
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def clients_like(user, *, name="", website="", email="", besides=None, limit=5):
    """The clients this person may see that may be the one described, surest first."""
    name, key = name.strip()[:200], name_key(name)[:200]
    domains = {web_domain(website), email.rpartition("@")[2].strip().lower()} - {""} - EVERYBODYS
    rows = Client.objects.visible_to(user)
    if besides is not None:
        rows = rows.exclude(pk__in=[besides.pk, *_known_others(besides)])
    same = Q(pk__in=[])
    if key:
        same |= Q(name_key=key)
    if domains:
        same |= Q(web_domain__in=domains)
    found = {client.pk: client for client in rows.filter(same).select_related("owner")[: limit * 4]}
    if len(key) >= 4:
        for client in nearest(rows.select_related("owner"), name, limit=limit * 2):
            if similarity(key, client.name_key) >= NEAR:
                found.setdefault(client.pk, client)
    told = [Alike(client, reasons(client, key=key, domains=domains)) for client in found.values()]
    told.sort(key=lambda alike: (-len(alike.reasons), -similarity(key, alike.record.name_key), alike.record.name))
    return told[:limit]


def reasons(client, *, key, domains):
    told = []
    if client.web_domain and client.web_domain in domains:
        told.append(_("same web address, %(domain)s") % {"domain": client.web_domain})
    if key and client.name_key == key:
        told.append(_("same name"))
    elif key and similarity(key, client.name_key) >= NEAR:
        told.append(_("nearly the same name"))
    return told


def people_like(user, client, *, name="", email="", besides=None, limit=5):
    """People who may be the one described: anybody with that address, and at this client anybody nearly so called."""
    email, key = email.strip().lower()[:254], searchable(name)[:120]
    rows = Contact.objects.filter(client__in=Client.objects.visible_to(user)).select_related("client")
    rows = rows.filter(merged_into=None, deleted_at=None)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    told = []
    if email:
        for person in rows.filter(email=email)[:limit]:
            told.append(Alike(person, [_("same e-mail address")]))
    known = {alike.record.pk for alike in told}
    if len(key) >= 4:
        for person in rows.filter(client=client)[:LOOKED_AT]:
            near = similarity(key, searchable(person.name))
            if person.pk not in known and near >= NEAR:
                told.append(Alike(person, [_("same name") if near == 1 else _("nearly the same name")]))
    return told[:limit]


# ---------------------------------------------------------------------- said to be two
def _known_others(client):
    said = NotTheSame.objects.filter(Q(one=client) | Q(other=client)).values_list("one", "other")
    return {pk for pair in said for pk in pair} - {client.pk}


def are_different(one, other, *, by, now):
    """Somebody looked at both: they are two, and nobody is asked again."""
    first, second = sorted((one.pk, other.pk))
    if first != second:
        NotTheSame.objects.get_or_create(one_id=first, other_id=second, defaults={"by": by, "at": now})


# ---------------------------------------------------------------------- the page of likely doubles
def likely_doubles(user):
    """Pairs of clients that may be one: same web domain, same name, or neighbours in the alphabet that are alike."""
    rows = Client.objects.visible_to(user).current().order_by("name_key", "pk")
    pairs = set()
    for column in ("web_domain", "name_key"):
        shared = rows.exclude(**{column: ""}).exclude(**{f"{column}__in": EVERYBODYS}).order_by().values(column)
        shared = shared.annotate(n=Count("pk")).filter(n__gt=1).order_by(column).values_list(column, flat=True)
        shared = list(shared[:MOST_PAIRS])
        together = rows.filter(**{f"{column}__in": shared}).order_by(column, "pk").values_list(column, "pk")
        pairs |= {tuple(sorted((a, b))) for (x, a), (y, b) in pairwise(together) if x == y}
    pairs |= _neighbours(rows)
    known = set(NotTheSame.objects.filter(one__in={one for one, _other in pairs}).values_list("one", "other"))
    pairs = sorted(pairs - known)[:MOST_PAIRS]
    clients = rows.select_related("owner").in_bulk({pk for pair in pairs for pk in pair})
    told = []
    for first, second in pairs:
        one, other = clients[first], clients[second]
        domains = {one.web_domain} - {""} - EVERYBODYS
        told.append(Pair(one, other, reasons(other, key=one.name_key, domains=domains)))
    return sorted(told, key=lambda pair: (-len(pair.reasons), pair.one.search_text))


def _neighbours(rows):
    """Names that stand beside each other in the alphabet and are nearly the same."""
    if connection.vendor == "postgresql":
        inner, params = rows.order_by().values("pk", "name_key").query.sql_with_params()
        sql = f"""SELECT id, next_id FROM (
            SELECT id, name_key, lead(id) OVER w AS next_id, lead(name_key) OVER w AS next_key
            FROM ({inner}) AS c(id, name_key) WINDOW w AS (ORDER BY name_key, id)) AS n
            WHERE next_id IS NOT NULL AND similarity(name_key, next_key) >= %s LIMIT {MOST_PAIRS}"""  # noqa: S608 - ours
        with connection.cursor() as cursor:
            cursor.execute(sql, [*params, NEAR])
            return {tuple(sorted(pair)) for pair in cursor.fetchall()}
    names = rows.values_list("pk", "name_key")[:LOOKED_AT]
    return {tuple(sorted((a, b))) for (a, x), (b, y) in pairwise(names) if similarity(x, y) >= NEAR}
