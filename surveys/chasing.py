"""Asking for beliefs and asking again: the words of the digest, a manager's reminder, and who is missing.

Who owes a belief hears when it is asked for and at most three times more: some working days before the day, on it, and
the working day after it. Then the manager who runs the round reads who is missing. Values are nobody's but their own.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.quick import date_format
from outbox import frame
from outbox.kinds import Message
from outbox.links import absolute
from outbox.models import Email
from promises.models import DigestWord
from promises.reminders.sections import Line
from surveys.asking import ASKING
from surveys.days import firm_calendar
from surveys.models import Belief, Round, RoundMail

REMINDER = "surveys.beliefs"
BEFORE = 2  # working days before the day, for the first of the three
ASKED, SOON, TODAY, LATE = range(4)


# -------------------------------------------------------------------- when


def due_day(round, calendar):
    """The day beliefs are to be recorded by, or the day invitations go out; None when there is neither."""
    return round.beliefs_due_on or (round.opens_at and calendar.local_date(round.opens_at))


def stage(round, *, today, calendar):
    """Which word it is time for; after an outage only the latest."""
    due = due_day(round, calendar)
    if due is None:
        return ASKED
    morning = due if calendar.is_working_day(due) else calendar.working_day_after(due, -1)
    if today >= calendar.working_day_after(due):
        return LATE
    if today >= morning:
        return TODAY
    return SOON if today >= calendar.working_day_after(morning, -BEFORE) else ASKED


def is_managers_turn(round, *, today, calendar):
    """The three words are said, and a working day has passed."""
    due = due_day(round, calendar)
    return due is not None and today >= calendar.working_day_after(due, 2)


# -------------------------------------------------------------------- what the digest says


def lines(readers, now):
    """To each who is asked, one line a round: “6 clients to judge before 1 December”."""
    calendar = firm_calendar()
    today = calendar.local_date(now)
    rows = Belief.objects.to_judge().filter(user__in=readers).order_by().values("round", "user")
    counts = rows.annotate(
        required_left=Count("pk", filter=Q(required=True)), advised_left=Count("pk", filter=Q(required=False))
    )
    counts = list(counts.order_by("round", "user"))
    rounds = Round.objects.in_bulk({row["round"] for row in counts})
    found = defaultdict(list)
    for row in counts:
        round = rounds[row["round"]]
        left, advised = row["required_left"], row["advised_left"]
        at = stage(round, today=today, calendar=calendar) if left else ASKED
        found[row["user"]].append(
            Line(
                key=f"belief:{round.pk}:{at}",
                text=_in_words(left, advised, at, due_day(round, calendar)),
                who=_beside(round, left, advised),
                href=reverse("beliefs"),
                tone="late" if at == LATE else "soon" if at == TODAY else "",
                stays=bool(left),
            )
        )
    return found


def counted(lines):
    """For the subject of the digest."""
    return lines[0].text if len(lines) == 1 else _("beliefs to record in %d rounds") % len(lines)


def _in_words(left, advised, at, due):
    if not left:
        return (
            ngettext("%(n)d client to judge, if you like", "%(n)d clients to judge, if you like", advised)
            % {"n": advised}
        )  # fmt: skip
    known = {"n": left, "day": _day(due) if due else ""}
    if due is None:
        return ngettext("%(n)d client to judge", "%(n)d clients to judge", left) % known
    if at == LATE:
        return (
            ngettext("%(n)d client to judge, due since %(day)s", "%(n)d clients to judge, due since %(day)s", left)
            % known
        )
    if at == TODAY:
        return ngettext("%(n)d client to judge by %(day)s", "%(n)d clients to judge by %(day)s", left) % known
    return ngettext("%(n)d client to judge before %(day)s", "%(n)d clients to judge before %(day)s", left) % known


def _beside(round, left, advised):
    more = ngettext("%d more as part of a team, if you like", "%d more as part of a team, if you like", advised)
    return ", ".join([round.name, more % advised] if left and advised else [round.name])


def _day(day):
    return date_format(day, "j F")


def missing_lines(readers, now):
    """To who runs a round: how many beliefs are missing, once nobody is reminded any more."""
    calendar = firm_calendar()
    today = calendar.local_date(now)
    managers = [reader for reader in readers if reader.is_manager]
    if not managers:
        return {}
    late = [
        round
        for round in Round.objects.filter(state__in=ASKING).select_related("created_by")
        if is_managers_turn(round, today=today, calendar=calendar)
    ]
    left = Belief.objects.to_judge().filter(round__in=late, required=True).order_by().values("round")
    counts = {
        row["round"]: row
        for row in left.annotate(beliefs=Count("pk"), people=Count("user", distinct=True)).order_by("round")
    }
    found = defaultdict(list)
    for round in late:
        if round.pk not in counts:
            continue
        row = counts[round.pk]
        line = Line(
            key=f"beliefs-missing:{round.pk}",
            text=ngettext(
                "%(n)d belief is missing", "%(n)d beliefs are missing", row["beliefs"]
            ) % {"n": row["beliefs"]},
            who=ngettext("%(round)s, from %(n)d person", "%(round)s, from %(n)d people", row["people"])
            % {"round": round.name, "n": row["people"]},
            href=reverse("survey_beliefs", args=[round.public_id]),
            tone="late",
            stays=True,
        )  # fmt: skip
        for manager in managers:
            if runs(manager, round):
                found[manager.pk].append(line)
    return found


def runs(user, round):
    """Who began a round runs it; every manager, when that one is here no more."""
    begun_by = round.created_by
    return user == begun_by if begun_by.is_active and begun_by.is_manager else user.is_manager


# -------------------------------------------------------------------- who is missing


@dataclass
class Person:
    """One of us a round asks, as managers see them: how many, never what."""

    user: User
    required: int = 0
    recorded: int = 0
    left: int = 0
    advised: int = 0
    advised_recorded: int = 0
    said_on: date | None = None  # the last word to them
    said_today: bool = False
    clients: list = field(default_factory=list)  # Belief rows still to record, without values


def people_asked(round):
    """[User] a round asks, those who still owe most first, with the counts; for a paginator."""
    mine = Q(beliefs__round=round)
    left = mine & Q(beliefs__recorded_at=None, beliefs__required=True, beliefs__sealed_at=None, beliefs__let_go_at=None)
    return (
        User.objects.filter(mine)
        .annotate(
            b_required=Count("beliefs", filter=mine & Q(beliefs__required=True)),
            b_recorded=Count("beliefs", filter=mine & Q(beliefs__required=True, beliefs__recorded_at__isnull=False)),
            b_left=Count("beliefs", filter=left),
            b_advised=Count("beliefs", filter=mine & Q(beliefs__required=False)),
            b_advised_recorded=Count(
                "beliefs", filter=mine & Q(beliefs__required=False, beliefs__recorded_at__isnull=False)
            ),
        )
        .order_by("-b_left", "name", "pk")
    )


def as_people(round, users, *, now):
    """The Person of each of these users, in a handful of queries."""
    users = list(users)
    rows = round.beliefs.to_judge().filter(user__in=users, required=True, let_go_at=None)
    rows = rows.select_related("client").defer("values", "note").order_by("client__search_text", "pk")
    waiting = defaultdict(list)
    for row in rows:
        waiting[row.user_id].append(row)
    words = _last_words(round, users)
    found = []
    for user in users:
        said = words.get(user.pk)
        found.append(
            Person(
                user,
                required=user.b_required,
                recorded=user.b_recorded,
                left=user.b_left,
                advised=user.b_advised,
                advised_recorded=user.b_advised_recorded,
                said_on=said.astimezone(user.zone).date() if said else None,
                said_today=bool(said) and _same_day(said, now, user),
                clients=waiting[user.pk],
            )
        )
    return found


def _last_words(round, users):
    """{user pk: when they last heard that beliefs are asked of them}, by digest or by a manager's reminder."""
    said = DigestWord.objects.filter(to__in=users, key__startswith=f"belief:{round.pk}:")
    mails = RoundMail.objects.filter(round=round, user__in=users, email__kind=REMINDER).annotate(
        said_at=F("email__created_at")
    )
    found = {}
    for rows in (said.values_list("to", "said_at"), mails.values_list("user", "said_at")):
        for pk, at in rows:
            found[pk] = max(at, found.get(pk, at))
    return found


