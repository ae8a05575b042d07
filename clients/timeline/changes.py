"""What became of the record itself, out of the history tables: owner, stage, team, people who left, merges."""

from collections import namedtuple

from django.db.models import BigIntegerField, Case, CharField, F, Q, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.prepared import prepared
from accounts.remembered import FOUND
from clients.merging import secrets
from clients.models import Client, Contact, Merge, TeamMember
from clients.timeline.asking import key_of
from clients.timeline.entries import Entry, Later

MOST = 1000  # of one client; what is older stands on its history page
CLIENT, TEAM, LEFT, MERGED, UNDONE = "c", "t", "l", "m", "u"

Row = namedtuple("Row", "letter at number act who_id who one two three four")


def changes(client, user, asked):
    """“Elaine Marsh · archived”, “Rosa Delgado no longer works there”, each one grey line."""

    def entries(rows):
        rows = [Row(*row) for row in rows]
        if any(row.letter == UNDONE for row in rows):
            rows = list(_readable(rows, secrets.of_client(client, user)))
        told = _entries(rows, client, asked)
        return asked.few([entry for entry in told if asked.holds(entry.actor, entry.words)])

    return Later((_rows.question(client),), entries)


@prepared
def _rows(client):
    """All these tables in one query; few rows each, for one client."""
    lives = _part(
        Client.history.filter(id=client.pk), CLIENT, at="history_date", number="history_id", act=F("history_type"),
        who="history_user", one=F("owner__name"), two=F("stage"), three=F("visibility"),
        four=Case(When(archived_at=None, then=Value("")), default=Value("archived")),
    )  # fmt: skip
    joined = TeamMember.history.filter(client=client.pk).exclude(history_change_reason=FOUND)
    team = _part(
        joined, TEAM, at="history_date", number="history_id",
        act=F("history_type"), who="history_user", one=F("user__name"), two=F("part"), three=F("user_id"),
    )  # fmt: skip
    left = _part(
        Contact.objects.filter(client=client.pk, left_at__isnull=False, deleted_at=None, merged_into=None), LEFT,
        at="left_at", number="id", one=F("name"), two=F("public_id"),
    )  # fmt: skip
    merges = _part(
        Merge.objects.filter(kept_client=client.pk, undone_at=None), MERGED, at="at", number="id", who="by",
        one=F("gone_client__name"),
    )  # fmt: skip
    undone = _part(
        Merge.objects.filter(Q(kept_client=client.pk) | Q(gone_client=client.pk), undone_at__isnull=False), UNDONE,
        at="at", number="id",
    )  # fmt: skip
    return lives.union(team, left, merges, undone, all=True).order_by("-c_at", "-c_number")[:MOST]


def _readable(rows, secret):
    """Without what the client was while it was one with something this person may not see, and who came with that."""
    passing = secret.rows.get("clients.TeamMember", ())
    passed = set(TeamMember.history.filter(id__in=passing).values_list("history_id", flat=True)) if passing else ()
    for row in rows:
        if row.letter == TEAM and row.number in passed:
            continue
        if row.letter not in (CLIENT, TEAM) or not secret.hides(row.at):
            yield row


def _part(found, letter, *, at, number, who="", **texts):
    columns = {
        "letter": Value(letter),
        "at": F(at),
        "number": Cast(F(number), BigIntegerField()),
        "act": texts.pop("act", Value("")),
        "who_id": Cast(F(f"{who}_id") if who else Value(None), BigIntegerField()),
        "who": F(f"{who}__name") if who else Value(""),
        **{name: texts.get(name, Value("")) for name in ("one", "two", "three", "four")},
    }
    texts = ("letter", "act", "who", "one", "two", "three", "four")
    columns = {name: Cast(value, CharField()) if name in texts else value for name, value in columns.items()}
    columns = {f"c_{name}": value for name, value in columns.items()}
    return found.order_by().annotate(**columns).values_list(*columns)


def _entries(rows, client, asked):
    whom = asked.colleague
    for row in rows:
        if row.letter == LEFT and not whom and (not asked.contact or asked.contact.public_id == row.two):
            yield _entry(row, "log-out", _("no longer works there"), actor=row.one)
        elif asked.contact:
            continue
        elif row.letter == TEAM and (not whom or whom.pk == row.who_id or str(whom.pk) == row.three):
            yield _team(row)
        elif row.letter == MERGED and (not whom or whom.pk == row.who_id):
            yield _entry(row, "merge", _("merged %(name)s into this client") % {"name": row.one})
    lives = [] if asked.contact else [row for row in rows if row.letter == CLIENT]
    for row, before in zip(lives, [*lives[1:], None], strict=False):
        handed = before and row.one != before.one and whom and whom.name in (row.one, before.one)
        if not whom or whom.pk == row.who_id or handed:
            yield from _life(row, before, client)


def _life(row, before, client):
    if row.act == "+":
        if row.who:  # an import adds thousands, and says so elsewhere
            yield _entry(row, "plus", _("added %(name)s") % {"name": client.name})
    elif before:
        yield from _turns(row, before)


def _turns(row, before):
    """One line for everything that was changed at once."""
    told, mark = [], "history"
    if row.one != before.one:
        mark = "user-check"
        told.append(_("handed over from %(old)s to %(new)s") % {"old": before.one, "new": row.one})
    if row.two != before.two:
        stages = dict(Client.Stage.choices)
        known = {"old": stages.get(before.two, before.two), "new": stages.get(row.two, row.two)}
        told.append(_("stage changed from %(old)s to %(new)s") % known)
    if row.three != before.three:
        told.append(_("made team only") if row.three == Client.Visibility.TEAM_ONLY else _("opened to everyone here"))
    if row.four != before.four:
        mark = "archive" if row.four else "archive-restore"
        told.append(_("archived") if row.four else _("brought back"))
    if told:
        words = "; ".join(map(str, told))
        yield _entry(row, mark, f"· {words}" if row.who else words[:1].upper() + words[1:])


def _team(row):
    part = dict(TeamMember.Part.choices).get(row.two, row.two)
    known = {"name": row.one, "part": str(part).lower()}
    words = {
        "+": _("%(name)s joined the client team (%(part)s)"),
        "-": _("%(name)s left the client team"),
    }.get(row.act) or _("%(name)s plays another part now: %(part)s")
    return _entry(row, "users-round", f"· {words % known}" if row.who else words % known)


def _entry(row, mark, words, *, actor=""):
    return Entry(
        at=row.at,
        key=key_of(row.letter, row.number),
        mark=mark,
        actor=actor or row.who or "",
        words=words,
        system=True,
    )
