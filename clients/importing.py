"""Clients from a file: one row, one client and at most one person there. Known ones only take what changed in the file.

What a row said is kept with the record, so the same file again changes nothing, and a correction made here stays until
the file itself says something new. Empty cells change nothing.
"""

from datetime import date

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from accounts.import_report import Change, Report
from accounts.models import Origin, User, Workspace
from accounts.places import zone_of
from clients.columns import COLUMNS, KINDS, SAMPLE, STAGES, find_columns
from clients.duplicates import EVERYBODYS
from clients.forms import WebsiteField
from clients.models import Client, Contact
from clients.names import name_key, searchable
from clients.zones import country_name, zone_in

LABELS = {
    "name": gettext_lazy("name"),
    "contact_name": gettext_lazy("person"),
    "job_title": gettext_lazy("job title"),
    "email": gettext_lazy("e-mail"),
    "contact_phone": gettext_lazy("phone of the person"),
    "contact_external_id": gettext_lazy("number of the person"),
    "phone": gettext_lazy("phone"),
    "website": gettext_lazy("website"),
    "city": gettext_lazy("city"),
    "country": gettext_lazy("country"),
    "industry": gettext_lazy("industry"),
    "kind": gettext_lazy("kind"),
    "stage": gettext_lazy("stage"),
    "value_band": gettext_lazy("value band"),
    "partner_since": gettext_lazy("partner since"),
    "time_zone": gettext_lazy("time zone"),
    "tags": gettext_lazy("tags"),
    "external_id": gettext_lazy("number"),
    "owner": gettext_lazy("owner"),
}
CLIENT_FIELDS = (
    "name", "phone", "website", "city", "country", "industry", "kind", "stage", "value_band", "partner_since",
    "time_zone", "tags",
)  # fmt: skip
CONTACT_FIELDS = {"contact_name": "name", "job_title": "job_title", "email": "email", "contact_phone": "phone"}


class RowForm(PlainForm):
    """The checks every value of a row passes."""

    name = forms.CharField(max_length=200)
    external_id = forms.CharField(max_length=100, required=False)
    contact_external_id = forms.CharField(max_length=100, required=False)
    contact_name = forms.CharField(max_length=120, required=False)
    job_title = forms.CharField(max_length=120, required=False)
    email = forms.EmailField(max_length=254, required=False)
    contact_phone = forms.CharField(max_length=60, required=False)
    phone = forms.CharField(max_length=60, required=False)
    website = WebsiteField(max_length=200, required=False)
    city = forms.CharField(max_length=120, required=False)
    country = forms.CharField(max_length=60, required=False)
    industry = forms.CharField(max_length=120, required=False)


class RefusedRow(Exception):
    """This row cannot be taken; the message says why."""


class _DryRun(Exception):
    """Takes everything back."""


def import_clients(table, *, owner=None, dry_run=False):
    """Take the rows of a table as clients. `owner` gets new clients whose row names nobody. Answers the report."""
    columns = find_columns(table.headers)
    report = Report(
        what=_("clients"),
        dry_run=dry_run,
        notes=list(table.notes),
        columns=columns,
        left_out=[header for header in table.headers if header and header not in columns.values()],
    )
    for number, reason in table.refused:
        report.refuse(number, "", reason)
    if "company_name" not in columns:
        report.refuse(
            1,
            "",
            _("No column holds the name of a client. Columns found: %(names)s.") % {"names": ", ".join(table.headers)},
        )
        return report
    try:
        with transaction.atomic():
            clients = Clients(owner=owner)
            for row in table.rows:
                cells = {field: row.get(header) for field, header in columns.items()}
                try:
                    with transaction.atomic():
                        clients.take(row.number, checked(cells), report)
                except RefusedRow as refusal:
                    report.refuse(row.number, cells["company_name"], str(refusal))
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def checked(cells):
    """The row's values in our terms, without the empty ones, or `RefusedRow`."""
    cells = {field: value for field, value in cells.items() if value}
    if not cells.get("company_name"):
        raise RefusedRow(_("There is no name of a client."))
    names = " ".join(filter(None, [cells.get("contact_first_name"), cells.get("contact_last_name")]))
    cells["contact_name"] = cells.get("contact_name") or names
    if cells.get("email") and not cells["contact_name"]:
        cells["contact_name"] = cells["email"].partition("@")[0].replace(".", " ").replace("_", " ").title()
    if cells["contact_name"]:
        cells.setdefault("contact_phone", cells.get("phone", ""))
    form = RowForm({**cells, "name": cells["company_name"]})
    if not form.is_valid():
        field, problems = next(iter(form.errors.items()))
        raise RefusedRow(f"{LABELS[field]}: {problems[0]}")
    values = {field: value for field, value in form.cleaned_data.items() if value}
    values |= {field: cells[field] for field in ("owner", "owner_email", "owner_external_id") if cells.get(field)}
    return values | _placed(values, cells) | _judged(cells)


