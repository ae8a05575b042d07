"""The list of concerns: what its address asks for, in which order, and as a table for spreadsheets."""

import csv

from django.db.models import Case, Count, DateTimeField, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.quick import select_options
from clients.listing import defused
from clients.models import Client, searchable
from partnerships.models import Concern
from partnerships.wording import standing

STATES = {
    "unresolved": _("Not yet resolved"),
    **dict(Concern.State.choices),
    "all": _("All"),
}
DUES = {"": _("Any time"), "overdue": _("Overdue"), "no_date": _("No talk planned"), "escalated": _("Managers know")}
SORTS = ("due", "-due", "client", "-client", "opened", "-opened", "owner", "-owner", "severity", "-severity")
SORT_WORDS = {
    "due": _("what is next"),
    "client": _("client"),
    "opened": _("opened"),
    "owner": _("who leads"),
    "severity": _("how serious"),
}
HEAVY = Case(When(severity="partnership", then=Value(3)), When(severity="serious", then=Value(2)), default=Value(1))
# What comes next, as one moment: first contact, the talk, and for what is agreed when it was opened.
NEXT = Case(
    When(state="open", first_contact_at=None, contact_due_at__isnull=False, then=F("contact_due_at")),
    When(state="talking", then=F("talk_at")),
    When(state="open", talk_due_at__isnull=False, then=F("talk_due_at")),
    default=Coalesce(F("resolved_at"), F("opened_at")),
    output_field=DateTimeField(),
)


class Asked:
    """What the address asks for; odd values are left out. A person who does not exist leads nothing."""

    def __init__(self, query, user, *, now):
        def one_of(name, known, default=""):
            value = query.get(name, "")
            return value if value in known else default

        self.user, self.now = user, now
        self.state = one_of("state", STATES, "unresolved")
        self.due = one_of("due", DUES)
        self.severity = one_of("severity", Concern.Severity.values)
        self.cause = one_of("cause", Concern.CauseKind.values)
        self.again = "yes" if query.get("again") == "yes" else ""
        self.sort = one_of("sort", SORTS, "due")
        self.q = query.get("q", "").replace("\0", "").strip()[:200]
        self.owner = query.get("owner", "")[:16].replace("\0", "")

    @property
    def is_filtered(self):
        return bool(self.due or self.severity or self.cause or self.again or self.q or self.owner) or (
            self.state != "unresolved"
        )

    def concerns(self):
        """The concerns asked for, in their order."""
        found = self._in_state(Concern.objects.visible_to(self.user))
        if self.due == "overdue":
            found = found.overdue(self.now)
        elif self.due == "no_date":
            found = found.filter(state=Concern.State.OPEN)
        elif self.due == "escalated":
            found = found.unresolved().filter(escalated_at__isnull=False)
        if self.severity:
            found = found.filter(severity=self.severity)
        if self.cause:
            found = found.filter(cause_kind=self.cause)
        if self.again:
            found = found.filter(recurrence_of__isnull=False)
        if self.owner:
            found = found.led_by(User.objects.filter(pk=self.user.pk) if self.owner == "me" else self._named())
        for word in searchable(self.q).split():
            found = found.filter(Q(client__search_text__contains=word) | Q(what_happened__icontains=word))
        return self._sorted(found)

    def _in_state(self, found):
        if self.state == "unresolved":
            return found.unresolved()
        return found if self.state == "all" else found.filter(state=self.state)

    def _named(self):
        return User.objects.filter(public_id=self.owner)

    def _sorted(self, found):
        key, down = self.sort.lstrip("-"), self.sort.startswith("-")
        order = {
            "due": NEXT,
            "client": F("client__search_text"),
            "opened": F("opened_at"),
            "owner": Coalesce("lead__name", "client__owner__name"),
            "severity": HEAVY,
        }[key]
        order = order.desc() if down else order.asc()
        return found.order_by(order, "-opened_at", "-pk")

    @property
    def owner_options(self):
        """Everybody who leads one that this reader may see."""
        own = Client.objects.visible_to(self.user).filter(concerns__isnull=False)
        led = Q(pk__in=own.values("owner")) | Q(pk__in=Concern.objects.visible_to(self.user).values("lead"))
        owners = User.objects.filter(led).order_by("name", "pk").values_list("public_id", "name")[:200]
        return select_options(owners, self.owner)


def tallies(user, *, now):
    """How many are open, overdue, came back."""
    found = Concern.objects.visible_to(user).unresolved().order_by()
    counted = found.aggregate(open=Count("pk"), again=Count("pk", filter=Q(recurrence_of__isnull=False)))
    return {**counted, "overdue": Concern.objects.visible_to(user).overdue(now).count()}


# -------------------------------------------------------------------- as a table


class _Echo:
    def write(self, line):
        return line


def csv_lines(asked):
    """The list as it is filtered, as CSV that spreadsheets read as UTF-8; written while it is read."""
    writer = csv.writer(_Echo())
    heads = [
        _g("Client"), _g("What happened"), _g("State"), _g("How it stands"), _g("Severity"), _g("How we know"),
        _g("Cause"), _g("Led by"), _g("Opened"), _g("First contact due"), _g("Talk due"), _g("Talk"), _g("Resolved"),
        _g("Cleared up"), _g("Came back"),
    ]  # fmt: skip
    yield "\ufeff" + writer.writerow(heads)
    for concern in asked.concerns().with_people().prefetch_related(*ABSENCES).iterator(chunk_size=500):
        yield writer.writerow([defused(cell) for cell in _row(concern, asked.now)])


ABSENCES = ("lead__absences", "client__owner__absences")


def _row(concern, now):
    return [
        concern.client.name, concern.what_happened, concern.get_state_display(), standing(concern, now=now).words,
        concern.get_severity_display(), concern.get_origin_display(), concern.get_cause_kind_display(),
        concern.leader.name, _stamp(concern.opened_at), _stamp(concern.contact_due_at), _stamp(concern.talk_due_at),
        _stamp(concern.talk_at), _stamp(concern.resolved_at), concern.get_cleared_display(),
        _g("yes") if concern.is_recurrence else "",
    ]  # fmt: skip


def _stamp(moment):
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
