"""Clients somebody keeps in their sidebar: eight at most, in their own order, each with its state mark."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.context import current_workspace
from accounts.models import User
from accounts.prepared import prepared
from clients import standing
from clients.models import Client, Pin

READ = (
    "position", "client__public_id", "client__name", "client__stage", "client__rhythm_days",
    "client__last_interaction_at", "client__last_two_way_at", "client__created_at", "client__archived_at",
)  # fmt: skip


class TooMany(Exception):
    """There are as many as fit."""


@dataclass(frozen=True)
class Pinned:
    """A pinned client as the sidebar shows it; equal ones are drawn once and kept."""

    public_id: str
    name: str
    url: str
    dot: str
    word: str
    current: bool = False


# ------------------------------------------------------------------ verbs
def _own(user):
    """Theirs in order, while nobody else changes them; those they may no longer read count towards the eight too."""
    User.objects.select_for_update().filter(pk=user.pk).first()
    return list(Pin.objects.filter(user=user).order_by("position", "pk"))


def _settle(user, pins):
    for position, pin in enumerate(pins, start=1):
        if pin.position != position:
            Pin.objects.filter(pk=pin.pk).update(position=position)
    User.objects.filter(pk=user.pk).update(has_pins=bool(pins))


@transaction.atomic
def pin(user, client, *, at=None):
    """At the end of the list, or where it stood. Doing it twice changes nothing."""
    pins = _own(user)
    if any(one.client_id == client.pk for one in pins):
        return _settle(user, pins)
    if len(pins) >= Pin.MOST:
        raise TooMany
    place = len(pins) if at is None else at
    pins.insert(place, Pin.objects.create(user=user, client=client, position=len(pins) + 1))
    _settle(user, pins)


@transaction.atomic
def unpin(user, client):
    """Returns where it stood, for the undo; None when it was not pinned."""
    pins = _own(user)
    gone = next((one for one in pins if one.client_id == client.pk), None)
    if gone is None:
        return None
    Pin.objects.filter(pk=gone.pk).delete()
    place = pins.index(gone)
    _settle(user, [one for one in pins if one is not gone])
    return place


@transaction.atomic
def move(user, client, *, by):
    """One place up (-1) or down (1); at the end of the list it stays."""
    pins = _own(user)
    at = next((n for n, one in enumerate(pins) if one.client_id == client.pk), None)
    if at is None or not 0 <= at + by < len(pins):
        return
    pins[at], pins[at + by] = pins[at + by], pins[at]
    _settle(user, pins)


# ------------------------------------------------------------------ the sidebar
@prepared
def _pinned(user, *, now):
    promises = Client._meta.get_field("promises").related_model.objects
    late = promises.filter(client=OuterRef("client"), state="active", due_at__lt=now)
    readable = Q() if user.is_manager else ~Q(client__in=Client.objects.hidden_from(user))
    found = Pin.objects.filter(readable, user=user, client__archived_at=None, client__merged_into=None)
    found = found.annotate(
        ours_late=Exists(late.filter(direction="ours")), theirs_late=Exists(late.filter(direction="theirs"))
    )
    return found.order_by("position", "pk").values(
        "ours_late", "theirs_late", **{name.removeprefix("client__"): F(name) for name in READ if name != "position"}
    )[: Pin.MOST]


def in_sidebar(request):
    """The reader's pins, in one query; whoever has none costs nothing."""
    if not getattr(request.user, "has_pins", False):
        return ()
    now, workspace = timezone.now(), current_workspace(request)
    return tuple(_drawn(row, workspace=workspace, now=now, path=request.path) for row in _pinned(request.user, now=now))


def _drawn(row, *, workspace, now, path):
    late, theirs = row.pop("ours_late"), row.pop("theirs_late")
    client = Client(**row)
    reasons = []
    if late:
        reasons.append(standing.Reason(50, standing.LATE, ""))
    if theirs:
        reasons.append(standing.Reason(10, standing.SOON, ""))
    if standing.is_quiet(client, workspace=workspace, now=now):
        long = standing.days_quiet(client, now=now) > 3 * client.rhythm(workspace)
        reasons.append(standing.Reason(20, standing.LATE if long else standing.SOON, ""))
    state = standing.judge(client, reasons, now=now)
    url = client.get_absolute_url()
    return Pinned(client.public_id, client.name, url, state.dot, state.word.lower(), path == url)


def ids_in_sidebar(request):
    """Whose page offers to unpin, out of what the sidebar read anyway."""
    return frozenset(one.public_id for one in request._nav["pins"])
