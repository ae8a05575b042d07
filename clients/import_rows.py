"""A row of a file of clients in our terms: its cells checked, placed and judged, or refused with the reason."""

from datetime import date

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from accounts.places import zone_of
from clients.columns import KINDS, STAGES
from clients.forms import WebsiteField
from clients.models import Client
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
