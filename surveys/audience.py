"""Whom a round asks: contacts found by a filter, ticked one by one, page by page, or all at once."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact
from surveys.models import Invitation, NotPossibleNow, Round

OK = Contact.MailState.OK
NOT_SURVEYED = Contact.SurveyPart.NOT_SURVEYED
CHANGEABLE = [Round.State.DRAFT, Round.State.BELIEFS]
BATCH = 2000
LATELY_DAYS = 90
MOST_OFFERED = 300  # values of one filter; nobody reads a longer list
LATELY = [
    ("", _("left out: within 90 days")),
    ("30", _("left out: within 30 days")),
    ("180", _("left out: within 180 days")),
    ("none", _("asked all the same")),
]


@dataclass(frozen=True)
class LeftOut:
    """People who match but cannot be asked, with one reason."""

    reason: str
    count: int
    query: str


class HasTag(Func):
    """Is this word among a client’s tags? A JSON list, on both databases."""

    output_field = BooleanField()

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(
            compiler,
            connection,
            template="EXISTS(SELECT 1 FROM json_each(%(expressions)s)",
            arg_joiner=") WHERE value = ",
        )

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(
            compiler, connection, template="(%(expressions)s::text))", arg_joiner=" @> jsonb_build_array("
        )


# -------------------------------------------------------------------- who matches


def matching(filters):
    """Contacts at clients of ours that match; keys as the filter form names them, all optional."""
    clients = Client.objects.current()
    for field in ("stage", "kind", "value_band", "country"):
        if filters.get(field):
            clients = clients.filter(**{field: filters[field]})
    if filters.get("owner"):
        clients = clients.filter(owner__public_id=filters["owner"])
    if filters.get("tag"):
        clients = clients.filter(HasTag(F("tags"), Value(filters["tag"])))
    found = Contact.objects.current()
    if words := filters.get("words"):
        everybody = Client.objects.current().search(words).values("pk")
        named = found.search(words).values("pk")
        found = found.filter(Q(client__in=everybody) | Q(pk__in=named))
    found = found.filter(client__in=clients)
    for field, name in (("survey_part", "part"), ("language", "language")):
        if filters.get(name):
            found = found.filter(**{field: filters[name]})
    return found.select_related("client__owner").order_by("client__search_text", "client_id", "name", "pk")


def offered():
    """{filter: [(value, words)]} of what our clients’ records hold; three queries."""
    clients = Client.objects.current()
    countries = clients.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
    languages = Contact.objects.current().order_by("language").values_list("language", flat=True).distinct()
    tags = sorted({tag for tags in clients.exclude(tags=[]).values_list("tags", flat=True) for tag in tags})
    return {
        "country": [(name, name) for name in countries[:MOST_OFFERED]],
        "language": [(code, language_name(code)) for code in languages[:MOST_OFFERED]],
        "tag": [(tag, tag) for tag in tags[:MOST_OFFERED]],
    }


def language_name(code):
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


# -------------------------------------------------------------------- who of them can be asked


def can_be_asked(contacts):
    return contacts.filter(mail_state=OK).exclude(email="").exclude(survey_part=NOT_SURVEYED)


def lately_days(filters):
    """Who was asked in another round within so many days is left out; 0 for nobody."""
    chosen = str(filters.get("lately") or LATELY_DAYS)
    return int(chosen) if chosen.isdecimal() else 0


def asked_lately(round, *, days, now):
    """Was this contact asked in another round within so many days? A condition for contacts."""
    if not days:
        return Exists(Invitation.objects.none())
    since = now - timedelta(days=days)
    return Exists(Invitation.objects.filter(contact=OuterRef("pk"), queued_at__gte=since).exclude(round=round))


REASONS = {
    "no_email": (_("no e-mail"), Q(email="") & ~Q(survey_part=NOT_SURVEYED)),
    "not_surveyed": (_("not asked in surveys"), Q(survey_part=NOT_SURVEYED)),
    "unsubscribed": (
        _("asked us to stop"),
        Q(mail_state=Contact.MailState.UNSUBSCRIBED) & ~Q(email="") & ~Q(survey_part=NOT_SURVEYED),
    ),
    "bounced": (
        _("their mail comes back"),
        Q(mail_state=Contact.MailState.BOUNCED) & ~Q(email="") & ~Q(survey_part=NOT_SURVEYED),
    ),
}
ASKABLE = Q(mail_state=OK) & ~Q(email="") & ~Q(survey_part=NOT_SURVEYED)
CHOICES = [*((key, words) for key, (words, _q) in REASONS.items()), ("lately", _("asked lately"))]


def left_out(contacts, *, lately=None, days=LATELY_DAYS):
    """Who of these is not asked, counted by reason; one query. `lately` is the condition of `asked_lately`."""
    conditions = {key: q for key, (_reason, q) in REASONS.items()}
    if lately is not None:
        contacts = contacts.annotate(lately=lately)
        conditions["lately"] = ASKABLE & Q(lately=True)
    counts = contacts.order_by().aggregate(**{f"n_{key}": Count("pk", filter=q) for key, q in conditions.items()})
    words = {key: reason for key, (reason, _q) in REASONS.items()}
    words["lately"] = _("asked within %(days)d days") % {"days": days}
    return [LeftOut(words[key], counts[f"n_{key}"], key) for key in conditions if counts[f"n_{key}"]]


def only_left_out(contacts, key, *, lately):
    """Those of these who are left out for one reason."""
    if key == "lately":
        return contacts.filter(ASKABLE).filter(lately)
    return contacts.filter(REASONS[key][1]) if key in REASONS else contacts


def why_not(contact):
    """Why this person cannot be asked, in words; empty when they can."""
    if contact.survey_part == NOT_SURVEYED:
        return REASONS["not_surveyed"][0]
    if not contact.email:
        return REASONS["no_email"][0]
    return "" if contact.mail_state == OK else REASONS[contact.mail_state][0]


def with_ticks(contacts, round):
    """The contacts with `asked`: are they in the round’s list?"""
    return contacts.annotate(asked=Exists(Invitation.objects.filter(round=round, contact=OuterRef("pk"))))


def elsewhere(contacts):
    """{contact pk: [client name]} of other clients that have the same address; one query."""
    addresses = {contact.email for contact in contacts if contact.email}
    others = Contact.objects.current().filter(email__in=addresses, client__archived_at=None)
    there = {}
    for email, client, name in others.order_by("client__search_text").values_list("email", "client_id", "client__name"):
        there.setdefault(email, []).append((client, name))
    return {
        contact.pk: [name for client, name in there.get(contact.email, []) if client != contact.client_id]
        for contact in contacts
    }


# -------------------------------------------------------------------- the list


@transaction.atomic
def add(round, contacts, *, lately=0, now=None):
    """Puts those who can be asked on the list, without those asked elsewhere within `lately` days.

    Returns how many were new.
    """
    _lock(round)
    wanted = can_be_asked(contacts)
    if lately:
        wanted = wanted.filter(~asked_lately(round, days=lately, now=now or timezone.now()))
    missing = wanted.order_by().filter(~Exists(round.invitations.filter(contact=OuterRef("pk"))))
    if connection.vendor == "postgresql":
        return _insert(round, missing)
    before = round.invitations.count()
    rows = (
        Invitation(round=round, client_id=client, contact_id=pk)
        for pk, client in missing.order_by("pk").values_list("pk", "client")
    )
    Invitation.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return round.invitations.count() - before


def _insert(round, contacts):
    """All at once, inside the database."""
    try:
        found, params = contacts.select_related(None).values_list("client_id", "pk").query.sql_with_params()
    except EmptyResultSet:  # nobody, and Django knows it without asking
        return 0
    with connection.cursor() as cursor:
        # Twelve random hexadecimal digits, written without 0 and 1, make the id of each row.
        cursor.execute(
            f"""INSERT INTO surveys_invitation
                (public_id, round_id, client_id, contact_id, state, weight, hold_reason, overdue_reason)
                SELECT 'n_' || translate(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), '01', 'gh'),
                       %s, found.client, found.contact, 'pending', 1, '', ''
                FROM ({found}) AS found (client, contact) ORDER BY found.contact
                ON CONFLICT (round_id, contact_id) DO NOTHING""",  # noqa: S608  the query is Django's own
            [round.pk, *params],
        )
        return cursor.rowcount


@transaction.atomic
def remove(round, contacts):
    """Takes people off the list. Returns how many were on it."""
    _lock(round)
    return round.invitations.filter(contact__in=contacts.order_by().values("pk")).delete()[0]


@transaction.atomic
def tick(round, *, shown, ticked):
    """What one page of the list says: of the people shown, exactly the ticked ones are asked."""
    added = add(round, Contact.objects.filter(public_id__in=ticked).filter(public_id__in=shown))
    gone = remove(round, Contact.objects.filter(public_id__in=set(shown) - set(ticked)))
    return added, gone


@transaction.atomic
def set_parts(parts):
    """{public id: (part as shown, part as chosen)}: changes those that are still as shown. Returns how many."""
    wanted = {key: pair for key, pair in parts.items() if pair[0] != pair[1] and pair[1] in Contact.SurveyPart.values}
    changed = 0
    for contact in Contact.objects.select_for_update(of=("self",)).filter(public_id__in=wanted):
        before, after = wanted[contact.public_id]
        if contact.survey_part == before:
            contact.survey_part, contact.version = after, contact.version + 1
            contact.save(update_fields=["survey_part", "version"])
            changed += 1
    return changed


def _lock(round):
    """The list changes only while nothing has been sent."""
    if not Round.objects.select_for_update().filter(pk=round.pk, state__in=CHANGEABLE).exists():
        raise NotPossibleNow(round)
