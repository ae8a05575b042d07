"""The list of clients: its columns, its views, and what can be done to several."""

from functools import cache
from html import escape

from django.db.models import Min
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from accounts.lists.columns import Column
from accounts.lists.kinds import ListKind
from accounts.models import Workspace
from accounts.templatetags.look import icon, moment
from accounts.written import written
from clients.listing import Listing
from clients.lists import closed
from clients.lists.client_acts import ACTS
from clients.models import Client, FollowUp

MUTED = SafeString('<span class="muted">–</span>')
NO_PROMISES = SafeString('<span class="muted tbl-off">–</span>')


def _name(line):
    client = line.client
    words = [client.get_stage_display()] if client.stage != Client.Stage.ACTIVE else []
    sub = " · ".join(filter(None, [*words, client.industry, client.city]))
    lock = ""
    if client.visibility == Client.Visibility.TEAM_ONLY:
        lock = f' {icon("lock", "i-sm")}<span class="sr">{escape(_("team only"))}</span>'
    return SafeString(
        f'<span class="{line.standing.dot}"></span> <a href="{client.get_absolute_url()}" data-open-row>'
        f'{escape(client.name)}</a>{lock}<span class="sub tbl-off">{escape(sub)}</span>'
    )


def _state(line):
    first = line.standing.first
    if line.standing.level not in ("late", "soon") or first is None:
        return SafeString(f'<span class="muted">{escape(line.standing.word)}</span>')
    return SafeString(f'<span class="t-{first.level}">{icon(first.mark, "i-sm")} {escape(first.text)}</span>')


def _contact(line):
    at = line.client.last_two_way_at
    words = moment(at, "ago") if at else f'<span class="muted">{escape(_("never"))}</span>'
    level = "b-broken" if line.rhythm_level == "late" else "b-us"
    return SafeString(
        f'{words} <svg class="rhythm tbl-off" viewBox="0 0 72 4" role="img" aria-label="{escape(line.agreed)}">'
        f'<rect class="b-track" width="72" height="4" rx="2"/>'
        f'<rect class="{level}" width="{round(0.72 * line.rhythm_used)}" height="4" rx="2"/></svg>'
    )


@cache
def _sides(_language):
    """The marks of ours and theirs, before their numbers."""
    return [
        f'<span class="{name}">{icon(mark, "i-sm")}<span class="sr">{escape(words)}</span> '
        for name, mark, words in (("t-us", "arrow-up-right", _("ours")), ("t-them", "arrow-down-left", _("theirs")))
    ]


def _promises(line):
    if not (line.ours or line.theirs):
        return NO_PROMISES
    ours, theirs = _sides(get_language())
    return SafeString(f'<span class="both-n">{ours}{line.ours}</span> {theirs}{line.theirs}</span></span>')


@written
def _first_reminders(*, clients, user, today):
    reminders = FollowUp.objects.filter(client__in=clients, user=user, done_at=None, due_on__gte=today).order_by()
    return reminders.values_list("client").annotate(first=Min("due_on"))


def _reminders(ids, *, user, now):
    """{client id: the day of this person's next reminder}."""
    return dict(_first_reminders(clients=ids, user=user.pk, today=timezone.localdate(now)))


def next_date(line):
    """(day, what) of what comes next: a promise due, a reminder of this person, the renewal; None for nothing."""
    due, reminder, renewal = line.next_due, line.loaded.get("next"), line.client.renewal_on
    dates = [(timezone.localtime(due).date(), _("promise due"))] if due else []
    dates += [(reminder, _("reminder"))] if reminder else []
    dates += [(renewal, _("renewal"))] if renewal and renewal >= timezone.localdate() else []
    return min(dates, key=lambda date: date[0], default=None)


def _next(line):
    day, what = next_date(line) or (None, "")
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
    Column("next", __("Next date"), _next, lambda line: (next_date(line) or (None,))[0], off=True,
           tight=True, load=_reminders),
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