def _placed(values, cells):
    placed = {}
    if country := values.get("country"):
        placed["country"] = country_name(country)
    if said := cells.get("time_zone"):
        placed["time_zone"] = zone_of(said)
        if not placed["time_zone"]:
            raise RefusedRow(_("We know no time zone “%(zone)s”.") % {"zone": said})
    elif zone := zone_in(values.get("country", ""), values.get("city", "")):
        placed["time_zone"] = zone
    return placed


def _judged(cells):
    """Words of other programs in ours; those we do not know are left out rather than guessed."""
    judged = {}
    if kind := KINDS.get(cells.get("kind", "").casefold()):
        judged["kind"] = kind
    if stage := STAGES.get(cells.get("stage", "").casefold()):
        judged["stage"] = stage
    if cells.get("value_band", "").upper() in Client.Band.values:
        judged["value_band"] = cells["value_band"].upper()
    if since := cells.get("partner_since"):
        try:
            day = parse_date(since[:10])
        except ValueError:
            day = None
        if day is None or not date(1900, 1, 1) <= day <= date(2200, 12, 31):
            raise RefusedRow(_("partner since: “%(day)s” is no date like 2024-03-31.") % {"day": since})
        judged["partner_since"] = day
    if tags := cells.get("tags"):
        words = [" ".join(word.split())[:40] for word in tags.replace(";", ",").split(",")]
        judged["tags"] = list(dict.fromkeys(word for word in words if word))[:20]
    return judged


