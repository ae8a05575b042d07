"""What can be done and where one can go: the commands and pages that find offers by name."""

from dataclasses import dataclass

from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Client
from clients.names import searchable


@dataclass(frozen=True)
class Place:
    words: str
    route: str
    mark: str
    key: str = ""
    also: str = ""  # other words somebody may type for it
    who: str = ""  # "" everybody, "manager", "administrator"

    def fits(self, wanted):
        return all(word in searchable(f"{self.words} {self.also}") for word in wanted.split())

    def is_for(self, user):
        if self.who == "administrator":
            return user.is_administrator
        return user.is_manager if self.who == "manager" else True


COMMANDS = [
    Place(gettext_lazy("Log a contact"), "log", "plus", "L", "call meeting note"),
    Place(gettext_lazy("Make a promise"), "promise_new", "handshake", "P"),
    Place(gettext_lazy("Write down a request"), "request_new", "inbox", "Q", "question"),
    Place(gettext_lazy("Add a client"), "client_new", "users"),
    Place(gettext_lazy("Start a survey round"), "survey_new", "clipboard-list", who="manager"),
    Place(gettext_lazy("Import a list"), "import_clients", "upload", who="administrator"),
]
PLACES = [
    Place(gettext_lazy("My day"), "my_day", "sun", "G D"),
    Place(gettext_lazy("Clients"), "clients", "users", "G C"),
    Place(gettext_lazy("People at clients"), "contacts", "user-round", also="contacts"),
    Place(gettext_lazy("Everything logged"), "interactions", "phone", also="interactions calls meetings"),
    Place(gettext_lazy("Promises"), "promises", "handshake", "G P"),
    Place(gettext_lazy("Requests"), "requests", "inbox", "G R", "questions"),
    Place(gettext_lazy("Surveys"), "surveys", "clipboard-list", "G S"),
    Place(gettext_lazy("What we believe"), "beliefs", "clipboard-list"),
    Place(gettext_lazy("Clearing the air"), "concerns", "message-square"),
    Place(gettext_lazy("Suggestions"), "suggestions", "message-square"),
    Place(gettext_lazy("Promises in figures"), "promise_figures", "activity"),
    Place(gettext_lazy("Answer times"), "request_figures", "activity", also="requests in figures"),
    Place(gettext_lazy("Worth celebrating"), "celebrations", "gift", also="anniversaries"),
    Place(gettext_lazy("Mail to sort"), "mail_in", "mail", also="tray unmatched inbox"),
    Place(gettext_lazy("Pinned clients"), "pins", "pin"),
    Place(gettext_lazy("Trash"), "trash", "archive", also="removed restore undo"),
    Place(gettext_lazy("Prepared files"), "exports", "download", also="exports"),
    Place(gettext_lazy("Long work"), "jobs", "activity", also="jobs"),
    Place(gettext_lazy("My profile"), "profile", "settings", also="language theme shortcuts"),
    Place(gettext_lazy("Where we stand"), "overview", "layout-dashboard", "G O", "overview", who="manager"),
    Place(gettext_lazy("Likely doubles"), "doubles", "merge", also="duplicates merge", who="manager"),
    Place(gettext_lazy("Gaps"), "gaps", "git-compare-arrows", who="manager"),
    Place(gettext_lazy("Mail that did not go out"), "outbox_trouble", "mail", who="manager"),
    Place(gettext_lazy("Status"), "status", "activity", who="manager"),
    Place(gettext_lazy("People here"), "people", "users-round", also="team colleagues", who="administrator"),
    Place(gettext_lazy("Settings"), "settings", "settings", who="administrator"),
]


@dataclass(frozen=True)
class Act:
    """Something to do at one client."""

    words: str
    url: str
    mark: str
    key: str = ""


def named(places, words, *, user):
    """Those whose name holds every word; all of them when there are none."""
    wanted = searchable(words)
    return [place for place in places if place.is_for(user) and place.fits(wanted)]


def client_of(address, *, user):
    """The client whose page this address is, if the reader may see them."""
    try:
        match = resolve(address)
    except (Resolver404, ValueError, UnicodeError):
        return None
    if match.url_name != "client":
        return None
    return Client.objects.visible_to(user).filter(public_id=match.kwargs.get("public_id")).first()


def acts_at(client, *, user):
    """What can be done at a client without opening its page first."""
    there = f"?client={client.public_id}"
    acts = [Act(_("Open"), client.get_absolute_url(), "users")]
    if not client.archived_at and client.can_be_written_by(user):
        acts += [
            Act(_("Log a contact"), reverse("log") + there, "plus", "L"),
            Act(_("Make a promise"), reverse("promise_new") + there, "handshake", "P"),
            Act(_("Write down a request"), reverse("request_new") + there, "message-square", "Q"),
        ]
    if client.phone:
        acts.append(Act(_("Call %(phone)s") % {"phone": client.phone}, "tel:" + "".join(client.phone.split()), "phone"))
    return acts
