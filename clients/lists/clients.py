"""The list of clients: its columns, its views, and what can be done to several."""

from django.db.models import Min
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from accounts.lists.columns import Column
from accounts.lists.kinds import ListKind
from accounts.models import Workspace
from accounts.templatetags.look import icon, moment
from clients.listing import Listing
from clients.lists import closed
from clients.lists.client_acts import ACTS
from clients.models import Client, FollowUp

MUTED = SafeString('<span class="muted">–</span>')


def _name(line):
    client = line.client
    words = [client.get_stage_display()] if client.stage != Client.Stage.ACTIVE else []
    sub = " · ".join(filter(None, [*words, client.industry, client.city]))
    lock = SafeString("")
    if client.visibility == Client.Visibility.TEAM_ONLY:
        lock = format_html(' {}<span class="sr">{}</span>', icon("lock", "i-sm"), _("team only"))
    return format_html(
        '<span class="{}"></span> <a href="{}" data-open-row>{}</a>{}<span class="sub tbl-off">{}</span>',
        line.standing.dot, client.get_absolute_url(), client.name, lock, sub,
    )  # fmt: skip


def _state(line):
    first = line.standing.first
    if line.standing.level not in ("late", "soon") or first is None:
        return format_html('<span class="muted">{}</span>', line.standing.word)
    return format_html('<span class="t-{}">{} {}</span>', first.level, icon(first.mark, "i-sm"), first.text)


def _contact(line):
    at = line.client.last_two_way_at
    words = moment(at, "ago") if at else format_html('<span class="muted">{}</span>', _("never"))
    return format_html(
        '{} <svg class="rhythm tbl-off" viewBox="0 0 72 4" role="img" aria-label="{}">'
        '<rect class="b-track" width="72" height="4" rx="2"/><rect class="{}" width="{}" height="4" rx="2"/></svg>',
        words, line.agreed, "b-broken" if line.rhythm_level == "late" else "b-us", round(0.72 * line.rhythm_used),
    )  # fmt: skip


def _promises(line):
    if not (line.ours or line.theirs):
        return SafeString('<span class="muted tbl-off">–</span>')
    sides = (
        ("t-us", icon("arrow-up-right", "i-sm"), _("ours"), line.ours),
        ("t-them", icon("arrow-down-left", "i-sm"), _("theirs"), line.theirs),
    )
    return format_html(
        '<span class="both-n">{}</span>',
        format_html_join(" ", '<span class="{}">{}<span class="sr">{}</span> {}</span>', sides),
    )


def _next_dates(ids, *, user, now):
    """{client id: (moment or day, what)} of what comes next: a promise due, a reminder of this person, the renewal."""
    today, found = timezone.localdate(now), {}

    def offer(pk, at, what):
        day = timezone.localtime(at).date() if hasattr(at, "hour") else at
        if pk not in found or day < found[pk][0]:
            found[pk] = (day, what)

    promises = Client._meta.get_field("promises").related_model.objects
    due = promises.filter(client__in=ids, state="active", due_at__gte=now).order_by()
    for row in due.values("client").annotate(first=Min("due_at")):
        offer(row["client"], row["first"], _("promise due"))
    reminders = FollowUp.objects.filter(client__in=ids, user=user, done_at=None, due_on__gte=today).order_by()
    for row in reminders.values("client").annotate(first=Min("due_on")):
        offer(row["client"], row["first"], _("reminder"))
    for pk, on in Client.objects.filter(pk__in=ids, renewal_on__gte=today).values_list("pk", "renewal_on"):
        offer(pk, on, _("renewal"))
    return found


def _next(line):
    day, what = line.loaded.get("next") or (None, "")
    return format_html('{} <span class="sub">{}</span>', moment(day), what) if day else MUTED


def _plain(key, label, read, *, sort="", number=False):
    """A column of a plain field, left out of the table until somebody chooses it."""
    return Column(
        key, label, cell=lambda line: read(line.client) or MUTED, value=lambda line: read(line.client),
        sort=sort, usual=False, off=True, number=number,
    )  # fmt: skip


def _date(client_field):
    def read(client):
        return getattr(client, client_field)

    return {"cell": lambda line: moment(read(line.client)) or MUTED, "value": lambda line: read(line.client)}


COLUMNS = (
    Column("name", __("Name"), _name, lambda line: line.client.name, sort="name", head=True),
    Column("owner", __("Owner"), lambda line: line.client.owner.name, lambda line: line.client.owner.name,
           sort="owner", off=True, tight=True),
    Column("state", __("How it stands"), _state,
           lambda line: line.standing.first.text if line.standing.first else line.standing.word),
    Column("contact", __("Last contact"), _contact, lambda line: line.client.last_two_way_at, sort="contact",
           tight=True),
    Column("promises", __("Promises open"), _promises, lambda line: line.ours + line.theirs, number=True),
    Column("next", __("Next date"), _next, lambda line: (line.loaded.get("next") or (None,))[0], off=True,
           tight=True, load=_next_dates),
    _plain("stage", __("Stage"), lambda client: client.get_stage_display(), sort="stage"),
    _plain("kind", __("Kind"), lambda client: client.get_kind_display()),
    _plain("owner_email", __("Owner e-mail"), lambda client: client.owner.email),
    _plain("band", __("Value band"), lambda client: client.value_band),
    _plain("value", __("Annual value"), lambda client: "" if client.annual_value is None else client.annual_value,
           number=True),
    _plain("currency", __("Currency"), lambda client: client.currency),
    _plain("city", __("City"), lambda client: client.city),
    _plain("country", __("Country"), lambda client: client.country),
    _plain("industry", __("Industry"), lambda client: client.industry),
    _plain("website", __("Website"), lambda client: client.website),
    _plain("phone", __("Phone"), lambda client: client.phone),
    _plain("tags", __("Tags"), lambda client: ", ".join(client.tags)),
    Column("since", __("Partner since"), **_date("partner_since"), usual=False, off=True),
    Column("renewal", __("Renewal"), **_date("renewal_on"), usual=False, off=True),
    Column("touched", __("Last of any kind"), **_date("last_interaction_at"), usual=False, off=True),
    _plain("external_id", __("External id"), lambda client: client.external_id or ""),
)  # fmt: skip


def read(query, *, user, now, shown=()):
    return Listing(query, user=user, workspace=Workspace.remembered(), now=now, shown=shown)


def in_words(query, user):
    return read(query, user=user, now=timezone.now()).in_words


def count(n):
    return ngettext("%(n)d client", "%(n)d clients", n) % {"n": n}


CLIENTS = ListKind(
    page="clients",
    title=__("Clients"),
    views=(
        (__("All clients"), ""),
        (__("Mine"), "owner=me"),
        (__("Gone quiet"), "quiet=yes"),
        (__("Archived"), "archived=yes"),
    ),
    usual=lambda _pairs: {"sort": "name"},
    in_words=in_words,
    read=read,
    visible=Client.objects.visible_to,
    every=Client.objects.all,
    columns=COLUMNS,
    count=count,
    acts={act.name: act for act in ACTS},
    hidden=closed.hidden,
)
