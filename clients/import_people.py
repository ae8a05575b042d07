"""The person a row of a file names: found at their client, added, or brought up to date."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.import_report import Change
from clients.import_rows import LABELS, RefusedRow
from clients.models import Contact
from clients.names import searchable

CONTACT_FIELDS = {"contact_name": "name", "job_title": "job_title", "email": "email", "contact_phone": "phone"}


def take_person(client, values, *, quiet):
    """Bring the person a row names up to date at this client, or add them. Answers the changes."""
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
    return _change_person(person, values, said)


def _change_person(person, values, said):
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
