"""People from a file: who works here, so that clients can have owners. Nobody can sign in until they are invited."""

import re
import unicodedata
from contextlib import nullcontext

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from accounts.import_report import Change, Report
from accounts.models import Origin, Role, User, Workspace
from accounts.places import country_code, zone_of
from accounts.tables import guess_columns

# Our field: what other programs call its column. Earlier fields choose their column first.
COLUMNS = {
    "external_id": ["employeeID", "user id", "staff id", "personnel number", "employee number", "record id", "id"],
    "email": ["email address", "e-mail", "work email", "mail", "user email", "username", "login"],
    "first_name": ["given name", "forename", "first"],
    "last_name": ["surname", "family name", "last"],
    "name": ["full name", "display name", "employee name", "employee", "user", "person"],
    "job_title": ["title", "position", "job", "function"],
    "phone": ["work phone", "phone number", "business phone", "telephone", "office phone", "mobile", "homePhone"],
    "country": ["country code", "country name", "country/region"],
    "time_zone": ["timezone", "tz"],
    "role": ["user role", "permission", "access"],
}
LABELS = {
    "external_id": gettext_lazy("number"),
    "email": gettext_lazy("e-mail"),
    "name": gettext_lazy("name"),
    "job_title": gettext_lazy("job title"),
    "phone": gettext_lazy("phone"),
    "country": gettext_lazy("country"),
    "time_zone": gettext_lazy("time zone"),
}
SAMPLE = "Employee ID,First name,Last name,E-mail,Title,Phone,Country\n1,Nancy,Davolio,nancy@firm.example,Partner,,GB\n"


class RowForm(PlainForm):
    """The checks every value of a row passes."""

    external_id = forms.CharField(max_length=100, required=False)
    email = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=120)
    job_title = forms.CharField(max_length=120, required=False)
    phone = forms.CharField(max_length=40, required=False)


class RefusedRow(Exception):
    """This row cannot be taken; the message says why."""


def import_people(table, *, now, domain="", dry_run=False, by=None):
    """Take the rows of a table as people. Known ones are found by number, then by address, and only gain values.

    Empty cells change nothing. Roles are read for new people only. Returns the report; a refused row stops no other.
    """
    columns = guess_columns(table.headers, COLUMNS)
    report = Report(
        what=_("people"),
        dry_run=dry_run,
        notes=list(table.notes),
        columns=columns,
        left_out=[header for header in table.headers if header and header not in columns.values()],
    )
    for number, reason in table.refused:
        report.refuse(number, "", reason)
    if not columns.keys() & {"name", "first_name", "last_name", "email"}:
        report.refuse(
            1,
            "",
            _("No column holds a name or an e-mail. Columns found: %(names)s.") % {"names": ", ".join(table.headers)},
        )
        return report
    with nullcontext() if dry_run else transaction.atomic():
        people = People(now=now, by=by, dry_run=dry_run)
        for row in table.rows:
            values = {field: row.get(header) for field, header in columns.items()}
            name = values.get("name") or " ".join(filter(None, [values.get("first_name"), values.get("last_name")]))
            try:
                people.take(row.number, checked(values, name=name, domain=domain, report=report, row=row), report)
            except RefusedRow as refusal:
                report.refuse(row.number, name or values.get("email", ""), str(refusal))
    return report


def checked(values, *, name, domain, report, row):
    """The row's values in our terms, or `RefusedRow`."""
    email = values.get("email", "")
    if not name and email:
        name = re.sub(r"[._+-]+", " ", email.partition("@")[0]).title()
    if not name:
        raise RefusedRow(_("There is no name."))
    made_up = not email
    if made_up and domain:
        email = address(values, name=name, domain=domain)
    elif made_up and not values.get("external_id"):
        raise RefusedRow(_("There is no e-mail. Give a domain to make one from the name."))
    form = RowForm({**values, "name": name, "email": email or "nobody@example.org"})
    if not form.is_valid():
        field, problems = next(iter(form.errors.items()))
        raise RefusedRow(f"{LABELS[field]}: {problems[0]}")
    taken = form.cleaned_data | {"email": form.cleaned_data["email"].lower() if email else "", "made_up": made_up}
    if country := values.get("country"):
        taken["country"] = country_code(country)
        if not taken["country"]:
            report.notes.append(
                _("Row %(number)d: we know no holidays of “%(country)s”.") % {"number": row.number, "country": country}
            )
    if zone := values.get("time_zone"):
        taken["time_zone"] = zone_of(zone)
        if not taken["time_zone"]:
            raise RefusedRow(_("We know no time zone “%(zone)s”.") % {"zone": zone})
    taken["role"] = role_of(values.get("role", ""))
    return taken


