"""Telling somebody that a request is theirs now: one mail about all that was handed to them in the last minutes.

The daily digest would be too late: an answer is due within hours. So the mail goes out while they work, outside of the
firm's quiet hours; after a moment in which more may come, and in which the hand-over may be taken back unsaid.
"""

from datetime import timedelta

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Workspace
from clients.models import RequestEvent, RequestMail
from clients.requests import clock
from clients.requests.mails import KINDS
from clients.requests.planner import STALE, not_before
from clients.requests.who import stand_in
from outbox.models import Email

KIND = RequestEvent.Kind.HANDED_OVER
GATHERED = timedelta(minutes=2)


def tell(request, *, event, by, now):
    """A mail to whoever answers now, or stands in for them; none to the one who handed it over."""
    user = stand_in(request.assignee, request.client, now)
    if by is not None and user.pk == by.pk:
        return
    email = _unsent(user, now) or _new(user, request, event, now)
    RequestMail.objects.create(email=email, request=request, user=user, kind=KIND)
    _is_warned(request, now)


def _unsent(user, now):
    """The mail to them that still waits to go out."""
    known = RequestMail.objects.filter(user=user, kind=KIND, email__state=Email.State.SCHEDULED)
    waiting = Email.objects.filter(pk__in=list(known.values_list("email", flat=True)), next_try_at__gt=now)
    return waiting.filter(state=Email.State.SCHEDULED).select_for_update().first()


def _new(user, request, event, now):
    goes = now + GATHERED
    goes = not_before(user, goes, Workspace.remembered()) or goes
    with override(user.language):
        subject = Truncator(_("Handed to you: %(client)s") % {"client": request.client.name}).chars(60)
    email, _created = Email.objects.queue(
        kind=KINDS[KIND],
        key=f"{KINDS[KIND]}:{event.pk}",
        to=user.email,
        to_name=user.name,
        subject=subject,
        about=f"{request.client.name}: {request.text[:100]}",
        not_before=goes,
        expires_at=goes + STALE,
    )
    return email


def _is_warned(request, now):
    """Whose time is short already reads so in this mail, and in no second one."""
    share = Workspace.remembered().answer_soon_share
    since, due = request.waiting_since, request.answer_due_at
    if due >= now and clock.soon_at(request.hours, since, due, share) <= now:
        waiting = type(request).objects.waiting().filter(pk=request.pk, soon_flagged_at=None)
        waiting.update(soon_flagged_at=now)
