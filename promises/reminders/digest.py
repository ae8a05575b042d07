"""What one person reads today: the digest, and the desk where everything for many of them is read at once."""

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q

from accounts.models import Role, User, Workspace
from clients.models import Client
from promises.models import Promise, Reminder
from promises.reminders.at_once import is_away
from promises.reminders.rules import Day, Name, look_ahead, words_for_manager, words_for_owner
from promises.reminders.sections import Shelf

log = logging.getLogger(__name__)


@dataclass
class Digest:
    """Sections of promises. Late and due ones are listed while they are; `fresh` are the words that make a mail.

    `rooms` are the sections of other rooms, [(section, lines)…], and `fresh_lines` those of their lines that do so too.
    """

    user: User
    today: object
    late: list = field(default_factory=list)
    due: list = field(default_factory=list)
    early: list = field(default_factory=list)
    back: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    unanswered: list = field(default_factory=list)
    escalated: list = field(default_factory=list)
    fresh: list = field(default_factory=list)
    rooms: list = field(default_factory=list)
    fresh_lines: list = field(default_factory=list)
    listed: set = field(default_factory=set)  # a deputy who is a manager too reads of a promise once

    @property
    def is_empty(self):
        return not (self.fresh or self.fresh_lines)

    @property
    def everything(self):
        """Each promise once, in the order of the sections."""
        return [promise for _section, promises in self.sections for promise in promises]

    @property
    def sections(self):
        names = ("late", "due", "early", "back", "waiting", "unanswered", "escalated")
        return [(name, getattr(self, name)) for name in names if getattr(self, name)]

    @property
    def about(self):
        lines = [line.text for _section, lines in self.rooms for line in lines]
        return ", ".join(what[:60] for what in [*(promise.what for promise in self.everything), *lines][:3])


# The section of a word that is said once; late and due promises are listed by how they stand.
SECTION = {Name.ON_TRACK: "early", Name.NO_WORD: "waiting", Name.ANSWER_BY: "unanswered", Name.ESCALATED: "escalated"}


class Desk:
    """Everything to write the digests of some people at one moment, read in a handful of queries however many."""

    def __init__(self, readers, *, now, workspace=None):
        self.now = now
        self.workspace = workspace or Workspace.remembered()
        self.readers = list(readers)
        self.read_for = self._whose_promises()
        owners = {person.pk for people in self.read_for.values() for person in people}
        found = _worth_a_word(owners, now=now, workspace=self.workspace)
        self.promises = defaultdict(list)
        for promise in found.with_calendars().order_by("due_at", "pk"):
            self.promises[promise.owner_id].append(promise)
        self.escalating = self._late_for_days()
        self.said = self._said(found)
        self.shelf = Shelf(self.read_for, now=now)

    def digest_of(self, user, *, of_mail=None):
        """The digest as things stand. Fresh is what was never said; for a mail, which of its words still stand."""
        day = Day(user, user.calendar(), self.now, self.workspace)
        digest = Digest(user=user, today=day.today)
        said = self.said[user.pk]
        for promise in self._visible(user, [p for who in self.read_for[user.pk] for p in self.promises[who.pk]]):
            words = _words(words_for_owner, promise, day)
            self._sort_in(digest, promise, words, day, said, of_mail)
        if user.pk in self.hearing:
            for promise in self._visible(user, self.escalating):
                words = _words(words_for_manager, promise, day)
                self._sort_in(digest, promise, words, day, said, of_mail, listed=False)
        for section, lines, fresh in self.shelf.lines_of(user, of_mail=of_mail):
            digest.rooms.append((section, lines))
            digest.fresh_lines += fresh
        return digest

    def _sort_in(self, digest, promise, words, day, said, of_mail, *, listed=True):
        """Put a promise where it belongs today, once."""
        section = ""
        if listed and promise.is_active:
            section = "late" if promise.is_overdue(day.now) else ""
        for word in words:
            is_fresh = said.get(word.key) == of_mail if of_mail else word.key not in said
            if is_fresh:
                digest.fresh.append(word)
            if word.rule == Name.DUE:
                section = "due"
            elif is_fresh and not section and word.rule in SECTION:
                back = word.rule == Name.ON_TRACK and word.about_at == promise.snoozed_until
                section = "back" if back else SECTION[word.rule]
        if section and promise.pk not in digest.listed:
            digest.listed.add(promise.pk)
            getattr(digest, section).append(promise)

    def _whose_promises(self):
        """By reader: themselves, and the colleagues they stand in for today."""
        found = {reader.pk: [reader] for reader in self.readers}
        for colleague in User.objects.active().filter(deputy__in=found).prefetch_related("absences"):
            if is_away(colleague, self.now):
                found[colleague.deputy_id].append(colleague)
        return found

    def _late_for_days(self):
        """The late promises of the firm that managers may have to hear of; none when no reader is one."""
        self.hearing = _who_hears_of_the_team(self.read_for)
        if not self.hearing:
            return []
        least = min(self.workspace.manager_after_days, self.workspace.manager_after_days_critical)
        late = Promise.objects.overdue(self.now - timedelta(days=least - 1)).ours()
        return list(late.with_people().order_by("due_at", "pk"))

    def _said(self, found):
        """By reader: the key of every word said to them, and the mail it was said in."""
        about = found.values("pk")
        late = Promise.objects.overdue(self.now).values("pk")
        rows = Reminder.objects.filter(to__in=[user.pk for user in self.readers])
        rows = rows.filter(Q(promise__in=about) | Q(promise__in=late, rule=Name.ESCALATED))
        said = defaultdict(dict)
        for to, promise, rule, about_at, email in rows.values_list("to", "promise", "rule", "about_at", "email"):
            said[to][promise, rule, about_at] = email
        return said

    def _visible(self, user, promises):
        """Without those of clients this reader may not see, asked of the one place that knows."""
        closed = {
            promise.client_id
            for promise in promises
            if promise.client.visibility == Client.Visibility.TEAM_ONLY and promise.client.owner_id != user.pk
        }
        if not closed or user.is_manager:
            return promises
        hidden = set(Client.objects.hidden_from(user).filter(pk__in=closed).values_list("pk", flat=True))
        return [promise for promise in promises if promise.client_id not in hidden]


def _words(rules, promise, day):
    """What the rules say of one promise; one that cannot be read never takes the others' words away."""
    try:
        return list(rules(promise, day))
    except Exception:
        log.exception("The rules failed for promise %s", promise.pk)
        return []


def _who_hears_of_the_team(read_for):
    """Managers, and who reads for one; administrators where the firm has no manager."""
    of_role = {
        role: {reader for reader, people in read_for.items() if any(person.role == role for person in people)}
        for role in (Role.MANAGER, Role.ADMINISTRATOR)
    }
    if of_role[Role.ADMINISTRATOR] and not User.objects.active().filter(role=Role.MANAGER).exists():
        return of_role[Role.ADMINISTRATOR]
    return of_role[Role.MANAGER]


def _worth_a_word(owners, *, now, workspace):
    """The promises of these people that may need one: no rule looks further ahead or at a younger offer."""
    is_active = Q(state=Promise.State.ACTIVE, due_at__lt=now + look_ahead(workspace))
    is_offer = Q(state=Promise.State.PROPOSED) & (
        Q(answer_by__lte=now.date()) | Q(created_at__lt=now - timedelta(days=workspace.answer_within_days - 1))
    )
    asked = is_active | Q(state=Promise.State.DELIVERED) | is_offer
    return Promise.objects.filter(asked, owner__in=owners, state__in=Promise.OPEN)
