"""The list of what was logged with all clients: what an address asks for, columns, and what can be done to several."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from functools import lru_cache

from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from accounts.keyset import page_of
from accounts.large import counted
from accounts.lists import columns
from accounts.lists.columns import Column
from accounts.lists.kinds import ListKind
from accounts.models import User
from accounts.quick import cut, path_to, select_options
from accounts.templatetags.look import icon, moment
from clients.lists import closed
from clients.lists.interaction_acts import ACTS
from clients.lists.lines import Line, client_of, owner_of
from clients.models import Interaction
from clients.names import searchable

PAGE = 50
SORTS = {"-when": ("-happened_at", "-pk"), "when": ("happened_at", "pk")}
FILTERS = ("q", "kind", "author", "client", "period", "since", "until", "mood")
PERIODS = {
    "today": (__("Today"), 0),
    "week": (__("Last 7 days"), 6),
    "month": (__("Last 30 days"), 29),
    "quarter": (__("Last 90 days"), 89),
}
MOODS = {"bad": (__("Unhappy"), {"mood__lt": 0}), "good": (__("Happy"), {"mood__gt": 0})}
MARKS = {
    "call": "phone",
    "meeting": "users",
    "visit": "map-pin",
    "email": "mail",
    "message": "message-square",
    "note": "sticky-note",
}
FACES = {-2: "frown", -1: "annoyed", 0: "meh", 1: "smile", 2: "laugh"}
KINDS = dict(Interaction.Kind.choices)
# What a row shows of the client and of who wrote it: as words, for reading them whole costs more than the list.
BESIDE = {
    "client_public_id": F("client__public_id"),
    "client_name": F("client__name"),
    "author_name": F("author__name"),
}
SHORT = 200  # characters of the text a row shows


class InteractionListing:
    """Reads the query string; what it does not understand it leaves out."""

    def __init__(self, query, *, user, now, shown=()):
        self.user, self.now, self.shown = user, now, shown
        self.asked = {name: query.get(name, "").replace("\0", "").strip()[:200] for name in FILTERS}
        self.sort = query.get("sort") if query.get("sort") in SORTS else "-when"
        self.edges = {name: query.get(name, "") for name in ("after", "before")}

    @cached_property
    def client(self):
        return client_of(self.asked["client"], self.user)

    @cached_property
    def author(self):
        return owner_of(self.asked["author"], self.user)

    @property
    def author_options(self):
        found = User.objects.active().values_list("public_id", "name")
        people = counted("people", lambda: tuple(found), size=len)
        return select_options(people, self.asked["author"], without=self.user.public_id)

    @cached_property
    def days(self):
        """(first day, last day) of what is asked for, each None where it is open."""
        today = timezone.localdate(self.now)
        if self.asked["period"] in PERIODS:
            return today - timedelta(days=PERIODS[self.asked["period"]][1]), None
        since, until = _day(self.asked["since"]), _day(self.asked["until"])
        return (until, since) if since and until and until < since else (since, until)

    @property
    def matching(self):
        asked = self.asked
        found = Interaction.objects.visible_to(self.user).kept()
        if asked["kind"] in Interaction.Kind.values:
            found = found.filter(kind=asked["kind"])
        if asked["author"]:
            found = found.filter(author=self.author) if self.author else found.none()
        if asked["client"]:
            found = found.filter(client=self.client) if self.client else found.none()
        if asked["mood"] in MOODS:
            found = found.filter(**MOODS[asked["mood"]][1])
        since, until = self.days
        if since:
            found = found.filter(happened_at__gte=_start(since))
        if until:
            found = found.filter(happened_at__lt=_start(until + timedelta(days=1)))
        for word in searchable(asked["q"]).split()[:8]:
            found = found.filter(search_text__contains=word)
        return found

    @property
    def found(self):
        return self.matching.order_by(*SORTS[self.sort])

    @cached_property
    def page(self):
        return page_of(self.matching, SORTS[self.sort], size=PAGE, **self.edges)

    def lines(self, ids, shown=()):
        by_id = Interaction.objects.defer("search_text").annotate(**BESIDE).in_bulk(ids)
        loaded = columns.loaded(shown, ids, user=self.user, now=self.now)
        found = [by_id[pk] for pk in ids if pk in by_id]
        return [Line(one, f"{KINDS.get(one.kind, one.kind)}, {one.client_name}", loaded[one.pk]) for one in found]

    @property
    def is_filtered(self):
        return any(self.asked.values())

    @cached_property
    def in_words(self):
        asked = self.asked
        words = [f"“{asked['q']}”" if asked["q"] else ""]
        if asked["kind"] in Interaction.Kind.values:
            words.append(str(Interaction.Kind(asked["kind"]).label))
        if asked["author"]:
            words.append(_("by %(name)s") % {"name": self.author.name} if self.author else _("somebody not here"))
        if asked["client"]:
            words.append(self.client.name if self.client else _("a client that is not here"))
        if asked["mood"] in MOODS:
            words.append(str(MOODS[asked["mood"]][0]))
        if asked["period"] in PERIODS:
            words.append(str(PERIODS[asked["period"]][0]))
        elif any(self.days):
            since, until = (moment_day(each) for each in self.days)
            words.append(_("%(since)s to %(until)s") % {"since": since, "until": until})
        return ", ".join(word for word in words if word)


def moment_day(value):
    from accounts.templatetags.look import day

    return day(value) if value else "…"


def _day(text):
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 1900 <= found.year <= 2200 else None


def _start(day):
    return timezone.make_aware(datetime.combine(day, time.min))


# -------------------------------------------------------------------- columns


def people(ids, *, user, now):
    """{interaction id: the names of those it was with}, in the order of names."""
    with_whom = Interaction.contacts.through.objects.filter(interaction__in=ids)
    names = defaultdict(list)
    for pk, name in with_whom.order_by("contact__name", "contact").values_list("interaction", "contact__name"):
        names[pk].append(name)
    return {pk: ", ".join(some) for pk, some in names.items()}


def _when(line):
    entry = line.record
    at = moment(entry.happened_at, "both")
    return SafeString(f'<a href="{escape(entry.get_absolute_url())}" data-open-row>{at}</a>')


def _kind(line):
    return _kind_in_words(line.record.kind, get_language())


@lru_cache(maxsize=100)
def _kind_in_words(kind, _language):
    return format_html("{} {}", icon(MARKS.get(kind, "circle"), "i-sm"), KINDS.get(kind, kind))


def _client(line):
    entry = line.record
    return SafeString(f'<a href="{escape(path_to("client", entry.client_public_id))}">{escape(entry.client_name)}</a>')


def _people(line):
    return line.loaded.get("people", "")


def _said(line):
    entry = line.record
    text = " ".join(f"{entry.summary} {entry.body}".split())
    return SafeString(f'<span class="said">{escape(cut(text, SHORT))}</span>')


def _text(line):
    entry = line.record
    return f"{entry.summary}\n{entry.body}".strip()


def _mood(line):
    entry = line.record
    if entry.mood is None:
        return ""
    return format_html('{}<span class="sr">{}</span>', icon(FACES[entry.mood]), entry.get_mood_display())


COLUMNS = (
    Column("when", __("When"), _when, lambda line: line.record.happened_at, sort="-when", head=True, tight=True),
    Column("kind", __("Kind"), _kind, lambda line: line.record.get_kind_display(), tight=True),
    Column("client", __("Client"), _client, lambda line: line.record.client_name),
    Column("people", __("People"), _people, _people, off=True, load=people),
    Column("author", __("Who of us"), lambda line: line.record.author_name,
           lambda line: line.record.author_name, off=True),
    Column("text", __("What happened"), _said, _text),
    Column("mood", __("Mood"), _mood, lambda line: line.record.get_mood_display() or "", off=True),
    Column("direction", __("Direction"), lambda line: line.record.get_direction_display(),
           lambda line: line.record.get_direction_display(), usual=False, off=True),
    Column("logged", __("Logged"), lambda line: moment(line.record.created_at, "both"),
           lambda line: line.record.created_at, usual=False, off=True),
)  # fmt: skip


def read(query, *, user, now, shown=()):
    return InteractionListing(query, user=user, now=now, shown=shown)


INTERACTIONS = ListKind(
    page="interactions",
    title=__("Contacts logged"),
    views=(
        (__("Everything"), ""),
        (__("Mine"), "author=me"),
        (__("This week"), "period=week"),
        (__("Unhappy"), "mood=bad"),
    ),
    usual=lambda _pairs: {"sort": "-when"},
    in_words=lambda query, user: read(query, user=user, now=timezone.now()).in_words,
    read=read,
    visible=lambda user: Interaction.objects.visible_to(user).kept(),
    every=Interaction.objects.all,
    columns=COLUMNS,
    count=lambda n: ngettext("%(n)d contact", "%(n)d contacts", n) % {"n": n},
    acts={act.name: act for act in ACTS},
    hidden=closed.hidden,
    file_name="contacts-logged",
)
