"""Asking several people after what they promised: one mail to each, about everything of theirs that was chosen.

The mails wait two minutes before they go out, so that undoing really cancels them.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from promises import bulk, letter_mails, letters
from promises.models import BulkAct, Letter, Promise, PromiseError, PromiseEvent, Renegotiation

MOST_PEOPLE = 50  # in one act: each mail is shown whole before it goes


@dataclass(frozen=True)
class Nudge:
    """One mail that would be written: `letter` is not saved, `mail` is how it will read."""

    letter: Letter
    promises: list
    mail: object

    @property
    def contact(self):
        return self.letter.contact


def plan(promises, *, by, now):
    """(the mails, [(promise, why)] of what no mail asks after). `promises` with everybody in them."""
    ids = [promise.pk for promise in promises]
    writable = set(Promise.objects.writable_by(by).filter(pk__in=ids).values_list("pk", flat=True))
    asked = Renegotiation.objects.filter(promise__in=ids, state="asked", asked_by_contact__isnull=False)
    moving = set(asked.values_list("promise", flat=True))
    groups, left = {}, []
    for promise in promises:
        why = _why_not(promise, writable=writable, moving=moving)
        if not why and promise.contact.pk not in groups and len(groups) == MOST_PEOPLE:
            why = _("one act writes to fifty people; do the rest afterwards")
        if why:
            left.append((promise, why))
        else:
            groups.setdefault(promise.contact.pk, []).append(promise)
    return [_nudge(group, by=by, now=now) for group in groups.values()], left


def _why_not(promise, *, writable, moving):
    if promise.is_ours:
        return _("promised by us")
    if not promise.is_active:
        return _("not open")
    if promise.pk not in writable:
        return _("only the owner, the client’s team and managers may")
    if promise.contact is None:
        return _("nobody at the client is named")
    if promise.pk in moving:
        return _("they have asked for another date")
    promise.contact.client = promise.client
    return letters.why_not_to(promise.contact)


def _nudge(promises, *, by, now):
    letter = _letter(promises, by=by, now=now)
    return Nudge(letter, promises, letter_mails.preview(letter, now=now))


def _letter(promises, *, by, now):
    first = promises[0]
    letter = Letter(
        kind=Letter.Kind.NUDGE, client=first.client, contact=first.contact, written_by=by, written_at=now,
        promise=first if len(promises) == 1 else None,
    )  # fmt: skip
    letter.promises = promises
    return letter


@transaction.atomic
def send(ids, *, key, by, now):
    """Write to everybody these are promised by. Gives the act; the same key does it once."""
    act, new = bulk.claim(BulkAct.Act.NUDGE, key=key, by=by, now=now)
    if not new:
        return act
    found = Promise.objects.visible_to(by).filter(public_id__in=ids).with_people().order_by("due_at", "pk")
    promises = list(found)
    going, left = plan(promises, by=by, now=now)
    act.done = [{"promise": promise.public_id, "left": str(why)} for promise, why in left]
    for nudge in going:
        try:
            with transaction.atomic():
                letter = _write(nudge, key=f"{act.uuid}:{nudge.contact.public_id}", by=by, now=now)
        except PromiseError as refused:
            act.done += [{"promise": one.public_id, "left": str(refused.words)} for one in nudge.promises]
        else:
            act.done += [{"promise": one.public_id, "letter": letter.public_id} for one in nudge.promises]
    gone = set(ids) - {promise.public_id for promise in promises}
    act.done += [{"promise": public_id, "left": _("it is not there any more")} for public_id in sorted(gone)]
    act.save(update_fields=["done"])
    return act


def _write(nudge, *, key, by, now):
    letter = nudge.letter
    letter.save()
    if letter.promise is None:  # which ones it asks after, their stories say
        for promise in nudge.promises:
            promise.tell(PromiseEvent.Kind.NUDGED, by=by, at=now, letter=letter.public_id)
    return letters.send(letter, by=by, now=now, key=f"promises.nudge:{key}", not_before=now + letters.UNDO)


@transaction.atomic
def undo(act, *, by, now):
    """Stop what has not gone out. Each entry then says whether its mail was stopped, or why not."""
    bulk.claim_undo(act, by=by, now=now)
    sent = Letter.objects.with_all().filter(public_id__in={entry.get("letter", "") for entry in act.done})
    stopped = {letter.public_id for letter in sent if letters.take_back(letter, by=by, now=now)}
    for letter in sent:
        if letter.public_id in stopped:
            letters.drop(letter, now=now)
    for entry in act.done:
        if "letter" in entry:
            entry |= {"back": True} if entry["letter"] in stopped else {"stays": _("the mail was on its way already")}
    act.save(update_fields=["done"])
    return act


def undone_told(act):
    """What undoing did, in a sentence."""
    stopped = len({entry["letter"] for entry in act.done if entry.get("back")})
    late = len({entry["letter"] for entry in act.done if "stays" in entry})
    words = ngettext("Stopped %d mail.", "Stopped %d mails.", stopped) % stopped if stopped else ""
    if late:
        words += " " + ngettext("%d was on its way already.", "%d were on their way already.", late) % late
    return words.strip()


def told(act):
    """What asking did, in a sentence."""
    mails = len({entry["letter"] for entry in act.done if "letter" in entry})
    left = sum("left" in entry for entry in act.done)
    words = ngettext(
        "%d mail goes out in two minutes. Until then it can be undone.",
        "%d mails go out in two minutes. Until then they can be undone.",
        mails,
    )
    words = words % mails
    if left:
        words += " " + ngettext("%d promise was left.", "%d promises were left.", left) % left
    return words