def address(values, *, name, domain):
    """first.last@domain in plain letters."""
    first, last = values.get("first_name", ""), values.get("last_name", "")
    words = [first, last] if first and last else [name.split()[0], *name.split()[1:][-1:]]
    parts = [re.sub(r"[^a-z0-9]+", "", plain_letters(word)) for word in words]
    local = ".".join(part for part in parts if part)
    if not local:
        raise RefusedRow(_("No address can be made from this name."))
    return f"{local}@{domain.strip().lstrip('@').lower()}"


def plain_letters(text):
    for letter, letters in (("ß", "ss"), ("æ", "ae"), ("ø", "o"), ("ł", "l"), ("đ", "d"), ("œ", "oe")):
        text = text.casefold().replace(letter, letters)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def role_of(text):
    if not text:
        return Role.ACCOUNT_MANAGER
    bare = re.sub(r"[^a-z]", "", text.casefold())
    for role in Role:
        if bare in (re.sub(r"[^a-z]", "", role.value), re.sub(r"[^a-z]", "", str(role.label).casefold())):
            return role
    raise RefusedRow(_("We know no role “%(role)s”.") % {"role": text})


class People:
    """Everybody there is, read once; takes rows one after the other."""

    FIELDS = ("name", "email", "job_title", "phone", "country", "time_zone", "external_id")

    def __init__(self, *, now, by, dry_run):
        self.now, self.by, self.dry_run = now, by, dry_run
        people = list(User.objects.all())
        self.by_number = {person.external_id: person for person in people if person.external_id}
        self.by_email = {person.email.lower(): person for person in people}
        self.seen = set()
        self.firm = Workspace.current()

    def take(self, number, values, report):
        person = self._find(values)
        if person is None:
            person = self._new(values)
            report.add_new(number, person.name)
        else:
            if id(person) in self.seen:
                raise RefusedRow(_("An earlier row of this file is the same person."))
            changes = self._change(person, values)
            if changes:
                report.add_changed(number, person.name, changes)
            else:
                report.add_same(number, person.name)
        self.seen.add(id(person))

    def _find(self, values):
        external_id, email = values["external_id"], values["email"]
        known = self.by_number.get(external_id) if external_id else None
        holder = self.by_email.get(email) if email else None
        if known is not None:
            if holder is not None and holder is not known and not values["made_up"]:
                raise RefusedRow(_("%(name)s has this e-mail already.") % {"name": holder.name})
            return known
        if holder is not None and external_id and holder.external_id and holder.external_id != external_id:
            raise RefusedRow(_("%(name)s has this e-mail already.") % {"name": holder.name})
        if holder is None and not email:
            raise RefusedRow(_("There is no e-mail. Give a domain to make one from the name."))
        return holder

    def _new(self, values):
        person = User(
            email=values["email"],
            name=values["name"],
            role=values["role"],
            job_title=values["job_title"],
            phone=values["phone"],
            country=values.get("country") or self.firm.country,
            time_zone=values.get("time_zone") or self.firm.time_zone,
            external_id=values["external_id"] or None,
            origin=Origin.IMPORT,
            changed_by=self.by,
            changed_at=self.now,
        )
        person.set_unusable_password()
        if not self.dry_run:
            person.save(force_insert=True)
        self.by_email[person.email] = person
        if person.external_id:
            self.by_number[person.external_id] = person
        return person

    def _change(self, person, values):
        changes = []
        for field in self.FIELDS:
            new, old = values.get(field) or "", getattr(person, field) or ""
            # An address we made up never replaces a real one.
            if not new or new == old or (field == "email" and values["made_up"]):
                continue
            changes.append(Change(str(LABELS[field]), str(old), str(new)))
            setattr(person, field, new)
        self.by_email[person.email.lower()] = person
        if person.external_id:
            self.by_number[person.external_id] = person
        if changes and not self.dry_run:
            person.version += 1
            person.changed_by, person.changed_at = self.by, self.now
            person.save()
        return changes


class DomainForm(PlainForm):
    """What the page asks beside the file."""

    domain = forms.RegexField(
        r"^@?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        label=gettext_lazy("Domain for missing addresses, if you like"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("With “example.org” Nancy Davolio becomes nancy.davolio@example.org."),
        error_messages={"invalid": gettext_lazy("Write a domain such as example.org.")},
    )


class PeopleImporter:
    """What the import page needs to know about people."""

    what = "people"
    page = "import_people"
    title = gettext_lazy("Import people")
    lede = gettext_lazy(
        "Colleagues from a file, so that clients can have owners. Nobody can sign in until you invite them."
    )
    columns = COLUMNS
    sample = SAMPLE
    done_url = "people"
    options_form = DomainForm

    def run(self, table, *, by, now, dry_run, domain=""):
        return import_people(table, by=by, now=now, dry_run=dry_run, domain=domain)
