"""The list of clients: what the address asks for, in an order that an index gives, fifty at a time."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from django.db import connection
from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.keyset import beside, page_of
from accounts.large import counted
from accounts.lists import columns
from accounts.models import User
from accounts.quick import select_options, within
from clients import standing
from clients.models import LAST_SPOKE, Client

PAGE = 50
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


class Listing:
    """Reads the query string; what it does not understand it leaves out."""

    def __init__(self, query, *, user, workspace, now, shown=()):
        self.user, self.workspace, self.now, self.shown = user, workspace, now, shown
        self.asked = {name: query.get(name, "").strip()[:200] for name in FILTERS}
        self.sort = query.get("sort") if query.get("sort") in SORTS else "name"
        self.order = SORTS[self.sort]
        self.edges = {name: query.get(name, "") for name in ("after", "before")}

    @cached_property
    def owners(self):
        """Who owns a client that this person sees; the select offers these."""
        theirs = Client.objects.visible_to(self.user).order_by().filter(owner=OuterRef("pk"))
        found = User.objects.filter(Exists(theirs)).values_list("public_id", "name")
        return counted(f"owners for {self.user.pk}", lambda: tuple(found), size=len)

    @property
    def owner_options(self):
        """All of them but the reader, who is “Me”."""
        return select_options(self.owners, self.asked["owner"], without=self.user.public_id)

    @property
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
        if asked["q"]:
            found = found.search(asked["q"])
        return found

    @property
    def found(self):
        return self.matching.order_by(*(EXPRESSIONS.get(name, name) for name in self.order))

    @property
    def _with_edges(self):
        """What matches, each with the values its order goes by."""
        return self.matching.annotate(last_spoke=LAST_SPOKE) if self.order[0] in EXPRESSIONS else self.matching

    @cached_property
    def page(self):
        """Ids are paged out of the index; only the fifty that are shown are read whole."""
        return page_of(self._with_edges, self.order, size=PAGE, **self.edges)

    def beside(self, client, *, backwards):
        """The key of the client after this one, or before it."""
        return beside(self._with_edges, self.order, client.pk, backwards=backwards)

    def lines(self, ids, shown=()):
        """The rows of these, with what the columns that are shown need."""
        by_id = Client.objects.select_related("owner").defer("imported", "whats_in_it").in_bulk(ids)
        promises = open_promises(ids, now=self.now)
        wrote = standing.unanswered_of(by_id.values())
        loaded = columns.loaded(shown, ids, user=self.user, now=self.now)
        return [
            self.line(by_id[pk], wrote.get(pk), loaded=loaded[pk], **promises.get(pk, {})) for pk in ids if pk in by_id
        ]

    def line(self, client, unanswered=None, *, loaded=None, ours=0, theirs=0, late=0, theirs_late=0):
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


def open_promises(ids, *, now):
    """{client id: counts of open promises}, in one query over the reverse relation; nothing is imported from above."""
    promises = Client._meta.get_field("promises").related_model.objects
    rows = (
        promises.filter(client__in=ids, state="active")
        .order_by()
        .values("client")
        .annotate(
            ours=Count("pk", filter=Q(direction="ours")),
            theirs=Count("pk", filter=Q(direction="theirs")),
            late=Count("pk", filter=Q(direction="ours", due_at__lt=now)),
            theirs_late=Count("pk", filter=Q(direction="theirs", due_at__lt=now)),
        )
    )
    return {row.pop("client"): row for row in rows}


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
