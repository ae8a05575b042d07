"""One act on many promises at once: what it would do, said beforehand; done in one go; undone as one for a day.

A plan says of each promise whether it goes or why it is left. Doing it plans again, so that what somebody changed
meanwhile is left and said; undoing it gives back only what still stands as the act left it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from clients.models import Client
from promises.models import BulkAct, NotNow, Promise, PromiseError, PromiseEvent

UNDO = timedelta(hours=24)
Kind = PromiseEvent.Kind


@dataclass(frozen=True)
class Plan:
    """Promises that go, and (promise, why in words) of those that are left."""

    going: list
    left: list = field(default_factory=list)

    @property
    def left_in_words(self):
        """[(how many, why)], most frequent first."""
        return [(count, why) for why, count in Counter(why for _promise, why in self.left).most_common()]


def claim(act, *, key, by, now):
    """The record of an act, once for each key: (it, whether it is new). Call it inside the act's transaction."""
    try:
        with transaction.atomic():
            return BulkAct.objects.create(uuid=key, act=act, by=by, at=now), True
    except IntegrityError:
        return BulkAct.objects.get(uuid=key, by=by), False


def recent(user, *, now):
    """What this person did to several in the last day."""
    return BulkAct.objects.filter(by=user, at__gt=now - UNDO)


def claim_undo(act, *, by, now):
    """Only one click undoes; raises NotNow for the others, for other people and after a day."""
    mine = BulkAct.objects.filter(pk=act.pk, by=by, undone_at=None, at__gt=now - UNDO)
    if not mine.update(undone_at=now):
        raise NotNow()
    act.undone_at = now


# -------------------------------------------------------------------- handing over


def plan_hand_over(promises, *, to, by):
    """Who answers for these from now on. `promises` with everybody in them; three queries however many there are."""
    ids = [promise.pk for promise in promises]
    writable = set(Promise.objects.writable_by(by).filter(pk__in=ids).values_list("pk", flat=True))
    hidden = _hidden_from(to, promises)
    plan = Plan([])
    for promise in promises:
        why = _why_left(promise, to, writable=writable, hidden=hidden)
        plan.left.append((promise, why)) if why else plan.going.append(promise)
    return plan


def _hidden_from(user, promises):
    """Which of their clients do not exist for this person."""
    if user.is_manager:
        return set()
    clients = {promise.client_id for promise in promises}
    return set(Client.objects.hidden_from(user).filter(pk__in=clients).values_list("pk", flat=True))


def _why_left(promise, to, *, writable, hidden):
    if not promise.is_open:
        return _("ended already")
    if promise.pk not in writable:
        return _("only the owner, the client’s team and managers may")
    if promise.owner_id == to.pk:
        return _("already with %(name)s") % {"name": to.first_name}
    if promise.client_id in hidden:
        return _("%(name)s may not see that client") % {"name": to.first_name}
    return ""


@transaction.atomic
def hand_over(seen, *, to, key, by, now):
    """Hand over what was seen, {public id: public id of the owner then}. Gives the act; the same key does it once."""
    act, new = claim(BulkAct.Act.HAND_OVER, key=key, by=by, now=now)
    if not new:
        return act
    found = Promise.objects.visible_to(by).filter(public_id__in=seen).with_people().order_by("due_at", "pk")
    promises = list(found)
    plan = plan_hand_over(promises, to=to, by=by)
    act.done = [{"promise": promise.public_id, "left": why} for promise, why in plan.left]
    for promise in plan.going:
        was = promise.owner
        if was.public_id != seen[promise.public_id]:
            why = _("handed to %(name)s meanwhile") % {"name": was.name}
            act.done.append({"promise": promise.public_id, "left": why})
            continue
        try:
            promise.hand_over(to=to, by=by, now=now)
        except PromiseError:
            act.done.append({"promise": promise.public_id, "left": _("somebody changed it just now")})
        else:
            act.done.append({"promise": promise.public_id, "was": was.public_id, "to": to.public_id})
    gone = set(seen) - {promise.public_id for promise in promises}
    act.done += [{"promise": public_id, "left": _("it is not there any more")} for public_id in sorted(gone)]
    act.save(update_fields=["done"])
    return act


@transaction.atomic
def undo_hand_over(act, *, by, now):
    """Give back what nobody has touched since. Each entry then says whether it went back, or why it stays."""
    claim_undo(act, by=by, now=now)
    moved = [entry for entry in act.done if "was" in entry]
    visible = Promise.objects.visible_to(by).with_people()
    promises = {one.public_id: one for one in visible.filter(public_id__in=[entry["promise"] for entry in moved])}
    people = User.objects.in_bulk({entry["was"] for entry in moved}, field_name="public_id")
    since = dict(
        PromiseEvent.objects.filter(promise__in=promises.values(), kind=Kind.HANDED_OVER, at__gte=act.at)
        .order_by("at", "pk")
        .values_list("promise__public_id", "at")
    )
    hidden = {public_id: _hidden_from(was, promises.values()) for public_id, was in people.items()}
    for entry in moved:
        promise, was = promises.get(entry["promise"]), people.get(entry["was"])
        touched = since.get(entry["promise"]) != act.at
        why = _why_it_stays(promise, was, entry, touched=touched, hidden=hidden.get(entry["was"], ()))
        if not why:
            try:
                promise.hand_over(to=was, by=by, now=now, note=_("Undone."))
            except PromiseError:
                why = _("somebody changed it just now")
        entry |= {"stays": why} if why else {"back": True}
    act.save(update_fields=["done"])
    return act


def _why_it_stays(promise, was, entry, *, touched, hidden):
    if promise is None:
        return _("it is not there any more")
    if not promise.is_open:
        return _("it has ended since")
    if promise.owner.public_id != entry["to"] or touched:
        return _("%(name)s answers for it since") % {"name": promise.owner.name}
    if was is None or not was.is_active:
        return _("whoever had it has left")
    if promise.client_id in hidden:
        return _("%(name)s may not see that client any more") % {"name": was.first_name}
    return ""


def told(act, *, name):
    """What a hand-over did, in a sentence."""
    gone = sum("was" in entry for entry in act.done)
    left = len(act.done) - gone
    words = ngettext("Handed %(n)d promise to %(name)s.", "Handed %(n)d promises to %(name)s.", gone)
    words = words % {"n": gone, "name": name}
    if left:
        words += " " + ngettext("%d was left.", "%d were left.", left) % left
    return words


def undone_told(act):
    """What undoing did, in a sentence."""
    back = sum(bool(entry.get("back")) for entry in act.done)
    stay = sum("stays" in entry for entry in act.done)
    words = ngettext("Undone: %d promise is back.", "Undone: %d promises are back.", back) % back
    if stay:
        words += " " + ngettext("%d stays as it is.", "%d stay as they are.", stay) % stay
    return words


def may_be_undone(act, *, now=None):
    return act.undone_at is None and act.at > (now or timezone.now()) - UNDO
