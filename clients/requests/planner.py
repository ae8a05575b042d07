"""What the clock does with requests: says when the time runs out, flags what is overdue, tells a manager.

Each row is claimed once; of several found in one run everybody gets one mail. What is found long afterwards, because
the program stood still, is said once as it stands now, and not one mail for each moment that was missed.
"""

import hashlib
import logging
from collections import defaultdict
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Role, User, Workspace
from accounts.quiet import quiet_until
from clients.models import Request, RequestEvent, RequestMail
from clients.requests import clock
from clients.requests.mails import KINDS, subject_of
from clients.requests.who import can_take, is_away, stand_in
from outbox.models import Email

log = logging.getLogger(__name__)

BATCH = 200
Kind = RequestEvent.Kind
STALE = timedelta(days=1)  # after that the digest says it


def plan(now):
    """Everything that is due to be said at this moment. Safe to run twice, late, and beside itself."""
    with Workspace.remembering():
        workspace = Workspace.remembered()
        done = flag_overdue(now, workspace)
        done += tell_managers(now, workspace)
        done += warn(now, workspace)
    return done


def flag_overdue(now, workspace):
    found = Request.objects.overdue(now).filter(overdue_flagged_at=None)
    return _each(
        found,
        lambda it: True,
        lambda it: _claim(it, now, overdue_flagged_at=now, soon_flagged_at=it.soon_flagged_at or now),
        Kind.OVERDUE,
        lambda it: who_hears_it_is_over(it, now),
        now=now,
        workspace=workspace,
    )


def tell_managers(now, workspace):
    """Those that have been overdue for so many working hours, whoever is away meanwhile."""
    managers = _managers()
    limit = timedelta(hours=workspace.answer_manager_hours)

    def is_time(it):
        return it.hours.between(it.answer_due_at, now) >= limit

    found = Request.objects.overdue(now).filter(escalated_at=None)
    return _each(
        found,
        is_time,
        lambda it: _claim(it, now, escalated_at=now),
        Kind.ESCALATED,
        lambda it: [one for one in managers if one.pk != it.assignee_id],
        now=now,
        workspace=workspace,
    )


def warn(now, workspace):
    """Those of whose time so much has gone; the overdue ones have been said already."""
    share = workspace.answer_soon_share

    def is_time(it):
        return clock.soon_at(it.hours, it.waiting_since, it.answer_due_at, share) <= now

    found = Request.objects.waiting().filter(soon_flagged_at=None, answer_due_at__gte=now)
    return _each(
        found,
        is_time,
        lambda it: _claim(it, now, soon_flagged_at=now),
        Kind.SOON,
        lambda it: [stand_in(it.assignee, it.client, now)],
        now=now,
        workspace=workspace,
    )


# -------------------------------------------------------------------- who


def who_hears_it_is_over(it, now):
    """Who answers (or stands in for them), their deputy, and the owner of the client; each once."""
    assignee, owner = it.assignee, it.client.owner
    people = [stand_in(assignee, it.client, now), assignee.deputy, stand_in(owner, it.client, now)]
    found = {one.pk: one for one in people if one and can_take(one, it.client)}
    here = [one for one in found.values() if not is_away(one, now)]
    return here or [one for one in found.values() if one.pk == assignee.pk]


def _managers():
    """Managers; administrators where the firm has none."""
    people = list(User.objects.managers().prefetch_related("absences"))
    return [one for one in people if one.role == Role.MANAGER] or people


# -------------------------------------------------------------------- claiming and writing


def _each(found, is_time, claim, kind, who, *, now, workspace):
    """Claim what is due, in batches; how many. A batch that fails is logged and stops nothing else."""
    found = found.filter(client__archived_at=None).select_related("client__owner__deputy", "assignee__deputy")
    found = found.prefetch_related("assignee__absences", "client__owner__absences").order_by("answer_due_at", "pk")
    due = (it for it in found.iterator(chunk_size=BATCH) if is_time(it))
    done = 0
    while batch := list(islice(due, BATCH)):
        try:
            done += _say(batch, claim, kind, who, now=now, workspace=workspace)
        except Exception:
            log.exception("Saying that requests are %s failed", kind)
    return done


@transaction.atomic
def _say(batch, claim, kind, who, *, now, workspace):
    claimed = [it for it in batch if claim(it)]
    RequestEvent.objects.bulk_create(RequestEvent(request=it, kind=kind, at=now) for it in claimed)
    to, people = defaultdict(list), {}
    for it in claimed:
        for user in who(it):
            people[user.pk] = user
            to[user.pk].append(it)
    for pk, requests in to.items():
        _write(people[pk], requests, kind, now=now, workspace=workspace)
    return len(claimed)


def _claim(it, now, **flags):
    """Whether this run is the one that says it; nobody has answered or moved it meanwhile."""
    unsaid = {name: None for name in flags if getattr(it, name) is None}
    found = Request.objects.waiting().filter(pk=it.pk, answer_due_at=it.answer_due_at, **unsaid)
    return bool(found.update(**flags))


def _write(user, requests, kind, *, now, workspace):
    """One mail to one person about all of these."""
    name = KINDS[kind]
    what = "".join(f"{it.public_id}{it.waiting_since.isoformat()}{it.answer_due_at.isoformat()}" for it in requests)
    email, created = Email.objects.queue(
        kind=name,
        key=f"{name}:{user.public_id}:{hashlib.sha256(what.encode()).hexdigest()[:24]}",
        to=user.email,
        to_name=user.name,
        subject=_in_their_words(user, requests, kind, now),
        about=f"{requests[0].client.name}: {requests[0].text[:100]}",
        not_before=not_before(user, now, workspace),
        expires_at=_expires(user, requests, kind, now),
    )
    if created:
        RequestMail.objects.bulk_create(RequestMail(email=email, request=it, user=user, kind=kind) for it in requests)


def _in_their_words(user, requests, kind, now):
    with override(user.language):
        return subject_of(kind, [(it, it.clock(now)) for it in requests]) or str(_("Requests"))


def not_before(user, now, workspace):
    """When they work again, outside of the firm's quiet hours; None for right now."""
    moment = user.calendar().next_working_moment(now)
    quiet = quiet_until(moment, zone=user.zone, start=workspace.quiet_from, end=workspace.quiet_until)
    moment = quiet or moment
    return moment if moment > now else None


def _expires(user, requests, kind, now):
    if kind == Kind.SOON:
        return max(it.answer_due_at for it in requests)
    return max(now, user.calendar().next_working_moment(now)) + STALE