class Clients:
    """Everybody there is, read once; takes rows one after the other."""

    def __init__(self, *, owner):
        self.owner = owner
        self.firm = Workspace.current()
        users = list(User.objects.all())
        self.user_by_email = {user.email.lower(): user for user in users}
        self.user_by_number = {user.external_id: user for user in users if user.external_id}
        self.users_by_name = {}
        for user in users:
            self.users_by_name.setdefault(searchable(user.name), []).append(user)
        clients = list(Client.objects.select_related("owner"))
        known = {client.pk: client for client in clients}
        self.merged = {}  # what was merged into another → the other
        for client in clients:
            kept = client
            while kept.merged_into_id:
                kept = known[kept.merged_into_id]
            if kept is not client:
                self.merged[client.pk] = kept
        self.by_number = {client.external_id: client for client in clients if client.external_id}
        self.by_name, self.by_domain = {}, {}
        for client in clients:
            self.by_name.setdefault(client.name_key, []).append(client)
            if client.web_domain and client.pk not in self.merged and client.web_domain not in EVERYBODYS:
                self.by_domain.setdefault(client.web_domain, client)
        self.seen = set()

    def take(self, number, values, report):
        client = self._find(values)
        owner = self._owner(values)
        made = client is None
        was_merged = not made and client.pk in self.merged
        if made:
            client = self._new(values, owner)
            self._warn(number, client, report)
            changes = []
        elif was_merged:
            client, changes = self.merged[client.pk], []  # its fields were chosen when the two became one
        elif client.pk in self.seen:
            # The first row of a client in the file counts for the client, the others bring people.
            if name_key(values["name"]) != name_key(client.imported["name"]):
                words = _("An earlier row gives the number %(number)s to %(client)s.")
                raise RefusedRow(words % {"number": values["external_id"], "client": client.imported["name"]})
            changes = []
        else:
            changes = self._change(client, values, owner)
        changes += self._person(client, values, quiet=made)
        if not was_merged:
            self.seen.add(client.pk)
        if made:
            report.add_new(number, client.name)
        elif changes:
            report.add_changed(number, client.name, changes)
        else:
            report.add_same(number, client.name)

    def _find(self, values):
        number = values.get("external_id")
        if number and number in self.by_number:
            return self.by_number[number]
        named = self.by_name.get(name_key(values["name"])[:200], [])
        standing = [client for client in named if client.pk not in self.merged]
        alike = [
            client
            for client in standing or named[:1]
            if not (number and client.external_id)  # another number is another client
        ]
        if len(alike) > 1:
            words = _("There are %(count)d clients of this name. Give the row a number.")
            raise RefusedRow(words % {"count": len(alike)})
        return alike[0] if alike else None

    def _owner(self, values):
        """Who the row names, or None. Somebody unknown is no owner."""
        if email := values.get("owner_email"):
            found, words = self.user_by_email.get(email.lower()), email
        elif number := values.get("owner_external_id"):
            found, words = self.user_by_number.get(number), number
        elif name := values.get("owner"):
            same = self.users_by_name.get(searchable(name), [])
            found, words = self.user_by_email.get(name.lower()) or (same[0] if len(same) == 1 else None), name
        else:
            return None
        if found is None:
            raise RefusedRow(_("We know no owner “%(owner)s”.") % {"owner": words})
        if not found.is_active:
            raise RefusedRow(_("The owner %(owner)s no longer works here.") % {"owner": found.name})
        return found

    def _new(self, values, owner):
        owner = owner or self.owner
        if owner is None:
            raise RefusedRow(_("No owner: name one in the file, or one for all rows without."))
        client = Client(
            owner=owner,
            origin=Origin.IMPORT,
            external_id=values.get("external_id"),
            **{"time_zone": self.firm.time_zone, **{f: values[f] for f in CLIENT_FIELDS if f in values}},
        )
        client.imported = _kept(values, owner)
        client.save()
        self._remember(client)
        return client

    def _warn(self, number, client, report):
        """A new one at a web address we know may be no new one."""
        known = self.by_domain.setdefault(client.web_domain, client) if client.web_domain else client
        if known is not client:
            words = _("Row %(row)s: %(name)s may be %(known)s, which has the same web address, %(domain)s.")
            known = {"known": known.name, "domain": client.web_domain}
            report.notes.append(words % {"row": number, "name": client.name, **known})

    def _remember(self, client):
        if client.external_id:
            self.by_number[client.external_id] = client
        named = self.by_name.setdefault(client.name_key, [])
        if client not in named:
            named.append(client)

    def _change(self, client, values, owner):
        """Set what the file says now and did not say last time."""
        said, changes = _kept(values, owner), []
        for field in CLIENT_FIELDS:
            if field not in values or client.imported.get(field) == said[field]:
                continue
            old, new = getattr(client, field), values[field]
            if old != new:
                changes.append(Change(str(LABELS[field]), _words(old), _words(new)))
                setattr(client, field, new)
        if owner and client.imported.get("owner") != said["owner"] and client.owner_id != owner.pk:
            changes.append(Change(str(LABELS["owner"]), client.owner.name, owner.name))
            client.owner = owner
            client.team_members.filter(user=owner).delete()
        if values.get("external_id") and not client.external_id:
            changes.append(Change(str(LABELS["external_id"]), "", values["external_id"]))
            client.external_id = values["external_id"]
        before = client.imported
        client.imported = {**before, **said}
        if changes:
            client.version += 1
            client.save()
            self._remember(client)
        elif client.imported != before:
            Client.objects.filter(pk=client.pk).update(imported=client.imported)
        return changes

    # ------------------------------------------------------------------ the person in the row
    def _person(self, client, values, *, quiet):
        if not values.get("contact_name"):
            return []
        person = _find_person(client, values)
        said = {field: values[field] for field in CONTACT_FIELDS if values.get(field)}
        if person is None:
            Contact.objects.create(
                client=client,
                external_id=values.get("contact_external_id"),
                imported=said,
                **{ours: said[field] for field, ours in CONTACT_FIELDS.items() if field in said},
            )
            return [] if quiet else [Change(str(LABELS["contact_name"]), "", values["contact_name"])]
        return self._change_person(person, values, said)

    def _change_person(self, person, values, said):
        changes = []
        for field, ours in CONTACT_FIELDS.items():
            if field not in said or person.imported.get(field) == said[field]:
                continue
            old, new = getattr(person, ours), said[field].lower() if field == "email" else said[field]
            if old == new:
                continue
            if field == "email" and person.client.contacts.filter(email=new).exclude(pk=person.pk).exists():
                raise RefusedRow(_("Somebody else at this client has the e-mail %(email)s.") % {"email": new})
            changes.append(Change(str(LABELS[field]), old, new))
            setattr(person, ours, new)
            if field == "email":
                person.has_another_address(now=timezone.now())
        if values.get("contact_external_id") and not person.external_id:
            changes.append(Change(str(LABELS["contact_external_id"]), "", values["contact_external_id"]))
            person.external_id = values["contact_external_id"]
        before = person.imported
        person.imported = {**before, **said}
        if changes:
            person.version += 1
            person.save()
        elif person.imported != before:
            Contact.objects.filter(pk=person.pk).update(imported=person.imported)
        return changes