def _same_day(one, other, user):
    return one.astimezone(user.zone).date() == other.astimezone(user.zone).date()


@transaction.atomic
def remind(round, user, *, now):
    """A manager’s word to one of us, at once; one a day at most, the digest’s counted. True when it was written."""
    round_is_asking = Round.objects.filter(pk=round.pk, state__in=ASKING).exists()
    left = round.beliefs.to_judge().filter(user=user, required=True).count()
    said = _last_words(round, [user]).get(user.pk)
    if not (round_is_asking and left) or (said and _same_day(said, now, user)):
        return False
    with translation.override(user.language):
        subject = _subject(round, left, now)
    email, created = Email.objects.queue(
        kind=REMINDER,
        key=f"{REMINDER}:{round.pk}:{user.pk}:{now.astimezone(user.zone).date()}",
        to=user.email,
        to_name=user.name,
        subject=subject,
        about=round.name,
    )
    if created:
        RoundMail.objects.create(round=round, email=email, user=user)
    return created


def _subject(round, left, now):
    calendar = firm_calendar()
    at = stage(round, today=calendar.local_date(now), calendar=calendar)
    return _in_words(left, 0, at, due_day(round, calendar))


def still_wanted(email, now):
    mail = email.round_mail
    if not mail.user.is_active:
        return _("This person is not here any more.")
    if not mail.round.beliefs.to_judge().filter(user=mail.user, required=True).exists():
        return _("Everything was recorded in the meantime.")
    return ""


def render(email):
    mail = email.round_mail
    user, round = mail.user, mail.round
    with translation.override(user.language), timezone.override(user.zone):
        rows = round.beliefs.to_judge().filter(user=user, required=True).select_related("client")
        rows = list(rows.order_by("client__search_text", "pk"))
        title = _subject(round, len(rows), timezone.now())
        why = _("Before clients are asked, we write down what we think they will answer. It takes a minute for each.")
        blocks = [
            frame.heading(title, round.name),
            frame.paragraph(why),
            frame.rows(_("Still to judge"), [_client_row(row) for row in rows[:10]]),
            frame.button(_("Record what I believe"), absolute(reverse("beliefs"))),
        ]
        html = frame.frame(title, round.name, *blocks, language=user.language)
        return Message(title, frame.text(*blocks), str(html), headers={"Auto-Submitted": "auto-generated"})


def _client_row(belief):
    return frame.row(belief.client.name, href=absolute(belief.get_absolute_url()))
