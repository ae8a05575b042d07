"""Keeping mail: with its clients, or in the tray of whoever sent it in; and what a person does with the tray."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import mail_address
from clients.files import Refused, store
from clients.mail_in import asking, quotes
from clients.mail_in.clean import safe_html
from clients.models import Client, Interaction, NotAllowed, ReceivedMail

State = ReceivedMail.State
MOST_BODY = 20_000
PUT_AWAY_KEPT = timedelta(days=30)
NAMESPACE = uuid.UUID("5f2f7c3e-3a3c-4f6e-9a55-0d1e8d6c3b10")


def entry_key(message_id, client):
    """A client has one entry of a mail, whoever sends it in and however often."""
    return uuid.uuid5(NAMESPACE, f"{message_id}\0{client.public_id}")


@transaction.atomic
def keep(mail, *, user, now, direction, forwarded, others, thread, match, note="", why="", left_out=()):
    """Store a mail, with an entry at each client of the match; without any, it goes to the tray with the reason.

    None when this person has it already, or every one of these clients has.
    """
    if match.clients and not _without_entry(mail.message_id, match.clients):
        return None
    row, is_new = ReceivedMail.objects.get_or_create(
        message_id=mail.message_id,
        user=user,
        defaults={
            "state": State.FILED if match.clients else State.UNMATCHED,
            "why": "" if match.clients else why[:200],
            "direction": direction,
            "forwarded": forwarded,
            "from_name": mail.sender[0],
            "from_address": mail.sender[1],
            "others": [list(pair) for pair in others],
            "subject": mail.subject,
            "sent_at": moment_of(mail, now),
            "text": mail.text,
            "html": safe_html(mail.html) if mail.html else "",
            "thread": thread,
            "references": mail.references,
            "note": note[:MOST_BODY],
            "received_at": now,
            "settled_at": now if match.clients else None,
        },
    )
    if not is_new:
        return None
    row.left_out = [*left_out, *_keep_files(mail, row, by=user, now=now)]
    row.save(update_fields=["left_out"])
    for client, contacts in match.clients.items():
        _enter(row, client, contacts, by=user, now=now)
    return row


def _without_entry(message_id, clients):
    keys = {entry_key(message_id, client): client for client in clients}
    taken = Interaction.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True)
    return set(keys) - set(taken)


def moment_of(mail, now):
    """When it was written; a clock that is wrong or missing is replaced by that of the server, or by ours."""
    return next((at for at in (mail.sent_at, mail.received_at) if at and at.year >= 1990 and at <= now), now)


def _keep_files(mail, row, *, by, now):
    """Attachments of the mail; answers why some were not kept, each in a sentence."""
    refused = []
    for file in mail.files[: store.MOST]:
        try:
            store.keep_bytes(file.content, file.name, by=by, now=now, received=row)
        except Refused as reason:
            refused.append(reason.words)
    if len(mail.files) > store.MOST:
        names = ", ".join(file.name for file in mail.files[store.MOST :])
        refused.append(_("It has more files than can be kept: %(names)s.") % {"names": names[:500]})
    return refused


def body_of(row):
    """What an entry of this mail says: the new words, then the forwarder's own, then the files that are missing."""
    new, _quoted = quotes.split(row.text)
    said = [new or _("The mail has no text.")]
    if row.note:
        said.append(_("%(name)s wrote above it: %(words)s") % {"name": row.user.name, "words": row.note})
    if row.left_out:
        said.append(" ".join([_("Not kept:"), *row.left_out]))
    tail = "\n\n".join(said[1:])[: MOST_BODY // 2]
    head = said[0][: MOST_BODY - len(tail) - 2]
    return f"{head}\n\n{tail}" if tail else head


def _enter(row, client, contacts, *, by, now):
    """The entry of a mail at one client, with copies of its files; None when the client has it already."""
    entry, created = Interaction.log(
        client=client,
        by=by,
        kind=Interaction.Kind.EMAIL,
        direction=Interaction.Direction.OURS if row.is_ours else Interaction.Direction.THEIRS,
        happened_at=row.sent_at,
        summary=row.subject[:200],
        body=body_of(row),
        contacts=contacts,
        key=entry_key(row.message_id, client),
        received=row,
    )
    if not created:
        if not entry.deleted_at or entry.received_id != row.pk:
            return None
        entry.restore()  # it was filed here before, and that was undone
        return entry
    for file in row.attachments.filter(interaction=None):
        store.share(file, interaction=entry)
    asking.follow(entry, row, by=by, now=now)
    return entry


# -------------------------------------------------------------------- the tray


def tray(user):
    """What waits for a decision of this person: their own mails only."""
    return ReceivedMail.objects.filter(user=user, state=State.UNMATCHED)


def in_sidebar(request):
    """How many mails wait for a decision; none are counted where no mail comes in."""
    return tray(request.user).count() if mail_address.is_on() else 0


@transaction.atomic
def file(row, *, client, contacts, by, now):
    """Put a mail of the tray under a client. Answers the entry, or the one a colleague made of the same mail."""
    _claim(row, State.UNMATCHED, State.FILED, by=by, now=now)
    entry = _enter(row, client, contacts, by=by, now=now)
    return entry or Interaction.objects.get(idempotency_key=entry_key(row.message_id, client))


@transaction.atomic
def dismiss(row, *, by, now):
    _claim(row, State.UNMATCHED, State.DISMISSED, by=by, now=now)


@transaction.atomic
def take_back(row, *, by, now):
    """Undo either: the mail lies in the tray again, and its own entries are removed."""
    if row.state == State.FILED:
        for entry in row.interactions.kept().filter(client__in=Client.objects.writable_by(by)):
            entry.remove(by=by, now=now)
    _claim(row, row.state, State.UNMATCHED, by=None, now=None)


def clean(now):
    """What was put away 30 days ago goes for good, with its files."""
    for row in ReceivedMail.objects.filter(state=State.DISMISSED, settled_at__lt=now - PUT_AWAY_KEPT)[:200]:
        with transaction.atomic():
            for file in row.attachments.all():
                store.discard(file)
            row.delete()


def _claim(row, before, after, *, by, now):
    fields = {"state": after, "settled_by": by, "settled_at": now}
    if before == after or not ReceivedMail.objects.filter(pk=row.pk, state=before).update(**fields):
        raise NotAllowed(_("This mail was dealt with already."))
    row.refresh_from_db()
