"""The list of clients: what the address asks for, in an order that an index gives, fifty at a time."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.db import connection
from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.keyset import beside, edge_of, page_of
from accounts.large import LARGE, counted
from accounts.lists import columns
from accounts.models import Role, User
from accounts.prepared import prepared
from accounts.quick import select_options, within
from accounts.written import written
from clients import standing
from clients.models import LAST_SPOKE, Client, Contact
from clients.names import searchable

PAGE = 50
FEW = 500  # clients with one word
NEAR = 8  # owners, whose clients mostly fill a page
SORTS = {
    "name": ("search_text", "pk"),
    "-name": ("-search_text", "-pk"),
    "owner": ("owner__name", "search_text", "pk"),
    "-owner": ("-owner__name", "-search_text", "-pk"),
    "stage": ("stage", "search_text", "pk"),
    "-stage": ("-stage", "-search_text", "-pk"),
    "contact": ("last_spoke", "pk"),
    "-contact": ("-last_spoke", "-pk"),
}
EXPRESSIONS = {"last_spoke": LAST_SPOKE.asc(), "-last_spoke": LAST_SPOKE.desc()}
LONGEST_SILENT = (LAST_SPOKE, "pk")
FILTERS = ("q", "owner", "stage", "kind", "band", "archived", "quiet", "tag")


# What a row shows whichever columns are chosen; the long fields of a client are never part of a list.
ALWAYS = {
    "public_id", "name", "search_text", "stage", "visibility", "industry", "city", "rhythm_days", "archived_at",
    "last_interaction_at", "last_two_way_at", "created_at", "renewal_on", "owner__name", "owner__public_id",
}  # fmt: skip
LONG = {"imported", "whats_in_it"}


@cache
def _fields(usual_only):
    every_one = {field.name for field in Client._meta.concrete_fields} - LONG - {"owner"}
    return ("owner", *(ALWAYS if usual_only else every_one | ALWAYS | {"owner__email"}))


def fields_of(shown):
    """The fields of a client that these columns read."""
    return _fields(all(column.usual for column in shown))


@cache
def every(days, _language):
    return ngettext("we agreed every day", "we agreed every %(n)d days", days) % {"n": days}


@dataclass(frozen=True)
class Line:
    """A client as the list shows it."""

    client: Client
    standing: standing.Standing
    ours: int
    theirs: int
    quiet_days: int
    rhythm: int
    loaded: dict = field(default_factory=dict)
    next_due: datetime | None = None  # of the promises still ahead

    @property
    def record(self):
        return self.client

    @property
    def public_id(self):
        return self.client.public_id

    @property
    def name(self):
        return self.client.name

    @property
    def agreed(self):
        return every(self.rhythm, get_language())

    @property
    def rhythm_used(self):
        """Per cent of the rhythm gone by, at most 100."""
        return min(100, round(100 * self.quiet_days / self.rhythm))

    @property
    def rhythm_level(self):
        return "late" if self.rhythm_used >= 100 and self.standing.level in ("soon", "late") else "us"


def _owners(user):
    theirs = Client.objects.visible_to(user).order_by().filter(owner=OuterRef("pk"))
    return User.objects.filter(Exists(theirs)).order_by("name", "pk").values_list("public_id", "name", "pk")


_owners_seen = prepared(_owners)


@written
def _owners_of_all():
    return _owners(User(role=Role.MANAGER))


def owners_seen_by(user):
    """(public id, name, key) of whoever owns a client this person sees."""
    return _owners_of_all() if user.is_manager else _owners_seen(user)


class Listing:
    """Reads the query string; what it does not understand it leaves out."""

    def __init__(self, query, *, user, workspace, now, shown=()):
        self.user, self.workspace, self.now, self.shown = user, workspace, now, shown
        self.asked = {name: query.get(name, "").strip()[:200] for name in FILTERS}
        self.sort = query.get("sort") if query.get("sort") in SORTS else "name"
        self.order = SORTS[self.sort]
        self.edges = {name: query.get(name, "") for name in ("after", "before")}

    @cached_property
    def owners_found(self):
        return counted(f"owners for {self.user.pk}", lambda: tuple(owners_seen_by(self.user)), size=len)

    @cached_property
    def owners(self):
        """Who owns a client that this person sees; the select offers these."""
        return tuple(row[:2] for row in self.owners_found)

    @property
    def owner_options(self):
        """All of them but the reader, who is “Me”."""
        return select_options(self.owners, self.asked["owner"], without=self.user.public_id)

    @cached_property
    def matching(self):
        found = Client.objects.visible_to(self.user)
        asked = self.asked
        found = found.archived() if asked["archived"] == "yes" else found.current()
        if asked["owner"] == "me":
            found = found.filter(owner=self.user)
        elif asked["owner"]:
            found = found.filter(owner__public_id=asked["owner"])
        if asked["stage"] in Client.Stage.values:
            found = found.filter(stage=asked["stage"])
        if asked["kind"] in Client.Kind.values:
            found = found.filter(kind=asked["kind"])
        if asked["band"] in Client.Band.values:
            found = found.filter(value_band=asked["band"])
        if asked["quiet"] in QUIET:
            found = QUIET[asked["quiet"]](found, workspace=self.workspace, now=self.now)
        if asked["tag"]:
            found = with_tag(found, asked["tag"])
        for word in searchable(asked["q"]).split()[:8]:
            keys = few_with(word)
            found = found.search(word) if keys is None else found.filter(pk__in=keys)
        return found

    @property
    def found(self):
        return self.matching.order_by(*(EXPRESSIONS.get(name, name) for name in self.order))

    @property
    def with_edges(self):
        """What matches, each with the values its order goes by."""
        return self.matching.annotate(last_spoke=LAST_SPOKE) if self.order[0] in EXPRESSIONS else self.matching

    @cached_property
    def page(self):
        """Read out of the index of its order, with what the columns that are shown need."""
        rows = self.with_edges.select_related("owner").only(*fields_of(self.shown))
        return self._page_of_near_owners(rows) or page_of(rows, self.order, size=PAGE, whole=True, **self.edges)

    def _page_of_near_owners(self, rows):
        """Sorted by owner: the page out of the clients of the next few owners; None where these do not fill it."""
        if self.order[0].lstrip("-") != "owner__name" or not NEAR < len(self.owners_found) <= LARGE:
            return None
        names = list(dict.fromkeys(name for _public_id, name, _key in self.owners_found))
        back = bool(self.edges["before"])
        names = names[::-1] if self.order[0].startswith("-") != back else names
        edge = edge_of(self.order, **self.edges)
        if edge and edge[0] not in names:
            return None
        some = set(names[names.index(edge[0]) if edge else 0 :][:NEAR])
        near = rows.filter(owner__in=[key for _public_id, name, key in self.owners_found if name in some])
        page = page_of(near, self.order, size=PAGE, whole=True, **self.edges)
        is_full = page.before if edge and back else page.after and (page.before or not edge)
        return page if is_full else None

    def beside(self, key, *, backwards=False):
        """The key of the client after the one of this key, or before it."""
        return beside(self.with_edges, self.order, key, backwards=backwards)

    def lines(self, ids, shown=()):
        """The rows of these, with what the columns that are shown need."""
        read = Client.objects.select_related("owner").only(*fields_of(shown)).in_bulk(ids)
        return self.lines_of([read[pk] for pk in ids if pk in read], shown)

    def lines_of(self, clients, shown=()):
        ids = [client.pk for client in clients]
        promises = promises_open(ids, now=self.now)
        wrote = standing.unanswered_of(clients)
        loaded = columns.loaded(shown, ids, user=self.user, now=self.now)
        return [
            self.line(client, wrote.get(client.pk), loaded=loaded[client.pk], **promises.get(client.pk, {}))
            for client in clients
        ]

    def line(self, client, unanswered=None, *, loaded=None, ours=0, theirs=0, late=0, theirs_late=0, next_due=None):
        reasons = standing.own_reasons(client, workspace=self.workspace, now=self.now, unanswered=unanswered)
        if late and not client.archived_at:
            text = ngettext("%d promise late", "%d promises late", late) % late
            reasons.append(standing.Reason(50 + late, standing.LATE, text))
        if theirs_late and not client.archived_at:
            text = ngettext("They owe us %d promise", "They owe us %d promises", theirs_late) % theirs_late
            reasons.append(standing.Reason(10 + theirs_late, standing.SOON, text))
        return Line(
            client=client,
            standing=standing.judge(client, reasons, now=self.now),
            ours=ours,
            theirs=theirs,
            quiet_days=standing.days_quiet(client, now=self.now),
            rhythm=client.rhythm(self.workspace),
            loaded=loaded or {},
            next_due=next_due,
        )

    @property
    def is_filtered(self):
        return any(self.asked.values())

    @cached_property
    def in_words(self):
        """What was asked for, as in “No client matches *Bristol, dormant*”."""
        asked, words = self.asked, []
        if asked["q"]:
            words.append(f"“{asked['q']}”")
        if asked["owner"]:
            name = dict(self.owners).get(asked["owner"], "")
            words.append(_("mine") if asked["owner"] == "me" else name or _("that owner"))
        for name, choices in (("stage", Client.Stage), ("kind", Client.Kind), ("band", Client.Band)):
            if asked[name] in choices.values:
                label = str(choices(asked[name]).label)
                words.append(_("band %s") % label if name == "band" else within(label))
        if asked["quiet"] in QUIET:
            words.append(
                {"nobody": _("nobody spoke"), "wrote": _("not answered")}.get(asked["quiet"]) or _("gone quiet")
            )
        if asked["tag"]:
            words.append(_("tagged “%s”") % asked["tag"])
        if asked["archived"] == "yes":
            words.append(_("archived"))
        return ", ".join(words)


def quiet(clients, *, workspace, now):
    """Clients past their rhythm: both sides spoke too long ago, or, where they never did, were added too long ago."""
    a_day = timedelta(days=1)
    own_rhythm = ExpressionWrapper(Cast("rhythm_days", IntegerField()) * Value(a_day), output_field=DurationField())
    firms = Q(rhythm_days=None, silent_since__lte=now - (workspace.rhythm_days + 1) * a_day)
    own = Q(rhythm_days__isnull=False, silent_since__lte=Value(now - a_day) - own_rhythm)
    watched = clients.current().filter(stage__in=[Client.Stage.ACTIVE, Client.Stage.ONBOARDING])
    return watched.alias(silent_since=Coalesce("last_two_way_at", "created_at")).filter(firms | own)


SPOKE_SINCE_WE_WROTE = Q(last_interaction_at=None) | Q(last_interaction_at__lte=F("last_two_way_at"))
UNANSWERED = Q(last_interaction_at__gt=F("last_two_way_at")) | Q(
    last_two_way_at=None, last_interaction_at__isnull=False
)


def nobody_spoke(clients, *, workspace, now):
    """Of the quiet ones, those to whom we did not even write."""
    return quiet(clients, workspace=workspace, now=now).filter(SPOKE_SINCE_WE_WROTE)


def they_did_not_answer(clients, *, workspace, now):
    """Of the quiet ones, those to whom we wrote."""
    return quiet(clients, workspace=workspace, now=now).filter(UNANSWERED)


QUIET = {"yes": quiet, "nobody": nobody_spoke, "wrote": they_did_not_answer}


@written
def _promises_of(*, clients, now):
    """Over the reverse relation; nothing is imported from above."""
    promises = Client._meta.get_field("promises").related_model.objects
    late = Q(due_at__lt=now)
    return (
        promises.filter(client__in=clients, state="active")
        .order_by()
        .values("client")
        .annotate(
            ours=Count("pk", filter=Q(direction="ours")),
            theirs=Count("pk", filter=Q(direction="theirs")),
            late=Count("pk", filter=Q(direction="ours") & late),
            theirs_late=Count("pk", filter=Q(direction="theirs") & late),
            next_due=Min("due_at", filter=Q(due_at__gte=now)),
        )
    )


def promises_open(ids, *, now):
    """{client id: counts of open promises, and when the next is due}."""
    return {row.pop("client"): row for row in _promises_of(clients=ids, now=now)}


def few_with(word):
    """Keys of the clients that hold a word, or a person of theirs does; None where they are many.

    The few are looked up; among many a page is soon full by going through the list.
    """
    named = Client.objects.filter(search_text__contains=word).order_by().values("pk")
    people = Contact.objects.filter(search_text__contains=word, left_at=None).order_by().values("client")
    keys = [row["pk"] for row in named.union(people, all=True)[: FEW + 1]]
    return keys if len(keys) <= FEW else None


def count_open_promises(client):
    return client.promises.filter(state="active").count()


def with_tag(clients, tag):
    """Those with this tag, found in the stored list as text: the same on both databases."""
    text = json.dumps(tag, ensure_ascii=connection.vendor == "sqlite")
    return clients.annotate(tags_text=Cast("tags", TextField())).filter(tags_text__contains=text)


def defused(value):
    """A cell no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
