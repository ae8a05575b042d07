"""The list of people at clients: what an address asks for, columns, and what can be done to several."""

from functools import lru_cache

from django.db.models import F, Max
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from accounts.keyset import page_of
from accounts.lists import columns
from accounts.lists.columns import Column
from accounts.lists.kinds import ListKind
from accounts.quick import path_to
from accounts.templatetags.look import icon, moment
from clients.lists import closed
from clients.lists.lines import Line, client_of, owner_of
from clients.lists.people_acts import ACTS
from clients.models import Contact, Interaction

PAGE = 50
SORTS = {
    "name": ("search_text", "pk"),
    "-name": ("-search_text", "-pk"),
    "client": ("client__search_text", "search_text", "pk"),
    "-client": ("-client__search_text", "-search_text", "-pk"),
}
FILTERS = ("q", "client", "owner", "part", "mail", "left")
# What a row shows of the client: as words, for fifty clients read whole cost more than the list.
OF_CLIENT = {
    "client_public_id": F("client__public_id"),
    "client_name": F("client__name"),
    "owner_name": F("client__owner__name"),
}
Part, Mail = Contact.SurveyPart, Contact.MailState
PARTS = dict(Part.choices)


class PeopleListing:
    """Reads the query string; what it does not understand it leaves out."""

    def __init__(self, query, *, user, now, shown=()):
        self.user, self.now, self.shown = user, now, shown
        self.asked = {name: query.get(name, "").replace("\0", "").strip()[:200] for name in FILTERS}
        self.sort = query.get("sort") if query.get("sort") in SORTS else "name"
        self.edges = {name: query.get(name, "") for name in ("after", "before")}

    @cached_property
    def client(self):
        return client_of(self.asked["client"], self.user)

    @cached_property
    def owner(self):
        return owner_of(self.asked["owner"], self.user)

    @property
    def matching(self):
        asked = self.asked
        found = Contact.objects.visible_to(self.user).filter(deleted_at=None, merged_into=None)
        found = found.exclude(left_at=None) if asked["left"] == "yes" else found.current()
        if asked["client"]:
            found = found.filter(client=self.client) if self.client else found.none()
        elif asked["left"] != "yes":
            found = found.filter(client__archived_at=None)
        if asked["owner"]:
            found = found.filter(client__owner=self.owner) if self.owner else found.none()
        if asked["part"] in Part.values:
            found = found.filter(survey_part=asked["part"])
        if asked["mail"] in Mail.values:
            found = found.filter(mail_state=asked["mail"])
        elif asked["mail"] == "none":
            found = found.filter(email="")
        return found.search(asked["q"]) if asked["q"] else found

    @property
    def found(self):
        return self.matching.order_by(*SORTS[self.sort])

    @cached_property
    def page(self):
        return page_of(self.matching, SORTS[self.sort], size=PAGE, **self.edges)

    def lines(self, ids, shown=()):
        by_id = Contact.objects.defer("imported", "search_text").annotate(**OF_CLIENT).in_bulk(ids)
        loaded = columns.loaded(shown, ids, user=self.user, now=self.now)
        return [Line(by_id[pk], by_id[pk].name, loaded[pk]) for pk in ids if pk in by_id]

    @property
    def is_filtered(self):
        return any(self.asked.values())

    @cached_property
    def in_words(self):
        asked = self.asked
        words = [f"“{asked['q']}”" if asked["q"] else ""]
        if asked["client"]:
            words.append(self.client.name if self.client else _("a client that is not here"))
        if asked["owner"]:
            words.append(_("clients of %(name)s") % {"name": self.owner.name} if self.owner else _("that owner"))
        if asked["part"] in Part.values:
            words.append(str(Part(asked["part"]).label))
        if asked["mail"] in Mail.values:
            words.append(str(Mail(asked["mail"]).label))
        words.append(_("no e-mail") if asked["mail"] == "none" else "")
        words.append(_("left the client") if asked["left"] == "yes" else "")
        return ", ".join(word for word in words if word)