def _find_person(client, values):
    """By number, else by address, else by the name in the file or the name here."""
    people = list(client.contacts.all())
    number, email = values.get("contact_external_id"), values.get("email", "").lower()
    for person in people:
        if number and person.external_id == number:
            return person
    people = [person for person in people if not (number and person.external_id)]
    for person in people:
        if email and email in (person.email, person.imported.get("email", "").lower()):
            return person
    name = searchable(values["contact_name"])
    same = [
        person
        for person in people
        if name in (searchable(person.name), searchable(person.imported.get("contact_name", "")))
        and not (email and person.email and person.imported.get("email"))
    ]
    return same[0] if len(same) == 1 else None


def _kept(values, owner):
    """What a row said of a client, as JSON keeps it."""
    said = {field: values[field] for field in CLIENT_FIELDS if field in values}
    if "partner_since" in said:
        said["partner_since"] = said["partner_since"].isoformat()
    if owner:
        said["owner"] = owner.email
    return said


def _words(value):
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _people_choices():
    people = User.objects.active().order_by("name").values_list("public_id", "name")
    return [("", _("Nobody: refuse those rows")), *people]


class OwnerForm(PlainForm):
    """What the page asks beside the file."""

    owner = forms.ChoiceField(
        label=gettext_lazy("Owner of rows that name none"), choices=_people_choices, required=False
    )


class ClientImporter:
    """What the import page needs to know about clients."""

    what = "clients"
    page = "import_clients"
    title = gettext_lazy("Import clients")
    lede = gettext_lazy("Clients and a person at each from a file. The same file again changes nothing.")
    columns = COLUMNS
    sample = SAMPLE
    done_url = "clients"
    options_form = OwnerForm

    def run(self, table, *, by, now, dry_run, owner=""):
        person = User.objects.active().filter(public_id=owner).first() if owner else None
        return import_clients(table, owner=person, dry_run=dry_run)
