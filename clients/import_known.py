"""The clients a file may speak of, read once: found by number or name, added, or changed where the file says so."""

from django.utils.translation import gettext as _

from accounts.import_report import Change
from accounts.models import Origin, User, Workspace
from clients.duplicates import EVERYBODYS
from clients.import_people import take_person
from clients.import_rows import CLIENT_FIELDS, LABELS, RefusedRow
from clients.models import Client
from clients.names import name_key, searchable


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
        changes += take_person(client, values, quiet=made)
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