# -------------------------------------------------------------------- columns


def last_spoken(ids, *, user, now):
    """{contact id: when something with them was last logged}; notes are not contact."""
    through = Interaction.contacts.through.objects.filter(contact__in=ids, interaction__deleted_at=None)
    through = through.exclude(interaction__kind=Interaction.Kind.NOTE).order_by()
    return dict(through.values_list("contact").annotate(last=Max("interaction__happened_at")))


def _name(line):
    person = line.record
    return SafeString(
        f'<a href="{escape(person.get_absolute_url())}" data-open-row>{escape(person.name)}</a> '
        f'<span class="sub tbl-off">{escape(person.email)}</span>'
    )


def _mail(line):
    person = line.record
    if not person.email:
        return SafeString(f'<span class="muted">{escape(_("no e-mail"))}</span>')
    return _mail_state(person.mail_state, get_language())


@lru_cache(maxsize=100)
def _mail_state(state, _language):
    level = "" if state == Mail.OK else "late" if state == Mail.BOUNCED else "soon"
    mark = icon("mail-x" if level else "mail", "i-sm")
    label = dict(Mail.choices).get(state, state)
    return format_html('<span class="{}">{} {}</span>', f"t-{level}" if level else "muted", mark, label)


def _spoken(line):
    at = line.loaded.get("spoken")
    return moment(at, "ago") if at else SafeString(f'<span class="muted">{escape(_("never"))}</span>')


def _client(line):
    person = line.record
    return SafeString(
        f'<a href="{escape(path_to("client", person.client_public_id))}">{escape(person.client_name)}</a>'
    )


def _part(line):
    return str(PARTS.get(line.record.survey_part, line.record.survey_part))


def _of(name):
    return lambda line: getattr(line.record, name)


COLUMNS = (
    Column("name", __("Name"), _name, _of("name"), sort="name", head=True),
    Column("client", __("Client"), _client, _of("client_name"), sort="client"),
    Column("title", __("Job title"), _of("job_title"), _of("job_title"), off=True),
    Column("part", __("Part in surveys"), _part, _part, off=True),
    Column("mail", __("Mail"), _mail, lambda line: line.record.get_mail_state_display() if line.record.email else ""),
    Column("spoken", __("Last spoken to"), _spoken, lambda line: line.loaded.get("spoken"), load=last_spoken),
    Column("email", __("E-mail"), _of("email"), _of("email"), usual=False, off=True),
    Column("phone", __("Phone"), _of("phone"), _of("phone"), usual=False, off=True),
    Column("owner", __("Owner"), _of("owner_name"), _of("owner_name"), usual=False, off=True),
    Column("language", __("Language"), _of("language"), _of("language"), usual=False, off=True),
    Column("left", __("Left the client"), lambda line: moment(line.record.left_at) or SafeString(""),
           _of("left_at"), usual=False, off=True),
)  # fmt: skip


def read(query, *, user, now, shown=()):
    return PeopleListing(query, user=user, now=now, shown=shown)


PEOPLE = ListKind(
    page="contacts",
    title=__("People"),
    views=(
        (__("Everybody"), ""),
        (__("At my clients"), "owner=me"),
        (__("Decision makers"), "part=decision_maker"),
        (__("Mail comes back"), "mail=bounced"),
        (__("Left"), "left=yes"),
    ),
    usual=lambda _pairs: {"sort": "name"},
    in_words=lambda query, user: read(query, user=user, now=timezone.now()).in_words,
    read=read,
    visible=lambda user: Contact.objects.visible_to(user).filter(deleted_at=None, merged_into=None),
    every=lambda: Contact.objects.filter(deleted_at=None, merged_into=None),
    columns=COLUMNS,
    count=lambda n: ngettext("%(n)d person", "%(n)d people", n) % {"n": n},
    acts={act.name: act for act in ACTS},
    hidden=closed.hidden,
    file_name="people",
)
